/**
 * Questions to the person who called: each is an effect of a typed answer.
 *
 * ```ts
 * const boat = yield* Prompt.text("Which boat?", { within: "2 minutes", max: 32 })
 * const sure = yield* Prompt.confirm(Md.text`Book a berth for ${boat}?`, { within: "30 seconds" })
 * ```
 *
 * Each fails with `WaitTimeout` at its deadline (which starts when Discord has accepted the question, and wins a
 * tie), with `WaitTargetGone` where the question or its place is deleted, with `Cancelled` by the button or the
 * word, and with what Discord answered where the question could not be sent. Interruption closes the question. An
 * answer that is not valid is told why, as often as there is time. However it ends, the question stays without its
 * components, and says what happened.
 *
 * Failure modes: what is typed in a server's channel reaches a bot only with the Message Content Intent; without
 * it, ask `by: "modal"`.
 *
 * @module
 */
import {
  type APIAttachment,
  type APIInteractionDataResolvedGuildMember,
  type APIModalInteractionResponseCallbackData,
  type APIUser,
  ButtonStyle,
  ComponentType,
  type GatewayMessageCreateDispatchData,
  TextInputStyle,
} from "discord-api-types/v10"
import { Effect, Either } from "effect"
import * as Expected from "../interaction/Expected.js"
import { Interaction } from "../interaction/Interaction.js"
import * as Md from "../interaction/Md.js"
import type * as Reply from "../interaction/Reply.js"
import type { Waits } from "../wait/Waits.js"
import * as Asking from "./Asking.js"
import * as Exchange from "./Exchange.js"

export type { Failure, Options } from "./Asking.js"

/** A question: text in Discord's Markdown (what users typed through `Md.text`), or a whole message. */
export type Question = string | Reply.Message

/** A question under way. */
export type Prompt<A> = Effect.Effect<A, Asking.Failure, Interaction | Waits>

/** How an answer is typed. */
export interface Typed {
  /**
   * `message`: the person writes it into the channel. `modal`: by a button that opens a field; only the person
   * then sees it. Default `message`; `modal` where the question is private.
   */
  readonly by?: "message" | "modal"
  /** What stands above the field; at most 45 characters (Discord). Default "Your answer". */
  readonly label?: string
}

// ---------------------------------------------------------------------------------------------------------
// Typed answers
// ---------------------------------------------------------------------------------------------------------

export interface TextOptions extends Asking.Options<string>, Typed {
  /** In characters, without the white space around the answer. Default 1. */
  readonly min?: number
  /** In characters. Default and at most 4,000, what Discord takes in a modal. */
  readonly max?: number
  /** What the whole answer must look like, and what completes "must be …". */
  readonly pattern?: { readonly is: RegExp; readonly expected: string }
}

/** Asks for text. */
export const text = (question: Question, options: TextOptions): Prompt<string> => {
  const { max = LONGEST_TEXT, min = 1, pattern } = options
  Asking.need(question, min <= max, "text", `no length lies between min ${min} and max ${max}`)
  Asking.need(
    question,
    min >= 0 && max <= LONGEST_TEXT,
    "text",
    `its length must lie in 0–${LONGEST_TEXT}, is ${min}–${max}`,
  )
  const expected = min <= 1 ? `at most ${max} characters long` : `${min} to ${max} characters long`
  return typed(question, options, "an answer", { min, max }, (given) => {
    const count = Expected.characters(given)
    if (count < min || count > max) return Either.left(given === "" ? "text" : expected)
    if (pattern !== undefined && !wholly(pattern.is, given)) return Either.left(pattern.expected)
    return Either.right(given)
  })
}

export interface NumberOptions extends Asking.Options<number>, Typed {
  readonly min?: number
  readonly max?: number
  /** Whether only whole numbers will do. Default false. */
  readonly integer?: boolean
}

/** Asks for a number, with a point before its decimals. */
export const number = (question: Question, options: NumberOptions): Prompt<number> => {
  const { integer = false, max = Infinity, min = -Infinity } = options
  Asking.need(question, min <= max, "number", `no number lies between min ${min} and max ${max}`)
  const expected = `a ${integer ? "whole " : ""}number${rangeOf(min, max)}`
  return typed(question, options, expected, { min: 1, max: 40 }, (given) => {
    // A minus zero is written as zero.
    const value = /^[+-]?\d+(\.\d+)?$/u.test(given) ? Number(given) + 0 : Number.NaN
    const fits = value >= min && value <= max && (!integer || Number.isSafeInteger(value))
    return fits ? Either.right(value) : Either.left(expected)
  })
}

const typed = <A extends string | number>(
  question: Question,
  options: Asking.Options<A> & Typed,
  what: string,
  length: { readonly min: number; readonly max: number },
  read: (given: string) => Either.Either<A, string>,
): Prompt<A> => {
  const by = options.by ?? (options.ephemeral === true ? "modal" : "message")
  const label = options.label ?? "Your answer"
  Asking.need(question, label.length >= 1 && label.length <= 45, "label", sized(label, 1, 45))
  return Asking.ask<A>(
    question,
    {
      what,
      rows: by === "message" ? none : answerButton,
      messages: by === "message" ? anything : undefined,
      modal: by === "message" ? undefined : (customId, before) => field(customId, label, length, before),
      fromMessage: (message) => (isHidden(message) ? Either.left(UNREADABLE) : read(message.content.trim())),
      fromPress: (_, press) => read(Asking.typedIn(press).trim()),
      // What only the person has seen is not shown to others.
      show: (answer) =>
        by === "modal" && options.ephemeral !== true ? "answered" : Md.escape(shorten(String(answer))),
    },
    options,
  )
}

/** A person cannot send nothing at all: Discord has kept back what was written. */
const isHidden = ({
  attachments,
  content,
  poll,
  sticker_items: stickers = [],
}: GatewayMessageCreateDispatchData) =>
  content === "" && attachments.length === 0 && stickers.length === 0 && poll === undefined
const UNREADABLE = "something that I can read: I lack the Message Content Intent for that"

const none: Exchange.Rows = () => []
const anything = () => true
const answerButton: Exchange.Rows = (id) => [
  Exchange.row(Exchange.button(id("answer"), "Answer", ButtonStyle.Primary)),
]

const field = (
  customId: string,
  label: string,
  { max, min }: { readonly min: number; readonly max: number },
  before: string,
): APIModalInteractionResponseCallbackData => ({
  custom_id: customId,
  title: label,
  components: [
    {
      type: ComponentType.Label,
      label,
      component: {
        type: ComponentType.TextInput,
        custom_id: Asking.FIELD,
        style: max > 100 ? TextInputStyle.Paragraph : TextInputStyle.Short,
        required: min > 0,
        min_length: min,
        max_length: max,
        ...(before === "" ? {} : { value: before.slice(0, max) }),
      },
    },
  ],
})

// ---------------------------------------------------------------------------------------------------------
// Chosen answers
// ---------------------------------------------------------------------------------------------------------

export interface ConfirmOptions extends Asking.Options<boolean> {
  /** Default "Yes". */
  readonly yes?: string
  /** Default "No". */
  readonly no?: string
  /** Whether Yes is red: for what cannot be undone. Default false. */
  readonly danger?: boolean
}

/** Asks for Yes or No. */
export const confirm = (question: Question, options: ConfirmOptions): Prompt<boolean> => {
  const { danger = false, no = "No", yes = "Yes" } = options
  return Asking.ask<boolean>(
    question,
    {
      what: "a yes or no",
      rows: (id) => [
        Exchange.row(
          Exchange.button(id("yes"), yes, danger ? ButtonStyle.Danger : ButtonStyle.Success),
          Exchange.button(id("no"), no),
        ),
      ],
      messages: undefined,
      modal: undefined,
      fromMessage: () => undefined,
      fromPress: (name) => Either.right(name === "yes"),
      show: (answer) => (answer ? yes : no),
    },
    options,
  )
}

/** Something to choose. */
export interface Choice<out A> {
  readonly value: A
  /** At most 80 characters for a button, 100 in a menu (Discord). */
  readonly label: string
  /** Below the label in a menu; at most 100 characters (Discord). It makes the choices a menu. */
  readonly description?: string
}

/** What a choice stands for. */
export type ValueOf<C> = C extends Choice<infer A> ? A : C

export interface ChoiceOptions<in A> extends Asking.Options<A> {
  /** Default: buttons for at most 5 short ones without descriptions, else a menu. At most 20 can be buttons. */
  readonly as?: "buttons" | "menu"
}

/**
 * Asks to choose one of 1 to 25 (Discord), each with a value and a label of its own. A string or number stands for
 * itself.
 *
 * ```ts
 * const size = yield* Prompt.choice("How long is she?", ["small", "large"], { within: "1 minute" })
 * // "small" | "large"
 * ```
 */
export const choice = <const C extends string | number | Choice<unknown>>(
  question: Question,
  choices: ReadonlyArray<C>,
  options: ChoiceOptions<ValueOf<C>>,
): Prompt<ValueOf<C>> => {
  const all = choices.map(asChoice)
  Asking.need(question, all.length >= 1 && all.length <= 25, "choices", `must be 1 to 25, are ${all.length}`)
  const short = all.length <= 5 && all.every(({ description, label }) => label.length <= 20 && !description)
  const as = options.as ?? (short ? "buttons" : "menu")
  // A row is for Cancel and Back.
  Asking.need(
    question,
    as === "menu" || all.length <= 20,
    "choices",
    `at most 20 as buttons, are ${all.length}`,
  )
  all.forEach(({ description = "", label, value }, index) => {
    const place = `choice "${shorten(label)}"`
    const longest = as === "buttons" ? 80 : 100
    Asking.need(
      question,
      label.length >= 1 && label.length <= longest,
      `${place} → label`,
      sized(label, 1, longest),
    )
    Asking.need(question, description.length <= 100, `${place} → description`, sized(description, 0, 100))
    const before = all.slice(0, index)
    Asking.need(question, !before.some((one) => one.label === label), place, "its label stands twice")
    Asking.need(
      question,
      !before.some((one) => one.value === value),
      place,
      "another choice has the same value",
    )
  })
  return Asking.ask<ValueOf<C>>(
    question,
    {
      what: "a choice",
      rows: as === "buttons" ? buttons(all) : menu(all),
      messages: undefined,
      modal: undefined,
      fromMessage: () => undefined,
      fromPress: (name, press) => {
        const chosen = all[Number(as === "buttons" ? name : press.values[0])]
        return chosen === undefined ? undefined : Either.right(chosen.value)
      },
      show: (answer) => Md.escape(all.find(({ value }) => value === answer)?.label ?? ""),
    },
    options,
  )
}

const asChoice = <C extends string | number | Choice<unknown>>(one: C): Choice<ValueOf<C>> =>
  typeof one === "object" ? (one as Choice<ValueOf<C>>) : { value: one as ValueOf<C>, label: String(one) }

const buttons =
  (all: ReadonlyArray<Choice<unknown>>): Exchange.Rows =>
  (id) =>
    [0, 5, 10, 15]
      .map((start) =>
        all.slice(start, start + 5).map(({ label }, n) => Exchange.button(id(String(start + n)), label)),
      )
      .filter((row) => row.length > 0)
      .map((row) => Exchange.row(...row))

const menu =
  (all: ReadonlyArray<Choice<unknown>>): Exchange.Rows =>
  (id) => [
    Exchange.row({
      type: ComponentType.StringSelect,
      custom_id: id("menu"),
      options: all.map(({ description, label }, n) => ({
        label,
        value: String(n),
        ...(description === undefined ? {} : { description }),
      })),
    }),
  ]

/** A member who was picked, as Discord tells of them. */
export interface Member {
  readonly id: string
  readonly user: APIUser
  readonly roles: ReadonlyArray<string>
  readonly nick: string | undefined
}

/** Asks for a member of this server: by a menu, or by a message that mentions just them. */
export const member = (question: Question, options: Asking.Options<Member>): Prompt<Member> =>
  Effect.flatMap(Interaction, ({ guildId }) => {
    Asking.need(question, guildId !== undefined, "member", "there are members only in a server")
    return Asking.ask<Member>(
      question,
      {
        what: "a member",
        rows: (id) => [Exchange.row({ type: ComponentType.UserSelect, custom_id: id("member") })],
        messages: ({ content }) => mention.test(content.trim()),
        modal: undefined,
        fromMessage: ({ mentions }) => {
          const one = mentions[0]
          return one === undefined ? Either.left(A_MEMBER) : memberOf(one, one.member)
        },
        fromPress: (_, { resolved, values: [id = ""] }) => {
          const user = resolved?.users?.[id]
          return user === undefined ? undefined : memberOf(user, resolved?.members?.[id])
        },
        show: ({ id }) => `<@${id}>`,
      },
      options,
    )
  })

const A_MEMBER = "a member of this server"
const mention = /^<@!?\d+>$/u
const memberOf = (
  user: APIUser,
  member: Pick<APIInteractionDataResolvedGuildMember, "roles" | "nick"> | undefined,
): Asking.Read<Member> => {
  if (member === undefined) return Either.left(A_MEMBER)
  // In a mention Discord puts the member into the user, and discord.js the user into that.
  const { member: _, ...alone }: APIUser & { readonly member?: unknown } = user
  return Either.right({ id: user.id, user: alone, roles: member.roles, nick: member.nick ?? undefined })
}

export interface AttachmentOptions extends Asking.Options<APIAttachment> {
  /** Which are taken: `image/png`, `image/*`. Default all. */
  readonly types?: ReadonlyArray<string>
  /** In bytes. Default: whatever Discord let the person upload. */
  readonly maxSize?: number
}

/** Asks for a message with one file. Its `url` is good for about a day (Discord). */
export const attachment = (question: Question, options: AttachmentOptions): Prompt<APIAttachment> => {
  const { maxSize = Infinity, types } = options
  return Asking.ask<APIAttachment>(
    question,
    {
      what: "a file",
      rows: none,
      messages: ({ attachments }) => attachments.length > 0,
      modal: undefined,
      fromMessage: ({ attachments: [file, ...more] }) => {
        if (file === undefined || more.length > 0) return Either.left("one file")
        if (types !== undefined && !types.some((type) => isOf(file.content_type, type)))
          return Either.left(`a file of the type ${types.map((type) => `\`${type}\``).join(" or ")}`)
        if (file.size > maxSize) return Either.left(`at most ${sizeOf(maxSize)} large`)
        return Either.right(file)
      },
      fromPress: () => undefined,
      show: ({ filename }) => Md.escape(shorten(filename)),
    },
    options,
  )
}

const isOf = (given: string | undefined, wanted: string): boolean => {
  const type = (given ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? ""
  return wanted.endsWith("/*") ? type.startsWith(wanted.slice(0, -1)) : type === wanted.toLowerCase()
}

const sizeOf = (bytes: number): string =>
  bytes >= 1024 * 1024
    ? `${Math.floor((bytes / 1024 / 1024) * 10) / 10} MiB`
    : bytes >= 1024
      ? `${Math.floor(bytes / 1024)} KiB`
      : `${bytes} bytes`

// ---------------------------------------------------------------------------------------------------------
// Words
// ---------------------------------------------------------------------------------------------------------

/** Of a text field in a modal (Discord). */
const LONGEST_TEXT = 4_000

const sized = ({ length }: string, min: number, max: number): string =>
  `must have ${min === 0 ? "at most" : `${min} to`} ${max} characters, has ${length}`

const wholly = (pattern: RegExp, given: string): boolean => {
  const found = new RegExp(`^(?:${pattern.source})$`, pattern.flags.replace(/[gy]/gu, "")).exec(given)
  return found !== null && found[0].length === given.length
}

const rangeOf = (min: number, max: number): string => {
  if (min !== -Infinity && max !== Infinity) return ` from ${min} to ${max}`
  if (min !== -Infinity) return ` of at least ${min}`
  return max === Infinity ? "" : ` of at most ${max}`
}

const shorten = (given: string): string => (given.length > 100 ? `${given.slice(0, 99)}…` : given)
