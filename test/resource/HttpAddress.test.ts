import { describe, expect, it } from "@effect/vitest"
import { Either } from "effect"
import * as fc from "effect/FastCheck"
import * as HttpAddress from "../../src/resource/http/Address.js"
import * as RetryAfter from "../../src/resource/http/RetryAfter.js"

const base = Either.getOrThrow(HttpAddress.base("https://harbour.example:8443/api/v3/"))

const piece = fc.oneof(
  fc.constantFrom(
    "/",
    "\\",
    ".",
    "..",
    "%2e",
    "%2E",
    "%2f",
    "%5C",
    "@",
    ":",
    "//",
    "?",
    "#",
    " ",
    "\t",
    "\n",
    "evil.example",
    "a",
    "é",
    "%",
    "%00",
    ";",
  ),
  fc.string({ maxLength: 3 }),
)

describe("where a call goes", () => {
  it("is never anywhere but below the base URL", () =>
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const url = HttpAddress.within(base, `/${pieces.join("")}`, { q: "../x" })
        if (Either.isLeft(url)) return
        expect(url.right.origin).toBe("https://harbour.example:8443")
        expect(url.right.pathname.startsWith("/api/v3/")).toBe(true)
        expect(
          url.right.pathname.split(/\/|%2f|%5c/iu).map((one) => one.replace(/%2e/giu, ".")),
        ).not.toContain("..")
        expect([...url.right.searchParams]).toEqual([["q", "../x"]])
      }),
      { numRuns: 2_000 },
    ))

  it("takes what is encoded as it is", () => {
    const path = `/users/${encodeURIComponent("ada lovelace?#%")}/repos`
    expect(Either.getOrThrow(HttpAddress.within(base, path, { page: "2" })).href).toBe(
      "https://harbour.example:8443/api/v3/users/ada%20lovelace%3F%23%25/repos?page=2",
    )
  })

  it("is left by a redirect only within the origin", () => {
    const from = new URL("https://harbour.example/a/b?c")
    const to = (location: string) => HttpAddress.redirected(from, location)?.href
    expect(to("../x#y")).toBe("https://harbour.example/x")
    expect(to("https://harbour.example:443/z")).toBe("https://harbour.example/z")
    for (const elsewhere of [
      "http://harbour.example/",
      "//evil.example/",
      "https://harbour.example:444/",
      "https://a@harbour.example/",
      "\\\\evil.example",
      "http://[",
    ])
      expect(to(elsewhere)).toBeUndefined()
  })
})

describe("Retry-After", () => {
  const now = Date.UTC(2026, 0, 1)
  it("is read as seconds or as a date", () => {
    expect(RetryAfter.parse("120", now)).toBe(now + 120_000)
    expect(RetryAfter.parse(" 0 ", now)).toBe(now)
    expect(RetryAfter.parse("Thu, 01 Jan 2026 00:00:30 GMT", now)).toBe(now + 30_000)
    expect(RetryAfter.parse("Thu, 01 Jan 1970 00:00:00 GMT", now)).toBe(now)
  })
  it("is nothing where it makes no sense", () => {
    for (const odd of [undefined, "", "-1", "1.5", "soon", "1e9", "99999999999"])
      expect(RetryAfter.parse(odd, now)).toBeUndefined()
  })
})
