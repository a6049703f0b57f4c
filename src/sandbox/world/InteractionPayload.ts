/**
 * INTERACTION_CREATE, and what a message tells of the interaction that it answers.
 *
 * Source: Discord Developer Docs, "Interaction Object" and "Message Interaction Metadata Object".
 *
 * @module
 */
import { ApplicationIntegrationType, InteractionType as Kind } from "discord-api-types/v10"
import type { Asked, Interaction } from "./Interactions.js"
import type { Guild, Json, Origin } from "../model/Model.js"
import * as Wire from "./Wire.js"
import type { World } from "./World.js"

/** Discord: 10 MiB for a file without a boosted guild. */
const fileLimit = 10 * 1024 * 1024

/** The event's data. */
export const make = (world: World, interaction: Interaction): Json => {
  const { channel, data, id, kind, source, token, userId } = interaction
  const guild = channel.guildId === null ? undefined : world.guilds.get(channel.guildId)
  const held = world.permissions(userId, channel).toString()
  return {
    id,
    application_id: world.bot.id,
    type: kind,
    token,
    version: 1,
    data,
    channel_id: channel.id,
    channel: { ...Wire.channel(world, channel), permissions: held },
    ...asker(world, guild, userId, held),
    ...(source === undefined ? {} : { message: Wire.message(world, source) }),
    locale: localeOf(world, userId),
    app_permissions: world.permissions(world.bot.id, channel).toString(),
    entitlements: [],
    authorizing_integration_owners: owners(interaction),
    context: channel.guildId === null ? 1 : 0,
    attachment_size_limit: fileLimit,
  }
}

/** The language of a person's client. */
export const localeOf = (world: World, userId: string): string => world.locales.get(userId) ?? "en-US"

/** Who asks: a member with what they may do here, or in a direct message the user alone. */
const asker = (world: World, guild: Guild | undefined, userId: string, held: string): Json => {
  const member = guild?.members.get(userId)
  if (guild === undefined || member === undefined) return { user: Wire.user(world.user(userId)) }
  const { features, locale } = guild.settings
  return {
    guild_id: guild.id,
    guild: { id: guild.id, locale, features },
    guild_locale: locale,
    member: { ...Wire.member(world, member), permissions: held },
  }
}

/** Who installed the application: the person, or the guild (`"0"` in a direct message). */
const owners = ({ channel, userId, userInstalled }: Asked): Json =>
  userInstalled === true
    ? { [ApplicationIntegrationType.UserInstall]: userId }
    : { [ApplicationIntegrationType.GuildInstall]: channel.guildId ?? "0" }

/** What a message remembers of the interaction that it answers. `opener` showed the modal that was submitted. */
export const origin = (interaction: Interaction, opener: Interaction | undefined): Origin => {
  const { data, id, kind, name, original, source, userId } = interaction
  const target = data["target_id"]
  return {
    id,
    type: kind,
    userId,
    name: kind === Kind.ApplicationCommand ? (name ?? null) : null,
    ...(original === null ? {} : { originalId: original.id }),
    ...(kind === Kind.MessageComponent && source !== undefined ? { componentOf: source.id } : {}),
    ...(typeof target === "string"
      ? interaction.commandType === 2
        ? { targetUserId: target }
        : { targetMessageId: target }
      : {}),
    ...(opener === undefined ? {} : { opener: origin({ ...opener, original: null }, undefined) }),
  }
}

/** `interaction_metadata` of a message in a guild, or (`null`) in a direct message. */
export const metadata = (world: World, one: Origin, guildId: string | null): Json => ({
  id: one.id,
  type: one.type,
  user: Wire.user(world.user(one.userId)),
  authorizing_integration_owners: { [ApplicationIntegrationType.GuildInstall]: guildId ?? "0" },
  ...(one.originalId === undefined ? {} : { original_response_message_id: one.originalId }),
  ...(one.componentOf === undefined ? {} : { interacted_message_id: one.componentOf }),
  ...(one.targetUserId === undefined ? {} : { target_user: Wire.user(world.user(one.targetUserId)) }),
  ...(one.targetMessageId === undefined ? {} : { target_message_id: one.targetMessageId }),
  ...(one.opener === undefined
    ? {}
    : { triggering_interaction_metadata: metadata(world, one.opener, guildId) }),
})
