/**
 * What the application says of itself, and its bot's own name and pictures.
 *
 * Pictures are known by a hash as on Discord, and are not served.
 *
 * @module
 */
import { createHash } from "node:crypto"
import { Form, isObject } from "../form/Form.js"
import type { Json } from "../model/Model.js"
import * as Wire from "./Wire.js"
import type { World } from "./World.js"

/** The application as it sees itself. */
export const wire = (world: World): Json => ({ ...Wire.application(world), ...world.applicationSettings })

/** The bot's user as it sees itself. */
export const self = (world: World): Json => ({
  ...Wire.user(world.bot),
  verified: true,
  mfa_enabled: true,
  locale: "en-US",
  email: null,
  flags: 0,
})

const plain = [
  "custom_install_url",
  "interactions_endpoint_url",
  "role_connections_verification_url",
  "event_webhooks_url",
  "event_webhooks_status",
  "event_webhooks_types",
  "install_params",
]

/** Changes what the body names. Flags can only switch on the intents that need no review, which all are here. */
export const change = (world: World, body: Json): void => {
  const form = Form.make()
  const changes: Json = {}
  const description = form.at("description").text(body["description"], { max: 400 })
  if (description !== undefined) changes["description"] = description
  const tags = form.at("tags").texts(body["tags"], 5, { min: 1, max: 20 })
  if (tags !== undefined) changes["tags"] = tags
  for (const field of ["icon", "cover_image"] as const) {
    const hash = picture(form.at(field), body[field])
    if (hash !== undefined) changes[field] = hash
  }
  const types = body["integration_types_config"]
  if (types !== undefined && types !== null) {
    if (isObject(types)) changes["integration_types_config"] = types
    else
      form
        .at("integration_types_config")
        .fail("DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
  }
  form.at("flags").integer(body["flags"], 0, 2 ** 31 - 1)
  form.done()
  for (const field of plain) if (body[field] !== undefined) changes[field] = body[field]
  world.applicationSettings = { ...world.applicationSettings, ...changes }
}

/** Changes the bot's name and pictures, and sends USER_UPDATE. */
export const changeSelf = (world: World, body: Json): void => {
  const form = Form.make()
  const username = form.at("username").text(body["username"], { min: 2, max: 32 })
  const avatar = picture(form.at("avatar"), body["avatar"])
  const banner = picture(form.at("banner"), body["banner"])
  form.done()
  if (username !== undefined) world.bot.username = username
  if (avatar !== undefined) world.bot.avatar = avatar
  if (banner !== undefined) world.bot.banner = banner
  world.emit({ type: "USER_UPDATE", guildId: null, data: () => self(world) })
}

/** The hash of a picture that is given as a data URI; `null` takes it away, `undefined` leaves it. */
const picture = (form: Form, value: unknown): string | null | undefined => {
  if (value === undefined || value === null) return value
  if (typeof value === "string" && /^data:image\/(?:png|jpeg|gif|webp|avif);base64,/u.test(value))
    return createHash("md5").update(value).digest("hex")
  form.fail("IMAGE_INVALID", "Invalid image data")
  return undefined
}
