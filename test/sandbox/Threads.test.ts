import { describe, expect, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import * as fc from "effect/FastCheck"
import * as Guilds from "../../src/sandbox/world/Guilds.js"
import { Bit } from "../../src/sandbox/world/Permissions.js"
import * as SandboxModule from "../../src/sandbox/Sandbox.js"
import { Sandbox } from "../../src/sandbox/Sandbox.js"
import * as Threads from "../../src/sandbox/world/Threads.js"
import * as VirtualClock from "../../src/testing/VirtualClock.js"
import * as InProcess from "./InProcess.js"

const provided = Effect.provide(SandboxModule.layer({ rateLimits: false }))

/** A bot that hears everything, and Harbour's people. */
const setUp = (more: Readonly<Record<string, unknown>> = {}) =>
  Effect.gen(function* () {
    const sandbox = yield* Sandbox
    const connection = InProcess.connect(sandbox)
    InProcess.identify(connection, more)
    yield* InProcess.settle
    const guild = [...sandbox.world.guilds.values()][0]
    const general = [...(guild?.channels.values() ?? [])][0]
    if (guild === undefined || general === undefined) return yield* Effect.dieMessage("Harbour is not there")
    const [ada, ben, cleo, dan] = yield* Effect.all([
      sandbox.actor("ada"),
      sandbox.actor("ben"),
      sandbox.actor("cleo"),
      sandbox.actor("dan"),
    ])
    const call = (method: string, path: string, body?: unknown) => InProcess.call(sandbox, method, path, body)
    const start = (body: Readonly<Record<string, unknown>> = {}) =>
      Effect.map(
        call("POST", `/channels/${general.id}/threads`, { name: "Try-out of Cleo", ...body }),
        (answer) => String((answer.body as { readonly id: string }).id),
      )
    const types = () => connection.events().map(({ t }) => t)
    const last = (type: string) => connection.events().findLast(({ t }) => t === type)?.d
    return { sandbox, connection, guild, general, ada, ben, cleo, dan, call, start, types, last }
  })

describe("Threads", () => {
  it.scoped("a private one is seen by those who are in it and those who manage threads", () =>
    Effect.gen(function* () {
      const { ada, ben, call, cleo, dan, general, last, start } = yield* setUp()
      const id = yield* start({ invitable: false, auto_archive_duration: 1440 })
      expect(last("THREAD_CREATE")).toMatchObject({
        id,
        newly_created: true,
        type: 12,
        name: "Try-out of Cleo",
        parent_id: general.id,
        thread_metadata: { archived: false, locked: false, invitable: false, auto_archive_duration: 1440 },
        member: { flags: 0 },
      })
      expect((yield* call("PUT", `/channels/${id}/thread-members/${cleo.user.id}`)).status).toBe(204)
      yield* call("POST", `/channels/${id}/messages`, { content: "Question 1" })
      const seen = yield* cleo.history("#try-out-of-cleo")
      expect(seen.map(({ content, type }) => [type, content])).toEqual([
        [1, ""],
        [0, "Question 1"],
      ])
      yield* cleo.say(id, "answer")
      yield* InProcess.settle
      expect(last("MESSAGE_CREATE")).toMatchObject({ channel_id: id, content: "answer" })
      // The owner of the guild manages threads; the others see nothing of it.
      expect(yield* ada.history(id)).toHaveLength(3)
      for (const one of [ben, dan]) {
        expect(yield* Effect.flip(one.history(id))).toMatchObject({
          _tag: "NotFound",
          known: ["general", "tryouts", "mod-log"],
        })
      }
      const members = yield* call("GET", `/channels/${id}/thread-members`)
      expect((members.body as ReadonlyArray<{ user_id: string }>).map(({ user_id }) => user_id)).toContain(
        cleo.user.id,
      )
      expect((yield* call("GET", `/channels/${id}/thread-members/${dan.user.id}`)).body).toMatchObject({
        code: 10007,
      })
      expect((yield* call("DELETE", `/channels/${id}/thread-members/${cleo.user.id}`)).status).toBe(204)
      yield* InProcess.settle
      expect(last("THREAD_MEMBERS_UPDATE")).toMatchObject({ id, removed_member_ids: [cleo.user.id] })
      expect((yield* Effect.flip(cleo.say(id, "still here?")))._tag).toBe("NotFound")
    }).pipe(provided),
  )

  it.scoped("a mention adds to a private one, where its author may add", () =>
    Effect.gen(function* () {
      const { cleo, call, dan, ben, start } = yield* setUp()
      const open = yield* start({ name: "open" })
      const closed = yield* start({ name: "closed", invitable: false })
      for (const id of [open, closed]) yield* call("PUT", `/channels/${id}/thread-members/${cleo.user.id}`)
      yield* cleo.say("open", `<@${dan.user.id}> look`)
      yield* cleo.say("closed", `<@${dan.user.id}> look`)
      expect((yield* dan.history("open")).at(-1)?.content).toContain("look")
      expect((yield* Effect.flip(dan.history("closed")))._tag).toBe("NotFound")
      // The bot started it, and so may; unless nobody is to be told of the mention.
      yield* call("POST", `/channels/${closed}/messages`, {
        content: `<@${dan.user.id}>`,
        allowed_mentions: { parse: [] },
      })
      expect((yield* Effect.flip(dan.history("closed")))._tag).toBe("NotFound")
      yield* call("POST", `/channels/${closed}/messages`, { content: `<@${dan.user.id}> <@${ben.user.id}>` })
      expect(yield* dan.history("closed")).toHaveLength(4)
    }).pipe(provided),
  )

  it.scoped("a public one is for all who see the channel, and starts from a message too", () =>
    Effect.gen(function* () {
      const { ada, call, dan, general, last, start } = yield* setUp()
      const id = yield* start({ type: 11, name: "Deck" })
      expect((yield* ada.history("general")).at(-1)).toMatchObject({ type: 18, content: "Deck" })
      yield* dan.say("#deck", "hello")
      yield* InProcess.settle
      expect(last("THREAD_MEMBERS_UPDATE")).toMatchObject({ id, added_members: [{ user_id: dan.user.id }] })
      const said = yield* ada.say("general", "the topic")
      const from = yield* call("POST", `/channels/${general.id}/messages/${said.id}/threads`, {
        name: "Topic",
      })
      expect(from).toMatchObject({ status: 201, body: { id: said.id, type: 11, parent_id: general.id } })
      const again = yield* call("POST", `/channels/${general.id}/messages/${said.id}/threads`, {
        name: "More",
      })
      expect(again).toMatchObject({ status: 400, body: { code: 160004 } })
      const shown = yield* call("GET", `/channels/${general.id}/messages/${said.id}`)
      expect(shown.body).toMatchObject({ flags: 32, thread: { id: said.id } })
    }).pipe(provided),
  )

  it.scoped(
    "an archived one wakes when somebody writes; a locked one only for those who manage threads",
    () =>
      Effect.gen(function* () {
        const { ada, call, dan, guild, last, sandbox, start } = yield* setUp()
        const id = yield* start({ type: 11, name: "Deck" })
        const first = yield* dan.say("deck", "one")
        yield* call("PATCH", `/channels/${id}`, { archived: true })
        expect(last("THREAD_UPDATE")).toMatchObject({ id, thread_metadata: { archived: true } })
        const edit = yield* call("PATCH", `/channels/${id}`, { name: "Quay" })
        expect(edit).toMatchObject({ status: 400, body: { code: 50083 } })
        const emoji = encodeURIComponent("👍")
        const reaction = yield* call("PUT", `/channels/${id}/messages/${first.id}/reactions/${emoji}/@me`)
        expect(reaction.body).toMatchObject({ code: 50083 })
        expect(yield* Effect.flip(dan.react(first.id, "👍"))).toMatchObject({ reason: "Thread is archived" })
        const active = Effect.map(call("GET", `/guilds/${guild.id}/threads/active`), ({ body }) => body)
        expect(yield* active).toEqual({ threads: [], members: [] })
        yield* dan.say("deck", "two")
        expect(yield* active).toMatchObject({ threads: [{ id }], members: [{ id }] })
        yield* call("PATCH", `/channels/${id}`, { archived: true, locked: true })
        expect(yield* Effect.flip(dan.say("deck", "three"))).toMatchObject({ reason: "Thread is archived" })
        yield* call("PATCH", `/channels/${id}`, { archived: false })
        expect(yield* Effect.flip(dan.say("deck", "three"))).toMatchObject({ reason: "Thread is locked" })
        yield* ada.say("deck", "as the owner")
        // Without the right to manage threads the bot meets the same refusals.
        const own = [...guild.roles.values()].find(({ managed }) => managed)
        if (own !== undefined) own.permissions &= ~Bit.ManageThreads
        const message = { content: "four" }
        expect((yield* call("POST", `/channels/${id}/messages`, message)).body).toMatchObject({
          code: 160005,
        })
        Threads.change(sandbox.world, Threads.of(sandbox.world.channel(id)), ada.user.id, { archived: true })
        expect((yield* call("POST", `/channels/${id}/messages`, message)).body).toMatchObject({ code: 50083 })
        expect((yield* call("DELETE", `/channels/${id}`)).body).toMatchObject({ code: 50013 })
      }).pipe(provided),
  )

  it.scoped("asks for the permissions that Discord asks for", () =>
    Effect.gen(function* () {
      const { call, general, guild, sandbox } = yield* setUp()
      const deny = (bits: bigint) =>
        Guilds.setOverwrite(sandbox.world, general, { id: guild.id, type: 0, allow: 0n, deny: bits })
      const start = (type: number) => call("POST", `/channels/${general.id}/threads`, { name: "x", type })
      deny(Bit.CreatePrivateThreads)
      expect((yield* start(12)).body).toMatchObject({ code: 50013 })
      const made = yield* start(11)
      expect(made.status).toBe(201)
      deny(Bit.SendMessagesInThreads)
      const { id } = made.body as { readonly id: string }
      const write = (channel: string) => call("POST", `/channels/${channel}/messages`, { content: "x" })
      expect((yield* write(id)).body).toMatchObject({ code: 50013 })
      expect((yield* write(general.id)).status).toBe(200)
      deny(Bit.SendMessages)
      expect((yield* write(id)).status).toBe(200)
      expect((yield* write(general.id)).body).toMatchObject({ code: 50013 })
      expect((yield* call("POST", `/channels/${id}/threads`, { name: "x" })).body).toMatchObject({
        code: 50024,
      })
      const bad = yield* call("POST", `/channels/${general.id}/threads`, { auto_archive_duration: 7 })
      expect(bad.body).toMatchObject({ code: 50035, errors: { name: {}, auto_archive_duration: {} } })
    }).pipe(provided),
  )

  it.scoped("goes with its channel, whose deletion alone is told; else with a THREAD_DELETE of its own", () =>
    Effect.gen(function* () {
      const { call, cleo, general, guild, last, start, types } = yield* setUp()
      const [first, second] = [yield* start({ name: "a" }), yield* start({ name: "b" })]
      yield* call("PUT", `/channels/${second}/thread-members/${cleo.user.id}`)
      yield* call("DELETE", `/channels/${first}`)
      expect(last("THREAD_DELETE")).toEqual({
        id: first,
        guild_id: guild.id,
        parent_id: general.id,
        type: 12,
      })
      yield* call("DELETE", `/channels/${general.id}`)
      expect(last("CHANNEL_DELETE")).toMatchObject({ id: general.id })
      expect(types().filter((type) => type === "THREAD_DELETE")).toHaveLength(1)
      expect((yield* call("GET", `/channels/${second}`)).body).toMatchObject({ code: 10003 })
      expect((yield* Effect.flip(cleo.say(second, "hello?")))._tag).toBe("NotFound")
    }).pipe(provided),
  )

  it.scoped("comes with its guild, and others' comings and goings only with the members intent", () =>
    Effect.gen(function* () {
      const { call, cleo, guild, sandbox, start } = yield* setUp()
      const id = yield* start()
      const guildsOnly = InProcess.connect(sandbox)
      InProcess.identify(guildsOnly, { intents: 1 })
      yield* InProcess.settle
      expect(guildsOnly.events().find(({ t }) => t === "GUILD_CREATE")?.d).toMatchObject({
        id: guild.id,
        threads: [{ id, member: { id } }],
      })
      yield* call("PUT", `/channels/${id}/thread-members/${cleo.user.id}`)
      yield* call("DELETE", `/channels/${id}/thread-members/@me`)
      yield* InProcess.settle
      const updates = guildsOnly.events().filter(({ t }) => t === "THREAD_MEMBERS_UPDATE")
      expect(updates.map(({ d }) => d["removed_member_ids"])).toEqual([[sandbox.world.bot.id]])
    }).pipe(provided),
  )

  it.scoped("that are archived are listed page by page, newest first", () =>
    Effect.gen(function* () {
      const { call, cleo, general, sandbox, start } = yield* setUp()
      const ids: Array<string> = []
      for (let n = 0; n < 5; n++) {
        ids.push(yield* start({ type: n < 3 ? 11 : 12, name: `t${n}` }))
        yield* TestClock.adjust("1 second")
      }
      const hidden = Threads.open(sandbox.world, general, { name: "h", type: 12, ownerId: cleo.user.id })
      // The oldest is archived last.
      for (const id of ids.toReversed()) {
        yield* call("PATCH", `/channels/${id}`, { archived: true })
        yield* TestClock.adjust("1 second")
      }
      Threads.change(sandbox.world, hidden, cleo.user.id, { archived: true })
      const list = (where: string) =>
        Effect.map(call("GET", `/channels/${general.id}${where}`), ({ body }) => {
          const { has_more, threads } = body as {
            readonly has_more: boolean
            readonly threads: ReadonlyArray<{ id: string; thread_metadata: { archive_timestamp: string } }>
          }
          return {
            has_more,
            ids: threads.map(({ id }) => ids.indexOf(id)),
            at: threads.at(-1)?.thread_metadata.archive_timestamp ?? "",
          }
        })
      const first = yield* list("/threads/archived/public?limit=2")
      expect(first).toMatchObject({ has_more: true, ids: [0, 1] })
      expect(
        yield* list(`/threads/archived/public?limit=2&before=${encodeURIComponent(first.at)}`),
      ).toMatchObject({ has_more: false, ids: [2] })
      expect((yield* list("/threads/archived/private")).ids).toEqual([-1, 3, 4])
      expect((yield* list("/users/@me/threads/archived/private")).ids).toEqual([4, 3])
      expect((yield* list(`/users/@me/threads/archived/private?before=${ids[4]}`)).ids).toEqual([3])
      const bad = yield* call("GET", `/channels/${general.id}/threads/archived/public?before=soon&limit=1`)
      expect(bad.body).toMatchObject({ code: 50035, errors: { before: {}, limit: {} } })
    }).pipe(provided),
  )

  it.scoped("list their members page by page where these are shown whole, and have 1,000 at most", () =>
    Effect.gen(function* () {
      const { call, cleo, dan, last, sandbox, start } = yield* setUp()
      const id = yield* start({ type: 11 })
      const { thread } = Threads.of(sandbox.world.channel(id))
      yield* call("PUT", `/channels/${id}/thread-members/${cleo.user.id}`)
      const page = (query: string) =>
        Effect.map(call("GET", `/channels/${id}/thread-members?with_member=true${query}`), ({ body }) =>
          (body as ReadonlyArray<{ user_id: string; member: { user: { id: string } } }>).map(
            ({ member, user_id }) => [user_id, member.user.id],
          ),
        )
      const all = yield* page("")
      expect(all).toEqual([...thread.members.keys()].toSorted().map((one) => [one, one]))
      const [first] = yield* page("&limit=1")
      expect(yield* page(`&after=${first?.[0]}`)).toEqual(all.slice(1))
      yield* call("DELETE", `/channels/${id}/thread-members/@me`)
      yield* call("PUT", `/channels/${id}/thread-members/@me`)
      yield* InProcess.settle
      expect(last("THREAD_MEMBER_UPDATE")).toMatchObject({ id, user_id: sandbox.world.bot.id })
      for (let n = thread.members.size; n < 1_000; n++) thread.members.set(`x${n}`, 0)
      const full = yield* call("PUT", `/channels/${id}/thread-members/${dan.user.id}`)
      expect(full.body).toMatchObject({ code: 30033 })
    }).pipe(provided),
  )

  it.scoped("of an announcement channel are announcement threads, and are begun by who may", () =>
    Effect.gen(function* () {
      const { ada, call, cleo, general, guild, sandbox } = yield* setUp()
      yield* call("PATCH", `/channels/${general.id}`, { type: 5, default_auto_archive_duration: 60 })
      const post = (type: number) => call("POST", `/channels/${general.id}/threads`, { name: "x", type })
      expect((yield* post(11)).body).toMatchObject({ code: 50024 })
      expect((yield* post(10)).body).toMatchObject({
        type: 10,
        thread_metadata: { auto_archive_duration: 60 },
      })
      const said = yield* ada.say("general", "news")
      const from = yield* call("POST", `/channels/${general.id}/messages/${said.id}/threads`, { name: "y" })
      expect(from.body).toMatchObject({ type: 10, id: said.id })
      const { world } = sandbox
      const begin = () => Threads.start(world, general, { name: "z", type: 10, ownerId: cleo.user.id })
      expect(begin().thread?.ownerId).toBe(cleo.user.id)
      Guilds.setOverwrite(world, general, {
        id: guild.id,
        type: 0,
        allow: 0n,
        deny: Bit.CreatePublicThreads,
      })
      expect(begin).toThrow("50013")
    }).pipe(provided),
  )

  it("tells the bot of nothing that it does not see, whoever comes and goes", () => {
    const deed = fc.record({
      what: fc.constantFrom("add", "remove", "say", "archive", "rename"),
      who: fc.constantFrom<"cleo" | "dan" | "bot">("cleo", "dan", "bot"),
    })
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 12 }), (deeds) => {
        const { exit } = VirtualClock.runSync(
          Effect.gen(function* () {
            const { cleo, connection, dan, general, guild, sandbox } = yield* setUp()
            const own = [...guild.roles.values()].find(({ managed }) => managed)
            if (own !== undefined) own.permissions &= ~Bit.ManageThreads
            const { world } = sandbox
            const thread = Threads.open(world, general, { name: "t", ownerId: cleo.user.id })
            const ids = { cleo: cleo.user.id, dan: dan.user.id, bot: world.bot.id }
            yield* InProcess.settle
            const told: Array<boolean> = []
            for (const { what, who } of deeds) {
              const before = connection.events().length
              const inside = thread.thread?.members.has(world.bot.id) === true
              if (what === "add") Threads.invite(world, thread, cleo.user.id, ids[who])
              else if (what === "remove") Threads.expel(world, thread, cleo.user.id, ids[who])
              else if (what === "archive") Threads.change(world, thread, cleo.user.id, { archived: true })
              else if (what === "rename") Threads.change(world, thread, cleo.user.id, { name: who })
              else if (who !== "bot") yield* Effect.ignore((who === "cleo" ? cleo : dan).say(thread.id, "x"))
              yield* InProcess.settle
              const after = thread.thread?.members.has(world.bot.id) === true
              if (!inside && !after) told.push(connection.events().length > before)
            }
            return told
          }).pipe(Effect.scoped, Effect.provide(SandboxModule.layer())),
        )
        if (exit._tag === "Failure") throw new Error(String(exit.cause))
        expect(exit.value.filter(Boolean)).toEqual([])
      }),
      { numRuns: 100 },
    )
  })

  it.scoped("starts from no message of the system, and once only from another", () =>
    Effect.gen(function* () {
      const { call, general, start } = yield* setUp()
      yield* start({ type: 11 })
      const from = (id: string) =>
        call("POST", `/channels/${general.id}/messages/${id}/threads`, { name: "t" })
      const notice = [...general.messages.values()].find(({ type }) => type === 18)?.id ?? ""
      expect((yield* from(notice)).body).toMatchObject({ code: 50068 })
      const sent = yield* call("POST", `/channels/${general.id}/messages`, { content: "c" })
      const { id } = sent.body as { readonly id: string }
      expect((yield* from(id)).status).toBe(201)
      yield* call("DELETE", `/channels/${id}`)
      expect((yield* from(id)).body).toMatchObject({ code: 160004 })
    }).pipe(provided),
  )
})
