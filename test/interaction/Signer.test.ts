import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { inspect } from "node:util"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Either, Redacted } from "effect"
import * as Signer from "../../src/interaction/Signer.js"

const directory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "bosun-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true })),
)

describe("Signer", () => {
  it.scoped("makes its secret at first use, for its own user alone, and finds it again", () =>
    Effect.gen(function* () {
      const data = join(yield* directory, "deep", "data")
      const signer = Signer.makeFile(data)
      const other = Signer.makeFile(data)
      const tag = signer.sign("text")
      expect(tag).toMatch(new RegExp(`^[\\w-]{${Signer.TAG_LENGTH}}$`, "u"))
      expect(readdirSync(data)).toEqual(["secret"])
      expect(statSync(join(data, "secret")).mode & 0o777).toBe(0o600)
      expect(other.verify("text", tag)).toBe(true)
      expect(other.verify("Text", tag)).toBe(false)
      expect(Signer.makeFile(join(data, "elsewhere")).verify("text", tag)).toBe(false)
    }),
  )

  it.scoped("takes former secrets from the file as well", () =>
    Effect.gen(function* () {
      const data = yield* directory
      const path = join(data, "secret")
      const former = Signer.makeFile(data).sign("text")
      writeFileSync(path, `a new one of sixteen,${readFileSync(path, "utf8")}`)
      const rotated = Signer.makeFile(data)
      expect(rotated.verify("text", former)).toBe(true)
      expect(rotated.sign("text")).toBe(Signer.make([Redacted.make("a new one of sixteen")]).sign("text"))
    }),
  )

  it.scoped.each([
    ["is open to others", (path: string) => (writeFileSync(path, "x".repeat(20)), chmodSync(path, 0o640))],
    ["could not be read or made (EISDIR)", (path: string) => mkdirSync(path, { mode: 0o700 })],
    ["has a secret of 5 characters", (path: string) => writeFileSync(path, "short", { mode: 0o600 })],
    ["has nothing in it", (path: string) => writeFileSync(path, "\n", { mode: 0o600 })],
  ] as const)("refuses a file that %s", ([reason, spoil]) =>
    Effect.gen(function* () {
      const data = yield* directory
      spoil(join(data, "secret"))
      const error = yield* Effect.flip(Signer.makeFile(data).load)
      expect(error._tag).toBe("SecretUnusable")
      expect(error.message).toContain(reason)
      expect(error.message).toContain("BOSUN_SECRET")
      expect(error.message).not.toContain("short")
    }),
  )

  it.scoped("says why a secret cannot be made", () =>
    Effect.gen(function* () {
      const file = join(yield* directory, "file")
      writeFileSync(file, "")
      const error = yield* Effect.flip(Signer.makeFile(join(file, "data")).load)
      expect(error.message).toMatch(/could not be read or made \(ENOTDIR\)/u)
    }),
  )

  it("shows its secrets nowhere", () => {
    const secret = "correct horse battery staple"
    const signer = Signer.make([Redacted.make(secret)])
    signer.sign("text")
    expect(inspect(signer, { depth: 9, showHidden: true })).not.toContain(secret)
    expect(String(Either.getOrThrow(Signer.parse(secret))[0])).toBe("<redacted>")
  })

  it.each(["", "short", "long enough to be one,", "long enough to be one,short", ","])(
    "refuses %j",
    (text) => {
      expect(Either.isLeft(Signer.parse(text))).toBe(true)
    },
  )

  it("keeps no secret of its own twice", () => {
    expect(Signer.makeRandom().sign("text")).not.toBe(Signer.makeRandom().sign("text"))
  })
})
