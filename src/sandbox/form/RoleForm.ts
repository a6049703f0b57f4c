/**
 * What a body says of a role, checked as Discord checks it (50035).
 *
 * Source: Discord Developer Docs, "Guild Resource" (Create Guild Role).
 *
 * @module
 */
import { Form } from "./Form.js"
import * as ImageForm from "./ImageForm.js"
import type { Json } from "../model/Model.js"
import type { Fields } from "../world/Roles.js"

/** Discord: 256 KiB. */
const iconLimit = 256 * 1024
const brightest = 0xff_ff_ff

/** A role's fields. */
export const read = (body: Json): Fields => {
  const form = Form.make()
  const name = form.at("name").text(body["name"], { min: 1, max: 100 })
  const permissions = form.at("permissions").bits(body["permissions"])
  const color = form.at("color").integer(body["color"], 0, brightest)
  const hoist = form.at("hoist").boolean(body["hoist"])
  const mentionable = form.at("mentionable").boolean(body["mentionable"])
  const unicodeEmoji = form.at("unicode_emoji").text(body["unicode_emoji"], { max: 100 })
  const icon = ImageForm.read(form.at("icon"), body["icon"], iconLimit)
  const colors = form.at("colors").object(body["colors"])
  const of = (name: string) => form.at("colors", name).integer(colors?.[name], 0, brightest)
  const [primary, secondary, tertiary] = [of("primary_color"), of("secondary_color"), of("tertiary_color")]
  if (colors !== undefined && primary === undefined) form.at("colors", "primary_color").required()
  form.done()
  return {
    ...(name === undefined ? {} : { name }),
    ...(permissions === undefined ? {} : { permissions }),
    ...(color === undefined ? {} : { color }),
    // Where both are given, the newer field counts.
    ...(colors === undefined
      ? {}
      : { color: primary ?? 0, secondaryColor: secondary ?? null, tertiaryColor: tertiary ?? null }),
    ...(hoist === undefined ? {} : { hoist }),
    ...(mentionable === undefined ? {} : { mentionable }),
    ...(icon === undefined ? {} : { icon }),
    ...("unicode_emoji" in body ? { unicodeEmoji: unicodeEmoji ?? null } : {}),
  }
}
