import { inflateSync } from "node:zlib"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Either } from "effect"
import * as Plan from "../../src/sandbox/fault/Plan.js"
import * as FileType from "../../src/sandbox/model/FileType.js"
import * as Sandbox from "../../src/sandbox/Sandbox.js"
import { provided, setUp } from "./Harbour.js"

describe("the pictures of those who have none", () => {
  it.scoped("are six, which differ, and that clients may keep", () =>
    Effect.gen(function* () {
      const { fetch, world } = yield* setUp
      const ask = (name: string) => fetch(`${world.origin}/embed/avatars/${name}`)
      const all = yield* Effect.forEach([0, 1, 2, 3, 4, 5], (n) => ask(`${n}.png`))
      for (const { bytes, headers, status } of all) {
        expect([status, headers["content-type"]]).toEqual([200, "image/png"])
        expect(headers["cache-control"]).toBe("public, max-age=31536000")
        expect(FileType.image(bytes)).toMatchObject({ size: { width: 64, height: 64 } })
        // A row is a byte for its filter and a bit for each pixel.
        const at = Buffer.from(bytes).indexOf("IDAT")
        const pixels = Buffer.from(bytes).subarray(at + 4, -16)
        expect(inflateSync(pixels)).toHaveLength(64 * (1 + 8))
      }
      expect(new Set(all.map(({ bytes }) => Buffer.from(bytes).toString("base64"))).size).toBe(6)
      for (const name of ["6.png", "x.png", "00.png", ".png"]) expect((yield* ask(name)).status).toBe(404)
    }).pipe(provided),
  )

  it.scoped("is no call of the bot's where a browser shows one", () =>
    Effect.gen(function* () {
      const { faults, handle, transcript } = yield* Sandbox.Sandbox
      const path = "/embed/avatars/0.png"
      const get = (headers: Readonly<Record<string, string>>) =>
        Effect.async<number>((resume) => {
          handle({ method: "GET", path, headers, body: null }, ({ status }) => resume(Effect.succeed(status)))
        })
      const recorded = () => transcript().filter((entry) => "path" in entry && entry.path === path).length
      faults.follow(Either.getOrThrow(Plan.parse("error 100% times=1")))
      expect(yield* get({ "sec-fetch-site": "same-origin" })).toBe(200)
      expect([recorded(), faults.counts()]).toEqual([0, {}])
      expect(yield* get({})).toBe(503)
      expect([recorded(), faults.counts()]).toEqual([1, { error: 1 }])
    }).pipe(Effect.provide(Sandbox.layer({ transcript: 10 }))),
  )
})
