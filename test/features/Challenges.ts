/** A bot with challenges, in virtual time, which begins on Thursday, 1 January 1970. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Layer } from "effect"
import * as Archive from "../../src/features/challenge/Archive.js"
import * as Challenge from "../../src/features/challenge/Challenge.js"
import * as Store from "../../src/features/challenge/Store.js"
import * as GuildStore from "../../src/features/guild/Store.js"
import * as Stored from "../../src/features/guild/Stored.js"
import * as Database from "../../src/resource/Database.js"
import { Http, type Upstream } from "../../src/resource/Http.js"
import { HttpRefused } from "../../src/resource/HttpError.js"
import * as Offload from "../../src/resource/Offload.js"
import type * as Kit from "../../src/testing/Kit.js"

/** A directory that is gone with the scope. */
export const directory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "challenges-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true })),
)

/** Whose uploads are downloaded; set by a test that imports. */
export interface Downloads {
  kit: Kit.Kit | undefined
}

/** Discord's file server: answers with what was uploaded. */
const files = (downloads: Downloads): Http => ({
  upstreams: () => [],
  upstream: ({ name, baseUrl }) => {
    const request: Upstream["request"] = (_, path) => {
      const id = /^\/attachments\/\d+\/(\d+)\//u.exec(path)?.[1] ?? ""
      const upload = downloads.kit?.world.uploads.get(id)
      if (upload === undefined) return Effect.fail(new HttpRefused({ upstream: name, status: 404, body: "" }))
      const text = new TextDecoder().decode(upload.bytes)
      return Effect.succeed({ status: 200, headers: {}, text, json: Effect.sync(() => JSON.parse(text)) })
    }
    return Effect.succeed({
      name,
      request,
      get: (path, options) => request("GET", path, options),
      block: () => Effect.void,
      status: () => ({ name, baseUrl, breaker: "closed", running: 0, waiting: 0 }),
    })
  },
})

export const features = (
  path: string,
  downloads: Downloads = { kit: undefined },
  offload: Layer.Layer<Offload.Offload> = Offload.layerInline,
) =>
  Challenge.layer.pipe(
    Layer.provideMerge(Store.layer),
    Layer.provideMerge(
      Layer.mergeAll(
        Archive.layer(path),
        GuildStore.layerMemory,
        Stored.layer,
        offload,
        Layer.succeed(Http, files(downloads)),
      ),
    ),
    Layer.provideMerge(Database.layerMemory),
  )

/** What somebody reads of the end of a command. */
export const said = (turn: Kit.Turn) =>
  Effect.map(turn.outcome, ({ _tag, replies }) =>
    _tag === "Unanswered"
      ? _tag
      : replies
          .map(({ content, embeds }) =>
            [
              content,
              ...embeds.map(
                (embed) => `${String(embed["title"] ?? "")}\n${String(embed["description"] ?? "")}`,
              ),
            ]
              .filter((part) => part !== "")
              .join("\n"),
          )
          .join("\n")
          // As Discord shows it.
          .replace(/\\(?=[^\w\s])/gu, ""),
  )
