/**
 * A command's parameters: declared once, given to Discord as options, read from slash options and from the
 * words of a prefix message, decoded to the type that the handler sees.
 *
 * @module
 */
import { type APIUser, ApplicationCommandOptionType, type ChannelType } from "discord-api-types/v10"
import type { Attachment, Channel, GuildMember, Message, Role, User } from "discord.js"
import { type Context, Effect, Either, ParseResult, Schema } from "effect"
import { dual } from "effect/Function"
import * as Expected from "../interaction/Expected.js"
import type { DiscordError } from "../DiscordError.js"
import { type Pipeable, pipeArguments } from "effect/Pipeable"

/** Discord's option types, and the target message of a message menu. */
export type Kind =
  | "string"
  | "integer"
  | "number"
  | "boolean"
  | "user"
  | "member"
  | "channel"
  | "role"
  | "mentionable"
  | "attachment"
  | "message"

/** One fixed answer: what is shown, and what it stands for. */
export interface Choice {
  readonly name: string
  readonly value: string | number
}

/**
 * A parameter that decodes to `A`. `Optional` is true where the user may leave it out. `R` are the services that
 * its suggestions need.
 */
export interface Param<out A, out Optional extends boolean = boolean, out R = unknown> extends Pipeable {
  readonly kind: Kind
  readonly description: string
  readonly optional: Optional
  /** Completes "must be …" in what the user is told. */
  readonly expected: string
  readonly choices: ReadonlyArray<Choice> | undefined
  /** Least and greatest value of a number, or length of a string. */
  readonly min: number | undefined
  readonly max: number | undefined
  readonly channelTypes: ReadonlyArray<ChannelType> | undefined
  /** Fails with what completes "must be …". An `Either` where nothing has to be waited for. */
  readonly decode: (given: Given) => Effect.Effect<A, Issue>
  /** The value where nothing was given; only called if `optional`. */
  readonly absent: () => A
  /** What is offered while the user types; undefined where nothing is. */
  readonly suggest: Suggest<R> | undefined
}

/** What is offered for what was typed so far. */
export type Suggest<out R> = (
  typed: string,
  typing: Typing,
) => Effect.Effect<ReadonlyArray<Choice | string | number>, unknown, R>

/** Who types, where, and what else was given. */
export interface Typing {
  /** The command's full name. */
  readonly command: string
  readonly user: APIUser
  readonly guildId: string | undefined
  readonly channelId: string
  /** The user's language, `en-US` for instance. */
  readonly locale: string
  /** The other options as they were typed so far, by name; nothing is checked yet. */
  readonly options: Readonly<Record<string, string | number | boolean>>
}

/** The declared parameters of a command, by name. */
export type Params = { readonly [name: string]: Param<unknown> }

/** What a handler gets for the given parameters. */
export type Decoded<P extends Params> = {
  readonly [Name in keyof P]: P[Name] extends Param<infer A> ? A : never
}

/** The services that the suggestions of these parameters need. */
export type Requirements<P extends Params> = {
  readonly [Name in keyof P]: P[Name] extends Param<unknown, boolean, infer R> ? R : never
}[keyof P]

/** What completes "must be …", or why Discord could not be asked. */
export type Issue = string | DiscordError

/** What was given for one parameter, before decoding. */
export interface Given {
  /** A slash option's value, or one word of a prefix message. Ids for everything that has one. */
  readonly value: string | number | boolean
  /** `word`: typed by hand, so numbers and mentions are still text. */
  readonly input: "option" | "word"
  readonly resolve: Resolve
}

/** Finds what an id stands for. Each is an `Either` where Discord sent it along. */
export interface Resolve {
  readonly user: (id: string) => Effect.Effect<User, Issue>
  readonly member: (id: string) => Effect.Effect<GuildMember, Issue>
  readonly channel: (id: string) => Effect.Effect<Channel, Issue>
  readonly role: (id: string) => Effect.Effect<Role, Issue>
  readonly mentionable: (id: string) => Effect.Effect<User | GuildMember | Role, Issue>
  readonly attachment: (id: string) => Effect.Effect<Attachment, Issue>
  readonly message: (id: string) => Effect.Effect<Message, Issue>
}

// ---------------------------------------------------------------------------------------------------------
// Kinds
// ---------------------------------------------------------------------------------------------------------

/** Choices as a list of values, or as a record from what is shown to the value. At most 25 (Discord). */
export type Choices<A extends string | number> = ReadonlyArray<A> | { readonly [shown: string]: A }

export interface StringOptions<A extends string = string> {
  /** Least length; default 0. At most 6,000 (Discord). */
  readonly min?: number
  /** Greatest length; default 6,000. */
  readonly max?: number
  readonly choices?: Choices<A>
}

/** Text. In a prefix message the last text parameter takes the rest of the line. */
export const string = <const A extends string = string>(
  description: string,
  options: StringOptions<A> = {},
): Param<A, false, never> => {
  const choices = toChoices(options.choices)
  const { max, min } = options
  const expected = choices !== undefined ? oneOf(choices) : Expected.length(min, max)
  return make({
    kind: "string",
    description,
    expected,
    choices,
    min,
    max,
    decode: ({ value }) => {
      const text = String(value)
      if (choices !== undefined) return choose(choices, text, expected)
      const count = Expected.characters(text)
      if (count < (min ?? 0) || count > (max ?? 6000)) return Either.left(expected)
      return Either.right(text)
    },
  }) as Param<A, false, never>
}

export interface NumberOptions<A extends number = number> {
  readonly min?: number
  readonly max?: number
  readonly choices?: Choices<A>
}

/** A whole number within ±2^53 (Discord). */
export const integer = <const A extends number = number>(
  description: string,
  options: NumberOptions<A> = {},
): Param<A, false, never> => numeric("integer", "a whole number", /^[+-]?\d{1,16}$/u, description, options)

/** A number. */
export const number = <const A extends number = number>(
  description: string,
  options: NumberOptions<A> = {},
): Param<A, false, never> =>
  numeric("number", "a number", /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/iu, description, options)

/** Yes or no. In a prefix message: yes, no, true, false, on, off, y, n, 1, 0. */
export const boolean = (description: string): Param<boolean, false, never> =>
  make<boolean>({
    kind: "boolean",
    description,
    expected: "yes or no",
    decode: ({ value }) => {
      if (typeof value === "boolean") return Either.right(value)
      const word = String(value).toLowerCase()
      if (["yes", "true", "on", "y", "1"].includes(word)) return Either.right(true)
      if (["no", "false", "off", "n", "0"].includes(word)) return Either.right(false)
      return Either.left("yes or no")
    },
  })

/** A user of Discord, member of this server or not. From a user menu it is the user picked. */
export const user = (description: string): Param<User, false, never> =>
  make({
    kind: "user",
    description,
    expected: "a user",
    decode: byId(/^<@!?(\d{17,20})>$/u, "a user", "user"),
  })

/** A member of the server that the command is called in. From a user menu it is the member picked. */
export const member = (description: string): Param<GuildMember, false, never> =>
  make({
    kind: "member",
    description,
    expected: "a member of this server",
    decode: byId(/^<@!?(\d{17,20})>$/u, "a member of this server", "member"),
  })

/** A channel of this server. `types` are Discord's channel types; default any. */
export const channel = (
  description: string,
  options: { readonly types?: ReadonlyArray<ChannelType> } = {},
): Param<Channel, false, never> => {
  const expected = options.types === undefined ? "a channel" : "a channel of the right kind"
  const find = byId(/^<#(\d{17,20})>$/u, expected, "channel")
  return make<Channel>({
    kind: "channel",
    description,
    expected,
    channelTypes: options.types,
    decode: (given) =>
      Effect.filterOrFail(
        find(given),
        (found) => options.types === undefined || options.types.includes(found.type),
        () => expected,
      ),
  })
}

/** A role of this server. */
export const role = (description: string): Param<Role, false, never> =>
  make({
    kind: "role",
    description,
    expected: "a role",
    decode: byId(/^<@&(\d{17,20})>$/u, "a role", "role"),
  })

/** A user, a member or a role. */
export const mentionable = (description: string): Param<User | GuildMember | Role, false, never> =>
  make({
    kind: "mentionable",
    description,
    expected: "a user or a role",
    decode: byId(/^<@[!&]?(\d{17,20})>$/u, "a user or a role", "mentionable"),
  })

/** A file. In a prefix message it is the first file attached. */
export const attachment = (description: string): Param<Attachment, false, never> =>
  make({
    kind: "attachment",
    description,
    expected: "an attached file",
    decode: ({ resolve, value }) => resolve.attachment(String(value)),
  })

/** The message picked from a message menu; as a prefix parameter the link or id of one in this channel. */
export const message = (description: string): Param<Message, false, never> =>
  make({
    kind: "message",
    description,
    expected: "the link or id of a message in this channel",
    decode: byId(/\/(\d{17,20})$/u, "the link or id of a message in this channel", "message"),
  })

// ---------------------------------------------------------------------------------------------------------
// Combinators
// ---------------------------------------------------------------------------------------------------------

/** May be left out; the handler then gets `undefined`. */
export const optional = <A, R>(self: Param<A, boolean, R>): Param<A | undefined, true, R> =>
  withDefault(self, undefined)

/** May be left out; the handler then gets the given value. */
export const withDefault: {
  <const B>(value: B): <A, R>(self: Param<A, boolean, R>) => Param<A | B, true, R>
  <A, R, const B>(self: Param<A, boolean, R>, value: B): Param<A | B, true, R>
} = dual(2, <A, R, B>(self: Param<A, boolean, R>, value: B): Param<A | B, true, R> =>
  derive<A | B, true, R>({ ...self, optional: true, absent: () => value }),
)

/**
 * Puts any Schema on top. What the schema refuses is told to the user with the schema's own message, so give
 * it one that completes "must be …" (`Schema.annotations({ message: () => "…" })`).
 */
export const decode: {
  <A, B>(schema: Schema.Schema<B, A>): <R>(self: Param<A, false, R>) => Param<B, false, R>
  <A, B, R>(self: Param<A, false, R>, schema: Schema.Schema<B, A>): Param<B, false, R>
} = dual(2, <A, B, R>(self: Param<A, false, R>, schema: Schema.Schema<B, A>): Param<B, false, R> => {
  const parse = Schema.decode(schema)
  return derive<B, false, R>({
    ...self,
    absent: neverAbsent,
    decode: (given) =>
      Effect.flatMap(self.decode(given), (value) =>
        Effect.mapError(parse(value), (error) => firstIssue(error) ?? self.expected),
      ),
  })
})

/**
 * Offers choices while the user types into a slash command's string, integer or number: at most 25, names and
 * text values cut to 100 characters (Discord). They restrict nothing: any other input is decoded all the same.
 *
 * The effect begins a moment after the last keystroke; a newer one interrupts it. It has two seconds, of the
 * three that Discord waits. Where it fails or takes longer, nothing is offered, and the log says why. What it
 * needs becomes a requirement of the command.
 */
export const autocomplete: {
  <R2>(suggest: Suggest<R2>): <A, O extends boolean, R>(self: Param<A, O, R>) => Param<A, O, R | R2>
  <A, O extends boolean, R, R2>(self: Param<A, O, R>, suggest: Suggest<R2>): Param<A, O, R | R2>
} = dual(2, <A, O extends boolean, R, R2>(self: Param<A, O, R>, suggest: Suggest<R2>): Param<A, O, R | R2> =>
  derive<A, O, R | R2>({ ...self, suggest }),
)

/** Gives the suggestions one of the services that they need. */
export const provideService = <A, O extends boolean, R, I, S>(
  self: Param<A, O, R>,
  tag: Context.Tag<I, S>,
  service: S,
): Param<A, O, Exclude<R, I>> => {
  const { suggest } = self
  return derive<A, O, Exclude<R, I>>({
    ...self,
    suggest:
      suggest === undefined
        ? undefined
        : (typed, typing) => Effect.provideService(suggest(typed, typing), tag, service),
  })
}

// ---------------------------------------------------------------------------------------------------------
// Discord's form
// ---------------------------------------------------------------------------------------------------------

/** Discord's option type for a kind; undefined for `message`, which only menus have. */
export const optionType = (kind: Kind): ApplicationCommandOptionType | undefined => optionTypes[kind]

const optionTypes: { readonly [K in Kind]: ApplicationCommandOptionType | undefined } = {
  string: ApplicationCommandOptionType.String,
  integer: ApplicationCommandOptionType.Integer,
  number: ApplicationCommandOptionType.Number,
  boolean: ApplicationCommandOptionType.Boolean,
  user: ApplicationCommandOptionType.User,
  member: ApplicationCommandOptionType.User,
  channel: ApplicationCommandOptionType.Channel,
  role: ApplicationCommandOptionType.Role,
  mentionable: ApplicationCommandOptionType.Mentionable,
  attachment: ApplicationCommandOptionType.Attachment,
  message: undefined,
}

// ---------------------------------------------------------------------------------------------------------
// Making
// ---------------------------------------------------------------------------------------------------------

interface Parts<A> {
  readonly kind: Kind
  readonly description: string
  readonly expected: string
  readonly choices?: ReadonlyArray<Choice> | undefined
  readonly min?: number | undefined
  readonly max?: number | undefined
  readonly channelTypes?: ReadonlyArray<ChannelType> | undefined
  readonly decode: (given: Given) => Effect.Effect<A, Issue>
}

const neverAbsent = (): never => {
  throw new Error("a required parameter is never absent")
}

const make = <A>(parts: Parts<A>): Param<A, false, never> =>
  derive<A, false, never>({
    choices: undefined,
    min: undefined,
    max: undefined,
    channelTypes: undefined,
    ...parts,
    optional: false,
    absent: neverAbsent,
    suggest: undefined,
  })

const derive = <A, Optional extends boolean, R>(
  fields: Omit<Param<A, Optional, R>, "pipe">,
): Param<A, Optional, R> => ({
  ...fields,
  pipe() {
    // oxlint-disable-next-line prefer-rest-params -- how Effect's Pipeable is implemented
    return pipeArguments(this, arguments)
  },
})

const numeric = <const A extends number>(
  kind: "integer" | "number",
  what: string,
  form: RegExp,
  description: string,
  options: NumberOptions<A>,
): Param<A, false, never> => {
  const choices = toChoices(options.choices)
  const { max, min } = options
  const expected = choices !== undefined ? oneOf(choices) : Expected.range(what, min, max)
  return make({
    kind,
    description,
    expected,
    choices,
    min,
    max,
    decode: ({ value }) => {
      if (choices !== undefined) return choose(choices, value, expected)
      const parsed = typeof value === "number" ? value : form.test(String(value)) ? Number(value) : Number.NaN
      const sound =
        Number.isFinite(parsed) &&
        (kind === "number" || Number.isSafeInteger(parsed)) &&
        parsed >= (min ?? -Infinity) &&
        parsed <= (max ?? Infinity)
      return sound ? Either.right(parsed) : Either.left(expected)
    },
  }) as Param<A, false, never>
}

const byId =
  <K extends Exclude<keyof Resolve, "attachment">>(mention: RegExp, expected: string, kind: K) =>
  ({ input, resolve, value }: Given): ReturnType<Resolve[K]> => {
    const text = String(value)
    const id = input === "option" || /^\d{17,20}$/u.test(text) ? text : mention.exec(text)?.[1]
    return (id === undefined ? Either.left(expected) : resolve[kind](id)) as ReturnType<Resolve[K]>
  }

const toChoices = (choices: Choices<string | number> | undefined): ReadonlyArray<Choice> | undefined => {
  if (choices === undefined) return undefined
  return Array.isArray(choices)
    ? choices.map((value: string | number) => ({ name: String(value), value }))
    : Object.entries(choices).map(([name, value]) => ({ name, value: value as string | number }))
}

const choose = (
  choices: ReadonlyArray<Choice>,
  given: string | number | boolean,
  expected: string,
): Either.Either<string | number, string> => {
  const wanted = String(given).toLowerCase()
  const found =
    choices.find(({ value }) => value === given) ??
    choices.find(({ name, value }) => String(value).toLowerCase() === wanted || name.toLowerCase() === wanted)
  return found === undefined ? Either.left(expected) : Either.right(found.value)
}

const oneOf = (choices: ReadonlyArray<Choice>): string =>
  choices.length === 1
    ? `"${choices[0]?.name}"`
    : `one of ${choices
        .slice(0, 25)
        .map(({ name }) => name)
        .join(", ")}`

const firstIssue = (error: ParseResult.ParseError | ParseResult.ParseIssue): string | undefined =>
  "issue" in error && error._tag === "ParseError"
    ? ParseResult.ArrayFormatter.formatErrorSync(error)[0]?.message
    : ParseResult.ArrayFormatter.formatIssueSync(error as ParseResult.ParseIssue)[0]?.message
