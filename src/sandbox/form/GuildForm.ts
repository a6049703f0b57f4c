/**
 * What a body says of a guild's settings, checked as Discord checks it (50035).
 *
 * Of the features only `COMMUNITY` and `INVITES_DISABLED` are set by a bot. Whether the guild may have the pictures
 * is for `Guilds` to say.
 *
 * Source: Discord Developer Docs, "Guild Resource" (Modify Guild).
 *
 * @module
 */
import { Locale } from "discord-api-types/v10"
import { Form } from "./Form.js"
import * as ImageForm from "./ImageForm.js"
import type { Guild, GuildSettings, Json } from "../model/Model.js"
import type { Changes } from "../world/Guilds.js"
import * as Pictures from "../world/Pictures.js"

const settable = ["COMMUNITY", "INVITES_DISABLED"]
/** Discord's own names of the fields that hold a channel. */
const places = [
  ["afk_channel_id", "afkChannelId"],
  ["system_channel_id", "systemChannelId"],
  ["rules_channel_id", "rulesChannelId"],
  ["public_updates_channel_id", "updatesChannelId"],
  ["safety_alerts_channel_id", "safetyChannelId"],
] as const

/** A guild's new settings. */
export const read = (body: Json, guild: Guild): Changes => {
  const form = Form.make()
  const level = (name: string, values: ReadonlyArray<number>) =>
    form.at(name).oneOf(body[name] as number, values)
  const name = form.at("name").text(body["name"], { min: 2, max: 100 })
  const description = form.at("description").text(body["description"], { max: 300 })
  const locale = form.at("preferred_locale").oneOf(body["preferred_locale"] as string, Object.values(Locale))
  const flags = form.at("system_channel_flags").integer(body["system_channel_flags"], 0, 63)
  const bar = form.at("premium_progress_bar_enabled").boolean(body["premium_progress_bar_enabled"])
  const verification = level("verification_level", [0, 1, 2, 3, 4])
  const notifications = level("default_message_notifications", [0, 1])
  const filter = level("explicit_content_filter", [0, 1, 2])
  const afk = level("afk_timeout", [60, 300, 900, 1_800, 3_600])
  const picture = (field: string) => ImageForm.read(form.at(field), body[field], Pictures.imageLimit)
  const pictures = {
    icon: picture("icon"),
    banner: picture("banner"),
    splash: picture("splash"),
    discoverySplash: picture("discovery_splash"),
  }
  const channels = placesOf(form, body, guild)
  const features = featuresOf(form, body, guild, channels)
  form.done()
  return {
    ...(name === undefined ? {} : { name }),
    ...("description" in body ? { description: description ?? null } : {}),
    ...(locale === undefined ? {} : { locale }),
    ...(flags === undefined ? {} : { systemChannelFlags: flags }),
    ...(bar === undefined ? {} : { progressBar: bar }),
    ...(verification === undefined ? {} : { verificationLevel: verification }),
    ...(notifications === undefined ? {} : { defaultNotifications: notifications }),
    ...(filter === undefined ? {} : { contentFilter: filter }),
    ...(afk === undefined ? {} : { afkTimeout: afk }),
    ...channels,
    pictures,
    ...(features === undefined ? {} : { features }),
  }
}

const placesOf = (form: Form, body: Json, guild: Guild): Partial<GuildSettings> => {
  const found: Partial<GuildSettings> = {}
  for (const [name, key] of places) {
    if (!(name in body)) continue
    const id = form.at(name).snowflake(body[name]) ?? null
    const kinds = key === "afkChannelId" ? [2] : [0, 5]
    if (id !== null && !kinds.includes(guild.channels.get(id)?.type ?? -1))
      form.at(name).fail("CHANNEL_INVALID", "There is no such channel of the right kind in this guild.")
    found[key] = id
  }
  return found
}

/** Which features the guild has then: those that are Discord's to give stay. */
const featuresOf = (
  form: Form,
  body: Json,
  guild: Guild,
  channels: Partial<GuildSettings>,
): ReadonlyArray<string> | undefined => {
  const asked = form.at("features").texts(body["features"], 100, { max: 100 })
  if (asked === undefined) return undefined
  const wanted = settable.filter((one) => asked.includes(one))
  if (wanted.includes("COMMUNITY")) {
    const { rulesChannelId, updatesChannelId } = { ...guild.settings, ...channels }
    if (rulesChannelId === null) form.at("rules_channel_id").required()
    if (updatesChannelId === null) form.at("public_updates_channel_id").required()
  }
  return [...guild.settings.features.filter((one) => !settable.includes(one)), ...wanted]
}
