/**
 * How the commands of a run ended, as the bot itself recorded it.
 *
 * @module
 */
import type { Ended } from "../command/Invocation.js"
import type * as Metrics from "../observe/Metrics.js"

const tags = {
  completed: "Completed",
  failed: "Failed",
  refused: "Refused",
  timed_out: "TimedOut",
  cancelled: "Cancelled",
  died: "Died",
} as const satisfies { readonly [O in Metrics.Outcome]: string }

/** How a call ended. */
export type Tag = (typeof tags)[keyof typeof tags]

export class Outcomes {
  private readonly byId = new Map<string, { readonly tags: Array<Tag>; readonly name: string }>()
  private readonly hung = new Set<string>()
  private listeners = new Set<() => void>()

  constructor(private readonly onEnded: (ended: Ended, hung: boolean) => void) {}

  /** For the bot's option `onOutcome`. */
  readonly record = (ended: Ended): void => {
    const tag = tags[ended.outcome]
    this.onEnded(ended, tag === "TimedOut" && this.hung.has(ended.interactionId))
    const known = this.byId.get(ended.interactionId)
    if (known === undefined) this.byId.set(ended.interactionId, { tags: [tag], name: ended.name })
    else known.tags.push(tag)
    for (const listener of this.listeners) listener()
  }

  /** All that were recorded for one call: one, where all is well. */
  of(interactionId: string): ReadonlyArray<Tag> {
    return this.byId.get(interactionId)?.tags ?? []
  }

  /** Says that time goes on to a call's deadline, and that nothing else will happen to it until then. */
  hang(interactionId: string): void {
    this.hung.add(interactionId)
  }

  /** Whether its deadline is what ended it, while it neither waited nor slept. */
  isHung(interactionId: string): boolean {
    return this.hung.has(interactionId) && this.of(interactionId)[0] === "TimedOut"
  }

  /** Calls that were recorded as having ended more than once. */
  doubled(): ReadonlyArray<string> {
    return [...this.byId.values()]
      .filter((one) => one.tags.length > 1)
      .map((one) => `${one.name} ended ${one.tags.length} times: ${one.tags.join(", ")}`)
  }

  /** Calls back after each report, until the returned function is called. */
  listen(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  clear(): void {
    this.byId.clear()
    this.hung.clear()
    this.listeners = new Set()
  }
}
