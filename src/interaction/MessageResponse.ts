/**
 * The response lock of a prefix message: the outcome is one message that answers it.
 *
 * "Thinking…" is the typing indicator. A refusal is shown openly, since a channel message cannot be private.
 *
 * @module
 */
import { Routes } from "discord-api-types/v10"
import { Effect, Exit, Runtime } from "effect"
import { type RestError, TransportError } from "../DiscordError.js"
import type { Edge } from "./InteractionResponse.js"
import * as Reply from "./Reply.js"
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

  shown(): boolean {
    return this.answered
  }

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
      this.ended ? Effect.fail(new InteractionEnded({ id: this.source.id })) : this.send(message),
    )
  }

  finish(outcome: Reply.Reply, report: (error: RestError | null) => void): void {
    if (this.ended) return
    this.ended = true
    if (outcome._tag === "Silent" && this.answered) return report(null)
    const message = outcome._tag === "Silent" ? Reply.text("Done.") : outcome
    const delivery = Effect.catchTag(this.send(message), "InvalidForm", (error) =>
      Effect.zipRight(this.send(refusedForm), Effect.fail<RestError>(error)),
    )
    Runtime.runFork(this.edge.runtime)(delivery).addObserver((exit) => report(failureOf(exit)))
  }

  private send(message: Reply.Message): Effect.Effect<void, RestError> {
    const body = Reply.body({ ...message, ephemeral: false })
    return this.edge.rest
      .request({
        method: "POST",
        path: Routes.channelMessages(this.source.channel_id),
        body: {
          ...body,
          allowed_mentions: { ...body.allowed_mentions, replied_user: false },
          message_reference: { message_id: this.source.id, fail_if_not_exists: false },
        },
        ...(message.files === undefined ? {} : { files: message.files }),
      })
      .pipe(
        Effect.tap(() => {
          this.answered = true
        }),
        Effect.asVoid,
      )
  }
}

const refusedForm = Reply.text("The answer could not be shown: Discord refused its form. This was reported.")

const failureOf = (exit: Exit.Exit<void, RestError>): RestError | null => {
  if (Exit.isSuccess(exit)) return null
  return exit.cause._tag === "Fail"
    ? exit.cause.error
    : new TransportError({ route: "POST /channels/:id/messages", code: "INTERRUPTED", sent: false })
}
