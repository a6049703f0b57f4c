/**
 * Whom a limit is counted for.
 *
 * @module
 */
import type { Interaction } from "../../interaction/Interaction.js"

/** In direct messages, `guild` means the conversation. */
export type Per = "user" | "channel" | "guild" | "global"

/** What the calls that are counted together have in common. */
export const keyOf = (
  per: Per,
  { channelId, guildId, user }: Pick<Interaction, "channelId" | "guildId" | "user">,
): string => {
  switch (per) {
    case "user":
      return user.id
    case "channel":
      return channelId
    case "guild":
      return guildId ?? channelId
    case "global":
      return ""
  }
}
