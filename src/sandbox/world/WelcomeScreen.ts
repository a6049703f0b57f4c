/**
 * What a community shows to those who come in: a text and up to five channels.
 *
 * A guild that is no community, or never had one, has none (10069).
 *
 * Source: Discord Developer Docs, "Welcome Screen" (140 and 50 characters).
 *
 * @module
 */
import * as ApiError from "../model/ApiError.js"
import * as Emojis from "./Emojis.js"
import { Form } from "../form/Form.js"
import * as Guilds from "./Guilds.js"
import type { Guild, Json, WelcomeChannel, WelcomeScreen } from "../model/Model.js"
import type { World } from "./World.js"

/** Discord: channels on it. */
const most = 5
const feature = "WELCOME_SCREEN_ENABLED"

/** Whether those who come in see it. */
export const isShown = ({ settings }: Guild): boolean => settings.features.includes(feature)

/** Refuses with 10069 where there is none. */
export const get = (guild: Guild): WelcomeScreen => {
  const { features, welcome } = guild.settings
  if (!features.includes("COMMUNITY") || welcome === null) throw ApiError.unknownWelcomeScreen()
  return welcome
}

/** Changes what the body names, and sends GUILD_UPDATE where it is switched on or off. Refuses with 10069 and 50035. */
export const change = (world: World, guild: Guild, body: Json): WelcomeScreen => {
  const { settings } = guild
  if (!settings.features.includes("COMMUNITY")) throw ApiError.unknownWelcomeScreen()
  const form = Form.make()
  const enabled = form.at("enabled").boolean(body["enabled"])
  const description = form.at("description").text(body["description"], { max: 140 })
  const channels = form.at("welcome_channels").each(body["welcome_channels"], most, (at, one) => {
    const id = at.at("channel_id").snowflake(one["channel_id"])
    if (id === undefined) at.at("channel_id").required()
    else if (!guild.channels.has(id))
      at.at("channel_id").fail("CHANNEL_INVALID", "There is no such channel in this guild.")
    const text = at.at("description").requiredText(one["description"], { min: 1, max: 50 })
    const emojiId = at.at("emoji_id").snowflake(one["emoji_id"]) ?? null
    const emojiName = at.at("emoji_name").text(one["emoji_name"], { max: 32 }) ?? null
    const emoji = emojiId === null ? undefined : Emojis.known(world, emojiId)
    if (emojiId !== null && emoji === undefined) at.at("emoji_id").fail("UNKNOWN_EMOJI", "Unknown Emoji")
    return { channelId: id ?? "", description: text, emojiId, emojiName: emoji?.name ?? emojiName }
  })
  form.done()
  const former = settings.welcome ?? { description: null, channels: [] }
  const welcome = {
    description: "description" in body ? (description ?? null) : former.description,
    channels: "welcome_channels" in body ? (channels ?? []) : former.channels,
  }
  settings.welcome = welcome
  if (enabled !== undefined && enabled !== isShown(guild)) {
    const rest = settings.features.filter((one) => one !== feature)
    Guilds.change(world, guild, { features: enabled ? [...rest, feature] : rest })
  }
  return welcome
}

/** As the wire shows it. */
export const wire = ({ channels, description }: WelcomeScreen): Json => ({
  description,
  welcome_channels: channels.map((one: WelcomeChannel) => ({
    channel_id: one.channelId,
    description: one.description,
    emoji_id: one.emojiId,
    emoji_name: one.emojiName,
  })),
})
