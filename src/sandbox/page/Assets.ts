/**
 * The page itself: a document, a script, a style sheet and an icon. Nothing of it comes from anywhere else, and its
 * policy lets nothing else in.
 *
 * Script and style sheet are what the build made of `browser/`; they are read from disk at the first request.
 *
 * @module
 */
import { createHash } from "node:crypto"
import { readFile } from "node:fs/promises"
import { Data, Effect } from "effect"
import type * as Protocol from "./Protocol.js"

/** One file as it is served. */
export interface Asset {
  readonly type: string
  readonly body: Uint8Array
  readonly etag: string
}

/** Names below `/` that are read from disk. */
const built: Readonly<Record<string, string>> = {
  "/Chat.page.js": "text/javascript; charset=utf-8",
  "/Chat.page.css": "text/css; charset=utf-8",
  "/Chat.page.js.map": "application/json; charset=utf-8",
  "/Chat.page.css.map": "application/json; charset=utf-8",
}

/** Beside a bundle, in the library, and where sources are run: where a built file may stand. */
const places = (name: string): ReadonlyArray<URL> =>
  [`.${name}`, `./browser${name}`, `../../../dist/bin${name}`].map((path) => new URL(path, import.meta.url))

/** The page was not built. */
export class NotBuilt extends Data.TaggedError("NotBuilt")<{ readonly name: string }> {
  override get message() {
    return `The page is not built: ${this.name} is missing. Run "npm run build" and reload.`
  }
}

/** Whether a path is one of an asset's. */
export const has = (path: string): boolean =>
  path === "/" || path === "/favicon.svg" || Object.hasOwn(built, path)

export interface Assets {
  readonly get: (path: string) => Effect.Effect<Asset, NotBuilt>
}

/** What is read once is kept; what is missing is looked for again at the next request. */
export const make = (): Assets => {
  const kept = new Map<string, Asset>([
    ["/", asset("text/html; charset=utf-8", document)],
    ["/favicon.svg", asset("image/svg+xml", icon)],
  ])
  return {
    get: (path) =>
      Effect.suspend(() => {
        const known = kept.get(path)
        if (known !== undefined) return Effect.succeed(known)
        return read(path).pipe(
          Effect.map((bytes) => asset(built[path] ?? "application/octet-stream", bytes)),
          Effect.tap((found) => Effect.sync(() => kept.set(path, found))),
        )
      }),
  }
}

const read = (path: string): Effect.Effect<Uint8Array, NotBuilt> =>
  Effect.firstSuccessOf(
    places(path).map((url) =>
      Effect.tryPromise({ try: () => readFile(url), catch: () => new NotBuilt({ name: path.slice(1) }) }),
    ),
  )

const asset = (type: string, content: string | Uint8Array): Asset => {
  const body = typeof content === "string" ? Buffer.from(content) : content
  return { type, body, etag: `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"` }
}

/** The headers of everything that the page's server answers. */
export const headers = (panels: ReadonlyArray<Protocol.Panel>): Readonly<Record<string, string>> => {
  const frames = [...new Set(panels.flatMap(({ url }) => (URL.canParse(url) ? [new URL(url).origin] : [])))]
  return {
    "cache-control": "no-cache",
    "content-security-policy": [
      "default-src 'self'",
      "img-src 'self' data: blob:",
      "media-src 'self' blob:",
      "style-src 'self' 'unsafe-inline'",
      `frame-src ${frames.length === 0 ? "'none'" : frames.join(" ")}`,
      "frame-ancestors 'none'",
      "object-src 'none'",
      "base-uri 'none'",
      "form-action 'none'",
    ].join("; "),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
  }
}

const document = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>Sandbox</title>
    <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
    <link rel="stylesheet" href="/Chat.page.css" />
    <script type="module" src="/Chat.page.js"></script>
  </head>
  <body>
    <div id="page"></div>
    <noscript>The sandbox's page is a program: it needs JavaScript.</noscript>
  </body>
</html>
`

const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#2e86c1"/><path d="M7 9h18v11H15l-5 5v-5H7z" fill="#fff"/></svg>
`
