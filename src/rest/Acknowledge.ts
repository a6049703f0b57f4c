/**
 * The hot path: the first response to an interaction, from a string to the transport with nothing in between.
 *
 * No effect, no fiber and no queue as long as the first attempt succeeds. Anything else than a 2xx goes the
 * way of all calls (`Attempts`), with the first attempt's outcome in hand.
 *
 * @module
 */
import { Exit, Fiber, type Effect } from "effect"
import { RequestTimeout, type RestError, TransportError } from "../DiscordError.js"
import * as Answer from "./Answer.js"
import * as Attempts from "./Attempts.js"
import * as Route from "./Route.js"
import type { Response } from "./Transport.js"

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

const nothing = () => {}

export const make = (edge: Attempts.Edge, options: Options): Acknowledge => {
  const { budget, clock, meter, timeOuts, transport } = edge
  const going = new Set<() => void>()
  let closed = false

  const send: Acknowledge["send"] = (path, body, done) => {
    const spent = budget.exceeded()
    if (spent !== undefined || closed) {
      done(spent ?? closedError(path))
      return nothing
    }
    const started = clock.unsafeCurrentTimeMillis()
    const request = {
      method: "POST",
      path: options.prefix + path,
      headers: options.headers,
      body,
      lane: "acknowledgement",
    } as const
    let stop = nothing
    let settled = false
    const settle = (status: number | undefined, error: string | undefined): boolean => {
      if (settled) return false
      settled = true
      going.delete(close)
      timeOuts.disarm(timer)
      meter.end(() => ({
        route: Route.parse("POST", path).display,
        status,
        error,
        millis: clock.unsafeCurrentTimeMillis() - started,
      }))
      return true
    }
    const abort = () => {
      if (settle(undefined, "Interrupted")) stop()
    }
    const close = () => {
      if (!settle(undefined, "TransportError")) return
      stop()
      done(closedError(path))
    }
    const goOn = (outcome: (route: Route.Route) => Response | Attempts.Lost) => {
      if (settled) return
      const route = Route.parse("POST", path)
      const wire: Attempts.Wire = {
        route,
        request,
        timeout: options.timeout,
        repeatable: route.retry === "safe" || route.retry === "once-then-40060",
      }
      const fiber = options.fork(Attempts.resume(edge, wire, outcome(route)))
      stop = () => fiber.unsafeInterruptAsFork(fiber.id())
      fiber.addObserver((exit) => {
        const error = errorOf(route, exit)
        const { status, error: tag } = Attempts.described(exit)
        if (settle(status, error?._tag ?? tag)) done(error)
      })
    }
    meter.begin()
    going.add(close)
    const timer = timeOuts.arm(options.timeout, () => {
      stop()
      goOn((route) => new RequestTimeout({ route: route.display, after: options.timeout }))
    })
    const stopSending = transport.send(
      request,
      (response) => {
        timeOuts.disarm(timer)
        Attempts.received(edge, response, started)
        if (response.status >= 300) goOn(() => response)
        else if (settle(response.status, undefined)) done(null)
      },
      (failure) => {
        timeOuts.disarm(timer)
        goOn((route) => Attempts.transportError(route, failure))
      },
    )
    // A transport may answer at once; what was started then must stay what is stopped.
    if (!settled && stop === nothing) stop = stopSending
    return abort
  }

  return {
    send,
    close: () => {
      closed = true
      for (const close of going) close()
    },
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
