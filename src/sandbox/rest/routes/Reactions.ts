/**
 * Routes of reactions.
 *
 * @module
 */
import * as ApiError from "../../model/ApiError.js"
import * as EmojiText from "../../model/EmojiText.js"
import * as Emojis from "../../world/Emojis.js"
import { Form } from "../../form/Form.js"
import type { Channel, Reaction } from "../../model/Model.js"
import { at } from "./Messages.js"
import * as Permissions from "../../world/Permissions.js"
import * as Reactions from "../../world/Reactions.js"
import { type Call, make, nothing, ok, type Route } from "../Route.js"
import * as Snowflake from "../../model/Snowflake.js"
import * as Threads from "../../world/Threads.js"
import * as Wire from "../../world/Wire.js"

const { Bit } = Permissions

/** The emoji of a path: 10014 where it is none. */
const named = (call: Call<"emoji">): EmojiText.EmojiText => {
  const emoji = EmojiText.parse(call.params.emoji)
  if (emoji === undefined) throw ApiError.unknownEmoji()
  return emoji
}

/** An emoji to react with: one of Discord's must be known to the bot. */
const usable = (call: Call<"emoji">, channel: Channel): Reaction["emoji"] => {
  const emoji = named(call)
  if (emoji.id === null) return emoji
  const found = Emojis.known(call.world, emoji.id)
  if (found === undefined) throw ApiError.unknownEmoji()
  if (found.guildId !== null && found.guildId !== channel.guildId)
    call.world.needIn(channel, Bit.UseExternalEmojis)
  return { id: found.id, name: found.name, ...(found.animated ? { animated: true } : {}) }
}

/** Others' reactions are taken away by those who manage messages, and in direct messages by nobody: 50003. */
const needClearing = (call: Call, channel: Channel): void => {
  if (channel.guildId === null) throw ApiError.notInDirectMessage()
  call.world.needIn(channel, Bit.ManageMessages)
}

/** The channel and the message of a path, where something can change. */
const changing = (call: Call<"channel" | "message">): ReturnType<typeof at> => {
  const found = at(call)
  Threads.needActive(found.channel)
  return found
}

const limit = { limit: { count: 4, millis: 1_000 } }

export const routes: ReadonlyArray<Route> = [
  make(
    "PUT",
    "/channels/:channel/messages/:message/reactions/:emoji/@me",
    (call) => {
      const { channel, message } = changing(call)
      call.world.needIn(channel, Bit.ReadMessageHistory)
      const there = message.reactions.get(Reactions.keyOf(named(call)))
      if (there === undefined) call.world.needIn(channel, Bit.AddReactions)
      const emoji = there?.emoji ?? usable(call, channel)
      Reactions.add(call.world, channel, message, call.world.bot.id, emoji)
      return nothing
    },
    limit,
  ),
  make(
    "DELETE",
    "/channels/:channel/messages/:message/reactions/:emoji/:user",
    (call) => {
      const { channel, message } = changing(call)
      const user = call.params.user === "@me" ? call.world.bot.id : call.params.user
      if (user !== call.world.bot.id) needClearing(call, channel)
      Reactions.remove(call.world, channel, message, user, Reactions.keyOf(named(call)))
      return nothing
    },
    limit,
  ),
  make("GET", "/channels/:channel/messages/:message/reactions/:emoji", (call) => {
    const { channel, message } = at(call)
    call.world.needIn(channel, Bit.ReadMessageHistory)
    const form = Form.make()
    const size = form.at("limit").integer(call.query.get("limit") ?? undefined, 1, 100) ?? 25
    const type = form.at("type").integer(call.query.get("type") ?? undefined, 0, 1) ?? 0
    const after = form.at("after").snowflake(call.query.get("after") ?? undefined)
    form.done()
    const reaction = message.reactions.get(Reactions.keyOf(named(call)))
    // Super reactions are nobody's here.
    const users = reaction === undefined || type === 1 ? [] : [...reaction.users].sort(Snowflake.compare)
    const rest = after === undefined ? users : users.filter((id) => Snowflake.compare(id, after) > 0)
    return ok(rest.slice(0, size).map((id) => Wire.user(call.world.user(id))))
  }),
  make("DELETE", "/channels/:channel/messages/:message/reactions/:emoji", (call) => {
    const { channel, message } = changing(call)
    needClearing(call, channel)
    Reactions.clear(call.world, channel, message, Reactions.keyOf(named(call)))
    return nothing
  }),
  make("DELETE", "/channels/:channel/messages/:message/reactions", (call) => {
    const { channel, message } = changing(call)
    needClearing(call, channel)
    Reactions.clear(call.world, channel, message)
    return nothing
  }),
]
