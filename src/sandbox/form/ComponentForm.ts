/**
 * Reads components, of messages (both versions) and of modals: which may stand where, and what each must have.
 *
 * ```
 * message     Row(Button… | Select)
 * message v2  Row, Section(Text…, Button | Thumbnail), Text, Gallery, File, Separator, Container(all of these)
 * modal       Row(Input), Text, Label(Input | Select | …)
 * ```
 *
 * What is read has the shape of an answer: an `id` for each, defaults filled in, nothing that Discord does not
 * know. Media keep their `url` alone until the message is stored.
 *
 * Numbers: Discord Developer Docs, "Component Reference".
 *
 * @module
 */
import { ComponentType as Type } from "discord-api-types/v10"
import * as ButtonForm from "./ButtonForm.js"
import * as Fields from "./Fields.js"
import { type Form, isObject } from "./Form.js"
import type { Json } from "../model/Model.js"
import * as ModalFields from "./ModalFields.js"
import * as SelectForm from "./SelectForm.js"

/** Discord: components of one message, nested ones included. */
export const totalLimit = 40
/** Discord: characters in all text displays of one message. */
export const textLimit = 4000
const rows = 5
const inRow = 5

/** Where components stand. */
export interface Place {
  readonly kind: "message" | "v2" | "modal"
  /** The names that `attachment://` may name; `null` where they are not known. */
  readonly files: ReadonlySet<string> | null
}

/** What is remembered while a tree is read. */
export interface Tree {
  readonly place: Place
  readonly customIds: Set<string>
  readonly ids: Set<number>
  count: number
  text: number
}

const rowOfMessage: ReadonlyArray<number> = [
  Type.Button,
  Type.StringSelect,
  Type.UserSelect,
  Type.RoleSelect,
  Type.MentionableSelect,
  Type.ChannelSelect,
]
const inContainer: ReadonlyArray<number> = [
  Type.ActionRow,
  Type.Section,
  Type.TextDisplay,
  Type.MediaGallery,
  Type.File,
  Type.Separator,
]
const top: Readonly<Record<Place["kind"], ReadonlyArray<number>>> = {
  message: [Type.ActionRow],
  v2: [...inContainer, Type.Container],
  modal: [Type.ActionRow, Type.TextDisplay, Type.Label],
}
const inLabel: ReadonlyArray<number> = [
  Type.StringSelect,
  Type.TextInput,
  Type.UserSelect,
  Type.RoleSelect,
  Type.MentionableSelect,
  Type.ChannelSelect,
  Type.FileUpload,
  Type.RadioGroup,
  Type.CheckboxGroup,
  Type.Checkbox,
]

/** Checks components and gives each an `id`. */
export const read = (form: Form, value: unknown, place: Place): ReadonlyArray<Json> => {
  const tree: Tree = { place, customIds: new Set(), ids: new Set(), count: 0, text: 0 }
  const allowed = top[place.kind]
  const limit = place.kind === "v2" ? totalLimit : rows
  const made = form.each(value, limit, (at, item) => readOne(at, item, allowed, tree)) ?? []
  if (place.kind === "v2" && tree.count > totalLimit) {
    form.fail(
      "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED",
      `The total number of components cannot exceed ${totalLimit}`,
    )
  }
  if (tree.text > textLimit) {
    form.fail(
      "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
      `The displayable text size of components cannot exceed ${textLimit}`,
    )
  }
  number(made, tree.ids, { next: 1 })
  return made
}

/** Gives an id to each component that has none yet. */
const number = (components: ReadonlyArray<Json>, taken: Set<number>, counter: { next: number }): void => {
  for (const component of components) {
    if (component["id"] === 0) {
      while (taken.has(counter.next)) counter.next++
      component["id"] = counter.next++
    }
    const children = component["components"]
    if (Array.isArray(children)) number(children as ReadonlyArray<Json>, taken, counter)
    for (const key of ["accessory", "component"]) {
      const child = component[key]
      if (isObject(child)) number([child], taken, counter)
    }
  }
}

const readOne = (form: Form, item: Json, allowed: ReadonlyArray<number>, tree: Tree): Json => {
  const type = item["type"]
  if (typeof type !== "number" || !allowed.includes(type)) {
    const list = allowed.length === 1 ? `${allowed[0]},` : allowed.join(", ")
    if (type === undefined || type === null) form.at("type").required()
    else form.fail("UNION_TYPE_CHOICES", `Value of field "type" must be one of (${list}).`)
    return { type: allowed[0], id: 0 }
  }
  tree.count++
  return { type, id: readId(form.at("id"), item["id"], tree), ...readRest(form, item, type, tree) }
}

const readId = (form: Form, value: unknown, tree: Tree): number => {
  const id = form.integer(value, 0, 2 ** 31 - 1) ?? 0
  if (id <= 0) return 0
  if (tree.ids.has(id)) form.fail("COMPONENT_ID_DUPLICATED", "Component id cannot be duplicated")
  tree.ids.add(id)
  return id
}

/** A component's own fields. */
const readRest = (form: Form, item: Json, type: number, tree: Tree): Json => {
  switch (type) {
    case Type.ActionRow:
      return { components: readRow(form, item, tree) }
    case Type.Button:
      return ButtonForm.read(form, item, tree.customIds)
    case Type.TextDisplay: {
      const content = form.at("content").requiredText(item["content"], { min: 1, max: textLimit })
      tree.text += content.length
      return { content }
    }
    case Type.Section:
      return {
        components: readChildren(form, item, [Type.TextDisplay], 3, tree),
        accessory: readChild(form.at("accessory"), item["accessory"], [Type.Button, Type.Thumbnail], tree),
      }
    case Type.Container:
      return {
        accent_color: form.at("accent_color").integer(item["accent_color"], 0, 0xff_ff_ff) ?? null,
        components: readChildren(form, item, inContainer, totalLimit, tree),
        spoiler: form.at("spoiler").boolean(item["spoiler"]) ?? false,
      }
    case Type.Thumbnail:
      return readMedia(form, item, tree)
    case Type.MediaGallery:
      return { items: readGallery(form.at("items"), item["items"], tree) }
    case Type.File:
      return {
        file: readUrl(form.at("file"), item["file"], ["attachment"], tree),
        name: null,
        size: null,
        spoiler: form.at("spoiler").boolean(item["spoiler"]) ?? false,
      }
    case Type.Separator:
      return {
        spacing: form.at("spacing").oneOf(item["spacing"] as number, [1, 2]) ?? 1,
        divider: item["divider"] === undefined || item["divider"] === null || flagOf(form, item),
      }
    case Type.Label:
      return readLabel(form, item, tree)
    default:
      return SelectForm.isSelect(type)
        ? SelectForm.read(form, item, type, tree.customIds)
        : ModalFields.read(form, item, type, tree.customIds)
  }
}

const flagOf = (form: Form, item: Json): boolean => form.at("divider").boolean(item["divider"]) ?? false

const readRow = (form: Form, item: Json, tree: Tree): ReadonlyArray<Json> => {
  const modal = tree.place.kind === "modal"
  const children = readChildren(form, item, modal ? [Type.TextInput] : rowOfMessage, inRow, tree)
  // A select or an input fills its row.
  const wide = children.findIndex((child) => child["type"] !== Type.Button)
  if (wide >= 0 && children.length > 1) {
    form
      .at("components", wide === 0 ? 1 : wide)
      .fail("COMPONENT_LAYOUT_WIDTH_EXCEEDED", "The specified component exceeds the maximum width")
  }
  return children
}

const readChildren = (
  form: Form,
  item: Json,
  allowed: ReadonlyArray<number>,
  limit: number,
  tree: Tree,
): ReadonlyArray<Json> => {
  const at = form.at("components")
  const value = item["components"]
  if (value === undefined || value === null) {
    at.required()
    return []
  }
  const children =
    at.each(value, Number.POSITIVE_INFINITY, (one, child) => readOne(one, child, allowed, tree)) ?? []
  if (Array.isArray(value) && (value.length === 0 || value.length > limit))
    at.fail("BASE_TYPE_BAD_LENGTH", `Must be between 1 and ${limit} in length.`)
  return children
}

const readChild = (form: Form, value: unknown, allowed: ReadonlyArray<number>, tree: Tree): Json => {
  const child = form.object(value)
  if (child !== undefined) return readOne(form, child, allowed, tree)
  if (value === undefined || value === null) form.required()
  return {}
}

const readGallery = (form: Form, value: unknown, tree: Tree): ReadonlyArray<Json> => {
  const items = form.each(value, Number.POSITIVE_INFINITY, (at, item) => readMedia(at, item, tree)) ?? []
  const length = Array.isArray(value) ? value.length : 0
  if (length < 1 || length > 10) form.fail("BASE_TYPE_BAD_LENGTH", "Must be between 1 and 10 in length.")
  return items
}

const readMedia = (form: Form, item: Json, tree: Tree): Json => ({
  media: readUrl(form.at("media"), item["media"], Fields.schemes.media, tree),
  description: form.at("description").text(item["description"], { max: 1024 }) ?? null,
  spoiler: form.at("spoiler").boolean(item["spoiler"]) ?? false,
})

const readUrl = (form: Form, value: unknown, schemes: ReadonlyArray<string>, tree: Tree): Json => {
  const media = form.object(value)
  if (media === undefined) {
    if (value === undefined || value === null) form.required()
    return {}
  }
  const at = form.at("url")
  const given = media["url"]
  if (given === undefined || given === null) at.required()
  const url = Fields.url(at, given, schemes)
  const { files } = tree.place
  if (url?.startsWith("attachment://") === true && files?.has(url.slice("attachment://".length)) === false) {
    at.fail(
      "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
      `The referenced attachment "${url.slice(0, 200)}" was not found`,
    )
  }
  return { url }
}

const readLabel = (form: Form, item: Json, tree: Tree): Json => {
  const description = form.at("description").text(item["description"], { max: 100 })
  return {
    label: form.at("label").requiredText(item["label"], { min: 1, max: 45 }),
    ...(description === undefined ? {} : { description }),
    component: readChild(form.at("component"), item["component"], inLabel, tree),
  }
}
