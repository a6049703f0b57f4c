import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "effect/FastCheck"
import * as Keywords from "../../src/sandbox/world/Keywords.js"
import type { Json } from "../../src/sandbox/model/Model.js"
import * as LinearRegex from "../../src/sandbox/world/LinearRegex.js"
import { Bit } from "../../src/sandbox/world/Permissions.js"
import * as SandboxModule from "../../src/sandbox/Sandbox.js"
import { Sandbox } from "../../src/sandbox/Sandbox.js"
import * as InProcess from "./InProcess.js"

const provided = Effect.provide(SandboxModule.layer({ rateLimits: false }))

const opened = Effect.gen(function* () {
  const sandbox = yield* Sandbox
  const { world } = sandbox
  const guild = [...world.guilds.values()][0]
  if (guild === undefined) return yield* Effect.dieMessage("no Harbour")
  const connection = InProcess.connect(sandbox)
  InProcess.identify(connection)
  yield* InProcess.settle
  const base = `/guilds/${guild.id}/auto-moderation/rules`
  const call = (method: string, path = "", body?: unknown) =>
    InProcess.call(sandbox, method, base + path, body)
  const log = [...guild.channels.values()].find(({ name }) => name === "mod-log")?.id ?? ""
  const told = (type: string) =>
    Effect.map(InProcess.settle, () =>
      connection
        .events()
        .filter(({ t }) => t === type)
        .map(({ d }) => d),
    )
  const [ada, ben, cleo] = yield* Effect.all([
    sandbox.actor("ada"),
    sandbox.actor("ben"),
    sandbox.actor("cleo"),
  ])
  return { sandbox, world, guild, call, log, told, ada, ben, cleo }
})

const block = { type: 1, metadata: { custom_message: "Mind your words" } }
const words = (more: Json = {}, ...actions: ReadonlyArray<Json>): Json => ({
  name: "Words",
  event_type: 1,
  trigger_type: 1,
  trigger_metadata: { keyword_filter: ["rat*"] },
  actions: actions.length === 0 ? [block] : actions,
  enabled: true,
  ...more,
})
const idOf = (answer: InProcess.Answer) => String((answer.body as { readonly id?: string }).id)

describe("auto-moderation", () => {
  it.scoped("keeps rules, and tells of them", () =>
    Effect.gen(function* () {
      const { call, guild, told, world } = yield* opened
      expect((yield* call("GET")).body).toEqual([])
      const made = yield* call("POST", "", words())
      expect(made).toMatchObject({
        status: 200,
        body: {
          guild_id: guild.id,
          creator_id: world.bot.id,
          trigger_metadata: { keyword_filter: ["rat*"], regex_patterns: [], allow_list: [] },
          exempt_roles: [],
        },
      })
      const id = idOf(made)
      expect((yield* call("PATCH", `/${id}`, { enabled: false, name: "Off" })).body).toMatchObject({
        id,
        enabled: false,
        name: "Off",
        actions: [block],
      })
      expect((yield* call("GET", `/${id}`)).body).toMatchObject({ name: "Off" })
      expect((yield* call("DELETE", `/${id}`)).status).toBe(204)
      expect((yield* call("GET", `/${id}`)).status).toBe(404)
      for (const what of ["CREATE", "UPDATE", "DELETE"])
        expect(yield* told(`AUTO_MODERATION_RULE_${what}`)).toMatchObject([{ id }])
    }).pipe(provided),
  )

  it.scoped("refuses what breaks its limits", () =>
    Effect.gen(function* () {
      const { call } = yield* opened
      const errors = (body: Json) => Effect.map(call("POST", "", body), (answer) => answer.body)
      expect(yield* errors({})).toMatchObject({
        code: 50035,
        errors: { name: {}, event_type: {}, trigger_type: {}, actions: {} },
      })
      expect(
        yield* errors(
          words({
            trigger_metadata: { regex_patterns: ["(?=no)", "(", "fine"], keyword_filter: ["x".repeat(61)] },
          }),
        ),
      ).toMatchObject({
        errors: {
          trigger_metadata: {
            regex_patterns: { 0: { _errors: [{ code: "AUTO_MODERATION_INVALID_REGEX" }] }, 1: {} },
            keyword_filter: { 0: {} },
          },
        },
      })
      expect(yield* errors(words({}, { type: 3, metadata: { duration_seconds: 2_419_201 } }))).toMatchObject({
        errors: { actions: { 0: { metadata: { duration_seconds: {} } } } },
      })
      expect(yield* errors(words({}, { type: 2, metadata: { channel_id: "1" } }))).toMatchObject({
        errors: { actions: { 0: { metadata: { channel_id: {} } } } },
      })
      const spam = words({ trigger_type: 3, trigger_metadata: {} })
      expect(
        yield* errors({ ...spam, actions: [{ type: 3, metadata: { duration_seconds: 5 } }] }),
      ).toMatchObject({
        errors: { actions: { 0: { type: {} } } },
      })
      expect((yield* call("POST", "", spam)).status).toBe(200)
      expect(yield* errors(spam)).toMatchObject({
        errors: {
          _errors: [
            {
              code: "AUTO_MODERATION_MAX_RULES_OF_TYPE_EXCEEDED",
              message: "Maximum number of rules with trigger type 3 is 1",
            },
          ],
        },
      })
    }).pipe(provided),
  )

  it.scoped("blocks a message with the rule's words, alerts, and times out; edits too", () =>
    Effect.gen(function* () {
      const { ada, ben, call, cleo, guild, log, told, world } = yield* opened
      const alert = { type: 2, metadata: { channel_id: log } }
      const out = { type: 3, metadata: { duration_seconds: 60 } }
      const rule = idOf(yield* call("POST", "", words({}, block, alert, out)))
      const good = yield* cleo.say("general", "a pirate came")
      const refused = yield* Effect.flip(cleo.say("general", "you Rats!"))
      expect(refused).toMatchObject({
        _tag: "NotAllowed",
        message: "Message was blocked by automatic moderation: Mind your words",
      })
      expect((yield* ada.history("general")).map(({ content }) => content)).toEqual(["a pirate came"])
      expect((yield* ada.history("mod-log")).map(({ embeds, type }) => [type, embeds])).toMatchObject([
        [24, [{ type: "auto_moderation_message", description: "you Rats!" }]],
      ])
      const events = yield* told("AUTO_MODERATION_ACTION_EXECUTION")
      expect(events.map((one) => (one["action"] as Json)["type"])).toEqual([1, 2, 3])
      expect(events[1]).toMatchObject({
        guild_id: guild.id,
        rule_id: rule,
        rule_trigger_type: 1,
        user_id: cleo.user.id,
        content: "you Rats!",
        matched_keyword: "rat*",
        matched_content: "Rat",
        alert_system_message_id: expect.any(String),
      })
      expect(guild.members.get(cleo.user.id)?.timeoutUntil).toBe(world.now() + 60_000)
      expect(yield* Effect.flip(cleo.say("general", "sorry"))).toMatchObject({ _tag: "NotAllowed" })
      const member = guild.members.get(cleo.user.id)
      if (member !== undefined) member.timeoutUntil = null
      expect(yield* Effect.flip(cleo.edit(good.id, "a rat came"))).toMatchObject({ _tag: "NotAllowed" })
      // Who manages the guild is exempt.
      yield* ben.say("general", "rats")
      yield* ada.say("general", "rats")
    }).pipe(provided),
  )

  it.scoped("lets a message through where nothing blocks it, and names it", () =>
    Effect.gen(function* () {
      const { call, cleo, guild, log, told } = yield* opened
      yield* call("POST", "", words({}, { type: 2, metadata: { channel_id: log } }))
      const { id } = yield* cleo.say("general", "rats")
      expect(yield* told("AUTO_MODERATION_ACTION_EXECUTION")).toMatchObject([{ message_id: id }])
      // Told is only a bot that manages the guild.
      for (const role of guild.roles.values()) role.permissions &= ~Bit.ManageGuild
      yield* cleo.say("general", "more rats")
      expect(yield* told("AUTO_MODERATION_ACTION_EXECUTION")).toHaveLength(1)
    }).pipe(provided),
  )

  it.scoped("spares exempt roles and channels, and strikes at mentions and presets", () =>
    Effect.gen(function* () {
      const { ada, call, cleo, guild } = yield* opened
      const role = [...guild.roles.values()].find(({ name }) => name === "Player")?.id ?? ""
      const channel = [...guild.channels.values()].find(({ name }) => name === "tryouts")?.id ?? ""
      yield* call("POST", "", words({ exempt_roles: [role], exempt_channels: [channel] }))
      yield* call("POST", "", words({ trigger_type: 5, trigger_metadata: { mention_total_limit: 1 } }))
      yield* call("POST", "", words({ trigger_type: 4, trigger_metadata: { presets: [1] } }))
      const blocked = (where: string, text: string) =>
        Effect.map(Effect.either(cleo.say(where, text)), ({ _tag }) => _tag === "Left")
      expect(yield* blocked("general", "rats")).toBe(true)
      expect(yield* blocked("tryouts", "rats")).toBe(false)
      const both = `<@${ada.user.id}> <@&${role}>`
      expect([
        yield* blocked("general", both),
        yield* blocked("general", `<@${ada.user.id}>`.repeat(3)),
      ]).toEqual([true, false])
      expect(yield* blocked("general", "that is sandbox-profanity!")).toBe(true)
      guild.members.get(cleo.user.id)?.roles.push(role)
      expect(yield* blocked("general", "rats")).toBe(false)
    }).pipe(provided),
  )

  it.scoped("hides what was written from a bot without the message-content intent", () =>
    Effect.gen(function* () {
      const { call, cleo, sandbox } = yield* opened
      const blind = InProcess.connect(sandbox)
      InProcess.identify(blind, { intents: InProcess.everyIntent & ~(1 << 15) })
      yield* InProcess.settle
      yield* call("POST", "", words())
      yield* Effect.flip(cleo.say("general", "rats"))
      yield* InProcess.settle
      const event = blind.events().find(({ t }) => t === "AUTO_MODERATION_ACTION_EXECUTION")
      expect(event?.d).toMatchObject({ content: "", matched_content: "", matched_keyword: "rat*" })
    }).pipe(provided),
  )
})

describe("keywords", () => {
  it("are words, beginnings, endings or anywhere, and allowed words free them", () => {
    const hit = (text: string, word: string, ...allowed: ReadonlyArray<string>) =>
      Keywords.search(text, [word], [], allowed)?.content ?? null
    expect([hit("the CAT sat", "cat"), hit("catch", "cat"), hit("cat.", "cat")]).toEqual(["CAT", null, "cat"])
    expect([hit("Catapult", "cat*"), hit("wildcat", "cat*")]).toEqual(["Cat", null])
    expect([hit("copyCat", "*cat"), hit("catch", "*cat")]).toEqual(["Cat", null])
    expect([hit("education", "*cat*"), hit("breathe matter", "*the mat*")]).toEqual(["cat", "the mat"])
    expect([hit("a cat", "cat", "a cat"), hit("a cat, cat", "cat", "a cat")]).toEqual([null, "cat"])
    expect(hit("anything", "**")).toBeNull()
  })
})

describe("patterns", () => {
  const find = (pattern: string, text: string) => {
    const span = LinearRegex.compile(pattern)?.find(text)
    return span === undefined ? null : text.slice(span.start, span.end)
  }

  it("find what they should", () => {
    expect(find("(b|c)at", "a Cat")).toBe("Cat")
    expect(find("^(?:[0-9]{1,3}\\.){3}[0-9]{1,3}$", "10.0.0.255")).toBe("10.0.0.255")
    expect(find("(?-i)cat", "Cat cat")).toBe("cat")
    expect(find("\\bx\\d+?\\b", "ax1 x22")).toBe("x22")
    expect(find("a.*?b", "a😀b b")).toBe("a😀b")
    expect(find("[^\\s-]+", "  one-two")).toBe("one")
    expect(find("(?P<year>\\d{4})", "in 1999")).toBe("1999")
    expect(find("\\p{Greek}+", "abc αβγ")).toBe("αβγ")
  })

  it("are refused where Discord's would be, or where they are too big", () => {
    const bad = [
      "(?=a)",
      "(?<!a)b",
      "(a)\\1",
      "a{2",
      "*a",
      "(",
      ")",
      "[a",
      "a{9999}",
      "(?:){9999}{9999}{9999}",
      "\\q",
    ]
    expect(bad.filter((pattern) => LinearRegex.compile(pattern) !== undefined)).toEqual([])
  })

  it("match as JavaScript's own do, where both can", () => {
    const atom = fc.constantFrom("a", "b", ".", "[ab]", "[^a]", "\\w", "\\b", "^", "$", "(?:a|bc)", "(b?)")
    const piece = fc
      .tuple(atom, fc.constantFrom("", "", "*", "+", "?", "{1,2}", "*?"))
      .map(([one, times]) => (["\\b", "^", "$"].includes(one) ? one : one + times))
    const pattern = fc.array(piece, { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join(""))
    const alternatives = fc.array(pattern, { minLength: 1, maxLength: 2 }).map((each) => each.join("|"))
    const text = fc.array(fc.constantFrom("a", "b", "c", " "), { maxLength: 8 }).map((each) => each.join(""))
    fc.assert(
      fc.property(alternatives, text, (source, input) => {
        expect([source, find(source, input)]).toEqual([
          source,
          new RegExp(source, "iu").exec(input)?.[0] ?? null,
        ])
      }),
      { numRuns: 2_000 },
    )
  })

  it("do not hang on what makes others hang", () => {
    const input = "a".repeat(2_000)
    for (const pattern of ["(a+)+$b", "(a|a)*b", "a*a*a*a*a*a*a*b", "(a*)*b"])
      expect(find(pattern, input)).toBeNull()
  })
})
