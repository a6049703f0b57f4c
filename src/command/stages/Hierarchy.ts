/**
 * Who may act on whom: caller and bot must stand above the member that the command is about.
 *
 * The order is Discord's: the owner of the server above all, then by the highest role. Nobody stands above
 * themselves. A user who is no member of the server stands below everybody.
 *
 * @module
 */
import { GuildMember, type User } from "discord.js"
import { Effect } from "effect"
import * as Discord from "../../discord/Discord.js"
import type { DiscordError } from "../../DiscordError.js"
import type { Live } from "../../interaction/Packet.js"
import { Outranked, ParamUnresolved, type Refusal, WrongPlace } from "../CommandError.js"
import type { Site, Stage } from "../Stages.js"

/** Turns calls away whose member stands too high. */
export const stage =
  ({ metrics }: Site, param: string): Stage =>
  ({ params, passage }, next) => {
    const target = params[param]
    if (target === undefined || target === null) return next
    return Effect.matchEffect(
      Effect.suspend(() => check(param, target as User | GuildMember, passage.interaction)),
      {
        onFailure: (refusal) => {
          metrics.refused("hierarchy")
          return Effect.fail(refusal)
        },
        onSuccess: () => next,
      },
    )
  }

const check = (
  param: string,
  target: User | GuildMember,
  interaction: Live,
): Effect.Effect<void, Refusal> => {
  const { guild } = interaction
  if (guild === undefined) {
    return Effect.fail(new WrongPlace({ needs: interaction.guildId === undefined ? "guild" : "membership" }))
  }
  const refuse = (who: Outranked["who"], why: Outranked["why"]) =>
    Effect.fail(new Outranked({ param, who, why }))
  const me = interaction.structure.client.user?.id
  if (target.id === interaction.user.id) return refuse("caller", "self")
  if (target.id === me) return refuse("bot", "self")
  if (target.id === guild.ownerId) return refuse("caller", "owner")
  const member = (id: string) => {
    const known = guild.members.cache.get(id)
    return known === undefined ? Discord.use(() => guild.members.fetch(id)) : Effect.succeed(known)
  }
  return Effect.gen(function* () {
    const subject = target instanceof GuildMember ? target : yield* absentAs(undefined)(member(target.id))
    if (subject === undefined) return
    const caller = interaction.member ?? (yield* member(interaction.user.id))
    const bot = guild.members.me ?? (yield* Discord.use(() => guild.members.fetchMe()))
    if (caller.id !== guild.ownerId && !stands(caller, subject)) return yield* refuse("caller", "rank")
    if (!stands(bot, subject)) return yield* refuse("bot", "rank")
  }).pipe(
    Effect.mapError((error) =>
      error instanceof Outranked ? error : new ParamUnresolved({ param, cause: error }),
    ),
  )
}

/** Whether one's highest role is above the other's; roles at one height are in the order of their making. */
const stands = (above: GuildMember, below: GuildMember): boolean =>
  above.roles.highest.comparePositionTo(below.roles.highest) > 0

/** Discord knows no such member. */
const absentAs =
  <B>(value: B) =>
  <A>(found: Effect.Effect<A, DiscordError>): Effect.Effect<A | B, DiscordError> =>
    Effect.catchTag(found, "UnknownResource", () => Effect.succeed(value))
