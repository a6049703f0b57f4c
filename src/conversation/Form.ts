/**
 * A modal with typed fields.
 *
 * ```
 *   can a modal be opened now?
 *     yes ─▶ modal ─────────────┬─▶ submit ─▶ valid ─▶ the values
 *     no ──▶ "Continue" ─▶ modal┘     │
 *              ▲                      ▼ invalid
 *              └── "Correct" ◀── what is wrong; the modal shows again what was typed
 * ```
 *
 * Discord opens a modal only as the first response to a command or a press, never in answer to another modal: where
 * neither is at hand a button does it. It tells nobody that a modal was dismissed; the deadline ends that, and the
 * button can be pressed again. What follows a submit, the outcome too, answers the submit.
 *
 * Numbers from Discord's documentation of modals: a title of 1–45 characters, 1–5 fields, custom ids of 1–100.
 *
 * @module
 */
import { type APIModalInteractionResponseCallbackData, ButtonStyle } from "discord-api-types/v10"
import { Clock, Duration, Effect, Either, type Scope } from "effect"
import type { RestError } from "../DiscordError.js"
import { Interaction } from "../interaction/Interaction.js"
import * as Md from "../interaction/Md.js"
import type { Press } from "../interaction/Press.js"
import type * as Reply from "../interaction/Reply.js"
import type { InteractionEnded } from "../interaction/Response.js"
import * as Wait from "../wait/Wait.js"
import type * as Waits from "../wait/Waits.js"
import { Cancelled, InvalidDeclaration } from "./ConversationError.js"
import * as Exchange from "./Exchange.js"
import * as Field from "./Field.js"
import * as Frame from "./Frame.js"

export { choice, choices, decode, type Field, integer, number, optional, text, withDefault } from "./Field.js"

/** A form whose fields decode to `A`: a plain value, to be shown any number of times. */
export interface Form<out A> {
  readonly title: string
  /** As Discord opens it, filled with what was given before. */
  readonly render: (customId: string, given: Given) => APIModalInteractionResponseCallbackData
  /** Fails with every field that is not what it takes. */
  readonly decode: (given: Given) => Effect.Effect<A, ReadonlyArray<Issue>>
}

/** What was filled in, by the name of each field. */
export type Given = { readonly [name: string]: Field.Given | undefined }

/** A field that is not what it takes. */
export interface Issue {
  readonly label: string
  /** Completes "must be …". */
  readonly expected: string
  /** Undefined where nothing was given. */
  readonly got: Field.Given | undefined
}

export type Fields = { readonly [name: string]: Field.Field<unknown> }

/** What a form gives: `Form.ValuesOf<typeof form>`. */
export type ValuesOf<F> = F extends Form<infer A> ? A : never

/** What a form gives for its fields. */
export type Decoded<F extends Fields> = {
  readonly [Name in keyof F]: F[Name] extends Field.Field<infer A> ? A : never
}

export interface Options {
  /** How long the person has, over all attempts. */
  readonly within: Duration.DurationInput
  /** What stands in the fields at first, by their names. */
  readonly given?: Given
  /** Shown above the button where one has to open the form. Default: the title. */
  readonly question?: string | Reply.Message
  /** Whether what is shown beside the modal is private. Default false. */
  readonly ephemeral?: boolean
}

/** What a form can end with besides its values. */
export type Failure = RestError | InteractionEnded | Exchange.Ends

// ---------------------------------------------------------------------------------------------------------
// Making
// ---------------------------------------------------------------------------------------------------------

/**
 * A form of 1 to 5 fields, shown in the order in which they are declared. Throws `InvalidDeclaration` where it
 * breaks a rule of Discord's.
 */
export const make = <const F extends Fields>(title: string, fields: F): Form<Decoded<F>> => {
  const place = `form "${title}"`
  const entries = Object.entries(fields)
  const limit = (what: string, count: number, max: number, unit: string): void => {
    if (count < 1 || count > max)
      throw new InvalidDeclaration({
        place: what,
        reason: `must have 1 to ${max} ${unit}, has ${count}`,
      })
  }
  limit(`${place} → title`, title.length, LONGEST_TITLE, "characters")
  limit(place, entries.length, MOST_FIELDS, "fields")
  for (const [name, field] of entries) {
    limit(`${place} → field "${name}" → name`, name.length, LONGEST_ID, "characters")
    Field.check(field, `${place} → field "${name}"`)
    // What is wrong is told by the label.
    if (entries.some(([other, { label }]) => other !== name && label === field.label))
      throw new InvalidDeclaration({
        place: `${place} → field "${name}" → label`,
        reason: `another field is called "${field.label}" too`,
      })
  }
  return {
    title,
    render: (customId, given) => ({
      custom_id: customId,
      title,
      components: entries.map(([name, field]) => Field.render(field, name, given[name])),
    }),
    decode: (given) =>
      Effect.flatMap(
        Effect.forEach(entries, ([name, field]) => Effect.either(valueOf(name, field, given[name]))),
        (found) => {
          const issues = found.flatMap((one) => (Either.isLeft(one) ? [one.left] : []))
          return issues.length > 0
            ? Effect.fail(issues)
            : Effect.succeed(
                // One entry for each field, by its own decoder.
                Object.fromEntries(
                  found.flatMap((one) => (Either.isRight(one) ? [one.right] : [])),
                ) as Decoded<F>,
              )
        },
      ),
  }
}

const LONGEST_TITLE = 45
const MOST_FIELDS = 5
const LONGEST_ID = 100

const valueOf = (
  name: string,
  field: Field.Field<unknown>,
  got: Field.Given | undefined,
): Effect.Effect<readonly [name: string, value: unknown], Issue> => {
  const issue = (expected: string): Issue => ({
    label: field.label,
    expected,
    got: Field.isEmpty(got) ? undefined : got,
  })
  if (got === undefined || Field.isEmpty(got))
    return field.optional ? Either.right([name, field.absent()]) : Either.left(issue(field.expected))
  return Effect.mapBoth(field.decode(got), {
    onSuccess: (value) => [name, value] as const,
    onFailure: issue,
  })
}

// ---------------------------------------------------------------------------------------------------------
// Showing
// ---------------------------------------------------------------------------------------------------------

/**
 * Shows a form and gives its values. Invalid ones are told with the reason and can be corrected until the deadline,
 * which they do not move. Fails with `WaitTimeout`, with `Cancelled` (by the word or the button), with
 * `WaitTargetGone`, or where nothing can be shown. Interruption takes the buttons away.
 */
export const show = <A>(
  form: Form<A>,
  options: Options,
): Effect.Effect<A, Failure, Interaction | Waits.Waits> =>
  Effect.scoped(
    Effect.gen(function* () {
      const within = yield* Frame.limit(options.within)
      const now = yield* Clock.currentTimeMillis
      if (options.ephemeral === true) (yield* Frame.Current)?.asksPrivately()
      const start: Attempt = { given: options.given ?? {}, issues: [] }
      const direct = yield* first(form, within, start.given)
      if (direct === undefined) return yield* viaButton(form, options, start, within)
      const attempt = yield* evaluate(form, direct)
      if (Either.isRight(attempt)) return attempt.right
      const left = now + Duration.toMillis(within) - (yield* Clock.currentTimeMillis)
      return yield* viaButton(form, options, attempt.left, Duration.millis(Math.max(1, left)))
    }),
  )

/** What was filled in, and what is wrong with it. */
interface Attempt {
  readonly given: Given
  readonly issues: ReadonlyArray<Issue>
}

/** The modal as the first response; undefined where none can be opened. Gives the submit. */
const first = <A>(
  form: Form<A>,
  within: Duration.DurationInput,
  given: Given,
): Effect.Effect<Press | undefined, Failure, Interaction | Waits.Waits | Scope.Scope> =>
  Effect.gen(function* () {
    const interaction = yield* Interaction
    if (!interaction.canShowModal()) return undefined
    const { channelId, user } = interaction
    const customId = yield* Exchange.unique
    const text = `the form "${form.title}" of <@${user.id}> in <#${channelId}>`
    const said = Wait.message({
      channelId,
      authorId: user.id,
      where: ({ content }) => Exchange.isCancelWord(content),
    })
    const armed = yield* Wait.arm({
      ...Wait.either<Press, Press | Wait.Message>(
        Wait.modal({ customId, userId: user.id }),
        // A bot that gets no messages has no word.
        Wait.optional(said) as Wait.For<Press | Wait.Message>,
      ),
      text,
    })
    const opened = yield* Effect.as(
      interaction.modal(form.render(`${customId}~${SUBMIT}`, given)),
      true,
    ).pipe(Effect.catchTag("ModalImpossible", () => Effect.succeed(false)))
    if (!opened) return undefined
    const { next } = yield* armed.start(within)
    // At once: where this is cancelled now, the word on it answers the submit.
    const answer = yield* Effect.tap(next, (first) =>
      Effect.sync(() => {
        if ("customId" in first) interaction.adopt(first)
      }),
    )
    return "customId" in answer ? answer : yield* new Cancelled({ by: "word" })
  }).pipe(Effect.scoped)

/** A message whose button opens the modal, until what is filled in holds. */
const viaButton = <A>(
  form: Form<A>,
  options: Options,
  start: Attempt,
  within: Duration.DurationInput,
): Effect.Effect<A, Failure, Interaction | Waits.Waits | Scope.Scope> =>
  Effect.gen(function* () {
    const interaction = yield* Interaction
    const exchange = yield* Exchange.open({
      question: questionOf(form, options, start),
      rows: rowsOf(start),
      within,
      what: `the form "${form.title}"`,
      modals: true,
    })
    let attempt = start
    for (;;) {
      const event = yield* exchange.next
      if (event._tag === "Pressed") {
        yield* openBy(event.press, form.render(exchange.id(SUBMIT), attempt.given))
        if (event.press.response.isAnswered()) interaction.adopt(event.press)
      }
      if (event._tag !== "Submitted") continue
      const found = yield* evaluate(form, event.press)
      if (Either.isRight(found)) {
        yield* exchange.close("— Filled in.", event.press)
        return found.right
      }
      attempt = found.left
      yield* exchange.change(questionOf(form, options, attempt), rowsOf(attempt), event.press)
    }
  })

/** Where it cannot be opened, the button is still there to be pressed again. */
const openBy = (press: Press, modal: APIModalInteractionResponseCallbackData): Effect.Effect<void> =>
  Effect.catchAll(press.response.modal(modal), (error) =>
    Effect.logWarning(`A form (${press.id}) could not be opened: ${error.message}`),
  )

const evaluate = <A>(form: Form<A>, press: Press): Effect.Effect<Either.Either<A, Attempt>> =>
  Effect.either(Effect.mapError(form.decode(press.fields), (issues) => ({ given: press.fields, issues })))

const SUBMIT = "form"

const questionOf = <A>(form: Form<A>, { ephemeral, question }: Options, { issues }: Attempt): Reply.Message =>
  Exchange.messageOf(
    issues.length > 0 ? issues.map(sentence).join("\n") : (question ?? Md.text`**${form.title}**`),
    ephemeral ?? false,
  )

const rowsOf =
  ({ issues }: Attempt): Exchange.Rows =>
  (id) => [
    Exchange.row(
      Exchange.button(id("open"), issues.length > 0 ? "Correct" : "Continue", ButtonStyle.Primary),
    ),
  ]

const sentence = ({ expected, got, label }: Issue): string => {
  const must = Md.text`**${label}** must be ${expected}`
  if (got === undefined) return `${must}.`
  const typed = typeof got === "string" ? got : got.join(", ")
  return Md.text`${Md.raw(must)}, not ${Md.code(typed.length > 60 ? `${typed.slice(0, 57)}…` : typed)}.`
}
