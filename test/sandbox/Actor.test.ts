import { describe, expect, it } from "@effect/vitest"
import { ChannelType, MessageType, PermissionFlagsBits as Bit } from "discord-api-types/v10"
import { Effect, TestClock } from "effect"
import * as fc from "effect/FastCheck"
import type { Failure } from "../../src/sandbox/people/Actor.js"
import * as SandboxModule from "../../src/sandbox/Sandbox.js"
import { Sandbox } from "../../src/sandbox/Sandbox.js"
import * as Guilds from "../../src/sandbox/world/Guilds.js"
import * as InProcess from "./InProcess.js"

const provided = Effect.provide(SandboxModule.layer({ rateLimits: false }))

const setUp = Effect.gen(function* () {
  const sandbox = yield* Sandbox
  const { world } = sandbox
  const connection = InProcess.connect(sandbox)
  InProcess.identify(connection)
  yield* InProcess.settle
  const [ada, ben, cleo, dan] = yield* Effect.all([
    sandbox.actor("ada"),
    sandbox.actor("ben"),
    sandbox.actor("cleo"),
    sandbox.actor("dan"),
  ])
  const guild = [...world.guilds.values()][0]
  if (guild === undefined) return yield* Effect.dieMessage("no Harbour")
  const general = yield* ada.channel("general")
  const types = () => connection.events().map(({ t }) => t)
  const call = (method: string, path: string, body?: unknown) => InProcess.call(sandbox, method, path, body)
  return { sandbox, world, guild, general, ada, ben, cleo, dan, connection, types, call }
})

/** The sentence of a refusal. */
const refusal = <A, E extends { readonly message: string }, R>(deed: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.flip(deed), ({ message }) => message)

describe("a person's messages", () => {
  it.scoped("are changed by whoever wrote them, and by nobody else", () =>
    Effect.gen(function* () {
      const { ada, ben, connection } = yield* setUp
      const { id } = yield* ben.say("general", "frist")
      expect((yield* ben.edit(id, "first")).content).toBe("first")
      expect(yield* refusal(ada.edit(id, "last"))).toBe("One edits what one has written oneself")
      expect(yield* refusal(ben.edit(id, " "))).toBe("A message needs content")
      expect(yield* refusal(ben.edit(id, "x".repeat(2_001)))).toBe("A message has at most 2,000 characters")
      // Characters are counted, and not what they take up.
      yield* ben.edit(id, "⚓😀".repeat(1_000))
      expect(yield* refusal(ben.say("general", "😀".repeat(2_001)))).toBe(
        "A message has at most 2,000 characters",
      )
      const { name } = yield* ben.startThread("general", { name: "😀".repeat(100) })
      expect([...name]).toHaveLength(100)
      yield* ben.edit(id, "first")
      yield* InProcess.settle
      expect(connection.events().findLast(({ t }) => t === "MESSAGE_UPDATE")?.d).toMatchObject({
        id,
        content: "first",
        edited_timestamp: expect.any(String),
      })
    }).pipe(provided),
  )

  it.scoped("answer others, with or without a mention", () =>
    Effect.gen(function* () {
      const { ada, ben } = yield* setUp
      const { id } = yield* ada.say("general", "anybody?")
      const loud = yield* ben.say("general", "me", { replyTo: id })
      expect(loud).toMatchObject({ type: MessageType.Reply, mentions: [ada.user.id] })
      const quiet = yield* ben.say("general", "me again", { replyTo: id, ping: false })
      expect(quiet).toMatchObject({ type: MessageType.Reply, mentions: [] })
      expect(yield* refusal(ben.say("tryouts", "me", { replyTo: id }))).toBe(
        "One answers a message where it is",
      )
      expect(yield* refusal(ben.say("general", "me", { replyTo: "1" }))).toBe("There is no message 1")
    }).pipe(provided),
  )

  it.scoped("carry files, as many and as large as Discord takes", () =>
    Effect.gen(function* () {
      const { ada, call, general } = yield* setUp
      const file = (name: string, size: number) => ({ name, bytes: new Uint8Array(size) })
      const sent = yield* ada.say("general", "", { attachments: [file("a.bin", 3), file("b.bin", 4)] })
      expect(sent.attachments).toMatchObject([
        { filename: "a.bin", size: 3 },
        { filename: "b.bin", size: 4 },
      ])
      const eleven = Array.from({ length: 11 }, (_, n) => file(`${n}`, 1))
      expect(yield* refusal(ada.say("general", "", { attachments: eleven }))).toBe(
        "A message takes at most 10 files",
      )
      expect(
        yield* refusal(ada.say("general", "", { attachments: [file("big.bin", 10 * 1024 * 1024 + 1)] })),
      ).toBe("big.bin is too large: a file has at most 10 MiB")
      const seen = yield* call("GET", `/channels/${general.id}/messages`)
      expect(seen.body).toMatchObject([{ attachments: [{ filename: "a.bin" }, { filename: "b.bin" }] }])
    }).pipe(provided),
  )

  it.scoped("are reacted to and pinned, and it can be taken back", () =>
    Effect.gen(function* () {
      const { ada, ben, cleo, guild, types } = yield* setUp
      const { id } = yield* ada.say("general", "land")
      yield* ada.react(id, "⚓")
      yield* ben.react(id, "⚓")
      yield* ben.unreact(id, "⚓")
      expect(yield* refusal(ben.unreact(id, "⚓"))).toBe("There is no emoji ⚓")
      for (const nothing of ["word", "", "<:gull:123456789012345678>"])
        expect((yield* Effect.flip(ada.react(id, nothing)))._tag).toBe("NotFound")
      const gull = { id: "123456789012345678", name: "gull", guildId: guild.id, roles: [], animated: false }
      guild.emojis.set(gull.id, { ...gull, userId: ada.user.id })
      for (const text of [":gull:", "gull:123456789012345678"]) {
        yield* ada.react(id, text)
        yield* ada.unreact(id, gull.id)
      }
      const { id: chart } = yield* ada.say("general", "the chart")
      yield* ada.pin(chart, true)
      expect((yield* ben.history("general")).find((one) => one.id === chart)?.pinned).toBe(true)
      expect(yield* refusal(cleo.pin(chart, false))).toBe("cleo may not pin messages in #general")
      yield* ada.pin(chart, false)
      yield* InProcess.settle
      const seen = types().filter((type) => type?.startsWith("MESSAGE_REACTION"))
      expect(seen).toEqual([
        "MESSAGE_REACTION_ADD",
        "MESSAGE_REACTION_ADD",
        "MESSAGE_REACTION_REMOVE",
        "MESSAGE_REACTION_ADD",
        "MESSAGE_REACTION_REMOVE",
        "MESSAGE_REACTION_ADD",
        "MESSAGE_REACTION_REMOVE",
      ])
    }).pipe(provided),
  )

  it.scoped("vote in polls", () =>
    Effect.gen(function* () {
      const { ada, call, general, types } = yield* setUp
      const answers = ["Kiel", "Oslo"].map((text) => ({ poll_media: { text } }))
      const made = yield* call("POST", `/channels/${general.id}/messages`, {
        poll: { question: { text: "Where to?" }, answers, duration: 1, allow_multiselect: false },
      })
      const { id } = made.body as { readonly id: string }
      const voters = Effect.map(call("GET", `/channels/${general.id}/polls/${id}/answers/2`), ({ body }) =>
        (body as { readonly users: ReadonlyArray<{ readonly username: string }> }).users.map(
          ({ username }) => username,
        ),
      )
      yield* ada.vote(id, [2])
      expect(yield* voters).toEqual(["ada"])
      yield* ada.vote(id, [1])
      expect(yield* voters).toEqual([])
      expect(yield* refusal(ada.vote(id, [1, 2]))).toBe("This poll takes one answer")
      expect(yield* refusal(ada.vote(id, [3]))).toBe("There is no answer 3. There are: 1, 2")
      const { id: plain } = yield* ada.say("general", "no poll")
      expect(yield* refusal(ada.vote(plain, [1]))).toBe("This message is no poll")
      const port = yield* ada.startThread("general", { name: "Port" })
      const asked = yield* call("POST", `/channels/${port.id}/messages`, {
        poll: { question: { text: "Which?" }, answers, duration: 1 },
      })
      if (port.thread !== null) port.thread.archived = true
      expect(yield* refusal(ada.vote(String((asked.body as { readonly id: string }).id), [1]))).toBe(
        "Thread is archived",
      )
      yield* InProcess.settle
      expect(types()).toContain("MESSAGE_POLL_VOTE_ADD")
    }).pipe(provided),
  )
})

describe("slow mode", () => {
  it.scoped("lets each person write once in its time, and says how long it still takes", () =>
    Effect.gen(function* () {
      const { ada, ben, cleo, general } = yield* setUp
      general.rateLimitPerUser = 10
      yield* cleo.say("general", "one")
      yield* ben.say("general", "not mine")
      yield* TestClock.adjust("9001 millis")
      expect(yield* refusal(cleo.say("general", "two"))).toBe("Slow mode: you may write here again in 1 s")
      expect(yield* refusal(cleo.startThread("general", { name: "two" }))).toContain("Slow mode")
      yield* TestClock.adjust("999 millis")
      yield* cleo.say("general", "two")
      // Who owns the server is not slowed down.
      yield* ada.say("general", "one")
      yield* ada.say("general", "two")
    }).pipe(provided),
  )

  it.scoped("counts from the last message, also where that came before it was switched on", () =>
    Effect.gen(function* () {
      const { cleo, general } = yield* setUp
      yield* cleo.say("general", "one")
      general.rateLimitPerUser = 10
      yield* TestClock.adjust("9 seconds")
      expect(yield* refusal(cleo.say("general", "two"))).toContain("again in 1 s")
      yield* TestClock.adjust("1 second")
      yield* cleo.say("general", "two")
    }).pipe(provided),
  )

  it.effect.prop(
    "is never cheated",
    { gaps: fc.array(fc.integer({ min: 0, max: 8_000 }), { minLength: 5, maxLength: 15 }) },
    ({ gaps }) =>
      Effect.gen(function* () {
        const { cleo, general, world } = yield* setUp
        general.rateLimitPerUser = 5
        const times: Array<number> = []
        for (const gap of gaps) {
          yield* TestClock.adjust(gap)
          const now = world.now()
          const due = times.length === 0 ? now : (times.at(-1) ?? 0) + 5_000
          const done = yield* Effect.either(cleo.say("general", "again"))
          expect(done._tag).toBe(now >= due ? "Right" : "Left")
          if (done._tag === "Right") times.push(now)
        }
      }).pipe(Effect.scoped, provided),
    { fastCheck: { numRuns: 5 } },
  )
})

describe("a person in time-out", () => {
  it.scoped("reads and does nothing else, and is told for how long", () =>
    Effect.gen(function* () {
      const { ada, call, dan, general, guild, sandbox, world } = yield* setUp
      const asking = yield* call("POST", `/channels/${general.id}/messages`, {
        components: [
          { type: 1, components: [{ type: 2, style: 1, label: "Ahoy", custom_id: "ahoy" }] },
          { type: 1, components: [{ type: 5, custom_id: "who" }] },
        ],
        poll: {
          question: { text: "Where to?" },
          answers: [{ poll_media: { text: "Kiel" } }],
          duration: 1,
        },
      })
      const { id: question } = asking.body as { readonly id: string }
      yield* call("PUT", `/applications/${sandbox.world.bot.id}/commands`, [
        { name: "go", description: "Goes" },
      ])
      const { id } = yield* ada.say("general", "order!")
      const member = guild.members.get(dan.user.id)
      if (member === undefined) return yield* Effect.dieMessage("no dan")
      member.timeoutUntil = world.now() + 60_000
      yield* TestClock.adjust("500 millis")
      expect(yield* refusal(dan.say("general", "but"))).toBe(
        "dan may not write in #general: in time-out for another 60 s",
      )
      expect(yield* refusal(dan.react(id, "👎"))).toContain("in time-out")
      expect(yield* refusal(dan.startThread("general", { name: "but" }))).toContain("in time-out")
      expect(yield* refusal(dan.type("general"))).toContain("in time-out")
      expect(yield* refusal(dan.slash("general", "go"))).toContain("may not run /go")
      for (const deed of [
        dan.vote(question, [1]),
        dan.press(question, "ahoy"),
        dan.select(question, "who", ["ada"]),
      ])
        expect(yield* refusal<unknown, Failure, never>(deed)).toBe("dan is in time-out")
      expect((yield* dan.history("general")).map(({ content }) => content)).toEqual(["", "order!"])
      yield* TestClock.adjust("60 seconds")
      yield* dan.say("general", "sorry")
    }).pipe(provided),
  )
})

describe("a person's threads", () => {
  it.scoped("start from a message or without, open or closed, and people come and go", () =>
    Effect.gen(function* () {
      const { ada, ben, cleo, dan, general, types } = yield* setUp
      const { id } = yield* ben.say("general", "knots")
      const knots = yield* cleo.startThread("general", { name: "Knots", message: id })
      expect(knots).toMatchObject({ id, type: ChannelType.PublicThread, parentId: general.id })
      expect(yield* refusal(cleo.startThread("general", { name: "Knots", message: id }))).toBe(
        "A thread has already been created for this message",
      )
      yield* dan.joinThread("knots")
      expect([...(knots.thread?.members.keys() ?? [])]).toContain(dan.user.id)
      yield* dan.leaveThread("knots")
      expect([...(knots.thread?.members.keys() ?? [])]).not.toContain(dan.user.id)

      const plot = yield* cleo.startThread("general", { name: "Plot", private: true })
      expect(plot.type).toBe(ChannelType.PrivateThread)
      expect((yield* Effect.flip(dan.say("Plot", "aha")))._tag).toBe("NotFound")
      yield* cleo.addToThread("Plot", "dan")
      yield* dan.say("Plot", "aha")
      expect(yield* refusal(dan.removeFromThread("Plot", "cleo"))).toBe(
        "dan may not take people out of threads in #Plot",
      )
      yield* cleo.removeFromThread("Plot", "dan")
      expect((yield* Effect.flip(dan.say("Plot", "hm")))._tag).toBe("NotFound")
      expect(yield* refusal(ada.startThread("general", { name: " " }))).toBe(
        "The name of a thread has 1 to 100 characters",
      )
      expect(yield* refusal(ada.startThread("dm", { name: "x" }))).toBe(
        "There are no threads in direct messages",
      )
      yield* InProcess.settle
      // The bot manages threads, and so sees the closed one too.
      expect(types().filter((type) => type === "THREAD_CREATE")).toHaveLength(2)
    }).pipe(provided),
  )

  it.scoped("need the permission, and an open thread", () =>
    Effect.gen(function* () {
      const { cleo, general, guild, world } = yield* setUp
      const thread = yield* cleo.startThread("general", { name: "Knots" })
      if (thread.thread === null) return yield* Effect.dieMessage("no thread")
      thread.thread.archived = true
      expect(yield* refusal(cleo.joinThread(thread.id))).toBe("Thread is archived")
      yield* cleo.say(thread.id, "awake")
      expect(thread.thread.archived).toBe(false)
      thread.thread.locked = true
      expect(yield* refusal(cleo.say(thread.id, "knock"))).toBe("Thread is locked")
      Guilds.setOverwrite(world, general, {
        id: guild.id,
        type: 0,
        allow: 0n,
        deny: Bit.CreatePublicThreads | Bit.CreatePrivateThreads,
      })
      for (const hidden of [true, false])
        expect(yield* refusal(cleo.startThread("general", { name: "x", private: hidden }))).toBe(
          "cleo may not start threads in #general",
        )
    }).pipe(provided),
  )

  it.scoped("are posts in a forum, with the tags that it wants", () =>
    Effect.gen(function* () {
      const { call, cleo, guild } = yield* setUp
      const made = yield* call("POST", `/guilds/${guild.id}/channels`, {
        name: "logbook",
        type: ChannelType.GuildForum,
        available_tags: [{ name: "storm" }, { name: "official", moderated: true }],
      })
      expect(made.status).toBe(201)
      const forum = yield* cleo.channel("logbook")
      const post = yield* cleo.post("logbook", { name: "Day 1", content: "Wind.", tags: ["storm"] })
      expect(post.thread?.tags).toEqual([forum.forum?.tags[0]?.id])
      expect((yield* cleo.history(post.id)).map(({ content }) => content)).toEqual(["Wind."])
      const refused = (tags: ReadonlyArray<string>, content = "x") =>
        refusal(cleo.post("logbook", { name: "Day 2", content, tags }))
      expect(yield* refused(["calm"])).toBe("There is no tag calm. There are: storm, official")
      expect(yield* refused(["official"])).toBe("Only those who manage threads give the tag official")
      expect(yield* refused([], "")).toBe("A post needs content")
      forum.flags |= 1 << 4
      expect(yield* refused([])).toBe("A post in #logbook needs a tag")
      expect(yield* refusal(cleo.post("general", { name: "x", content: "x" }))).toBe("#general is no forum")
    }).pipe(provided),
  )
})

describe("a person's places", () => {
  it.scoped("are joined by an invite, and their status is seen", () =>
    Effect.gen(function* () {
      const { call, connection, general, guild, sandbox, world } = yield* setUp
      Guilds.addUser(world, { username: "eve" })
      const eve = yield* sandbox.actor("eve")
      const invite = yield* call("POST", `/channels/${general.id}/invites`, { max_uses: 1 })
      const { code } = invite.body as { readonly code: string }
      yield* eve.joinBy(`https://discord.gg/${code}`)
      expect(guild.members.has(eve.user.id)).toBe(true)
      yield* eve.leave
      expect((yield* Effect.flip(eve.joinBy(code)))._tag).toBe("NotAllowed")
      yield* eve.join
      yield* eve.appear("idle")
      yield* InProcess.settle
      const seen = connection.events().findLast(({ t }) => t === "PRESENCE_UPDATE")
      expect(seen?.d).toMatchObject({ status: "idle", user: { id: eve.user.id } })
    }).pipe(provided),
  )
})
