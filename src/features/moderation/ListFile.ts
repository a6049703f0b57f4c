/**
 * A text file that came with a command, read through `Http`.
 *
 * Only Discord's own hosts are asked, and the sandbox's on this machine: the address comes from Discord, but a
 * second look costs nothing.
 *
 * Failure modes: `ListUnreadable`, with what to do.
 *
 * @module
 */
import type { Attachment } from "discord.js"
import { Effect } from "effect"
import * as Http from "../../resource/Http.js"
import { ListUnreadable } from "./ModerationError.js"

/** 1,000 ids are 20 kB; the rest is for names and dates beside them. */
const LARGEST = 256 * 1024

const hosts = /^(?:cdn\.discordapp\.com|media\.discordapp\.net|127\.0\.0\.1|localhost)$/u

/** Its text. */
export const read = ({
  size,
  url,
}: Pick<Attachment, "size" | "url">): Effect.Effect<string, ListUnreadable, Http.Http> =>
  Effect.scoped(
    Effect.gen(function* () {
      if (size > LARGEST)
        return yield* new ListUnreadable({ reason: `It is larger than ${LARGEST / 1024} KiB.` })
      const address = URL.canParse(url) ? new URL(url) : undefined
      if (address === undefined || !hosts.test(address.hostname))
        return yield* new ListUnreadable({ reason: "It does not lie at Discord." })
      const http = yield* Http.Http
      const upstream = yield* http.upstream({
        name: "attachments",
        baseUrl: address.origin,
        within: "10 seconds",
        bodyLimit: LARGEST,
      })
      const { text } = yield* Effect.mapError(
        upstream.get(address.pathname, { query: Object.fromEntries(address.searchParams) }),
        ({ userText }) => new ListUnreadable({ reason: userText }),
      )
      return text
    }),
  )
