/**
 * Time zones by their IANA names, as this machine knows them.
 *
 * @module
 */
import { Option } from "effect"

/** Those that are offered. Others, such as former names, are taken as well. */
const names: ReadonlyArray<string> = [
  "UTC",
  ...Intl.supportedValuesOf("timeZone").filter((one) => one !== "UTC"),
]

const byKey = new Map(names.map((name) => [name.toLowerCase(), name]))

/** The zone of that name, whatever its case; an offset such as +02:00 is none, since it knows no summer time. */
export const find = (typed: string): Option.Option<string> => {
  const text = typed.trim().replace(/\s+/gu, "_")
  const known = byKey.get(text.toLowerCase())
  if (known !== undefined) return Option.some(known)
  return /^[a-z]/iu.test(text)
    ? Option.liftThrowable(
        () => new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions().timeZone,
      )()
    : Option.none()
}

/** Names that have the text in them, those whose city begins with it first. */
export const suggest = (typed: string): ReadonlyArray<string> => {
  const text = typed.trim().replace(/\s+/gu, "_").toLowerCase()
  const rank = (name: string): number => {
    const lower = name.toLowerCase()
    if (lower.startsWith(text) || lower.slice(lower.lastIndexOf("/") + 1).startsWith(text)) return 0
    return lower.includes(text) ? 1 : 2
  }
  return names
    .map((name) => [rank(name), name] as const)
    .filter(([rank]) => rank < 2)
    .sort(([a], [b]) => a - b)
    .map(([, name]) => name)
}

/** `Fri 14:05`: what a clock on the wall there shows. */
export const clock = (zone: string, epochMillis: number): string =>
  new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
  }).format(epochMillis)
