/**
 * Whom of many people a moderator may ban: what `Policy.hierarchy` is for one.
 *
 * Members are asked for in groups of 100 over the gateway, which takes no intent and costs no REST call. Who is no
 * member stands below everybody.
 *
 * @module
 */
import type { Guild, GuildMember } from "discord.js"
import { Array, Effect } from "effect"
import * as Discord from "../../discord/Discord.js"
import { type DiscordError, RequestTimeout } from "../../DiscordError.js"
import * as Bans from "./Bans.js"
import { Unchecked } from "./ModerationError.js"

/** Why somebody may not be banned. */
export type Denied = "yourself" | "me" | "the owner" | "above you" | "above me"

export interface Standing {
  /** To be banned. */
  readonly fresh: ReadonlyArray<string>
  readonly already: ReadonlyArray<string>
  readonly denied: ReadonlyArray<{ readonly userId: string; readonly why: Denied }>
}

/** Members asked for at once (Discord). */
const GROUP = 100
/** Milliseconds for the answer of the gateway. */
const ANSWER = 10_000

/** Sorts people by what may be done. Fails with `Unchecked`: then nobody is to be touched. */
export const of = (
  guild: Guild,
  caller: GuildMember,
  userIds: ReadonlyArray<string>,
): Effect.Effect<Standing, Unchecked, Discord.Discord> =>
  Effect.gen(function* () {
    const banned = yield* Bans.among(guild.id, userIds)
    const members = yield* membersOf(
      guild,
      userIds.filter((id) => !banned.has(id)),
    )
    const bot = guild.members.me ?? (yield* Discord.use(() => guild.members.fetchMe()))
    const whyNot = (userId: string): Denied | undefined => {
      if (userId === caller.id) return "yourself"
      if (userId === bot.id) return "me"
      if (userId === guild.ownerId) return "the owner"
      const member = members.get(userId)
      if (member === undefined) return undefined
      if (caller.id !== guild.ownerId && !stands(caller, member)) return "above you"
      return stands(bot, member) ? undefined : "above me"
    }
    const left = userIds.filter((id) => !banned.has(id)).map((userId) => ({ userId, why: whyNot(userId) }))
    return {
      fresh: left.filter(({ why }) => why === undefined).map(({ userId }) => userId),
      already: userIds.filter((id) => banned.has(id)),
      denied: left.flatMap(({ userId, why }) => (why === undefined ? [] : [{ userId, why }])),
    }
  }).pipe(Effect.mapError(({ userText }) => new Unchecked({ reason: userText })))

/** Sorts once more those who were to be banned: nobody else is to be touched. Fails like `of`. */
export const again = (
  guild: Guild,
  caller: GuildMember,
  before: Standing,
): Effect.Effect<Standing, Unchecked, Discord.Discord> =>
  Effect.map(of(guild, caller, before.fresh), ({ already, denied, fresh }) => ({
    fresh,
    already: [...before.already, ...already],
    denied: [...before.denied, ...denied],
  }))

const membersOf = (
  guild: Guild,
  userIds: ReadonlyArray<string>,
): Effect.Effect<ReadonlyMap<string, GuildMember>, DiscordError> =>
  Effect.map(
    Effect.forEach(Array.chunksOf(userIds, GROUP), (some) =>
      // discord.js has a timer of its own, which no Clock moves; it only takes away what it listens by.
      Discord.use(() => guild.members.fetch({ user: [...some], time: ANSWER + 1_000 })).pipe(
        Effect.timeoutFail({
          duration: ANSWER,
          onTimeout: () => new RequestTimeout({ route: "REQUEST_GUILD_MEMBERS", after: ANSWER }),
        }),
      ),
    ),
    (groups) => new Map(groups.flatMap((members) => [...members])),
  )

const stands = (above: GuildMember, below: GuildMember): boolean =>
  above.roles.highest.comparePositionTo(below.roles.highest) > 0
