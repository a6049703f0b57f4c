/**
 * JSON text that should be what a schema says, and where it is not.
 *
 * @module
 */
import { Either, ParseResult, Schema } from "effect"

/** Reads text; a byte order mark before it is skipped. Left says where it is wrong, and what was expected. */
export const parse = <A, I>(schema: Schema.Schema<A, I>, text: string): Either.Either<A, string> => {
  const bare = text.startsWith("\uFEFF") ? text.slice(1) : text
  if (bare.trim() === "") return Either.left("it is empty")
  return Either.flatMap(
    Either.try({ try: () => JSON.parse(bare) as unknown, catch: (error) => syntax(bare, error) }),
    (json) => Either.mapLeft(Schema.decodeUnknownEither(schema)(json), issue),
  )
}

/** `line 3, column 7: …`, as far as the parser says where. */
const syntax = (text: string, error: unknown): string => {
  const message = error instanceof Error ? error.message : String(error)
  const at = /position (\d+)/u.exec(message)?.[1]
  const what = message.replace(/,? ?(?:in JSON)? ?at position \d+.*$/u, "").replace(/ in JSON$/u, "")
  if (at === undefined) return `it is not JSON (${message})`
  const before = text.slice(0, Number(at)).split("\n")
  return `it is not JSON (line ${before.length}, column ${(before.at(-1) ?? "").length + 1}: ${what})`
}

/** `$.members[3].since: …`, the first one. */
const issue = (error: ParseResult.ParseError): string => {
  const [first] = ParseResult.ArrayFormatter.formatErrorSync(error)
  return first === undefined ? error.message : `${pathOf(first.path)}: ${first.message}`
}

const pathOf = (path: ReadonlyArray<PropertyKey>): string =>
  path.reduce<string>(
    (text, key) =>
      typeof key === "number"
        ? `${text}[${key}]`
        : /^[A-Za-z_$][\w$]*$/u.test(String(key))
          ? `${text}.${String(key)}`
          : `${text}[${JSON.stringify(String(key))}]`,
    "$",
  )
