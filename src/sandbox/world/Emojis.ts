/**
 * Emojis of guilds and of the application: made from images, which are served beside the attachments.
 *
 * Numbers: Discord Developer Docs, "Emoji" (256 KiB; 50 still and 50 animated ones in a guild, 2,000 of an
 * application).
 *
 * @module
 */
import * as ApiError from "../model/ApiError.js"
import { Form } from "../form/Form.js"
import * as ImageForm from "../form/ImageForm.js"
import type { Emoji, Guild, Json } from "../model/Model.js"
import * as Pictures from "./Pictures.js"
import * as Wire from "./Wire.js"
import type { World } from "./World.js"

/** Discord: 256 KiB. */
export const imageLimit = 256 * 1024
/** Discord: of each kind, without boosts. */
export const guildLimit = 50
/** Discord: of the application. */
export const applicationLimit = 2_000

const path = ({ id }: Emoji): string => `emojis/${id}`

/** An emoji that the bot can use: of one of its guilds, or the application's. */
export const known = (world: World, id: string): Emoji | undefined => {
  const own = world.emojis.get(id)
  if (own !== undefined) return own
  for (const guild of world.guilds.values()) {
    const emoji = guild.emojis.get(id)
    if (emoji !== undefined && guild.members.has(world.bot.id)) return emoji
  }
  return undefined
}

/** Makes an emoji of a guild, or (`null`) of the application. Refuses with 50035, 30008 and 30018. */
export const create = (world: World, guild: Guild | null, userId: string, body: Json): Emoji => {
  const form = Form.make()
  const name = readName(form.at("name"), body["name"])
  const image = ImageForm.read(form.at("image"), body["image"], imageLimit)
  if (body["image"] === undefined || body["image"] === null) form.at("image").required()
  if (body["name"] === undefined || body["name"] === null) form.at("name").required()
  const roles = guild === null ? [] : readRoles(form.at("roles"), body["roles"], guild)
  form.done()
  const animated = image?.type === "image/gif"
  const all = guild === null ? world.emojis : guild.emojis
  const alike = [...all.values()].filter((one) => guild === null || one.animated === animated).length
  if (guild === null ? alike >= applicationLimit : alike >= guildLimit)
    throw guild !== null && animated ? ApiError.tooManyAnimatedEmojis() : ApiError.tooManyEmojis()
  const emoji: Emoji = {
    id: world.id(),
    name: name ?? "",
    guildId: guild?.id ?? null,
    roles,
    animated,
    userId,
  }
  if (image !== undefined && image !== null) Pictures.put(world, path(emoji), emoji.name, image)
  all.set(emoji.id, emoji)
  if (guild !== null) changed(world, guild)
  return emoji
}

/** Changes its name and roles. */
export const change = (world: World, guild: Guild | null, emoji: Emoji, body: Json): Emoji => {
  const form = Form.make()
  const name = readName(form.at("name"), body["name"])
  const roles =
    guild === null || !("roles" in body) ? undefined : readRoles(form.at("roles"), body["roles"], guild)
  form.done()
  if (name !== undefined) emoji.name = name
  if (roles !== undefined) emoji.roles = roles
  if (guild !== null) changed(world, guild)
  return emoji
}

export const remove = (world: World, guild: Guild | null, emoji: Emoji): void => {
  const all = guild === null ? world.emojis : guild.emojis
  if (!all.delete(emoji.id)) return
  world.uploads.delete(path(emoji))
  if (guild !== null) changed(world, guild)
}

/** Says that a guild's emojis are not what they were. */
export const changed = (world: World, guild: Guild): void =>
  world.emit({
    type: "GUILD_EMOJIS_UPDATE",
    guildId: guild.id,
    data: () => ({ guild_id: guild.id, emojis: [...guild.emojis.values()].map(Wire.emojiAlone) }),
  })

const readName = (form: Form, value: unknown): string | undefined => {
  const name = form.text(value, { min: 2, max: 32 })
  if (name !== undefined && !/^\w*$/.test(name))
    form.fail("STRING_TYPE_REGEX", "String value did not match validation regex.")
  return name
}

const readRoles = (form: Form, value: unknown, guild: Guild): ReadonlyArray<string> => {
  const ids = form.snowflakes(value, 250) ?? []
  ids.forEach((id, index) => {
    if (!guild.roles.has(id)) form.at(index).fail("UNKNOWN_ROLE", "Unknown Role")
  })
  return ids
}
