/**
 * Messages that go to a channel by the bot's own right, where no interaction's token carries them: the answers to
 * prefix messages, and what comes after a token's 15 minutes.
 *
 * @module
 */
import { type APIMessage, MessageFlags, Routes } from "discord-api-types/v10"
import { Effect, type Runtime } from "effect"
import * as Message from "../discord/Message.js"
import type { RestError } from "../DiscordError.js"
import * as Answer from "../rest/Answer.js"
import type * as Rest from "../rest/Rest.js"
import type * as Timers from "../supervise/Timers.js"
import type { Shown } from "./Response.js"

/** Shared by all responses of one bot. */
export interface Edge {
  readonly rest: Rest.Rest
  /** Runs what comes after the first response. */
  readonly runtime: Runtime.Runtime<never>
  /** Epoch milliseconds on Discord's clock. */
  readonly now: () => number
  /** Where a "thinking…" waits for the end of its token. */
  readonly outlasts: Timers.Lane
}

/** A channel message cannot be private. */
export const openly = (message: Message.Message): Message.Message => ({
  ...message,
  ephemeral: false,
  flags: (message.flags ?? 0) & ~MessageFlags.Ephemeral,
})

/** Sends what was rendered. `extra` goes into the body: a reference, for instance. */
export const send = (
  { rest }: Edge,
  channelId: string,
  { body, files }: Message.Rendered,
  extra: object = {},
): Effect.Effect<Shown, RestError> =>
  Effect.map(
    rest.request({
      method: "POST",
      path: Routes.channelMessages(channelId),
      body: { ...body, ...extra },
      ...(files === undefined ? {} : { files }),
    }),
    ({ json }) => shown({ rest }, channelId, (json as APIMessage).id),
  )

/** Changes a message of the bot's in a channel. */
export const edit = (
  { rest }: Pick<Edge, "rest">,
  channelId: string,
  messageId: string,
  message: Message.Rendered,
): Effect.Effect<void, RestError> =>
  rest
    .request({
      method: "PATCH",
      path: Routes.channelMessage(channelId, messageId),
      body: replacing(message),
      ...(message.files === undefined ? {} : { files: message.files }),
    })
    .pipe(Answer.unread, Effect.asVoid)

/** A message that is in a channel. */
export const shown = (edge: Pick<Edge, "rest">, channelId: string, messageId: string): Shown => ({
  channelId,
  messageId,
  ephemeral: false,
  edit: (message) => Effect.suspend(() => edit(edge, channelId, messageId, Message.render(openly(message)))),
  remove: Effect.asVoid(
    edge.rest.request({ method: "DELETE", path: Routes.channelMessage(channelId, messageId) }),
  ),
})

/** A direct message to somebody. */
export const sendDirectly = (
  edge: Edge,
  userId: string,
  message: Message.Rendered,
): Effect.Effect<Shown, RestError> =>
  edge.rest
    .request({ method: "POST", path: Routes.userChannels(), body: { recipient_id: userId } })
    .pipe(Effect.flatMap(({ json }) => send(edge, (json as { readonly id: string }).id, message)))

/**
 * The body of an edit, which replaces what was there whole. It may not name the ephemeral flag: whether a message
 * is private was decided when it was sent.
 */
export const replacing = ({ body: { flags, ...rest } }: Message.Rendered): Message.Body => {
  const kept = (flags ?? 0) & ~MessageFlags.Ephemeral
  const isV2 = (kept & MessageFlags.IsComponentsV2) !== 0
  return {
    // The new kind of components takes neither content nor embeds (Discord).
    ...(isV2 ? {} : { content: "", embeds: [] }),
    components: [],
    ...rest,
    ...(kept === 0 ? {} : { flags: kept }),
  }
}
