/**
 * The response lock of a prefix message: the outcome is one message that answers it.
 *
 * "Thinking…" is the typing indicator. A refusal is shown openly, since a channel message cannot be private.
 *
 * @module
 */
import { MessageFlags, Routes } from "discord-api-types/v10"
import { Effect, Exit, Runtime } from "effect"
import * as Message from "../discord/Message.js"
import { type RestError, TransportError } from "../DiscordError.js"
import type { Edge } from "./InteractionResponse.js"
import type * as Reply from "./Reply.js"
import { InteractionEnded, type Response } from "./Response.js"

/** What a response needs of the message's packet. */
export interface Source {
  readonly id: string
  readonly channel_id: string
}

export const make = (edge: Edge, source: Source): Response => new MessageResponse(edge, source)

class MessageResponse implements Response {
  private answered = false
  private ended = false

  constructor(
    private readonly edge: Edge,
    private readonly source: Source,
  ) {}

  defer(): void {
    if (this.answered || this.ended) return
    Runtime.runFork(this.edge.runtime)(
      Effect.ignoreLogged(
        this.edge.rest.request({ method: "POST", path: Routes.channelTyping(this.source.channel_id) }),
      ),
    )
  }

  show(message: Reply.Message): Effect.Effect<void, RestError | InteractionEnded> {
    return Effect.suspend((): Effect.Effect<void, RestError | InteractionEnded> =>
      this.ended
        ? Effect.fail(new InteractionEnded({ id: this.source.id }))
        : this.send(Message.render(openly(message))),
    )
  }

  finish(outcome: Reply.Reply, report: (error: RestError | null) => void): void {
    if (this.ended) return
    // First, because it may throw: nothing was decided then.
    const message = outcome._tag === "Silent" ? done : Message.render(openly(outcome))
    this.ended = true
    if (outcome._tag === "Silent" && this.answered) return report(null)
    const delivery = Effect.catchTag(this.send(message), "InvalidForm", (error) =>
      Effect.zipRight(this.send(refusedForm), Effect.fail<RestError>(error)),
    )
    Runtime.runFork(this.edge.runtime)(delivery).addObserver((exit) => report(failureOf(exit)))
  }

  private send(message: Message.Rendered): Effect.Effect<void, RestError> {
    return this.post(message, {
      message_reference: { message_id: this.source.id, fail_if_not_exists: false },
    }).pipe(
      // Replying needs more than writing does; the answer counts more than the reference.
      Effect.catchIf(
        (error) => "code" in error && error.code === CANNOT_REPLY,
        () => this.post(message, {}),
      ),
      Effect.tap(() => {
        this.answered = true
      }),
      Effect.asVoid,
    )
  }

  private post({ body, files }: Message.Rendered, extra: object) {
    return this.edge.rest.request({
      method: "POST",
      path: Routes.channelMessages(this.source.channel_id),
      body: { ...body, ...extra, allowed_mentions: { ...body.allowed_mentions, replied_user: false } },
      ...(files === undefined ? {} : { files }),
    })
  }
}

/** "Cannot reply without permission to read message history" (Discord). */
const CANNOT_REPLY = 160_002

/** A channel message cannot be private. */
const openly = (message: Reply.Message): Reply.Message => ({
  ...message,
  ephemeral: false,
  flags: (message.flags ?? 0) & ~MessageFlags.Ephemeral,
})

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
