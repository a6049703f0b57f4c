/**
 * The response lock of an interaction.
 *
 * ```
 *            defer                    accepted
 *   open ───────────▶ acknowledging ───────────▶ deferred ─── @original edited ──▶ answered ─▶ follow-ups
 *     │  first answer ──────▶ acknowledging ─────────── accepted ────────────────────▲
 *     ▲                            │ refused                       │ 10062
 *     └────────────────────────────┘                               ▼
 *                                                                 lost
 * ```
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
  type APIMessage,
  type APIModalInteractionResponseCallbackData,
  InteractionResponseType,
  InteractionType,
  MessageFlags,
  type RESTPostAPIInteractionCallbackWithResponseResult,
  Routes,
} from "discord-api-types/v10"
import { Deferred, Effect, Exit, FiberId, Runtime } from "effect"
import * as Message from "../discord/Message.js"
import { type RestError, UnknownInteraction } from "../DiscordError.js"
import * as ChannelMessage from "./ChannelMessage.js"
import type * as Reply from "./Reply.js"
import { InteractionEnded, ModalImpossible, type Response, type Shown } from "./Response.js"
import { timestampOf } from "./Snowflake.js"

type State = "open" | "acknowledging" | "deferred" | "answered" | "lost"

/** What `@original` names: a message of ours, the one that was pressed on, or nothing. */
type Original = "none" | "message" | "source"

/** The errors after which a first response may have arrived all the same. */
const uncertain: ReadonlySet<string> = new Set<RestError["_tag"]>([
  "TransportError",
  "RequestTimeout",
  "ServerError",
  "MalformedAnswer",
])

/** A token lives 15 minutes (Discord); the last seconds are left for what is on its way. */
const TOKEN_LIFE = 15 * 60_000 - 10_000

/** What a response needs of the interaction's packet. */
export interface Source {
  readonly id: string
  readonly token: string
  readonly application_id: string
  readonly type: InteractionType
  readonly channel?: { readonly id: string } | undefined
  readonly channel_id?: string | undefined
  /** What a component is on. */
  readonly message?: { readonly id: string } | undefined
  readonly member?: { readonly user: { readonly id: string } } | undefined
  readonly user?: { readonly id: string } | undefined
}

export type Edge = ChannelMessage.Edge

export const make = (edge: Edge, source: Source): Response => new InteractionResponse(edge, source)

/** Shown in place of an answer that Discord refused. */
const refusedForm = Message.render(
  Message.ephemeral(
    Message.text("The answer could not be shown: Discord refused its form. This was reported."),
  ),
)
const later = Message.render(Message.text("This takes longer. I will answer you in a message of its own."))
const elsewhere = Message.render(Message.text("Answered privately."))
const done = Message.render(Message.ephemeral(Message.text("Done.")))

class InteractionResponse implements Response {
  private state: State = "open"
  private original: Original = "none"
  private private_ = false
  private ended = false
  /** The first response was sent, but whether it arrived is not known. */
  private doubtful = false
  private waiting: Array<() => void> = []
  private made: Effect.Semaphore | undefined
  /** Ends what a `show` has under way, so that the outcome does not wait for it. */
  private over: Deferred.Deferred<never, InteractionEnded> | undefined

  constructor(
    private readonly edge: Edge,
    private readonly source: Source,
  ) {}

  /** Made when it is first needed: most interactions are answered at once. */
  private get lock(): Effect.Semaphore {
    return (this.made ??= Effect.unsafeMakeSemaphore(1))
  }

  defer(ephemeral: boolean): void {
    if (this.ended || this.state !== "open") return
    if (this.source.message === undefined) this.think(ephemeral)
    else this.acceptSilently()
  }

  outlast(): void {
    if (this.ended || this.state !== "deferred") return
    Runtime.runFork(this.edge.runtime)(
      Effect.suspend(() => (this.state === "deferred" ? this.afterDefer(later) : Effect.void)).pipe(
        this.lock.withPermits(1),
        Effect.ignoreLogged,
      ),
    )
  }

  canShowModal(): boolean {
    return !this.ended && this.state === "open" && this.source.type !== InteractionType.ModalSubmit
  }

  isAnswered(): boolean {
    return this.state === "answered"
  }

  show(message: Reply.Message): Effect.Effect<Shown, RestError | InteractionEnded> {
    return this.untilOver(() => this.deliver(Message.render(message)))
  }

  ask(message: Reply.Message): Effect.Effect<Shown, RestError | InteractionEnded> {
    return Effect.suspend((): Effect.Effect<Shown, RestError | InteractionEnded> => {
      if (this.ended) return Effect.fail(new InteractionEnded({ id: this.source.id }))
      const rendered = Message.render(message)
      // Beyond the first response nothing has to wait for anything, least of all the outcome.
      const isFree = this.state === "answered" && !this.doubtful
      return isFree ? this.deliverAlone(rendered) : this.deliver(rendered)
    }).pipe(Effect.uninterruptible)
  }

  update(message: Reply.Message): Effect.Effect<void, RestError | InteractionEnded> {
    return this.untilOver(() => this.deliverUpdate(Message.render(message)))
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
    if (this.ended) return
    // First, because it may throw: nothing was decided then.
    const message = rendered(outcome)
    this.ended = true
    if (this.over !== undefined) {
      Deferred.unsafeDone(this.over, Exit.fail(new InteractionEnded({ id: this.source.id })))
    }
    if (outcome._tag === "Silent") {
      if (this.state === "answered") return report(null)
      if (this.source.message !== undefined && this.state === "open") return this.acceptSilently(report)
    }
    const isUpdate = outcome._tag === "Update"
    if (this.state !== "open" || message.files !== undefined)
      return this.finishLater(message, isUpdate, report)
    this.state = "acknowledging"
    const replaces = isUpdate && this.source.message !== undefined
    this.acknowledge(replaces ? firstUpdate(message) : firstAnswer(message), (error) => {
      this.settle("answered", replaces ? "source" : "message", error)
      if (this.doubtful && !replaces) {
        // Editing it in shows it once, whether the first one arrived or not.
        this.state = "deferred"
        this.private_ = message.ephemeral
      }
      if (error === null) report(null)
      else if (error._tag === "UnknownInteraction") report(error)
      else if (error._tag === "AlreadyAcknowledged" && outcome._tag === "Silent") report(null)
      else
        this.finishLater(error._tag === "InvalidForm" ? refusedForm : message, isUpdate, (again) =>
          report(again ?? reported(error)),
        )
    })
  }

  /** The way that is not the hot one: after a defer, after partial output, with files, after a failure. */
  private finishLater(
    message: Message.Rendered,
    isUpdate: boolean,
    report: (error: RestError | null) => void,
  ): void {
    const delivery = Effect.catchTag(
      isUpdate ? this.deliverUpdate(message) : Effect.asVoid(this.deliver(message)),
      "InvalidForm",
      (error) =>
        message === refusedForm
          ? Effect.fail(error)
          : Effect.zipRight(this.deliver(refusedForm), Effect.fail<RestError>(error)),
    )
    Runtime.runFork(this.edge.runtime)(delivery).addObserver((exit) =>
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
    return this.lock.withPermits(1)(this.deliverAlone(message))
  }

  private deliverAlone(message: Message.Rendered): Effect.Effect<Shown, RestError> {
    return Effect.suspend(() => {
      switch (this.state) {
        case "open":
          // An upload may take longer than the three seconds, so it comes after an acknowledgement.
          if (message.files === undefined) return this.first(message)
          this.defer_(message.ephemeral)
          return this.deliverAlone(message)
        case "acknowledging":
          return Effect.zipRight(this.acknowledged, this.deliverAlone(message))
        case "deferred":
          return this.unlessOld(this.unlessNeverArrived(this.afterDefer(message), message), message)
        case "answered":
          return this.unlessOld(this.unlessNeverArrived(this.followUp(message), message), message)
        case "lost":
          return Effect.fail(lost(this.source.id))
      }
    })
  }

  /** Even where the outcome was decided meanwhile. */
  private defer_(ephemeral: boolean): void {
    if (this.source.message === undefined) this.think(ephemeral)
    else this.acceptSilently()
  }

  private deliverUpdate(message: Message.Rendered): Effect.Effect<void, RestError> {
    return this.lock.withPermits(1)(this.deliverUpdateAlone(message))
  }

  private deliverUpdateAlone(message: Message.Rendered): Effect.Effect<void, RestError> {
    return Effect.suspend(() => {
      const pressedOn = this.source.message
      switch (this.state) {
        case "open":
          if (pressedOn === undefined) return this.deliverAlone(message)
          if (message.files === undefined) return this.firstUpdate(message)
          this.acceptSilently()
          return this.deliverUpdateAlone(message)
        case "acknowledging":
          return Effect.zipRight(this.acknowledged, this.deliverUpdateAlone(message))
        case "answered": {
          const wanted = pressedOn === undefined ? "message" : "source"
          if (this.original === wanted && !this.isOld()) {
            const edited = Effect.asVoid(this.original_("PATCH", message))
            if (!this.doubtful) return edited
            return Effect.catchTag(edited, "UnknownResource", () => {
              this.doubtful = false
              return pressedOn === undefined ? this.first(message) : this.firstUpdate(message)
            })
          }
          if (pressedOn === undefined) return this.deliverAlone(message)
          return ChannelMessage.edit(this.edge, this.channelId, pressedOn.id, message)
        }
        default:
          return this.deliverAlone(message)
      }
    })
  }

  /** Where it is not known whether the first response arrived: Discord then knows no webhook for the token. */
  private unlessNeverArrived(
    delivery: Effect.Effect<Shown, RestError>,
    message: Message.Rendered,
  ): Effect.Effect<Shown, RestError> {
    if (!this.doubtful) return delivery
    return Effect.catchTag(delivery, "UnknownResource", () => {
      this.doubtful = false
      return this.first(message)
    })
  }

  /** By the bot's own right where the token's time is over. */
  private unlessOld(
    delivery: Effect.Effect<Shown, RestError>,
    message: Message.Rendered,
  ): Effect.Effect<Shown, RestError> {
    if (this.isOld()) return this.byChannel(message)
    return Effect.catchIf(
      delivery,
      (error) => "code" in error && (error.code === UNKNOWN_WEBHOOK || error.code === INVALID_WEBHOOK_TOKEN),
      () => this.byChannel(message),
    )
  }

  private isOld(): boolean {
    return this.edge.now() - timestampOf(this.source.id) >= TOKEN_LIFE
  }

  private byChannel(message: Message.Rendered): Effect.Effect<Shown, RestError> {
    const user = this.source.member?.user ?? this.source.user
    if (user === undefined) return Effect.fail(lost(this.source.id))
    const mention = `<@${user.id}>`
    const named = (content: string | undefined): object =>
      ((message.body.flags ?? 0) & MessageFlags.IsComponentsV2) === 0 &&
      (content ?? "").length + mention.length < LONGEST_CONTENT
        ? {
            content: content === undefined ? mention : `${mention} ${content}`,
            allowed_mentions: { ...message.body.allowed_mentions, users: [user.id] },
          }
        : {}
    if (!message.ephemeral)
      return ChannelMessage.send(this.edge, this.channelId, message, named(message.body.content))
    return Effect.catchTag(
      ChannelMessage.sendDirectly(this.edge, user.id, Message.render(openly(message))),
      "CannotMessageUser",
      () => ChannelMessage.send(this.edge, this.channelId, closed, named(closed.body.content)),
    )
  }

  private first(message: Message.Rendered): Effect.Effect<Shown, RestError> {
    return this.callback(
      { type: InteractionResponseType.ChannelMessageWithSource, data: message.body },
      "message",
      message,
    ).pipe(
      Effect.map((answer) => this.shown(answer?.resource?.message?.id ?? "@original", message.ephemeral)),
      Effect.catchTag("AlreadyAcknowledged", () => this.followUp(message)),
    )
  }

  private firstUpdate(message: Message.Rendered): Effect.Effect<void, RestError> {
    const data = ChannelMessage.replacing(message)
    return this.callback({ type: InteractionResponseType.UpdateMessage, data }, "source", message).pipe(
      Effect.catchTag("AlreadyAcknowledged", () =>
        ChannelMessage.edit(this.edge, this.channelId, this.source.message?.id ?? "", message),
      ),
      Effect.asVoid,
    )
  }

  /** A first response as an effect. */
  private callback(
    body: object,
    original: Original,
    message?: Message.Rendered,
  ): Effect.Effect<RESTPostAPIInteractionCallbackWithResponseResult | undefined, RestError> {
    return Effect.suspend(() => {
      this.state = "acknowledging"
      return this.edge.rest.request({
        method: "POST",
        path: Routes.interactionCallback(this.source.id, this.source.token),
        query: { with_response: true },
        auth: false,
        body,
        ...(message === undefined ? {} : filesOf(message)),
      })
    }).pipe(
      Effect.tap(() => Effect.sync(() => this.settle("answered", original, null))),
      Effect.tapError((error) => Effect.sync(() => this.settle("answered", original, error))),
      Effect.map(({ json }) => json as RESTPostAPIInteractionCallbackWithResponseResult | undefined),
      // Aborted, it would leave in doubt whether there is an answer.
      Effect.uninterruptible,
    )
  }

  private afterDefer(message: Message.Rendered): Effect.Effect<Shown, RestError> {
    const answered = Effect.sync(() => {
      this.state = "answered"
    })
    const followUp = Effect.zipRight(answered, this.followUp(message))
    if (message.ephemeral && !this.private_) {
      const gone = this.original_("DELETE")
      if (this.doubtful) return Effect.zipRight(gone, followUp)
      return gone.pipe(
        // Somebody else has deleted it.
        Effect.catchTag("UnknownResource", () => Effect.void),
        // A follow-up to a "thinking…" that is still there would fill it, for all to see.
        Effect.catchAll(() => this.original_("PATCH", elsewhere)),
        Effect.zipRight(followUp),
      )
    }
    const edited = Effect.map(Effect.zipLeft(this.original_("PATCH", message), answered), (id) => {
      this.original = "message"
      return this.shown(id, this.private_)
    })
    // Somebody may have deleted the "thinking…".
    return this.doubtful ? edited : Effect.catchTag(edited, "UnknownResource", () => followUp)
  }

  /** Succeeds with the message's id. */
  private original_(
    method: "PATCH" | "DELETE",
    message?: Message.Rendered,
  ): Effect.Effect<string, RestError> {
    return Effect.map(
      this.edge.rest.request({
        method,
        path: Routes.webhookMessage(this.source.application_id, this.source.token, "@original"),
        auth: false,
        ...(message === undefined
          ? {}
          : { body: ChannelMessage.replacing(message), ...filesOf(message) }),
      }),
      ({ json }) => (json as APIMessage | undefined)?.id ?? "@original",
    )
  }

  private followUp(message: Message.Rendered): Effect.Effect<Shown, RestError> {
    return Effect.map(
      this.edge.rest.request({
        method: "POST",
        path: Routes.webhook(this.source.application_id, this.source.token),
        auth: false,
        body: message.body,
        ...filesOf(message),
      }),
      ({ json }) => this.shown((json as APIMessage | undefined)?.id ?? "@original", message.ephemeral),
    )
  }

  /** A message of this token's. */
  private shown(messageId: string, ephemeral: boolean): Shown {
    const path = Routes.webhookMessage(this.source.application_id, this.source.token, messageId)
    const { rest } = this.edge
    const later = ChannelMessage.shown(this.edge, this.channelId, messageId)
    return {
      channelId: this.channelId,
      messageId,
      ephemeral,
      edit: (message) =>
        Effect.suspend(() => {
          if (this.isOld()) return later.edit(message)
          const rendered = Message.render(message)
          return Effect.asVoid(
            rest.request({
              method: "PATCH",
              path,
              auth: false,
              body: ChannelMessage.replacing(rendered),
              ...filesOf(rendered),
            }),
          )
        }),
      remove: Effect.suspend(() =>
        this.isOld() ? later.remove : Effect.asVoid(rest.request({ method: "DELETE", path, auth: false })),
      ),
    }
  }

  private get channelId(): string {
    return this.source.channel?.id ?? this.source.channel_id ?? ""
  }

  /** Resumes when the first response is no longer on its way. */
  private readonly acknowledged = Effect.async<void>((resume) => {
    if (this.state !== "acknowledging") return resume(Effect.void)
    this.waiting.push(() => resume(Effect.void))
  })

  private think(ephemeral: boolean): void {
    this.state = "acknowledging"
    this.private_ = ephemeral
    this.acknowledge(ephemeral ? deferPrivately : deferPublicly, (error) =>
      this.settle("deferred", "message", error),
    )
  }

  private acceptSilently(report?: (error: RestError | null) => void): void {
    this.state = "acknowledging"
    this.acknowledge(accepted, (error) => {
      this.settle("answered", "source", error)
      report?.(error === null || error._tag === "AlreadyAcknowledged" ? null : error)
    })
  }

  private acknowledge(body: string, report: (error: RestError | null) => void): void {
    this.edge.rest.acknowledge(`/interactions/${this.source.id}/${this.source.token}/callback`, body, report)
  }

  /** The first response has come to `state`, or to an error. */
  private settle(state: "deferred" | "answered", original: Original, error: RestError | null): void {
    this.original = original
    if (error === null) this.state = state
    else if (error._tag === "UnknownInteraction") this.state = "lost"
    else if (error._tag === "AlreadyAcknowledged") this.state = "answered"
    else if (uncertain.has(error._tag)) {
      this.state = state
      this.doubtful = true
    } else this.state = "open"
    if (this.waiting.length > 0) for (const resume of this.waiting.splice(0)) resume()
  }
}

const deferPublicly = JSON.stringify({ type: InteractionResponseType.DeferredChannelMessageWithSource })
const deferPrivately = JSON.stringify({
  type: InteractionResponseType.DeferredChannelMessageWithSource,
  data: { flags: MessageFlags.Ephemeral },
})
const accepted = JSON.stringify({ type: InteractionResponseType.DeferredMessageUpdate })

const firstAnswer = ({ json }: Message.Rendered): string =>
  `{"type":${InteractionResponseType.ChannelMessageWithSource},"data":${json}}`
const firstUpdate = (message: Message.Rendered): string =>
  JSON.stringify({ type: InteractionResponseType.UpdateMessage, data: ChannelMessage.replacing(message) })

/** Throws what a builder in it throws. */
const rendered = (outcome: Reply.Reply): Message.Rendered =>
  outcome._tag === "Silent"
    ? done
    : Message.render(outcome._tag === "Update" ? outcome.message : outcome)

/** "Unknown webhook" and "Invalid webhook token": the token's time is over (Discord). */
const UNKNOWN_WEBHOOK = 10_015
const INVALID_WEBHOOK_TOKEN = 50_027

/** The longest content of a message (Discord). */
const LONGEST_CONTENT = 2_000

const closed = Message.render(
  Message.text("I have an answer that only you may see, but you accept no direct messages from me."),
)

/** The same, not private. */
const openly = ({ body, files }: Message.Rendered): Message.Message => ({
  _tag: "Message",
  ...body,
  flags: (body.flags ?? 0) & ~MessageFlags.Ephemeral,
  mentions: body.allowed_mentions,
  ...(files === undefined ? {} : { files }),
})

const filesOf = ({ files }: Message.Rendered) => (files === undefined ? {} : { files })

const failureOf = (exit: Exit.Exit<void, RestError>): RestError | undefined =>
  Exit.isFailure(exit) && exit.cause._tag === "Fail" ? exit.cause.error : undefined

/** A refused form is still reported after its notice was shown. */
const reported = (error: RestError): RestError | null => (error._tag === "InvalidForm" ? error : null)

const lost = (id: string): RestError =>
  new UnknownInteraction({
    route: `POST /interactions/${id}/:token/callback`,
    status: 404,
    code: 10062,
    reason: "the interaction was not acknowledged in time",
  })
