/**
 * Forums: tags, and posts, which are public threads that begin with a message of the same id.
 *
 * Source: Discord Developer Docs, "Channels Resource" and "Threads".
 *
 * @module
 */
import { ChannelFlags } from "discord-api-types/v10"
import * as ApiError from "../model/ApiError.js"
import type { Channel, Forum, Guild, Message, User } from "../model/Model.js"
import * as Messages from "./Messages.js"
import * as Permissions from "./Permissions.js"
import * as Threads from "./Threads.js"
import type { World } from "./World.js"

const { Bit } = Permissions

/** Discord: 5 tags on a post. */
export const appliedLimit = 5

/** What a new post is. */
export interface NewPost extends Omit<Threads.NewThread, "type" | "message" | "ownerId"> {
  readonly author: User
  readonly draft: Messages.Sending["draft"]
  readonly files?: ReadonlyArray<Messages.File>
}

/** A post with its first message. */
export interface Post {
  readonly channel: Channel
  readonly message: Message
}

/**
 * Starts a post in a forum. Refuses with 50013 who may not write there, with 40067 where a tag is needed, and with
 * 40066 where only those who manage threads could give one.
 */
export const post = (world: World, parent: Channel, options: NewPost): Post => {
  const { author, draft, files, ...more } = options
  const held = world.permissions(author.id, parent)
  if (!Permissions.has(held, Bit.SendMessages)) throw ApiError.missingPermissions()
  const tags = options.tags ?? []
  const forum = of(parent)
  checkTags(world, parent, author.id, [], tags)
  if ((parent.flags & ChannelFlags.RequireTag) !== 0 && tags.length === 0) {
    const open = Permissions.has(held, Bit.ManageThreads) || forum.tags.some(({ moderated }) => !moderated)
    throw open ? ApiError.tagRequired() : ApiError.noTagsForEveryone()
  }
  const first = { channel: parent, author, draft, ...(files === undefined ? {} : { files }) }
  const send = Messages.prepare(world, first)
  const channel = Threads.open(world, parent, { ...more, ownerId: author.id, type: 11 })
  const message = send({ id: channel.id, channel })
  parent.lastMessageId = channel.id
  return { channel, message: Messages.show(world, message) }
}

/** What makes a channel a forum; refuses with 50024 where it is none. */
export const of = ({ forum }: Channel): Forum => {
  if (forum === null) throw ApiError.wrongChannelType()
  return forum
}

/**
 * Whether somebody may set these tags in place of the former ones: 10087 for one that the forum does not have, 50013
 * where one that is only for moderators comes or goes.
 */
export const checkTags = (
  world: World,
  parent: Channel,
  byId: string,
  former: ReadonlyArray<string>,
  wanted: ReadonlyArray<string>,
): void => {
  const { tags } = of(parent)
  const manages = Permissions.has(world.permissions(byId, parent), Bit.ManageThreads)
  for (const id of new Set([...former, ...wanted])) {
    const tag = tags.find((one) => one.id === id)
    if (tag === undefined && !former.includes(id)) throw ApiError.unknownTag()
    const moved = former.includes(id) !== wanted.includes(id)
    if (tag?.moderated === true && moved && !manages) throw ApiError.missingPermissions()
  }
}

/** Refuses with 30047 where another post is pinned already: a forum has one. */
export const needFreePin = (guild: Guild, post: Channel): void => {
  for (const one of guild.threads.values()) {
    if (one !== post && one.parentId === post.parentId && (one.flags & ChannelFlags.Pinned) !== 0)
      throw ApiError.tooManyPinnedPosts()
  }
}

/** Tags that the forum no longer has go from its posts, in silence. */
export const forgetTags = (guild: Guild, parent: Channel): void => {
  const known = new Set(parent.forum?.tags.map(({ id }) => id))
  for (const { parentId, thread } of guild.threads.values()) {
    if (parentId === parent.id && thread !== null) thread.tags = thread.tags.filter((id) => known.has(id))
  }
}
