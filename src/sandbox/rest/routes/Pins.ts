/**
 * Routes of pinned messages: the paged ones, and the old ones beside them, which list the newest 50.
 *
 * @module
 */
import * as Content from "../../world/Content.js"
import { Form } from "../../form/Form.js"
import { at } from "./Messages.js"
import * as Permissions from "../../world/Permissions.js"
import * as Pins from "../../world/Pins.js"
import { make, nothing, ok, type Route } from "../Route.js"
import * as Threads from "../../world/Threads.js"
import { ApiError, pinnedElsewhere } from "../../model/ApiError.js"
import * as AuditLog from "../../world/AuditLog.js"
import type { Channel } from "../../model/Model.js"
import type { Call } from "../Route.js"

const { Bit } = Permissions
const pageSize = 50

const readable = (call: Call, channel: Channel): boolean =>
  Permissions.has(call.world.permissions(call.world.bot.id, channel), Bit.ReadMessageHistory)

const change = (call: Call<"channel" | "message">, pinned: boolean): void => {
  const { world } = call
  const { channel, message } = here(call)
  Threads.needActive(channel)
  if (channel.guildId !== null) world.needIn(channel, Bit.PinMessages)
  const before = message.pinned
  Pins.set(world, channel, message, pinned)
  if (before === pinned || channel.guildId === null) return
  AuditLog.note(
    world,
    world.guild(channel.guildId),
    pinned ? AuditLog.Action.MessagePin : AuditLog.Action.MessageUnpin,
    message.authorId,
    call.reason,
    { options: { channel_id: channel.id, message_id: message.id } },
  )
}

/** 50019 where the message is in another channel. */
const here = (call: Call<"channel" | "message">): ReturnType<typeof at> => {
  try {
    return at(call)
  } catch (error) {
    const known = (channel: Channel): boolean => channel.messages.has(call.params.message)
    const elsewhere =
      error instanceof ApiError && error.code === 10008 && [...call.world.channels.values()].some(known)
    throw elsewhere ? pinnedElsewhere() : error
  }
}

export const routes: ReadonlyArray<Route> = [
  make("GET", "/channels/:channel/messages/pins", (call) => {
    const channel = call.world.channel(call.params.channel)
    const form = Form.make()
    const size = form.at("limit").integer(call.query.get("limit") ?? undefined, 1, pageSize) ?? pageSize
    const text = call.query.get("before")
    const before = text === null ? Number.POSITIVE_INFINITY : Date.parse(text)
    if (Number.isNaN(before))
      form.at("before").fail("DATE_TIME_TYPE_PARSE", `Could not parse ${text}. Should be ISO8601.`)
    form.done()
    if (!readable(call, channel)) return ok({ items: [], has_more: false })
    return ok(Pins.page(call.world, channel, size, before))
  }),
  make("GET", "/channels/:channel/pins", (call) => {
    const channel = call.world.channel(call.params.channel)
    const shown = readable(call, channel) ? Pins.list(channel).slice(0, pageSize) : []
    return ok(shown.map((message) => Content.shown(call.world, message)))
  }),
  ...(["/channels/:channel/messages/pins/:message", "/channels/:channel/pins/:message"] as const).flatMap(
    (pattern) =>
      (["PUT", "DELETE"] as const).map((method) =>
        make(method, pattern, (call) => {
          change(call, method === "PUT")
          return nothing
        }),
      ),
  ),
]
