/**
 * Times as Discord writes them.
 *
 * @module
 */
import { DateTime } from "effect"

/** As in a payload: `2026-01-01T00:00:00.000000+00:00`. */
export const iso = (millis: number): string =>
  DateTime.formatIso(DateTime.unsafeMake(millis)).replace("Z", "000+00:00")

/** As in the `Date` header. */
export const http = (millis: number): string => {
  const second = Math.floor(millis / 1000)
  // The same for a whole second of answers.
  if (second !== cached.second) {
    cached = { second, text: DateTime.toDateUtc(DateTime.unsafeMake(second * 1000)).toUTCString() }
  }
  return cached.text
}

let cached = { second: Number.NaN, text: "" }
