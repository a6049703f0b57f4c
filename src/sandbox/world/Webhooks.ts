/**
 * Webhooks: who has one's address writes into its channel, under any name.
 *
 * A webhook of a channel that is gone is gone too: who deletes the channel calls `forget`.
 *
 * Numbers: Discord Developer Docs, "Webhook" (15 in a channel).
 *
 * @module
 */
import { ChannelType } from "discord-api-types/v10"
import * as ApiError from "../model/ApiError.js"
import * as Fields from "../form/Fields.js"
import { Form } from "../form/Form.js"
import * as ImageForm from "../form/ImageForm.js"
import type { Channel, Json, Message, Webhook } from "../model/Model.js"
import * as Token from "../model/Token.js"
import * as Pictures from "./Pictures.js"
import * as Wire from "./Wire.js"
import type { World } from "./World.js"

/** Discord: webhooks of one channel. */
export const limit = 15

export const inChannel = (world: World, channelId: string): ReadonlyArray<Webhook> =>
  [...world.webhooks.values()].filter((webhook) => webhook.channelId === channelId)

export const inGuild = (world: World, guildId: string): ReadonlyArray<Webhook> =>
  [...world.webhooks.values()].filter((webhook) => webhook.guildId === guildId)

/** Refuses with 50024 where nobody writes, in threads, and in direct messages. */
const needPlace = ({ guildId, thread, type }: Channel): string => {
  if (guildId === null || thread !== null || type === ChannelType.GuildCategory)
    throw ApiError.wrongChannelType()
  return guildId
}

/** Makes one. Refuses with 50024, 50035 and 30007. `applicationId`: `null` for a person's. */
export const create = (
  world: World,
  channel: Channel,
  body: Json,
  by: { readonly userId: string; readonly applicationId: string | null },
): Webhook => {
  needPlace(channel)
  const form = Form.make()
  const name = readName(form.at("name"), body["name"])
  if (body["name"] === undefined || body["name"] === null) form.at("name").required()
  const image = ImageForm.read(form.at("avatar"), body["avatar"], Pictures.imageLimit)
  form.done()
  needRoom(world, channel)
  const webhook = insert(world, channel, { type: 1, name: name ?? "", avatar: null, ...by })
  webhook.avatar = Pictures.change(world, Pictures.avatars(webhook), null, image)
  return webhook
}

/** Puts one into a channel of a guild. Refuses with 50024 and 30007. */
export const insert = (
  world: World,
  channel: Channel,
  fields: Omit<Webhook, "id" | "token" | "guildId" | "channelId">,
): Webhook => {
  const guildId = needPlace(channel)
  needRoom(world, channel)
  const id = world.id()
  const token = Token.make("webhook", id)
  const webhook: Webhook = { id, token, guildId, channelId: channel.id, ...fields }
  world.webhooks.set(id, webhook)
  changed(world, guildId, channel)
  return webhook
}

const needRoom = (world: World, channel: Channel): void => {
  if (inChannel(world, channel.id).length >= limit) throw ApiError.tooManyWebhooks()
}

/** Changes its name, avatar and (where the caller found one) channel. Refuses as `create`, and then changes nothing. */
export const change = (world: World, webhook: Webhook, body: Json, channel?: Channel): Webhook => {
  const form = Form.make()
  const name = readName(form.at("name"), body["name"])
  const image = ImageForm.read(form.at("avatar"), body["avatar"], Pictures.imageLimit)
  form.done()
  const before = world.channels.get(webhook.channelId)
  if (channel !== undefined && channel !== before) {
    if (channel.guildId !== webhook.guildId) throw ApiError.unknownChannel()
    needPlace(channel)
    needRoom(world, channel)
    webhook.channelId = channel.id
    changed(world, webhook.guildId, channel)
  }
  if (name !== undefined) webhook.name = name
  // What it had stays: the messages that it wrote show it.
  if (image !== undefined) webhook.avatar = Pictures.change(world, Pictures.avatars(webhook), null, image)
  if (before !== undefined) changed(world, webhook.guildId, before)
  return webhook
}

export const remove = (world: World, webhook: Webhook): void => {
  if (!world.webhooks.delete(webhook.id)) return
  const channel = world.channels.get(webhook.channelId)
  if (channel !== undefined) changed(world, webhook.guildId, channel)
}

/** The webhooks of a channel that is gone go with it. */
export const forget = (world: World, channel: Channel): void => {
  for (const webhook of world.webhooks.values()) {
    if (webhook.channelId !== channel.id) continue
    world.webhooks.delete(webhook.id)
    Pictures.change(world, Pictures.avatars(webhook), webhook.avatar, null)
  }
}

/** A message that the webhook wrote, in its channel or a thread of it: 10008 otherwise. */
export const message = (webhook: Webhook, channel: Channel, messageId: string): Message => {
  const found = channel.messages.get(messageId)
  if (found === undefined || found.webhook?.id !== webhook.id) throw ApiError.unknownMessage()
  return found
}

/** Where it writes: its channel, or a thread of it. Refuses with 10003 any other thread. */
export const target = (world: World, webhook: Webhook, threadId: string | null): Channel => {
  const own = world.channels.get(webhook.channelId)
  const channel = threadId === null ? own : world.channels.get(threadId)
  if (channel === undefined || (threadId !== null && channel.parentId !== webhook.channelId))
    throw ApiError.unknownChannel()
  return channel
}

/** Who the message is to be from: the webhook, or whom the body names. */
export const author = (form: Form, webhook: Webhook, body: Json): NonNullable<Message["webhook"]> => {
  const username = readName(form.at("username"), body["username"])
  const avatar = Fields.url(form.at("avatar_url"), body["avatar_url"], Fields.schemes.page)
  return { id: webhook.id, username: username ?? webhook.name, avatar: avatar ?? webhook.avatar }
}

/** As the wire shows it. `secret`: whether its token is told; `maker`: whether who made it is. */
export const wire = (world: World, webhook: Webhook, secret = true, maker = true): Json => {
  const user = world.users.get(webhook.userId)
  const source = world.channels.get(webhook.source?.channelId ?? "")
  const home = world.guilds.get(webhook.source?.guildId ?? "")
  return {
    id: webhook.id,
    type: webhook.type,
    application_id: webhook.applicationId,
    avatar: webhook.avatar,
    channel_id: webhook.channelId,
    guild_id: webhook.guildId,
    name: webhook.name,
    ...(source === undefined ? {} : { source_channel: { id: source.id, name: source.name } }),
    ...(home === undefined
      ? {}
      : { source_guild: { id: home.id, name: home.name, icon: home.settings.icon } }),
    // Nobody writes with a followed channel's.
    ...(secret && webhook.type === 1
      ? { token: webhook.token, url: `${world.origin}/api/webhooks/${webhook.id}/${webhook.token}` }
      : {}),
    ...(maker && user !== undefined ? { user: Wire.user(user) } : {}),
  }
}

const changed = (world: World, guildId: string, channel: Channel): void =>
  world.emit({
    type: "WEBHOOKS_UPDATE",
    guildId,
    channel,
    data: () => ({ guild_id: guildId, channel_id: channel.id }),
  })

/** A name of 1 to 80 characters without what Discord keeps for itself. */
const readName = (form: Form, value: unknown): string | undefined => {
  const name = form.text(value, { min: 1, max: 80 })
  if (name === undefined) return undefined
  for (const word of ["discord", "clyde"]) {
    if (name.toLowerCase().includes(word))
      form.fail("USERNAME_INVALID_CONTAINS", `Username cannot contain "${word}"`)
  }
  if (["everyone", "here"].includes(name.toLowerCase()))
    form.fail("USERNAME_INVALID", `Username cannot be "${name.toLowerCase()}"`)
  return name
}
