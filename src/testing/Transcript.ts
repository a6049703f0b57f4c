/**
 * What happened in a run, in order, with virtual times: what people did, which events the bot got, which REST
 * calls it made, what it logged, and how its commands ended.
 *
 * Recording keeps texts as they went over the wire and costs next to nothing; they are read when the transcript
 * is rendered. Tokens never get into what is rendered.
 *
 * @module
 */
import { Inspectable } from "effect"
import { isObject } from "../sandbox/form/Form.js"
import type { Request, Response } from "../sandbox/rest/Rest.js"
import * as Wire from "../sandbox/Transcript.js"

/** One thing that happened. `at`: milliseconds since the run began. */
export type Entry =
  | { readonly _tag: "Person"; readonly at: number; readonly who: string; readonly did: string }
  | { readonly _tag: "Event"; readonly at: number; readonly frame: string }
  | { readonly _tag: "Call"; readonly at: number; readonly request: Request }
  | { readonly _tag: "Answer"; readonly at: number; readonly request: Request; readonly response: Response }
  | { readonly _tag: "Log"; readonly at: number; readonly level: string; readonly text: string }
  | {
      readonly _tag: "Outcome"
      readonly at: number
      readonly name: string
      readonly outcome: string
      readonly hung: boolean
    }

/** The newest entries that are shown. */
const SHOWN = 120
/** Characters of a line. */
const WIDTH = 220

type Without<E> = E extends Entry ? Omit<E, "at"> : never

export class Transcript {
  private entries: Array<Entry> = []
  private since = 0

  constructor(private readonly now: () => number) {}

  /** Forgets what was, and counts time from now on. */
  begin(): void {
    this.entries = []
    this.since = this.now()
  }

  add(entry: Without<Entry>): void {
    this.entries.push({ ...entry, at: this.now() - this.since })
  }

  /** How many there are: grows with everything that happens. */
  get size(): number {
    return this.entries.length
  }

  /** One line for each entry. */
  lines(): ReadonlyArray<string> {
    return this.entries.flatMap((entry) => {
      const line = render(entry)
      return line === undefined ? [] : [`${stamp(entry.at)}  ${clip(line)}`]
    })
  }

  toString(): string {
    const lines = this.lines()
    const left = Math.max(0, lines.length - SHOWN)
    return [
      "Transcript (virtual seconds):",
      ...(left > 0 ? [`  … ${left} earlier`] : []),
      ...lines.slice(left),
    ].join("\n")
  }
}

const stamp = (at: number): string => (at / 1000).toFixed(3).padStart(10)

const clip = (text: string): string => (text.length > WIDTH ? `${text.slice(0, WIDTH - 1)}…` : text)

const render = (entry: Entry): string | undefined => {
  switch (entry._tag) {
    case "Person":
      return `${entry.who} ${entry.did}`
    case "Event":
      return event(entry.frame)
    case "Call":
      return `bot → ${route(entry.request)} ${body(entry.request)}`.trimEnd()
    case "Answer":
      return `bot ← ${entry.response.status} ${route(entry.request)}${reason(entry.response)}`
    case "Log":
      return `log ${entry.level} ${entry.text}`
    case "Outcome":
      return `${entry.name}: ${entry.outcome}${entry.hung ? `; ${HUNG}` : ""}`
  }
}

const HUNG =
  "hung until its deadline: it waited for something that is neither a wait nor a sleep (a lock that is never given back, or work outside virtual time: wrap it in VirtualClock.outside)"

/** Discord's own code and words for a failure. */
const reason = (response: Response): string => {
  const told = response.status < 400 ? undefined : Wire.answerOf(response)
  if (!isObject(told)) return ""
  const { code, errors, message } = told
  return `: ${[code, message, errors]
    .filter((one) => one !== undefined)
    .map(text)
    .join(" ")}`
}

interface Frame {
  readonly op: number
  readonly t: unknown
  readonly d: unknown
}

/** A fault may have spoiled it. */
const parse = (frame: string): Frame | undefined => {
  try {
    return JSON.parse(frame) as Frame
  } catch {
    return undefined
  }
}

/** Heartbeats and their like are left out. */
const event = (frame: string): string | undefined => {
  const read = parse(frame)
  if (read === undefined) return `bot ⇐ no JSON: ${frame.slice(0, 40)}`
  const { d, op, t } = read
  return op === 0 ? `bot ⇐ ${String(t)} ${Inspectable.toStringUnknown(brief(d), 0)}` : undefined
}

const body = (request: Request): string => {
  const sent = Wire.bodyOf(request)
  return sent === undefined ? "" : text(brief(sent))
}

const text = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value))

const route = ({ method, path }: Request): string =>
  `${method} ${Wire.withoutToken(path).replace(/\?.*$/u, "")}`

/** Fields that say nothing about what happened, and those that nobody may read. */
const dull = new Set([
  "token",
  "avatar",
  "banner",
  "flags",
  "public_flags",
  "discriminator",
  "permissions",
  "app_permissions",
  "entitlements",
  "entitlement_sku_ids",
  "authorizing_integration_owners",
  "version",
  "locale",
  "guild_locale",
  "guild",
  "features",
  "emojis",
  "stickers",
  "roles",
  "application_id",
  "attachment_size_limit",
  "context",
  "member",
  "channel",
  "tts",
  "pinned",
  "mention_everyone",
  "mention_roles",
  "mentions",
  "nonce",
  "enforce_nonce",
  "allowed_mentions",
  "timestamp",
  "edited_timestamp",
])

const brief = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(brief)
  if (typeof value !== "object" || value === null) return value
  const kept: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(value)) {
    const who =
      name === "member" ? (field as { readonly user?: { readonly username?: string } }).user : undefined
    if (who?.username !== undefined) kept["by"] = who.username
    if (
      (name === "author" || name === "user") &&
      typeof field === "object" &&
      field !== null &&
      "username" in field
    )
      kept["by"] = field.username
    else if (!dull.has(name) && field !== null && !isEmpty(field)) kept[name] = brief(field)
  }
  return kept
}

const isEmpty = (value: unknown): boolean => Array.isArray(value) && value.length === 0
