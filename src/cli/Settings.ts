/**
 * What the environment says: every variable that the binary reads, checked before anything starts.
 *
 * A `.env` file in the working directory is read first; what is set already wins over it. A variable that is
 * set to nothing counts as left out, except `BOSUN_PREFIX`, where that could mean something. Each bad value is
 * one line that names the variable, what is wrong, and what is accepted; a token or secret is never
 * repeated.
 *
 * @module
 */
import { Data, Duration, Effect, Either, LogLevel, Option, Redacted } from "effect"
import * as Signer from "../interaction/Signer.js"
import * as Database from "../resource/Database.js"

export interface Settings {
  /** Undefined means the sandbox. */
  readonly token: Redacted.Redacted | undefined
  /** `DISCORD_API_URL`, without a slash at the end; undefined means Discord's own. */
  readonly apiUrl: string | undefined
  /** What prefix messages start with. Default `!`. */
  readonly prefix: string
  /** How long running commands may go on when the bot is asked to stop. Default 25 seconds. */
  readonly grace: Duration.Duration
  /** `BOSUN_SECRET`: what signs custom ids, and former ones. Undefined means a file under `data`. */
  readonly secrets: Signer.Secrets | undefined
  /** `BOSUN_DATA`: where the bot keeps files of its own. Default `./data`. */
  readonly data: string
  /** `DATABASE_URL`; undefined means a file under `data`. It may have a password in it. */
  readonly databaseUrl: Redacted.Redacted | undefined
  /** `BOSUN_OPS_HOST`, `BOSUN_OPS_PORT`, `BOSUN_OPS_TOKEN`: the operator's port; undefined, without a port, means none. */
  readonly ops:
    | { readonly host: string; readonly port: number; readonly token: Redacted.Redacted | undefined }
    | undefined
  /** `BOSUN_STATSD`: where metrics are sent by UDP. */
  readonly statsd: { readonly host: string; readonly port: number } | undefined
  /** `BOSUN_OTLP_URL`: where metrics and traces are sent by OTLP. */
  readonly otlpUrl: string | undefined
  /** `BOSUN_TRACE_RATIO`: which part of the interactions is traced, 0 to 1. Default 0. */
  readonly traceRatio: number
  /** `BOSUN_IPV4_ONLY`: whether other services than Discord are called by IPv4 alone. Default false. */
  readonly ipv4Only: boolean
  /** Default `info`, and in the sandbox, where somebody looks at the terminal, `warning`. */
  readonly logLevel: LogLevel.LogLevel
  /** Undefined means `pretty` on a terminal, else `json`. */
  readonly logFormat: "pretty" | "json" | undefined
  /** Whether `NODE_ENV` is `production`. */
  readonly production: boolean
}

/** All variables that are read here, except `NODE_ENV`, which others set. */
export const names: ReadonlyArray<string> = [
  "DISCORD_TOKEN",
  "DISCORD_API_URL",
  "BOSUN_PREFIX",
  "BOSUN_GRACE",
  "BOSUN_SECRET",
  "BOSUN_DATA",
  "DATABASE_URL",
  "BOSUN_OPS_HOST",
  "BOSUN_OPS_PORT",
  "BOSUN_OPS_TOKEN",
  "BOSUN_STATSD",
  "BOSUN_OTLP_URL",
  "BOSUN_TRACE_RATIO",
  "BOSUN_IPV4_ONLY",
  "LOG_LEVEL",
  "LOG_FORMAT",
]

/** Variables by name, as in `process.env`. */
export type Variables = Readonly<Record<string, string | undefined>>

/** What is wrong with variables that the bot's own features read: one line each, without repeating a secret. */
export type Own = (variables: Variables) => ReadonlyArray<string>

const none: Own = () => []

/** Reads the settings. Fails with every bad variable, not just the first. */
export const read = (variables: Variables, own: Own = none): Effect.Effect<Settings, InvalidSettings> =>
  Effect.suspend(() => {
    const problems: Array<string> = []
    const get = <A>(name: string, fallback: A, parse: (text: string) => A | Wrong, keepEmpty = false): A => {
      const text = variables[name]
      if (text === undefined || (text === "" && !keepEmpty)) return fallback
      const value = parse(text)
      if (!(value instanceof Wrong)) return value
      problems.push(`${name} ${value.what}. Accepted: ${value.accepted}`)
      return fallback
    }
    const opsHost = get("BOSUN_OPS_HOST", "127.0.0.1", opsHostOf)
    const opsPort = get<number | undefined>("BOSUN_OPS_PORT", undefined, port)
    const opsToken = get<Redacted.Redacted | undefined>("BOSUN_OPS_TOKEN", undefined, opsTokenOf)
    const discordToken = get<Settings["token"]>("DISCORD_TOKEN", undefined, token)
    const settings: Settings = {
      token: discordToken,
      apiUrl: get<Settings["apiUrl"]>("DISCORD_API_URL", undefined, apiUrl),
      prefix: get("BOSUN_PREFIX", "!", prefix, true),
      grace: get<Duration.Duration>("BOSUN_GRACE", Duration.seconds(25), grace),
      secrets: get<Settings["secrets"]>("BOSUN_SECRET", undefined, secrets),
      data: get("BOSUN_DATA", "./data", data),
      databaseUrl: get<Settings["databaseUrl"]>("DATABASE_URL", undefined, databaseUrl),
      ops: opsPort === undefined ? undefined : { host: opsHost, port: opsPort, token: opsToken },
      statsd: get<Settings["statsd"]>("BOSUN_STATSD", undefined, statsd),
      otlpUrl: get<Settings["otlpUrl"]>("BOSUN_OTLP_URL", undefined, otlpUrl),
      traceRatio: get("BOSUN_TRACE_RATIO", 0, traceRatio),
      ipv4Only: get("BOSUN_IPV4_ONLY", false, yesOrNo),
      logLevel: get<LogLevel.LogLevel>(
        "LOG_LEVEL",
        discordToken === undefined ? LogLevel.Warning : LogLevel.Info,
        logLevel,
      ),
      logFormat: get<Settings["logFormat"]>("LOG_FORMAT", undefined, logFormat),
      production: variables["NODE_ENV"]?.trim().toLowerCase() === "production",
    }
    if (settings.traceRatio > 0 && settings.otlpUrl === undefined)
      problems.push("BOSUN_TRACE_RATIO needs BOSUN_OTLP_URL, where the traces go. Accepted: both, or 0")
    problems.push(...own(variables))
    return problems.length === 0 ? Effect.succeed(settings) : Effect.fail(new InvalidSettings({ problems }))
  })

/** Reads `.env` in the working directory into the environment, if it is there, and then the settings. */
export const load = (own?: Own): Effect.Effect<Settings, InvalidSettings> =>
  Effect.zipRight(
    dotenv,
    Effect.suspend(() => read(process.env, own)),
  )

const dotenv: Effect.Effect<void, InvalidSettings> = Effect.try({
  try: () => process.loadEnvFile(),
  catch: (cause) => new Unreadable({ code: codeOf(cause as NodeJS.ErrnoException) }),
}).pipe(
  Effect.catchIf(
    (error) => error.code === "ENOENT",
    () => Effect.void,
  ),
  Effect.mapError(
    (error) =>
      new InvalidSettings({
        problems: [
          `.env could not be read (${error.code ?? "unknown"}). Accepted: a text file of NAME=value lines, or none`,
        ],
      }),
  ),
)

/** Node 20 tells of a directory as of a wrong argument. */
const codeOf = ({ code }: NodeJS.ErrnoException) =>
  code === "ERR_INVALID_ARG_TYPE" ? "EISDIR: it is a directory" : code

class Unreadable extends Data.TaggedError("Unreadable")<{ readonly code: string | undefined }> {}

/** One or more variables have values that cannot be used. */
export class InvalidSettings extends Data.TaggedError("InvalidSettings")<{
  /** One line for each variable. */
  readonly problems: ReadonlyArray<string>
}> {
  override get message() {
    return this.problems.join("\n")
  }
}

// ---------------------------------------------------------------------------------------------------------
// One variable each
// ---------------------------------------------------------------------------------------------------------

class Wrong {
  constructor(
    readonly what: string,
    readonly accepted: string,
  ) {}
}

const shown = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)

/** A token as people paste it: white space, quotes and a leading `Bot ` are taken off. */
const token = (text: string): Redacted.Redacted | Wrong => {
  const accepted =
    "a bot's token in one piece (Discord's developer page: Applications → your app → Bot → Reset Token); leave it out for the sandbox"
  let bare = text.trim()
  for (let before = ""; before !== bare;) {
    before = bare
    bare = bare
      .replace(/^(["'`])(.*)\1$/su, "$2")
      .replace(/^Bot(\s+|$)/iu, "")
      .trim()
  }
  if (bare === "") return new Wrong("has nothing in it but white space, quotes or “Bot”", accepted)
  if (/\s/u.test(bare)) return new Wrong("has white space inside", accepted)
  // It goes into a header, which takes these characters only.
  if (/[^\u0021-\u007e]/u.test(bare)) return new Wrong("has characters that no token has", accepted)
  return Redacted.make(bare)
}

const apiUrl = (text: string): string | Wrong => {
  const accepted = "an http:// or https:// URL without the version, such as https://discord.com/api"
  const trimmed = text.trim()
  if (!URL.canParse(trimmed)) return new Wrong("is not a URL", accepted)
  const url = new URL(trimmed)
  // The URL itself is not repeated here: what is in front of the @ may be a password.
  if (url.username !== "" || url.password !== "") return new Wrong("has a user or password in it", accepted)
  if (url.protocol !== "http:" && url.protocol !== "https:")
    return new Wrong(`starts with ${url.protocol}`, accepted)
  if (url.search !== "" || url.hash !== "") return new Wrong("has a query or fragment", accepted)
  const path = url.pathname.replace(/\/+$/u, "")
  if (/\/v\d+$/u.test(path)) return new Wrong("ends with a version", accepted)
  return `${url.origin}${path}`
}

/** Long enough for a word, short enough for a typing error to be seen. */
const PREFIX = 10

const prefix = (text: string): string | Wrong => {
  const accepted = `1 to ${PREFIX} characters without white space or quotes, not starting with /`
  if (text === "") return new Wrong("is empty", accepted)
  return text.length > PREFIX || /[\s"'`]/u.test(text) || text.startsWith("/")
    ? new Wrong(`is ${shown(text)}`, accepted)
    : text
}

/** Service managers kill what takes longer. */
const LONGEST_GRACE = Duration.minutes(10)

const grace = (text: string): Duration.Duration | Wrong => {
  const decoded = Duration.decodeUnknown(text.trim())
  return Option.isSome(decoded) && Duration.lessThanOrEqualTo(decoded.value, LONGEST_GRACE)
    ? decoded.value
    : new Wrong(`is ${shown(text)}`, `a time of at most 10 minutes with its unit, such as "25 seconds"`)
}

/** Not repeated, whatever is wrong with it. */
const secrets = (text: string): Signer.Secrets | Wrong =>
  Either.getOrElse(Signer.parse(text), (reason) => new Wrong(reason, Signer.ACCEPTED))

const data = (text: string): string | Wrong =>
  text.trim() === "" ? new Wrong("has nothing in it but white space", "the path of a directory") : text.trim()

const databaseUrl = (text: string): Redacted.Redacted | Wrong =>
  // The text is not repeated: a password may be in it.
  Either.match(Database.parseUrl(text.trim()), {
    onLeft: (reason) => new Wrong(reason, Database.ACCEPTED),
    onRight: () => Redacted.make(text.trim()),
  })

const HIGHEST_PORT = 65_535

const port = (text: string): number | Wrong =>
  /^\d{1,5}$/u.test(text.trim()) && Number(text) <= HIGHEST_PORT
    ? Number(text)
    : new Wrong(`is ${shown(text)}`, `a whole number from 0 (any free port) to ${HIGHEST_PORT}`)

const opsHostOf = (text: string): string | Wrong =>
  /^[\w.:-]+$/u.test(text.trim())
    ? text.trim()
    : new Wrong(`is ${shown(text)}`, "an address of this machine, such as 127.0.0.1 or 0.0.0.0")

/** Long enough not to be guessed. */
const SHORTEST_TOKEN = 16

const opsTokenOf = (text: string): Redacted.Redacted | Wrong =>
  /^[\u0021-\u007e]+$/u.test(text.trim()) && text.trim().length >= SHORTEST_TOKEN
    ? Redacted.make(text.trim())
    : new Wrong("is not long enough, or has white space in it", `${SHORTEST_TOKEN} characters or more`)

const statsd = (text: string): Settings["statsd"] | Wrong => {
  const [, host, number] = /^\[?([\w.:-]+?)\]?:(\d{1,5})$/u.exec(text.trim()) ?? []
  return host === undefined || number === undefined || Number(number) === 0 || Number(number) > HIGHEST_PORT
    ? new Wrong(`is ${shown(text)}`, "a host and a port, such as 127.0.0.1:8125")
    : { host, port: Number(number) }
}

const otlpUrl = (text: string): string | Wrong => {
  const accepted = "an http:// or https:// URL, such as http://127.0.0.1:4318"
  if (!URL.canParse(text.trim())) return new Wrong("is not a URL", accepted)
  const { password, protocol, username } = new URL(text.trim())
  if (username !== "" || password !== "") return new Wrong("has a user or password in it", accepted)
  return protocol === "http:" || protocol === "https:"
    ? text.trim().replace(/\/+$/u, "")
    : new Wrong(`starts with ${protocol}`, accepted)
}

const traceRatio = (text: string): number | Wrong => {
  const ratio = Number(text)
  return text.trim() !== "" && ratio >= 0 && ratio <= 1
    ? ratio
    : new Wrong(`is ${shown(text)}`, "a number from 0 (none) to 1 (all)")
}

const yesOrNo = (text: string): boolean | Wrong => {
  const word = text.trim().toLowerCase()
  if (["true", "yes", "1", "on"].includes(word)) return true
  if (["false", "no", "0", "off"].includes(word)) return false
  return new Wrong(`is ${shown(text)}`, "true, false")
}

const levels: Readonly<Record<string, LogLevel.LogLevel>> = {
  all: LogLevel.All,
  trace: LogLevel.Trace,
  debug: LogLevel.Debug,
  info: LogLevel.Info,
  warning: LogLevel.Warning,
  warn: LogLevel.Warning,
  error: LogLevel.Error,
  fatal: LogLevel.Fatal,
  none: LogLevel.None,
}

const logLevel = (text: string): LogLevel.LogLevel | Wrong => {
  const name = text.trim().toLowerCase()
  return Object.hasOwn(levels, name)
    ? (levels[name] ?? LogLevel.Info)
    : new Wrong(`is ${shown(text)}`, "all, trace, debug, info, warning, error, fatal, none")
}

const logFormat = (text: string): "pretty" | "json" | Wrong => {
  const name = text.trim().toLowerCase()
  return name === "pretty" || name === "json" ? name : new Wrong(`is ${shown(text)}`, "pretty, json")
}
