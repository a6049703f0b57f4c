/**
 * What a person does with threads: starts one, from a message or without, posts into a forum, comes in, goes,
 * brings others.
 *
 * @module
 */
import { ChannelFlags, ChannelType } from "discord-api-types/v10"
import type { Effect } from "effect"
import { NotAllowed, NotFound } from "./ActorError.js"
import { attempt, type Failure } from "./Attempt.js"
import type { Attachment } from "./CommandInput.js"
import * as Files from "./Files.js"
import type { Outlook } from "./Outlook.js"
import * as AutoModeration from "../world/AutoModeration.js"
import * as Forums from "../world/Forums.js"
import type { Channel, User } from "../model/Model.js"
import * as Permissions from "../world/Permissions.js"
import * as ThreadMembers from "../world/ThreadMembers.js"
import * as Threads from "../world/Threads.js"
import { checkLength, needPatience, noteSaid, plain } from "./Writing.js"

const { Bit } = Permissions

/** What a thread starts as. */
export interface Start {
  readonly name: string
  /** The id of the message that it starts from; it is then in the channel of that message. */
  readonly message?: string
  /** Only for those who are added. Default false. */
  readonly private?: boolean
}

/** A post in a forum. */
export interface Post {
  readonly name: string
  readonly content: string
  readonly attachments?: ReadonlyArray<Attachment>
  /** Tags, by id or name. */
  readonly tags?: ReadonlyArray<string>
}

export interface Threading {
  /** Starts a thread in a text channel. */
  readonly startThread: (channel: string, start: Start) => Effect.Effect<Channel, Failure>
  /** Starts a post in a forum, with its first message. */
  readonly post: (forum: string, post: Post) => Effect.Effect<Channel, Failure>
  readonly joinThread: (thread: string) => Effect.Effect<void, Failure>
  readonly leaveThread: (thread: string) => Effect.Effect<void, Failure>
  /** Adds somebody to a thread, by name or id. */
  readonly addToThread: (thread: string, person: string) => Effect.Effect<void, Failure>
  /** Takes somebody out: by who manages threads, and from a private one by who started it. */
  readonly removeFromThread: (thread: string, person: string) => Effect.Effect<void, Failure>
}

/** Discord: 1 to 100 characters. */
const longestName = 100

export const make = (outlook: Outlook): Threading => {
  const { channelOf, guildOf, messageOf, need, user, world } = outlook

  const threadOf = (text: string): Channel => {
    const channel = channelOf(text)
    if (channel.thread === null) throw new NotAllowed({ reason: `#${channel.name} is no thread` })
    Threads.needActive(channel)
    return channel
  }

  const personOf = (thread: Channel, name: string): User => {
    const found = world.findUser(name, guildOf(thread))
    if (found === undefined) throw new NotFound({ what: "user", name, known: [] })
    return found
  }

  return {
    startThread: (where, start) =>
      attempt(() => {
        const found = start.message === undefined ? undefined : messageOf(start.message)
        const parent = found?.channel ?? channelOf(where)
        const { message } = found ?? {}
        if (parent.type !== ChannelType.GuildText && parent.type !== ChannelType.GuildAnnouncement)
          throw new NotAllowed({ reason: `There are no threads in ${nameOf(parent)}` })
        if (message !== undefined && message.ephemeralFor !== null)
          throw new NotAllowed({ reason: "No thread starts from a message that only one person sees" })
        const closed = start.private === true && message === undefined
        need(
          parent,
          closed ? Bit.CreatePrivateThreads | Bit.ViewChannel : Bit.CreatePublicThreads,
          "start threads",
        )
        if (closed && parent.type === ChannelType.GuildAnnouncement)
          throw new NotAllowed({ reason: `There are no private threads in ${nameOf(parent)}` })
        const name = checkName(start.name)
        needPatience(outlook, parent)
        const thread = Threads.start(world, parent, {
          name,
          ownerId: user.id,
          type: closed
            ? ChannelType.PrivateThread
            : parent.type === ChannelType.GuildAnnouncement
              ? ChannelType.AnnouncementThread
              : ChannelType.PublicThread,
          ...(message === undefined ? {} : { message }),
        })
        noteSaid(outlook, parent)
        return thread
      }),
    post: (where, post) =>
      attempt(() => {
        const forum = channelOf(where)
        if (forum.forum === null) throw new NotAllowed({ reason: `${nameOf(forum)} is no forum` })
        need(forum, Bit.SendMessages, "post")
        const files = Files.all(post.attachments ?? [])
        if (files.length > 0) need(forum, Bit.AttachFiles, "attach files")
        checkLength(post.content)
        if (post.content.trim() === "" && files.length === 0)
          throw new NotAllowed({ reason: "A post needs content" })
        const tags = (post.tags ?? []).map((tag) => tagOf(outlook, forum, tag))
        if ((forum.flags & ChannelFlags.RequireTag) !== 0 && tags.length === 0)
          throw new NotAllowed({ reason: `A post in #${forum.name} needs a tag` })
        if (tags.length > Forums.appliedLimit)
          throw new NotAllowed({ reason: `A post has at most ${Forums.appliedLimit} tags` })
        needPatience(outlook, forum)
        const name = checkName(post.name)
        const moderate = AutoModeration.judge(world, forum, user.id, post.content)
        const draft = { ...plain, content: post.content }
        const made = Forums.post(world, forum, { name, author: user, draft, files, tags })
        moderate(made.message)
        noteSaid(outlook, forum)
        return made.channel
      }),
    joinThread: (where) =>
      attempt(() => {
        ThreadMembers.add(world, threadOf(where), [user.id])
      }),
    leaveThread: (where) =>
      attempt(() => {
        ThreadMembers.remove(world, threadOf(where), [user.id])
      }),
    addToThread: (where, person) =>
      attempt(() => {
        const thread = threadOf(where)
        const { id } = personOf(thread, person)
        if (!ThreadMembers.mayAdd(world, thread, user.id))
          throw new NotAllowed({ reason: `${user.username} may not add people to ${nameOf(thread)}` })
        Threads.invite(world, thread, user.id, id)
      }),
    removeFromThread: (where, person) =>
      attempt(() => {
        const thread = threadOf(where)
        const { id } = personOf(thread, person)
        const own = thread.type === ChannelType.PrivateThread && thread.thread?.ownerId === user.id
        if (id !== user.id && !own) need(thread, Bit.ManageThreads, "take people out of threads")
        Threads.expel(world, thread, user.id, id)
      }),
  }
}

const nameOf = (channel: Channel): string =>
  channel.guildId === null ? "direct messages" : `#${channel.name}`

const checkName = (name: string): string => {
  const text = name.trim()
  if (text.length === 0 || [...text].length > longestName)
    throw new NotAllowed({ reason: `The name of a thread has 1 to ${longestName} characters` })
  return text
}

const tagOf = ({ may }: Outlook, forum: Channel, given: string): string => {
  const tags = forum.forum?.tags ?? []
  const tag = tags.find((one) => one.id === given) ?? tags.find((one) => one.name === given)
  if (tag === undefined) throw new NotFound({ what: "tag", name: given, known: tags.map(({ name }) => name) })
  if (tag.moderated && !may(forum, Bit.ManageThreads))
    throw new NotAllowed({ reason: `Only those who manage threads give the tag ${tag.name}` })
  return tag.id
}
