/** Moderation in virtual time: its services in memory, and eyes on the bans. */
import { Effect, Layer } from "effect"
import * as GuildStore from "../../src/features/guild/Store.js"
import * as ReportLines from "../../src/features/guild/ReportLines.js"
import * as Retention from "../../src/features/guild/Retention.js"
import * as Stored from "../../src/features/guild/Stored.js"
import * as Moderation from "../../src/features/moderation/Moderation.js"
import * as CaseStore from "../../src/features/moderation/Store.js"
import * as Database from "../../src/resource/Database.js"
import * as Http from "../../src/resource/Http.js"
import { HttpUnreachable } from "../../src/resource/HttpError.js"
import * as Guilds from "../../src/sandbox/world/Guilds.js"
import type { World } from "../../src/sandbox/world/World.js"
import type { Kit } from "../../src/testing/Kit.js"

/** What was attached by the newest test: there is no CDN in one process. */
export const files = new Map<string, string>()

const http = Layer.succeed(Http.Http, {
  upstreams: () => [],
  upstream: ({ baseUrl, name }) => {
    const get: Http.Upstream["get"] = (path) => {
      const text = [...files].find(([file]) => path.endsWith(`/${file}`))?.[1]
      return text === undefined
        ? Effect.fail(new HttpUnreachable({ upstream: name, reason: "there is no such file" }))
        : Effect.succeed({ status: 200, headers: {}, text, json: Effect.succeed(null) })
    }
    return Effect.succeed({
      name,
      get,
      request: (_, path) => get(path),
      status: () => ({ name, baseUrl, breaker: "closed", running: 0, waiting: 0 }),
    })
  },
})

export const layer = Moderation.layer.pipe(
  Layer.provideMerge(CaseStore.layer),
  Layer.provideMerge(Layer.orDie(Database.layerMemory)),
  Layer.provideMerge(
    Layer.mergeAll(GuildStore.layerMemory, Stored.layer, Retention.layer, ReportLines.layer, http),
  ),
)

/** So many people who are in no server. */
export const strangers = (world: World, count: number): ReadonlyArray<string> =>
  Array.from({ length: count }, (_, n) => Guilds.addUser(world, { username: `stranger${n}` }).id)

/** How often each person was banned, as the server saw it. */
export const counted = ({ guild, world }: Kit): ReadonlyMap<string, number> => {
  const times = new Map<string, number>()
  world.onEvent(({ data, guildId, type }) => {
    if (type !== "GUILD_BAN_ADD" || guildId !== guild.id) return
    const { id } = data()["user"] as { readonly id: string }
    times.set(id, (times.get(id) ?? 0) + 1)
  })
  return times
}

/** What stands in #mod-log, embeds as text. */
export const modLog = ({ guild }: Kit): ReadonlyArray<string> =>
  [...([...guild.channels.values()].find(({ name }) => name === "mod-log")?.messages.values() ?? [])].map(
    ({ embeds }) => embeds.map((one) => JSON.stringify(one)).join("\n"),
  )
