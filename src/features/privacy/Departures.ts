/**
 * Servers that the bot has left are forgotten by every part: at the departure, and where that was not noticed (the
 * bot did not run) or has failed, by a look when the bot is ready and every hour. That Discord cannot reach a server
 * for a while is no departure.
 *
 * A look forgets what neither Discord's list nor the Client has, and had not half an hour before: what is forgotten
 * cannot be brought back.
 *
 * Failure modes: where Discord does not give its whole list, nothing is forgotten, and the next look tries again. On
 * another bot's database (see `Owner`) nothing is forgotten either, and the log says so; nor on one that is nobody's
 * yet while the bot is in none of its servers.
 *
 * @module
 */
import { Routes } from "discord-api-types/v10"
import { Clock, Effect, Exit, Layer, Schema } from "effect"
import type { ParseError } from "effect/ParseResult"
import { Client } from "../../discord/Client.js"
import * as Listener from "../../discord/Listener.js"
import type { RestError } from "../../DiscordError.js"
import { Rest } from "../../rest/Rest.js"
import type { Alarm } from "../../supervise/Alarm.js"
import * as Job from "../../supervise/Job.js"
import { Stored } from "../guild/Stored.js"
import * as Attempt from "./Attempt.js"
import * as Owner from "./Owner.js"

/** Milliseconds for which a server has to be missing. */
const MISSING = 1_800_000

/** Servers in one page (Discord). */
const PAGE = 200

const forget = (guildId: string): Effect.Effect<void, never, Alarm | Stored> =>
  Effect.flatMap(Stored, (stored) =>
    Effect.forEach(
      stored.parts(),
      (part) =>
        Attempt.of(part, {
          name: `forgetting of server ${guildId}`,
          run: part.forgetGuild(guildId),
          next: "See the log; I try again within two hours",
        }),
      { discard: true },
    ),
  )

/** Servers of which something is stored. A part that fails is left out: then they are not all. */
const known = Effect.gen(function* () {
  const guildIds = new Set<string>()
  let isAll = true
  for (const part of (yield* Stored).parts()) {
    if (part.guilds === undefined) continue
    const exit = yield* Attempt.of(part, {
      name: "look for servers that I have left",
      run: part.guilds,
      next: "See the log; I look again in an hour",
    })
    if (Exit.isSuccess(exit)) for (const id of exit.value) guildIds.add(id)
    else isAll = false
  }
  return { guildIds, isAll }
})

/** The bot's servers, as Discord tells: all of them, or it fails. */
const joined: Effect.Effect<ReadonlySet<string>, ParseError | RestError, Rest> = Effect.gen(function* () {
  const rest = yield* Rest
  const guildIds = new Set<string>()
  for (;;) {
    const after = [...guildIds].at(-1)
    const { json } = yield* rest.request({
      method: "GET",
      path: Routes.userGuilds(),
      query: { limit: PAGE, after },
    })
    const page = yield* decode(json)
    const before = guildIds.size
    for (const { id } of page) guildIds.add(id)
    if (page.length < PAGE || guildIds.size === before) return guildIds
  }
})

const decode = Schema.decodeUnknown(Schema.Array(Schema.Struct({ id: Schema.String })))

/** Remembers since when servers are missing. */
const job = Effect.gen(function* () {
  const owner = yield* Owner.make
  let missing: ReadonlyMap<string, number> = new Map()
  const look = Effect.gen(function* () {
    const { discordJs } = yield* Client
    const { guildIds: stored, isAll } = yield* known
    // After what is stored: a server that is joined meanwhile is none of those.
    const here = yield* joined
    // A database that is nobody's yet may be another bot's, from before there were owners.
    const mayClaim = stored.size === 0 ? isAll : [...stored].some((id) => here.has(id))
    if (discordJs.user === null || !(yield* owner.isOwn(discordJs.user.id, mayClaim)))
      return yield* Effect.logWarning(
        "This database belongs to another bot, or I am in none of its servers: those that are missing here are not forgotten. Is DISCORD_TOKEN the right one?",
      )
    const now = yield* Clock.currentTimeMillis
    const isGone = (id: string) => !here.has(id) && !discordJs.guilds.cache.has(id)
    missing = new Map([...stored].filter(isGone).map((id) => [id, missing.get(id) ?? now]))
    for (const [id, since] of missing) {
      if (now - since < MISSING || !isGone(id)) continue
      yield* Effect.logInfo(`Server ${id} is forgotten: I am in it no longer`)
      yield* forget(id)
    }
  })
  return Job.define({
    name: "departures",
    every: { fixed: "1 hour" },
    jitter: "5 minutes",
    first: look,
    run: look,
  })
})

export const layer = Layer.merge(
  Listener.layer("guildDelete", ({ id }) => forget(id), { name: "departure" }),
  Layer.unwrapEffect(Effect.map(job, Job.layer)),
)
