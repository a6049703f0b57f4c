/**
 * People, roles and channels as they are shown: names, colours and pictures. Who has no picture gets one that is drawn
 * here, since nothing is loaded from elsewhere.
 *
 * @module
 */
import type { APIUser } from "discord-api-types/v10"
import type * as Protocol from "../../Protocol.js"
import { channel, guild, member, person, type Store } from "../Store.js"

/** The name that is shown: the nickname, else the person's. `user` is what a message knows of them. */
export const name = (store: Store, userId: string, user?: APIUser): string =>
  member(store, userId)?.nick ??
  person(store, userId)?.name ??
  user?.global_name ??
  user?.username ??
  "Somebody who left"

/** The roles that somebody has, the highest first. */
export const roles = (store: Store, userId: string): ReadonlyArray<Protocol.Role> => {
  const theirs = member(store, userId)?.roles ?? []
  return (guild(store)?.roles ?? [])
    .filter(({ id }) => theirs.includes(id))
    .toSorted((a, b) => b.position - a.position)
}

/** A number as a colour of style sheets. */
export const css = (color: number): string => `#${color.toString(16).padStart(6, "0")}`

/** The colour of somebody's highest role that has one. */
export const color = (store: Store, userId: string): string | undefined => {
  const found = roles(store, userId).find((role) => role.color !== 0)
  return found === undefined ? undefined : css(found.color)
}

/** The open guild's name for everybody is no role that one mentions. */
export const namedRoles = (store: Store): ReadonlyArray<Protocol.Role> => {
  const open = guild(store)
  return (open?.roles ?? []).filter(({ id }) => id !== open?.id)
}

/** Who can be named in the open channel: the guild's members, or the two of a direct message. */
export const around = (store: Store): ReadonlyArray<Protocol.Person> => {
  const members = guild(store)?.members
  const { botId, me, people } = store.place
  const ids = new Set(members === undefined ? [me.id, botId] : members.map(({ userId }) => userId))
  return people.filter(({ id }) => ids.has(id))
}

const grounds = ["#5865f2", "#3ba55c", "#c4571d", "#b8388f", "#2f7fb8", "#8a63d2", "#a8741a", "#d83c3e"]

/** A picture of somebody: of the guild that is open, else of their own, else one that is drawn. */
export const avatar = (store: Store, id: string, shown: string): string =>
  member(store, id)?.avatar ?? person(store, id)?.avatar ?? drawn(id, shown)

/** The first letter of the name, on a ground of their own. */
const drawn = (id: string, shown: string): string => {
  const letters = [...shown.replace(/[^\p{L}\p{N} ]/gu, "").trim()]
  const initials = letters.length === 0 ? "?" : letters[0]!.toUpperCase()
  const ground = grounds[Number((BigInt(/^\d+$/.test(id) ? id : "0") >> 22n) % BigInt(grounds.length))]!
  return svg(
    `<rect width="40" height="40" fill="${ground}"/><text x="20" y="27" font-family="sans-serif" font-size="20" fill="#fff" text-anchor="middle">${initials}</text>`,
  )
}

/** The highest role of somebody that has a picture, with that. */
export const roleIcon = (
  store: Store,
  userId: string,
): { readonly name: string; readonly url: string } | undefined => {
  const found = roles(store, userId).find(({ icon }) => icon !== null)
  if (found === undefined || found.icon === null) return undefined
  const { icon, name } = found
  if (icon.startsWith("/")) return { name, url: icon }
  const text = icon.replace(/[<&]/g, "")
  return { name, url: svg(`<text x="20" y="32" font-size="32" text-anchor="middle">${text}</text>`) }
}

const svg = (drawing: string): string =>
  `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40">${drawing}</svg>`)}`

/** Whether one may do what a bit stands for in the open channel. */
export const may = (store: Store, bit: bigint): boolean => {
  const permissions = BigInt(channel(store)?.permissions ?? "0")
  return (permissions & bit) !== 0n || (permissions & 8n) !== 0n
}
