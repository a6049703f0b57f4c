import { describe, expect, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import * as fc from "effect/FastCheck"
import * as Guilds from "../../src/sandbox/world/Guilds.js"
import * as SandboxModule from "../../src/sandbox/Sandbox.js"
import { Sandbox } from "../../src/sandbox/Sandbox.js"
import type { Sight } from "../../src/sandbox/world/View.js"
import * as VirtualClock from "../../src/testing/VirtualClock.js"
import * as InProcess from "./InProcess.js"

/** A connected bot with one command, and Ada running it. */
const asked = Effect.gen(function* () {
  const sandbox = yield* Sandbox
  const bot = sandbox.world.bot.id
  yield* InProcess.call(sandbox, "PUT", `/applications/${bot}/commands`, [
    { name: "ping", description: "Pings" },
  ])
  const connection = InProcess.connect(sandbox)
  InProcess.identify(connection)
  yield* InProcess.settle
  const ada = yield* sandbox.actor("ada")
  const sights: Array<Sight> = []
  ada.observe((sight) => sights.push(sight))
  const turn = yield* ada.slash("general", "ping")
  yield* InProcess.settle
  const event = connection.events().at(-1)
  const id = String(event?.d["id"])
  const token = String(event?.d["token"])
  const respond = (type: number, data: unknown = {}, query = "") =>
    InProcess.call(sandbox, "POST", `/interactions/${id}/${token}/callback${query}`, { type, data })
  const webhook = (method: string, path = "", body?: unknown) =>
    InProcess.call(sandbox, method, `/webhooks/${bot}/${token}${path}`, body)
  const tags = () => sights.map((sight) => sight._tag)
  return { sandbox, ada, turn, respond, webhook, tags, event, connection }
})

const provided = Effect.provide(SandboxModule.layer())

describe("Interactions", () => {
  it.scoped("takes one first response, without a body unless asked", () =>
    Effect.gen(function* () {
      const { respond, tags, turn } = yield* asked
      const first = yield* respond(4, { content: "pong" })
      expect([first.status, first.body, first.headers["content-type"]]).toEqual([204, null, undefined])
      const second = yield* respond(4, { content: "again" })
      expect([second.status, second.body]).toMatchObject([400, { code: 40060 }])
      expect(turn.state()).toMatchObject({ _tag: "Responded", messages: [{ content: "pong" }] })
      expect(tags()).toEqual(["InteractionStarted", "MessageShown"])
    }).pipe(provided),
  )

  it.scoped("gives the message with with_response=true, and sends MESSAGE_CREATE with its origin", () =>
    Effect.gen(function* () {
      const { connection, event, respond } = yield* asked
      const { body, status } = yield* respond(4, { content: "pong" }, "?with_response=true")
      expect(status).toBe(200)
      expect(body).toMatchObject({
        interaction: { type: 2 },
        resource: { type: 4, message: { content: "pong" } },
      })
      yield* InProcess.settle
      expect(connection.events().at(-1)).toMatchObject({
        t: "MESSAGE_CREATE",
        d: { content: "pong", type: 20, interaction_metadata: { id: event?.d["id"], type: 2 } },
      })
    }).pipe(provided),
  )

  it.scoped("fails after 3 s, and every later answer is 10062", () =>
    Effect.gen(function* () {
      const { respond, sandbox, turn } = yield* asked
      yield* TestClock.adjust(2_999)
      expect(turn.state()._tag).toBe("Waiting")
      expect(sandbox.unansweredInteractions()).toBe(1)
      yield* TestClock.adjust(1)
      expect(yield* turn.settled).toEqual({ _tag: "Failed", reason: "The application did not respond" })
      const late = yield* respond(4, { content: "late" })
      expect([late.status, late.body]).toEqual([404, { code: 10062, message: "Unknown interaction" }])
      expect(sandbox.unansweredInteractions()).toBe(0)
    }).pipe(provided),
  )

  it.scoped("keeps a deferred answer open for 15 minutes", () =>
    Effect.gen(function* () {
      const { ada, respond, tags, turn, webhook } = yield* asked
      yield* respond(5, { flags: 64 })
      expect(turn.state()._tag).toBe("Deferred")
      yield* TestClock.adjust("14 minutes")
      const edited = yield* webhook("PATCH", "/messages/%40original", { content: "done" })
      expect([edited.status, edited.body]).toMatchObject([200, { content: "done", flags: 64 }])
      expect(tags()).toEqual(["InteractionStarted", "Thinking", "MessageEdited"])
      yield* TestClock.adjust("1 minute")
      expect((yield* webhook("POST", "", { content: "more" })).body).toMatchObject({ code: 50027 })
      expect((yield* ada.history("general")).map((message) => message.content)).toEqual(["done"])
    }).pipe(provided),
  )

  it.scoped("shows that nothing came when a deferral is never filled", () =>
    Effect.gen(function* () {
      const { respond, turn } = yield* asked
      yield* respond(5)
      yield* TestClock.adjust("15 minutes")
      expect(turn.state()._tag).toBe("Failed")
    }).pipe(provided),
  )

  it.scoped("fills the placeholder with the first follow-up after a deferral, then adds", () =>
    Effect.gen(function* () {
      const { ada, respond, webhook } = yield* asked
      expect((yield* webhook("POST", "", { content: "early" })).body).toMatchObject({ code: 10015 })
      yield* respond(5)
      yield* webhook("POST", "", { content: "one", flags: 64 })
      yield* webhook("POST", "", { content: "two", flags: 64 })
      const seen = yield* ada.history("general")
      expect(seen.map((message) => [message.content, message.ephemeralFor !== null])).toEqual([
        ["one", false],
        ["two", true],
      ])
      expect((yield* webhook("DELETE", "/messages/@original")).status).toBe(204)
      expect((yield* webhook("GET", "/messages/@original")).body).toMatchObject({ code: 10008 })
    }).pipe(provided),
  )

  it.scoped("refuses a response that does not fit, in Discord's shape", () =>
    Effect.gen(function* () {
      const { respond, turn } = yield* asked
      const long = yield* respond(4, { content: "x".repeat(2001) })
      expect(long.body).toEqual({
        code: 50035,
        message: "Invalid Form Body",
        errors: {
          data: {
            content: {
              _errors: [{ code: "BASE_TYPE_MAX_LENGTH", message: "Must be 2000 or fewer in length." }],
            },
          },
        },
      })
      expect((yield* respond(7, { content: "no source" })).body).toMatchObject({
        code: 50035,
        errors: { type: {} },
      })
      expect(turn.state()._tag).toBe("Waiting")
    }).pipe(provided),
  )

  it.scoped("tells the person when the bot is away or the command unknown or not theirs", () =>
    Effect.gen(function* () {
      const { ada, connection, sandbox } = yield* asked
      const bot = sandbox.world.bot.id
      expect(yield* Effect.flip(ada.slash("general", "pong"))).toMatchObject({
        _tag: "NotFound",
        known: ["ping"],
      })
      yield* InProcess.call(sandbox, "POST", `/applications/${bot}/commands`, {
        name: "ban",
        description: "Bans",
        default_member_permissions: "4",
      })
      const [ben, cleo] = yield* Effect.all([sandbox.actor("ben"), sandbox.actor("cleo")])
      expect(yield* Effect.flip(cleo.slash("general", "ban"))).toMatchObject({ _tag: "NotAllowed" })
      expect((yield* ben.slash("general", "ban")).state()._tag).toBe("Waiting")
      connection.close(1000, "")
      expect(yield* Effect.flip(ada.slash("general", "ping"))).toMatchObject({ _tag: "BotOffline" })
    }).pipe(provided),
  )

  it.scoped("tells the bot all about who asks, where, and in which language", () =>
    Effect.gen(function* () {
      const { ada, connection, sandbox } = yield* asked
      const { world } = sandbox
      world.locales.set(ada.user.id, "de")
      yield* ada.slash("general", "ping")
      yield* ada.slash("dm", "ping")
      yield* InProcess.settle
      const [, here, direct] = connection.events().filter(({ t }) => t === "INTERACTION_CREATE")
      const guild = [...world.guilds.values()][0]
      expect(here?.d).toMatchObject({
        application_id: world.bot.id,
        type: 2,
        version: 1,
        locale: "de",
        guild_id: guild?.id,
        guild_locale: "en-US",
        guild: { id: guild?.id, locale: "en-US", features: [] },
        context: 0,
        authorizing_integration_owners: { 0: guild?.id },
        entitlements: [],
        attachment_size_limit: 10_485_760,
        app_permissions: expect.stringMatching(/^\d+$/u),
        channel: { name: "general", type: 0, permissions: expect.stringMatching(/^\d+$/u) },
        member: { user: { id: ada.user.id }, permissions: expect.stringMatching(/^\d+$/u) },
        data: { name: "ping", type: 1 },
      })
      expect(here?.d).not.toHaveProperty("user")
      expect(direct?.d).toMatchObject({
        user: { id: ada.user.id },
        context: 1,
        authorizing_integration_owners: { 0: "0" },
      })
      expect(direct?.d).not.toHaveProperty("guild_id")
      expect(direct?.d).not.toHaveProperty("member")
    }).pipe(provided),
  )

  it.scoped("takes the kinds of response that fit, and says which", () =>
    Effect.gen(function* () {
      const { respond } = yield* asked
      for (const type of [1, 2, 6, 7, 8, 10, 12]) {
        expect((yield* respond(type)).body).toMatchObject({
          code: 50035,
          errors: {
            type: { _errors: [{ code: "BASE_TYPE_CHOICES", message: "Value must be one of {4, 5, 9}." }] },
          },
        })
      }
      expect((yield* respond(5, {}, "?with_response=true")).body).toMatchObject({
        interaction: { type: 2, response_message_loading: true, response_message_ephemeral: false },
        resource: { type: 5 },
      })
    }).pipe(provided),
  )

  it.scoped("keeps an ephemeral answer to its reader: no edit opens it, no channel has it", () =>
    Effect.gen(function* () {
      const { ada, connection, respond, sandbox, turn, webhook } = yield* asked
      const ben = yield* sandbox.actor("ben")
      yield* respond(5, { flags: 64 })
      yield* webhook("PATCH", "/messages/@original", { content: "secret", flags: 0 })
      const more = yield* webhook("POST", "", { content: "more", flags: 64 })
      yield* webhook("POST", "", { content: "open" })
      expect((yield* ada.history("general")).map(({ content }) => content)).toEqual([
        "secret",
        "more",
        "open",
      ])
      expect((yield* ben.history("general")).map(({ content }) => content)).toEqual(["open"])
      const [secret] = yield* ada.history("general")
      const ids = [secret?.id, (more.body as { readonly id: string }).id]
      for (const id of ids) {
        const at = `/channels/${secret?.channelId}/messages/${id}`
        for (const method of ["GET", "DELETE"])
          expect(yield* InProcess.call(sandbox, method, at)).toMatchObject({
            status: 404,
            body: { code: 10008 },
          })
        expect((yield* webhook("GET", `/messages/${id}`)).body).toMatchObject({ flags: 64 })
      }
      const listed = yield* InProcess.call(sandbox, "GET", `/channels/${secret?.channelId}/messages`)
      expect(listed.body).toMatchObject([{ content: "open" }])
      yield* InProcess.settle
      expect(connection.events().filter(({ t }) => t === "MESSAGE_CREATE")).toHaveLength(1)
      expect(turn.state()).toMatchObject({ _tag: "Responded" })
    }).pipe(provided),
  )

  it.scoped("says what a message answers: the first response, the component, the target", () =>
    Effect.gen(function* () {
      const { ada, connection, respond, sandbox, webhook } = yield* asked
      yield* respond(4, {
        content: "press",
        components: [{ type: 1, components: [{ type: 2, style: 1, label: "Go", custom_id: "go" }] }],
      })
      const [first] = yield* ada.history("general")
      const follow = yield* webhook("POST", "", { content: "more" })
      expect(follow.body).toMatchObject({
        interaction_metadata: { original_response_message_id: first?.id, user: { id: ada.user.id } },
      })
      const answer = (data: unknown, type = 4) =>
        Effect.gen(function* () {
          yield* InProcess.settle
          const event = connection.events().findLast(({ t }) => t === "INTERACTION_CREATE")?.d ?? {}
          const path = `/interactions/${String(event["id"])}/${String(event["token"])}/callback?with_response=true`
          return (yield* InProcess.call(sandbox, "POST", path, { type, data })).body
        })
      yield* ada.press(first?.id ?? "", "Go")
      expect(yield* answer({ content: "pressed" })).toMatchObject({
        resource: { message: { interaction_metadata: { type: 3, interacted_message_id: first?.id } } },
      })
      yield* InProcess.call(sandbox, "POST", `/applications/${sandbox.world.bot.id}/commands`, {
        type: 2,
        name: "Look At",
      })
      const ben = yield* sandbox.actor("ben")
      yield* ada.userMenu("general", "Look At", "ben")
      expect(yield* answer({ content: "looked" })).toMatchObject({
        resource: {
          message: { type: 23, interaction_metadata: { type: 2, target_user: { id: ben.user.id } } },
        },
      })
    }).pipe(provided),
  )

  it.scoped("lets a person's own application follow up five times", () =>
    Effect.gen(function* () {
      const { ada, sandbox } = yield* asked
      const { interactions, world } = sandbox
      const channel = [...world.channels.values()].find(({ name }) => name === "general")
      if (channel === undefined) return yield* Effect.dieMessage("no general")
      const { id, token } = interactions.open({
        kind: 2,
        userId: ada.user.id,
        channel,
        data: { id: world.bot.id, name: "ping", type: 1 },
        userInstalled: true,
      })
      yield* InProcess.call(sandbox, "POST", `/interactions/${id}/${token}/callback`, {
        type: 4,
        data: { content: "hi" },
      })
      const more = InProcess.call(sandbox, "POST", `/webhooks/${world.bot.id}/${token}`, { content: "more" })
      const statuses = yield* Effect.replicateEffect(more, 6)
      expect(statuses.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 400])
      expect(statuses[5]?.body).toMatchObject({ code: 40094 })
    }).pipe(Effect.provide(SandboxModule.layer({ rateLimits: false }))),
  )

  it.scoped("completes with at most 25 choices of the option's type, in the person's language", () =>
    Effect.gen(function* () {
      const { ada, connection, sandbox } = yield* asked
      const option = (name: string, type: number) => ({ name, type, description: "X", autocomplete: true })
      yield* InProcess.call(sandbox, "POST", `/applications/${sandbox.world.bot.id}/commands`, {
        name: "find",
        description: "Finds",
        options: [
          {
            name: "it",
            type: 1,
            description: "X",
            options: [
              option("text", 3),
              option("count", 4),
              { name: "size", type: 4, description: "X", min_value: 5 },
            ],
          },
        ],
      })
      sandbox.world.locales.set(ada.user.id, "de")
      const choices = (focused: string, list: unknown, values: Record<string, string> = {}) =>
        Effect.gen(function* () {
          const turn = yield* ada.autocomplete("general", "find it", focused, { [focused]: "1", ...values })
          yield* InProcess.settle
          const { data, id, token } = connection.events().at(-1)?.d ?? {}
          const path = `/interactions/${String(id)}/${String(token)}/callback`
          const { body } = yield* InProcess.call(sandbox, "POST", path, { type: 8, data: { choices: list } })
          return { body, data, state: turn.state() }
        })
      const one = { name: "One", name_localizations: { de: "Eins" }, value: "1" }
      const good = yield* choices("text", [one], { size: "2" })
      expect(good.state).toEqual({ _tag: "ChoicesShown", choices: [{ name: "Eins", value: "1" }] })
      // What does not fit yet is not sent along.
      expect(good.data).toMatchObject({
        options: [{ name: "it", options: [{ name: "text", value: "1", focused: true }] }],
      })
      expect((yield* choices("count", [one])).state).toMatchObject({ choices: [{ value: 1 }] })
      expect((yield* choices("count", [{ name: "x", value: "many" }])).body).toMatchObject({
        errors: { data: { choices: { 0: { value: { _errors: [{ code: "NUMBER_TYPE_COERCE" }] } } } } },
      })
      const bad = yield* choices("text", [{ name: "", value: "x".repeat(101) }])
      expect(bad.body).toMatchObject({ errors: { data: { choices: { 0: { name: {}, value: {} } } } } })
      expect(bad.state._tag).toBe("Waiting")
      expect(
        (yield* choices(
          "text",
          Array.from({ length: 26 }, () => one),
        )).body,
      ).toMatchObject({
        errors: { data: { choices: { _errors: [{ code: "BASE_TYPE_MAX_LENGTH" }] } } },
      })
    }).pipe(Effect.provide(SandboxModule.layer({ rateLimits: false }))),
  )

  it("has exactly one first response, whenever and however often the bot answers", () => {
    const answers = fc.array(
      fc.record({ at: fc.integer({ min: 0, max: 6_000 }), type: fc.constantFrom(4, 5, 9) }),
      { maxLength: 5 },
    )
    const modal = {
      custom_id: "m",
      title: "t",
      content: "c",
      components: [{ type: 1, components: [{ type: 4, custom_id: "f", style: 1, label: "l" }] }],
    }
    fc.assert(
      fc.property(answers, (plan) => {
        const { exit } = VirtualClock.runSync(
          Effect.gen(function* () {
            const { respond, tags } = yield* asked
            const statuses = yield* Effect.forEach(
              plan,
              ({ at, type }) =>
                Effect.delay(respond(type, type === 4 ? { content: "c" } : type === 9 ? modal : {}), at),
              { concurrency: "unbounded" },
            )
            yield* Effect.sleep("4 seconds")
            return { statuses: statuses.map(({ status }) => status), shown: tags() }
          }).pipe(Effect.scoped, Effect.provide(SandboxModule.layer({ seed: { harbour: true } }))),
        )
        if (exit._tag === "Failure") throw new Error(String(exit.cause))
        const inTime = plan.some(({ at }) => at < 3_000)
        const first = exit.value.shown.filter((tag) =>
          ["MessageShown", "Thinking", "ModalShown", "InteractionFailed"].includes(tag),
        )
        expect(exit.value.statuses.filter((status) => status === 204)).toHaveLength(
          first[0] === "InteractionFailed" ? 0 : 1,
        )
        expect(first).toHaveLength(1)
        expect(first[0] === "InteractionFailed").toBe(!inTime)
      }),
      { numRuns: 200 },
    )
  })

  it.scoped("stays open where a response 7 is refused, and refuses one to a message that is gone", () =>
    Effect.gen(function* () {
      const { ada, connection, respond: first, sandbox } = yield* asked
      const row = { type: 1, components: [{ type: 2, style: 1, label: "B", custom_id: "b" }] }
      yield* first(4, { content: "c", components: [row] })
      const [message] = yield* ada.history("general")
      const turn = yield* ada.press(message?.id ?? "", "B")
      yield* InProcess.settle
      const { id, token } = connection.events().at(-1)?.d ?? {}
      const respond = (data: unknown) =>
        InProcess.call(sandbox, "POST", `/interactions/${id}/${token}/callback`, { type: 7, data })
      expect((yield* respond({ content: "", components: [] })).body).toMatchObject({ code: 50006 })
      yield* ada.deleteMessage(message?.id ?? "")
      expect((yield* respond({ content: "back" })).body).toMatchObject({ code: 10008 })
      expect([turn.state()._tag, sandbox.unansweredInteractions()]).toEqual(["Waiting", 1])
      yield* TestClock.adjust("3 seconds")
      expect([turn.state()._tag, sandbox.unansweredInteractions()]).toEqual(["Failed", 0])
    }).pipe(provided),
  )

  for (const what of ["the channel goes", "the bot leaves"] as const) {
    it.scoped(`takes no answer any more after ${what}`, () =>
      Effect.gen(function* () {
        const { ada, connection, respond, sandbox, turn, webhook } = yield* asked
        yield* respond(5)
        yield* ada.slash("general", "ping")
        yield* InProcess.settle
        const { id, token } = connection.events().at(-1)?.d ?? {}
        const interaction = `/interactions/${id}/${token}/callback`
        const [guild] = sandbox.world.guilds.values()
        const general = [...(guild?.channels.values() ?? [])].find(({ name }) => name === "general")
        if (guild === undefined || general === undefined) return yield* Effect.dieMessage("no Harbour")
        if (what === "the bot leaves") Guilds.removeBot(sandbox.world, guild)
        else Guilds.removeChannel(sandbox.world, general)
        const late = yield* InProcess.call(sandbox, "POST", interaction, { type: 4, data: { content: "c" } })
        expect([late.status, late.body]).toMatchObject([404, { code: 10003 }])
        for (const [method, path] of [
          ["POST", ""],
          ["PATCH", "/messages/@original"],
          ["GET", "/messages/@original"],
        ] as const)
          expect((yield* webhook(method, path, { content: "c" })).body).toMatchObject({ code: 10003 })
        expect(sandbox.deferredInteractions()).toBe(1)
        yield* TestClock.adjust("15 minutes")
        expect([turn.state()._tag, sandbox.unansweredInteractions()]).toEqual(["Failed", 0])
      }).pipe(provided),
    )
  }

  it.scoped("has one answer of its own type after a modal", () =>
    Effect.gen(function* () {
      const { respond, webhook } = yield* asked
      const field = { type: 4, custom_id: "c", style: 1, label: "l" }
      yield* respond(9, { custom_id: "m", title: "t", components: [{ type: 1, components: [field] }] })
      const types = [
        yield* webhook("POST", "", { content: "1" }),
        yield* webhook("POST", "", { content: "2" }),
      ].map(({ body }) => (body as { readonly type: number }).type)
      expect(types).toEqual([20, 0])
    }).pipe(provided),
  )

  it.scoped("follows up anew where the placeholder was deleted", () =>
    Effect.gen(function* () {
      const { ada, respond, sandbox, turn, webhook } = yield* asked
      yield* respond(5)
      const [placeholder] = yield* ada.history("general")
      const path = `/channels/${placeholder?.channelId}/messages/${placeholder?.id}`
      yield* InProcess.call(sandbox, "DELETE", path)
      yield* webhook("POST", "", { content: "late" })
      expect((yield* ada.history("general")).map(({ content }) => content)).toEqual(["late"])
      expect(turn.state()._tag).toBe("Responded")
    }).pipe(provided),
  )
})
