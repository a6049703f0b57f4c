/**
 * So many places, and a bounded queue before them: whoever waited longest is next.
 *
 * A place goes from hand to hand, so that a newcomer never overtakes. Who is interrupted while waiting is
 * forgotten; who is interrupted at the very moment of being handed a place passes it on.
 *
 * @module
 */
import { Effect } from "effect"

export class Slots {
  private taken = 0
  private readonly queue = new Set<() => void>()

  /** `room`: how many may wait. Default any number. `changed` is called whenever one of the counts changes. */
  constructor(
    readonly size: number,
    private readonly room = Number.POSITIVE_INFINITY,
    private readonly changed: (slots: Slots) => void = () => {},
  ) {}

  /** How many places are taken. */
  get running(): number {
    return this.taken
  }

  get waiting(): number {
    return this.queue.size
  }

  /**
   * Takes a place, which has to be given back by `leave` exactly once: called where interruption is masked, by
   * `restore`. Fails with what `full` makes where there is no room to wait in.
   */
  enter<E = never>(full: () => E): Effect.Effect<void, E> {
    return Effect.suspend(() => {
      if (this.taken < this.size) {
        this.taken += 1
        this.changed(this)
        return Effect.void
      }
      if (this.queue.size >= this.room) return Effect.fail(full())
      return Effect.async<void>((resume) => {
        let mine = false
        const wake = () => {
          mine = true
          resume(Effect.void)
        }
        this.queue.add(wake)
        this.changed(this)
        return Effect.sync(() => {
          if (mine) return this.leave()
          this.queue.delete(wake)
          this.changed(this)
        })
      })
    })
  }

  /** Hands the place on. */
  leave(): void {
    for (const next of this.queue) {
      this.queue.delete(next)
      this.changed(this)
      return next()
    }
    this.taken -= 1
    this.changed(this)
  }
}
