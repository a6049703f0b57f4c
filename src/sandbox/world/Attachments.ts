/**
 * Files that come with messages: kept, described, served from `World.origin`, and put where a message names them
 * (`attachment://name`).
 *
 * Kept bytes are bounded (`Uploads`): the oldest files go first, and their addresses are 404 from then on.
 *
 * Numbers: Discord Developer Docs, "Uploading Files" (10 MiB a file).
 *
 * @module
 */
import { AttachmentFlags } from "discord-api-types/v10"
import * as ApiError from "../model/ApiError.js"
import * as FileType from "../model/FileType.js"
import { isObject } from "../form/Form.js"
import type { Channel, Json } from "../model/Model.js"
import type { World } from "./World.js"

/** A file as it arrives. */
export interface File {
  readonly name: string
  readonly contentType: string
  readonly bytes: Uint8Array
  readonly description?: string
  /** The `n` of `files[n]`. */
  readonly index?: number
}

/** Discord: 10 MiB a file, without boosts. */
export const fileLimit = 10 * 1024 * 1024

const none: ReadonlyArray<Json> = []

/** Refuses with 40005 where a file is too large. */
export const check = (files: ReadonlyArray<File>): void => {
  if (files.some(({ bytes }) => bytes.byteLength > fileLimit)) throw ApiError.bodyTooLarge()
}

/** Keeps files, and describes them as attachments. */
export const store = (
  world: World,
  channel: Channel,
  files: ReadonlyArray<File>,
  described: ReadonlyArray<Json> | undefined,
  ephemeral = false,
): ReadonlyArray<Json> => {
  if (files.length === 0) return none
  check(files)
  return files.map((file, index) => {
    const about = described?.find((one) => String(one["id"]) === String(file.index ?? index))
    const name = FileType.clean(typeof about?.["filename"] === "string" ? about["filename"] : file.name)
    const image = FileType.image(file.bytes)
    const contentType = FileType.contentType(name, file.contentType, image)
    const id = world.id()
    world.uploads.set(id, { id, channelId: channel.id, name, contentType, bytes: file.bytes })
    const folder = ephemeral ? "ephemeral-attachments" : "attachments"
    const url = `${world.origin}/${folder}/${channel.id}/${id}/${encodeURIComponent(name)}`
    const description = about?.["description"] ?? file.description
    const made: Json = {
      id,
      filename: name,
      size: file.bytes.byteLength,
      url,
      proxy_url: url,
      content_type: contentType,
    }
    if (image?.size !== undefined) Object.assign(made, image.size)
    if (typeof description === "string") made["description"] = description
    if (typeof about?.["title"] === "string") made["title"] = about["title"]
    if (typeof about?.["duration_secs"] === "number") made["duration_secs"] = about["duration_secs"]
    if (typeof about?.["waveform"] === "string") made["waveform"] = about["waveform"]
    // The older way to say it is in the name.
    if (about?.["is_spoiler"] === true || name.startsWith("SPOILER_"))
      made["flags"] = AttachmentFlags.IsSpoiler
    if (ephemeral) made["ephemeral"] = true
    return made
  })
}

/** The attachment that an address names: `attachment://name` or its own URL. */
const named = (attachments: ReadonlyArray<Json>, url: string): Json | undefined => {
  const name = url.startsWith("attachment://") ? url.slice("attachment://".length) : undefined
  return attachments.find(
    (one) =>
      one["url"] === url ||
      (name !== undefined && (one["filename"] === name || one["filename"] === FileType.clean(name))),
  )
}

/** Embeds with their images as an answer shows them. */
export const inEmbeds = (
  embeds: ReadonlyArray<Json>,
  attachments: ReadonlyArray<Json>,
): ReadonlyArray<Json> => {
  if (embeds.length === 0) return embeds
  return embeds.map((embed) => {
    const made: Json = { ...embed }
    for (const key of ["image", "thumbnail"]) {
      const media = embed[key]
      if (isObject(media)) made[key] = embedMedia(media, attachments)
    }
    for (const key of ["author", "footer"]) {
      const signed = embed[key]
      if (!isObject(signed) || typeof signed["icon_url"] !== "string") continue
      const url = named(attachments, signed["icon_url"])?.["url"] ?? signed["icon_url"]
      made[key] = { ...signed, icon_url: url, proxy_icon_url: url }
    }
    return made
  })
}

const embedMedia = (media: Json, attachments: ReadonlyArray<Json>): Json => {
  const file = named(attachments, String(media["url"]))
  const url = file?.["url"] ?? media["url"]
  return {
    url,
    proxy_url: url,
    ...(file === undefined ? {} : sizeAndType(file)),
    flags: 0,
  }
}

const sizeAndType = (file: Json): Json => ({
  ...(typeof file["width"] === "number" ? { width: file["width"], height: file["height"] } : {}),
  content_type: file["content_type"],
})

/** Components with their media as an answer shows them. */
export const inComponents = (
  world: World,
  components: ReadonlyArray<Json>,
  attachments: ReadonlyArray<Json>,
): ReadonlyArray<Json> => components.map((component) => inComponent(world, component, attachments))

const inComponent = (world: World, component: Json, attachments: ReadonlyArray<Json>): Json => {
  const made: Json = { ...component }
  const { accessory, components, file, items, media } = component
  if (Array.isArray(components)) made["components"] = inComponents(world, components, attachments)
  if (isObject(accessory)) made["accessory"] = inComponent(world, accessory, attachments)
  if (isObject(media)) made["media"] = unfurled(world, media, attachments)
  if (Array.isArray(items)) made["items"] = items.map((item: Json) => inComponent(world, item, attachments))
  if (isObject(file)) {
    const attachment = named(attachments, String(file["url"]))
    made["file"] = unfurled(world, file, attachments)
    if (attachment !== undefined) {
      made["name"] = attachment["filename"]
      made["size"] = attachment["size"]
    }
  }
  return made
}

/** A media item that the message carries; what was unfurled before stays. */
const unfurled = (world: World, media: Json, attachments: ReadonlyArray<Json>): Json => {
  if (typeof media["id"] === "string") return media
  const file = named(attachments, String(media["url"]))
  const url = file?.["url"] ?? media["url"]
  return {
    id: world.id(),
    url,
    proxy_url: url,
    width: file?.["width"] ?? null,
    height: file?.["height"] ?? null,
    content_type: file?.["content_type"] ?? null,
    ...(file === undefined ? {} : { attachment_id: file["id"] }),
  }
}

/** The attachments that no embed shows: those are not listed with the message. */
export const listed = (
  attachments: ReadonlyArray<Json>,
  embeds: ReadonlyArray<Json>,
): ReadonlyArray<Json> => {
  if (attachments.length === 0 || embeds.length === 0) return attachments
  const shown = new Set<unknown>()
  for (const embed of embeds) {
    for (const key of ["image", "thumbnail"]) {
      const media = embed[key]
      if (isObject(media)) shown.add(media["url"])
    }
    for (const key of ["author", "footer"]) {
      const signed = embed[key]
      if (isObject(signed)) shown.add(signed["icon_url"])
    }
  }
  return attachments.filter((one) => !shown.has(one["url"]))
}
