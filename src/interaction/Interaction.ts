/**
 * The interaction in hand: who called what, where, and the ways to answer before the handler has ended.
 *
 * Everything here is read from Discord's packet, at no cost. The discord.js structures (`structure`, `guild`,
 * `member`) are built when they are first touched.
 *
 * @module
 */
import type { APIUser } from "discord-api-types/v10"
import type {
  CacheType,
  ChatInputCommandInteraction,
  Guild,
  GuildMember,
  Message as DiscordMessage,
  MessageContextMenuCommandInteraction,
  UserContextMenuCommandInteraction,
} from "discord.js"
import { Context, type Effect } from "effect"
import type { RestError } from "../DiscordError.js"
import type * as Reply from "./Reply.js"
import type { InteractionEnded } from "./Response.js"

/** Where a command may be called. */
export type Place = "guild" | "dm" | "both"

/**
 * How a command may be called: as a slash command, a prefix message (`!ping`), from a user's context menu or
 * from a message's.
 */
export type From = "slash" | "message" | "userMenu" | "messageMenu"

/** What every command has in hand, however it was called. */
export interface Interaction {
  /** The interaction's id; for a prefix message, the message's. */
  readonly id: string
  readonly from: From
  /** The full name: `tryout apply`. */
  readonly command: string
  readonly user: APIUser
  readonly guildId: string | undefined
  readonly channelId: string
  /** The user's language, `en-US` for instance; undefined for prefix messages. */
  readonly locale: string | undefined
  /** When Discord made the interaction or message: epoch milliseconds on Discord's clock. */
  readonly createdAt: number
  /** The caller's permissions in this channel, as a bit field; undefined for prefix messages. */
  readonly userPermissions: bigint | undefined
  /** The bot's own permissions in this channel, as a bit field; undefined for prefix messages. */
  readonly botPermissions: bigint | undefined
  /**
   * Shows a message now, before the handler has ended; what the handler returns then follows it. Fails with
   * `InteractionEnded` once the outcome was decided (deadline, cancellation), or with what Discord answered.
   */
  readonly show: (message: Reply.Message) => Effect.Effect<void, RestError | InteractionEnded>
  /**
   * Shows "thinking…" (for a prefix message: typing) now instead of after two seconds. With `ephemeral` the
   * final answer is private; Discord cannot change that later. Does nothing if something was already sent.
   */
  readonly defer: (options?: { readonly ephemeral?: boolean }) => Effect.Effect<void>
}

export const Interaction = Context.GenericTag<Interaction>("bosun/interaction/Interaction")

/** The interaction as the handler of a command declared with these `in` and `from` sees it. */
export interface InteractionOf<In extends Place, F extends From> extends Interaction {
  readonly from: F
  /** Cached; in a guild command always there. */
  readonly guild: In extends "guild" ? Guild : In extends "dm" ? undefined : Guild | undefined
  readonly guildId: In extends "guild" ? string : In extends "dm" ? undefined : string | undefined
  /** The caller as a member; in a guild command always there. */
  readonly member: In extends "guild" ? GuildMember : In extends "dm" ? undefined : GuildMember | undefined
  /**
   * The discord.js structure, for everything that Bosun does not say itself. Answer through `show` and the
   * returned reply, not through its own `reply`: Bosun cannot see that one.
   */
  readonly structure: Structure<In, F>
}

/** The discord.js type by way of calling. */
export type Structure<In extends Place, F extends From> = {
  readonly slash: ChatInputCommandInteraction<In extends "guild" ? "cached" : CacheType>
  readonly message: DiscordMessage<In extends "guild" ? true : boolean>
  readonly userMenu: UserContextMenuCommandInteraction<In extends "guild" ? "cached" : CacheType>
  readonly messageMenu: MessageContextMenuCommandInteraction<In extends "guild" ? "cached" : CacheType>
}[F]
