import { request } from "node:http"
import { constants, createInflate } from "node:zlib"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Either, Layer, type Scope } from "effect"
import { WebSocket } from "ws"
import * as Plan from "../../src/sandbox/fault/Plan.js"
import * as SandboxModule from "../../src/sandbox/Sandbox.js"
import { Sandbox } from "../../src/sandbox/Sandbox.js"
import * as Server from "../../src/sandbox/Server.js"
import * as InProcess from "./InProcess.js"

const live = (options: Partial<Server.Options> = {}, sandbox: SandboxModule.Options = {}) =>
  Effect.provide(
    Server.layer({ port: 0, ...options }).pipe(
      Layer.provideMerge(SandboxModule.layer({ rateLimits: false, ...sandbox })),
    ),
  )

interface Answer {
  /** 0 where the connection ended before any answer. */
  readonly status: number
  readonly body: string
  /** Why there is no whole answer. */
  readonly code: string | undefined
}

const ask = (
  port: number,
  path: string,
  options: {
    readonly method?: string
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: string
  } = {},
): Effect.Effect<Answer> =>
  Effect.async((resume) => {
    let status = 0
    let body = ""
    const answer = (error?: NodeJS.ErrnoException) =>
      resume(Effect.succeed({ status, body, code: error?.code }))
    const outgoing = request(
      {
        host: "127.0.0.1",
        port,
        path,
        method: options.method ?? "GET",
        agent: false,
        headers: options.headers ?? {},
      },
      (response) => {
        status = response.statusCode ?? 0
        response.setEncoding("utf8")
        response.on("data", (text: string) => {
          body += text
        })
        response.on("end", () => answer())
        response.on("error", answer)
      },
    )
    outgoing.on("error", answer)
    outgoing.end(options.body)
    return Effect.sync(() => outgoing.destroy())
  })

const authorization = { authorization: "Bot any" }

/** The status with which an upgrade is refused; 101 where it is not. */
const upgrade = (port: number, headers: Readonly<Record<string, string>>): Effect.Effect<number> =>
  Effect.async((resume) => {
    const client = new WebSocket(`ws://127.0.0.1:${port}/?v=10`, { headers })
    const end = (status: number) => {
      client.terminate()
      resume(Effect.succeed(status))
    }
    client.on("error", () => {})
    client.on("open", () => end(101))
    client.on("unexpected-response", (_, response) => end(response.statusCode ?? 0))
  })

/** A client of the gateway; frames as they came. */
const connect = (
  url: string,
): Effect.Effect<
  {
    readonly client: WebSocket
    readonly frames: Array<Buffer>
    readonly closes: Array<readonly [number, string]>
  },
  never,
  Scope.Scope
> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const client = new WebSocket(url)
      const frames: Array<Buffer> = []
      const closes: Array<readonly [number, string]> = []
      client.on("error", () => {})
      client.on("message", (data: Buffer) => frames.push(data))
      client.on("close", (code, reason) => closes.push([code, reason.toString()]))
      return { client, frames, closes }
    }),
    ({ client }) => Effect.sync(() => client.terminate()),
  )

const until = (done: () => boolean): Effect.Effect<void> =>
  Effect.sleep("5 millis").pipe(
    Effect.repeat({ until: done }),
    Effect.timeout("10 seconds"),
    Effect.orDie,
    Effect.asVoid,
  )

const identify = (client: WebSocket) =>
  client.send(JSON.stringify({ op: 2, d: { token: "any", intents: InProcess.everyIntent, properties: {} } }))

const planned = (text: string): Plan.Plan => Either.getOrThrowWith(Plan.parse(text), (error) => error)

const generalOf = (sandbox: SandboxModule.Sandbox) =>
  [...sandbox.world.channels.values()].find(({ name }) => name === "general")?.id ?? ""

describe("Server", () => {
  it.live("answers to this machine's own names only", () =>
    Effect.gen(function* () {
      const { port } = yield* Server.Server
      const status = (host: string, more: Readonly<Record<string, string>> = {}) =>
        Effect.map(
          ask(port, "/api/v10/users/@me", { headers: { ...authorization, host, ...more } }),
          (one) => one.status,
        )
      for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`, "localhost"])
        expect([host, yield* status(host)]).toEqual([host, 200])
      for (const host of [
        "evil.example",
        `evil.example:${port}`,
        "127.0.0.1.evil.example",
        "localhost@evil.example",
      ])
        expect([host, yield* status(host)]).toEqual([host, 421])
      const own = `127.0.0.1:${port}`
      expect(yield* status(own, { origin: `http://${own}` })).toBe(200)
      for (const origin of ["http://evil.example", "null", `http://localhost:${port}`, `https://${own}`])
        expect([origin, yield* status(own, { origin })]).toEqual([origin, 403])
    }).pipe(Effect.scoped, live()),
  )

  it.live(
    "does nothing for a picture or a script of another site, and lets links to the page through",
    () => {
      const seen: Array<string> = []
      return Effect.gen(function* () {
        const { port } = yield* Server.Server
        const sandbox = yield* Sandbox
        const ada = yield* sandbox.actor("ada")
        const bytes = new Uint8Array([1])
        const { attachments } = yield* ada.say("general", "", { attachments: [{ name: "a.png", bytes }] })
        const file = new URL(String(attachments[0]?.["url"])).pathname
        const status = (path: string, site: string, dest = "image") =>
          Effect.map(
            ask(port, path, {
              headers: {
                // Of no use to another site's page, which does not know it.
                ...(site.endsWith("-site") ? {} : authorization),
                "sec-fetch-site": site,
                "sec-fetch-mode": dest === "image" ? "no-cors" : "navigate",
                "sec-fetch-dest": dest,
              },
            }),
            (answer) => answer.status,
          )
        for (const site of ["cross-site", "same-site"]) {
          for (const path of ["/api/v10/users/@me", file, "/Chat.page.js", "/"])
            expect([path, yield* status(path, site)]).toEqual([path, 403])
          for (const path of ["/api/v10/users/@me", file])
            expect([path, yield* status(path, site, "document")]).toEqual([path, 403])
          expect(yield* status("/", site, "iframe")).toBe(403)
          expect(yield* status("/?as=1", site, "document")).toBe(200)
        }
        for (const site of ["same-origin", "none"])
          for (const path of ["/api/v10/users/@me", file]) expect(yield* status(path, site)).toBe(200)
        expect(seen).toEqual(["/?as=1", "/?as=1"])
        // None of what was refused counts against the bot, which has the machine's address too.
        const bot = yield* InProcess.call(sandbox, "GET", "/gateway/bot")
        expect(bot.status).toBe(200)
      }).pipe(
        Effect.scoped,
        live(
          {
            page: (incoming, response) => {
              seen.push(incoming.url ?? "")
              response.end("page")
              return true
            },
          },
          { rateLimits: true, limits: { invalid: { count: 1, millis: 600_000 } } },
        ),
      )
    },
  )

  it.live("lets no other page's socket in", () =>
    Effect.gen(function* () {
      const { port } = yield* Server.Server
      const own = `127.0.0.1:${port}`
      expect(yield* upgrade(port, {})).toBe(101)
      expect(yield* upgrade(port, { origin: `http://${own}` })).toBe(101)
      expect(yield* upgrade(port, { origin: "http://evil.example" })).toBe(403)
      expect(yield* upgrade(port, { host: "evil.example" })).toBe(421)
    }).pipe(Effect.scoped, live()),
  )

  it.live("bounds headers and bodies", () =>
    Effect.gen(function* () {
      const { port } = yield* Server.Server
      const long = yield* ask(port, "/api/gateway", { headers: { "x-long": "x".repeat(40_000) } })
      expect(long.status).toBe(431)
      const big = yield* ask(port, "/api/v10/users/@me/channels", {
        method: "POST",
        headers: { ...authorization, "content-type": "application/json" },
        body: " ".repeat(25 * 1024 * 1024 + 1),
      })
      expect([big.status, JSON.parse(big.body)]).toEqual([
        413,
        { message: "Request entity too large", code: 40005 },
      ])
    }).pipe(Effect.scoped, live()),
  )

  it.live("asks the page for what is neither the API's nor the CDN's", () => {
    const seen: Array<string> = []
    return Effect.gen(function* () {
      const { port } = yield* Server.Server
      expect(yield* ask(port, "/hello?x=1")).toMatchObject({ status: 200, body: "page" })
      expect((yield* ask(port, "/other")).status).toBe(404)
      expect((yield* ask(port, "/api/gateway")).status).toBe(200)
      expect((yield* ask(port, "/attachments/1/2/x.png")).status).toBe(404)
      expect((yield* ask(port, "/hello", { headers: { host: "evil.example" } })).status).toBe(421)
      expect(seen).toEqual(["/hello?x=1", "/other"])
    }).pipe(
      Effect.scoped,
      live({
        page: (incoming, response) => {
          seen.push(incoming.url ?? "")
          if (incoming.url === "/other") return false
          response.end("page")
          return true
        },
      }),
    )
  })

  it.live("resets the connection before or amid an answer, once it was carried out", () =>
    Effect.gen(function* () {
      const { port } = yield* Server.Server
      const sandbox = yield* Sandbox
      const ada = yield* sandbox.actor("ada")
      const general = generalOf(sandbox)
      const say = (content: string) =>
        ask(port, `/api/v10/channels/${general}/messages`, {
          method: "POST",
          headers: { ...authorization, "content-type": "application/json" },
          body: JSON.stringify({ content }),
        })
      sandbox.faults.once({ kind: "lost" })
      expect(yield* say("lost")).toMatchObject({ status: 0, code: "ECONNRESET" })
      sandbox.faults.once({ kind: "reset" })
      const reset = yield* say("reset")
      expect(reset.code).toBe("ECONNRESET")
      expect(() => JSON.parse(reset.body) as unknown).toThrow(SyntaxError)
      expect((yield* say("whole")).status).toBe(200)
      const history = yield* ada.history("general")
      expect(history.map(({ content }) => content).toSorted()).toEqual(["lost", "reset", "whole"])
    }).pipe(Effect.scoped, live()),
  )

  it.live("gives what a plan makes of answers: pages, torn and oversized JSON", () =>
    Effect.gen(function* () {
      const { port } = yield* Server.Server
      const sandbox = yield* Sandbox
      const me = ask(port, "/api/v10/users/@me", { headers: authorization })
      const running = sandbox.faults.follow(
        planned("cloudflare times=1; error status=502 times=1; malformed times=1; oversized times=1"),
      )
      const [limited, broken, torn, large, good] = yield* Effect.all([me, me, me, me, me])
      expect([limited?.status, broken?.status, torn?.status, large?.status, good?.status]).toEqual([
        429, 502, 200, 200, 200,
      ])
      expect(limited?.body).toContain("<html>")
      expect(() => JSON.parse(torn?.body ?? "") as unknown).toThrow(SyntaxError)
      expect(large?.body.length).toBeGreaterThan(8 * 1024 * 1024)
      expect(JSON.parse(large?.body ?? "")).toEqual(JSON.parse(good?.body ?? ""))
      expect(running.counts()).toEqual({ cloudflare: 1, error: 1, malformed: 1, oversized: 1 })
    }).pipe(Effect.scoped, live()),
  )

  it.live("does to sockets what a plan says", () =>
    Effect.gen(function* () {
      const { gatewayUrl } = yield* Server.Server
      const sandbox = yield* Sandbox
      const ada = yield* sandbox.actor("ada")
      const opened = Effect.gen(function* () {
        const one = yield* connect(`${gatewayUrl}/?v=10&encoding=json`)
        yield* until(() => one.frames.length > 0)
        identify(one.client)
        yield* until(() => one.frames.length > 2)
        return one
      })
      const dropped = yield* opened
      sandbox.faults.once({ kind: "drop" })
      yield* ada.say("general", "x")
      yield* until(() => dropped.closes.length > 0)
      expect(dropped.closes).toEqual([[1006, ""]])
      const closed = yield* opened
      sandbox.faults.once({ kind: "close", code: 4009 })
      yield* ada.say("general", "x")
      yield* until(() => closed.closes.length > 0)
      expect(closed.closes).toEqual([[4009, "Session timed out."]])
      const spoilt = yield* opened
      sandbox.faults.once({ kind: "garbage" })
      sandbox.faults.once({ kind: "huge" })
      yield* ada.say("general", "x")
      yield* until(() => spoilt.frames.length >= 6)
      const [garbage, huge, message] = spoilt.frames.slice(-3).map(String)
      expect(garbage?.length).toBeLessThan(100)
      expect(huge?.length).toBeGreaterThan(4 * 1024 * 1024)
      expect(JSON.parse(message ?? "")).toMatchObject({ t: "MESSAGE_CREATE" })
    }).pipe(Effect.scoped, live()),
  )

  it.live("compresses as zlib-stream where the URL asks for it, and refuses other ways", () =>
    Effect.gen(function* () {
      const { gatewayUrl } = yield* Server.Server
      const sandbox = yield* Sandbox
      const ada = yield* sandbox.actor("ada")
      const one = yield* connect(`${gatewayUrl}/?v=10&encoding=json&compress=zlib-stream`)
      yield* until(() => one.frames.length > 0)
      identify(one.client)
      yield* until(() => one.frames.length >= 3)
      for (let n = 0; n < 50; n++) yield* ada.say("general", `m${n} ${"x".repeat(500)}`)
      yield* until(() => one.frames.length >= 53)
      sandbox.faults.closeSockets(4009)
      yield* until(() => one.closes.length > 0)
      expect(one.closes).toEqual([[4009, ""]])
      const inflate = createInflate({ finishFlush: constants.Z_SYNC_FLUSH })
      const texts: Array<string> = []
      for (const frame of one.frames) {
        expect(frame.subarray(-4)).toEqual(Buffer.from([0, 0, 0xff, 0xff]))
        const text = yield* Effect.async<string>((resume) => {
          let whole = ""
          const add = (part: Buffer) => {
            whole += part.toString("utf8")
          }
          inflate.on("data", add)
          inflate.write(frame, () => {
            inflate.off("data", add)
            resume(Effect.succeed(whole))
          })
        })
        texts.push(text)
      }
      const frames = texts.map((text) => JSON.parse(text) as InProcess.Frame)
      const numbers = frames.flatMap(({ s }) => (s === null ? [] : [s]))
      expect(numbers).toEqual(numbers.map((_, index) => index + 1))
      expect(frames.at(-1)?.d["content"]).toContain("m49 ")
      for (const query of ["compress=zstd-stream", "encoding=etf"]) {
        const other = yield* connect(`${gatewayUrl}/?v=10&${query}`)
        yield* until(() => other.closes.length > 0)
        expect(other.closes[0]?.[0]).toBe(4002)
        expect(other.closes[0]?.[1]).toContain(
          query.startsWith("c") ? "compress=zlib-stream" : "encoding=json",
        )
      }
    }).pipe(Effect.scoped, live()),
  )
})
