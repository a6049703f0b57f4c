/**
 * A sandbox with its page on a port, and windows on it, for tests: real sockets, and what a window has heard.
 *
 * @module
 */
import * as Http from "node:http"
import * as Net from "node:net"
import { Deferred, Effect, Layer, type Scope } from "effect"
import * as Page from "../../../src/sandbox/page/Page.js"
import type * as Protocol from "../../../src/sandbox/page/Protocol.js"
import * as Sandbox from "../../../src/sandbox/Sandbox.js"
import * as Server from "../../../src/sandbox/Server.js"
import * as InProcess from "../InProcess.js"

/** A sandbox with its page on a port of its own. */
export const layer = (
  options: Page.Options = {},
): Layer.Layer<Sandbox.Sandbox | Server.Server, Server.ServerError> =>
  Layer.unwrapScoped(
    Effect.map(Page.make(options), (page) => Server.layer({ port: 0, page: page.handle })),
  ).pipe(Layer.provideMerge(Sandbox.layer({ rateLimits: false, transcript: 1_000 })))

/** An answer with its text. */
export interface Answer {
  readonly status: number
  readonly headers: Http.IncomingHttpHeaders
  readonly text: string
}

/** One request, with every header as it is given: browsers' own and a `Host` of any kind. */
export const ask = (
  method: string,
  path: string,
  options: { readonly headers?: Readonly<Record<string, string>>; readonly body?: string } = {},
): Effect.Effect<Answer, never, Server.Server> =>
  Effect.flatMap(Server.Server, ({ port }) =>
    Effect.async<Answer>((resume) => {
      const request = Http.request(
        { host: "127.0.0.1", port, method, path, headers: options.headers ?? {}, agent: false },
        (response) => {
          const chunks: Array<Buffer> = []
          response.on("data", (chunk: Buffer) => chunks.push(chunk))
          response.on("end", () =>
            resume(
              Effect.succeed({
                status: response.statusCode ?? 0,
                headers: response.headers,
                text: Buffer.concat(chunks).toString("utf8"),
              }),
            ),
          )
          if (response.headers["content-type"]?.startsWith("text/event-stream") === true) {
            resume(Effect.succeed({ status: response.statusCode ?? 0, headers: response.headers, text: "" }))
            request.destroy()
          }
        },
      )
      request.on("error", () => resume(Effect.succeed({ status: 0, headers: {}, text: "" })))
      request.end(options.body)
    }),
  )

/** JSON of the page's own kind. */
export const own = { "content-type": "application/json", "x-sandbox-page": "1" }

const fetched = (path: string, init?: RequestInit): Effect.Effect<Response, never, Server.Server> =>
  Effect.flatMap(Server.Server, ({ port }) =>
    Effect.promise(() => fetch(`http://127.0.0.1:${port}${path}`, init)),
  )

/** A `GET` that answers JSON. */
export const get = (path: string): Effect.Effect<unknown, never, Server.Server> =>
  Effect.flatMap(fetched(path), (response) => Effect.promise(() => response.json()))

/** What came of an act. */
export type Outcome = Protocol.Done & Partial<Protocol.Refused> & { readonly status: number }

/** One window. */
export interface Window {
  readonly id: string
  /** Everything that it was told, oldest first. */
  readonly heard: ReadonlyArray<Protocol.Live>
  /** The first that fits, among what it was told and what comes. */
  readonly when: <A>(fits: (live: Protocol.Live) => A | undefined) => Effect.Effect<A>
  readonly act: (act: Protocol.Act | object) => Effect.Effect<Outcome, never, Server.Server>
  readonly history: (
    channel: string,
    before?: string,
  ) => Effect.Effect<Protocol.History, never, Server.Server>
  /** The place as it was told last. */
  readonly place: () => Protocol.Place
  /** The messages of a channel as this window has them by now, oldest first. */
  readonly messages: (channel: string) => ReadonlyArray<Protocol.Message>
}

/** Opens a window as somebody, and waits for its `Hello`. It is closed with the scope. */
export const open = (
  name: string,
): Effect.Effect<Window, never, Sandbox.Sandbox | Server.Server | Scope.Scope> =>
  Effect.gen(function* () {
    const { world } = yield* Sandbox.Sandbox
    const { port } = yield* Server.Server
    const id = world.findUser(name)?.id ?? name
    const heard: Array<Protocol.Live> = []
    const listeners = new Set<() => void>()
    yield* Effect.acquireRelease(
      Effect.sync(() => {
        let rest = ""
        return Http.get(
          { host: "127.0.0.1", port, path: `/page/live?as=${id}`, agent: false },
          (response) => {
            response.setEncoding("utf8")
            response.on("data", (chunk: string) => {
              const events = `${rest}${chunk}`.split("\n\n")
              rest = events.pop() ?? ""
              for (const event of events)
                if (event.startsWith("data: ")) heard.push(JSON.parse(event.slice(6)) as Protocol.Live)
              for (const listener of listeners) listener()
            })
          },
        ).on("error", () => {})
      }),
      (request) => Effect.sync(() => request.destroy()),
    )
    const when: Window["when"] = (fits) =>
      Effect.gen(function* () {
        const found = yield* Deferred.make<NonNullable<ReturnType<typeof fits>>>()
        const look = () => {
          for (const live of heard) {
            const fitting = fits(live)
            if (fitting !== undefined) Deferred.unsafeDone(found, Effect.succeed(fitting as never))
          }
        }
        listeners.add(look)
        look()
        return yield* Effect.ensuring(
          Deferred.await(found),
          Effect.sync(() => listeners.delete(look)),
        )
      }).pipe(
        Effect.timeout("10 seconds"),
        Effect.orDieWith(
          () => new Error(`not heard; heard were ${heard.map(({ _tag }) => _tag).join(", ")}`),
        ),
      )
    yield* when(({ _tag }) => (_tag === "Hello" ? true : undefined))
    return {
      id,
      heard,
      when,
      act: (act) =>
        Effect.flatMap(
          fetched(`/page/act?as=${id}`, { method: "POST", headers: own, body: JSON.stringify(act) }),
          (response) =>
            Effect.promise(async () => ({
              ...((await response.json()) as object),
              status: response.status,
            })),
        ),
      history: (channel, before) =>
        get(
          `/page/messages?as=${id}&channel=${channel}${before === undefined ? "" : `&before=${before}`}`,
        ) as Effect.Effect<Protocol.History, never, Server.Server>,
      place: () => {
        const told = heard.flatMap((live) => ("place" in live ? [live.place] : []))
        const last = told.at(-1)
        if (last === undefined) throw new Error("no place")
        return last
      },
      messages: (channel) => {
        const shown = new Map<string, Protocol.Message>()
        for (const live of heard) {
          if (live._tag === "Message" && live.channelId === channel)
            shown.set(live.shown.message.id, live.shown)
          if (live._tag === "MessageGone") shown.delete(live.id)
        }
        return [...shown.values()].sort((a, b) => Number(BigInt(a.message.id) - BigInt(b.message.id)))
      },
    }
  })

/** What a window hears of a message that fits. */
export const message =
  (fits: (shown: Protocol.Message) => boolean) =>
  (live: Protocol.Live): Protocol.Message | undefined =>
    live._tag === "Message" && fits(live.shown) ? live.shown : undefined

/** A bot on the sandbox that is identified, with one command `go`, and answers as it is told. */
export const bot = Effect.gen(function* () {
  const sandbox = yield* Sandbox.Sandbox
  const connection = InProcess.connect(sandbox)
  InProcess.identify(connection)
  yield* InProcess.call(sandbox, "PUT", `/applications/${sandbox.world.bot.id}/commands`, [
    {
      name: "go",
      description: "Goes",
      options: [{ type: 3, name: "where", description: "Where to", autocomplete: true }],
    },
  ])
  const next = (n: number): Effect.Effect<Readonly<Record<string, unknown>>> =>
    Effect.gen(function* () {
      const all = connection.events().filter(({ t }) => t === "INTERACTION_CREATE")
      const one = all[n]
      if (one !== undefined) return one.d
      yield* Effect.sleep("2 millis")
      return yield* next(n)
    })
  let answered = 0
  return {
    connection,
    /** Answers the next interaction that was not answered yet. */
    answer: (type: number, data?: unknown) =>
      Effect.gen(function* () {
        const { id, token } = yield* next(answered++)
        const path = `/interactions/${String(id)}/${String(token)}/callback`
        yield* InProcess.call(sandbox, "POST", path, { type, data })
        return { id: String(id), token: String(token) }
      }),
  }
})

/** A window that is opened and reads nothing. */
export const deaf = (name: string) =>
  Effect.gen(function* () {
    const { world } = yield* Sandbox.Sandbox
    const { port } = yield* Server.Server
    let over = false
    const ended = yield* Deferred.make<void>()
    const socket = yield* Effect.acquireRelease(
      Effect.sync(() => {
        const made = Net.connect(port, "127.0.0.1")
        made.pause()
        const path = `/page/live?as=${world.findUser(name)?.id ?? ""}`
        made.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`)
        return made
      }),
      (made) => Effect.sync(() => made.destroy()),
    )
    const end = () => {
      over = true
      Deferred.unsafeDone(ended, Effect.void)
    }
    socket.on("error", end)
    socket.on("close", end)
    return {
      isOver: () => over,
      /** Waits until the other side has cut it off; fails the test where it does not. */
      over: Effect.suspend(() => {
        socket.resume()
        return Effect.timeout(Deferred.await(ended), "5 seconds")
      }).pipe(Effect.orDie),
    }
  })
