/**
 * The search in a guild's messages: for words, authors and channels, the newest first. Whatever else Discord takes
 * is answered 501.
 *
 * Source: Discord Developer Docs, "Search Guild Messages": 25 at a time, the first 9,975 of them; content is looked
 * through with the message-content intent only.
 *
 * @module
 */
import * as ApiError from "../../model/ApiError.js"
import * as Content from "../../world/Content.js"
import { Form } from "../../form/Form.js"
import type { Json, Message } from "../../model/Model.js"
import * as Permissions from "../../world/Permissions.js"
import { make, ok, type Route } from "../Route.js"
import * as Snowflake from "../../model/Snowflake.js"
import * as Wire from "../../world/Wire.js"
import type { World } from "../../world/World.js"

const pattern = "/guilds/:guild/messages/search" as const
const understood = ["content", "author_id", "channel_id", "limit", "offset", "sort_by", "sort_order"]

const shown = (world: World, message: Message): Json => {
  const { reactions: _reactions, referenced_message: _original, ...rest } = Content.shown(world, message)
  return { ...rest, hit: true }
}

export const routes: ReadonlyArray<Route> = [
  make("GET", pattern, ({ params, query, world }) => {
    const guild = world.guild(params.guild)
    if ([...query.keys()].some((name) => !understood.includes(name)))
      throw ApiError.notImplemented("GET", `${pattern} with more than ${understood.join(", ")}`)
    const form = Form.make()
    const content = form.at("content").text(query.get("content") ?? undefined, { max: 1_024 })
    const limit = form.at("limit").integer(query.get("limit") ?? undefined, 1, 25) ?? 25
    const offset = form.at("offset").integer(query.get("offset") ?? undefined, 0, 9_975) ?? 0
    const order = form.at("sort_order").oneOf(query.get("sort_order") ?? "desc", ["asc", "desc"])
    form.at("sort_by").oneOf(query.get("sort_by") ?? "timestamp", ["timestamp", "relevance"])
    form.done()
    if (content !== undefined && !world.privilegedIntents.messageContent) throw ApiError.missingAccess()
    const words = (content ?? "").toLowerCase().split(/\s+/u)
    const [authors, channels] = [query.getAll("author_id"), query.getAll("channel_id")]
    const readable = Permissions.Bit.ViewChannel | Permissions.Bit.ReadMessageHistory
    const found = [...guild.channels.values(), ...guild.threads.values()]
      .filter(
        (channel) =>
          (channels.length === 0 || channels.includes(channel.id)) &&
          Permissions.has(world.permissions(world.bot.id, channel), readable),
      )
      .flatMap((channel) => [...channel.messages.values()])
      .filter(
        (message) =>
          message.ephemeralFor === null &&
          (authors.length === 0 || authors.includes(message.authorId)) &&
          words.every((word) => message.content.toLowerCase().includes(word)),
      )
      .toSorted((a, b) => Snowflake.compare(b.id, a.id))
    const page = (order === "asc" ? found.toReversed() : found).slice(offset, offset + limit)
    const places = new Set(page.map(({ channelId }) => channelId))
    const threads = [...guild.threads.values()].filter(({ id }) => places.has(id))
    return ok({
      messages: page.map((message) => [shown(world, message)]),
      doing_deep_historical_index: false,
      total_results: found.length,
      threads: threads.map((thread) => Wire.channel(world, thread)),
      members: threads
        .filter(({ thread }) => thread?.members.has(world.bot.id) === true)
        .map((thread) => Wire.threadMember(thread, world.bot.id)),
    })
  }),
]
