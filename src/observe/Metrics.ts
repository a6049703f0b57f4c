/**
 * What the bot counts and times about itself, as Effect metrics.
 *
 * A metric that is touched for every event is resolved once, by its tags, and then updated without an effect.
 *
 * @module
 */
import { Metric, MetricBoundaries, MetricLabel } from "effect"

/** How a command ended. */
export type Outcome = "completed" | "failed" | "refused" | "timed_out" | "cancelled" | "died"

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
  // The same arrays at every update: a metric remembers where it counts by them. `Metric.tagged` makes new ones
  // each time, and looks the metric up again.
  const tags = [MetricLabel.make("command", name)]
  const ended = (outcome: Outcome) => [...tags, MetricLabel.make("outcome", outcome)]
  const byOutcome: Readonly<Record<Outcome, ReadonlyArray<MetricLabel.MetricLabel>>> = {
    completed: ended("completed"),
    failed: ended("failed"),
    refused: ended("refused"),
    timed_out: ended("timed_out"),
    cancelled: ended("cancelled"),
    died: ended("died"),
  }
  return {
    ended: (outcome, millis) => {
      commands.unsafeUpdate(1, byOutcome[outcome])
      runMillis.unsafeUpdate(millis, tags)
    },
    delivered: (millis) => deliveryMillis.unsafeUpdate(millis, tags),
    lost: (errorTag) => undelivered.unsafeUpdate(1, [...tags, MetricLabel.make("error", errorTag)]),
  }
}
