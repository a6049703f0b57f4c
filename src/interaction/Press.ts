/**
 * A press of a button, a choice in a select menu, or a submitted modal.
 *
 * Whoever owns it answers through its `response`; where nobody has within two seconds, it is acknowledged in
 * silence, so that nobody is told "This interaction failed".
 *
 * @module
 */
import {
  type APIInteractionDataResolved,
  type APIMessage,
  type APIMessageComponentInteraction,
  type APIModalSubmitInteraction,
  type APIUser,
  ComponentType,
  type GatewayInteractionCreateDispatch,
  InteractionType,
} from "discord-api-types/v10"
import * as InteractionResponse from "./InteractionResponse.js"
import type { Response } from "./Response.js"

export interface Press {
  readonly kind: "component" | "modal"
  readonly id: string
  readonly customId: string
  readonly user: APIUser
  readonly guildId: string | undefined
  readonly channelId: string
  /** Role ids of the member; undefined in direct messages. */
  readonly memberRoles: ReadonlyArray<string> | undefined
  /** The message that the component is on; for a modal, the one whose component opened it. */
  readonly message: APIMessage | undefined
  /** What kind of component it was; undefined for a modal. */
  readonly component: ComponentType | undefined
  /** What was chosen in a select menu: values, or ids. Empty for buttons. */
  readonly values: ReadonlyArray<string>
  /** What was filled in, by the custom id of each field. */
  readonly fields: Readonly<Record<string, string | ReadonlyArray<string>>>
  /** What Discord says of the chosen users, roles, channels and files. */
  readonly resolved: APIInteractionDataResolved | undefined
  readonly response: Response
  /** As it came from Discord. */
  readonly packet: GatewayInteractionCreateDispatch
  readonly shardId: number
}

/** From a packet; undefined where it is no press. */
export const fromPacket = (
  edge: InteractionResponse.Edge,
  packet: GatewayInteractionCreateDispatch,
  shardId: number,
): Press | undefined => {
  const interaction = packet.d
  if (
    interaction.type !== InteractionType.MessageComponent &&
    interaction.type !== InteractionType.ModalSubmit
  )
    return undefined
  const { channel, channel_id, data, guild_id, id, member, message, user } = interaction
  return {
    kind: interaction.type === InteractionType.MessageComponent ? "component" : "modal",
    id,
    customId: data.custom_id,
    // Discord sends one of the two: `member` in a guild, `user` in a direct message.
    user: (member?.user ?? user) as APIUser,
    guildId: guild_id,
    channelId: channel?.id ?? channel_id ?? "",
    memberRoles: member?.roles,
    message,
    component:
      interaction.type === InteractionType.MessageComponent ? interaction.data.component_type : undefined,
    values: "values" in data ? data.values : [],
    fields: interaction.type === InteractionType.ModalSubmit ? fieldsOf(interaction) : {},
    resolved: "resolved" in data ? (data.resolved as APIInteractionDataResolved) : undefined,
    response: InteractionResponse.make(edge, interaction),
    packet,
    shardId,
  }
}

/** The values of a modal, however its fields are laid out. */
const fieldsOf = (submit: APIModalSubmitInteraction): Record<string, string | ReadonlyArray<string>> => {
  const fields: Record<string, string | ReadonlyArray<string>> = {}
  const visit = (component: unknown): void => {
    if (typeof component !== "object" || component === null) return
    const { component: inner, components, custom_id, value, values } = component as Field
    if (custom_id !== undefined) {
      if (value !== undefined && value !== null) fields[custom_id] = String(value)
      else if (values !== undefined) fields[custom_id] = values
    }
    visit(inner)
    components?.forEach(visit)
  }
  submit.data.components.forEach(visit)
  return fields
}

interface Field {
  readonly custom_id?: string
  readonly value?: unknown
  readonly values?: ReadonlyArray<string>
  readonly component?: unknown
  readonly components?: ReadonlyArray<unknown>
}

/** What can be answered by a press. */
export type Source = APIMessageComponentInteraction | APIModalSubmitInteraction
