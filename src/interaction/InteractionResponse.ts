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
 * A private outcome after a public "thinking…" deletes that and follows up privately, since Discord cannot
 * make it private any more.
 *
 * Failure modes: an answer whose form Discord refuses is replaced by a notice, and the refusal is reported.
 * If the structure's own `reply` was used behind this lock's back, Discord answers 40060 and the outcome goes
 * out as a follow-up.
 *
 * @module
 */
import { InteractionResponseType, MessageFlags, Routes } from "discord-api-types/v10"
import { Deferred, Effect, Exit, FiberId, Runtime } from "effect"
import * as Message from "../discord/Message.js"
import { type RestError, UnknownInteraction } from "../DiscordError.js"
import type * as Rest from "../rest/Rest.js"
import type * as Reply from "./Reply.js"
import { InteractionEnded, type Response } from "./Response.js"

type State = "open" | "acknowledging" | "deferred" | "answered" | "lost"

/** The errors after which a first response may have arrived all the same. */
const uncertain: ReadonlySet<string> = new Set<RestError["_tag"]>([
  "TransportError",
  "RequestTimeout",
  "ServerError",
  "MalformedAnswer",
])

/** What a response needs of the interaction's packet. */
export interface Source {
  readonly id: string
  readonly token: string
  readonly application_id: string
}

/** Shared by all responses of one bot. */
export interface Edge {
  readonly rest: Rest.Rest
  /** Runs what comes after the first response. */
  readonly runtime: Runtime.Runtime<never>
}

export const make = (edge: Edge, source: Source): Response => new InteractionResponse(edge, source)

/** Shown in place of an answer that Discord refused. */
const refusedForm = Message.render(
  Message.ephemeral(
    Message.text("The answer could not be shown: Discord refused its form. This was reported."),
  ),
)
const elsewhere = Message.render(Message.text("Answered privately."))
const done = Message.render(Message.ephemeral(Message.text("Done.")))

class InteractionResponse implements Response {
  private state: State = "open"
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
    if (!this.ended && this.state === "open") this.think(ephemeral)
  }

  show(message: Reply.Message): Effect.Effect<void, RestError | InteractionEnded> {
    return Effect.suspend((): Effect.Effect<void, RestError | InteractionEnded> => {
      if (this.ended) return Effect.fail(new InteractionEnded({ id: this.source.id }))
      this.over ??= Deferred.unsafeMake(FiberId.none)
      return Effect.raceFirst(
        Effect.interruptible(this.deliver(Message.render(message))),
        Deferred.await(this.over),
      )
    })
  }

  finish(outcome: Reply.Reply, report: (error: RestError | null) => void): void {
    if (this.ended) return
    // First, because it may throw: nothing was decided then.
    const message = outcome._tag === "Silent" ? done : Message.render(outcome)
    this.ended = true
    if (this.over !== undefined) {
      Deferred.unsafeDone(this.over, Exit.fail(new InteractionEnded({ id: this.source.id })))
    }
    if (outcome._tag === "Silent" && this.state === "answered") return report(null)
    if (this.state !== "open" || message.files !== undefined) return this.finishLater(message, report)
    this.state = "acknowledging"
    this.acknowledge(firstAnswer(message), (error) => {
      this.settle("answered", error)
      if (this.doubtful) {
        // Editing it in shows it once, whether the first one arrived or not.
        this.state = "deferred"
        this.private_ = message.ephemeral
      }
      if (error === null) report(null)
      else if (error._tag === "UnknownInteraction") report(error)
      else if (error._tag === "AlreadyAcknowledged" && outcome._tag === "Silent") report(null)
      else
        this.finishLater(error._tag === "InvalidForm" ? refusedForm : message, (again) =>
          report(again ?? reported(error)),
        )
    })
  }

  /** The way that is not the hot one: after a defer, after partial output, with files, after a failure. */
  private finishLater(message: Message.Rendered, report: (error: RestError | null) => void): void {
    const delivery = Effect.catchTag(this.deliver(message), "InvalidForm", (error) =>
      message === refusedForm
        ? Effect.fail(error)
        : Effect.zipRight(this.deliver(refusedForm), Effect.fail<RestError>(error)),
    )
    Runtime.runFork(this.edge.runtime)(delivery).addObserver((exit) =>
      report(Exit.isSuccess(exit) ? null : (failureOf(exit) ?? lost(this.source.id))),
    )
  }

  /** One at a time: an interrupted `show` has given up its call before the outcome looks at the state. */
  private deliver(message: Message.Rendered): Effect.Effect<void, RestError> {
    return this.lock.withPermits(1)(this.deliverAlone(message))
  }

  private deliverAlone(message: Message.Rendered): Effect.Effect<void, RestError> {
    return Effect.suspend(() => {
      switch (this.state) {
        case "open":
          // An upload may take longer than the three seconds, so it comes after a "thinking…".
          if (message.files === undefined) return this.first(message)
          this.think(message.ephemeral)
          return this.deliverAlone(message)
        case "acknowledging":
          return Effect.zipRight(this.acknowledged, this.deliverAlone(message))
        case "deferred":
          return this.unlessNeverArrived(this.afterDefer(message), message)
        case "answered":
          return this.unlessNeverArrived(this.followUp(message), message)
        case "lost":
          return Effect.fail(lost(this.source.id))
      }
    })
  }

  /** Where it is not known whether the first response arrived: Discord then knows no webhook for the token. */
  private unlessNeverArrived(
    delivery: Effect.Effect<void, RestError>,
    message: Message.Rendered,
  ): Effect.Effect<void, RestError> {
    if (!this.doubtful) return delivery
    return Effect.catchTag(delivery, "UnknownResource", () => {
      this.doubtful = false
      return this.first(message)
    })
  }

  private first(message: Message.Rendered): Effect.Effect<void, RestError> {
    this.state = "acknowledging"
    return this.edge.rest
      .request({
        method: "POST",
        path: Routes.interactionCallback(this.source.id, this.source.token),
        auth: false,
        body: { type: InteractionResponseType.ChannelMessageWithSource, data: message.body },
        ...filesOf(message),
      })
      .pipe(
        Effect.tap(() => Effect.sync(() => this.settle("answered", null))),
        Effect.tapError((error) => Effect.sync(() => this.settle("answered", error))),
        // Aborted, it would leave in doubt whether there is an answer.
        Effect.uninterruptible,
        Effect.catchTag("AlreadyAcknowledged", () => this.followUp(message)),
        Effect.asVoid,
      )
  }

  private afterDefer(message: Message.Rendered): Effect.Effect<void, RestError> {
    const answered = Effect.sync(() => {
      this.state = "answered"
    })
    const followUp = Effect.zipRight(answered, this.followUp(message))
    if (message.ephemeral && !this.private_) {
      const gone = this.original("DELETE")
      if (this.doubtful) return Effect.zipRight(gone, followUp)
      return gone.pipe(
        // Somebody else has deleted it.
        Effect.catchTag("UnknownResource", () => Effect.void),
        // A follow-up to a "thinking…" that is still there would fill it, for all to see.
        Effect.catchAll(() => this.original("PATCH", elsewhere)),
        Effect.zipRight(followUp),
      )
    }
    const edited = Effect.zipRight(this.original("PATCH", message), answered)
    // Somebody may have deleted the "thinking…".
    return this.doubtful ? edited : Effect.catchTag(edited, "UnknownResource", () => followUp)
  }

  private original(method: "PATCH" | "DELETE", message?: Message.Rendered): Effect.Effect<void, RestError> {
    return Effect.asVoid(
      this.edge.rest.request({
        method,
        path: Routes.webhookMessage(this.source.application_id, this.source.token, "@original"),
        auth: false,
        ...(message === undefined ? {} : { body: edited(message), ...filesOf(message) }),
      }),
    )
  }

  private followUp(message: Message.Rendered): Effect.Effect<void, RestError> {
    return Effect.asVoid(
      this.edge.rest.request({
        method: "POST",
        path: Routes.webhook(this.source.application_id, this.source.token),
        auth: false,
        body: message.body,
        ...filesOf(message),
      }),
    )
  }

  /** Resumes when the first response is no longer on its way. */
  private readonly acknowledged = Effect.async<void>((resume) => {
    if (this.state !== "acknowledging") return resume(Effect.void)
    this.waiting.push(() => resume(Effect.void))
  })

  private think(ephemeral: boolean): void {
    this.state = "acknowledging"
    this.private_ = ephemeral
    this.acknowledge(ephemeral ? deferPrivately : deferPublicly, (error) => this.settle("deferred", error))
  }

  private acknowledge(body: string, report: (error: RestError | null) => void): void {
    this.edge.rest.acknowledge(`/interactions/${this.source.id}/${this.source.token}/callback`, body, report)
  }

  /** The first response has come to `accepted`, or to an error. */
  private settle(accepted: "deferred" | "answered", error: RestError | null): void {
    if (error === null) this.state = accepted
    else if (error._tag === "UnknownInteraction") this.state = "lost"
    else if (error._tag === "AlreadyAcknowledged") this.state = "answered"
    else if (uncertain.has(error._tag)) {
      this.state = accepted
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

const firstAnswer = ({ json }: Message.Rendered): string =>
  `{"type":${InteractionResponseType.ChannelMessageWithSource},"data":${json}}`

/** An edit may not name the ephemeral flag: whether it is private was decided by the defer. */
const edited = ({ body: { flags, ...rest } }: Message.Rendered): Message.Body => {
  const kept = (flags ?? 0) & ~MessageFlags.Ephemeral
  return kept === 0 ? rest : { ...rest, flags: kept }
}

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
