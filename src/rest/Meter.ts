/**
 * What the edge knows of itself: how many calls are going on, how long answers take, how far Discord's clock
 * stands from ours, and who wants to be told of each call.
 *
 * @module
 */
import * as Skew from "./Skew.js"
import type { Response } from "./Transport.js"

/** One settled call, for metrics and transcripts. */
export interface Call {
  /** Method and path, tokens removed: `POST /channels/1/messages`. */
  readonly route: string
  /** The last answer's HTTP status; undefined where there was none. */
  readonly status: number | undefined
  /** The tag of the error it ended with, `Interrupted`, or undefined for an answer that was passed on. */
  readonly error: string | undefined
  /** Milliseconds from the call to its end, waits and repetitions included. */
  readonly millis: number
}

export interface Meter {
  readonly begin: () => void
  readonly answered: (response: Response, sent: number, received: number) => void
  /** `describe` is only asked where someone listens. */
  readonly end: (describe: () => Call) => void
  readonly inFlight: () => number
  readonly latency: () => number | undefined
  readonly clockSkew: () => number
  readonly onCall: (observer: (call: Call) => void) => () => void
}

/** The weight of the newest answer in the smoothed latency. */
const NEWEST = 0.2

export const make = (): Meter => {
  const skew = Skew.make()
  const observers = new Set<(call: Call) => void>()
  let inFlight = 0
  let latency: number | undefined
  return {
    begin: () => {
      inFlight++
    },
    answered: (response, sent, received) => {
      const took = received - sent
      latency = latency === undefined ? took : latency + NEWEST * (took - latency)
      skew.note(response.headers["date"], sent, received)
    },
    end: (describe) => {
      inFlight--
      if (observers.size === 0) return
      const call = describe()
      for (const observer of observers) observer(call)
    },
    inFlight: () => inFlight,
    latency: () => latency,
    clockSkew: () => skew.millis(),
    onCall: (observer) => {
      observers.add(observer)
      return () => {
        observers.delete(observer)
      }
    },
  }
}
