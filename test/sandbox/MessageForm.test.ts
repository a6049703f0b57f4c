import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "effect/FastCheck"
import { ApiError } from "../../src/sandbox/model/ApiError.js"
import { isObject } from "../../src/sandbox/form/Form.js"
import * as MessageForm from "../../src/sandbox/form/MessageForm.js"
import type { Json } from "../../src/sandbox/model/Model.js"
import { codeOf, faults, provided, setUp } from "./Harbour.js"

/** Reads a body, or says why not. */
const refusal = (body: Json, options?: MessageForm.Reading): ApiError | undefined => {
  try {
    MessageForm.read(body, options)
    return undefined
  } catch (error) {
    if (error instanceof ApiError) return error
    throw error
  }
}

/** Every place that the tree of a refusal complains of. */
const places = (node: unknown, path: ReadonlyArray<string> = []): ReadonlyArray<ReadonlyArray<string>> =>
  isObject(node)
    ? Object.entries(node).flatMap(([key, below]) =>
        key === "_errors" ? [path] : places(below, [...path, key]),
      )
    : []

/** Whether the body has the place, or has what should hold the field that is missed there. */
const has = (body: unknown, path: ReadonlyArray<string>): boolean => {
  const [first, ...rest] = path
  if (first === undefined) return true
  if (body === undefined || body === null) return rest.length === 0
  if (typeof body !== "object") return false
  const below: unknown = (body as Readonly<Record<string, unknown>>)[first]
  return below === undefined || below === null
    ? rest.length === 0 || (rest.length === 1 && rest[0] === "text")
    : has(below, rest)
}

const anything = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.constantFrom<unknown>(null, "", "x", -1, 0, 1, 2.5, 1e20, true, [], {}, [null]),
  },
  {
    weight: 1,
    arbitrary: fc
      .anything({ maxDepth: 2 })
      .map((one) => JSON.parse(JSON.stringify(one) ?? "null") as unknown),
  },
)

const keys = {
  embed: [
    "title",
    "description",
    "url",
    "timestamp",
    "color",
    "fields",
    "author",
    "footer",
    "image",
    "thumbnail",
  ],
  part: [
    "name",
    "value",
    "text",
    "url",
    "icon_url",
    "inline",
    "emoji",
    "media",
    "id",
    "question",
    "poll_media",
  ],
  component: [
    "type",
    "id",
    "style",
    "label",
    "custom_id",
    "url",
    "options",
    "components",
    "accessory",
    "content",
    "items",
    "media",
    "file",
    "emoji",
    "min_values",
    "max_values",
    "default_values",
    "spacing",
    "divider",
    "accent_color",
  ],
  message: [
    "content",
    "flags",
    "nonce",
    "enforce_nonce",
    "tts",
    "allowed_mentions",
    "message_reference",
    "sticker_ids",
    "attachments",
    "poll",
  ],
} as const

const record = (
  names: ReadonlyArray<string>,
  value: fc.Arbitrary<unknown>,
): fc.Arbitrary<Record<string, unknown>> => fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 6 })

const part = record(keys.part, anything)
const embed = record(keys.embed, fc.oneof(anything, part, fc.array(part, { maxLength: 3 })))
const { component } = fc.letrec<{ component: unknown }>((tie) => ({
  component: fc.oneof(
    { maxDepth: 3 },
    anything,
    fc
      .tuple(
        fc.integer({ min: 0, max: 24 }),
        record(
          keys.component,
          fc.oneof(anything, part, tie("component"), fc.array(tie("component"), { maxLength: 3 })),
        ),
      )
      .map(([type, rest]) => ({ type, ...rest })),
  ),
}))
const message = fc
  .tuple(
    record(keys.message, fc.oneof(anything, part, fc.array(part, { maxLength: 3 }))),
    fc.record(
      {
        embeds: fc.oneof(anything, fc.array(fc.oneof(embed, anything), { maxLength: 3 })),
        components: fc.oneof(anything, fc.array(component, { maxLength: 4 })),
        flags: fc.constantFrom(0, 4, 1 << 15, "32768"),
      },
      { requiredKeys: [] },
    ),
  )
  .map(([one, other]): Json => ({ ...one, ...other }))

describe("MessageForm", () => {
  it.prop(
    "takes a body, or says at which place of it something is wrong",
    [message, fc.boolean()],
    ([body, edit]) => {
      const error = refusal(body, { edit, files: [] })
      if (error === undefined) return
      expect([50006, 50035, 160011]).toContain(error.code)
      if (error.code !== 50035) return
      const found = places(error.errors)
      expect(found.length).toBeGreaterThan(0)
      for (const path of found) expect([path, has(body, path)]).toEqual([path, true])
    },
    { fastCheck: { numRuns: 500 } },
  )

  it.prop("reads what it has read as the same again", [message], ([body]) => {
    if (refusal(body, { files: [] }) !== undefined) return
    const { components = [], content = "", embeds = [], flags } = MessageForm.read(body, { files: [] })
    if (content === "" && embeds.length === 0 && components.length === 0) return
    const again = MessageForm.read({ content, embeds, components, flags })
    expect(again).toMatchObject({ content, embeds, components, flags })
  })

  it.scoped("refuses over the wire in Discord's shape, and never fails itself", () =>
    Effect.gen(function* () {
      const { send } = yield* setUp
      for (const body of fc.sample(message, { numRuns: 100, seed: 7 })) {
        const { status } = yield* send(body)
        expect([status, JSON.stringify(body)]).not.toEqual([500, JSON.stringify(body)])
      }
    }).pipe(provided),
  )

  it.scoped.each([
    ["content", 2000, (n: number) => ({ content: "x".repeat(n) }), "content: BASE_TYPE_MAX_LENGTH"],
    ["nonce", 25, (n: number) => ({ content: "c", nonce: "x".repeat(n) }), "nonce: BASE_TYPE_MAX_LENGTH"],
    [
      "users who may be mentioned",
      100,
      (n: number) => ({
        content: "c",
        allowed_mentions: {
          users: Array.from({ length: n }, (_, i) => String(175_928_847_299_117_056n + BigInt(i))),
        },
      }),
      "allowed_mentions.users: BASE_TYPE_MAX_LENGTH",
    ],
  ] as const)("takes %s up to the limit, and no more", ([, limit, make, fault]) =>
    Effect.gen(function* () {
      const { send } = yield* setUp
      expect((yield* send(make(limit - 1))).status).toBe(200)
      expect((yield* send(make(limit))).status).toBe(200)
      const over = yield* send(make(limit + 1))
      expect(codeOf(over)).toEqual([400, 50035])
      expect(faults(over)).toEqual([fault])
    }).pipe(provided),
  )

  it.scoped("wants something in a message", () =>
    Effect.gen(function* () {
      const { send } = yield* setUp
      for (const body of [{}, { content: "  " }, { content: null }, { embeds: [] }, { sticker_ids: [] }])
        expect(codeOf(yield* send(body))).toEqual([400, 50006])
      expect(codeOf(yield* send([]))).toEqual([400, 50035])
    }).pipe(provided),
  )

  it.scoped("checks whom a message may mention", () =>
    Effect.gen(function* () {
      const { id, send } = yield* setUp
      const fault = (allowed: unknown) =>
        Effect.map(send({ content: "c", allowed_mentions: allowed }), faults)
      expect(yield* fault({ parse: ["users", "friends"] })).toEqual([
        "allowed_mentions.parse.1: BASE_TYPE_CHOICES",
      ])
      expect(yield* fault({ parse: ["users"], users: [id("ada")] })).toEqual([
        "allowed_mentions: MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
      ])
      expect(yield* fault({ roles: ["moderators"] })).toEqual([
        "allowed_mentions.roles.0: NUMBER_TYPE_COERCE",
      ])
      expect(yield* fault({ replied_user: "yes" })).toEqual([
        "allowed_mentions.replied_user: BOOLEAN_TYPE_CONVERT",
      ])
    }).pipe(provided),
  )
})
