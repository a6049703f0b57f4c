/**
 * A guild's widget: what anybody may see of it on a page elsewhere, where it is switched on. Who is in it is told
 * without their ids. Its invite is one that its channel has already.
 *
 * Source: Discord Developer Docs, "Guild Widget" (100 members).
 *
 * @module
 */
import { ChannelType } from "discord-api-types/v10"
import * as ApiError from "../model/ApiError.js"
import { Form } from "../form/Form.js"
import * as Guilds from "./Guilds.js"
import * as Invites from "./Invites.js"
import * as Members from "./Members.js"
import type { Channel, Guild, Json } from "../model/Model.js"
import * as Permissions from "./Permissions.js"
import * as Presences from "./Presences.js"
import type { World } from "./World.js"

/** Discord: people that it names. */
const most = 100

/** Changes whether and for which channel it is, and sends GUILD_UPDATE. Refuses with 50035. */
export const change = (world: World, guild: Guild, body: Json): void => {
  const form = Form.make()
  const enabled = form.at("enabled").boolean(body["enabled"])
  const channelId = form.at("channel_id").snowflake(body["channel_id"])
  if (channelId !== undefined && !guild.channels.has(channelId))
    form.at("channel_id").fail("CHANNEL_INVALID", "There is no such channel in this guild.")
  form.done()
  Guilds.change(world, guild, {
    ...(enabled === undefined ? {} : { widgetEnabled: enabled }),
    ...("channel_id" in body ? { widgetChannelId: channelId ?? null } : {}),
  })
}

/** Its settings as the wire shows them. */
export const settings = ({ settings: { widgetChannelId, widgetEnabled } }: Guild): Json => ({
  enabled: widgetEnabled,
  channel_id: widgetChannelId,
})

/** What anybody sees. Refuses with 50004 where it is switched off. */
export const wire = (world: World, guild: Guild): Json => {
  if (!guild.settings.widgetEnabled) throw ApiError.widgetDisabled()
  const anybody = Members.make(world, "")
  const seen = (channel: Channel) =>
    Permissions.has(Permissions.inChannel(guild, channel, anybody, world.now()), Permissions.Bit.ViewChannel)
  const invite = Invites.list(world, guild).find(
    ({ channelId }) => channelId === guild.settings.widgetChannelId,
  )
  return {
    id: guild.id,
    name: guild.name,
    instant_invite: invite === undefined ? null : `https://discord.com/invite/${invite.code}`,
    channels: [...guild.channels.values()]
      .filter((channel) => channel.type === ChannelType.GuildVoice && seen(channel))
      .map(({ id, name, position }) => ({ id, name, position })),
    members: Presences.list(world, guild.members.values())
      .slice(0, most)
      .map(({ status, user }, n) => ({
        id: String(n),
        username: named(world, guild, (user as { readonly id: string }).id),
        discriminator: "0000",
        avatar: null,
        status,
        avatar_url: `${world.origin}/embed/avatars/${n % 6}.png`,
      })),
    presence_count: Presences.count(world, guild),
  }
}

const named = (world: World, guild: Guild, userId: string): string => {
  const { globalName, username } = world.user(userId)
  return guild.members.get(userId)?.nick ?? globalName ?? username
}
