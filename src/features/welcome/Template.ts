/**
 * The text by which members are welcomed: Markdown with `{member}`, `{server}` and `{count}` in it.
 *
 * @module
 */
import { Either } from "effect"
import * as Md from "../../interaction/Md.js"
import { TemplateInvalid } from "./WelcomeError.js"

/** What stands in the place of what. */
export interface Values {
  readonly memberId: string
  readonly server: string
  /** How many members the server has. */
  readonly count: number
}

const PLACEHOLDERS = ["member", "server", "count"] as const
/** Discord: a message has at most 2,000 characters. */
const LONGEST = 2_000
/** The longest values that there are (Discord: 100 characters in a server's name), and one that escapes to twice as many. */
const WORST: Values = { memberId: "9".repeat(20), server: "*".repeat(100), count: 999_999_999 }

/** What a manager has typed, ready to be kept; `\n` begins a line, since a slash command has no other way. */
export const parse = (typed: string): Either.Either<string, TemplateInvalid> => {
  const text = typed.replace(/\\n/gu, "\n").trim()
  if (text === "") return Either.left(new TemplateInvalid({ reason: "It is empty." }))
  const unknown = [...text.matchAll(/\{(\w*)\}/gu)].find(([, name = ""]) => !isKnown(name))
  if (unknown !== undefined)
    return Either.left(
      new TemplateInvalid({
        reason: Md.text`${unknown[0]} is no placeholder: there are ${Md.raw(PLACEHOLDERS.map((name) => `\`{${name}}\``).join(", "))}.`,
      }),
    )
  const { length } = render(text, WORST)
  if (length > LONGEST)
    return Either.left(
      new TemplateInvalid({
        reason: `It may become ${length} characters long, and Discord takes ${LONGEST}.`,
      }),
    )
  return Either.right(text)
}

/** The text with its values. */
export const render = (text: string, { count, memberId, server }: Values): string =>
  text.replace(/\{(\w+)\}/gu, (found, name: string) => {
    switch (name.toLowerCase()) {
      case "member":
        return Md.user(memberId).markdown
      case "server":
        return Md.escape(server)
      case "count":
        return String(count)
      default:
        return found
    }
  })

const isKnown = (name: string): boolean => PLACEHOLDERS.some((one) => one === name.toLowerCase())
