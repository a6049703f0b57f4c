/**
 * What the application says of itself, and its bot's own name and pictures.
 *
 * @module
 */
import { Form, isObject } from "../form/Form.js"
import * as ImageForm from "../form/ImageForm.js"
import type { Json } from "../model/Model.js"
import * as Pictures from "./Pictures.js"
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
  const pictures = (["icon", "cover_image"] as const).map(
    (field) => [field, ImageForm.read(form.at(field), body[field], Pictures.imageLimit)] as const,
  )
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
  for (const [field, image] of pictures) {
    if (image === undefined) continue
    const had = { ...world.applicationSettings, ...changes } as Partial<Record<typeof field, string | null>>
    // Both lie in one folder: the same picture is one file.
    const former = had.icon === had.cover_image ? null : had[field]
    changes[field] = Pictures.change(world, Pictures.application(world), former, image)
  }
  // An application without one does not have the field.
  if (changes["cover_image"] === null) changes["cover_image"] = undefined
  for (const field of plain) if (body[field] !== undefined) changes[field] = body[field]
  world.applicationSettings = { ...world.applicationSettings, ...changes }
}

/** Changes the bot's name and pictures, and sends USER_UPDATE. */
export const changeSelf = (world: World, body: Json): void => {
  const form = Form.make()
  const username = form.at("username").text(body["username"], { min: 2, max: 32 })
  const avatar = ImageForm.read(form.at("avatar"), body["avatar"], Pictures.imageLimit)
  const banner = ImageForm.read(form.at("banner"), body["banner"], Pictures.imageLimit)
  form.done()
  if (username !== undefined) world.bot.username = username
  const { bot } = world
  bot.avatar = Pictures.change(world, Pictures.avatars(bot), bot.avatar, avatar)
  bot.banner = Pictures.change(world, Pictures.banners(bot), bot.banner, banner)
  world.emit({ type: "USER_UPDATE", guildId: null, data: () => self(world) })
}
