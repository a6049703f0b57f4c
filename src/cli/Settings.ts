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
  /** Default `info`. */
  readonly logLevel: LogLevel.LogLevel
  /** Undefined means `pretty` on a terminal, else `json`. */
  readonly logFormat: "pretty" | "json" | undefined
  /** Whether `NODE_ENV` is `production`. */
  readonly production: boolean
}

/** Variables by name, as in `process.env`. */
export type Variables = Readonly<Record<string, string | undefined>>

/** Reads the settings. Fails with every bad variable, not just the first. */
export const read = (variables: Variables): Effect.Effect<Settings, InvalidSettings> =>
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
    const settings: Settings = {
      token: get<Settings["token"]>("DISCORD_TOKEN", undefined, token),
      apiUrl: get<Settings["apiUrl"]>("DISCORD_API_URL", undefined, apiUrl),
      prefix: get("BOSUN_PREFIX", "!", prefix, true),
      grace: get<Duration.Duration>("BOSUN_GRACE", Duration.seconds(25), grace),
      secrets: get<Settings["secrets"]>("BOSUN_SECRET", undefined, secrets),
      data: get("BOSUN_DATA", "./data", data),
      logLevel: get<LogLevel.LogLevel>("LOG_LEVEL", LogLevel.Info, logLevel),
      logFormat: get<Settings["logFormat"]>("LOG_FORMAT", undefined, logFormat),
      production: variables["NODE_ENV"]?.trim().toLowerCase() === "production",
    }
    return problems.length === 0 ? Effect.succeed(settings) : Effect.fail(new InvalidSettings({ problems }))
  })

/** Reads `.env` in the working directory into the environment, if it is there, and then the settings. */
export const load: Effect.Effect<Settings, InvalidSettings> = Effect.try({
  try: () => process.loadEnvFile(),
  catch: (cause) => new Unreadable({ code: (cause as NodeJS.ErrnoException).code }),
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
  Effect.zipRight(Effect.suspend(() => read(process.env))),
)

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
