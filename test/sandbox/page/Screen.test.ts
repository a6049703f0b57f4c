import { describe, expect, it } from "@effect/vitest"
import { ChannelType } from "discord-api-types/v10"
import { Effect, TestClock } from "effect"
import * as Screen from "../../../src/sandbox/page/Screen.js"
import * as Threads from "../../../src/sandbox/world/Threads.js"
import * as Scene from "../Scene.js"

describe("the place on a screen", () => {
  it.scoped("has each channel's newest archived threads that the person sees, and who writes wakes one", () =>
    Effect.gen(function* () {
      const { general, id, sandbox, world } = yield* Scene.make()
      const cleo = yield* sandbox.actor("cleo")
      const ownerId = id("ada")
      const archive = (name: string, type: ChannelType) =>
        Effect.gen(function* () {
          const thread = Threads.open(world, general, { name, ownerId, type })
          yield* TestClock.adjust("1 second")
          Threads.change(world, thread, ownerId, { archived: true })
          return thread
        })
      const names: Array<string> = []
      for (let n = 0; n < 51; n++) {
        names.push(`thread ${n}`)
        yield* archive(`thread ${n}`, ChannelType.PublicThread)
      }
      const hidden = yield* archive("hidden", ChannelType.PrivateThread)
      const threads = () =>
        Screen.place(sandbox, cleo.user).guilds.flatMap(({ channels }) =>
          channels.filter(({ parentId }) => parentId === general.id),
        )
      expect(threads().map(({ name }) => name)).toEqual(names.slice(1).toReversed())
      expect(threads().every(({ archived, closed }) => archived && closed === null)).toBe(true)
      expect(threads().map((one) => one.id)).not.toContain(hidden.id)
      const oldest = threads().at(-1)
      yield* cleo.say(oldest?.id ?? "", "again")
      expect(threads().find((one) => one.id === oldest?.id)).toMatchObject({ archived: false })
    }).pipe(Scene.provided),
  )

  it.scoped("says which tags a post was given, and who is in a private thread", () =>
    Effect.gen(function* () {
      const { call, general, guild, id, path, sandbox, world } = yield* Scene.make()
      const cleo = yield* sandbox.actor("cleo")
      const ownerId = cleo.user.id
      const made = yield* call("POST", `${path}/channels`, {
        name: "ideas",
        type: ChannelType.GuildForum,
        available_tags: [{ name: "new" }, { name: "done" }],
      })
      const forum = guild.channels.get(String(Scene.bodyOf(made)["id"]))
      const [, done] = forum?.forum?.tags ?? []
      const post = yield* cleo.post("ideas", { name: "an idea", content: "this", tags: [done?.id ?? ""] })
      const within = Threads.open(world, general, {
        name: "between",
        ownerId,
        type: ChannelType.PrivateThread,
      })
      const channels = Screen.place(sandbox, cleo.user).guilds.flatMap((one) => one.channels)
      const shown = (channelId: string) => channels.find((one) => one.id === channelId)
      expect(shown(post.id)?.tags).toEqual([{ id: done?.id, name: "done" }])
      expect(shown(forum?.id ?? "")?.tags.map(({ name }) => name)).toEqual(["new", "done"])
      expect(shown(within.id)?.memberIds).toContain(id("cleo"))
      expect(shown(general.id)?.memberIds).toBe(null)
    }).pipe(Scene.provided),
  )
})
