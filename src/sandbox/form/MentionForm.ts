/**
 * Reads `allowed_mentions`: whom a message may ping.
 *
 * @module
 */
import * as Fields from "./Fields.js"
import { type Form, isObject } from "./Form.js"

/** Whom a message may ping. */
export interface AllowedMentions {
  /** Kinds of which everything may be pinged that the content names: `users`, `roles`, `everyone`. */
  readonly parse: ReadonlyArray<string>
  readonly users: ReadonlyArray<string>
  readonly roles: ReadonlyArray<string>
  readonly repliedUser: boolean
}

const kinds = ["users", "roles", "everyone"] as const

/** `null` where the body says nothing: then everything may be pinged. */
export const read = (form: Form, value: unknown): AllowedMentions | null => {
  if (value === undefined || value === null) return null
  if (!isObject(value)) {
    form.fail("MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
    return null
  }
  const parse = readParse(form.at("parse"), value["parse"])
  const users = Fields.snowflakes(form.at("users"), value["users"], 100)
  const roles = Fields.snowflakes(form.at("roles"), value["roles"], 100)
  for (const [kind, ids] of [
    ["users", users],
    ["roles", roles],
  ] as const) {
    if (ids.length === 0 || !parse.includes(kind)) continue
    form.fail(
      "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
      `parse:["${kind}"] and ${kind}: [ids...] are mutually exclusive.`,
    )
  }
  return {
    parse,
    users,
    roles,
    repliedUser: Fields.flag(form.at("replied_user"), value["replied_user"]),
  }
}

const readParse = (form: Form, value: unknown): ReadonlyArray<string> => {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) {
    form.fail("LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
    return []
  }
  return value.flatMap((one: unknown, index) => {
    const kind = form.at(index).oneOf(one as string, kinds)
    return kind === undefined ? [] : [kind]
  })
}
