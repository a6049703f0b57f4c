/**
 * What one person finds and may do: channels and messages by the names that people give them, and permissions in
 * sentences. What a person does not see is not there for them.
 *
 * Everything here is synchronous and throws `NotFound` or `NotAllowed`.
 *
 * @module
 */
import { NotAllowed, NotFound } from "./ActorError.js"
import * as Membership from "../world/Membership.js"
import type { Channel, Guild, Message, User } from "../model/Model.js"
import * as Permissions from "../world/Permissions.js"
import type { Site } from "../rest/Route.js"
import * as SendRules from "../world/SendRules.js"
import * as Waking from "../world/Waking.js"
import type { World } from "../world/World.js"

export interface Outlook {
  readonly site: Site
  readonly world: World
  readonly user: User
  /** The guild in which names are meant. */
  readonly guildId: string | undefined
  /** A channel or thread by name, mention or id; `dm` is the bot's own. */
  readonly channelOf: (text: string) => Channel
  readonly messageOf: (id: string) => { readonly channel: Channel; readonly message: Message }
  readonly sees: (channel: Channel, message: Message) => boolean
  readonly guildOf: (channel: Channel) => Guild | undefined
  readonly may: (channel: Channel, bit: bigint) => boolean
  /** `what` completes "Ada may not … in #general". */
  readonly need: (channel: Channel, bit: bigint, what: string) => void
  /** In time-out one looks on, also where what one does takes no permission: reacts, votes, asks the bot. */
  readonly needVoice: (channel: Channel) => void
  /**
   * Whether there is anything to type into: not in categories and forums, nor in a locked thread without the right to
   * manage it, nor in direct messages where one shares no server with the bot.
   */
  readonly needComposer: (channel: Channel) => void
  /** Whether a person is shown a message among those that were there before they came. */
  readonly recalls: (channel: Channel, message: Message) => boolean
  /** Milliseconds that a time-out still lasts; 0 where there is none. */
  readonly timeoutLeft: (guild: Guild) => number
}

export const make = (site: Site, user: User, guildId: string | undefined): Outlook => {
  const { world } = site

  const sees = (channel: Channel, message: Message): boolean =>
    (message.ephemeralFor === null || message.ephemeralFor === user.id) && world.canSee(user.id, channel)

  const may = (channel: Channel, bit: bigint): boolean =>
    Permissions.has(world.permissions(user.id, channel), bit)

  const guildOf = (channel: Channel): Guild | undefined =>
    channel.guildId === null ? undefined : world.guilds.get(channel.guildId)

  const timeoutLeft = (guild: Guild): number => {
    const until = guild.members.get(user.id)?.timeoutUntil ?? null
    return until === null ? 0 : Math.max(0, until - world.now())
  }

  return {
    site,
    world,
    user,
    guildId,
    sees,
    may,
    guildOf,
    timeoutLeft,
    needVoice: (channel) => {
      // Discord: every permission is lost but to look and to read. Components and polls are not named there; buttons
      // are reported to be refused, and a vote, which is as public as a reaction, is taken to be.
      if (world.isTimedOut(user.id, channel))
        throw new NotAllowed({ reason: `${user.username} is in time-out` })
    },
    needComposer: (channel) => {
      SendRules.needText(channel)
      Waking.check(world, channel, user.id)
      if (channel.guildId !== null) return
      const { bot, guilds } = world
      if (![...guilds.values()].some(({ members }) => members.has(user.id) && members.has(bot.id)))
        throw new NotAllowed({ reason: `${user.username} shares no server with ${bot.username}` })
    },
    recalls: (channel, message) =>
      sees(channel, message) &&
      (message.ephemeralFor !== null || may(channel, Permissions.Bit.ReadMessageHistory)),
    channelOf: (text) => {
      if (text.toLowerCase() === "dm") return world.directMessage(user)
      const wanted = /^<#(\d+)>$/.exec(text)?.[1] ?? text.replace(/^#/, "")
      const direct = world.channels.get(wanted)
      if (direct !== undefined && world.canSee(user.id, direct)) return direct
      const names = new Set<string>()
      for (const guild of world.guilds.values()) {
        if (guildId !== undefined && guild.id !== guildId) continue
        if (!guild.members.has(user.id)) continue
        for (const channel of [...guild.channels.values(), ...[...guild.threads.values()].toReversed()]) {
          if (!world.canSee(user.id, channel)) continue
          if (channel.name === wanted || (channel.thread !== null && typed(channel.name) === typed(wanted)))
            return channel
          if (names.size < 20) names.add(channel.name)
        }
      }
      throw (
        Membership.absence(world, user, guildId) ??
        new NotFound({ what: "channel", name: text, known: [...names] })
      )
    },
    messageOf: (id) => {
      for (const channel of world.channels.values()) {
        const message = channel.messages.get(id)
        if (message === undefined || !sees(channel, message)) continue
        return { channel, message }
      }
      throw new NotFound({ what: "message", name: id, known: [] })
    },
    need: (channel, bit, what) => {
      if (may(channel, bit)) return
      const guild = guildOf(channel)
      const left = guild === undefined ? 0 : timeoutLeft(guild)
      const why = left === 0 ? "" : `: in time-out for another ${Math.ceil(left / 1000)} s`
      throw new NotAllowed({ reason: `${user.username} may not ${what} in #${channel.name}${why}` })
    },
  }
}

/** A name as it can be typed: in small letters, without spaces. */
const typed = (name: string): string => name.toLowerCase().replace(/\s+/gu, "-")
