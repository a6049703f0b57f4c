/**
 * Routes of messages, reactions, pins and typing.
 *
 * @module
 */
import * as ApiError from "../../model/ApiError.js"
import * as AuditLog from "../../world/AuditLog.js"
import { Form } from "../../form/Form.js"
import * as MessageForm from "../../form/MessageForm.js"
import * as Messages from "../../world/Messages.js"
import type { Channel, Message } from "../../model/Model.js"
import * as Permissions from "../../world/Permissions.js"
import { type Call, make, nothing, object, ok, type Route } from "../Route.js"
import * as Snowflake from "../../model/Snowflake.js"
import * as Threads from "../../world/Threads.js"
import * as Wire from "../../world/Wire.js"

const { Bit } = Permissions

/** Discord: bulk deletion takes nothing older than two weeks. */
const bulkAge = 14 * 86_400_000

const visible = (channel: Channel): ReadonlyArray<Message> =>
  [...channel.messages.values()].filter((message) => message.ephemeralFor === null)

const page = (call: Call<"channel">): ReadonlyArray<Message> => {
  const channel = call.world.channel(call.params.channel)
  call.world.needIn(channel, Bit.ReadMessageHistory)
  const form = Form.make()
  const limit = form.at("limit").integer(call.query.get("limit") ?? undefined, 1, 100) ?? 50
  form.done()
  const all = visible(channel)
  const before = call.query.get("before")
  const after = call.query.get("after")
  const around = call.query.get("around")
  if (around !== null) {
    const half = Math.floor(limit / 2)
    const older = all.filter((message) => Snowflake.compare(message.id, around) < 0).slice(-half)
    const newer = all
      .filter((message) => Snowflake.compare(message.id, around) >= 0)
      .slice(0, limit - older.length)
    return [...older, ...newer].toReversed()
  }
  if (after !== null) {
    return all
      .filter((message) => Snowflake.compare(message.id, after) > 0)
      .slice(0, limit)
      .toReversed()
  }
  const upTo = before === null ? all : all.filter((message) => Snowflake.compare(message.id, before) < 0)
  return upTo.slice(-limit).toReversed()
}

const at = (call: Call<"channel" | "message">): { readonly channel: Channel; readonly message: Message } => {
  const channel = call.world.channel(call.params.channel)
  return { channel, message: Messages.find(channel, call.params.message) }
}

const emojiOf = (text: string): { readonly id: string | null; readonly name: string } => {
  const custom = /^([^:]+):(\d{17,19})$/.exec(text)
  return custom === null ? { id: null, name: text } : { id: custom[2] ?? null, name: custom[1] ?? "" }
}

const keyOf = (text: string): string => {
  const emoji = emojiOf(text)
  return emoji.id ?? emoji.name
}

export const routes: ReadonlyArray<Route> = [
  make(
    "POST",
    "/channels/:channel/messages",
    (call) => {
      const { world } = call
      const channel = world.channel(call.params.channel)
      world.needIn(channel, Permissions.toSend(channel))
      if (channel.recipients.some((id) => world.closedDms.has(id))) throw ApiError.cannotMessageUser()
      const draft = MessageForm.read(object(call), { files: call.files.length > 0 })
      if ((draft.embeds?.length ?? 0) > 0) world.needIn(channel, Bit.EmbedLinks)
      if (call.files.length > 0) world.needIn(channel, Bit.AttachFiles)
      if (draft.replyTo !== null) world.needIn(channel, Bit.ReadMessageHistory)
      Threads.wake(world, channel, world.bot.id)
      const known = channel.lastMessageId
      const message = Messages.send(world, { channel, author: world.bot, draft, files: call.files })
      // A message that a nonce has found again is on the screens already.
      if (known !== channel.lastMessageId) Messages.show(world, message)
      return ok(Wire.message(world, message))
    },
    { limit: { count: 5, millis: 5_000 } },
  ),
  make("GET", "/channels/:channel/messages", (call) =>
    ok(page(call).map((message) => Wire.message(call.world, message))),
  ),
  make("GET", "/channels/:channel/messages/:message", (call) => {
    const { channel, message } = at(call)
    call.world.needIn(channel, Bit.ReadMessageHistory)
    return ok(Wire.message(call.world, message))
  }),
  make(
    "PATCH",
    "/channels/:channel/messages/:message",
    (call) => {
      const { channel, message } = at(call)
      if (message.authorId !== call.world.bot.id) throw ApiError.notTheAuthor()
      Threads.needActive(channel)
      const draft = MessageForm.read(object(call), { edit: true, files: call.files.length > 0 })
      return ok(Wire.message(call.world, Messages.edit(call.world, channel, message, draft, call.files)))
    },
    { limit: { count: 5, millis: 5_000 } },
  ),
  make(
    "DELETE",
    "/channels/:channel/messages/:message",
    (call) => {
      const { channel, message } = at(call)
      if (message.authorId !== call.world.bot.id) {
        if (channel.guildId === null) throw ApiError.notInDirectMessage()
        call.world.needIn(channel, Bit.ManageMessages)
      }
      Messages.remove(call.world, channel, message)
      return nothing
    },
    { limit: { count: 5, millis: 1_000 } },
  ),
  make("POST", "/channels/:channel/messages/bulk-delete", (call) => {
    const { world } = call
    const channel = world.channel(call.params.channel)
    if (channel.guildId === null) throw ApiError.notInDirectMessage()
    world.needIn(channel, Bit.ManageMessages)
    const asked = object(call)["messages"]
    const ids = Array.isArray(asked) ? asked.map(String) : []
    if (ids.length < 2 || ids.length > 100) throw ApiError.bulkDeleteCount()
    const form = Form.make()
    if (new Set(ids).size < ids.length)
      form.at("messages").fail("SET_TYPE_ALREADY_CONTAINS_VALUE", "The set already contains this value")
    ids.forEach((id, n) => {
      if (!Snowflake.is(id))
        form.at("messages", n).fail("NUMBER_TYPE_COERCE", `Value "${id}" is not snowflake.`)
    })
    form.done()
    if (ids.some((id) => world.now() - Snowflake.timestamp(id) > bulkAge)) throw ApiError.tooOldToDelete()
    const found = visible(channel).filter((message) => ids.includes(message.id))
    Messages.removeBulk(world, channel, found)
    const guild = world.guild(channel.guildId)
    AuditLog.note(world, guild, AuditLog.Action.MessageBulkDelete, channel.id, call.reason)
    return nothing
  }),
  make(
    "PUT",
    "/channels/:channel/messages/:message/reactions/:emoji/@me",
    (call) => {
      const { channel, message } = at(call)
      Threads.needActive(channel)
      call.world.needIn(channel, Bit.ReadMessageHistory)
      if (!message.reactions.has(keyOf(call.params.emoji))) call.world.needIn(channel, Bit.AddReactions)
      Messages.react(call.world, channel, message, call.world.bot.id, emojiOf(call.params.emoji))
      return nothing
    },
    { limit: { count: 4, millis: 1_000 } },
  ),
  make("DELETE", "/channels/:channel/messages/:message/reactions/:emoji/:user", (call) => {
    const { channel, message } = at(call)
    const user = call.params.user === "@me" ? call.world.bot.id : call.params.user
    if (user !== call.world.bot.id) call.world.needIn(channel, Bit.ManageMessages)
    Messages.unreact(call.world, channel, message, user, keyOf(call.params.emoji))
    return nothing
  }),
  make("GET", "/channels/:channel/messages/:message/reactions/:emoji", (call) => {
    const reaction = at(call).message.reactions.get(keyOf(call.params.emoji))
    if (reaction === undefined) throw ApiError.unknownEmoji()
    return ok([...reaction.users].map((id) => Wire.user(call.world.user(id))))
  }),
  make("DELETE", "/channels/:channel/messages/:message/reactions/:emoji", (call) => {
    const { channel, message } = at(call)
    call.world.needIn(channel, Bit.ManageMessages)
    Messages.clearReactions(call.world, channel, message, keyOf(call.params.emoji))
    return nothing
  }),
  make("DELETE", "/channels/:channel/messages/:message/reactions", (call) => {
    const { channel, message } = at(call)
    call.world.needIn(channel, Bit.ManageMessages)
    Messages.clearReactions(call.world, channel, message)
    return nothing
  }),
  make("POST", "/channels/:channel/typing", (call) => {
    const channel = call.world.channel(call.params.channel)
    call.world.needIn(channel, Permissions.toSend(channel))
    Messages.typing(call.world, channel, call.world.bot.id)
    return nothing
  }),
  make("GET", "/channels/:channel/pins", (call) => {
    const channel = call.world.channel(call.params.channel)
    return ok(
      visible(channel)
        .filter((message) => message.pinned)
        .toReversed()
        .map((message) => Wire.message(call.world, message)),
    )
  }),
  ...(["PUT", "DELETE"] as const).map((method) =>
    make(method, "/channels/:channel/pins/:message", (call) => {
      const { channel, message } = at(call)
      call.world.needIn(channel, Bit.ManageMessages)
      const pinned = method === "PUT"
      if (pinned && visible(channel).filter((one) => one.pinned).length >= 50) throw ApiError.tooManyPins()
      Messages.pin(call.world, channel, message, pinned)
      return nothing
    }),
  ),
]
