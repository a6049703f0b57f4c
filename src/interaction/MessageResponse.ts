/**
 * The response lock of a prefix message: the outcome is one message that answers it.
 *
 * "Thinking…" is the typing indicator. A refusal is shown openly, since a channel message cannot be private.
 *
 * @module
 */
import { Routes } from "discord-api-types/v10"
import { Deferred, Effect, Exit, FiberId, Runtime } from "effect"
import * as Message from "../discord/Message.js"
import { type RestError, TransportError } from "../DiscordError.js"
import * as ChannelMessage from "./ChannelMessage.js"
import type * as Reply from "./Reply.js"
import { InteractionEnded, ModalImpossible, type Response, type Shown } from "./Response.js"

/** What a response needs of the message's packet. */
export interface Source {
  readonly id: string
  readonly channel_id: string
}

export const make = (edge: ChannelMessage.Edge, source: Source): Response => new MessageResponse(edge, source)

class MessageResponse implements Response {
  private shown: Shown | undefined
  private ended = false
  /** Ends what a `show` has under way. */
  private over: Deferred.Deferred<never, InteractionEnded> | undefined

  constructor(
    private readonly edge: ChannelMessage.Edge,
    private readonly source: Source,
  ) {}

  defer(): void {
    if (this.shown !== undefined || this.ended) return
    Runtime.runFork(this.edge.runtime)(
      Effect.ignoreLogged(
        this.edge.rest.request({ method: "POST", path: Routes.channelTyping(this.source.channel_id) }),
      ),
    )
  }

  accept(): void {}

  carry(): boolean {
    return !this.ended
  }

  canShowModal(): boolean {
    return false
  }

  /** Nothing can take the place of a message. */
  isAnswered(): boolean {
    return false
  }
  willReplace(): boolean {
    return false
  }

  show(message: Reply.Message): Effect.Effect<Shown, RestError | InteractionEnded> {
    return this.unlessEnded(() => {
      this.over ??= Deferred.unsafeMake(FiberId.none)
      return Effect.raceFirst(
        Effect.interruptible(this.send(Message.render(ChannelMessage.openly(message)))),
        Deferred.await(this.over),
      )
    })
  }

  ask(message: Reply.Message): Effect.Effect<Shown, RestError | InteractionEnded> {
    return Effect.uninterruptible(
      this.unlessEnded(() => this.send(Message.render(ChannelMessage.openly(message)))),
    )
  }

  update(message: Reply.Message): Effect.Effect<void, RestError | InteractionEnded> {
    return this.unlessEnded(() => this.shown?.edit(message) ?? Effect.asVoid(this.show(message)))
  }

  modal(): Effect.Effect<never, ModalImpossible> {
    return Effect.fail(new ModalImpossible({ id: this.source.id }))
  }

  finish(outcome: Reply.Reply, report: (error: RestError | null) => void): void {
    if (this.ended) return
    // First, because it may throw: nothing was decided then.
    const message =
      outcome._tag === "Silent"
        ? done
        : Message.render(ChannelMessage.openly(outcome._tag === "Update" ? outcome.message : outcome))
    this.ended = true
    if (this.over !== undefined) {
      Deferred.unsafeDone(this.over, Exit.fail(new InteractionEnded({ id: this.source.id })))
    }
    if (outcome._tag === "Silent" && this.shown !== undefined) return report(null)
    const before = this.shown
    const delivery =
      outcome._tag === "Update" && before !== undefined
        ? // Somebody may have deleted what was to be replaced.
          Effect.catchTag(
            ChannelMessage.edit(this.edge, before.channelId, before.messageId, message),
            "UnknownResource",
            () => Effect.asVoid(this.send(message)),
          )
        : Effect.asVoid(this.send(message))
    const safely = Effect.catchTag(delivery, "InvalidForm", (error) =>
      Effect.zipRight(this.send(refusedForm), Effect.fail<RestError>(error)),
    )
    Runtime.runFork(this.edge.runtime)(safely).addObserver((exit) => report(failureOf(exit)))
  }

  private unlessEnded<A, E>(effect: () => Effect.Effect<A, E>): Effect.Effect<A, E | InteractionEnded> {
    return Effect.suspend((): Effect.Effect<A, E | InteractionEnded> =>
      this.ended ? Effect.fail(new InteractionEnded({ id: this.source.id })) : effect(),
    )
  }

  private send(message: Message.Rendered): Effect.Effect<Shown, RestError> {
    return this.post(message, {
      message_reference: { message_id: this.source.id, fail_if_not_exists: false },
    }).pipe(
      // Replying needs more than writing does; the answer counts more than the reference.
      Effect.catchIf(
        (error) => "code" in error && error.code === CANNOT_REPLY,
        () => this.post(message, {}),
      ),
      Effect.tap((shown) =>
        Effect.sync(() => {
          this.shown ??= shown
        }),
      ),
    )
  }

  private post(message: Message.Rendered, extra: object): Effect.Effect<Shown, RestError> {
    return ChannelMessage.send(this.edge, this.source.channel_id, message, {
      ...extra,
      allowed_mentions: { ...message.body.allowed_mentions, replied_user: false },
    })
  }
}

/** "Cannot reply without permission to read message history" (Discord). */
const CANNOT_REPLY = 160_002

const done = Message.render(Message.text("Done."))
const refusedForm = Message.render(
  Message.text("The answer could not be shown: Discord refused its form. This was reported."),
)

const failureOf = (exit: Exit.Exit<void, RestError>): RestError | null => {
  if (Exit.isSuccess(exit)) return null
  return exit.cause._tag === "Fail"
    ? exit.cause.error
    : new TransportError({ route: "POST /channels/:id/messages", code: "INTERRUPTED", sent: false })
}
