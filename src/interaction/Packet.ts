/**
 * Makes the interaction in hand from Discord's packets.
 *
 * Its fields are read from the packet when asked for; the discord.js structure behind it is built once, when
 * something first needs it.
 *
 * @module
 */
import type {
  APIApplicationCommandInteraction,
  APIMessageComponentInteraction,
  APIModalSubmitInteraction,
  APIUser,
  GatewayInteractionCreateDispatch,
  GatewayMessageCreateDispatch,
} from "discord-api-types/v10"
import type { BaseInteraction, Guild, GuildMember, Message } from "discord.js"
import { Effect } from "effect"
import type * as Client from "../discord/Client.js"
import * as Discord from "../discord/Discord.js"
import type { DiscordError } from "../DiscordError.js"
import type { Interaction } from "./Interaction.js"
import type { Response } from "./Response.js"
import { timestampOf } from "./Snowflake.js"

/** What an interaction in hand is made from. */
export type Data =
  | APIApplicationCommandInteraction
  | APIMessageComponentInteraction
  | APIModalSubmitInteraction

/** An interaction with what the discord.js structures of its parts are needed for. */
export interface Live extends Interaction {
  /** The lock of whatever now stands for this call: itself, or a newer press. */
  readonly response: Response
  readonly structure: BaseInteraction | Message
  readonly guild: Guild | undefined
  readonly member: GuildMember | undefined
}

/** From the packet of a command, a component or a modal. */
export const fromInteraction = (
  client: Client.Client,
  packet: GatewayInteractionCreateDispatch,
  data: Data,
  shardId: number,
  response: Response,
  from: Interaction["from"],
  command: string,
): Live => new LiveInteraction(client, packet, data, shardId, response, from, command)

/** From a message's packet. Nothing of discord.js is there before `LiveMessage.load`. */
export const fromMessage = (
  client: Client.Client,
  packet: GatewayMessageCreateDispatch,
  shardId: number,
  response: Response,
  command: string,
): LiveMessage => new LiveMessage(client, packet, shardId, response, command)

/**
 * What both kinds can do, through the response that now stands for them. Getters, so that each can be taken out of
 * the interaction and called alone, at no cost for the calls that use none.
 */
abstract class Answering {
  private shown = false
  constructor(public response: Response) {}

  get show(): Interaction["show"] {
    return (message) => this.showing(() => this.response.show(message))
  }
  get ask(): Interaction["ask"] {
    return (message) => this.showing(() => this.response.ask(message))
  }
  get update(): Interaction["update"] {
    return (message) => this.showing(() => this.response.update(message))
  }
  get modal(): Interaction["modal"] {
    return (modal) => this.showing(() => this.response.modal(modal))
  }
  get defer(): Interaction["defer"] {
    return (options) => Effect.sync(() => this.response.defer(options?.ephemeral ?? false))
  }
  get canShowModal(): Interaction["canShowModal"] {
    return () => this.response.canShowModal()
  }
  get willReplace(): Interaction["willReplace"] {
    return () => this.response.willReplace()
  }
  get hasShown(): Interaction["hasShown"] {
    return () => this.shown
  }
  get noteShown(): Interaction["noteShown"] {
    return () => {
      this.shown = true
    }
  }
  get adopt(): Interaction["adopt"] {
    return (press) => {
      this.shown = true
      if (this.response.isAnswered() && press.response.carry()) this.response = press.response
    }
  }
  private showing<A, E>(show: () => Effect.Effect<A, E>): Effect.Effect<A, E> {
    return Effect.suspend(() => {
      this.shown = true
      return show()
    })
  }
}

class LiveInteraction extends Answering implements Live {
  private built: BaseInteraction | undefined
  constructor(
    private readonly client: Client.Client,
    private readonly packet: GatewayInteractionCreateDispatch,
    private readonly data: Data,
    private readonly shardId: number,
    response: Response,
    readonly from: Interaction["from"],
    readonly command: string,
  ) {
    super(response)
  }

  get id(): string {
    return this.data.id
  }
  get user(): APIUser {
    // Discord sends one of the two: `member` in a guild, `user` in a direct message.
    return (this.data.member?.user ?? this.data.user) as APIUser
  }
  get guildId(): string | undefined {
    return this.data.guild_id
  }
  get channelId(): string {
    return this.data.channel?.id ?? this.data.channel_id ?? ""
  }
  get locale(): string {
    return this.data.locale
  }
  get createdAt(): number {
    return timestampOf(this.data.id)
  }
  get userPermissions(): bigint | undefined {
    const permissions = this.data.member?.permissions
    return permissions === undefined ? undefined : BigInt(permissions)
  }
  get botPermissions(): bigint {
    return BigInt(this.data.app_permissions)
  }
  get memberRoles(): ReadonlyArray<string> | undefined {
    return this.data.member?.roles
  }
  get structure(): BaseInteraction {
    this.built ??= this.client.interaction(this.packet, this.shardId)
    if (this.built === undefined)
      throw new Error(`discord.js made no structure of interaction ${this.data.id}`)
    return this.built
  }
  get guild(): Guild | undefined {
    const id = this.data.guild_id
    return id === undefined ? undefined : this.client.discordJs.guilds.cache.get(id)
  }
  get member(): GuildMember | undefined {
    const { structure } = this
    return structure.inCachedGuild() ? structure.member : undefined
  }
}

export class LiveMessage extends Answering implements Live {
  readonly from = "message"
  private built: Message | undefined
  private loaded = false
  guild: Guild | undefined
  member: GuildMember | undefined
  constructor(
    private readonly client: Client.Client,
    private readonly packet: GatewayMessageCreateDispatch,
    private readonly shardId: number,
    response: Response,
    readonly command: string,
  ) {
    super(response)
  }

  /** Gives the packet to discord.js, the first time, and keeps what it makes of it. Only when the bot is ready. */
  load(): Message | undefined {
    if (this.loaded) return this.built
    this.loaded = true
    this.built = this.client.message(this.packet, this.shardId)
    this.guild = this.built?.guild ?? undefined
    // At once: a lean cache may have let the member go by the time a handler asks.
    this.member = this.built?.member ?? undefined
    return this.built
  }
  /** Asks Discord for the member where no cache has kept it. */
  readonly fetchMember: Effect.Effect<void, DiscordError> = Effect.suspend(() => {
    const { guild } = this
    if (guild === undefined || this.member !== undefined) return Effect.void
    return Effect.map(
      Discord.use(() => guild.members.fetch(this.packet.d.author.id)),
      (member) => {
        this.member = member
      },
    )
  })
  get id(): string {
    return this.packet.d.id
  }
  get user(): APIUser {
    return this.packet.d.author
  }
  get guildId(): string | undefined {
    return this.packet.d.guild_id
  }
  get channelId(): string {
    return this.packet.d.channel_id
  }
  readonly locale = undefined
  get createdAt(): number {
    return timestampOf(this.packet.d.id)
  }
  get memberRoles(): ReadonlyArray<string> | undefined {
    return this.packet.d.member?.roles
  }
  readonly userPermissions = undefined
  readonly botPermissions = undefined
  get structure(): Message {
    if (this.built === undefined)
      throw new Error(`discord.js made no structure of message ${this.packet.d.id}`)
    return this.built
  }
}
