/**
 * What the bot counts and times about itself, as Effect metrics.
 *
 * A metric that is touched for every event is resolved once, by its tags, and then updated without an effect.
 *
 * @module
 */
import { Metric, MetricBoundaries } from "effect"

/** How a command ended. */
export const outcomes = ["completed", "failed", "refused", "timed_out", "cancelled", "died"] as const
export type Outcome = (typeof outcomes)[number]

const commands = Metric.counter("bosun_commands_total", {
  description: "Commands by name and outcome",
  incremental: true,
})
const runMillis = Metric.histogram(
  "bosun_command_run_ms",
  MetricBoundaries.exponential({ start: 1, factor: 2, count: 20 }),
  "Milliseconds from receipt to the end of the handler",
)
const deliveryMillis = Metric.histogram(
  "bosun_command_delivery_ms",
  MetricBoundaries.exponential({ start: 1, factor: 2, count: 16 }),
  "Milliseconds from the end of the handler until Discord accepted the outcome",
)
const undelivered = Metric.counter("bosun_outcomes_undelivered_total", {
  description: "Outcomes that Discord did not accept, by the tag of the error",
  incremental: true,
})

/** The metrics of one command. */
export interface CommandMetrics {
  readonly ended: (outcome: Outcome, millis: number) => void
  readonly delivered: (millis: number) => void
  readonly lost: (errorTag: string) => void
}

/** Resolves the metrics of a command by its full name. */
export const forCommand = (name: string): CommandMetrics => {
  const counters = Object.fromEntries(
    outcomes.map((outcome) => [
      outcome,
      commands.pipe(Metric.tagged("command", name), Metric.tagged("outcome", outcome)),
    ]),
  ) as Record<Outcome, typeof commands>
  const run = runMillis.pipe(Metric.tagged("command", name))
  const delivery = deliveryMillis.pipe(Metric.tagged("command", name))
  return {
    ended: (outcome, millis) => {
      counters[outcome].unsafeUpdate(1, [])
      run.unsafeUpdate(millis, [])
    },
    delivered: (millis) => delivery.unsafeUpdate(millis, []),
    lost: (errorTag) =>
      undelivered.pipe(Metric.tagged("command", name), Metric.tagged("error", errorTag)).unsafeUpdate(1, []),
  }
}
