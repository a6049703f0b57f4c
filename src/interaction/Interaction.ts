/**
 * The interaction in hand: who called what, where, and the ways to answer before the handler has ended.
 *
 * Everything here is read from Discord's packet, at no cost. The discord.js structures (`structure`, `guild`,
 * `member`) are built when they are first touched.
 *
 * @module
 */
import type { APIModalInteractionResponseCallbackData, APIUser } from "discord-api-types/v10"
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
import type { Press } from "./Press.js"
import type * as Reply from "./Reply.js"
import type { InteractionEnded, ModalImpossible, Shown } from "./Response.js"

/** Where a command may be called. */
export type Place = "guild" | "dm" | "both"

/**
 * How a command may be called: as a slash command, a prefix message (`!ping`), from a user's context menu or
 * from a message's.
 */
export type From = "slash" | "message" | "userMenu" | "messageMenu"

/** What every handler has in hand, however it was called. */
export interface Interaction {
  /** The interaction's id; for a prefix message, the message's. */
  readonly id: string
  /** A route's handler is called from a component or a modal. */
  readonly from: From | "component" | "modal"
  /** The full name: `tryout apply`; for a route its name. */
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
  /** Role ids of the caller in this guild; undefined in direct messages. */
  readonly memberRoles: ReadonlyArray<string> | undefined
  /**
   * Shows a message now, before the handler has ended; what the handler returns then follows it. Fails with
   * `InteractionEnded` once the outcome was decided (deadline, cancellation), or with what Discord answered.
   */
  readonly show: (message: Reply.Message) => Effect.Effect<Shown, RestError | InteractionEnded>
  /**
   * Shows a question: like `show`, but once begun it is neither given up nor interrupted, so that whoever asks
   * can always take its components away again.
   */
  readonly ask: (message: Reply.Message) => Effect.Effect<Shown, RestError | InteractionEnded>
  /** Replaces the message that was pressed on, or else the first one shown; shows it where there is none. */
  readonly update: (message: Reply.Message) => Effect.Effect<void, RestError | InteractionEnded>
  /**
   * Opens a modal. Only as the first response and never in answer to a modal or a prefix message (Discord):
   * fails with `ModalImpossible` otherwise.
   */
  readonly modal: (
    modal: APIModalInteractionResponseCallbackData,
  ) => Effect.Effect<void, RestError | InteractionEnded | ModalImpossible>
  readonly canShowModal: () => boolean
  /**
   * Whether what is shown next takes the place of something: of “thinking…”, or of what Discord may have taken without
   * saying so.
   */
  readonly willReplace: () => boolean
  /**
   * Goes on through a newer interaction of this conversation: what is shown from here on, and the outcome,
   * answer that press. Does nothing while the present one still awaits its first response.
   */
  readonly adopt: (press: Press) => void
  /** Whether the person was shown anything by this call: then nothing of it is repeated. */
  readonly hasShown: () => boolean
  /** To be called where something was shown on its behalf by other ways. */
  readonly noteShown: () => void
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
