/**
 * The response lock of an interaction: what is done in each of its states (see `Lock`).
 *
 * The first response goes to the acknowledgement lane and costs no fiber; everything after it is an effect.
 * A press is deferred in silence, which leaves open whether the message that it was made on changes or a new one
 * comes. A private outcome after a public "thinking…" deletes that and follows up privately, since Discord cannot
 * make it private any more. After the token's 15 minutes (Discord) the bot goes on by channel messages that name
 * the person; what is private goes by direct message.
 *
 * Failure modes: an answer whose form Discord refuses is replaced by a notice, and the refusal is reported.
 * If the structure's own `reply` was used behind this lock's back, Discord answers 40060 and the outcome goes
 * out as a follow-up.
 *
 * @module
 */
import {
  type APIModalInteractionResponseCallbackData,
  InteractionResponseType,
  InteractionType,
  MessageFlags,
} from "discord-api-types/v10"
import { Deferred, Effect, Exit, FiberId, Runtime } from "effect"
import * as Message from "../discord/Message.js"
import type { RestError } from "../DiscordError.js"
import type * as Timers from "../supervise/Timers.js"
import * as Bodies from "./Bodies.js"
import * as ChannelMessage from "./ChannelMessage.js"
import { Lock, type Original } from "./Lock.js"
import type * as Reply from "./Reply.js"
import { InteractionEnded, ModalImpossible, type Response, type Shown } from "./Response.js"
import * as Token from "./Token.js"

/** An interaction's token lives for 15 minutes (Discord). What is shown before that can still be put right. */
const OUTLAST = 14.5 * 60_000

export type Edge = ChannelMessage.Edge
export type Source = Token.Source

export const make = (edge: Edge, source: Source): Response => new InteractionResponse(edge, source)

class InteractionResponse implements Response {
  private readonly lock = new Lock()
  /** What a deferral has promised: the next message is private. */
  private private_ = false
  /** The first message of ours. */
  private shown: Shown | undefined
  private carries = false
  private outlast: Timers.Timer | undefined
  private ended = false
  private made: Effect.Semaphore | undefined
  /** Ends what a `show` has under way, so that the outcome does not wait for it. */
  private over: Deferred.Deferred<never, InteractionEnded> | undefined

  private readonly token: Token.Token

  constructor(
    private readonly edge: Edge,
    private readonly source: Source,
  ) {
    this.token = new Token.Token(edge, source)
  }

  /** Made when it is first needed: most interactions are answered at once. */
  private get turn(): Effect.Semaphore {
    return (this.made ??= Effect.unsafeMakeSemaphore(1))
  }

  defer(ephemeral: boolean): void {
    if (!this.ended && this.lock.state === "open") this.hold(ephemeral)
  }

  accept(): void {
    if (this.ended || this.lock.state !== "open") return
    if (this.carries || this.source.message !== undefined) return this.hold(false)
    // Such a form can only be answered by a message: by one that is gone at once.
    this.think(true)
    const gone = Effect.zipRight(this.lock.settled, this.token.original("DELETE")).pipe(
      Effect.zipRight(
        Effect.sync(() => {
          this.lock.original = "none"
          this.answered()
        }),
      ),
      this.turn.withPermits(1),
      Effect.ignoreLogged,
    )
    Runtime.runFork(this.edge.runtime)(gone)
  }

  carry(): boolean {
    this.carries = true
    return !this.ended
  }

  canShowModal(): boolean {
    return !this.ended && this.lock.state === "open" && this.source.type !== InteractionType.ModalSubmit
  }

  isAnswered(): boolean {
    return this.lock.state === "answered"
  }

  willReplace(): boolean {
    return this.lock.state === "deferred" && !this.token.isOld()
  }

  show(message: Reply.Message): Effect.Effect<Shown, RestError | InteractionEnded> {
    return this.untilOver(() => this.deliver(Message.render(message)))
  }

  ask(message: Reply.Message): Effect.Effect<Shown, RestError | InteractionEnded> {
    return Effect.suspend((): Effect.Effect<Shown, RestError | InteractionEnded> => {
      if (this.ended) return Effect.fail(new InteractionEnded({ id: this.source.id }))
      const rendered = Message.render(message)
      // Beyond the first response nothing has to wait for anything, least of all the outcome.
      const isFree = this.lock.state === "answered" && !this.lock.isDoubtful
      return isFree ? this.deliverAlone(rendered) : this.deliver(rendered)
    }).pipe(Effect.uninterruptible)
  }

  update(message: Reply.Message): Effect.Effect<void, RestError | InteractionEnded> {
    return this.untilOver(() => Effect.asVoid(this.deliverUpdate(Message.render(message))))
  }

  modal(
    modal: APIModalInteractionResponseCallbackData,
  ): Effect.Effect<void, RestError | InteractionEnded | ModalImpossible> {
    return Effect.suspend((): Effect.Effect<void, RestError | InteractionEnded | ModalImpossible> => {
      if (this.ended) return Effect.fail(new InteractionEnded({ id: this.source.id }))
      if (!this.canShowModal()) return Effect.fail(new ModalImpossible({ id: this.source.id }))
      const opened = this.callback({ type: InteractionResponseType.Modal, data: modal }, "none")
      return Effect.catchTag(Effect.asVoid(opened), "AlreadyAcknowledged", () =>
        Effect.fail(new ModalImpossible({ id: this.source.id })),
      )
    })
  }

  finish(outcome: Reply.Reply, report: (error: RestError | null) => void): void {
    if (this.ended) return report(lost(this.source.id))
    // First, because it may throw: nothing was decided then.
    const message = Bodies.rendered(outcome)
    this.ended = true
    this.outlast?.cancel()
    if (this.over !== undefined) {
      Deferred.unsafeDone(this.over, Exit.fail(new InteractionEnded({ id: this.source.id })))
    }
    // Of what may never have arrived nobody knows whether it was shown.
    const isShown = this.lock.state === "answered" && !this.lock.isDoubtful
    // A press is deferred only by an output that may be there, and that has to go.
    const isQuiet = isShown || (this.source.message !== undefined && this.lock.state !== "deferred")
    if (outcome._tag === "Silent" && isQuiet) return this.finishSilently(report)
    const isUpdate = outcome._tag === "Update"
    if (this.lock.state !== "open" || message.files !== undefined)
      return this.finishLater(message, isUpdate, report)
    this.lock.state = "acknowledging"
    const replaces = isUpdate && this.source.message !== undefined
    this.acknowledge(replaces ? Bodies.firstUpdate(message) : Bodies.firstAnswer(message), (error) => {
      this.lock.settle("answered", replaces ? "source" : "message", error)
      if (!replaces) this.replaceIfDoubtful(message)
      if (error === null) report(null)
      else if (error._tag === "UnknownInteraction") report(error)
      else if (error._tag === "AlreadyAcknowledged" && outcome._tag === "Silent") report(null)
      else
        // What was to be replaced is gone: then the outcome is a message of its own.
        this.finishLater(
          error._tag === "InvalidForm" ? Bodies.refusedForm : message,
          isUpdate && error._tag !== "UnknownResource",
          (again) => report(again ?? reported(error)),
        )
    })
  }

  private finishSilently(report: (error: RestError | null) => void): void {
    if (this.lock.state === "open") this.acceptSilently(report)
    else if (this.lock.state !== "acknowledging")
      report(this.lock.state === "lost" ? lost(this.source.id) : null)
    else this.lock.whenSettled(() => this.finishSilently(report))
  }

  /** The way that is not the hot one: after a defer, after partial output, with files, after a failure. */
  private finishLater(
    message: Message.Rendered,
    isUpdate: boolean,
    report: (error: RestError | null) => void,
  ): void {
    const delivery = Effect.catchTag(
      isUpdate
        ? // Somebody may have deleted what was to be replaced.
          Effect.catchTag(this.deliverUpdate(message), "UnknownResource", () =>
            this.deliver(this.veiled(message)),
          )
        : this.deliver(message),
      "InvalidForm",
      (error) =>
        message === Bodies.refusedForm
          ? Effect.fail(error)
          : Effect.zipRight(this.deliver(Bodies.refusedForm), Effect.fail<RestError>(error)),
    )
    Runtime.runFork(this.edge.runtime)(Effect.asVoid(delivery)).addObserver((exit) =>
      report(Exit.isSuccess(exit) ? null : (failureOf(exit) ?? lost(this.source.id))),
    )
  }

  /** Given up when the outcome is decided, or by interruption. */
  private untilOver<A>(
    deliver: () => Effect.Effect<A, RestError>,
  ): Effect.Effect<A, RestError | InteractionEnded> {
    return Effect.suspend((): Effect.Effect<A, RestError | InteractionEnded> => {
      if (this.ended) return Effect.fail(new InteractionEnded({ id: this.source.id }))
      this.over ??= Deferred.unsafeMake(FiberId.none)
      return Effect.raceFirst(Effect.interruptible(deliver()), Deferred.await(this.over))
    })
  }

  /** One at a time: an interrupted `show` has given up its call before the outcome looks at the state. */
  private deliver(message: Message.Rendered): Effect.Effect<Shown, RestError> {
    return this.turn.withPermits(1)(this.deliverAlone(message))
  }

  private deliverAlone(message: Message.Rendered): Effect.Effect<Shown, RestError> {
    return Effect.suspend(() => {
      switch (this.lock.state) {
        case "open":
          // An upload may take longer than the three seconds, so it comes after an acknowledgement.
          if (message.files === undefined) return this.first(message)
          this.hold(message.ephemeral)
          return this.deliverAlone(message)
        case "acknowledging":
          return Effect.zipRight(this.lock.settled, this.deliverAlone(message))
        case "deferred":
        case "answered": {
          const kept = this.private_ ? Token.privately(message) : message
          const delivery = this.lock.state === "deferred" ? this.afterDefer(kept) : this.followUp(kept)
          return this.unlessOld(this.unlessNeverArrived(delivery, kept), kept)
        }
        case "lost":
          return Effect.fail(lost(this.source.id))
      }
    })
  }

  /** A first response that leaves open what will be shown. */
  private hold(ephemeral: boolean): void {
    if (this.source.message === undefined) return this.think(ephemeral)
    this.private_ = ephemeral
    this.acceptSilently()
  }

  /** Whether what an update replaces is private. */
  private get isReplacingPrivate(): boolean {
    const pressedOn = this.source.message
    if (pressedOn === undefined) return this.private_ || this.shown?.ephemeral === true
    return ((pressedOn.flags ?? 0) & MessageFlags.Ephemeral) !== 0
  }
  /** What takes the place of something private is private. */
  private veiled(message: Message.Rendered): Message.Rendered {
    return this.isReplacingPrivate ? Token.privately(message) : message
  }

  private deliverUpdate(message: Message.Rendered): Effect.Effect<unknown, RestError> {
    return this.turn.withPermits(1)(this.deliverUpdateAlone(message))
  }

  private deliverUpdateAlone(message: Message.Rendered): Effect.Effect<unknown, RestError> {
    return Effect.suspend((): Effect.Effect<unknown, RestError> => {
      const pressedOn = this.source.message
      switch (this.lock.state) {
        case "open":
          if (pressedOn === undefined) return this.deliverAlone(message)
          if (message.files === undefined) {
            // The message is gone, and with it what was to be changed; the press wants its answer all the same.
            return Effect.tapErrorTag(this.firstUpdate(message), "UnknownResource", () =>
              Effect.sync(() => {
                if (this.lock.state === "open") this.acceptSilently()
              }),
            )
          }
          this.acceptSilently()
          return this.deliverUpdateAlone(message)
        case "acknowledging":
          return Effect.zipRight(this.lock.settled, this.deliverUpdateAlone(message))
        case "answered": {
          const wanted = pressedOn === undefined ? "message" : "source"
          if (this.lock.isDoubtful && this.lock.original === wanted) {
            return Effect.catchTag(this.token.original("PATCH", message), "UnknownResource", () => {
              this.lock.isDoubtful = false
              return pressedOn === undefined ? this.first(message) : this.firstUpdate(message)
            })
          }
          // Without its token nobody can change a private message any more.
          if (this.token.isOld() && this.isReplacingPrivate) return this.token.byChannel(this.veiled(message))
          if (pressedOn === undefined) {
            return this.shown === undefined
              ? this.deliverAlone(message)
              : this.token.edit(this.shown.messageId, message)
          }
          if (this.lock.original === "source" && !this.token.isOld())
            return this.token.original("PATCH", message)
          return this.token.editPressedOn(message)
        }
        case "deferred":
          return pressedOn === undefined ? this.deliverAlone(message) : this.updateInstead(message)
        case "lost":
          return this.deliverAlone(message)
      }
    })
  }

  /** After a message of ours of which nobody knows whether it is there: that goes, and the one pressed on changes. */
  private updateInstead(message: Message.Rendered): Effect.Effect<unknown, RestError> {
    const update = Effect.suspend(() => this.deliverUpdateAlone(message))
    const gone = this.token.isOld() ? Effect.void : Effect.asVoid(this.token.original("DELETE"))
    return Effect.matchEffect(gone, {
      onFailure: ({ _tag }) => {
        this.lock.settleDoubt(_tag === "UnknownResource" ? "open" : "answered")
        this.private_ = false
        // Too late for a first response; by the bot's own right it can be changed all the same.
        return Effect.catchTag(update, "UnknownInteraction", () => this.token.editPressedOn(message))
      },
      onSuccess: () => {
        this.lock.settleDoubt("answered")
        this.private_ = false
        return update
      },
    })
  }

  /** Where it is not known whether the first response arrived: Discord then knows no webhook for the token. */
  private unlessNeverArrived(
    delivery: Effect.Effect<Shown, RestError>,
    message: Message.Rendered,
  ): Effect.Effect<Shown, RestError> {
    if (!this.lock.isDoubtful) return delivery
    return Effect.catchTag(delivery, "UnknownResource", () => {
      this.lock.isDoubtful = false
      return this.first(message)
    })
  }

  /** By the bot's own right where the token's time is over. */
  private unlessOld(
    delivery: Effect.Effect<Shown, RestError>,
    message: Message.Rendered,
  ): Effect.Effect<Shown, RestError> {
    if (this.token.isOld()) return this.token.byChannel(message)
    return Effect.catchIf(delivery, Token.isOver, () => this.token.byChannel(message))
  }

  private first(message: Message.Rendered): Effect.Effect<Shown, RestError> {
    return this.callback(
      { type: InteractionResponseType.ChannelMessageWithSource, data: message.body },
      "message",
      message,
    ).pipe(
      Effect.map((id) => this.withShown(this.token.shown(id, message.ephemeral))),
      // Whoever showed it is told that it is not shown: what comes next takes its place, in case it is there.
      Effect.tapError(() => Effect.sync(() => this.replaceIfDoubtful(message))),
      Effect.catchTag("AlreadyAcknowledged", () => this.followUp(message)),
    )
  }

  private followUp(message: Message.Rendered): Effect.Effect<Shown, RestError> {
    return Effect.map(this.token.followUp(message), (shown) => this.withShown(shown))
  }

  private withShown(shown: Shown): Shown {
    this.shown ??= shown
    this.answered()
    return shown
  }
  private answered(): void {
    this.lock.state = "answered"
    this.private_ = false
    this.outlast?.cancel()
  }

  private firstUpdate(message: Message.Rendered): Effect.Effect<void, RestError> {
    const data = ChannelMessage.replacing(message)
    return this.callback({ type: InteractionResponseType.UpdateMessage, data }, "source", message).pipe(
      Effect.catchTag("AlreadyAcknowledged", () => this.token.editPressedOn(message)),
      Effect.asVoid,
    )
  }

  /** A first response as an effect. */
  private callback(
    body: object,
    original: Original,
    message?: Message.Rendered,
  ): Effect.Effect<string | undefined, RestError> {
    return Effect.suspend(() => {
      this.lock.state = "acknowledging"
      return this.token.callback(body, message)
    }).pipe(
      Effect.tap(() => Effect.sync(() => this.lock.settle("answered", original, null))),
      Effect.tapError((error) => Effect.sync(() => this.lock.settle("answered", original, error))),
      // Aborted, it would leave in doubt whether there is an answer.
      Effect.uninterruptible,
    )
  }

  private afterDefer(message: Message.Rendered): Effect.Effect<Shown, RestError> {
    // Whatever becomes of it, the placeholder is filled or gone.
    const followUp = Effect.suspend(() => {
      this.lock.state = "answered"
      this.lock.original = "none"
      return this.followUp(message)
    })
    if (message.ephemeral && !this.private_) {
      const gone = this.token.original("DELETE")
      if (this.lock.isDoubtful) return Effect.zipRight(gone, followUp)
      return gone.pipe(
        // Somebody else has deleted it.
        Effect.catchTag("UnknownResource", () => Effect.void),
        // A follow-up to a "thinking…" that is still there would fill it, for all to see.
        Effect.catchAll(() => this.token.original("PATCH", Bodies.elsewhere)),
        Effect.zipRight(followUp),
      )
    }
    const edited = Effect.map(this.token.original("PATCH", message), (id) =>
      this.withShown(this.token.shown(id, this.private_)),
    )
    // Somebody may have deleted the "thinking…".
    return this.lock.isDoubtful ? edited : Effect.catchTag(edited, "UnknownResource", () => followUp)
  }

  /** Says before the token is over that the answer will come without it; what was promised still holds. */
  private readonly onOutlast = (): void => {
    if (this.ended || this.lock.state !== "deferred") return
    const said = Effect.suspend(() =>
      this.lock.state !== "deferred"
        ? Effect.void
        : Effect.map(this.token.original("PATCH", Bodies.later), (id) => {
            this.shown = this.token.shown(id, this.private_)
            this.lock.state = "answered"
          }),
    )
    Runtime.runFork(this.edge.runtime)(Effect.ignoreLogged(this.turn.withPermits(1)(said)))
  }

  private think(ephemeral: boolean): void {
    this.lock.state = "acknowledging"
    this.private_ = ephemeral
    this.acknowledge(ephemeral ? Bodies.deferPrivately : Bodies.deferPublicly, (error) =>
      this.lock.settle("deferred", "message", error),
    )
    this.outlast = this.edge.outlasts.after(Math.max(0, OUTLAST - this.token.age()), this.onOutlast)
  }

  private acceptSilently(report?: (error: RestError | null) => void): void {
    this.lock.state = "acknowledging"
    this.acknowledge(Bodies.accepted, (error) => {
      this.lock.settle("answered", "source", error)
      const failed = error === null || error._tag === "AlreadyAcknowledged" ? null : error
      if (report !== undefined) report(failed)
      else if (failed !== null) {
        Runtime.runFork(this.edge.runtime)(
          Effect.logInfo(
            `A press (${this.source.id}) could not be acknowledged: ${failed._tag}: ${failed.message}`,
          ),
        )
      }
    })
  }

  private acknowledge(body: string, report: (error: RestError | null) => void): void {
    this.edge.rest.acknowledge(`/interactions/${this.source.id}/${this.source.token}/callback`, body, report)
  }

  /** Editing in what comes next shows it once, whether the first response arrived or not. */
  private replaceIfDoubtful({ ephemeral }: Message.Rendered): void {
    if (!this.lock.isDoubtful) return
    this.lock.state = "deferred"
    this.private_ = ephemeral
  }
}

const failureOf = (exit: Exit.Exit<void, RestError>): RestError | undefined =>
  Exit.isFailure(exit) && exit.cause._tag === "Fail" ? exit.cause.error : undefined

/** A refused form is still reported after its notice was shown. */
const reported = (error: RestError): RestError | null => (error._tag === "InvalidForm" ? error : null)

const { lost } = Token
