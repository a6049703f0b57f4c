/**
 * The page's server side: answers what `Protocol` says, for the server's seam of the same name.
 *
 * ```
 * GET /, /Chat.page.js, …     Assets
 * GET /page/live              Stream ← World's sights and events, transcript, faults, clock
 * GET /page/messages          Screen.history
 * GET /page/commands          Actor.commands
 * POST /page/act              Guard → Act.read → Deeds.run → Actor
 * ```
 *
 * Whoever may reach it is anybody in the sandbox: it is for one's own machine, and `Guard` says who that is. Its own
 * pauses are in real time, also where the sandbox's clock is moved. Who has a window open is online. Closing the scope
 * ends every stream.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http"
import { Clock, Effect, Either, FiberSet, Schedule, type Scope } from "effect"
import * as Act from "./Act.js"
import * as Assets from "./Assets.js"
import * as Body from "./Body.js"
import * as Deeds from "./Deeds.js"
import * as Guard from "./Guard.js"
import type { User } from "../model/Model.js"
import type * as Protocol from "./Protocol.js"
import { Sandbox } from "../Sandbox.js"
import * as Screen from "./Screen.js"
import * as Snowflake from "../model/Snowflake.js"
import * as Stream from "./Stream.js"
import * as Traffic from "./Traffic.js"
import * as Presences from "../world/Presences.js"
import type { Numbered } from "../Transcript.js"

export interface Options {
  /** Other pages that are shown beside the chat. */
  readonly panels?: ReadonlyArray<Protocol.Panel>
  /** What moves the sandbox's clock; absent where it cannot be moved. */
  readonly clock?: {
    /** Lets so many milliseconds pass. */
    readonly advance: (millis: number) => Effect.Effect<void>
    /** Whether time is being moved. */
    readonly moving: () => boolean
  }
}

export interface Page {
  /** Answers a request for the page; false where it is for somebody else. */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => boolean
  /** Tells every window that the sandbox ends: to be done before the server closes. */
  readonly farewell: Effect.Effect<void>
}

/** Windows that are open at once. */
const mostStreams = 200
/** Traffic in a `Hello`, and the most that is told at once. */
const newest = 500
/** Milliseconds for which nobody is gone who reloads. */
const reloadWithin = 1_500
const trafficEvery = "100 millis"
const lookEvery = "250 millis"
const beatEvery = "20 seconds"

/** Makes the page's server side; it lives as long as the scope. */
export const make = (options: Options = {}): Effect.Effect<Page, never, Sandbox | Scope.Scope> =>
  Effect.gen(function* () {
    const sandbox = yield* Sandbox
    const { world } = sandbox
    const run = yield* FiberSet.makeRuntime<never>()
    const real = Clock.make()
    const assets = Assets.make()
    const panels = options.panels ?? []
    // Panels may come later: a bot that is not up yet.
    const common = () => Assets.headers(panels)
    const site: Deeds.Site = { sandbox, advance: options.clock?.advance }
    const streams = new Set<Stream.Stream>()
    const tell = (live: Protocol.Live): void => {
      for (const stream of streams) stream.tell(live)
    }
    const pace: Stream.Pace = {
      now: () => real.unsafeCurrentTimeMillis(),
      after: (millis, task) => {
        run(Effect.sync(task).pipe(Effect.delay(millis), Effect.withClock(real)))
      },
    }

    const clock = (): Protocol.Clock => ({
      now: world.now(),
      movable: options.clock !== undefined,
      moving: options.clock?.moving() ?? false,
    })

    const noted = new Map<number, () => Numbered | undefined>()
    const stopNoting = sandbox.recorder?.follow((n, read) => {
      if (streams.size === 0) return
      noted.set(n, read)
      const [oldest] = noted.keys()
      if (noted.size > newest && oldest !== undefined) noted.delete(oldest)
    })
    const traffic = (): void => {
      const entries = [...noted.values()].flatMap((read) => {
        const entry = read()
        return entry === undefined ? [] : [Traffic.of(entry)]
      })
      noted.clear()
      if (entries.length > 0) tell({ _tag: "Traffic", entries })
    }

    let online = Screen.botOnline(sandbox)
    let faults = JSON.stringify(Screen.faults(sandbox))
    let moving = false
    const look = (): void => {
      const connected = Screen.botOnline(sandbox)
      if (connected !== online) for (const stream of streams) stream.look()
      online = connected
      const now = Screen.faults(sandbox)
      const text = JSON.stringify(now)
      if (text !== faults) tell({ _tag: "Faults", faults: now })
      faults = text
      const time = clock()
      if (time.moving || moving) tell({ _tag: "Clock", clock: time })
      moving = time.moving
      for (const stream of streams) stream.tick()
    }
    const every = (interval: typeof lookEvery | typeof trafficEvery | typeof beatEvery, task: () => void) =>
      Effect.sync(() => {
        if (streams.size > 0) task()
      }).pipe(
        Effect.schedule(Schedule.spaced(interval)),
        Effect.delay(interval),
        Effect.withClock(real),
        Effect.forkScoped,
      )
    yield* every(trafficEvery, traffic)
    yield* every(lookEvery, look)
    yield* every(beatEvery, () => {
      for (const stream of streams) stream.beat()
      tell({ _tag: "Clock", clock: clock() })
    })
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        stopNoting?.()
        for (const stream of streams) stream.close()
      }),
    )

    /** Who is online since they opened a window, and for as long as they have one. */
    const present = new Set<string>()
    const hasWindow = (id: string): boolean => [...streams].some(({ user }) => user.id === id)
    const arrive = ({ id }: User): void => {
      if (hasWindow(id) || present.has(id) || Presences.of(world, id).status !== "offline") return
      present.add(id)
      Presences.set(world, id, "online")
    }
    const depart = ({ id }: User): void =>
      pace.after(reloadWithin, () => {
        if (!hasWindow(id) && present.delete(id)) Presences.set(world, id, "offline")
      })

    /** Somebody whom one can be; without a name the sandbox's owner. */
    const personOf = (url: URL): User | undefined => {
      const id = url.searchParams.get("as") ?? ""
      if (id !== "") return known(world.users.get(id))
      return known(world.owner) ?? [...world.users.values()].find((one) => !one.bot)
    }

    const live = (user: User, response: ServerResponse): void => {
      if (streams.size >= mostStreams) return refuse(response, 503, "Too many windows are open.")
      response.writeHead(200, {
        ...common(),
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-store",
      })
      arrive(user)
      const stream = Stream.open(sandbox, user, response, pace, (place, modals) => ({
        _tag: "Hello",
        place,
        modals,
        traffic: (sandbox.recorder?.newest(newest) ?? []).map(Traffic.of),
        faults: Screen.faults(sandbox),
        clock: clock(),
        panels,
      }))
      streams.add(stream)
      response.on("close", () => {
        streams.delete(stream)
        stream.close()
        depart(user)
      })
    }

    const act = Effect.fnUntraced(function* (user: User, request: IncomingMessage) {
      const body = yield* Body.json(request)
      const read = Act.read(body)
      if (Either.isLeft(read)) return yield* new Deeds.Refusal({ status: 400, reason: read.left })
      const done = yield* Deeds.run(site, user, read.right)
      if (unsaid.has(read.right._tag)) for (const stream of streams) stream.look()
      if (read.right._tag === "Plan" || read.right._tag === "Fault") look()
      if (read.right._tag === "Advance") tell({ _tag: "Clock", clock: clock() })
      return done
    })

    const messages = (user: User, url: URL): Effect.Effect<Protocol.History, Deeds.Refusal> =>
      Effect.suspend(() => {
        const channel = world.channels.get(url.searchParams.get("channel") ?? "")
        const before = url.searchParams.get("before")
        if (channel === undefined || !world.canSee(user.id, channel))
          return new Deeds.Refusal({
            status: 404,
            reason: "There is no such channel, or one does not see it.",
          })
        if (before !== null && !Snowflake.is(before))
          return new Deeds.Refusal({ status: 400, reason: "before is the id of a message." })
        return Effect.succeed(Screen.history(world, user, channel, before))
      })

    const commands = (user: User, url: URL) =>
      sandbox.actor(user.id).pipe(
        Effect.flatMap((actor) => actor.commands(url.searchParams.get("channel") ?? "")),
        Effect.map((all) => ({ commands: all.map(({ raw }) => raw) })),
        Effect.mapError(({ message }) => new Deeds.Refusal({ status: 404, reason: message })),
      )

    const refuse = (response: ServerResponse, status: number, error: string): void =>
      answer(response, status, { error })

    const answer = (response: ServerResponse, status: number, body: object): void => {
      if (response.headersSent || response.destroyed) return
      const bytes = Buffer.from(JSON.stringify(body))
      response.writeHead(status, {
        ...common(),
        "content-type": "application/json; charset=utf-8",
        "cache-control": "no-store",
        "content-length": bytes.byteLength,
        // What is left of a body that was refused is not read.
        ...(status === 413 ? { connection: "close" } : {}),
      })
      response.end(bytes)
    }

    const reply = (response: ServerResponse, effect: Effect.Effect<object, Deeds.Refusal>): void => {
      run(
        effect.pipe(
          Effect.match({
            onFailure: ({ reason, status }) => refuse(response, status, reason),
            onSuccess: (body) => answer(response, 200, body),
          }),
          Effect.catchAllCause((cause) =>
            Effect.zipRight(
              Effect.logError("The page's server failed", cause),
              Effect.sync(() =>
                refuse(response, 500, "Something broke inside the sandbox: its log says what."),
              ),
            ),
          ),
        ),
      )
    }

    const asset = (path: string, request: IncomingMessage, response: ServerResponse): void => {
      run(
        Effect.match(assets.get(path), {
          onFailure: ({ message }) => {
            if (path.endsWith(".map")) return refuse(response, 404, "There is no map.")
            response.writeHead(500, { ...common(), "content-type": "text/plain; charset=utf-8" })
            response.end(message)
          },
          onSuccess: ({ body, etag, type }) => {
            const same = request.headers["if-none-match"] === etag
            response.writeHead(same ? 304 : 200, { ...common(), "content-type": type, etag })
            response.end(same || request.method === "HEAD" ? undefined : body)
          },
        }),
      )
    }

    /** Attachments are of one origin alone, which is where the page has to be, to show them. */
    const elsewhere = (host: string | undefined, url: URL): string | undefined => {
      const own = new URL(world.origin)
      const asked = new URL(`http://${host ?? ""}`)
      return asked.host !== own.host && asked.port === own.port
        ? `${own.origin}${url.pathname}${url.search}`
        : undefined
    }

    return {
      // Node writes it out a moment later.
      farewell: Effect.sync(() => tell({ _tag: "Ended" })).pipe(
        Effect.zipRight(Effect.sleep("10 millis")),
        Effect.withClock(real),
      ),
      handle: (request, response) => {
        const url = URL.canParse(request.url ?? "/", "http://sandbox")
          ? new URL(request.url ?? "/", "http://sandbox")
          : undefined
        if (url === undefined) return false
        const { pathname: path } = url
        const isAsset = Assets.has(path)
        if (!isAsset && !path.startsWith("/page/")) return false
        const method = request.method ?? "GET"
        const changes = path === "/page/act"
        const refused = Guard.refuse(request.headers, changes ? "change" : isAsset ? "document" : "read")
        if (refused !== undefined) {
          refuse(response, refused.status, refused.error)
          return true
        }
        if (changes ? method !== "POST" : method !== "GET" && !(isAsset && method === "HEAD")) {
          response.setHeader("allow", changes ? "POST" : "GET")
          refuse(response, 405, `This is asked for by ${changes ? "POST" : "GET"}.`)
          return true
        }
        if (isAsset) {
          const location = path === "/" ? elsewhere(request.headers.host, url) : undefined
          if (location === undefined) asset(path, request, response)
          else response.writeHead(307, { ...common(), location }).end()
          return true
        }
        const user = personOf(url)
        if (user === undefined) {
          refuse(response, 404, "The sandbox knows no such person. It may have been started anew.")
          return true
        }
        if (path === "/page/live") live(user, response)
        else if (path === "/page/messages") reply(response, messages(user, url))
        else if (path === "/page/commands") reply(response, commands(user, url))
        else if (changes) reply(response, act(user, request))
        else refuse(response, 404, "There is no such page.")
        return true
      },
    }
  })

/** Acts that change what is on a screen, and of which no event says so. */
const unsaid: ReadonlySet<Protocol.Act["_tag"]> = new Set([
  "Person",
  "Status",
  "Directs",
  "Join",
  "Leave",
  "Advance",
  "Submit",
  "Dismiss",
])

const known = (user: User | undefined): User | undefined =>
  user === undefined || user.bot ? undefined : user
