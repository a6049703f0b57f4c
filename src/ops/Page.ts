/**
 * The operator's page: the roster in a browser, live, with a button to end what runs.
 *
 * It is a page, a script and a style sheet, which ask `/roster` as any client would; nothing comes from elsewhere.
 * Other pages may show it within themselves where the port is told their origins. The token for what changes
 * something is typed into the page, or comes after `#token=` in its address, which browsers send to nobody.
 *
 * @module
 */
import { readFile } from "node:fs/promises"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { Effect, Option } from "effect"

/** The paths that it is made of. */
export const PATH = /^\/(|Roster\.page\.js|Roster\.page\.css)$/u

/** Answers one of its paths. `embedders` are the origins whose pages may show it: `http://127.0.0.1:4000`. */
export const answer = (
  name: string,
  embedders: ReadonlyArray<string>,
): Effect.Effect<HttpServerResponse.HttpServerResponse> => {
  const headers = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "content-security-policy": [
      "default-src 'self'",
      "img-src data:",
      "object-src 'none'",
      "base-uri 'none'",
      "form-action 'none'",
      `frame-ancestors ${embedders.length === 0 ? "'none'" : embedders.join(" ")}`,
    ].join("; "),
  }
  if (name === "") {
    return Effect.succeed(HttpServerResponse.text(html, { contentType: "text/html; charset=utf-8", headers }))
  }
  const contentType = name.endsWith(".js") ? "text/javascript; charset=utf-8" : "text/css; charset=utf-8"
  return Effect.map(asset(name), (text) =>
    text === undefined
      ? HttpServerResponse.text(`${name} was not built: run npm run build\n`, { status: 500, headers })
      : HttpServerResponse.text(text, { contentType, headers }),
  )
}

/** Beside the bundle, in the library, or where the build left it for the sources. */
const places = ["./", "./browser/", "../../dist/bin/"]

const asset = (name: string): Effect.Effect<string | undefined> =>
  Effect.firstSuccessOf(
    places.map((place) =>
      Effect.tryPromise(() => readFile(new URL(`${place}${name}`, import.meta.url), "utf8")),
    ),
  ).pipe(Effect.option, Effect.map(Option.getOrUndefined))

const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Roster</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/Roster.page.css">
<script type="module" src="/Roster.page.js"></script>
<main id="roster" aria-live="off"></main>
</html>
`
