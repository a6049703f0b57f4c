/**
 * What is counted and timed of upstreams.
 *
 * @module
 */
import { Metric, MetricBoundaries, MetricLabel } from "effect"
import type { State } from "./Breaker.js"
import type { HttpError } from "../HttpError.js"

/** How a call ended. */
export type Outcome = "answered" | "interrupted" | "died" | HttpError["_tag"]

const calls = Metric.counter("bosun_http_calls_total", {
  description: "Calls of upstreams by name and outcome",
  incremental: true,
})
const tries = Metric.counter("bosun_http_tries_total", {
  description: "Requests that went out to upstreams: a call may take several",
  incremental: true,
})
const millis = Metric.histogram(
  "bosun_http_ms",
  MetricBoundaries.exponential({ start: 1, factor: 2, count: 16 }),
  "Milliseconds of a call of an upstream, with its waits and its tries",
)
const breaker = Metric.gauge("bosun_http_breaker", {
  description: "Whether an upstream is asked: 0 closed, 1 half-open, 2 open",
})

/** The metrics of one upstream. */
export interface UpstreamMetrics {
  readonly ended: (outcome: Outcome, millis: number) => void
  readonly tried: () => void
  readonly breaker: (state: State) => void
}

const STATES: Readonly<Record<State, number>> = { closed: 0, "half-open": 1, open: 2 }

/** Resolves the metrics of an upstream by its name. */
export const forUpstream = (name: string): UpstreamMetrics => {
  const tags = [MetricLabel.make("upstream", name)]
  const byOutcome = new Map<Outcome, ReadonlyArray<MetricLabel.MetricLabel>>()
  return {
    ended: (outcome, took) => {
      const known = byOutcome.get(outcome) ?? [...tags, MetricLabel.make("outcome", word(outcome))]
      byOutcome.set(outcome, known)
      calls.unsafeUpdate(1, known)
      millis.unsafeUpdate(took, tags)
    },
    tried: () => tries.unsafeUpdate(1, tags),
    breaker: (state) => breaker.unsafeUpdate(STATES[state], tags),
  }
}

/** `HttpRefused`: `refused`. */
const word = (outcome: Outcome): string => outcome.replace(/^Http/u, "").toLowerCase()
