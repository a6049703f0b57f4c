/**
 * Reads embeds, and refuses what breaks Discord's limits: 10 embeds, 25 fields each, and 6,000 characters in all.
 *
 * What is read has the shape of an answer already: only fields that Discord knows, and none that are `null`.
 *
 * Numbers: Discord Developer Docs, "Embed Limits".
 *
 * @module
 */
import * as Fields from "./Fields.js"
import type { Form } from "./Form.js"
import type { Json } from "../model/Model.js"
import * as Time from "../model/Time.js"

/** Discord: characters of titles, descriptions, fields, footers and authors of all embeds of a message. */
export const totalLimit = 6000

/** Characters that are counted while a message is read. */
interface Total {
  length: number
}

export const read = (form: Form, value: unknown): ReadonlyArray<Json> => {
  const total: Total = { length: 0 }
  const embeds = form.each(value, 10, (at, embed) => readOne(at, embed, total)) ?? []
  if (total.length > totalLimit)
    form.fail("MAX_EMBED_SIZE_EXCEEDED", `Embed size exceeds maximum size of ${totalLimit}`)
  return embeds
}

const readOne = (form: Form, embed: Json, total: Total): Json => {
  const made: Json = { type: "rich" }
  const title = form.at("title").text(embed["title"], { max: 256 })
  const description = form.at("description").text(embed["description"], { max: 4096 })
  const url = Fields.url(form.at("url"), embed["url"], Fields.schemes.page)
  const color = form.at("color").integer(embed["color"], 0, 0xff_ff_ff)
  const timestamp = readTimestamp(form.at("timestamp"), embed["timestamp"])
  count(total, title)
  count(total, description)
  put(made, "url", url)
  put(made, "title", title)
  put(made, "description", description)
  if (color !== undefined) made["color"] = color
  put(made, "timestamp", timestamp)
  const fields =
    form.at("fields").each(embed["fields"], 25, (at, field) => {
      const name = Fields.filled(at.at("name"), field["name"], 256)
      const text = Fields.filled(at.at("value"), field["value"], 1024)
      count(total, name)
      count(total, text)
      return { name, value: text, inline: at.at("inline").boolean(field["inline"]) ?? false }
    }) ?? []
  if (fields.length > 0) made["fields"] = fields
  const author = form.at("author").object(embed["author"])
  if (author !== undefined) made["author"] = readSigned(form.at("author"), author, "name", 256, total)
  const footer = form.at("footer").object(embed["footer"])
  if (footer !== undefined) made["footer"] = readSigned(form.at("footer"), footer, "text", 2048, total)
  for (const key of ["image", "thumbnail"]) {
    const at = form.at(key)
    const media = at.object(embed[key])
    if (media === undefined) continue
    const address = Fields.url(at.at("url"), media["url"], Fields.schemes.media)
    if (media["url"] === undefined || media["url"] === null) at.at("url").required()
    if (address !== undefined) made[key] = { url: address }
  }
  if (Object.keys(made).length === 1) form.at("description").required()
  return made
}

/** An author or a footer: a text, and an icon beside it. */
const readSigned = (form: Form, value: Json, key: "name" | "text", max: number, total: Total): Json => {
  const text = Fields.filled(form.at(key), value[key], max)
  count(total, text)
  const made: Json = { [key]: text }
  if (key === "name") put(made, "url", Fields.url(form.at("url"), value["url"], Fields.schemes.page))
  const icon = Fields.url(form.at("icon_url"), value["icon_url"], Fields.schemes.media)
  put(made, "icon_url", icon)
  return made
}

const readTimestamp = (form: Form, value: unknown): string | undefined => {
  const text = form.text(value, { max: 64 })
  if (text === undefined) return undefined
  const millis = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(millis)) {
    form.fail("DATE_TIME_TYPE_PARSE", `Could not parse ${text}. Should be ISO8601.`)
    return undefined
  }
  return Time.iso(millis)
}

const put = (made: Json, key: string, value: string | undefined): void => {
  if (value !== undefined && value !== "") made[key] = value
}

const count = (total: Total, text: string | undefined): void => {
  if (text === undefined) return
  // Discord counts code points, not UTF-16 units.
  total.length += /[\uD800-\uDBFF]/.test(text) ? [...text].length : text.length
}
