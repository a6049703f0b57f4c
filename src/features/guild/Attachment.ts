/**
 * A text file that came with a command, read through `Http`.
 *
 * Only Discord's own hosts are asked, and the sandbox's on this machine: the address comes from Discord, but a
 * second look costs nothing.
 *
 * @module
 */
import type { Attachment } from "discord.js"
import { Data, Effect } from "effect"
import * as Http from "../../resource/Http.js"

const hosts = /^(?:cdn\.discordapp\.com|media\.discordapp\.net|127\.0\.0\.1|localhost)$/u

/** Its text, of at most so many bytes. Fails with `AttachmentRefused`. Interruption closes the connection. */
export const read = (
  { size, url }: Pick<Attachment, "size" | "url">,
  limit: number,
): Effect.Effect<string, AttachmentRefused, Http.Http> =>
  Effect.scoped(
    Effect.gen(function* () {
      if (size > limit)
        return yield* new AttachmentRefused({ reason: `it is larger than ${limit / 1024} KiB` })
      const address = URL.canParse(url) ? new URL(url) : undefined
      if (address === undefined || !hosts.test(address.hostname))
        return yield* new AttachmentRefused({ reason: "it does not lie at Discord" })
      const http = yield* Http.Http
      const upstream = yield* http.upstream({
        name: "attachments",
        baseUrl: address.origin,
        within: "10 seconds",
        bodyLimit: limit,
      })
      const { text } = yield* Effect.mapError(
        upstream.get(address.pathname, { query: Object.fromEntries(address.searchParams) }),
        ({ userText }) => new AttachmentRefused({ reason: userText.replace(/\.$/u, "") }),
      )
      return text
    }),
  )

/** The file cannot be had. */
export class AttachmentRefused extends Data.TaggedError("AttachmentRefused")<{
  /** A clause: `it is larger than 256 KiB`. */
  readonly reason: string
}> {
  override get message() {
    return `The file was not read: ${this.reason}`
  }
  get userText() {
    return `The file cannot be read: ${this.reason}.`
  }
}
