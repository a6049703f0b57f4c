/**
 * A fault plan: which faults come, how often, and where. Seeded, so that the same plan over the same requests and
 * events does the same again.
 *
 * As text, for a command line or a page: rules, separated by `;` or line ends, each a kind, then in any order a
 * rate (`2%`), a span of milliseconds (`50..400ms`, `2s`) and what is meant (`name=value`):
 *
 * ```
 * seed=7; latency 50..400ms path=/channels/*; limited 2% scope=global; error 1% status=503; drop 0.5%; close 0.2% code=4009
 * ```
 *
 * Names: `times`, for requests `method`, `path`, for events `event`; `status` (error), `scope` and `bare` (limited),
 * `resumable` (invalid), `code` (close). `parse` refuses what a kind has no use for, so that a slip is no silence.
 *
 * @module
 */
import { Data, Either } from "effect"

/** What can be done to a request. */
export type RestKind =
  /** It takes longer: `millis`. */
  | "latency"
  /** 429 with Discord's headers: `scope`; `bare` leaves Retry-After and the headers of the bucket out. */
  | "limited"
  /** 429 as Cloudflare answers it: HTML. */
  | "cloudflare"
  /** `status` from 500 to 504, and not carried out. */
  | "error"
  /** No answer, for `millis` (default: until the fault ends); then it is carried out. */
  | "hang"
  /** Carried out, and the connection is reset in the middle of the answer. */
  | "reset"
  /** Carried out, and the connection is reset before any answer. */
  | "lost"
  /** Carried out, and the answer is no JSON. */
  | "malformed"
  /** Carried out, and the answer has 8 MiB of spaces before it. */
  | "oversized"

/** What can be done to a connection to the gateway, each time when an event is sent. */
export type GatewayKind =
  /** The socket drops without a closing handshake. */
  | "drop"
  /** Heartbeats go unanswered, and nothing arrives, for `millis` (default: until the connection ends). */
  | "zombie"
  /** Op 7. */
  | "reconnect"
  /** Op 9: `resumable`. */
  | "invalid"
  /** The gateway closes: `code`. */
  | "close"
  /** The event arrives twice, with the same number. */
  | "duplicate"
  /** The event takes `millis`; those after it wait. */
  | "delay"
  /** The event arrives after the next one, where Discord keeps no order: typing, presences, other channels. */
  | "reorder"
  /** A frame that is no JSON comes first. */
  | "garbage"
  /** An event of 4 MiB comes first. */
  | "huge"
  /** An event that nobody knows comes first. */
  | "unknown"
  /** Frames come in bursts, `millis` apart, as to a client that reads slowly. */
  | "slow"

export type Kind = RestKind | GatewayKind

export interface Rule {
  readonly kind: Kind
  /** Of the requests or events that are meant, how many: 0 to 1. Default 1. */
  readonly rate?: number
  /** At most so many times. Default: no limit. */
  readonly times?: number
  /** Of a request: `POST`. Default: any. */
  readonly method?: string
  /** Of a request, below the version; `*` stands for anything: `/channels/*`. Default: any. */
  readonly path?: string
  /** Of an event: `MESSAGE_CREATE`. Default: any. */
  readonly event?: string
  /** The least and the most. */
  readonly millis?: readonly [number, number]
  readonly status?: number
  readonly scope?: "user" | "global" | "shared"
  readonly bare?: boolean
  readonly resumable?: boolean
  readonly code?: number
}

export interface Plan {
  readonly seed: number
  readonly rules: ReadonlyArray<Rule>
}

/** A plan at work. */
export interface Running {
  readonly plan: Plan
  /** How often each kind was done so far: not what struck in vain, as where nothing passed what was to be reordered. */
  readonly counts: () => Readonly<Partial<Record<Kind, number>>>
  /** Takes the plan back: what hangs is carried out, what is delayed arrives. */
  readonly stop: () => void
}

/** The kinds that requests meet. */
export const restKinds: ReadonlyArray<RestKind> = [
  "latency",
  "limited",
  "cloudflare",
  "error",
  "hang",
  "reset",
  "lost",
  "malformed",
  "oversized",
]

/** The kinds that events meet. */
export const gatewayKinds: ReadonlyArray<GatewayKind> = [
  "drop",
  "zombie",
  "reconnect",
  "invalid",
  "close",
  "duplicate",
  "delay",
  "reorder",
  "garbage",
  "huge",
  "unknown",
  "slow",
]

/** Plans by name. None of them does what a bot cannot come back from. */
export const presets: Readonly<Record<string, string>> = {
  slow: "seed=1; latency 100..900ms; delay 20% 50..600ms; slow 1% 200..800ms",
  flaky:
    "seed=2; latency 20% 50..500ms; error 3% status=503; error 1% status=500; lost 1%; reset 1%; malformed 0.5%",
  limits:
    "seed=3; limited 4% scope=user; limited 1% scope=shared; limited 0.5% scope=global; limited 0.5% bare=true",
  reconnects:
    "seed=4; drop 2%; reconnect 2%; invalid 0.5% resumable=true; invalid 0.5% resumable=false; close 1% code=4000; close 0.5% code=4009",
  untidy: "seed=5; duplicate 3%; delay 5% 20..400ms; reorder 10%; garbage 1%; unknown 3%; huge 0.1%",
  storm:
    "seed=6; latency 30..300ms; error 2% status=502; limited 2% scope=user; lost 1%; reset 1%; hang 0.5% 500..3000ms; drop 1%; reconnect 1%; invalid 0.3% resumable=false; duplicate 2%; delay 5% 20..300ms; reorder 5%; garbage 0.5%; unknown 2%",
}

/** Reads a plan, or takes the preset of that name. Fails with the first thing that is wrong: where it is, and what would be accepted. */
export const parse = (text: string): Either.Either<Plan, PlanError> => {
  const preset = Object.entries(presets).find(([name]) => name === text.trim())
  if (preset !== undefined) return parse(preset[1])
  let seed: number | undefined
  const rules: Array<Rule> = []
  for (const item of pieces(text, /[^;\n\r]+/gu)) {
    const words = pieces(item.text, /\S+/gu).map(({ at, text }) => ({ at: item.at + at, text }))
    const [first, ...rest] = words
    if (first === undefined) continue
    if (first.text.startsWith("seed=")) {
      if (seed !== undefined) return refuse(first, "The seed is there twice", "one seed")
      const value = whole(first.text.slice(5), 0, 0xff_ff_ff_ff)
      if (value === undefined) return refuse(first, "This is no seed", "a whole number from 0 to 4294967295")
      if (rest[0] !== undefined) return refuse(rest[0], "After the seed comes a ;", "; or a line end")
      seed = value
      continue
    }
    const rule = readRule(first, rest)
    if (Either.isLeft(rule)) return Either.left(rule.left)
    rules.push(rule.right)
  }
  return Either.right({ seed: seed ?? 0, rules })
}

/** Writes a plan as text that `parse` reads as the same plan. */
export const print = ({ rules, seed }: Plan): string => [`seed=${seed}`, ...rules.map(printRule)].join("; ")

/** Writes one rule. */
export const printRule = (rule: Rule): string => {
  const { kind, millis, rate, ...named } = rule
  const words: Array<string> = [kind]
  if (rate !== undefined) words.push(percent(rate))
  if (millis !== undefined)
    words.push(millis[0] === millis[1] ? `${millis[0]}ms` : `${millis[0]}..${millis[1]}ms`)
  for (const [name, value] of Object.entries(named)) if (value !== undefined) words.push(`${name}=${value}`)
  return words.join(" ")
}

/** A plan's text says something that no plan can say. */
export class PlanError extends Data.TaggedError("PlanError")<{
  /** What is wrong. */
  readonly what: string
  /** The piece of the text that is wrong. */
  readonly piece: string
  /** Where it begins: the number of its first character, from 1. */
  readonly at: number
  /** What would be right in its place. */
  readonly accepted: string
}> {
  override get message() {
    return `${this.what}: ${this.piece} (character ${this.at}). Accepted: ${this.accepted}`
  }
}

interface Piece {
  readonly text: string
  /** From 0. */
  readonly at: number
}

const pieces = (text: string, pattern: RegExp): ReadonlyArray<Piece> =>
  [...text.matchAll(pattern)].map((found) => ({ text: found[0], at: found.index }))

const refuse = (piece: Piece, what: string, accepted: string): Either.Either<never, PlanError> =>
  Either.left(new PlanError({ what, piece: piece.text, at: piece.at + 1, accepted }))

const kinds: ReadonlyArray<Kind> = [...restKinds, ...gatewayKinds]
const isKind = (text: string): text is Kind => kinds.some((kind) => kind === text)

/** Whether a kind is one of requests. */
export const isRest = (kind: Kind): kind is RestKind => restKinds.some((one) => one === kind)

const timed: ReadonlyArray<Kind> = [
  "latency",
  "limited",
  "cloudflare",
  "hang",
  "zombie",
  "delay",
  "reorder",
  "slow",
]

const readRule = (first: Piece, rest: ReadonlyArray<Piece>): Either.Either<Rule, PlanError> => {
  const kind = first.text
  if (!isKind(kind)) {
    const alone = Object.entries(presets).find(([name]) => name === kind)?.[1]
    if (alone !== undefined)
      return refuse(first, "A preset stands alone", `it alone, or what it says: ${alone}`)
    const names = Object.keys(presets).join(", ")
    return refuse(first, "There is no such kind of fault", `${kinds.join(", ")}; or one of ${names} alone`)
  }
  const fields: Record<string, unknown> = {}
  for (const word of rest) {
    const read = readWord(kind, word)
    if (Either.isLeft(read)) return Either.left(read.left)
    const { name, value } = read.right
    if (name in fields) return refuse(word, `The rule has two of ${name}`, "one")
    fields[name] = value
  }
  return Either.right({ kind, ...fields })
}

interface Field {
  readonly name: string
  readonly value: unknown
}

const readWord = (kind: Kind, word: Piece): Either.Either<Field, PlanError> => {
  const { text } = word
  const rate = /^(\d+(?:\.\d+)?)(?:e([+-]?\d+))?%$/u.exec(text)
  if (rate !== null) {
    const value = Number(`${rate[1]}e${Number(rate[2] ?? 0) - 2}`)
    if (value > 1) return refuse(word, "A rate cannot be above 100%", "0% to 100%")
    return Either.right({ name: "rate", value })
  }
  const span = /^(\d+(?:\.\d+)?(?:e-\d+)?)(?:(ms|s|m)?\.\.(\d+(?:\.\d+)?(?:e-\d+)?))?(ms|s|m)$/u.exec(text)
  if (span !== null) {
    if (!timed.includes(kind)) return refuse(word, `${kind} takes no time`, names(kind))
    const unit = span[4] ?? "ms"
    const least = toMillis(span[1] ?? "", span[2] ?? unit)
    const most = span[3] === undefined ? least : toMillis(span[3], unit)
    if (most > longest) return refuse(word, "That is too long", "at most 24 hours (1440m)")
    if (least > most) return refuse(word, "The least is above the most", `${span[3]}..${span[1]}${unit}`)
    return Either.right({ name: "millis", value: [least, most] })
  }
  const equals = text.indexOf("=")
  const name = equals < 0 ? text : text.slice(0, equals)
  const field = fieldsOf(kind).find((one) => one.name === name)
  if (field === undefined) return refuse(word, `${kind} has no use for this`, names(kind))
  const value = equals < 0 ? undefined : field.read(text.slice(equals + 1))
  if (value === undefined) return refuse(word, `This is no ${name}`, `${name}=… with ${field.accepted}`)
  return Either.right({ name, value })
}

interface Reader {
  readonly name: string
  readonly of: (kind: Kind) => boolean
  /** `undefined` for what is not accepted. */
  readonly read: (text: string) => unknown
  readonly accepted: string
}

const only =
  (...wanted: ReadonlyArray<Kind>) =>
  (kind: Kind): boolean =>
    wanted.includes(kind)

const oneOf =
  (pattern: RegExp) =>
  (text: string): string | undefined =>
    pattern.test(text) ? text : undefined

const truth = (text: string): boolean | undefined =>
  text === "true" ? true : text === "false" ? false : undefined

const whole = (text: string, least: number, most: number): number | undefined => {
  const value = /^\d+$/u.test(text) ? Number(text) : -1
  return value >= least && value <= most ? value : undefined
}

const readers: ReadonlyArray<Reader> = [
  { name: "times", of: () => true, read: (text) => whole(text, 1, 1e9), accepted: "a whole number from 1" },
  {
    name: "method",
    of: isRest,
    read: oneOf(/^(?:GET|POST|PUT|PATCH|DELETE)$/u),
    accepted: "GET, POST, PUT, PATCH or DELETE",
  },
  {
    name: "path",
    of: isRest,
    read: oneOf(/^[/*]\S*$/u),
    accepted: "a path below the version, where * stands for anything: /channels/*",
  },
  {
    name: "event",
    of: (kind) => !isRest(kind),
    read: oneOf(/^[A-Z_]+$/u),
    accepted: "the name of a gateway event: MESSAGE_CREATE",
  },
  { name: "status", of: only("error"), read: (text) => whole(text, 500, 504), accepted: "500 to 504" },
  {
    name: "scope",
    of: only("limited"),
    read: oneOf(/^(?:user|global|shared)$/u),
    accepted: "user, global or shared",
  },
  { name: "bare", of: only("limited"), read: truth, accepted: "true or false" },
  { name: "resumable", of: only("invalid"), read: truth, accepted: "true or false" },
  { name: "code", of: only("close"), read: (text) => whole(text, 4000, 4014), accepted: "4000 to 4014" },
]

const fieldsOf = (kind: Kind): ReadonlyArray<Reader> => readers.filter((one) => one.of(kind))

const names = (kind: Kind): string =>
  [
    "a rate (2%)",
    ...(timed.includes(kind) ? ["a span (50..400ms)"] : []),
    ...fieldsOf(kind).map(({ name }) => `${name}=…`),
  ].join(", ")

/** A day: what is longer is a slip. */
const longest = 86_400_000

const toMillis = (text: string, unit: string): number => {
  if (unit !== "s") return unit === "m" ? Number(text) * 60_000 : Number(text)
  const [digits = "", exponent = "0"] = text.split("e")
  return Number(`${digits}e${Number(exponent) + 3}`)
}

/** Exact: the digits stay, only their exponent moves. */
const percent = (rate: number): string => {
  const [digits = "0", exponent = "0"] = String(rate).split("e")
  const moved = `${digits}e${Number(exponent) + 2}`
  const short = String(Number(moved))
  return !short.includes("e") && Number(`${short}e-2`) === rate ? `${short}%` : `${moved}%`
}
