/**
 * Lengths of time as moderators type them: `10 minutes`, `2h`, `1d 12h`, `off`.
 *
 * @module
 */
import { ParseResult, Schema } from "effect"

/** Discord: a time-out lasts at most 28 days. */
export const LONGEST = 28 * 86_400_000

const units: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

const part =
  /(\d{1,6}(?:\.\d{1,3})?)\s*(seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|w)(?![a-z])[\s,]*/giuy

/** Milliseconds; undefined where it is no length of time. */
export const parse = (text: string): number | undefined => {
  const typed = text.trim()
  let sum = 0
  let at = 0
  for (;;) {
    part.lastIndex = at
    const found = part.exec(typed)
    if (found === null) break
    sum += Number(found[1]) * (units[(found[2] ?? "").slice(0, 1).toLowerCase()] ?? 0)
    at = part.lastIndex
  }
  return at > 0 && at === typed.length ? Math.round(sum) : undefined
}

/** Of a time-out, in milliseconds: 1 second to 28 days; 0 for `off`, which lifts it. */
export const OfTimeout = Schema.transformOrFail(Schema.String, Schema.Number, {
  strict: true,
  decode: (text, _, ast) => {
    if (/^(?:off|none|0)$/iu.test(text.trim())) return ParseResult.succeed(0)
    const millis = parse(text)
    return millis !== undefined && millis >= 1_000 && millis <= LONGEST
      ? ParseResult.succeed(millis)
      : ParseResult.fail(
          new ParseResult.Type(
            ast,
            text,
            "a time of at most 28 days, such as `10 minutes` or `2h`, or `off`",
          ),
        )
  },
  encode: (millis) => ParseResult.succeed(millis === 0 ? "off" : print(millis)),
})

/** As people write it: `1 day 12 hours`. */
export const print = (millis: number): string => {
  let left = Math.max(0, Math.round(millis / 1_000))
  const parts: Array<string> = []
  for (const [name, seconds] of [
    ["day", 86_400],
    ["hour", 3_600],
    ["minute", 60],
    ["second", 1],
  ] as const) {
    const count = Math.floor(left / seconds)
    left -= count * seconds
    if (count > 0) parts.push(`${count} ${name}${count === 1 ? "" : "s"}`)
  }
  return parts.length === 0 ? "0 seconds" : parts.join(" ")
}
