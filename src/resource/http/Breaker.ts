/**
 * Stops asking what does not answer.
 *
 * Closed, it lets everything through. After so many failures in a row it opens, and lets nothing through for a
 * while; then it is half-open: one call tries, and what comes of it closes or opens it again.
 *
 * @module
 */
import { Data, Effect, type Exit } from "effect"

export type State = "closed" | "open" | "half-open"

export interface Options {
  /** How many failures in a row open it. */
  readonly failures: number
  /** How long it stays open, in milliseconds. */
  readonly rest: number
  /** Told of each change. */
  readonly onChange: (state: State, reason: string) => void
}

/** What the end of a call says of the other side. */
export type Verdict = "answered" | "nothing" | { readonly failed: string }

export class Breaker {
  private failures = 0
  private openUntil = 0
  private probing = false
  state: State = "closed"

  constructor(private readonly options: Options) {}

  /** Why nothing would be let through at that time (epoch milliseconds); undefined where something would. */
  refusal(now: number): Open | undefined {
    if (this.state === "closed") return undefined
    if (now < this.openUntil) return new Open({ retryAt: this.openUntil })
    return this.probing ? new Open({ retryAt: now + PROBE }) : undefined
  }

  /**
   * Runs an effect, or fails with `Open`. `judge` says what its end means; an end that means nothing (an interruption)
   * lets the next call try.
   */
  guard<A, E, R>(
    effect: Effect.Effect<A, E, R>,
    judge: (exit: Exit.Exit<A, E>) => Verdict,
  ): Effect.Effect<A, E | Open, R> {
    return Effect.flatMap(Effect.clock, (clock) =>
      Effect.uninterruptibleMask((restore): Effect.Effect<A, E | Open, R> => {
        const refusal = this.refusal(clock.unsafeCurrentTimeMillis())
        if (refusal !== undefined) return Effect.fail(refusal)
        const probe = this.state !== "closed"
        if (probe) {
          this.probing = true
          this.change("half-open", "one call tries")
        }
        return Effect.onExit(restore(effect), (exit) =>
          Effect.sync(() => {
            if (probe) this.probing = false
            const verdict = judge(exit)
            if (verdict === "answered") this.answered(probe)
            else if (verdict !== "nothing")
              this.failed(verdict.failed, probe, clock.unsafeCurrentTimeMillis())
          }),
        )
      }),
    )
  }

  private failed(reason: string, probe: boolean, now: number): void {
    // A call from before it opened says nothing new.
    if (this.state !== "closed" && !probe) return
    this.failures++
    if (!probe && this.failures < this.options.failures) return
    this.openUntil = now + this.options.rest
    this.change("open", reason)
  }

  private answered(probe: boolean): void {
    if (this.state !== "closed" && !probe) return
    this.failures = 0
    this.change("closed", "it answered")
  }

  private change(state: State, reason: string): void {
    if (this.state === state) return
    this.state = state
    this.options.onChange(state, reason)
  }
}

/** When somebody may ask again who came while another was trying: milliseconds. */
const PROBE = 1_000

/** Nothing is let through. */
export class Open extends Data.TaggedError("Open")<{ readonly retryAt: number }> {}
