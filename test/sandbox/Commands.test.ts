import { describe, expect, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import * as fc from "effect/FastCheck"
import { Form } from "../../src/sandbox/form/Form.js"
import * as CommandForm from "../../src/sandbox/form/CommandForm.js"
import type { Json } from "../../src/sandbox/model/Model.js"
import { ApiError } from "../../src/sandbox/model/ApiError.js"
import * as SandboxModule from "../../src/sandbox/Sandbox.js"
import { Sandbox } from "../../src/sandbox/Sandbox.js"
import * as InProcess from "./InProcess.js"

const provided = Effect.provide(SandboxModule.layer({ rateLimits: false }))

const opened = Effect.gen(function* () {
  const sandbox = yield* Sandbox
  const guild = [...sandbox.world.guilds.keys()][0] ?? ""
  const app = `/applications/${sandbox.world.bot.id}`
  const call = (method: string, path: string, body?: unknown) =>
    InProcess.call(sandbox, method, `${app}${path}`, body)
  return { sandbox, guild, call }
})

const slash = (name: string, more: Json = {}): Json => ({ name, description: "Does it", ...more })
const named = (body: unknown) => (body as ReadonlyArray<Json>).map(({ id, name }) => [id, name])

/** The codes of what is wrong with a command, by path. */
const wrong = (body: Json): ReadonlyArray<string> => {
  const form = Form.make()
  CommandForm.check(form, body, true)
  try {
    form.done()
    return []
  } catch (error) {
    return error instanceof ApiError ? paths(error.errors, "") : ["?"]
  }
}

const paths = (node: unknown, at: string): ReadonlyArray<string> => {
  if (typeof node !== "object" || node === null) return []
  return Object.entries(node).flatMap(([key, below]) =>
    key === "_errors"
      ? (below as ReadonlyArray<{ readonly code: string }>).map(({ code }) => `${at} ${code}`)
      : paths(below, at === "" ? key : `${at}.${key}`),
  )
}

describe("application commands", () => {
  it.scoped("answer 201 when new and 200 when written over, and keep their id", () =>
    Effect.gen(function* () {
      const { call } = yield* opened
      const first = yield* call("POST", "/commands", slash("ping"))
      const same = yield* call("POST", "/commands", slash("ping"))
      const other = yield* call("POST", "/commands", slash("ping", { description: "Anew" }))
      expect([first.status, same.status, other.status]).toEqual([201, 200, 200])
      const [a, b, c] = [first, same, other].map(({ body }) => body as Json)
      expect(b).toEqual(a)
      expect(c?.["id"]).toBe(a?.["id"])
      expect(c?.["version"]).not.toBe(a?.["version"])
      expect(a).toMatchObject({
        type: 1,
        dm_permission: true,
        contexts: null,
        integration_types: [0],
        nsfw: false,
        default_member_permissions: null,
      })
    }).pipe(provided),
  )

  it.scoped("are overwritten by name and kind, in the order given, and the rest is gone", () =>
    Effect.gen(function* () {
      const { call, guild } = yield* opened
      const at = `/guilds/${guild}/commands`
      const before = yield* call("PUT", at, [slash("a"), { type: 2, name: "a" }, slash("b")])
      const [[a], [menu]] = named(before.body) as [[string], [string]]
      const after = yield* call("PUT", at, [slash("c"), { type: 2, name: "a" }, slash("a")])
      expect(named(after.body)).toEqual([
        [expect.any(String), "c"],
        [menu, "a"],
        [a, "a"],
      ])
      expect(named((yield* call("GET", at)).body)).toEqual(named(after.body))
      expect((yield* call("GET", "/commands")).body).toEqual([])
      expect(yield* call("PUT", at, [slash("a"), slash("a")])).toMatchObject({
        status: 400,
        body: { errors: { 1: { _errors: [{ code: "APPLICATION_COMMANDS_DUPLICATE_NAME" }] } } },
      })
    }).pipe(provided),
  )

  it.scoped("have limits for each kind, and for a day", () =>
    Effect.gen(function* () {
      const { call } = yield* opened
      const many = (count: number, prefix = "c") =>
        Array.from({ length: count }, (_, n) => slash(`${prefix}${n}`))
      const menus = Array.from({ length: 16 }, (_, n) => ({ type: 3, name: `Menu ${n}` }))
      expect(yield* call("PUT", "/commands", many(101))).toMatchObject({
        status: 400,
        body: { code: 30032, message: "Maximum number of application commands reached (100)" },
      })
      expect((yield* call("PUT", "/commands", menus)).body).toMatchObject({
        code: 30032,
        message: "Maximum number of application commands reached (15)",
      })
      expect((yield* call("PUT", "/commands", many(100))).status).toBe(200)
      expect((yield* call("PUT", "/commands", many(100))).status).toBe(200)
      expect((yield* call("POST", "/commands", slash("more"))).body).toMatchObject({ code: 30032 })
      expect((yield* call("PUT", "/commands", many(100, "d"))).status).toBe(200)
      expect(yield* call("PUT", "/commands", many(1, "e"))).toMatchObject({
        status: 400,
        body: { code: 30034 },
      })
      // What is known already is not new.
      expect((yield* call("PUT", "/commands", many(50, "d"))).status).toBe(200)
      yield* TestClock.adjust("1 day")
      expect((yield* call("PUT", "/commands", many(1, "e"))).status).toBe(200)
    }).pipe(provided),
  )

  it.scoped("show translations where they are asked for, or the one of a language", () =>
    Effect.gen(function* () {
      const { call, sandbox } = yield* opened
      const german = { de: "wetter" }
      yield* call("PUT", "/commands", [
        slash("weather", {
          name_localizations: german,
          options: [{ type: 3, name: "where", description: "A place", name_localizations: { de: "wo" } }],
        }),
      ])
      const list = (headers: Record<string, string>, query = "") =>
        Effect.async<Json>((resume) => {
          sandbox.handle(
            {
              method: "GET",
              path: `/api/v10/applications/${sandbox.world.bot.id}/commands${query}`,
              headers: { authorization: "Bot any", ...headers },
              body: null,
            },
            ({ body }) =>
              resume(Effect.succeed((JSON.parse(Buffer.from(body).toString("utf8")) as [Json])[0])),
          )
        })
      const plain = yield* list({})
      expect([plain["name_localizations"], plain["name_localized"]]).toEqual([undefined, undefined])
      expect((yield* list({}, "?with_localizations=true"))["name_localizations"]).toEqual(german)
      expect(yield* list({ "x-discord-locale": "de" })).toMatchObject({
        name: "weather",
        name_localized: "wetter",
        options: [{ name: "where", name_localized: "wo" }],
      })
      expect((yield* list({ "accept-language": "de,en;q=0.5" }))["name_localized"]).toBe("wetter")
    }).pipe(provided),
  )

  it.scoped("are changed in part, not to another's name; others' applications and guilds are closed", () =>
    Effect.gen(function* () {
      const { call, sandbox } = yield* opened
      yield* call("PUT", "/commands", [
        slash("a"),
        slash("b", { options: [{ type: 3, name: "x", description: "X" }] }),
      ])
      const [[a], [b]] = named((yield* call("GET", "/commands")).body) as [[string], [string]]
      expect(
        (yield* call("PATCH", `/commands/${b}`, { description: "New", contexts: [0] })).body,
      ).toMatchObject({
        id: b,
        description: "New",
        contexts: [0],
        dm_permission: false,
        options: [{ name: "x" }],
      })
      expect((yield* call("PATCH", `/commands/${b}`, { name: "a" })).body).toMatchObject({ code: 50035 })
      expect((yield* call("DELETE", `/commands/${a}`)).status).toBe(204)
      expect(yield* call("GET", `/commands/${a}`)).toMatchObject({ status: 404, body: { code: 10063 } })
      expect(yield* InProcess.call(sandbox, "GET", "/applications/1/commands")).toMatchObject({
        status: 403,
        body: { code: 20012 },
      })
      expect((yield* call("GET", "/guilds/1/commands")).body).toMatchObject({ code: 50001 })
    }).pipe(provided),
  )

  it("are refused with the path of each field", () => {
    const option = (more: Json): Json => ({ type: 3, name: "x", description: "X", ...more })
    const choices = (...values: ReadonlyArray<unknown>) =>
      values.map((value, n) => ({ name: `c${n}`, value }))
    const cases: ReadonlyArray<readonly [Json, ReadonlyArray<string>]> = [
      [slash("Ping"), ["name APPLICATION_COMMAND_INVALID_NAME"]],
      [slash("two words"), ["name APPLICATION_COMMAND_INVALID_NAME"]],
      [{ type: 2, name: "Two Words" }, []],
      [
        { type: 2, name: "x", description: "no" },
        ["description APPLICATION_COMMAND_DESCRIPTION_NOT_ALLOWED"],
      ],
      [{ type: 4, name: "go", description: "" }, ["type BASE_TYPE_CHOICES"]],
      [{ name: "a" }, ["description BASE_TYPE_REQUIRED"]],
      [slash("a".repeat(33)), ["name BASE_TYPE_BAD_LENGTH"]],
      [slash("a", { description: "x".repeat(101) }), ["description BASE_TYPE_BAD_LENGTH"]],
      [slash("a", { name_localizations: { xx: "b" } }), ["name_localizations.xx BASE_TYPE_CHOICES"]],
      [
        slash("a", { name_localizations: { de: "B" } }),
        ["name_localizations.de APPLICATION_COMMAND_INVALID_NAME"],
      ],
      [slash("a", { default_member_permissions: "ban" }), ["default_member_permissions NUMBER_TYPE_COERCE"]],
      [slash("a", { contexts: [] }), ["contexts BASE_TYPE_BAD_LENGTH"]],
      [slash("a", { contexts: [0, 0] }), ["contexts SET_TYPE_ALREADY_CONTAINS_VALUE"]],
      [slash("a", { nsfw: "yes" }), ["nsfw BOOLEAN_TYPE_CONVERT"]],
      [
        slash("a", { options: Array.from({ length: 26 }, (_, n) => option({ name: `o${n}` })) }),
        ["options BASE_TYPE_MAX_LENGTH"],
      ],
      [
        slash("a", { options: [option({}), option({})] }),
        ["options.1.name APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS"],
      ],
      [
        slash("a", { options: [option({}), option({ name: "y", required: true })] }),
        ["options.1 APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID"],
      ],
      [
        slash("a", { options: [option({ choices: choices("a"), autocomplete: true })] }),
        ["options.0.autocomplete APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_CHOICES"],
      ],
      [
        slash("a", { options: [option({ type: 4, choices: choices("x") })] }),
        ["options.0.choices.0.value NUMBER_TYPE_COERCE"],
      ],
      [
        slash("a", { options: [option({ min_length: 7, max_length: 2 })] }),
        ["options.0.min_length APPLICATION_COMMAND_OPTIONS_MIN_GREATER_THAN_MAX"],
      ],
      [slash("a", { options: [option({ type: 12 })] }), ["options.0 UNION_TYPE_CHOICES"]],
      [
        slash("a", { options: [option({ type: 1, name: "s", options: [option({ type: 2 })] })] }),
        ["options.0.options.0 UNION_TYPE_CHOICES"],
      ],
      [
        slash("a", {
          options: [option({ type: 2, name: "g", options: [option({ type: 1, options: [option({})] })] })],
        }),
        [],
      ],
      [
        slash("a", { options: [option({ type: 1 }), option({ name: "y" })] }),
        ["options.1.type APPLICATION_COMMAND_OPTIONS_TYPE_INVALID"],
      ],
    ]
    for (const [body, expected] of cases) expect([body, wrong(body)]).toEqual([body, expected])
  })

  it("have at most 8,000 characters together, of translations the longest", () => {
    const big = (last: number, text = "v".repeat(100)): Json =>
      slash("a", {
        description: "d",
        options: Array.from({ length: 4 }, (_, o) => ({
          type: 3,
          name: `o${o}`,
          description: "d",
          choices: Array.from({ length: 19 }, (_one, n) => ({ name: `${n}`.padStart(2, "0"), value: text })),
          ...(o === 0 ? { description: "d".repeat(last) } : {}),
        })),
      })
    // 2 for the command, 4 × 3 for the options, 4 × 19 × 102 for the choices.
    const rest = 8_000 - (2 + 4 * 3 - 1 + 4 * 19 * 102)
    expect(rest).toBeGreaterThan(100)
    const filler = { ...big(1), description_localizations: { de: "x".repeat(100) } }
    expect(wrong(filler)).toEqual([])
    const more = big(100)
    const options = more["options"] as Array<Json>
    options.push({
      type: 3,
      name: "p".repeat(32),
      description: "d".repeat(100),
      description_localizations: { de: "e" },
    })
    const size = 2 + 4 * 3 - 1 + 100 + 4 * 19 * 102 + 132
    expect(size).toBeLessThanOrEqual(8_000)
    expect(wrong(more)).toEqual([])
    options.push({ type: 3, name: "q".repeat(32), description: "d".repeat(100) })
    expect(size + 132).toBeGreaterThan(8_000)
    expect(wrong(more)).toEqual([" APPLICATION_COMMAND_TOO_LARGE"])
  })

  it("take any name that Discord's pattern takes, in small letters", () => {
    const letters = fc.array(
      fc.constantFrom("a", "Z", "é", "ß", "ก", "ा", "-", "_", "'", "7", " ", "!", "漢"),
      { maxLength: 34 },
    )
    fc.assert(
      fc.property(letters, (characters) => {
        const name = characters.join("")
        const good =
          characters.length >= 1 &&
          characters.length <= 32 &&
          !characters.some((one) => ["Z", " ", "!"].includes(one))
        expect(wrong(slash(name)).length === 0).toBe(good)
      }),
    )
  })
})
