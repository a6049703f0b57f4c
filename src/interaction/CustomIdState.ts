/**
 * Schemas for the state in a custom id: from a value to as little text as possible.
 *
 * Any `Schema<A, string>` will do: `Schema.Literal("approve", "reject")`, `Schema.String` with a `maxLength`,
 * `Schema.NumberFromString`. Those here are shorter, and know how long their text can get. `fields` puts several
 * into one.
 *
 * Text is cheapest where it has only letters, digits and `-._~`; any other character makes the whole state a
 * third longer at least.
 *
 * @module
 */
import { ParseResult, Schema, SchemaAST } from "effect"

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

/** How long an encoded text can get, and whether it has URL-safe characters only. */
export interface Bound {
  readonly max: number
  readonly plain: boolean
}

const BoundId = Symbol.for("bosun/interaction/CustomId/Bound")
const FormatId = Symbol.for("bosun/interaction/CustomId/Format")

const annotations = (format: string, bound: Bound | undefined) => ({
  [FormatId]: format,
  ...(bound === undefined ? {} : { [BoundId]: bound }),
})

const LARGEST_ID = (1n << 64n) - 1n

/** The id of anything at Discord: 11 characters at most instead of 20. */
export const id: Schema.Schema<string, string> = Schema.transformOrFail(Schema.String, Schema.String, {
  strict: true,
  decode: (text, _, ast) => {
    const value = digitsToInt(text)
    return value === undefined || value > LARGEST_ID
      ? ParseResult.fail(new ParseResult.Type(ast, text, "no id"))
      : ParseResult.succeed(value.toString())
  },
  encode: (value, _, ast) =>
    /^(?:0|[1-9]\d{0,19})$/u.test(value) && BigInt(value) <= LARGEST_ID
      ? ParseResult.succeed(intToDigits(BigInt(value)))
      : ParseResult.fail(new ParseResult.Type(ast, value, "no id of Discord's")),
}).annotations(annotations("id", { max: 11, plain: true }))

/** A whole number. With bounds it takes no more characters than their distance needs; without, at most 9. */
export const integer = (
  bounds: { readonly min?: number; readonly max?: number } = {},
): Schema.Schema<number, string> => {
  const min = bounds.min ?? Number.MIN_SAFE_INTEGER
  const max = bounds.max ?? Number.MAX_SAFE_INTEGER
  const fits = (value: number) => Number.isSafeInteger(value) && value >= min && value <= max
  // Small numbers of either sign are short where there is no lower bound to count from.
  const toNatural = (value: number): bigint =>
    bounds.min !== undefined ? BigInt(value) - BigInt(min) : zigzag(BigInt(value))
  const fromNatural = (natural: bigint): number =>
    Number(bounds.min !== undefined ? natural + BigInt(min) : unzigzag(natural))
  const longest = Math.max(...[min, max].map((value) => intToDigits(toNatural(value)).length))
  return Schema.transformOrFail(Schema.String, Schema.Number, {
    strict: true,
    decode: (text, _, ast) => {
      const natural = digitsToInt(text)
      const value = natural === undefined ? Number.NaN : fromNatural(natural)
      return fits(value)
        ? ParseResult.succeed(value)
        : ParseResult.fail(new ParseResult.Type(ast, text, "no whole number in its bounds"))
    },
    encode: (value, _, ast) =>
      fits(value)
        ? ParseResult.succeed(intToDigits(toNatural(value)))
        : ParseResult.fail(new ParseResult.Type(ast, value, `not a whole number from ${min} to ${max}`)),
  }).annotations(annotations(`integer ${bounds.min ?? ""}`, { max: longest, plain: true }))
}

/** One character. */
export const boolean: Schema.Schema<boolean, "1" | "0"> = Schema.transformLiterals(["1", true], ["0", false])

/** No state at all. */
export const none: Schema.Schema<void, ""> = Schema.transform(Schema.Literal(""), Schema.Void, {
  strict: true,
  decode: () => undefined,
  encode: () => "" as const,
})

/** A schema whose encoded side is text. */
export type Textual = Schema.Schema.AnyNoContext & { readonly Encoded: string }

type FieldsOf<F extends Readonly<Record<string, Textual>>> = { readonly [K in keyof F]: F[K]["Type"] }

/**
 * Several values in one text. They stand in it in the order of their names, so the order of the declaration may
 * change. After any other change of the fields, what was signed before is no longer recognised.
 */
export const fields = <const F extends Readonly<Record<string, Textual>>>(
  declared: F,
): Schema.Schema<FieldsOf<F>, string> => {
  const entries = Object.entries(declared).sort(([a], [b]) => (a < b ? -1 : 1))
  const names = entries.map(([name]) => name)
  // What a struct of these schemas decodes to and from is known by their names alone.
  const struct = Schema.Struct(declared) as unknown as Schema.Schema<FieldsOf<F>, Texts>
  const joined = Schema.transformOrFail(Schema.String, Schema.encodedSchema(struct), {
    strict: true,
    decode: (text, _, ast) => {
      const parts = split(text, names.length)
      return parts === undefined
        ? ParseResult.fail(new ParseResult.Type(ast, text, `not the text of ${names.length} fields`))
        : ParseResult.succeed(Object.fromEntries(names.map((name, index) => [name, parts[index] ?? ""])))
    },
    encode: (texts) => ParseResult.succeed(join(names.map((name) => texts[name] ?? ""))),
  })
  const whole = Schema.compose(joined, struct)
  const format = entries.map(([name, { ast }]) => `${JSON.stringify(name)} ${formatOf(ast)}`).join()
  const bound = together(entries.map(([, { ast }]) => boundOf(ast)))
  return whole.annotations(annotations(`{${format}}`, bound))
}

type Texts = Readonly<Record<string, string>>

/**
 * How a schema's text is to be read. It is signed with the text, so that no text is ever read as another: what is
 * not from here is text that says itself what it is.
 */
export const formatOf = (ast: SchemaAST.AST): string => {
  const own = ast.annotations[FormatId]
  if (typeof own === "string") return own
  return ast._tag === "Refinement" || ast._tag === "Transformation" ? formatOf(ast.from) : "text"
}

/** How long the texts of a schema can get; undefined where it does not say. */
export const boundOf = (ast: SchemaAST.AST): Bound | undefined => {
  const own = ast.annotations[BoundId] as Bound | undefined
  if (own !== undefined) return own
  switch (ast._tag) {
    case "Transformation":
      return boundOf(ast.from)
    case "Refinement":
      return boundOf(ast.from) ?? maxLengthOf(ast)
    case "Literal": {
      const text = String(ast.literal)
      return { max: text.length, plain: isPlain(text) }
    }
    case "Enums":
      return widest(
        ast.enums.map(([, value]) => ({ max: String(value).length, plain: isPlain(String(value)) })),
      )
    case "Union":
      return widest(ast.types.map(boundOf))
    default:
      return undefined
  }
}

/** A limit on the value says nothing about the text unless they are the same. */
const maxLengthOf = (ast: SchemaAST.AST): Bound | undefined => {
  let limit = Infinity
  let inner = ast
  for (; inner._tag === "Refinement"; inner = inner.from) {
    const rules = inner.annotations[SchemaAST.JSONSchemaAnnotationId]
    const max =
      typeof rules === "object" && rules !== null && "maxLength" in rules ? rules.maxLength : undefined
    if (typeof max === "number") limit = Math.min(limit, max)
  }
  return SchemaAST.isStringKeyword(inner) && limit < Infinity ? { max: limit, plain: false } : undefined
}

const widest = (bounds: ReadonlyArray<Bound | undefined>): Bound | undefined =>
  combine(bounds, (all) => Math.max(0, ...all.map(({ max }) => max)))

const together = (bounds: ReadonlyArray<Bound | undefined>): Bound | undefined =>
  combine(bounds, (all) =>
    all.reduce((sum, { max }, index) => sum + max + (index === all.length - 1 ? 0 : count(max).length), 0),
  )

const combine = (
  bounds: ReadonlyArray<Bound | undefined>,
  max: (bounds: ReadonlyArray<Bound>) => number,
): Bound | undefined => {
  const known = bounds.filter((bound) => bound !== undefined)
  return known.length === bounds.length
    ? { max: max(known), plain: known.every(({ plain }) => plain) }
    : undefined
}

/** Whether a text can stand in a custom id as it is. */
export const isPlain = (text: string): boolean => /^[A-Za-z0-9._~-]*$/u.test(text)

// ---------------------------------------------------------------------------------------------------------
// Text
// ---------------------------------------------------------------------------------------------------------

/** Each text after its length, but for the last, which reaches to the end. */
const join = (texts: ReadonlyArray<string>): string =>
  texts.map((text, index) => (index === texts.length - 1 ? text : count(text.length) + text)).join("")

const split = (text: string, parts: number): ReadonlyArray<string> | undefined => {
  const texts: Array<string> = []
  let at = 0
  while (texts.length < parts - 1) {
    let length = 0
    for (let more = true, scale = 1; more; scale *= 32) {
      const digit = ALPHABET.indexOf(text.charAt(at) || " ")
      at++
      if (digit < 0 || scale > 2 ** 20) return undefined
      more = digit >= 32
      length += (digit % 32) * scale
    }
    if (at + length > text.length) return undefined
    texts.push(text.slice(at, at + length))
    at += length
  }
  if (parts > 0) texts.push(text.slice(at))
  return parts > 0 || text === "" ? texts : undefined
}

/** A length: up to 31 in one character, five bits in each. */
const count = (length: number): string =>
  length < 32 ? ALPHABET.charAt(length) : ALPHABET.charAt(32 + (length % 32)) + count(Math.floor(length / 32))

/** A natural number in base 64, filled up from the left to a width. */
export const intToDigits = (value: bigint, width = 1): string => {
  let digits = ""
  for (let rest = value; rest > 0n; rest >>= 6n) digits = ALPHABET.charAt(Number(rest & 63n)) + digits
  return digits.padStart(width, "A")
}

/** Undefined where it is no number, or one of more than 66 bits. */
export const digitsToInt = (text: string): bigint | undefined => {
  if (!/^[A-Za-z0-9_-]{1,11}$/u.test(text)) return undefined
  let value = 0n
  for (const digit of text) value = (value << 6n) | BigInt(ALPHABET.indexOf(digit))
  return value
}

const zigzag = (value: bigint): bigint => (value < 0n ? -2n * value - 1n : 2n * value)
const unzigzag = (natural: bigint): bigint => (natural & 1n ? -((natural + 1n) / 2n) : natural / 2n)
