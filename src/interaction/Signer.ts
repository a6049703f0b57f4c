/**
 * Signs what leaves the bot and comes back through other people's hands: custom ids.
 *
 * HMAC-SHA256, cut to 72 bits, which are 12 characters of the 100 that a custom id has. A forger has no oracle
 * but the bot itself: each guess is a press that Discord carries. At 10,000 presses a second a hit takes some
 * 7 thousand million years.
 *
 * There may be several secrets: the first signs, all verify. So a secret is replaced by putting the new one in
 * front, and the former is taken away when nothing that it signed is in use any more. What is kept is a key
 * derived from each, so that the same secret can serve other purposes.
 *
 * Failure modes: a secret in a file is read, and made where there is none, at first use. A file that cannot be
 * read or written, or that others on the machine may read, is refused with `SecretUnusable`. Losing the secret
 * means that everything signed so far is no longer recognised.
 *
 * @module
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto"
import {
  closeSync,
  fstatSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { Context, Data, Effect, Either, Layer, Predicate, Redacted } from "effect"

export interface Signer {
  /** Reads the secret, so that a bot that cannot sign says so when it starts. Does nothing the second time. */
  readonly load: Effect.Effect<void, SecretUnusable>
  /** `TAG_LENGTH` URL-safe characters. Throws `SecretUnusable` where `load` would fail. */
  readonly sign: (text: string) => string
  /** Whether one of the secrets signed this text so. Throws as `sign` does. */
  readonly verify: (text: string, tag: string) => boolean
}

export const Signer = Context.GenericTag<Signer>("bosun/interaction/Signer")

/** Bytes of the HMAC that are kept: 72 bits, a whole number of characters. */
const TAG_BYTES = 9

/** How many characters a signature has. */
export const TAG_LENGTH = 12

/** One secret or more: the first signs, the others are former ones that are still accepted. */
export type Secrets = readonly [Redacted.Redacted, ...ReadonlyArray<Redacted.Redacted>]

/** With secrets from elsewhere. */
export const make = (secrets: Secrets): Signer => over(() => secrets)

/** With the secret in `secret` under this directory, made there at first use, for the bot's own user only. */
export const makeFile = (directory: string): Signer => over(() => fromFile(directory))

/** With a secret of its own that nobody keeps: what it signs does not outlive it. */
export const makeRandom = (): Signer => {
  const secret = Redacted.make(fresh())
  return over(() => [secret])
}

export const layer = (secrets: Secrets): Layer.Layer<Signer> => Layer.sync(Signer, () => make(secrets))

export const layerFile = (directory: string): Layer.Layer<Signer> =>
  Layer.sync(Signer, () => makeFile(directory))

export const layerRandom: Layer.Layer<Signer> = Layer.sync(Signer, makeRandom)

// Keys stay in this closure: nothing that is printed or inspected reaches them.
const over = (secrets: () => Secrets): Signer => {
  let known: readonly [Buffer, ...ReadonlyArray<Buffer>] | undefined
  const keys = () => {
    if (known === undefined) {
      const [first, ...former] = secrets()
      known = [keyOf(first), ...former.map(keyOf)]
    }
    return known
  }
  return {
    load: Effect.try({ try: () => void keys(), catch: unusable }),
    sign: (text) => tagOf(keys()[0], text).toString("base64url"),
    verify: (text, tag) => {
      const given = Buffer.from(tag, "base64url")
      return given.length === TAG_BYTES && keys().some((key) => timingSafeEqual(tagOf(key, text), given))
    },
  }
}

const keyOf = (secret: Redacted.Redacted): Buffer =>
  createHmac("sha256", Redacted.value(secret)).update("bosun custom ids").digest()

const tagOf = (key: Buffer, text: string): Buffer =>
  createHmac("sha256", key).update(text).digest().subarray(0, TAG_BYTES)

// ---------------------------------------------------------------------------------------------------------
// Secrets
// ---------------------------------------------------------------------------------------------------------

const SHORTEST = 16

/** What `parse` takes, in words. */
export const ACCEPTED = `one or more secrets of at least ${SHORTEST} characters, separated by commas: the first signs, the others are still accepted`

/** Reads `new,former`. Left is what is wrong with it, without the secret. */
export const parse = (text: string): Either.Either<Secrets, string> => {
  const [first = "", ...former] = text.split(",").map((secret) => secret.trim())
  for (const secret of [first, ...former]) {
    if (secret === "") return Either.left("has nothing in it before, between or after its commas")
    if (secret.length < SHORTEST) return Either.left(`has a secret of ${secret.length} characters`)
  }
  return Either.right([Redacted.make(first), ...former.map((secret) => Redacted.make(secret))])
}

const fresh = (): string => randomBytes(32).toString("base64url")

/** By synchronous calls: they are few, happen once, and a press is looked up without a fiber. */
const fromFile = (directory: string): Secrets => {
  const path = join(directory, "secret")
  const text = attempt(path, () => read(path) ?? create(directory, path))
  return Either.getOrThrowWith(parse(text), (reason) => new SecretUnusable({ path, reason }))
}

/** Undefined where there is no such file. */
const read = (path: string): string | undefined => {
  let file: number
  try {
    file = openSync(path, "r")
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined
    throw error
  }
  try {
    const { mode } = fstatSync(file)
    // Windows has no such bits.
    if (process.platform !== "win32" && (mode & 0o077) !== 0) {
      throw new SecretUnusable({
        path,
        reason: `is open to others on this machine (mode ${(mode & 0o777).toString(8)}): chmod 600 it, or better delete it, since they may have read it`,
      })
    }
    return readFileSync(file, "utf8")
  } finally {
    closeSync(file)
  }
}

/** Two processes that start together end up with one secret: the file appears whole, and once. */
const create = (directory: string, path: string): string => {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const draft = `${path}.${randomBytes(6).toString("hex")}`
  try {
    writeFileSync(draft, `${fresh()}\n`, { mode: 0o600, flag: "wx", flush: true })
    linkSync(draft, path)
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error
  } finally {
    rmSync(draft, { force: true })
  }
  return read(path) ?? ""
}

const attempt = <A>(path: string, run: () => A): A => {
  try {
    return run()
  } catch (error) {
    if (error instanceof SecretUnusable) throw error
    throw new SecretUnusable({ path, reason: `could not be read or made (${codeOf(error)})` })
  }
}

const codeOf = (error: unknown): string =>
  Predicate.hasProperty(error, "code") ? String(error.code) : "unknown"

const unusable = (error: unknown): SecretUnusable =>
  error instanceof SecretUnusable ? error : new SecretUnusable({ path: "", reason: String(error) })

// ---------------------------------------------------------------------------------------------------------
// Errors
// ---------------------------------------------------------------------------------------------------------

/** The file with the secret cannot be used. */
export class SecretUnusable extends Data.TaggedError("SecretUnusable")<{
  readonly path: string
  readonly reason: string
}> {
  override get message() {
    return `The secret ${this.path} ${this.reason}. It signs buttons and forms; BOSUN_SECRET can take its place`
  }
}
