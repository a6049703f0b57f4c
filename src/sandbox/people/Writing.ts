/**
 * What a person writes, and does with what is written: messages, edits, reactions, pins.
 *
 * The rules are those of Discord's own client: permissions, time-outs, slow mode, 2,000 characters, locked and
 * archived threads. Lengths are code points, as Discord counts. Slow mode counts from the last message of this person
 * in this sandbox's life, also where it was not on yet.
 *
 * @module
 */
import { MessageType } from "discord-api-types/v10"
import { Effect } from "effect"
import { NotAllowed, NotFound } from "./ActorError.js"
import { attempt, type Failure } from "./Attempt.js"
import type { Attachment } from "./CommandInput.js"
import * as Emoji from "./Emoji.js"
import * as Files from "./Files.js"
import type { Outlook } from "./Outlook.js"
import * as AutoModeration from "../world/AutoModeration.js"
import * as Messages from "../world/Messages.js"
import type { Channel, Message } from "../model/Model.js"
import * as Permissions from "../world/Permissions.js"
import * as Pins from "../world/Pins.js"
import * as Polls from "../world/Polls.js"
import * as Reactions from "../world/Reactions.js"
import * as Threads from "../world/Threads.js"

const { Bit } = Permissions

/** What comes with a message. */
export interface Saying {
  readonly attachments?: ReadonlyArray<Attachment>
  /** The id of the message that it answers. */
  readonly replyTo?: string
  /** Whether a reply mentions whom it answers. Default true. */
  readonly ping?: boolean
}

export interface Writing {
  /**
   * Writes a message. `channel` is the name of a channel or thread (`general`, `#general`), an id, or `dm` for the
   * bot's own. In names of threads case does not count, and `-` may stand for a space; of two the newer is meant.
   */
  readonly say: (channel: string, content: string, options?: Saying) => Effect.Effect<Message, Failure>
  /** Changes an own message. */
  readonly edit: (messageId: string, content: string) => Effect.Effect<Message, Failure>
  /** Deletes an own message, or another's where one manages messages; takes an ephemeral one off the screen. */
  readonly deleteMessage: (messageId: string) => Effect.Effect<void, Failure>
  /** Reacts with an emoji: itself, or a custom one as `<:name:id>`, `:name:` or its id. */
  readonly react: (messageId: string, emoji: string) => Effect.Effect<void, Failure>
  /** Takes one's own reaction back. */
  readonly unreact: (messageId: string, emoji: string) => Effect.Effect<void, Failure>
  /** Pins a message, or takes the pin away. */
  readonly pin: (messageId: string, pinned: boolean) => Effect.Effect<void, Failure>
  /** Votes in a poll for these answers, by number, in place of those before; none takes the vote back. */
  readonly vote: (messageId: string, answers: ReadonlyArray<number>) => Effect.Effect<void, Failure>
  readonly type: (channel: string) => Effect.Effect<void, Failure>
}

export const make = (outlook: Outlook): Writing => {
  const { channelOf, messageOf, need, needComposer, needVoice, user, world } = outlook

  return {
    say: (where, content, options = {}) =>
      attempt(() => {
        const channel = channelOf(where)
        needComposer(channel)
        need(channel, Permissions.toSend(channel), "write")
        const files = Files.all(options.attachments ?? [])
        if (files.length > 0) need(channel, Bit.AttachFiles, "attach files")
        if (options.replyTo !== undefined) needAnswerable(outlook, channel, options.replyTo)
        check(content, files.length)
        needPatience(outlook, channel)
        const moderate = AutoModeration.judge(world, channel, user.id, content)
        const draft = {
          ...plain,
          content,
          replyTo: options.replyTo ?? null,
          ...(options.ping === false ? { allowedMentions: withoutPing } : {}),
        }
        const message = Messages.send(world, { channel, author: user, draft, files, wakerId: user.id })
        noteSaid(outlook, channel)
        moderate(message)
        return Messages.show(world, message)
      }),
    edit: (id, content) =>
      attempt(() => {
        const { channel, message } = messageOf(id)
        if (message.authorId !== user.id || !written.has(message.type))
          throw new NotAllowed({ reason: "One edits what one has written oneself" })
        Threads.needActive(channel)
        need(channel, Permissions.toSend(channel), "write")
        check(content, message.attachments.length)
        AutoModeration.judge(world, channel, user.id, content)(message)
        return Messages.edit(world, channel, message, { ...plain, flags: message.flags, content })
      }),
    deleteMessage: (id) =>
      attempt(() => {
        const { channel, message } = messageOf(id)
        if (message.authorId !== user.id && message.ephemeralFor !== user.id)
          need(channel, Bit.ManageMessages, "delete messages")
        Messages.remove(world, channel, message)
      }),
    react: (id, text) =>
      attempt(() => {
        const { channel, message } = messageOf(id)
        Threads.needActive(channel)
        if (message.ephemeralFor !== null)
          throw new NotAllowed({ reason: "Nobody reacts to a message that only one person sees" })
        need(channel, Bit.ReadMessageHistory, "react")
        // Joining a reaction takes no permission.
        needVoice(channel)
        const emoji = Emoji.find(outlook, channel, message, text)
        if (!message.reactions.has(Reactions.keyOf(emoji))) {
          need(channel, Bit.AddReactions, "react")
          if (message.reactions.size >= Reactions.kindLimit)
            throw new NotAllowed({
              reason: `A message takes at most ${Reactions.kindLimit} different reactions`,
            })
        }
        Reactions.add(world, channel, message, user.id, emoji)
      }),
    unreact: (id, text) =>
      attempt(() => {
        const { channel, message } = messageOf(id)
        Threads.needActive(channel)
        const { name } = Emoji.parse(text)
        const found = [...message.reactions].find(
          ([key, { emoji, users }]) => users.has(user.id) && [key, emoji.name].includes(name),
        )
        if (found === undefined) throw new NotFound({ what: "emoji", name: text, known: [] })
        Reactions.remove(world, channel, message, user.id, found[0])
      }),
    pin: (id, pinned) =>
      attempt(() => {
        const { channel, message } = messageOf(id)
        Threads.needActive(channel)
        if (message.ephemeralFor !== null || !written.has(message.type))
          throw new NotAllowed({ reason: "This message cannot be pinned" })
        if (channel.guildId !== null) need(channel, Bit.PinMessages, "pin messages")
        Pins.set(world, channel, message, pinned, user.id)
      }),
    vote: (id, answers) =>
      attempt(() => {
        const { channel, message } = messageOf(id)
        Threads.needActive(channel)
        if (message.poll === null) throw new NotAllowed({ reason: "This message is no poll" })
        const known = message.poll.answers.map((answer) => answer.id)
        const wrong = answers.find((answer) => !known.includes(answer))
        if (wrong !== undefined)
          throw new NotFound({ what: "answer", name: String(wrong), known: known.map(String) })
        if (!message.poll.multiple && answers.length > 1)
          throw new NotAllowed({ reason: "This poll takes one answer" })
        need(channel, Bit.ReadMessageHistory, "vote")
        needVoice(channel)
        Polls.vote(world, channel, message, user.id, answers)
      }),
    type: (where) =>
      attempt(() => {
        const channel = channelOf(where)
        needComposer(channel)
        need(channel, Permissions.toSend(channel), "write")
        Messages.typing(world, channel, user.id)
      }),
  }
}

/** Types of messages that people and bots write; the others are the system's. */
const written: ReadonlySet<number> = new Set([
  MessageType.Default,
  MessageType.Reply,
  MessageType.ChatInputCommand,
  MessageType.ContextMenuCommand,
])

const needAnswerable = ({ messageOf, need }: Outlook, channel: Channel, id: string): void => {
  need(channel, Bit.ReadMessageHistory, "reply")
  const found = messageOf(id)
  if (found.channel !== channel) throw new NotAllowed({ reason: "One answers a message where it is" })
  if (found.message.ephemeralFor !== null)
    throw new NotAllowed({ reason: "Nobody answers a message that only one person sees" })
}

/** Discord: 2,000 characters of a person without a subscription. */
export const checkLength = (content: string): void => {
  if ([...content].length > 2_000) throw new NotAllowed({ reason: "A message has at most 2,000 characters" })
}

const check = (content: string, files: number): void => {
  checkLength(content)
  if (content.trim() === "" && files === 0) throw new NotAllowed({ reason: "A message needs content" })
}

/** When each person last wrote, by channel. */
const said = new WeakMap<Channel, Map<string, number>>()

/** Slow mode counts from now on. */
export const noteSaid = ({ user, world }: Outlook, channel: Channel): void => {
  const times = said.get(channel) ?? new Map<string, number>()
  said.set(channel, times)
  times.set(user.id, world.now())
}

/** Slow mode: refuses whoever wrote too short a while ago. */
export const needPatience = ({ may, user, world }: Outlook, channel: Channel): void => {
  if (channel.rateLimitPerUser === 0 || may(channel, Bit.BypassSlowmode)) return
  const last = said.get(channel)?.get(user.id)
  if (last === undefined) return
  const left = last + channel.rateLimitPerUser * 1000 - world.now()
  if (left > 0)
    throw new NotAllowed({
      reason: `Slow mode: you may write here again in ${Math.ceil(left / 1000)} s`,
    })
}

/** A draft without anything in it. */
export const plain = {
  flags: 0,
  tts: false,
  nonce: null,
  enforceNonce: false,
  replyTo: null,
  replyMustExist: true,
  allowedMentions: null,
}

const withoutPing = { parse: ["users", "roles", "everyone"], users: [], roles: [], repliedUser: false }
