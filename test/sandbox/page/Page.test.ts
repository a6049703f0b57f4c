import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "effect/FastCheck"
import * as Guard from "../../../src/sandbox/page/Guard.js"
import { Sandbox } from "../../../src/sandbox/Sandbox.js"
import { Server } from "../../../src/sandbox/Server.js"
import * as Windows from "./Windows.js"

const page = Effect.provide(Windows.layer({ panels: [{ title: "Roster", url: "http://127.0.0.1:4000/x" }] }))

/** An act that changes something, as the page sends it. */
const type = (headers: Readonly<Record<string, string>>) =>
  Effect.gen(function* () {
    const { world } = yield* Sandbox
    const general = [...world.channels.values()].find(({ name }) => name === "general")
    const body = JSON.stringify({ _tag: "Say", channel: general?.id, content: "hello" })
    const { status } = yield* Windows.ask("POST", `/page/act?as=${world.owner.id}`, { headers, body })
    return { status, written: general?.messages.size }
  })

describe("the page", () => {
  it.scopedLive("is a document with a script and a style sheet of its own, and lets nothing else in", () =>
    Effect.gen(function* () {
      const document = yield* Windows.ask("GET", "/")
      expect(document.status).toBe(200)
      expect(document.headers["content-type"]).toBe("text/html; charset=utf-8")
      const policy = document.headers["content-security-policy"] as string
      expect(policy).toContain("default-src 'self'")
      expect(policy).toContain("frame-src http://127.0.0.1:4000;")
      expect(policy).toContain("frame-ancestors 'none'")
      expect(document.headers).toMatchObject({
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
      })
      expect(document.text).not.toMatch(/https?:/u)
      const named = [...document.text.matchAll(/(?:src|href)="([^"]+)"/gu)].map(([, path]) => path ?? "")
      expect(named).toEqual(["/favicon.svg", "/Chat.page.css", "/Chat.page.js"])
      const icon = yield* Windows.ask("GET", "/favicon.svg")
      expect(icon).toMatchObject({ status: 200, headers: { "content-type": "image/svg+xml" } })
      const again = yield* Windows.ask("GET", "/favicon.svg", {
        headers: { "if-none-match": String(icon.headers.etag) },
      })
      expect(again).toMatchObject({ status: 304, text: "" })
    }).pipe(page),
  )

  it.scopedLive("leaves everything else to the sandbox", () =>
    Effect.gen(function* () {
      expect((yield* Windows.ask("GET", "/api/v10/gateway")).status).toBe(200)
      expect((yield* Windows.ask("GET", "/elsewhere")).status).not.toBe(200)
      expect((yield* Windows.ask("GET", "/page/elsewhere")).status).toBe(404)
    }).pipe(page),
  )

  it.scopedLive("goes to where attachments are, so that they can be shown", () =>
    Effect.gen(function* () {
      const { port } = yield* Server
      const asked = yield* Windows.ask("GET", "/?as=1", { headers: { host: `localhost:${port}` } })
      expect(asked).toMatchObject({
        status: 307,
        headers: { location: `http://127.0.0.1:${port}/?as=1` },
      })
      // Through another port, which is somebody's tunnel, the sandbox's own may not be reached.
      expect((yield* Windows.ask("GET", "/", { headers: { host: "localhost:1" } })).status).toBe(200)
    }).pipe(page),
  )

  it.scopedLive("does nothing by GET", () =>
    Effect.gen(function* () {
      const { world } = yield* Sandbox
      for (const method of ["GET", "PUT", "DELETE"]) {
        const { status } = yield* Windows.ask(method, `/page/act?as=${world.owner.id}`, {
          headers: Windows.own,
        })
        expect(status).toBe(405)
      }
      expect((yield* Windows.ask("POST", `/page/live?as=${world.owner.id}`)).status).toBe(405)
    }).pipe(page),
  )

  it.scopedLive("is deaf to other sites", () =>
    Effect.gen(function* () {
      const { port } = yield* Server
      const { world } = yield* Sandbox
      const host = `127.0.0.1:${port}`
      const mine = { ...Windows.own, host, origin: `http://${host}`, "sec-fetch-site": "same-origin" }
      expect(yield* type(mine)).toEqual({ status: 200, written: 1 })
      const wrong: ReadonlyArray<Readonly<Record<string, string>>> = [
        { ...mine, origin: "http://evil.example" },
        { ...mine, origin: "null" },
        { ...mine, origin: `http://localhost:${port}` },
        { ...mine, "sec-fetch-site": "cross-site" },
        { ...mine, "sec-fetch-site": "same-site" },
        { ...mine, "content-type": "text/plain" },
        { ...mine, "content-type": "application/x-www-form-urlencoded" },
        { ...mine, host: "evil.example", origin: "http://evil.example" },
        { host, "content-type": "application/json" },
        { host, "x-sandbox-page": "1" },
      ]
      for (const headers of wrong) {
        const { status, written } = yield* type(headers)
        expect([403, 415, 421]).toContain(status)
        expect(written).toBe(1)
      }
      for (const path of ["/page/live", "/page/messages", "/page/commands"]) {
        const read = (headers: Readonly<Record<string, string>>) =>
          Effect.map(
            Windows.ask("GET", `${path}?as=${world.owner.id}`, { headers: { host, ...headers } }),
            ({ status }) => status,
          )
        expect(yield* read({ origin: "http://evil.example" })).toBe(403)
        expect(yield* read({ "sec-fetch-site": "cross-site" })).toBe(403)
        expect([421, 403]).toContain(yield* read({ host: "evil.example" }))
      }
    }).pipe(page),
  )

  it("takes a host for this machine only where it is written as such", () => {
    for (const host of ["127.0.0.1", "127.0.0.1:4010", "localhost:1", "[::1]:80", "LOCALHOST"])
      expect(Guard.isLoopback(host)).toBe(true)
    fc.assert(
      fc.property(
        fc.oneof(
          fc.domain(),
          fc.domain().map((domain) => `127.0.0.1.${domain}:80`),
          fc.domain().map((domain) => `localhost.${domain}`),
          fc.domain().map((domain) => `127.0.0.1:80@${domain}`),
          fc.ipV4().filter((ip) => ip !== "127.0.0.1"),
        ),
        (host) => !Guard.isLoopback(host),
      ),
    )
  })

  it.scopedLive("says what is wrong with what it is sent", () =>
    Effect.gen(function* () {
      const { world } = yield* Sandbox
      const send = (body: string, as = world.owner.id) =>
        Effect.map(
          Windows.ask("POST", `/page/act?as=${as}`, { headers: Windows.own, body }),
          ({ status, text }) => [status, (JSON.parse(text) as { readonly error: string }).error],
        )
      expect(yield* send("{")).toEqual([400, "This is no JSON."])
      const [status, error] = yield* send(JSON.stringify({ _tag: "Say", channel: 1, content: "x" }))
      expect(status).toBe(400)
      expect(error).toMatch(/channel/u)
      for (const body of ["null", "[]", "{}", '{"_tag":"Nothing"}', '{"_tag":"Advance","millis":-1}'])
        expect((yield* send(body))[0]).toBe(400)
      const nobody = [404, "The sandbox knows no such person. It may have been started anew."]
      expect(yield* send("{}", "123")).toEqual(nobody)
      expect(yield* send("{}", world.bot.id)).toEqual(nobody)
      expect((yield* Windows.ask("GET", "/page/live?as=123")).status).toBe(404)
    }).pipe(page),
  )

  it.scopedLive("takes no more than 32 MiB", () =>
    Effect.gen(function* () {
      const { world } = yield* Sandbox
      const { status } = yield* Windows.ask("POST", `/page/act?as=${world.owner.id}`, {
        headers: { ...Windows.own, "content-length": String(33 * 1024 * 1024) },
        body: "{}",
      })
      expect(status).toBe(413)
    }).pipe(page),
  )
})
