/**
 * What it takes to send a message: the kind of channel, and the permission for each thing in it.
 *
 * @module
 */
import { ChannelType, MessageFlags } from "discord-api-types/v10"
import * as ApiError from "../model/ApiError.js"
import type { Draft } from "../form/MessageForm.js"
import type { Channel } from "../model/Model.js"
import type { File } from "./Attachments.js"
import * as Permissions from "./Permissions.js"
import type { World } from "./World.js"

const { Bit } = Permissions

/** Channels in which nobody writes. */
const silent: ReadonlySet<number> = new Set([ChannelType.GuildCategory, ChannelType.GuildDirectory])
const forums: ReadonlySet<number> = new Set([ChannelType.GuildForum, ChannelType.GuildMedia])

/** Refuses with 50008 where nobody writes, and with 40058 where only posts are. */
export const needText = (channel: Channel): void => {
  if (forums.has(channel.type)) throw ApiError.forumNeedsThread()
  if (silent.has(channel.type)) throw ApiError.notATextChannel()
}

/** Refuses a direct message with 50278 to somebody who is in no guild with the bot, with 50007 to who takes none. */
export const needReachable = (world: World, channel: Channel): void => {
  for (const id of channel.recipients) {
    if (id === world.bot.id) continue
    const met = [...world.guilds.values()].some(({ members }) => members.has(id) && members.has(world.bot.id))
    if (!met) throw ApiError.noMutualGuild()
    if (world.closedDms.has(id)) throw ApiError.cannotMessageUser()
  }
}

/** Refuses with 50013 what the author may not send here, and a reply without the history with 160002. */
export const check = (
  world: World,
  channel: Channel,
  authorId: string,
  draft: Draft,
  files: ReadonlyArray<File>,
): void => {
  const held = world.permissions(authorId, channel)
  let needed = 0n
  if (draft.tts) needed |= Bit.SendTTSMessages
  if (draft.embeds !== undefined && draft.embeds.length > 0) needed |= Bit.EmbedLinks
  if (files.length > 0) needed |= Bit.AttachFiles
  if (draft.poll !== undefined) needed |= Bit.SendPolls
  if ((draft.flags & MessageFlags.IsVoiceMessage) !== 0) {
    if (files.length !== 1) throw ApiError.voiceNeedsAudio()
    if (channel.guildId !== null) needed |= Bit.SendVoiceMessages
  }
  if (!Permissions.has(held, needed)) throw ApiError.missingPermissions()
  if (draft.replyTo !== null && !Permissions.has(held, Bit.ReadMessageHistory))
    throw ApiError.replyWithoutHistory()
}
