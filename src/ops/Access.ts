/**
 * Who may ask the operator's port, and for what.
 *
 * Any process on the machine reaches a port on the loopback, and so does any web page that a browser on it shows:
 * a page whose name is made to point here would even be allowed to read the answers. So on the loopback only the
 * loopback's own names are served. What changes something needs the token.
 *
 * @module
 */
import { createHash, timingSafeEqual } from "node:crypto"
import { isIP } from "node:net"
import { Redacted } from "effect"

/** Why a request is refused. */
export interface Refusal {
  readonly status: 401 | 403
  readonly error: string
}

export interface Access {
  /** Whether the port is only reached from this machine. */
  readonly local: boolean
  /** By the header `Host`. */
  readonly place: (host: string | undefined) => Refusal | undefined
  /** By the header `Authorization`. */
  readonly token: (authorization: string | undefined) => Refusal | undefined
}

/** `host` is what the port is bound to. */
export const make = (host: string, token: Redacted.Redacted | undefined): Access => {
  const local = isLoopback(host)
  const expected = token === undefined ? undefined : digest(Redacted.value(token))
  return {
    local,
    place: (given) =>
      !local || (given !== undefined && isLoopback(nameOf(given)))
        ? undefined
        : { status: 403, error: "This port answers to localhost, 127.0.0.1 and [::1] only" },
    token: (authorization) => {
      if (expected === undefined) {
        return {
          status: 403,
          error: "There is no token for this: set BOSUN_OPS_TOKEN and start the bot again",
        }
      }
      const given = /^Bearer +(\S+) *$/iu.exec(authorization ?? "")?.[1]
      // Equally long digests: the time that it takes tells nothing of the token.
      return given !== undefined && timingSafeEqual(digest(given), expected)
        ? undefined
        : {
            status: 401,
            error: "This needs the header “Authorization: Bearer …” with the token of BOSUN_OPS_TOKEN",
          }
    },
  }
}

/** Whether a host is this machine, seen from itself. */
const isLoopback = (host: string): boolean =>
  host.toLowerCase() === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."))

/** Without the port, and without the brackets of IPv6. */
const nameOf = (host: string): string => /^\[(.+)\](?::\d+)?$/u.exec(host)?.[1] ?? host.replace(/:\d+$/u, "")

const digest = (text: string): Buffer => createHash("sha256").update(text).digest()
