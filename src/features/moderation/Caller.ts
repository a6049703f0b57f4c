/**
 * Whether whoever called may still do it: a question has waited for them, and they may have lost their rank meanwhile.
 *
 * @module
 */
import type { GuildMember } from "discord.js"
import { Effect } from "effect"
import * as Discord from "../../discord/Discord.js"
import type { DiscordError } from "../../DiscordError.js"
import type { InteractionOf } from "../../interaction/Interaction.js"
import { NotAnyMore } from "./ModerationError.js"

/**
 * The caller as a member of the server by now, who still has these permissions in the channel. Fails with
 * `NotAnyMore`, or with what keeps Discord from telling: then nothing is to be done.
 */
export const still = (
  { channelId, guild, user }: Pick<InteractionOf<"guild", "slash">, "channelId" | "guild" | "user">,
  needed: bigint,
): Effect.Effect<GuildMember, DiscordError | NotAnyMore> =>
  Effect.gen(function* () {
    const member = yield* Discord.use(() => guild.members.fetch({ user: user.id, force: true }))
    const here = guild.channels.cache.get(channelId)?.permissionsFor(member) ?? member.permissions
    return here.has(needed) ? member : yield* new NotAnyMore()
  })
