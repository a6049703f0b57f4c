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

const policyRefusals = Metric.counter("bosun_policy_refusals_total", {
  description: "Calls that a policy turned away, by command and policy",
  incremental: true,
})
const retries = Metric.counter("bosun_command_retries_total", {
  description: "Handlers that were run again, by command and the tag of the error",
  incremental: true,
})
const queueMillis = Metric.histogram(
  "bosun_command_queue_ms",
  MetricBoundaries.exponential({ start: 1, factor: 2, count: 20 }),
  "Milliseconds that a call waited for others of its command to end",
)

/** The policies that can turn a call away. */
export type Policy =
  | "place"
  | "permissions"
  | "botPermissions"
  | "role"
  | "ownerOnly"
  | "hierarchy"
  | "cooldown"
  | "concurrency"

/** What the policies of one command count. */
export interface PolicyMetrics {
  readonly refused: (policy: Policy) => void
  /** How long a call has waited for its place, in milliseconds. */
  readonly queued: (millis: number) => void
}

/** Resolves the metrics of a command's policies by its full name. */
export const forPolicies = (name: string): PolicyMetrics => {
  const tags = [MetricLabel.make("command", name)]
  const byPolicy = new Map<Policy, ReadonlyArray<MetricLabel.MetricLabel>>()
  return {
    refused: (policy) => {
      const known = byPolicy.get(policy) ?? [...tags, MetricLabel.make("policy", policy)]
      byPolicy.set(policy, known)
      policyRefusals.unsafeUpdate(1, known)
    },
    queued: (millis) => queueMillis.unsafeUpdate(millis, tags),
  }
}

/** A handler is run again. */
export const retried = (command: string, errorTag: string): void =>
  retries.unsafeUpdate(1, [MetricLabel.make("command", command), MetricLabel.make("error", errorTag)])

const heartbeatDelay = Metric.histogram(
  "bosun_heartbeat_delay_ms",
  MetricBoundaries.exponential({ start: 1, factor: 2, count: 15 }),
  "Milliseconds by which a heartbeat went out later than it was due, by shard",
)
const heartbeatLatency = Metric.histogram(
  "bosun_heartbeat_latency_ms",
  MetricBoundaries.exponential({ start: 1, factor: 2, count: 15 }),
  "Milliseconds from a heartbeat to its acknowledgement, by shard",
)

/** The metrics of one shard. */
export interface ShardMetrics {
  /** A heartbeat went out this many milliseconds late. */
  readonly delayed: (millis: number) => void
  /** One was acknowledged after this many milliseconds. */
  readonly acknowledged: (millis: number) => void
}

/** Resolves the metrics of a shard by its id. */
export const forShard = (id: number): ShardMetrics => {
  const tags = [MetricLabel.make("shard", String(id))]
  return {
    delayed: (millis) => heartbeatDelay.unsafeUpdate(millis, tags),
    acknowledged: (millis) => heartbeatLatency.unsafeUpdate(millis, tags),
  }
}

const loopDelays = Metric.gauge("bosun_loop_delay_ms", {
  description: "Milliseconds by which the event loop was late, over the last ten seconds",
})
const loopBlocks = Metric.counter("bosun_loop_blocks_total", {
  description: "How often the event loop stood still for longer than the watchdog's limit",
  incremental: true,
})
const quantiles = {
  p50: [MetricLabel.make("quantile", "0.5")],
  p99: [MetricLabel.make("quantile", "0.99")],
  max: [MetricLabel.make("quantile", "1")],
}

/** A window of the watchdog's is over. */
export const loopDelay = (lag: {
  readonly p50: number
  readonly p99: number
  readonly max: number
}): void => {
  loopDelays.unsafeUpdate(lag.p50, quantiles.p50)
  loopDelays.unsafeUpdate(lag.p99, quantiles.p99)
  loopDelays.unsafeUpdate(lag.max, quantiles.max)
}

/** The loop stood still. */
export const loopBlocked = (): void => loopBlocks.unsafeUpdate(1, [])
