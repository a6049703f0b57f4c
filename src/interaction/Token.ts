/**
 * What an interaction's token can do: first responses, `@original`, follow-ups. It lives for 15 minutes (Discord);
 * after that the bot goes on by its own right, in messages that name the person. What is private then goes by
 * direct message.
 *
 * @module
 */
import {
  type APIMessage,
  type InteractionType,
  MessageFlags,
  type RESTPostAPIInteractionCallbackWithResponseResult,
  Routes,
} from "discord-api-types/v10"
import { Effect, Runtime } from "effect"
import * as Message from "../discord/Message.js"
import { type RestError, UnknownInteraction } from "../DiscordError.js"
import * as Answer from "../rest/Answer.js"
import * as ChannelMessage from "./ChannelMessage.js"
import type { Shown } from "./Response.js"
import { timestampOf } from "./Snowflake.js"

/** What a response needs of the interaction's packet. */
export interface Source {
  readonly id: string
  readonly token: string
  readonly application_id: string
  readonly type: InteractionType
  readonly channel?: { readonly id: string } | undefined
  readonly channel_id?: string | undefined
  /** What a component is on. */
  readonly message?: { readonly id: string; readonly flags?: number | undefined } | undefined
  readonly member?: { readonly user: { readonly id: string } } | undefined
  readonly user?: { readonly id: string } | undefined
}

/** The last seconds of the 15 minutes are left for what is on its way. */
const LIFE = 15 * 60_000 - 10_000

export class Token {
  constructor(
    private readonly edge: ChannelMessage.Edge,
    private readonly source: Source,
  ) {}

  /** Milliseconds since the interaction was made. */
  age(): number {
    return this.edge.now() - timestampOf(this.source.id)
  }

  isOld(): boolean {
    return this.age() >= LIFE
  }

  /** A first response. Succeeds with the id of its message; undefined where it has none, or nobody knows. */
  callback(body: object, message?: Message.Rendered): Effect.Effect<string | undefined, RestError> {
    const call = this.edge.rest.request({
      method: "POST",
      path: Routes.interactionCallback(this.source.id, this.source.token),
      query: { with_response: true },
      auth: false,
      body,
      ...(message === undefined ? {} : filesOf(message)),
    })
    return Effect.map(
      Answer.unread(call),
      (json) => (json as RESTPostAPIInteractionCallbackWithResponseResult | undefined)?.resource?.message?.id,
    )
  }

  /** Changes or deletes `@original`. Succeeds with its id, where Discord says it. */
  original(
    method: "PATCH" | "DELETE",
    message?: Message.Rendered,
  ): Effect.Effect<string | undefined, RestError> {
    return this.onMessage(method, "@original", message)
  }

  followUp(message: Message.Rendered): Effect.Effect<Shown, RestError> {
    return Effect.map(
      this.edge.rest.request({
        method: "POST",
        path: Routes.webhook(this.source.application_id, this.source.token),
        auth: false,
        body: message.body,
        ...filesOf(message),
      }),
      ({ json }) => this.shown((json as APIMessage | undefined)?.id, message.ephemeral),
    )
  }

  /** The message that a component is on, by the bot's own right. */
  editPressedOn(message: Message.Rendered): Effect.Effect<void, RestError> {
    return ChannelMessage.edit(this.edge, this.channelId, this.source.message?.id ?? "", message)
  }

  /** Changes a message of this token's, by the bot's own right where its time is over. */
  edit(messageId: string, message: Message.Rendered): Effect.Effect<void, RestError> {
    return this.isOld()
      ? ChannelMessage.edit(this.edge, this.channelId, messageId, message)
      : Effect.asVoid(this.onMessage("PATCH", messageId, message))
  }

  /** A message of this token's; `@original` where its id is not known (yet). */
  shown(id: string | undefined, ephemeral: boolean): Shown {
    const { channelId, edge } = this
    let messageId = id ?? "@original"
    if (id === undefined) {
      // Without the token, which will be over, only its id names it.
      const learnt = Effect.map(this.onMessage("GET", messageId), (known) => {
        messageId = known ?? messageId
      })
      Runtime.runFork(edge.runtime)(Effect.ignore(learnt))
    }
    return {
      channelId,
      get messageId() {
        return messageId
      },
      ephemeral,
      edit: (message) => Effect.suspend(() => this.edit(messageId, Message.render(message))),
      remove: Effect.suspend(() =>
        this.isOld()
          ? ChannelMessage.shown(edge, channelId, messageId).remove
          : Effect.asVoid(this.onMessage("DELETE", messageId)),
      ),
    }
  }

  /** Shows a message without the token. */
  byChannel(message: Message.Rendered): Effect.Effect<Shown, RestError> {
    const user = this.source.member?.user ?? this.source.user
    if (user === undefined) return Effect.fail(lost(this.source.id))
    if (!message.ephemeral) return this.naming(user.id, message)
    return Effect.catchTag(
      ChannelMessage.sendDirectly(this.edge, user.id, openly(message)),
      "CannotMessageUser",
      () => this.naming(user.id, closed),
    )
  }

  private naming(userId: string, message: Message.Rendered): Effect.Effect<Shown, RestError> {
    const { allowed_mentions, content, flags } = message.body
    const named = content === undefined ? `<@${userId}>` : `<@${userId}> ${content}`
    const takesContent = ((flags ?? 0) & MessageFlags.IsComponentsV2) === 0
    const extra =
      takesContent && named.length <= LONGEST_CONTENT
        ? { content: named, allowed_mentions: { ...allowed_mentions, users: [userId] } }
        : {}
    return ChannelMessage.send(this.edge, this.channelId, message, extra)
  }

  private onMessage(
    method: "GET" | "PATCH" | "DELETE",
    messageId: string,
    message?: Message.Rendered,
  ): Effect.Effect<string | undefined, RestError> {
    const call = this.edge.rest.request({
      method,
      path: Routes.webhookMessage(this.source.application_id, this.source.token, messageId),
      auth: false,
      ...(message === undefined ? {} : { body: ChannelMessage.replacing(message), ...filesOf(message) }),
    })
    return Effect.map(Answer.unread(call), (json) => (json as APIMessage | undefined)?.id)
  }

  private get channelId(): string {
    return this.source.channel?.id ?? this.source.channel_id ?? ""
  }
}

/** The same, private. */
export const privately = (message: Message.Rendered): Message.Rendered =>
  message.ephemeral ? message : flagged(message, (message.body.flags ?? 0) | MessageFlags.Ephemeral)

/** The same, not private. */
const openly = (message: Message.Rendered): Message.Rendered =>
  flagged(message, (message.body.flags ?? 0) & ~MessageFlags.Ephemeral)

const flagged = ({ body, files }: Message.Rendered, flags: number): Message.Rendered =>
  Message.render({
    _tag: "Message",
    ...body,
    flags,
    mentions: body.allowed_mentions,
    ...(files === undefined ? {} : { files }),
  })

/** "Unknown webhook" and "Invalid webhook token": the token's time is over (Discord). */
export const isOver = (error: RestError): boolean =>
  "code" in error && (error.code === 10_015 || error.code === 50_027)

export const lost = (id: string): RestError =>
  new UnknownInteraction({
    route: `POST /interactions/${id}/:token/callback`,
    status: 404,
    code: 10062,
    reason: "the interaction was not acknowledged in time",
  })

/** The longest content of a message (Discord). */
const LONGEST_CONTENT = 2_000

const closed = Message.render(
  Message.text("I have an answer that only you may see, but you accept no direct messages from me."),
)

const filesOf = ({ files }: Message.Rendered) => (files === undefined ? {} : { files })
