/**
 * The presence that a client sets for its bot (op 3, and in Identify).
 *
 * Source: Discord Developer Docs, "Gateway Events", "Update Presence".
 *
 * @module
 */
import { isObject } from "../form/Form.js"
import type { Json } from "../model/Model.js"

const statuses: ReadonlyArray<unknown> = ["online", "dnd", "idle", "invisible", "offline"]

/** What was set; `undefined` where it has not the shape that Discord decodes. */
export const read = (data: unknown): Json | undefined => {
  if (!isObject(data) || !statuses.includes(data["status"])) return undefined
  const { activities = [], afk = false, since = null, status } = data
  if (since !== null && typeof since !== "number") return undefined
  // Eris says `null` where there are none, and Discord takes it.
  const listed: unknown = activities ?? []
  if (typeof afk !== "boolean" || !isList(listed)) return undefined
  if (!listed.every(isActivity)) return undefined
  return { status, since, afk, activities: listed }
}

/** Discord: names and states of at most 128 characters, types 0 to 5. */
const isActivity = (value: unknown): boolean => {
  if (!isObject(value)) return false
  const { name, state, type } = value
  return (
    typeof name === "string" &&
    name.length <= 128 &&
    (state === undefined || state === null || (typeof state === "string" && state.length <= 128)) &&
    typeof type === "number" &&
    Number.isInteger(type) &&
    type >= 0 &&
    type <= 5
  )
}

const isList = (value: unknown): value is ReadonlyArray<unknown> => Array.isArray(value)
