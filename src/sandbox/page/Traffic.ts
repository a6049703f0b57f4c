/**
 * The transcript as the page shows it: one line for each event or request, its JSON shortened and free of secrets.
 *
 * The transcript leaves tokens out of paths and events; here they are taken out of everything that is shown, at
 * any depth, since a webhook's token stands in answers too.
 *
 * @module
 */
import type * as Protocol from "./Protocol.js"
import type { Numbered } from "../Transcript.js"

/** Characters shown of a body. */
export const longest = 4_000

/** An entry as the page shows it. */
export const of = ({ entry, n }: Numbered): Protocol.Traffic =>
  entry._tag === "Event"
    ? {
        n,
        at: entry.at,
        kind: "event",
        name: entry.type,
        status: null,
        took: null,
        body: text(entry.data),
        answer: "",
      }
    : {
        n,
        at: entry.at,
        kind: "request",
        name: `${entry.method} ${withoutTokens(entry.path)}`,
        status: entry.status,
        took: entry.answeredAt === null ? null : entry.answeredAt - entry.at,
        body: text(entry.body),
        answer: text(entry.answer),
      }

const text = (value: unknown): string => {
  if (value === undefined) return ""
  const written = JSON.stringify(value, redact) ?? ""
  return written.length > longest ? `${written.slice(0, longest - 1)}…` : written
}

const redact = (key: string, value: unknown): unknown => {
  if (typeof value !== "string") return value
  return secret.test(key) ? "…" : withoutTokens(value)
}

const secret = /^(?:(?:.*_)?token|session_id|authorization|client_secret)$/iu

/** Paths of webhooks and interactions, wherever they stand in a text, without their tokens. */
const withoutTokens = (value: string): string =>
  value.replace(/((?:webhooks|interactions)\/\d{15,20})\/[\w.~-]+/gu, "$1/…")
