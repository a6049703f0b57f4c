/**
 * One question on somebody's screen, and all that can end it. What `Prompt`, `Menu` and their kin are made of.
 *
 * Waits are armed first, then the question is sent, and only when Discord has accepted it the deadline starts: an
 * answer that overtakes the REST call is not lost, and a slow Discord takes no time from the person. A press is
 * given to whoever asked, who answers it by `close`, `change` or a modal. The question is closed exactly once,
 * whatever ends it: its components go, and a line says what happened.
 *
 * Failure modes: where the closing cannot be shown it is logged, and changes no outcome. A private question can be
 * closed only while its token lives (15 minutes from the last press; Discord).
 *
 * @module
 */
import { GatewayDispatchEvents, type GatewayMessageCreateDispatchData } from "discord-api-types/v10"
import { Array as Arr, type Duration, Effect, ExecutionStrategy, Exit, Option, Random, Scope } from "effect"
import type { RestError } from "../DiscordError.js"
import { Interaction } from "../interaction/Interaction.js"
import type { Press } from "../interaction/Press.js"
import type * as Reply from "../interaction/Reply.js"
import type { InteractionEnded } from "../interaction/Response.js"
import { CurrentTask } from "../supervise/Roster.js"
import * as Wait from "../wait/Wait.js"
import { MissingIntent, WaitTargetGone, type WaitTimeout } from "../wait/WaitError.js"
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
    const sources = yield* arm(options, interaction, key)
    const screen = new Screen.Screen(interaction, key, options.cancel ?? true, frame)
    const deletions = yield* watchDeletions(interaction.channelId)
    yield* Effect.acquireRelease(screen.ask(options.question, options.rows), (_, exit) =>
      screen.end(exit, Option.getOrUndefined(task)),
    )
    const { shown } = screen
    const within = yield* Frame.limit(options.within)
    for (const { start, until } of sources) {
      if (shown !== undefined) yield* until(shown)
      yield* start(within)
    }
    const gone = yield* deletions.include(shown?.messageId ?? "")
    const inbox: Array<Event> = []
    return {
      id: screen.id,
      change: screen.change,
      close: screen.close,
      next: Effect.flatMap(
        gone ? lost(options.what) : first(sources, inbox),
        (event): Effect.Effect<Event, Ends> => {
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
        },
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

/** One of the waits of a question. */
interface Source {
  readonly next: Effect.Effect<Event, WaitTimeout | WaitTargetGone>
  readonly start: Waits.Armed<unknown>["start"]
  readonly until: Waits.Armed<unknown>["until"]
}

const arm = (
  { messages, modals, what }: Options,
  { channelId, user }: Interaction,
  key: string,
): Effect.Effect<ReadonlyArray<Source>, never, Waits.Waits | Scope.Scope> => {
  const by = { customId: key, userId: user.id }
  const source = <A>(
    wanted: Waits.For<A>,
    event: (value: A) => Event,
  ): Effect.Effect<Source, never, Waits.Waits | Scope.Scope> =>
    Effect.map(Wait.arm({ ...wanted, text: `${what} of <@${user.id}> in <#${channelId}>` }), (armed) => ({
      ...armed,
      next: Effect.map(armed.next, event),
    }))
  const pressed = (_tag: "Pressed" | "Submitted") => (press: Press) => ({
    _tag,
    name: press.customId.slice(key.length + 1),
    press,
  })
  const said = Wait.message({
    channelId,
    authorId: user.id,
    where: (message) => isCancelWord(message.content) || messages?.(message) === true,
  })
  const words = source(said, (message) => ({ _tag: "Said", message }))
  return Effect.map(
    Effect.all([
      Effect.asSome(source(Wait.component(by), pressed("Pressed"))),
      // A bot that gets no messages has no word: the button stays.
      messages === undefined ? unlessMissing(words) : Effect.asSome(words),
      ...(modals === true ? [Effect.asSome(source(Wait.modal(by), pressed("Submitted")))] : []),
    ]),
    Arr.getSomes,
  )
}

/**
 * Messages that are deleted while the question is being sent: what its id is, and so when it is gone, is known only
 * after that. `include` ends the watching.
 */
const watchDeletions = (channelId: string) =>
  Effect.gen(function* () {
    const scope = yield* Effect.flatMap(Effect.scope, (parent) =>
      Scope.fork(parent, ExecutionStrategy.sequential),
    )
    const deleted = new Set<string>()
    const watched = Wait.event(GatewayDispatchEvents.MessageDelete, {
      channelId,
      where: ({ id }) => {
        deleted.add(id)
        return false
      },
    })
    yield* unlessMissing(Wait.arm(watched, { watch: true })).pipe(Scope.extend(scope))
    return {
      include: (messageId: string) => Effect.as(Scope.close(scope, Exit.void), deleted.has(messageId)),
    }
  })

const lost = (what: string) => Effect.suspend(() => new WaitTargetGone({ what, gone: "message" }))

/** Nothing where the bot does not get such events. */
const unlessMissing = <A, R>(armed: Effect.Effect<A, never, R>): Effect.Effect<Option.Option<A>, never, R> =>
  Effect.catchSomeDefect(Effect.asSome(armed), (defect) =>
    defect instanceof MissingIntent ? Option.some(Effect.succeedNone) : Option.none(),
  )

/** The first event of any; those that came at the same moment are kept in the inbox. */
const first = (
  sources: ReadonlyArray<Source>,
  inbox: Array<Event>,
): Effect.Effect<Event, WaitTimeout | WaitTargetGone> => {
  const kept = Effect.suspend(() => Effect.fromNullable(inbox.shift()))
  const noted = sources.map(({ next }) =>
    Effect.map(next, (event) => {
      inbox.push(event)
    }),
  )
  const any = Effect.catchAll(
    noted.reduce((left, right) => Effect.raceFirst(left, right)),
    // Another of them may have what came before the end and was not read yet.
    (end) => {
      if (inbox.length > 0) return Effect.void
      return end._tag === "WaitTimeout" ? Effect.firstSuccessOf(noted) : Effect.fail(end)
    },
  )
  return Effect.orElse(kept, () => Effect.zipRight(any, Effect.orDie(kept)))
}
