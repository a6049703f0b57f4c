/**
 * What can be chosen where Discord asks for people, roles and channels.
 *
 * @module
 */
import * as Store from "../Store.js"
import * as Component from "./Component.js"
import * as Person from "./Person.js"
import type { Item } from "./Item.js"

/** Those of the open guild, or of direct messages: a drawing asks for them for each menu of each message. */
const known = new WeakMap<object, ReadonlyArray<Item>>()

export const people = (store: Store.Store): ReadonlyArray<Item> => {
  const where = Store.guild(store) ?? store.place
  const items =
    known.get(where) ??
    Person.around(store).map((one) => {
      const shown = Person.name(store, one.id)
      return {
        value: one.id,
        label: shown,
        description: one.username,
        sign: Person.avatar(store, one.id, shown),
        color: Person.color(store, one.id),
      }
    })
  known.set(where, items)
  return items
}

export const roles = (store: Store.Store): ReadonlyArray<Item> =>
  Person.namedRoles(store)
    .toSorted((a, b) => b.position - a.position)
    .map((role) => ({
      value: role.id,
      label: `@${role.name}`,
      sign: role.icon ?? undefined,
      color: role.color === 0 ? undefined : Person.css(role.color),
    }))

/** Channels, of the given types where there are any. */
export const channels = (store: Store.Store, types: ReadonlyArray<unknown> = []): ReadonlyArray<Item> =>
  (Store.guild(store)?.channels ?? [])
    .filter(({ archived, type }) => !archived && (types.length === 0 || types.includes(type)))
    .map((channel) => ({ value: channel.id, label: `#${channel.name}` }))

export const mentionables = (store: Store.Store): ReadonlyArray<Item> => [...people(store), ...roles(store)]

/** The picture of a custom emoji, or the emoji itself. */
export const emojiSign = (store: Store.Store, value: unknown): string | undefined => {
  const emoji = Component.object(value)
  const known = Store.emoji(store, emoji["id"])
  if (known !== undefined) return known.url
  return typeof emoji["id"] === "string" ? undefined : Component.text(emoji["name"]) || undefined
}

/** What a select, a radio group or a group of checkboxes offers; `undefined` for any other component. */
export const of = (store: Store.Store, component: Component.Json): ReadonlyArray<Item> | undefined => {
  switch (component["type"]) {
    case Component.type.stringSelect:
    case Component.type.radioGroup:
    case Component.type.checkboxGroup:
      return Component.objects(component["options"]).map((option) => ({
        value: Component.text(option["value"]),
        label: Component.text(option["label"]),
        description: Component.text(option["description"]) || undefined,
        sign: emojiSign(store, option["emoji"]),
      }))
    case Component.type.userSelect:
      return people(store)
    case Component.type.roleSelect:
      return roles(store)
    case Component.type.mentionableSelect:
      return mentionables(store)
    case Component.type.channelSelect:
      return channels(store, Component.numbers(component["channel_types"]))
    default:
      return undefined
  }
}
