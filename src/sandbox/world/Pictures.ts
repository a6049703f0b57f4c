/**
 * Pictures that belong to something: icons, avatars, banners. Each is known by the hash of its bytes (`a_` before it
 * where it moves) and served from `World.origin` at the path that it has on Discord's CDN, in the format that it came
 * in, whatever ending and size are asked for.
 *
 * A picture goes when another takes its place, and with what it belongs to; only what a webhook looked like stays for
 * the messages that it wrote. Kept bytes are bounded (`Uploads`).
 *
 * Source: Discord Developer Docs, "CDN Endpoints".
 *
 * @module
 */
import { createHash } from "node:crypto"
import type { Image } from "../form/ImageForm.js"
import type { Guild, Role, ScheduledEvent, User, Webhook } from "../model/Model.js"
import type { World } from "./World.js"

/** Discord: 10 MiB. */
export const imageLimit = 10 * 1024 * 1024

/** Folders of the CDN, by what is in them. */
export const avatars = ({ id }: User | Webhook) => `avatars/${id}`
export const banners = ({ id }: User | Guild) => `banners/${id}`
export const icons = ({ id }: Guild) => `icons/${id}`
export const splashes = ({ id }: Guild) => `splashes/${id}`
export const discoverySplashes = ({ id }: Guild) => `discovery-splashes/${id}`
export const roleIcons = ({ id }: Pick<Role, "id">) => `role-icons/${id}`
export const events = ({ id }: Pick<ScheduledEvent, "id">) => `guild-events/${id}`
export const application = ({ bot }: World) => `app-icons/${bot.id}`
/** Of one member: `avatars` or `banners`. */
export const ofMember = ({ id }: Guild, userId: string, kind: string) =>
  `guilds/${id}/users/${userId}/${kind}`

/** Keeps a picture. `animated`: whether it may move, where it does. Returns its hash. */
const keep = (world: World, folder: string, { bytes, type }: Image, animated = true): string => {
  const digest = createHash("md5").update(bytes).digest("hex")
  const name = animated && type === "image/gif" ? `a_${digest}` : digest
  put(world, `${folder}/${name}`, name, { bytes, type })
  return name
}

/** Keeps a picture at a path of its own. */
export const put = (world: World, path: string, name: string, image: Pick<Image, "bytes" | "type">): void => {
  world.uploads.set(path, {
    id: path,
    channelId: "",
    name,
    contentType: image.type,
    bytes: image.bytes,
  })
}

/** The hash that takes the place of `former`: `null` takes the picture away, `undefined` leaves it. */
export const change = (
  world: World,
  folder: string,
  former: string | null | undefined,
  image: Image | null | undefined,
  animated = true,
): string | null => {
  if (image === undefined) return former ?? null
  if (typeof former === "string") world.uploads.delete(`${folder}/${former}`)
  return image === null ? null : keep(world, folder, image, animated)
}

/** Forgets the pictures of a guild that is no more, and of all that was in it. */
export const forget = (world: World, guild: Guild): void => {
  const owners = new Set([guild.id])
  for (const family of [guild.roles, guild.emojis, guild.stickers, world.scheduledEvents.of(guild)])
    for (const id of family.keys()) owners.add(id)
  for (const path of world.uploads.keys())
    if (owners.has(path.split("/")[1] ?? "")) world.uploads.delete(path)
}
