import { describe, expect, it } from "@effect/vitest"
import { Either, FastCheck as fc, Redacted, Schema } from "effect"
import * as CustomId from "../../src/interaction/CustomId.js"
import { boundOf, formatOf, isPlain } from "../../src/interaction/CustomIdState.js"
import * as Signer from "../../src/interaction/Signer.js"

const signer = Signer.make([Redacted.make("a secret of the test")])
const known = () => "text"
const snowflake = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String)
/** Any UTF-16 text, halves of surrogate pairs and all. */
const anyText = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0x20, max: 0x7e })), {
    maxLength: 40,
  })
  .map((units) => String.fromCharCode(...units))
const content = fc.record({
  route: fc.stringMatching(/^[a-z0-9_-]{1,32}$/u),
  expiresAt: fc.option(fc.integer({ min: 0, max: 2 ** 42 - 1 }), { nil: undefined }),
  bound: fc.option(fc.record({ kind: fc.constantFrom("user" as const, "role" as const), id: snowflake }), {
    nil: undefined,
  }),
  state: fc.oneof(anyText, fc.stringMatching(/^[\w.~-]{0,40}$/u)),
})
/** Those that fit. */
const written = content
  .map((content) => ({ content, text: CustomId.encode(content, "text", signer) }))
  .filter(({ text }) => Either.isRight(text))
  .map(({ content, text }) => ({ content, text: Either.getOrThrow(text) }))

describe("CustomId", () => {
  it.prop("is read as it was written, whatever the state", [written], ([{ content, text }]) => {
    expect(CustomId.decode(text, known, signer)).toEqual(Either.right(content))
  })

  it.prop("has at most 100 URL-safe characters, or is refused with its length", [content], ([content]) => {
    const text = CustomId.encode(content, "text", signer)
    if (Either.isRight(text)) expect(text.right).toMatch(/^[\w.~-]{1,100}$/u)
    else expect(text.left).toMatchObject({ _tag: "CustomIdTooLong", route: content.route })
    if (Either.isLeft(text)) expect(text.left.length).toBeGreaterThan(100)
  })

  it.prop(
    "is refused after any change of one character",
    [written, fc.nat(), fc.oneof(fc.stringMatching(/^[\w.~-]$/u), fc.string({ minLength: 1, maxLength: 1 }))],
    ([{ text }, at, char]) => {
      const place = at % text.length
      fc.pre(text[place] !== char)
      const changed = text.slice(0, place) + char + text.slice(place + 1)
      const read = CustomId.decode(changed, known, signer)
      // Without the prefix it is none of ours; everything else is refused.
      if (place < 3 && read === undefined) return
      expect(read !== undefined && Either.isLeft(read)).toBe(true)
    },
  )

  it.prop(
    "is refused when parts of two are put together",
    [written, written, fc.nat(), fc.nat()],
    ([a, b, i, j]) => {
      const mixed = a.text.slice(0, i % a.text.length) + b.text.slice(j % b.text.length)
      fc.pre(mixed !== a.text && mixed !== b.text)
      const read = CustomId.decode(mixed, known, signer)
      expect(read === undefined || Either.isLeft(read)).toBe(true)
    },
  )

  it.prop(
    "says something of any text, and never throws",
    [
      fc.oneof(
        anyText,
        anyText.map((text) => `r1.${text}`),
        fc.stringMatching(/^r\d{1,4}\.[\w.~-]{0,110}$/u),
      ),
    ],
    ([text]) => {
      const read = CustomId.decode(text, known, signer)
      if (read === undefined) expect(text).not.toMatch(/^r\d{1,3}\./u)
      else expect(Either.isLeft(read) && read.left.userText).toMatch(/ask for a new one\.$/u)
    },
  )

  it.prop(
    "is read only by a route that there is, in the format that it was written in",
    [written],
    ([made]) => {
      const { content, text } = made
      expect(
        CustomId.decode(text, (route) => (route === content.route ? "text" : undefined), signer),
      ).toEqual(Either.right(content))
      expect(CustomId.decode(text, () => undefined, signer)).toEqual(
        Either.left(new CustomId.CustomIdUnused({ route: content.route })),
      )
      expect(CustomId.decode(text, () => "id", signer)).toEqual(Either.left(new CustomId.CustomIdForged()))
    },
  )

  it("knows an id of another version", () => {
    expect(CustomId.decode("r2.anything", known, signer)).toEqual(
      Either.left(new CustomId.CustomIdVersion({ version: "2" })),
    )
  })

  it.prop(
    "is read after the secret was replaced, until the former is taken away",
    [written],
    ([{ content, text }]) => {
      const former = Redacted.make("a secret of the test")
      const next = Redacted.make("the next secret of it")
      expect(CustomId.decode(text, known, Signer.make([next, former]))).toEqual(Either.right(content))
      expect(CustomId.decode(text, known, Signer.make([next]))).toEqual(
        Either.left(new CustomId.CustomIdForged()),
      )
      // The first signs.
      const fresh = Either.getOrThrow(CustomId.encode(content, "text", Signer.make([next, former])))
      expect(CustomId.decode(fresh, known, signer)).toEqual(Either.left(new CustomId.CustomIdForged()))
    },
    { fastCheck: { numRuns: 25 } },
  )

  it.prop(
    "is good for its time and its owner: at the very millisecond it is expired",
    [
      content,
      fc.record({ userId: snowflake, roles: fc.option(fc.array(snowflake), { nil: undefined }) }),
      fc.integer({ min: -2, max: 2 }),
      fc.boolean(),
    ],
    ([content, presser, off, owns]) => {
      const { bound, expiresAt } = content
      const now = (expiresAt ?? 1_000) + off
      const mine = !owns || bound === undefined ? presser : ownedBy(bound, presser)
      const verdict = CustomId.check(content, { ...mine, now })
      const foreign =
        bound !== undefined &&
        !(bound.kind === "user" ? bound.id === mine.userId : (mine.roles ?? []).includes(bound.id))
      expect(verdict?._tag).toBe(
        expiresAt !== undefined && off >= 0 ? "CustomIdExpired" : foreign ? "CustomIdForeign" : undefined,
      )
      if (owns && bound !== undefined) expect(foreign).toBe(false)
    },
  )
})

const ownedBy = (
  { id, kind }: CustomId.Owner,
  presser: { readonly userId: string; readonly roles: ReadonlyArray<string> | undefined },
) => (kind === "user" ? { ...presser, userId: id } : { ...presser, roles: [...(presser.roles ?? []), id] })

describe("the state of a custom id", () => {
  const roundTrip = <A, I extends string>(schema: Schema.Schema<A, I>, value: A) => {
    const text = Schema.encodeSync(schema)(value)
    expect(Schema.decodeUnknownSync(schema)(text)).toEqual(value)
    const bound = boundOf(schema.ast)
    if (bound !== undefined) {
      expect(text.length).toBeLessThanOrEqual(bound.max)
      if (bound.plain) expect(isPlain(text)).toBe(true)
    }
    return text
  }

  it.prop("has ids in at most 11 characters", [snowflake], ([id]) => {
    expect(roundTrip(CustomId.id, id).length).toBeLessThanOrEqual(11)
    // 2^64 and more.
    expect(Either.isLeft(Schema.decodeUnknownEither(CustomId.id)("QAAAAAAAAAA"))).toBe(true)
  })

  it.prop(
    "has whole numbers as short as their bounds allow",
    [fc.maxSafeInteger(), fc.maxSafeInteger(), fc.maxSafeInteger()],
    ([a, b, c]) => {
      const [min, value, max] = [a, b, c].sort((x, y) => x - y) as [number, number, number]
      for (const bounds of [{}, { min }, { max }, { min, max }]) roundTrip(CustomId.integer(bounds), value)
      expect(roundTrip(CustomId.integer({ min: 1, max: 64 }), 64)).toHaveLength(1)
    },
  )

  const state = {
    user: CustomId.id,
    verdict: Schema.Literal("approve", "reject"),
    round: CustomId.integer({ min: 0, max: 99 }),
    urgent: CustomId.boolean,
    note: Schema.String.pipe(Schema.maxLength(40)),
  }
  it.prop(
    "has several fields in one text, whatever is in them and however they are ordered",
    [
      fc.record({
        user: snowflake,
        verdict: fc.constantFrom("approve" as const, "reject" as const),
        round: fc.integer({ min: 0, max: 99 }),
        urgent: fc.boolean(),
        note: anyText,
      }),
    ],
    ([value]) => {
      const text = roundTrip(CustomId.fields(state), value)
      const { note, ...others } = state
      expect(Schema.decodeUnknownSync(CustomId.fields({ note, ...others }))(text)).toEqual(value)
    },
  )

  it.prop("fails for any other text, and never throws", [anyText], ([text]) => {
    for (const schema of [
      CustomId.id,
      CustomId.integer({ max: 9 }),
      CustomId.boolean,
      CustomId.fields(state),
    ]) {
      const read = Schema.decodeUnknownEither(schema as Schema.Schema<unknown, string>)(text)
      // What can be read at all is what would be written, but for leading zeros.
      if (Either.isRight(read)) Schema.encodeSync(schema as Schema.Schema<unknown, string>)(read.right)
    }
  })

  it("has another format after every change that would have it read otherwise", () => {
    const format = (schema: Schema.Schema.AnyNoContext) => formatOf(schema.ast)
    const { note, ...others } = state
    const same = [
      CustomId.fields(state),
      CustomId.fields({ note, ...others }),
      CustomId.fields({ ...state, verdict: Schema.Literal("approve", "reject", "ask") }),
      CustomId.fields({ ...state, note: Schema.String.pipe(Schema.maxLength(30)) }),
      CustomId.fields({ ...state, user: CustomId.id.pipe(Schema.brand("User")) }),
      CustomId.fields({ ...state, round: CustomId.integer({ min: 0, max: 9 }) }),
    ]
    expect(new Set(same.map(format)).size).toBe(1)
    const different = [
      CustomId.fields(state),
      CustomId.fields(others),
      CustomId.fields({ ...others, text: note }),
      CustomId.fields({ ...state, user: Schema.String }),
      CustomId.fields({ ...state, user: CustomId.integer() }),
      CustomId.fields({ ...state, round: CustomId.integer({ min: 1, max: 99 }) }),
      CustomId.id,
      CustomId.integer(),
      Schema.String,
    ]
    expect(new Set(different.map(format)).size).toBe(different.length)
  })

  it("knows how long its text can get where the schema says so", () => {
    const max = (schema: Schema.Schema.AnyNoContext) => boundOf(schema.ast)
    expect(max(CustomId.fields(state))).toEqual({ max: 66, plain: false })
    expect(max(Schema.Literal("a", "bcd"))).toEqual({ max: 3, plain: true })
    expect(max(Schema.String.pipe(Schema.maxLength(5), Schema.brand("Short")))).toMatchObject({ max: 5 })
    expect(max(Schema.String)).toBeUndefined()
    expect(max(CustomId.fields({ id: CustomId.id, text: Schema.String }))).toBeUndefined()
    // A limit on the value is none on the text that it is read from.
    expect(max(Schema.Trim.pipe(Schema.maxLength(5)))).toBeUndefined()
    expect(max(CustomId.none)).toEqual({ max: 0, plain: true })
  })
})
