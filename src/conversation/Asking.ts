/**
 * Asks one question until there is a valid answer. What every `Prompt` is an instance of.
 *
 * An invalid answer is told why, in the question itself, and moves no deadline.
 *
 * @module
 */
import type {
  APIModalInteractionResponseCallbackData,
  GatewayMessageCreateDispatchData,
} from "discord-api-types/v10"
import { type Duration, Effect, Either } from "effect"
import type { RestError } from "../DiscordError.js"
import type { Interaction } from "../interaction/Interaction.js"
import type { Press } from "../interaction/Press.js"
import type * as Reply from "../interaction/Reply.js"
import type { InteractionEnded } from "../interaction/Response.js"
import type { Waits } from "../wait/Waits.js"
import { InvalidAnswer, InvalidDeclaration } from "./ConversationError.js"
import * as Exchange from "./Exchange.js"

/** What every question takes. */
export interface Options<in A = never> {
  /** How long the person has, from the moment when Discord has accepted the question. */
  readonly within: Duration.DurationInput
  /** Whether only the person sees the question. Default false. */
  readonly ephemeral?: boolean
  /** How often an invalid answer may be given anew, at least 0. Default: until the deadline. */
  readonly retries?: number
  /** Whether there is a Cancel button; the word "cancel" works in any case. Default true. */
  readonly cancel?: boolean
  /** A further demand. What is wrong completes "must be …"; undefined where nothing is. */
  readonly check?: (answer: A) => string | undefined
}

/** What a question can fail with. */
export type Failure = Exchange.Ends | InvalidAnswer | RestError | InteractionEnded

/** What an answer is, or what is wrong with it (completes "must be …"); undefined where it is no answer. */
export type Read<A> = Either.Either<A, string> | undefined

/** A kind of question. */
export interface Kind<A> {
  /** What is waited for: `a whole number`. */
  readonly what: string
  readonly rows: Exchange.Rows
  /** Which messages are answers; undefined where none is. */
  readonly messages: ((message: GatewayMessageCreateDispatchData) => boolean) | undefined
  /** What a press opens; undefined where presses are answers. `typed` is what was invalid before. */
  readonly modal: ((customId: string, typed: string) => APIModalInteractionResponseCallbackData) | undefined
  readonly fromMessage: (message: GatewayMessageCreateDispatchData) => Read<A>
  readonly fromPress: (name: string, press: Press) => Read<A>
  /** The answer, as the closed question shows it. */
  readonly show: (answer: A) => string
}

/** Throws `InvalidDeclaration` where `holds` is false, with as much of the question as tells which one it is. */
export const need = (
  question: string | Reply.Message,
  holds: boolean,
  what: string,
  reason: string,
): void => {
  if (holds) return
  const text = (typeof question === "string" ? question : (question.content ?? "")).slice(0, 40)
  throw new InvalidDeclaration({ place: `prompt ${text === "" ? "" : `"${text}" `}→ ${what}`, reason })
}

/** Asks. Interruption closes the question. Throws `InvalidDeclaration` where `retries` is less than 0. */
export const ask = <A>(
  question: string | Reply.Message,
  kind: Kind<A>,
  options: Options<A>,
): Effect.Effect<A, Failure, Interaction | Waits> => {
  const { retries = 0 } = options
  need(question, retries >= 0, "retries", `must be at least 0, not ${retries}`)
  const message = Exchange.messageOf(question, options.ephemeral)
  return Exchange.use(
    {
      question: message,
      rows: kind.rows,
      within: options.within,
      what: kind.what,
      modals: kind.modal !== undefined,
      ...(kind.messages === undefined ? {} : { messages: kind.messages }),
      ...(options.cancel === undefined ? {} : { cancel: options.cancel }),
    },
    (exchange) => answer(exchange, message, kind, options),
  )
}

const answer = <A>(
  exchange: Exchange.Exchange,
  question: Reply.Message,
  kind: Kind<A>,
  { check, retries = Infinity }: Options<A>,
): Effect.Effect<A, Failure> =>
  Effect.gen(function* () {
    let typed = ""
    for (let attempts = 1; ;) {
      const event = yield* exchange.next
      if (event._tag === "Pressed" && kind.modal !== undefined) {
        yield* opened(event.press, kind.modal(exchange.id(event.name), typed))
        continue
      }
      const press = event._tag === "Said" ? undefined : event.press
      const read =
        event._tag === "Said" ? kind.fromMessage(event.message) : kind.fromPress(event.name, event.press)
      if (read === undefined) continue
      const valid = Either.flatMap(read, (value) => {
        const wrong = check?.(value)
        return wrong === undefined ? Either.right(value) : Either.left(wrong)
      })
      if (Either.isRight(valid)) {
        yield* exchange.close(`— ${kind.show(valid.right)}`, press)
        return valid.right
      }
      const reason = `must be ${valid.left}`
      if (attempts > retries) {
        yield* exchange.close(`Your answer ${reason}.`, press)
        return yield* new InvalidAnswer({ reason, attempts })
      }
      attempts += 1
      typed = press?.kind === "modal" ? typedIn(press) : ""
      yield* exchange.change(question, kind.rows, press, `⚠ Your answer ${reason}.`)
    }
  })

/** The custom id of the one field of a question's modal. */
export const FIELD = "answer"

/** What was typed into a question's modal. */
export const typedIn = ({ fields }: Press): string => {
  const typed = fields[FIELD]
  return typeof typed === "string" ? typed : ""
}

/** Where it cannot be opened, the person can press again. */
const opened = (
  { id, response }: Press,
  modal: APIModalInteractionResponseCallbackData,
): Effect.Effect<void> =>
  Effect.catchAll(response.modal(modal), (error) =>
    Effect.logWarning(`The field for an answer (${id}) could not be opened: ${error.message}`),
  )
