import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Guilds from "../../src/sandbox/world/Guilds.js"
import * as SandboxModule from "../../src/sandbox/Sandbox.js"
import { Sandbox } from "../../src/sandbox/Sandbox.js"
import * as Threads from "../../src/sandbox/world/Threads.js"
import * as InProcess from "./InProcess.js"

const bare = SandboxModule.layer({ seed: { harbour: false }, membersInGuildCreate: "all", replayLimit: 100 })

const connected = Effect.gen(function* () {
  const sandbox = yield* Sandbox
  const connection = InProcess.connect(sandbox)
  InProcess.identify(connection)
  yield* InProcess.settle
  const types = () => connection.events().map(({ t }) => t)
  return { sandbox, connection, types }
})

/** A guild with two people of its own. */
const fresh = (sandbox: Sandbox, name: string) => {
  const [ada, ben] = ["ada", "ben"].map((username) => Guilds.addUser(sandbox.world, { username }))
  if (ada === undefined || ben === undefined) throw new Error("nobody")
  return Guilds.create(sandbox.world, { name, ownerId: ada.id, channels: ["general"], memberIds: [ben.id] })
}

describe("Guilds", () => {
  it.scoped("come and go at run time, each with its own people, and leave nothing behind", () =>
    Effect.gen(function* () {
      const { connection, sandbox, types } = yield* connected
      const before = [sandbox.world.users.size, sandbox.world.channels.size]
      for (let n = 0; n < 50; n++) {
        const guild = fresh(sandbox, `Guild ${n}`)
        const ada = yield* sandbox.actor("ada", guild.id)
        expect(guild.members.has(ada.user.id)).toBe(true)
        const general = [...guild.channels.values()][0]
        if (general === undefined) return yield* Effect.dieMessage("no channel")
        Threads.open(sandbox.world, general, { name: "deck", ownerId: ada.user.id })
        yield* ada.say("general", "hi", { attachments: [{ name: "a.txt", bytes: new Uint8Array(3) }] })
        yield* ada.say("dm", "hi")
        sandbox.forget(guild)
      }
      yield* InProcess.settle
      expect([sandbox.world.users.size, sandbox.world.channels.size]).toEqual(before)
      expect([
        sandbox.world.uploads.size,
        sandbox.world.directMessages.size,
        sandbox.world.guilds.size,
      ]).toEqual([0, 0, 0])
      expect(types().filter((type) => type === "GUILD_CREATE")).toHaveLength(50)
      expect(types().filter((type) => type === "GUILD_DELETE")).toHaveLength(50)
      const [first] = connection.events().filter(({ t }) => t === "GUILD_CREATE")
      expect(first?.d).toMatchObject({ name: "Guild 0", member_count: 3 })
      expect(first?.d["members"]).toHaveLength(3)
    }).pipe(Effect.provide(bare)),
  )

  it.scoped("go on without a bot that was put out, and take it in again", () =>
    Effect.gen(function* () {
      const { connection, sandbox, types } = yield* connected
      const guild = fresh(sandbox, "Harbour")
      const ada = yield* sandbox.actor("ada", guild.id)
      Guilds.leave(sandbox.world, guild, sandbox.world.bot.id)
      yield* ada.say("general", "gone at last")
      const dan = Guilds.addUser(sandbox.world, { username: "dan" })
      Guilds.join(sandbox.world, guild, dan.id)
      yield* InProcess.settle
      expect(types().slice(-2)).toEqual(["GUILD_CREATE", "GUILD_DELETE"])
      const answer = yield* InProcess.call(sandbox, "GET", `/guilds/${guild.id}`)
      expect(answer.body).toMatchObject({ code: 10004 })
      const second = InProcess.connect(sandbox)
      InProcess.identify(second)
      yield* InProcess.settle
      expect(second.events().map(({ t }) => t)).toEqual(["READY"])
      Guilds.addBot(sandbox.world, guild)
      yield* InProcess.settle
      expect(connection.events().at(-1)).toMatchObject({
        t: "GUILD_CREATE",
        d: { id: guild.id, member_count: 4 },
      })
    }).pipe(Effect.provide(bare)),
  )

  it.scoped("a deletion ends what was asked in it", () =>
    Effect.gen(function* () {
      const { connection, sandbox } = yield* connected
      yield* InProcess.call(sandbox, "PUT", `/applications/${sandbox.world.bot.id}/commands`, [
        { name: "ping", description: "Pings" },
      ])
      const guild = fresh(sandbox, "Harbour")
      const ada = yield* sandbox.actor("ada", guild.id)
      const turn = yield* ada.slash("general", "ping")
      yield* InProcess.settle
      sandbox.forget(guild)
      expect(turn.state()).toEqual({ _tag: "Failed", reason: "The guild is gone" })
      expect(sandbox.unansweredInteractions()).toBe(0)
      const { id, token } = connection.events().findLast(({ t }) => t === "INTERACTION_CREATE")?.d ?? {}
      const late = yield* InProcess.call(
        sandbox,
        "POST",
        `/interactions/${String(id)}/${String(token)}/callback`,
        {
          type: 4,
          data: { content: "late" },
        },
      )
      expect(late.body).toMatchObject({ code: 10062 })
    }).pipe(Effect.provide(bare)),
  )
})
