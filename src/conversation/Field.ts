/**
 * One field of a form: how it looks in a modal, and how what was filled in becomes a typed value.
 *
 * What a person's own Discord client checks (that a required field is filled, lengths, what can be selected) is
 * checked here again, since another client may not.
 *
 * Numbers from Discord's documentation of components: labels of 1–45 characters, descriptions and placeholders of
 * at most 100, text of at most 4,000, 1–25 options of 1–100 characters each.
 *
 * @module
 */
import { type APILabelComponent, ComponentType, TextInputStyle } from "discord-api-types/v10"
import { Effect, Either, ParseResult, Schema } from "effect"
import { dual } from "effect/Function"
import { type Pipeable, pipeArguments } from "effect/Pipeable"
import * as Expected from "../interaction/Expected.js"
import { InvalidDeclaration } from "./ConversationError.js"

/** A field that decodes to `A`. `Optional` is true where the person may leave it empty. */
export interface Field<out A, out Optional extends boolean = boolean> extends Pipeable {
  readonly label: string
  readonly description: string | undefined
  readonly optional: Optional
  /** Completes "must be …" in what the person is told. */
  readonly expected: string
  readonly input: Input
  /** Fails with what completes "must be …". An `Either` where nothing has to be waited for. */
  readonly decode: (given: Given) => Effect.Effect<A, string>
  /** The value where nothing was given; only called if `optional`. */
  readonly absent: () => A
}

/** What was filled in: text, or the values selected. */
export type Given = string | ReadonlyArray<string>

/** How a field is filled in. */
export type Input = Text | Select

export interface Text {
  readonly _tag: "Text"
  readonly multiline: boolean
  readonly placeholder: string | undefined
  /** What stands in it at first. */
  readonly initial: string | undefined
  readonly min: number | undefined
  readonly max: number
}

export interface Select {
  readonly _tag: "Select"
  readonly placeholder: string | undefined
  readonly initial: ReadonlyArray<string>
  readonly options: ReadonlyArray<{ readonly label: string; readonly value: string }>
  readonly min: number
  readonly max: number
}

/** What every kind of field may say. */
export interface Options {
  /** Below the label; at most 100 characters (Discord). */
  readonly description?: string
  /** Shown while nothing is filled in; at most 100 characters (Discord). */
  readonly placeholder?: string
}

// ---------------------------------------------------------------------------------------------------------
// Kinds
// ---------------------------------------------------------------------------------------------------------

export interface TextOptions extends Options {
  /** Least length in characters. Default 1. */
  readonly min?: number
  /** Greatest length in characters. Default 4,000, the most that Discord takes. */
  readonly max?: number
  /** Whether it may have several lines. Default false. */
  readonly multiline?: boolean
  /** What stands in it at first. */
  readonly initial?: string
}

/** Text, without the white space around it. */
export const text = (label: string, options: TextOptions = {}): Field<string, false> => {
  const { max = LONGEST_TEXT, min = 1 } = options
  const expected = Expected.length(options.min, options.max)
  return make({
    label,
    description: options.description,
    expected,
    input: {
      _tag: "Text",
      multiline: options.multiline ?? false,
      placeholder: options.placeholder,
      initial: options.initial,
      min: options.min,
      max,
    },
    decode: (given) => {
      const typed = typed_(given)
      const count = Expected.characters(typed)
      return count < min || count > max ? Either.left(expected) : Either.right(typed)
    },
  })
}

export interface NumberOptions extends Options {
  readonly min?: number
  readonly max?: number
  /** What stands in it at first. */
  readonly initial?: number
}

/** A number; a comma is taken for a point. */
export const number = (label: string, options: NumberOptions = {}): Field<number, false> =>
  numeric("a number", /^[+-]?(\d+[.,]?\d*|[.,]\d+)$/u, Number.isFinite, label, options)

/** A whole number within ±2^53. */
export const integer = (label: string, options: NumberOptions = {}): Field<number, false> =>
  numeric("a whole number", /^[+-]?\d{1,16}$/u, Number.isSafeInteger, label, options)

/** Choices as a list of values, or as a record from what is shown to the value. At most 25 (Discord). */
export type Choices<A extends string | number> = ReadonlyArray<A> | { readonly [shown: string]: A }

export interface ChoiceOptions<A> extends Options {
  /** What is selected at first. */
  readonly initial?: A
}

/** One of at most 25, by a select menu. */
export const choice = <const A extends string | number>(
  label: string,
  choices: Choices<A>,
  options: ChoiceOptions<A> = {},
): Field<A, false> => {
  const { expected, find, input } = select(
    choices,
    options,
    1,
    1,
    options.initial === undefined ? [] : [options.initial],
  )
  return make({
    label,
    description: options.description,
    expected,
    input,
    decode: (given) => {
      const [first, ...more] = typeof given === "string" ? [given] : given
      const found = first === undefined || more.length > 0 ? undefined : find(first)
      return found === undefined ? Either.left(expected) : Either.right(found)
    },
  })
}

export interface ChoicesOptions<A> extends Options {
  /** What is selected at first. */
  readonly initial?: ReadonlyArray<A>
  /** How many at least. Default 1. */
  readonly min?: number
  /** How many at most. Default all. */
  readonly max?: number
}

/** Several of at most 25, by a select menu, in the order in which they were declared. */
export const choices = <const A extends string | number>(
  label: string,
  all: Choices<A>,
  options: ChoicesOptions<A> = {},
): Field<ReadonlyArray<A>, false> => {
  const count = pairs(all).length
  const { max = count, min = 1 } = options
  const { expected: one, find, input } = select(all, options, min, max, options.initial ?? [])
  const expected = max === 1 ? one : `${min === max ? min : `${min} to ${max}`} of those offered`
  return make({
    label,
    description: options.description,
    expected,
    input,
    decode: (given) => {
      const values = new Set(typeof given === "string" ? [given] : given)
      const found = pairs(all).flatMap(([, value]) => (values.has(String(value)) ? [value] : []))
      const sound = found.length === values.size && found.length >= min && found.length <= max
      return sound && [...values].every((value) => find(value) !== undefined)
        ? Either.right(found)
        : Either.left(expected)
    },
  })
}

// ---------------------------------------------------------------------------------------------------------
// Combinators
// ---------------------------------------------------------------------------------------------------------

/** May be left empty; the value is then undefined. */
export const optional = <A>(self: Field<A>): Field<A | undefined, true> => withDefault(self, undefined)

/** May be left empty; the value is then the given one. */
export const withDefault: {
  <const B>(value: B): <A>(self: Field<A>) => Field<A | B, true>
  <A, const B>(self: Field<A>, value: B): Field<A | B, true>
} = dual(2, <A, B>(self: Field<A>, value: B): Field<A | B, true> =>
  derive<A | B, true>({ ...self, optional: true, absent: () => value }),
)

/**
 * Puts any Schema on top. What the schema refuses is told to the person with the schema's own message, so give it
 * one that completes "must be …" (`Schema.annotations({ message: () => "…" })`).
 */
export const decode: {
  <A, B>(schema: Schema.Schema<B, A>): (self: Field<A, false>) => Field<B, false>
  <A, B>(self: Field<A, false>, schema: Schema.Schema<B, A>): Field<B, false>
} = dual(2, <A, B>(self: Field<A, false>, schema: Schema.Schema<B, A>): Field<B, false> => {
  const parse = Schema.decode(schema)
  return derive<B, false>({
    ...self,
    absent: neverAbsent,
    decode: (given) =>
      Effect.flatMap(self.decode(given), (value) =>
        Effect.mapError(
          parse(value),
          (error) => ParseResult.ArrayFormatter.formatErrorSync(error)[0]?.message ?? self.expected,
        ),
      ),
  })
})

// ---------------------------------------------------------------------------------------------------------
// Discord's form
// ---------------------------------------------------------------------------------------------------------

/** The field in a modal, filled with what was given before. */
export const render = (
  { description, input, label, optional: optional_ }: Field<unknown>,
  customId: string,
  given: Given | undefined,
): APILabelComponent => ({
  type: ComponentType.Label,
  label,
  ...(description === undefined ? {} : { description }),
  component:
    input._tag === "Text"
      ? textInput(input, optional_, customId, given)
      : menu(input, optional_, customId, given),
})

const textInput = (
  { initial, max, min, multiline, placeholder }: Text,
  optional_: boolean,
  customId: string,
  given: Given | undefined,
): APILabelComponent["component"] => {
  const value = typeof given === "string" ? given : initial
  return {
    type: ComponentType.TextInput,
    custom_id: customId,
    style: multiline ? TextInputStyle.Paragraph : TextInputStyle.Short,
    required: !optional_,
    max_length: max,
    ...(min === undefined ? {} : { min_length: min }),
    ...(placeholder === undefined ? {} : { placeholder }),
    ...(value === undefined || value === "" ? {} : { value: value.slice(0, max) }),
  }
}

const menu = (
  { initial, max, min, options, placeholder }: Select,
  optional_: boolean,
  customId: string,
  given: Given | undefined,
): APILabelComponent["component"] => {
  const selected = given === undefined ? initial : typeof given === "string" ? [given] : given
  return {
    type: ComponentType.StringSelect,
    custom_id: customId,
    required: !optional_,
    min_values: optional_ ? 0 : min,
    max_values: max,
    ...(placeholder === undefined ? {} : { placeholder }),
    options: options.map((option) => ({ ...option, default: selected.includes(option.value) })),
  }
}

/** Whether nothing was filled in. */
export const isEmpty = (given: Given | undefined): boolean =>
  given === undefined || (typeof given === "string" ? given.trim() === "" : given.length === 0)

/** Throws `InvalidDeclaration` for the first rule of Discord's that the field breaks. */
export const check = ({ description, input, label }: Field<unknown>, place: string): void => {
  const within = (what: string, value: string | undefined, min: number, max: number): void => {
    const length = value?.length ?? 0
    if (value !== undefined && (length < min || length > max))
      throw new InvalidDeclaration({
        place: `${place} → ${what}`,
        reason: `must have ${min === 0 ? "at most" : `${min} to`} ${max} characters, has ${length}`,
      })
  }
  const range = (min: number, max: number, most: number): void => {
    if (!(min >= 0 && max >= 1 && min <= max && max <= most))
      throw new InvalidDeclaration({ place, reason: `must lie within 1 to ${most}, is ${min} to ${max}` })
  }
  within("label", label, 1, LONGEST_LABEL)
  within("description", description, 1, LONGEST_HINT)
  within("placeholder", input.placeholder, 1, LONGEST_HINT)
  if (input._tag === "Text") {
    range(input.min ?? 0, input.max, LONGEST_TEXT)
    within("initial", input.initial, 0, input.max)
    return
  }
  const values = new Set(input.options.map(({ value }) => value))
  if (values.size !== input.options.length)
    throw new InvalidDeclaration({ place, reason: "two of its choices stand for the same value" })
  if (values.size < 1 || values.size > MOST_CHOICES)
    throw new InvalidDeclaration({
      place,
      reason: `must have 1 to ${MOST_CHOICES} choices, has ${values.size}`,
    })
  for (const option of input.options) {
    within(`choice "${option.label}"`, option.label, 1, LONGEST_CHOICE)
    within(`choice "${option.label}" → value`, option.value, 1, LONGEST_CHOICE)
  }
  range(input.min, input.max, values.size)
}

const LONGEST_LABEL = 45
const LONGEST_HINT = 100
const LONGEST_TEXT = 4000
const LONGEST_CHOICE = 100
const MOST_CHOICES = 25
/** Enough for any number that can be told from its neighbours. */
const LONGEST_NUMBER = 40

// ---------------------------------------------------------------------------------------------------------
// Making
// ---------------------------------------------------------------------------------------------------------

const neverAbsent = (): never => {
  throw new Error("a required field is never absent")
}

const make = <A>(parts: Omit<Field<A, false>, "optional" | "absent" | "pipe">): Field<A, false> =>
  derive<A, false>({ ...parts, optional: false, absent: neverAbsent })

const derive = <A, Optional extends boolean>(
  fields: Omit<Field<A, Optional>, "pipe">,
): Field<A, Optional> => ({
  ...fields,
  pipe() {
    // oxlint-disable-next-line prefer-rest-params -- how Effect's Pipeable is implemented
    return pipeArguments(this, arguments)
  },
})

const typed_ = (given: Given): string => (typeof given === "string" ? given : given.join(" ")).trim()

const numeric = (
  what: string,
  form: RegExp,
  sound: (value: number) => boolean,
  label: string,
  { description, initial, max, min, placeholder }: NumberOptions,
): Field<number, false> => {
  const expected = Expected.range(what, min, max)
  return make({
    label,
    description,
    expected,
    input: {
      _tag: "Text",
      multiline: false,
      placeholder,
      initial: initial === undefined ? undefined : String(initial),
      min: undefined,
      max: LONGEST_NUMBER,
    },
    decode: (given) => {
      const typed = typed_(given)
      // A minus zero is written as zero.
      const value = form.test(typed) ? Number(typed.replace(",", ".")) + 0 : Number.NaN
      return sound(value) && value >= (min ?? -Infinity) && value <= (max ?? Infinity)
        ? Either.right(value)
        : Either.left(expected)
    },
  })
}

const pairs = <A extends string | number>(
  all: Choices<A>,
): ReadonlyArray<readonly [shown: string, value: A]> =>
  Array.isArray(all)
    ? all.map((value: A) => [String(value), value] as const)
    : Object.entries(all as { readonly [shown: string]: A })

const select = <A extends string | number>(
  all: Choices<A>,
  { placeholder }: Options,
  min: number,
  max: number,
  initial: ReadonlyArray<A>,
) => {
  const offered = pairs(all)
  return {
    expected: `one of ${offered.map(([shown]) => shown).join(", ")}`,
    find: (value: string): A | undefined => offered.find((one) => String(one[1]) === value)?.[1],
    input: {
      _tag: "Select",
      placeholder,
      initial: initial.map(String),
      options: offered.map(([shown, value]) => ({ label: shown, value: String(value) })),
      min,
      max,
    } satisfies Select,
  }
}
