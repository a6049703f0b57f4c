/**
 * What is counted and timed of offloaded tasks.
 *
 * @module
 */
import { Metric, MetricBoundaries, MetricLabel } from "effect"

/** How a task ended for its caller: `completed`, `interrupted`, or what it failed with. */
export type Outcome =
  | "completed"
  | "interrupted"
  | "overloaded"
  | "timeout"
  | "threw"
  | "exited"
  | "memory"
  | "input"
  | "output"
  | "file"
  | "died"

const tasks = Metric.counter("bosun_offload_tasks_total", {
  description: "Offloaded tasks by name and outcome",
  incremental: true,
})
const millis = Metric.histogram(
  "bosun_offload_ms",
  MetricBoundaries.exponential({ start: 1, factor: 2, count: 18 }),
  "Milliseconds of offloaded tasks, waiting included",
)
const waiting = Metric.gauge("bosun_offload_waiting", { description: "Tasks that wait for a place" })
const running = Metric.gauge("bosun_offload_running", { description: "Tasks that have a place" })

export const ended = (task: string, outcome: Outcome, tookMillis: number): void => {
  const name = MetricLabel.make("task", task)
  tasks.unsafeUpdate(1, [name, MetricLabel.make("outcome", outcome)])
  millis.unsafeUpdate(tookMillis, [name])
}

/** Counts the places of a pool: what is to be called whenever they change. */
export const load = (pool: "thread" | "process" | "inline") => {
  const tags = [MetricLabel.make("pool", pool)]
  return (stats: { readonly running: number; readonly waiting: number }): void => {
    running.unsafeUpdate(stats.running, tags)
    waiting.unsafeUpdate(stats.waiting, tags)
  }
}
