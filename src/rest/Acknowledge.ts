/**
 * The hot path: the first response to an interaction, from a string to the transport with nothing in between.
 *
 * No effect, no fiber and no queue as long as the first attempt succeeds. Anything else than a 2xx goes the
 * way of all calls (`Attempts`), with the first attempt's outcome in hand.
 *
 * @module
 */
import { type Effect, Exit, type Fiber } from "effect"
import { RequestTimeout, type RestError, TransportError } from "../DiscordError.js"
import * as Answer from "./Answer.js"
import * as Attempts from "./Attempts.js"
import { type Entry, Going } from "../supervise/Going.js"
import * as Route from "./Route.js"
import type { Timer } from "../supervise/Timers.js"
import type { Request, Response } from "./Transport.js"

export interface Acknowledge {
  /** See `Rest.acknowledge`. */
  readonly send: (path: string, body: string, done: (error: RestError | null) => void) => () => void
  /** Ends everything that is going on: each is told `TransportError` with code `CLOSED`. */
  readonly close: () => void
}

export interface Options {
  /** Before the path: `/api/v10`. */
  readonly prefix: string
  readonly headers: Readonly<Record<string, string>>
  /** For one attempt, in milliseconds. */
  readonly timeout: number
  readonly fork: <A, E>(effect: Effect.Effect<A, E>) => Fiber.RuntimeFiber<A, E>
}

export const make = (edge: Attempts.Edge, options: Options): Acknowledge => {
  const shared: Shared = { edge, options, going: new Going() }
  let closed = false
  return {
    send: (path, body, done) => {
      const spent = edge.budget.exceeded()
      if (spent !== undefined || closed) {
        done(spent ?? closedError(path))
        return nothing
      }
      const one = new Acknowledgement(shared, path, body, done)
      one.start()
      return () => one.abort()
    },
    close: () => {
      closed = true
      for (const one of shared.going.all()) one.close()
    },
  }
}

interface Shared {
  readonly edge: Attempts.Edge
  readonly options: Options
  readonly going: Going<Acknowledgement>
}

const nothing = () => {}

/** One first response, from its sending to its one outcome. */
class Acknowledgement {
  private readonly started: number
  private readonly request: Request
  private readonly timer: Timer
  /** Aborts what is going on: the first attempt, then the fiber that makes the others. */
  private stop = nothing
  private settled = false
  private readonly entry: Entry<Acknowledgement>

  constructor(
    private readonly shared: Shared,
    private readonly path: string,
    body: string,
    private readonly done: (error: RestError | null) => void,
  ) {
    const { edge, options } = shared
    this.started = edge.clock.unsafeCurrentTimeMillis()
    this.request = {
      method: "POST",
      path: options.prefix + path,
      headers: options.headers,
      body,
      lane: "acknowledgement",
    }
    this.entry = shared.going.add(this)
    this.timer = edge.acknowledgements.after(options.timeout, () => this.onTimeOut())
  }

  start(): void {
    const { edge } = this.shared
    edge.meter.begin()
    const stop = edge.transport.send(
      this.request,
      (response) => this.onResponse(response),
      (failure) => this.goOn((route) => Attempts.transportError(route, failure)),
    )
    // A transport may answer at once; what was started then must stay what is stopped.
    if (!this.settled && this.stop === nothing) this.stop = stop
  }

  abort(): void {
    if (this.settle(undefined, "Interrupted")) this.stop()
  }

  close(): void {
    if (!this.settle(undefined, "TransportError")) return
    this.stop()
    this.done(closedError(this.path))
  }

  private onResponse(response: Response): void {
    Attempts.received(this.shared.edge, response, this.started)
    if (response.status >= 300) this.goOn(() => response)
    else if (this.settle(response.status, undefined)) this.done(null)
  }

  private onTimeOut(): void {
    this.stop()
    const after = this.shared.options.timeout
    this.goOn((route) => new RequestTimeout({ route: route.display, after }))
  }

  /** What the first attempt came to is the beginning of an ordinary call. */
  private goOn(outcome: (route: Route.Route) => Response | Attempts.Lost): void {
    if (this.settled) return
    const { edge, options } = this.shared
    this.timer.cancel()
    const route = Route.parse("POST", this.path)
    const wire: Attempts.Wire = {
      route,
      request: this.request,
      timeout: options.timeout,
      repeatable: route.retry === "safe" || route.retry === "once-then-40060",
    }
    const fiber = options.fork(Attempts.resume(edge, wire, outcome(route)))
    this.stop = () => fiber.unsafeInterruptAsFork(fiber.id())
    fiber.addObserver((exit) => {
      const error = errorOf(route, exit)
      const { error: tag, status } = Attempts.described(exit)
      if (this.settle(status, error?._tag ?? tag)) this.done(error)
    })
  }

  /** True for the first outcome; there is no second. */
  private settle(status: number | undefined, error: string | undefined): boolean {
    if (this.settled) return false
    const { edge, going } = this.shared
    this.settled = true
    going.remove(this.entry)
    this.timer.cancel()
    edge.meter.end(() => ({
      route: Route.parse("POST", this.path).display,
      status,
      error,
      millis: edge.clock.unsafeCurrentTimeMillis() - this.started,
    }))
    return true
  }
}

const closedError = (path: string) =>
  new TransportError({ route: Route.parse("POST", path).display, code: "CLOSED", sent: false })

const errorOf = (route: Route.Route, exit: Exit.Exit<Response, RestError>): RestError | null => {
  if (Exit.isSuccess(exit)) {
    return exit.value.status < 300
      ? null
      : Answer.fromAnswer(route.display, exit.value.status, Attempts.bodyOf(exit.value))
  }
  return exit.cause._tag === "Fail"
    ? exit.cause.error
    : new TransportError({ route: route.display, code: "ABORTED", sent: true })
}
