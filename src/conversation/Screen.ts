/**
 * What a question looks like, and how that is changed: at first, while it is live, and when it is over.
 *
 * @module
 */
import {
  type APIActionRowComponent,
  type APIButtonComponentWithCustomId,
  type APIComponentInMessageActionRow,
  ButtonStyle,
  ComponentType,
  MessageFlags,
} from "discord-api-types/v10"
import { Cause, Clock, Effect, Exit, Option, Predicate } from "effect"
import type { RestError } from "../DiscordError.js"
import type { Interaction } from "../interaction/Interaction.js"
import type { Press } from "../interaction/Press.js"
import * as Reply from "../interaction/Reply.js"
import type { InteractionEnded, Response, Shown } from "../interaction/Response.js"
import * as LastWord from "../supervise/LastWord.js"
import type * as Roster from "../supervise/Roster.js"
import type { Waits } from "../wait/Waits.js"
import * as Arrival from "./Arrival.js"
import type { Frame } from "./Frame.js"

/** A row of live components. */
export type Row = APIActionRowComponent<APIComponentInMessageActionRow>

/** The components of a question; `id` makes a custom id that belongs to it. */
export type Rows = (id: (name: string) => string) => ReadonlyArray<Row>

/** The names of the buttons that every question may have. */
export const CANCEL = "cancel"
export const BACK = "back"

/** How long it may take to close a question: by a press alone, and in all. */
const CLOSING = { byPress: "10 seconds", inAll: "20 seconds" } as const

/** The longest content of a message (Discord). */
const LONGEST_CONTENT = 2_000

/** Buttons in a row (Discord). */
const ROW = 5

/** What a question looks like, and how to change that. */
export class Screen {
  shown: Shown | undefined
  private question: Reply.Message | undefined
  /** The press that the question can be changed through: the last that was answered by changing it. */
  private via: Response | undefined
  private isClosed = false

  constructor(
    private readonly interaction: Interaction,
    private readonly key: string,
    readonly cancellable: boolean,
    private readonly frame: Frame | undefined,
  ) {}

  readonly id = (name: string): string => `${this.key}~${name}`

  readonly ask = (
    question: Reply.Message,
    rows: Rows,
  ): Effect.Effect<void, RestError | InteractionEnded, Waits> =>
    Effect.suspend(() => {
      if (Arrival.isPrivate(question)) this.frame?.asksPrivately()
      return Arrival.ask({
        interaction: this.interaction,
        message: this.live(question, rows),
        mark: this.id(""),
        end: closed(headed(question, this.frame?.header), lines.broken),
      }).pipe(
        Effect.map((shown) => {
          this.question = question
          this.shown = shown
        }),
        this.hold,
      )
    })

  /** See `Exchange.change`. */
  readonly change = (
    question: Reply.Message,
    rows: Rows,
    press?: Press,
    note?: string,
  ): Effect.Effect<void, RestError | InteractionEnded> =>
    Effect.suspend(() => {
      if (this.isClosed) return Effect.void
      this.question = question
      const message = this.live(note === undefined ? question : withLine(question, note), rows)
      // Given up on its way, it could arrive after the closing, and be live for ever.
      return this.hold(LastWord.apart(this.put(message, press)))
    })

  /** See `Exchange.close`. */
  readonly close = (end: string | Reply.Message, press?: Press): Effect.Effect<void> =>
    Effect.suspend(() => {
      if (this.isClosed || this.question === undefined) return Effect.void
      this.isClosed = true
      const message = typeof end === "string" ? closed(headed(this.question, this.frame?.header), end) : end
      const closing = this.put(message, press).pipe(
        // It was deleted: then there is nothing to take away.
        Effect.catchTag("UnknownResource", () => Effect.void),
        Effect.catchAllCause((cause) => Effect.logWarning("A question could not be closed", cause)),
      )
      return this.hold(LastWord.patient(CLOSING.inAll, closing))
    }).pipe(Effect.uninterruptible)

  /** At the end of its scope, unless it was closed before. `task` is whoever asked. */
  readonly end = (exit: Exit.Exit<unknown, unknown>, task: Roster.Held | undefined): Effect.Effect<void> =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => {
      const line = endOf(exit, task, now)
      return line === undefined ? Effect.void : this.close(line)
    })

  private readonly hold = <E, R>(effect: Effect.Effect<void, E, R>): Effect.Effect<void, E, R> =>
    this.frame?.hold(effect) ?? effect

  /** In answer to the press, by the last press, or by the question's own right: whichever works first. */
  private put(
    message: Reply.Message,
    press: Press | undefined,
  ): Effect.Effect<void, RestError | InteractionEnded> {
    const { shown, via } = this
    const byItself = shown === undefined ? Effect.void : shown.edit(message)
    if (press === undefined)
      return via === undefined ? byItself : Effect.catchAll(via.update(message), () => byItself)
    return LastWord.apart(Effect.timeout(press.response.update(message), CLOSING.byPress)).pipe(
      Effect.tap(() =>
        Effect.sync(() => {
          this.via = press.response
        }),
      ),
      // Discord tells the person that their press failed, though what it did is shown.
      Effect.tapError((error) =>
        Effect.logInfo(`A press (${press.id}) could not be answered: ${error._tag}: ${error.message}`),
      ),
      Effect.catchAll(() => byItself),
      Effect.ensuring(
        // One that could not be answered carries nothing further.
        Effect.sync(() => {
          if (press.response.isAnswered()) this.interaction.adopt(press)
        }),
      ),
    )
  }

  private live(question: Reply.Message, rows: Rows): Reply.Message {
    const controls = [
      ...(this.frame?.back === undefined ? [] : [button(this.id(BACK), "Back")]),
      ...(this.cancellable ? [button(this.id(CANCEL), "Cancel")] : []),
    ]
    const { components = [], ...framed } = headed(question, this.frame?.header)
    return { ...framed, components: [...components, ...withControls(rows(this.id), controls)] }
  }
}

// ---------------------------------------------------------------------------------------------------------
// Components
// ---------------------------------------------------------------------------------------------------------

/** A button. `label` has at most 80 characters (Discord). */
export const button = (
  customId: string,
  label: string,
  style: APIButtonComponentWithCustomId["style"] = ButtonStyle.Secondary,
): APIButtonComponentWithCustomId => ({
  type: ComponentType.Button,
  style,
  label,
  custom_id: customId,
})

/** A row: at most 5 buttons, or one select menu (Discord). */
export const row = (...components: ReadonlyArray<APIComponentInMessageActionRow>): Row => ({
  type: ComponentType.ActionRow,
  components: [...components],
})

/** A question given as text or as a message. */
export const messageOf = (question: string | Reply.Message, ephemeral = false): Reply.Message => {
  const message = typeof question === "string" ? Reply.text(question) : question
  return ephemeral ? Reply.ephemeral(message) : message
}

/** A question with a line below its text, which is cut where both are too long for Discord. */
export const withLine = (question: Reply.Message, line: string): Reply.Message => {
  if (isV2(question)) {
    const text = { type: ComponentType.TextDisplay, content: line } as const
    return { ...question, components: [...(question.components ?? []), text] }
  }
  const said = (question.content ?? "").slice(0, LONGEST_CONTENT - line.length - 1)
  return { ...question, content: said === "" ? line : `${said}\n${line}` }
}

const isV2 = ({ flags = 0 }: Reply.Message): boolean => (flags & MessageFlags.IsComponentsV2) !== 0

/** Beside the last buttons where there is room for all of them. */
const withControls = (
  rows: ReadonlyArray<Row>,
  controls: ReadonlyArray<APIButtonComponentWithCustomId>,
): ReadonlyArray<Row> => {
  const last = rows.at(-1)
  const isRoom =
    last !== undefined &&
    last.components.length + controls.length <= ROW &&
    last.components.every(({ type }) => type === ComponentType.Button)
  if (controls.length === 0) return rows
  return isRoom ? [...rows.slice(0, -1), row(...last.components, ...controls)] : [...rows, row(...controls)]
}

const headed = (question: Reply.Message, header: string | undefined): Reply.Message => {
  if (header === undefined) return question
  if (isV2(question)) {
    const text = { type: ComponentType.TextDisplay, content: header } as const
    return { ...question, components: [text, ...(question.components ?? [])] }
  }
  const content = `${header}\n${question.content ?? ""}`.trimEnd()
  return { ...question, content: content.slice(0, LONGEST_CONTENT) }
}

/** The question without what is live in it, and what became of it. */
const closed = ({ files: _files, ...question }: Reply.Message, line: string): Reply.Message => {
  const components = (question.components ?? []).map((one) => ("toJSON" in one ? one.toJSON() : one))
  return withLine(
    { ...question, components: components.filter(({ type }) => type !== ComponentType.ActionRow) },
    line,
  )
}

/** What a question says when it was closed without an answer. */
export const lines = {
  back: "— Back",
  cancelled: "Cancelled.",
  timedOut: "Timed out.",
  admin: "Stopped by an administrator.",
  shutdown: "Stopped: I am being restarted.",
  replaced: "Stopped: a newer call took its place.",
  stopped: "Stopped.",
  broken: "Something went wrong.",
  over: "Closed.",
}

/** How the scope of a question ended; undefined where the question itself is gone. */
const endOf = (
  exit: Exit.Exit<unknown, unknown>,
  task: Roster.Held | undefined,
  now: number,
): string | undefined => {
  if (Exit.isSuccess(exit)) return lines.over
  const failure = Option.getOrUndefined(Cause.failureOption(exit.cause))
  switch (Predicate.hasProperty(failure, "_tag") ? failure._tag : undefined) {
    case "WaitTimeout":
      return lines.timedOut
    case "WaitTargetGone":
      return undefined
    case "Cancelled":
      return lines.cancelled
  }
  if (!Cause.isInterruptedOnly(exit.cause)) return lines.broken
  const { deadlineAt = Infinity, endedBy } = task ?? {}
  if (endedBy === undefined) return now >= deadlineAt ? lines.timedOut : lines.stopped
  return endedBy === "user" ? lines.stopped : lines[endedBy]
}
