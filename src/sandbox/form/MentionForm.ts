/**
 * Reads `allowed_mentions`: whom a message may ping.
 *
 * @module
 */
import type { Form } from "./Form.js"

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
  const given = form.object(value)
  if (given === undefined) return null
  const parse = readParse(form.at("parse"), given["parse"])
  const users = form.at("users").snowflakes(given["users"], 100) ?? []
  const roles = form.at("roles").snowflakes(given["roles"], 100) ?? []
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
    repliedUser: form.at("replied_user").boolean(given["replied_user"]) ?? false,
  }
}

const readParse = (form: Form, value: unknown): ReadonlyArray<string> =>
  form.items(value, Number.POSITIVE_INFINITY)?.flatMap((one, index) => {
    const kind = form.at(index).oneOf(one as string, kinds)
    return kind === undefined ? [] : [kind]
  }) ?? []
