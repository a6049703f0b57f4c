/**
 * The JSON file that came with `/challenge import`, read through `Http`.
 *
 * Only Discord's own hosts are asked, and those of a local Discord on this machine.
 *
 * Failure modes: `FileRefused`, which says what is wrong with it.
 *
 * @module
 */
import type { Attachment } from "discord.js"
import { Effect, Either } from "effect"
import * as Http from "../../resource/Http.js"
import { FileRefused } from "./ChallengeError.js"
import * as Sheet from "./Sheet.js"

/** 200 members with a whole year's days are 300 kB. */
const LARGEST = 2 * 1024 * 1024

const hosts = /^(?:cdn\.discordapp\.com|media\.discordapp\.net|127\.0\.0\.1|localhost)$/u

export const read = ({
  size,
  url,
}: Pick<Attachment, "size" | "url">): Effect.Effect<Sheet.Sheet, FileRefused, Http.Http> =>
  Effect.scoped(
    Effect.gen(function* () {
      if (size > LARGEST) return yield* refused(`it is larger than ${LARGEST / 1024 / 1024} MiB`)
      const address = URL.canParse(url) ? new URL(url) : undefined
      if (address === undefined || !hosts.test(address.hostname))
        return yield* refused("it does not lie at Discord")
      const http = yield* Http.Http
      const upstream = yield* http.upstream({
        name: "attachments",
        baseUrl: address.origin,
        within: "10 seconds",
        bodyLimit: LARGEST,
      })
      const { text } = yield* Effect.mapError(
        upstream.get(address.pathname, { query: Object.fromEntries(address.searchParams) }),
        ({ userText }) => new FileRefused({ reason: userText.replace(/\.$/u, "") }),
      )
      return yield* Either.mapLeft(Sheet.parse(text), (reason) => new FileRefused({ reason }))
    }),
  )

const refused = (reason: string) => new FileRefused({ reason })
