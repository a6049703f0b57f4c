/**
 * Routes of messages and typing.
 *
 * @module
 */
import { ChannelType, MessageFlags } from "discord-api-types/v10"
import * as ApiError from "../../model/ApiError.js"
import * as AuditLog from "../../world/AuditLog.js"
import * as Content from "../../world/Content.js"
import { Form } from "../../form/Form.js"
import * as MessageForm from "../../form/MessageForm.js"
import * as Messages from "../../world/Messages.js"
import type { Channel, Json, Message } from "../../model/Model.js"
import * as Notices from "../../world/Notices.js"
import * as Permissions from "../../world/Permissions.js"
import { type Call, make, nothing, object, ok, type Route } from "../Route.js"
import * as SendRules from "../../world/SendRules.js"
import * as Snowflake from "../../model/Snowflake.js"
import * as Threads from "../../world/Threads.js"

const { Bit } = Permissions

/** Discord: bulk deletion takes nothing older than two weeks. */
const bulkAge = 14 * 86_400_000

const visible = (channel: Channel): ReadonlyArray<Message> =>
  [...channel.messages.values()].filter((message) => message.ephemeralFor === null)

const page = (call: Call<"channel">): ReadonlyArray<Message> => {
  const channel = call.world.channel(call.params.channel)
  SendRules.needText(channel)
  const form = Form.make()
  const limit = form.at("limit").integer(call.query.get("limit") ?? undefined, 1, 100) ?? 50
  const [before, after, around] = (["before", "after", "around"] as const).map((name) =>
    form.at(name).snowflake(call.query.get(name) ?? undefined),
  )
  if ([before, after, around].filter((id) => id !== undefined).length > 1)
    form.fail("BASE_TYPE_EXCLUSIVE", "Only one of before, after and around may be given.")
  form.done()
  // Discord shows nothing, rather than refusing, to those who may not read the history.
  if (!Permissions.has(call.world.permissions(call.world.bot.id, channel), Bit.ReadMessageHistory)) return []
  const all = visible(channel)
  if (around !== undefined) {
    const half = Math.floor(limit / 2)
    const older = all.filter((message) => Snowflake.compare(message.id, around) < 0).slice(-half)
    const newer = all
      .filter((message) => Snowflake.compare(message.id, around) >= 0)
      .slice(0, limit - older.length)
    return [...(half === 0 ? [] : older), ...newer].slice(0, limit).toReversed()
  }
  if (after !== undefined) {
    return all
      .filter((message) => Snowflake.compare(message.id, after) > 0)
      .slice(0, limit)
      .toReversed()
  }
  const upTo = before === undefined ? all : all.filter((message) => Snowflake.compare(message.id, before) < 0)
  return upTo.slice(-limit).toReversed()
}

/** The channel and the message of a path. */
export const at = (
  call: Call<"channel" | "message">,
): { readonly channel: Channel; readonly message: Message } => {
  const channel = call.world.channel(call.params.channel)
  return { channel, message: Messages.find(channel, call.params.message) }
}

/** What a message is made of; what else clients put into a body (`tts`, …) changes nothing in an edit. */
const made = ["content", "embeds", "components", "attachments", "poll", "sticker_ids"]

/** Others' messages may have their embeds taken away, and nothing else changed. */
const suppress = (call: Call, channel: Channel, message: Message, body: Json): Message => {
  if (body["flags"] === undefined || made.some((key) => key in body) || call.files.length > 0)
    throw ApiError.notTheAuthor()
  call.world.needIn(channel, Bit.ManageMessages)
  const draft = MessageForm.read(body, { edit: true, message })
  return Messages.edit(call.world, channel, message, {
    ...draft,
    flags: draft.flags & MessageFlags.SuppressEmbeds,
  })
}

const bulkDelete = (call: Call<"channel">): void => {
  const { world } = call
  const channel = world.channel(call.params.channel)
  if (channel.guildId === null) throw ApiError.notInDirectMessage()
  world.needIn(channel, Bit.ManageMessages)
  Threads.needActive(channel)
  const asked = object(call)["messages"]
  const count = Array.isArray(asked) ? asked.length : 0
  if (count < 2 || count > 100) throw ApiError.bulkDeleteCount()
  const form = Form.make()
  const ids = form.at("messages").snowflakes(asked, 100) ?? []
  form.done()
  if (ids.some((id) => world.now() - Snowflake.timestamp(id) > bulkAge)) throw ApiError.tooOldToDelete()
  const wanted = new Set(ids)
  const found = visible(channel).filter((message) => wanted.has(message.id))
  Messages.removeBulk(world, channel, found)
  if (found.length === 0) return
  AuditLog.note(
    world,
    world.guild(channel.guildId),
    AuditLog.Action.MessageBulkDelete,
    channel.id,
    call.reason,
    {
      options: { count: String(found.length) },
    },
  )
}

export const routes: ReadonlyArray<Route> = [
  make(
    "POST",
    "/channels/:channel/messages",
    (call) => {
      const { files, world } = call
      const channel = world.channel(call.params.channel)
      SendRules.needText(channel)
      world.needIn(channel, Permissions.toSend(channel))
      SendRules.needReachable(world, channel)
      const draft = MessageForm.read(object(call), { files })
      SendRules.check(world, channel, world.bot.id, draft, files)
      const known = channel.lastMessageId
      const message = Messages.send(world, {
        channel,
        author: world.bot,
        draft,
        files,
        wakerId: world.bot.id,
      })
      // A message that a nonce has found again is on the screens already.
      if (known !== channel.lastMessageId) Messages.show(world, message)
      return ok(Content.shown(world, message))
    },
    { limit: { count: 5, millis: 5_000 } },
  ),
  make("GET", "/channels/:channel/messages", (call) =>
    ok(page(call).map((message) => Content.shown(call.world, message))),
  ),
  make("GET", "/channels/:channel/messages/:message", (call) => {
    const { channel, message } = at(call)
    call.world.needIn(channel, Bit.ReadMessageHistory)
    return ok(Content.shown(call.world, message))
  }),
  make(
    "PATCH",
    "/channels/:channel/messages/:message",
    (call) => {
      const { channel, message } = at(call)
      const body = object(call)
      Threads.needActive(channel)
      if (message.authorId !== call.world.bot.id)
        return ok(Content.shown(call.world, suppress(call, channel, message, body)))
      if (Notices.isSystem(message)) throw ApiError.systemMessage()
      if (message.poll !== null) throw ApiError.pollNotEditable()
      const { files } = call
      const draft = MessageForm.read(body, { edit: true, message, files })
      if (files.length > 0) call.world.needIn(channel, Bit.AttachFiles)
      return ok(Content.shown(call.world, Messages.edit(call.world, channel, message, draft, files)))
    },
    { limit: { count: 5, millis: 5_000 } },
  ),
  make(
    "DELETE",
    "/channels/:channel/messages/:message",
    (call) => {
      const { channel, message } = at(call)
      const { world } = call
      Threads.needActive(channel)
      const foreign = message.authorId !== world.bot.id
      if (foreign) {
        if (channel.guildId === null) throw ApiError.notInDirectMessage()
        world.needIn(channel, Bit.ManageMessages)
      }
      Messages.remove(world, channel, message)
      if (foreign && channel.guildId !== null) {
        AuditLog.note(
          world,
          world.guild(channel.guildId),
          AuditLog.Action.MessageDelete,
          message.authorId,
          call.reason,
          { options: { channel_id: channel.id, count: "1" } },
        )
      }
      return nothing
    },
    { limit: { count: 5, millis: 1_000 } },
  ),
  make("POST", "/channels/:channel/messages/bulk-delete", (call) => {
    bulkDelete(call)
    return nothing
  }),
  make("POST", "/channels/:channel/messages/:message/crosspost", (call) => {
    const { channel, message } = at(call)
    if (channel.type !== ChannelType.GuildAnnouncement) throw ApiError.wrongChannelType()
    const own = message.authorId === call.world.bot.id
    call.world.needIn(channel, own ? Bit.SendMessages : Bit.ManageMessages)
    if (Notices.isSystem(message)) throw ApiError.systemMessage()
    return ok(Content.shown(call.world, Messages.publish(call.world, channel, message)))
  }),
  make("POST", "/channels/:channel/typing", (call) => {
    const channel = call.world.channel(call.params.channel)
    SendRules.needText(channel)
    call.world.needIn(channel, Permissions.toSend(channel))
    Messages.typing(call.world, channel, call.world.bot.id)
    return nothing
  }),
]
