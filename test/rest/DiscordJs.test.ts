import { describe, expect, it } from "@effect/vitest"
import { type APIMessage, AttachmentBuilder, REST, type RESTOptions, Routes } from "discord.js"
import { Context, Effect, Exit, Layer, Redacted } from "effect"
import * as Http from "node:http"
import type { AddressInfo } from "node:net"
import * as Answer from "../../src/rest/Answer.js"
import * as Rest from "../../src/rest/Rest.js"
import * as Signal from "../../src/rest/Signal.js"
import * as Transport from "../../src/rest/Transport.js"
import * as Timers from "../../src/supervise/Timers.js"
import { token } from "./Script.js"

interface Incoming {
  readonly method: string
  readonly url: string
  readonly headers: Http.IncomingHttpHeaders
  readonly body: string
}

interface World {
  readonly discord: REST
  readonly rest: Rest.Rest
  readonly seen: Array<Incoming>
  readonly closed: () => number
}

type Handler = (incoming: Incoming, response: Http.ServerResponse) => void

/** A stock REST client of discord.js over the edge over a server. */
const world = <A>(handler: Handler, use: (world: World) => Promise<A>): Promise<A> => {
  const seen: Array<Incoming> = []
  let closed = 0
  const server = Http.createServer((request, response) => {
    const chunks: Array<Buffer> = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    response.on("close", () => {
      if (!response.writableEnded) closed++
    })
    request.on("end", () => {
      const incoming = {
        method: request.method ?? "",
        url: request.url ?? "",
        headers: request.headers,
        body: Buffer.concat(chunks).toString("latin1"),
      }
      seen.push(incoming)
      handler(incoming, response)
    })
  })
  const program = Effect.gen(function* () {
    const port = yield* Effect.acquireRelease(
      Effect.async<number>((resume) => {
        server.listen(0, "127.0.0.1", () => resume(Effect.succeed((server.address() as AddressInfo).port)))
      }),
      () =>
        Effect.async<void>((resume) => {
          server.close(() => resume(Effect.void))
          server.closeAllConnections()
        }),
    )
    const origin = `http://127.0.0.1:${port}`
    const context = yield* Layer.build(
      Rest.layer({ apiUrl: `${origin}/api`, token: Redacted.make(token) }).pipe(
        Layer.provide(Transport.layerUndici({ origin })),
        Layer.provide(Timers.layer),
      ),
    )
    const rest = Context.get(context, Rest.Rest)
    // The assignment is the test that the types fit discord.js's option.
    const makeRequest: RESTOptions["makeRequest"] = rest.makeRequest
    const discord = new REST({
      api: `${origin}/api`,
      retries: 0,
      timeout: 2 ** 31 - 1,
      globalRequestsPerSecond: Infinity,
      hashSweepInterval: 0,
      handlerSweepInterval: 0,
      makeRequest,
    }).setToken(token)
    return yield* Effect.promise(() => use({ discord, rest, seen, closed: () => closed }))
  })
  return Effect.runPromise(Effect.scoped(program))
}

const json = (response: Http.ServerResponse, status: number, body: unknown, headers = {}) => {
  response.writeHead(status, { "content-type": "application/json", ...headers })
  response.end(JSON.stringify(body))
}

const channel = "123456789012345678"
const rejected = async (promise: Promise<unknown>): Promise<unknown> => {
  const exit = await promise.then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(exit).toBeInstanceOf(Error)
  return exit
}

describe("makeRequest under discord.js's REST", () => {
  it("reads JSON, and hides the rate-limit headers", () =>
    world(
      (_, response) =>
        json(
          response,
          200,
          { id: channel },
          {
            "x-ratelimit-limit": "5",
            "x-ratelimit-remaining": "0",
            "x-ratelimit-reset-after": "0.2",
            "x-ratelimit-bucket": "hash",
          },
        ),
      async ({ discord, rest, seen }) => {
        let limited = 0
        discord.on("rateLimited", () => limited++)
        expect(await discord.get(Routes.channel(channel))).toEqual({ id: channel })
        // The bucket is empty: the edge waits, discord.js knows nothing of it.
        expect(await discord.get(Routes.channel(channel))).toEqual({ id: channel })
        expect(limited).toBe(0)
        expect(discord.hashes.size).toBe(0)
        expect(seen[0]).toMatchObject({ method: "GET", url: `/api/v10/channels/${channel}` })
        expect(seen[0]?.headers["authorization"]).toBe(`Bot ${token}`)
        expect(rest.inFlight()).toBe(0)
      },
    ))

  it("posts a message with an enforced nonce, though discord.js says enforce_nonce: false", () =>
    world(
      (incoming, response) => json(response, 200, JSON.parse(incoming.body)),
      async ({ discord }) => {
        const sent = (await discord.post(Routes.channelMessages(channel), {
          body: { content: 'a "nonce": b', enforce_nonce: false, tts: false },
        })) as APIMessage & { enforce_nonce: boolean }
        expect(sent.enforce_nonce).toBe(true)
        expect(String(sent.nonce).length).toBeGreaterThan(5)
        expect(sent.content).toBe('a "nonce": b')
      },
    ))

  it("uploads attachments, names and bytes intact", () =>
    world(
      (_, response) => json(response, 200, {}),
      async ({ discord, seen }) => {
        const file = new AttachmentBuilder(Buffer.from([0, 255, 13, 10, 7]), { name: 'a"b.bin' })
        await discord.post(Routes.channelMessages(channel), {
          body: { content: "see" },
          files: [{ name: file.name ?? "", data: file.attachment as Buffer, contentType: "image/png" }],
        })
        const [incoming] = seen
        const form = await new Response(Buffer.from(incoming!.body, "latin1"), {
          headers: { "content-type": incoming!.headers["content-type"] ?? "" },
        }).formData()
        const payload = JSON.parse(String(form.get("payload_json"))) as Record<string, unknown>
        expect(payload).toMatchObject({ content: "see", enforce_nonce: true })
        const upload = form.get("files[0]") as File
        expect(upload.name).toBe('a"b.bin')
        expect(upload.type).toBe("image/png")
        expect([...new Uint8Array(await upload.arrayBuffer())]).toEqual([0, 255, 13, 10, 7])
      },
    ))

  it("takes 204 and bytes", () =>
    world(
      (incoming, response) => {
        response.writeHead(204, { "content-type": "application/json" })
        response.end(incoming.body)
      },
      async ({ discord, seen }) => {
        await discord.delete(Routes.channelMessage(channel, channel))
        await discord.put(Routes.channelPin(channel, channel), {
          body: Buffer.from("x"),
          passThroughBody: true,
        })
        expect(seen.map(({ body, method }) => [method, body])).toEqual([
          ["DELETE", ""],
          ["PUT", "x"],
        ])
      },
    ))

  it("lets discord.js make its DiscordAPIError, which maps to the same tag as the edge's own", () =>
    world(
      (_, response) =>
        json(response, 400, {
          code: 50035,
          message: "Invalid Form Body",
          errors: { embeds: { 0: { description: { _errors: [{ code: "X", message: "Too long" }] } } } },
        }),
      async ({ discord, rest }) => {
        const error = await rejected(discord.post(Routes.channelMessages(channel), { body: {} }))
        expect((error as Error).name).toBe("DiscordAPIError[50035]")
        const mapped = Answer.fromDiscordJs(error)
        const own = await Effect.runPromise(
          Effect.flip(rest.request({ method: "POST", path: `/channels/${channel}/messages`, body: {} })),
        )
        expect(mapped).toEqual(own)
        expect(mapped).toMatchObject({
          _tag: "InvalidForm",
          route: `POST /channels/${channel}/messages`,
          fields: [{ path: "embeds[0].description", reason: "Too long" }],
        })
      },
    ))

  it("rejects with the edge's own errors as they are, sent once", () =>
    world(
      (_, response) => response.writeHead(500).end("oops"),
      async ({ discord, seen }) => {
        const error = await rejected(discord.post(Routes.guildRoles(channel), { body: {} }))
        expect(error).toMatchObject({ _tag: "ServerError", status: 500 })
        expect(Answer.fromDiscordJs(error)).toBe(error)
        expect(seen).toHaveLength(1)
      },
    ))

  it("keeps the token of an interaction out of every error", () =>
    world(
      (_, response) => json(response, 404, { code: 10062, message: "Unknown interaction" }),
      async ({ discord }) => {
        const secret = "aW50ZXJhY3Rpb24tdG9rZW4"
        const error = await rejected(
          discord.post(Routes.interactionCallback(channel, secret), { body: {}, auth: false }),
        )
        const mapped = Answer.fromDiscordJs(error)
        expect(mapped._tag).toBe("UnknownInteraction")
        expect(JSON.stringify(mapped) + String(mapped)).not.toContain(secret)
      },
    ))

  it("aborts by the signal that discord.js passes", () =>
    world(
      () => {},
      async ({ closed, discord, rest, seen }) => {
        const controller = new AbortController()
        const call = discord.get(Routes.channel(channel), { signal: controller.signal as never })
        const ended = rejected(call)
        await waitFor(() => seen.length === 1)
        controller.abort()
        expect(await ended).toMatchObject({ _tag: "TransportError", code: "ABORTED" })
        await waitFor(() => closed() === 1)
        expect(rest.inFlight()).toBe(0)
      },
    ))

  it("aborts by the signal around the call, also while it waits behind another", () =>
    world(
      () => {},
      async ({ closed, discord, rest, seen }) => {
        const path = Routes.channelMessages(channel)
        const one = new AbortController()
        const two = new AbortController()
        const first = rejected(Signal.run(one.signal, () => discord.post(path, { body: {} })))
        const second = rejected(Signal.run(two.signal, () => discord.post(path, { body: {} })))
        await waitFor(() => seen.length === 1)
        two.abort()
        one.abort()
        expect(await first).toMatchObject({ code: "ABORTED" })
        expect(await second).toMatchObject({ code: "ABORTED" })
        await waitFor(() => closed() === 1)
        expect(seen).toHaveLength(1)
        expect(rest.inFlight()).toBe(0)
      },
    ))
})

describe("fromDiscordJs", () => {
  it("maps what is no answer to LibraryError, and discord.js's own limit to RateLimited", () => {
    expect(Answer.fromDiscordJs(new TypeError("x"))).toMatchObject({ _tag: "LibraryError" })
    expect(Answer.fromDiscordJs("x")).toMatchObject({ _tag: "LibraryError", cause: "x" })
    const limit = Object.assign(new Error("limit"), { route: "/r", scope: "user", retryAfter: 7 })
    limit.name = "RateLimitError[/r]"
    expect(Answer.fromDiscordJs(limit)).toMatchObject({ _tag: "RateLimited", retryAfter: 7 })
    const http = Object.assign(new Error("Bad Gateway"), {
      status: 502,
      method: "GET",
      url: "https://discord.com/api/v10/webhooks/1/secret-token",
    })
    expect(Answer.fromDiscordJs(http)).toMatchObject({
      _tag: "ServerError",
      route: "GET /webhooks/1/:token",
      reason: "Bad Gateway",
    })
  })
})

const waitFor = async (holds: () => boolean): Promise<void> => {
  const exit = await Effect.runPromiseExit(
    Effect.sleep(2).pipe(Effect.repeat({ until: holds }), Effect.timeout("3 seconds")),
  )
  expect(Exit.isSuccess(exit)).toBe(true)
}
