/**
 * `/ban`, `/unban`, `/kick` and `/timeout`: acts on one person.
 *
 * Caller and bot need the permission and stand above the person, which is checked at each call. The person is told
 * by direct message beforehand, where they take any and `notify` is not off.
 *
 * @module
 */
import { PermissionFlagsBits } from "discord-api-types/v10"
import { Effect } from "effect"
import * as Command from "../../command/Command.js"
import * as Param from "../../command/Param.js"
import * as Policy from "../../command/Policy.js"
import { Discord } from "../../discord/Discord.js"
import type { RestError } from "../../DiscordError.js"
import type { InteractionOf } from "../../interaction/Interaction.js"
import * as Md from "../../interaction/Md.js"
import * as Reply from "../../interaction/Reply.js"
import * as Act from "./Act.js"
import * as Lists from "./Lists.js"
import { AlreadyBanned, NotBanned } from "./ModerationError.js"
import * as Params from "./Params.js"
import * as Span from "./Span.js"

export const ban = Command.make(
  "ban",
  {
    description: "Bans somebody from this server",
    in: "guild",
    category: "Moderation",
    ephemeral: true,
    permissions: PermissionFlagsBits.BanMembers,
    params: {
      user: Param.user("Whom; also somebody who is not here, by their id"),
      reason: Params.reason,
      delete_days: Params.deleteDays,
      notify: Params.notify,
    },
  },
  Effect.fnUntraced(function* ({ delete_days, notify, reason, user: target }, interaction) {
    const discord = yield* Discord
    const { guild, guildId, user } = interaction
    const isBanned = exists(discord.fetchBan(guildId, target.id))
    if (yield* known(isBanned)) return yield* new AlreadyBanned({ userId: target.id })
    const done = yield* Act.perform({
      ...about(interaction, target.id, reason),
      kind: "ban",
      word: notify ? word("You are banned from", guild.name, reason) : undefined,
      run: discord.ban(guildId, target.id, {
        reason: Params.audit(user, reason),
        deleteMessages: `${delete_days} days`,
      }),
      check: isBanned,
    })
    return told(done, Md.text`${Md.user(target.id)} is banned.`)
  }),
).pipe(Policy.botPermissions(PermissionFlagsBits.BanMembers), Policy.hierarchy("user"))

export const unban = Command.make(
  "unban",
  {
    description: "Lets somebody come back who was banned",
    in: "guild",
    category: "Moderation",
    ephemeral: true,
    permissions: PermissionFlagsBits.BanMembers,
    params: { user: Param.user("Whom, by their id"), reason: Params.reason },
  },
  Effect.fnUntraced(function* ({ reason, user: target }, interaction) {
    const discord = yield* Discord
    const { guildId, user } = interaction
    const isFree = Effect.map(exists(discord.fetchBan(guildId, target.id)), (banned) => !banned)
    if (yield* known(isFree)) return yield* new NotBanned({ userId: target.id })
    const done = yield* Act.perform({
      ...about(interaction, target.id, reason),
      kind: "unban",
      word: undefined,
      run: discord.unban(guildId, target.id, Params.audit(user, reason)),
      check: isFree,
    })
    return told(done, Md.text`${Md.user(target.id)} is no longer banned.`)
  }),
).pipe(Policy.botPermissions(PermissionFlagsBits.BanMembers))

export const kick = Command.make(
  "kick",
  {
    description: "Puts a member out of this server; they may come back",
    in: "guild",
    category: "Moderation",
    ephemeral: true,
    permissions: PermissionFlagsBits.KickMembers,
    params: { user: Param.member("Whom"), reason: Params.reason, notify: Params.notify },
  },
  Effect.fnUntraced(function* ({ notify, reason, user: target }, interaction) {
    const discord = yield* Discord
    const { guild, guildId, user } = interaction
    const done = yield* Act.perform({
      ...about(interaction, target.id, reason),
      kind: "kick",
      word: notify ? word("You are put out of", guild.name, reason) : undefined,
      run: discord.kick(guildId, target.id, Params.audit(user, reason)),
      check: Effect.map(exists(discord.fetchMember(guildId, target.id)), (here) => !here),
    })
    return told(done, Md.text`${Md.user(target.id)} was kicked.`)
  }),
).pipe(Policy.botPermissions(PermissionFlagsBits.KickMembers), Policy.hierarchy("user"))

export const timeout = Command.make(
  "timeout",
  {
    description: "Keeps a member from writing for some time",
    in: "guild",
    category: "Moderation",
    ephemeral: true,
    permissions: PermissionFlagsBits.ModerateMembers,
    params: {
      user: Param.member("Whom"),
      for: Param.string("How long, such as 10 minutes or 2h; at most 28 days; off lifts it").pipe(
        Param.decode(Span.OfTimeout),
      ),
      reason: Params.reason,
      notify: Params.notify,
    },
  },
  Effect.fnUntraced(function* ({ for: span, notify, reason, user: target }, interaction) {
    const discord = yield* Discord
    const { createdAt, guild, guildId, user } = interaction
    // By Discord's own clock: 28 days by a clock that goes fast would be refused.
    const until = span === 0 ? null : createdAt + span
    const words =
      until === null ? "You may write again in" : `Until ${Md.time(until).markdown} you cannot write in`
    const done = yield* Act.perform({
      ...about(interaction, target.id, reason),
      kind: until === null ? "untimeout" : "timeout",
      until,
      word: notify ? word(words, guild.name, reason) : undefined,
      run: discord.timeout(guildId, target.id, until, Params.audit(user, reason)),
      check: Effect.map(discord.fetchMember(guildId, target.id), ({ communication_disabled_until: ends }) =>
        until === null
          ? ends == null || Date.parse(ends) <= createdAt
          : ends != null && Math.abs(Date.parse(ends) - until) < 1_000,
      ),
      explain: (error) =>
        error?._tag === "MissingPermissions" && target.permissions.has(PermissionFlagsBits.Administrator)
          ? "Discord lets nobody keep an administrator from writing."
          : undefined,
    })
    return told(
      done,
      until === null
        ? Md.text`${Md.user(target.id)} may write again.`
        : Md.text`${Md.user(target.id)} cannot write for ${Span.print(span)}.`,
    )
  }),
).pipe(Policy.botPermissions(PermissionFlagsBits.ModerateMembers), Policy.hierarchy("user"))

const about = (
  { guildId, user }: Pick<InteractionOf<"guild", "slash">, "guildId" | "user">,
  userId: string,
  reason: string | undefined,
) => ({ guildId, userId, moderatorId: user.id, reason: reason ?? null, until: null })

const word = (what: string, server: string, reason: string | undefined): string =>
  `${what} ${Md.text`**${server}**.${Md.raw(reason === undefined ? "" : Md.text` Reason: ${reason}`)}`}`

/** Whether Discord has it. */
const exists = (fetch: Effect.Effect<unknown, RestError>): Effect.Effect<boolean, RestError> =>
  Effect.catchTag(Effect.as(fetch, true), "UnknownResource", () => Effect.succeed(false))

/** What Discord does not tell beforehand is found out by the act. */
const known = (check: Effect.Effect<boolean, RestError>): Effect.Effect<boolean> =>
  Effect.orElseSucceed(check, () => false)

const told = ({ case: { detail, number }, noted }: Act.Done, what: string): Reply.Message =>
  Reply.ephemeral(
    Reply.text(
      [
        `${what} This is case ${number}.`,
        ...(detail === null ? [] : [detail]),
        ...(noted ? [] : [Lists.NOT_NOTED]),
      ].join(" "),
    ),
  )
