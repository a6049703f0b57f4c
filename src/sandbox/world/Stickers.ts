/**
 * Stickers of guilds: made from a file, which is served beside the emojis, and sent with messages in their guild.
 *
 * Numbers: Discord Developer Docs, "Sticker" (512 KiB; 5 in a guild without boosts; 3 in a message). Lottie is for
 * partners alone, and unknown here: of files PNG (a moving one is an APNG) and GIF are taken.
 *
 * @module
 */
import { StickerFormatType, StickerType } from "discord-api-types/v10"
import type { File } from "./Attachments.js"
import * as ApiError from "../model/ApiError.js"
import * as FileType from "../model/FileType.js"
import { Form } from "../form/Form.js"
import type { Channel, Guild, Json, Sticker } from "../model/Model.js"
import * as Pictures from "./Pictures.js"
import * as Wire from "./Wire.js"
import type { World } from "./World.js"

/** Discord: 512 KiB. */
export const fileLimit = 512 * 1024
/** Discord: of a guild, without boosts. */
export const limit = 5

const path = ({ id }: Sticker): string => `stickers/${id}`

/** Refuses with 10060 where the guild has no such sticker. */
export const get = (guild: Guild, id: string): Sticker => {
  const sticker = guild.stickers.get(id)
  if (sticker === undefined) throw ApiError.unknownSticker()
  return sticker
}

/** A sticker of one of the bot's guilds: 10060 otherwise. */
export const known = (world: World, id: string): Sticker => {
  for (const guild of world.guilds.values())
    if (guild.stickers.has(id) && guild.members.has(world.bot.id)) return get(guild, id)
  throw ApiError.unknownSticker()
}

/** Makes a sticker. Refuses with 50035, 50045, 50046 and 30039. */
export const create = (
  world: World,
  guild: Guild,
  userId: string,
  body: Json,
  file: File | undefined,
): Sticker => {
  const { description = "", name, tags } = read(body, true)
  const image = file === undefined ? undefined : FileType.image(file.bytes)
  const format = image === undefined || file === undefined ? undefined : formatOf(image, file.bytes)
  if (file === undefined || image === undefined || format === undefined) throw ApiError.invalidFile()
  if (file.bytes.byteLength > fileLimit) throw ApiError.fileTooLarge()
  if (guild.stickers.size >= limit) throw ApiError.tooManyStickers()
  const sticker: Sticker = {
    id: world.id(),
    guildId: guild.id,
    userId,
    format,
    name: name ?? "",
    description: description === "" ? null : description,
    tags: tags ?? "",
  }
  Pictures.put(world, path(sticker), sticker.name, { bytes: file.bytes, type: image.type })
  guild.stickers.set(sticker.id, sticker)
  changed(world, guild)
  return sticker
}

/** Changes its name, description and tags. */
export const change = (world: World, guild: Guild, sticker: Sticker, body: Json): void => {
  const { description, name, tags } = read(body, false)
  if (name !== undefined) sticker.name = name
  if (description !== undefined) sticker.description = description === "" ? null : description
  if (tags !== undefined) sticker.tags = tags
  changed(world, guild)
}

export const remove = (world: World, guild: Guild, sticker: Sticker): void => {
  if (!guild.stickers.delete(sticker.id)) return
  world.uploads.delete(path(sticker))
  changed(world, guild)
}

/** The stickers that a message carries. Refuses with 50081 what is not of the channel's own guild, if any. */
export const sent = (
  world: World,
  channel: Channel | null,
  ids: ReadonlyArray<string>,
): ReadonlyArray<Json> => {
  const guild = world.guilds.get(channel?.guildId ?? "")
  return ids.map((id) => {
    const sticker = guild?.stickers.get(id)
    if (sticker === undefined) throw ApiError.invalidSticker()
    return { id, name: sticker.name, format_type: sticker.format }
  })
}

/** As a guild shows it, without who made it. */
export const wireAlone = (one: Sticker): Json => ({
  id: one.id,
  name: one.name,
  description: one.description,
  tags: one.tags,
  type: StickerType.Guild,
  format_type: one.format,
  available: true,
  guild_id: one.guildId,
})

/** As the routes of stickers show it. */
export const wire = (world: World, one: Sticker): Json => {
  const maker = world.users.get(one.userId)
  return { ...wireAlone(one), ...(maker === undefined ? {} : { user: Wire.user(maker) }) }
}

const changed = (world: World, guild: Guild): void =>
  world.emit({
    type: "GUILD_STICKERS_UPDATE",
    guildId: guild.id,
    data: () => ({ guild_id: guild.id, stickers: [...guild.stickers.values()].map(wireAlone) }),
  })

const formatOf = ({ type }: FileType.Image, bytes: Uint8Array): Sticker["format"] | undefined => {
  if (type === "image/gif") return StickerFormatType.GIF
  if (type !== "image/png") return undefined
  // The chunk that makes a PNG move.
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes("acTL")
    ? StickerFormatType.APNG
    : StickerFormatType.PNG
}

const read = (body: Json, whole: boolean) => {
  const form = Form.make()
  const name = form.at("name").text(body["name"], { min: 2, max: 30 })
  const given = body["description"]
  const described = given === null || given === "" ? "" : given
  const bounds = described === "" ? { max: 100 } : { min: 2, max: 100 }
  const description = form.at("description").text(described, bounds)
  const tags = form.at("tags").text(body["tags"], { max: 200 })
  for (const field of ["name", "tags"])
    if (whole && (body[field] === undefined || body[field] === null)) form.at(field).required()
  form.done()
  return { name, description, tags }
}
