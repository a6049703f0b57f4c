/**
 * What inboxes count and time, by the inbox's name.
 *
 * @module
 */
import { Metric, MetricBoundaries, MetricLabel } from "effect"

const depth = Metric.gauge("bosun_inbox_depth", { description: "How many items wait" })
const items = Metric.counter("bosun_inbox_items_total", {
  description: "Items by what became of them",
  incremental: true,
})
const ageMillis = Metric.histogram(
  "bosun_inbox_age_ms",
  MetricBoundaries.exponential({ start: 1, factor: 2, count: 20 }),
  "Milliseconds that an item waited until it was worked on",
)
const workMillis = Metric.histogram(
  "bosun_inbox_work_ms",
  MetricBoundaries.exponential({ start: 1, factor: 2, count: 20 }),
  "Milliseconds that the work on an item took",
)

/** What became of an item. */
export type Fate = "done" | "failed" | "dropped"

/** The metrics of one inbox. Times are milliseconds. */
export interface InboxMetrics {
  readonly depth: (items: number) => void
  readonly begun: (age: number) => void
  readonly ended: (fate: Exclude<Fate, "dropped">, millis: number) => void
  readonly dropped: (items: number) => void
}

/** Resolves the metrics of an inbox by its name. */
export const forInbox = (name: string): InboxMetrics => {
  // The same arrays at every update: a metric remembers where it counts by them.
  const tags = [MetricLabel.make("inbox", name)]
  const fate = (one: Fate) => [...tags, MetricLabel.make("fate", one)]
  const byFate: Readonly<Record<Fate, ReadonlyArray<MetricLabel.MetricLabel>>> = {
    done: fate("done"),
    failed: fate("failed"),
    dropped: fate("dropped"),
  }
  return {
    depth: (waiting) => depth.unsafeUpdate(waiting, tags),
    begun: (age) => ageMillis.unsafeUpdate(age, tags),
    ended: (one, millis) => {
      items.unsafeUpdate(1, byFate[one])
      workMillis.unsafeUpdate(millis, tags)
    },
    dropped: (count) => items.unsafeUpdate(count, byFate.dropped),
  }
}
