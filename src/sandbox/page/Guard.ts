/**
 * Who may talk to the page's server: the page itself, in a browser on this machine, and programs on it.
 *
 * - A name that was made to point here by somebody's DNS is refused by its `Host`.
 * - Another site's page is refused by `Origin` and `Sec-Fetch-Site`, which browsers set and scripts cannot.
 * - What changes something must be JSON and carry a header of the page's own, which no form and no other site's
 *   script can send without asking first; nobody is ever told that they may.
 *
 * @module
 */
import type { IncomingHttpHeaders } from "node:http"

/** A refusal: status and sentence. */
export interface Refusal {
  readonly status: number
  readonly error: string
}

/** Whether the request names this machine. */
export const isLoopback = (host: string | undefined): boolean =>
  host !== undefined && /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/iu.test(host)

/** Why a request is refused; `undefined` where it is let in. `document` is one that a link may lead to. */
export const refuse = (
  headers: IncomingHttpHeaders,
  kind: "document" | "read" | "change",
): Refusal | undefined => {
  const { host, origin } = headers
  if (!isLoopback(host)) return { status: 421, error: "The sandbox answers to 127.0.0.1 and localhost only." }
  if (kind === "document") return undefined
  if (origin !== undefined && origin.toLowerCase() !== `http://${String(host).toLowerCase()}`)
    return { status: 403, error: "Another site may not talk to the sandbox." }
  const site = headers["sec-fetch-site"]
  if (site !== undefined && site !== "same-origin" && site !== "none")
    return { status: 403, error: "Another site may not talk to the sandbox." }
  if (kind === "read") return undefined
  if (site === "none") return { status: 403, error: "Only the page itself may change something." }
  if (!/^application\/json\s*(?:;|$)/iu.test(headers["content-type"] ?? ""))
    return { status: 415, error: "What changes something has the content type application/json." }
  if (headers["x-sandbox-page"] !== "1")
    return { status: 403, error: "What changes something has the header x-sandbox-page: 1." }
  return undefined
}
