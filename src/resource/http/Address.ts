/**
 * Where a call goes: never anywhere but below its upstream's base URL.
 *
 * A path may have been made of what a user typed. Whatever a server or a proxy could read as another host or as a
 * step upwards is refused: `//host`, backslashes, `.` and `..` in any encoding, `?`, `#` and control characters.
 *
 * @module
 */
import { Data, Either } from "effect"

/** A checked base URL. */
export interface Base {
  readonly origin: string
  /** Without a slash at its end. */
  readonly path: string
}

/** Reads a base URL; the sentence says what is wrong with one that cannot be used. */
export const base = (baseUrl: string): Either.Either<Base, string> => {
  if (!URL.canParse(baseUrl)) return Either.left("it is not a URL")
  const url = new URL(baseUrl)
  if (url.protocol !== "https:" && url.protocol !== "http:")
    return Either.left("it must begin with https:// or http://")
  if (url.username !== "" || url.password !== "") return Either.left("credentials belong into `headers`")
  if (url.search !== "" || url.hash !== "") return Either.left("it must end with its path")
  return Either.right({ origin: url.origin, path: url.pathname.replace(/\/+$/u, "") })
}

/** The URL of a path with its query; the sentence says why there is none. */
export const within = (
  { origin, path: start }: Base,
  path: string,
  query: Readonly<Record<string, string>> = {},
): Either.Either<URL, string> => {
  if (!path.startsWith("/")) return Either.left("the path does not begin with /")
  if (path.startsWith("//") || /[\\?#\s\p{Cc}]/u.test(path))
    return Either.left("the path has a character that it may not have")
  const plain = path.replace(/%2e/giu, ".").replace(/%2f|%5c/giu, "/")
  if (plain.split("/").some((segment) => segment === "." || segment === ".."))
    return Either.left("the path leaves the base URL")
  const text = `${origin}${start}${path}`
  if (!URL.canParse(text)) return Either.left("the path is not one of a URL")
  const url = new URL(text)
  if (url.origin !== origin || !url.pathname.startsWith(`${start}/`))
    return Either.left("the path leaves the base URL")
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
  return Either.right(url)
}

/** Where a redirect leads: undefined where that is another origin. */
export const redirected = (from: URL, location: string): URL | undefined => {
  if (!URL.canParse(location, from.href)) return undefined
  const url = new URL(location, from)
  url.hash = ""
  return url.origin === from.origin && url.username === "" && url.password === "" ? url : undefined
}

/** A base URL that cannot be used: a mistake in the configuration. */
export class InvalidUpstream extends Data.TaggedError("InvalidUpstream")<{
  readonly upstream: string
  readonly reason: string
}> {
  override get message() {
    return `The base URL of ${this.upstream} cannot be used: ${this.reason}`
  }
}
