/**
 * One question on somebody's screen, and all that can end it. What `Prompt`, `Menu` and their kin are made of.
 *
 * Waits are armed first, then the question is sent, and only when Discord has accepted it the deadline starts: an
 * answer that overtakes the REST call is not lost, and a slow Discord takes no time from the person. A press is
 * given to whoever asked, who answers it by `close`, `change` or a modal. The question is closed exactly once,
 * whatever ends it: its components go, and a line says what happened.
 *
 * Failure modes: where the closing cannot be shown it is logged, and changes no outcome. A private question can be
 * closed only while its token lives (15 minutes from the last press; Discord). A question whose answer from Discord
 * is lost is closed where the gateway tells of it or it is found in its channel (see `Arrival`); a private one that
 * is no first response is not: its components stay, and the first press on one closes it.
 *
 * @module
 */
import type { GatewayMessageCreateDispatchData } from "discord-api-types/v10"
import { Duration, Effect, Option, Random, type Scope } from "effect"
import type { RestError } from "../DiscordError.js"
import { Interaction } from "../interaction/Interaction.js"
import type { Press } from "../interaction/Press.js"
import type * as Reply from "../interaction/Reply.js"
import type { InteractionEnded } from "../interaction/Response.js"
import { CurrentTask } from "../supervise/Roster.js"
import * as Wait from "../wait/Wait.js"
import { type WaitTargetGone, WaitTimeout } from "../wait/WaitError.js"
import * as Waits from "../wait/Waits.js"
import { Cancelled } from "./ConversationError.js"
import * as Frame from "./Frame.js"
import * as Screen from "./Screen.js"

export { button, messageOf, row, type Row, type Rows } from "./Screen.js"

export interface Options {
  /** Without components. */
  readonly question: Reply.Message
  readonly rows: Screen.Rows
  /** How long the person has, from the moment when Discord has accepted the question. */
  readonly within: Duration.DurationInput
  /** What is waited for, on the roster and in errors: `a yes or no`. The person and the channel are added. */
  readonly what: string
  /** Which of the person's messages in the channel are events. Default none. */
  readonly messages?: (message: GatewayMessageCreateDispatchData) => boolean
  /** Whether modals are opened whose custom id is of this question. Default false. */
  readonly modals?: boolean
  /** Whether there is a Cancel button. The word ends the conversation in any case. Default true. */
  readonly cancel?: boolean
}

/** What the person did. */
export type Event =
  /** `name` is what the component was called when its id was made. The press awaits its answer. */
  | { readonly _tag: "Pressed"; readonly name: string; readonly press: Press }
  | { readonly _tag: "Submitted"; readonly name: string; readonly press: Press }
  | { readonly _tag: "Said"; readonly message: GatewayMessageCreateDispatchData }

/** What ends an exchange besides an answer. */
export type Ends = WaitTimeout | WaitTargetGone | Cancelled

export interface Exchange {
  /** A custom id that belongs to this question, for components and modals. */
  readonly id: (name: string) => string
  /**
   * What the person does next. Events that came before are kept, also those from before the question was
   * accepted. Fails when the exchange is over; a Cancel press is answered here.
   */
  readonly next: Effect.Effect<Event, Ends>
  /** The same, but the event has to come within a time of its own: for what goes on from press to press. */
  readonly nextWithin: (within: Duration.DurationInput) => Effect.Effect<Event, Ends>
  /**
   * Puts another question in the place of the first, under the same deadline, in answer to a press or submit where
   * one is given; what follows then goes through that press. `note` is a line below it while it is there.
   */
  readonly change: (
    question: Reply.Message,
    rows: Screen.Rows,
    press?: Press,
    note?: string,
  ) => Effect.Effect<void, RestError | InteractionEnded>
  /**
   * Takes the components away for good: a line is added to the question, a message takes its place. In answer to a
   * press or submit where one is given; what follows then goes through that press. Cannot be interrupted; ends
   * within 20 seconds; never fails: what cannot be shown is logged. Later calls do nothing.
   */
  readonly close: (end: string | Reply.Message, press?: Press) => Effect.Effect<void>
}

/**
 * Asks, and gives the exchange once the question is there. It is closed with the scope, with a line that says how
 * that ended, unless it was closed before. Fails where the question could not be sent; interruption waits until it
 * was.
 */
export const open = (
  options: Options,
): Effect.Effect<Exchange, RestError | InteractionEnded, Interaction | Waits.Waits | Scope.Scope> =>
  Effect.gen(function* () {
    const interaction = yield* Interaction
    const task = yield* Effect.serviceOption(CurrentTask)
    const frame = yield* Frame.Current
    const key = yield* unique
    const armed = yield* Wait.arm(answers(options, interaction, key))
    const screen = new Screen.Screen(interaction, key, options.cancel ?? true, frame)
    yield* Effect.acquireRelease(screen.ask(options.question, options.rows), (_, exit) =>
      screen.end(exit, Option.getOrUndefined(task)),
    )
    if (screen.shown !== undefined) yield* armed.until(screen.shown)
    const { next } = yield* armed.start(yield* Frame.limit(options.within))
    const told = (answer: Answer): Effect.Effect<Event, Ends> => {
      const event = eventOf(answer, key)
      if (event._tag === "Said" && isCancelWord(event.message.content))
        return Effect.fail(new Cancelled({ by: "word" }))
      if (event._tag === "Pressed" && event.name === Screen.CANCEL && screen.cancellable)
        return Effect.zipRight(
          screen.close(Screen.lines.cancelled, event.press),
          Effect.fail(new Cancelled({ by: "button" })),
        )
      if (event._tag === "Pressed" && event.name === Screen.BACK && frame?.back !== undefined)
        return Effect.zipRight(screen.close(Screen.lines.back, event.press), frame.back)
      return Effect.succeed(event)
    }
    return {
      id: screen.id,
      change: screen.change,
      close: screen.close,
      next: Effect.flatMap(next, told),
      // The closing that a press on Cancel or Back brings takes its own time.
      nextWithin: (within) =>
        Effect.flatMap(
          Effect.timeoutFail(next, {
            duration: within,
            onTimeout: () => new WaitTimeout({ what: options.what, after: Duration.toMillis(within) }),
          }),
          told,
        ),
    }
  })

/** Asks, hands the exchange to `use`, and closes it when that has ended. */
export const use = <A, E, R>(
  options: Options,
  use: (exchange: Exchange) => Effect.Effect<A, E, R>,
): Effect.Effect<A, E | RestError | InteractionEnded, Exclude<R, Scope.Scope> | Interaction | Waits.Waits> =>
  Effect.scoped(Effect.flatMap(open(options), use))

/** Whether that is the word which ends a conversation, whatever its case. */
export const isCancelWord = (content: string): boolean => content.trim().toLowerCase() === "cancel"

// ---------------------------------------------------------------------------------------------------------
// The inside
// ---------------------------------------------------------------------------------------------------------

let opened = 0

/** A key for custom ids: different from those of a former process, whose messages may still be there. */
export const unique: Effect.Effect<string> = Effect.map(Random.nextIntBetween(0, 36 ** 6), (random) => {
  opened += 1
  return `${Waits.PREFIX}${random.toString(36)}${opened.toString(36)}`
})

type Answer = Press | Wait.Message

/** One wait for all that may come, so that what came first is read first. */
const answers = (
  { messages, modals, what }: Options,
  { channelId, user }: Interaction,
  key: string,
): Wait.For<Answer> => {
  const by = { customId: key, userId: user.id }
  const said = Wait.message({
    channelId,
    authorId: user.id,
    where: (message) => isCancelWord(message.content) || messages?.(message) === true,
  })
  return {
    ...Wait.either<Press, Answer>(
      Wait.component(by),
      // A bot that gets no messages has no word: the button stays.
      (messages === undefined ? Wait.optional(said) : said) as Wait.For<Answer>,
      ...(modals === true ? [Wait.modal(by) as Wait.For<Answer>] : []),
    ),
    text: `${what} of <@${user.id}> in <#${channelId}>`,
  }
}

const eventOf = (answer: Answer, key: string): Event => {
  if (!("customId" in answer)) return { _tag: "Said", message: answer }
  const name = answer.customId.slice(key.length + 1)
  return answer.kind === "modal"
    ? { _tag: "Submitted", name, press: answer }
    : { _tag: "Pressed", name, press: answer }
}
