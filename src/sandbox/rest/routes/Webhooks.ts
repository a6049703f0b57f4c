/**
 * Routes of webhooks. Those with a token need no authorization, and share their paths with interactions, whose
 * handlers ask `execute`, `show`, `edit` and `remove` first: they answer where the path names a webhook.
 *
 * @module
 */
import { ChannelType } from "discord-api-types/v10"
import * as ApiError from "../../model/ApiError.js"
import * as AuditLog from "../../world/AuditLog.js"
import { Form, isObject } from "../../form/Form.js"
import * as Following from "../../world/Following.js"
import * as Forums from "../../world/Forums.js"
import * as MessageForm from "../../form/MessageForm.js"
import * as Messages from "../../world/Messages.js"
import type { Channel, Json, Message, Webhook } from "../../model/Model.js"
import * as Permissions from "../../world/Permissions.js"
import { type Answer, type Call, make, nothing, object, ok, type Route, yes } from "../Route.js"
import * as SendRules from "../../world/SendRules.js"
import * as Threads from "../../world/Threads.js"
import * as Webhooks from "../../world/Webhooks.js"
import * as Wire from "../../world/Wire.js"

const { Bit } = Permissions

/** The webhook of a path, which the bot may manage. */
const managed = (call: Call<"webhook">): Webhook => {
  const { params, world } = call
  const webhook = world.webhooks.get(params.webhook)
  if (webhook === undefined) throw ApiError.unknownWebhook()
  world.needIn(world.channel(webhook.channelId), Bit.ManageWebhooks)
  return webhook
}

/** The webhook of a path with its token: 10015 where there is none, 50027 another's token, 500 in an outage. */
const held = ({ world }: Call, id: string, token: string): Webhook => {
  const webhook = world.webhooks.get(id)
  if (webhook === undefined) throw ApiError.unknownWebhook()
  if (webhook.token !== token) throw ApiError.invalidToken()
  world.needAvailable(webhook.guildId)
  return webhook
}

/** Notes what became of a webhook; `null` where it was or is none. */
const note = (
  { reason, world }: Call,
  webhook: Webhook,
  action: number,
  before: Json | null,
  after: Json | null,
): void => {
  const guild = world.guilds.get(webhook.guildId)
  const changes = AuditLog.changes(before, after)
  if (guild !== undefined) AuditLog.note(world, guild, action, webhook.id, reason, { changes })
}

/** What the log has of a webhook. */
const settings = ({ world }: Call, webhook: Webhook): Json => Webhooks.wire(world, webhook, false, false)

/** `channel_id` of a body, where the bot may manage webhooks too. */
const moved = ({ world }: Call, body: Json): Channel | undefined => {
  if (typeof body["channel_id"] !== "string") return undefined
  const channel = world.channel(body["channel_id"])
  world.needIn(channel, Bit.ManageWebhooks)
  return channel
}

interface Target {
  readonly webhook: Webhook
  readonly channel: Channel
}

const target = (call: Call, id: string, token: string): Target | undefined => {
  if (!call.world.webhooks.has(id)) return undefined
  const webhook = held(call, id, token)
  return { webhook, channel: Webhooks.target(call.world, webhook, call.query.get("thread_id")) }
}

/** Writes with a webhook; `undefined` where the path names none. */
export const execute = (call: Call, id: string, token: string): Answer | undefined => {
  const found = target(call, id, token)
  if (found === undefined) return undefined
  const { channel, webhook } = found
  const { files, query, world } = call
  const given = object(call)
  const form = Form.make()
  const author = Webhooks.author(form, webhook, given)
  const thread = form.at("thread_name").text(given["thread_name"], { min: 1, max: 100 })
  const tags = form.at("applied_tags").snowflakes(given["applied_tags"], Forums.appliedLimit) ?? []
  form.done()
  needPlace(channel, thread, query.has("thread_id"))
  if (thread !== undefined) Forums.checkTags(world, channel, webhook.userId, [], tags)
  const draft = MessageForm.read(componentsOf(webhook, given, query), { files })
  if (draft.forward !== undefined || draft.replyTo !== null) throw ApiError.emptyMessage()
  const send = Messages.prepare(world, {
    channel,
    author: { id: webhook.id },
    draft: { ...draft, nonce: null, enforceNonce: false },
    files,
    webhook: author,
    applicationId: webhook.applicationId,
    wakerId: world.bot.id,
  })
  const message = send(thread === undefined ? undefined : opened(call, found, thread, tags))
  Messages.show(world, message)
  return yes(query, "wait") ? ok(Wire.message(world, message)) : nothing
}

/** A post of the webhook's. */
const opened = ({ world }: Call, { channel, webhook }: Target, name: string, tags: ReadonlyArray<string>) => {
  const { PublicThread } = ChannelType
  const post = Threads.open(world, channel, { name, ownerId: webhook.userId, type: PublicThread, tags })
  return { id: post.id, channel: post }
}

/** A forum takes posts only, which have a name; other channels take no posts. */
const needPlace = (channel: Channel, thread: string | undefined, inThread: boolean): void => {
  if (thread === undefined) {
    if (channel.forum !== null) throw ApiError.webhookNeedsThread()
    return SendRules.needText(channel)
  }
  if (inThread) throw ApiError.webhookThreadTwice()
  if (channel.forum === null) throw ApiError.webhookThreadInForum()
}

/** Without `with_components`, a webhook that is no application's sends none. */
const componentsOf = (webhook: Webhook, body: Json, query: URLSearchParams): Json => {
  if (webhook.applicationId !== null || !("components" in body)) return body
  if (yes(query, "with_components")) return body
  const { components: _components, ...rest } = body
  return rest
}

/** Shows a message of a webhook's; `undefined` where the path names none. */
export const show = (call: Call, id: string, token: string, messageId: string): Answer | undefined => {
  const found = target(call, id, token)
  if (found === undefined) return undefined
  return ok(Wire.message(call.world, Webhooks.message(found.webhook, found.channel, messageId)))
}

/** Edits a message of a webhook's; `undefined` where the path names none. */
export const edit = (call: Call, id: string, token: string, messageId: string): Answer | undefined => {
  const found = target(call, id, token)
  if (found === undefined) return undefined
  const { files, world } = call
  const message: Message = Webhooks.message(found.webhook, found.channel, messageId)
  if (message.poll !== null) throw ApiError.pollNotEditable()
  const body = componentsOf(found.webhook, object(call), call.query)
  const draft = MessageForm.read(body, { edit: true, message, files })
  return ok(Wire.message(world, Messages.edit(world, found.channel, message, draft, files)))
}

/** Deletes a message of a webhook's; `undefined` where the path names none. */
export const remove = (call: Call, id: string, token: string, messageId: string): Answer | undefined => {
  const found = target(call, id, token)
  if (found === undefined) return undefined
  Messages.remove(call.world, found.channel, Webhooks.message(found.webhook, found.channel, messageId))
  return nothing
}

/** Seen on Discord: 5 in 2 seconds for one webhook. */
const open = { authorized: false, global: false, limit: { count: 5, millis: 2_000 } }

export const routes: ReadonlyArray<Route> = [
  make("POST", "/channels/:channel/webhooks", (call) => {
    const { params, world } = call
    const channel = world.channel(params.channel)
    if (channel.guildId === null) throw ApiError.notInDirectMessage()
    world.needIn(channel, Bit.ManageWebhooks)
    const by = { userId: world.bot.id, applicationId: world.bot.id }
    const webhook = Webhooks.create(world, channel, object(call), by)
    note(call, webhook, AuditLog.Action.WebhookCreate, null, settings(call, webhook))
    return ok(Webhooks.wire(world, webhook))
  }),
  make("POST", "/channels/:channel/followers", (call) => {
    const { params, world } = call
    const source = world.channel(params.channel)
    if (source.guildId === null) throw ApiError.notInDirectMessage()
    const form = Form.make()
    const asked = object(call)["webhook_channel_id"]
    if (asked === undefined || asked === null) form.at("webhook_channel_id").required()
    const id = form.at("webhook_channel_id").snowflake(asked) ?? ""
    form.done()
    const target = world.channel(id)
    world.needIn(target, Bit.ManageWebhooks)
    const webhook = Following.follow(world, source, target, world.bot.id)
    note(call, webhook, AuditLog.Action.WebhookCreate, null, settings(call, webhook))
    return ok({ channel_id: source.id, webhook_id: webhook.id })
  }),
  make("GET", "/channels/:channel/webhooks", ({ params, world }) => {
    const channel = world.channel(params.channel)
    if (channel.guildId === null) throw ApiError.notInDirectMessage()
    world.needIn(channel, Bit.ManageWebhooks)
    return ok(Webhooks.inChannel(world, channel.id).map((webhook) => Webhooks.wire(world, webhook)))
  }),
  make("GET", "/guilds/:guild/webhooks", ({ params, world }) => {
    const guild = world.guild(params.guild)
    world.need(guild, Bit.ManageWebhooks)
    return ok(Webhooks.inGuild(world, guild.id).map((webhook) => Webhooks.wire(world, webhook)))
  }),
  make("GET", "/webhooks/:webhook", (call) => ok(Webhooks.wire(call.world, managed(call)))),
  make("PATCH", "/webhooks/:webhook", (call) => {
    const webhook = managed(call)
    const body = object(call)
    const before = settings(call, webhook)
    Webhooks.change(call.world, webhook, body, moved(call, body))
    note(call, webhook, AuditLog.Action.WebhookUpdate, before, settings(call, webhook))
    return ok(Webhooks.wire(call.world, webhook))
  }),
  make("DELETE", "/webhooks/:webhook", (call) => {
    const webhook = managed(call)
    Webhooks.remove(call.world, webhook)
    note(call, webhook, AuditLog.Action.WebhookDelete, settings(call, webhook), null)
    return nothing
  }),
  make(
    "GET",
    "/webhooks/:webhook/:token",
    (call) => {
      const { params, world } = call
      return ok(Webhooks.wire(world, held(call, params.webhook, params.token), true, false))
    },
    open,
  ),
  make(
    "PATCH",
    "/webhooks/:webhook/:token",
    (call) => {
      const { params, world } = call
      const body = object(call)
      const { channel_id: _channel, ...rest } = isObject(body) ? body : {}
      const webhook = Webhooks.change(world, held(call, params.webhook, params.token), rest)
      return ok(Webhooks.wire(world, webhook, true, false))
    },
    open,
  ),
  make(
    "DELETE",
    "/webhooks/:webhook/:token",
    (call) => {
      const { params, world } = call
      Webhooks.remove(world, held(call, params.webhook, params.token))
      return nothing
    },
    open,
  ),
]
