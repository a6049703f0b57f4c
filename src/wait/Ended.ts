/**
 * The custom ids of the waits that have ended lately: a press on one of those comes while its question is being closed.
 *
 * Two lists that take turns, not one that forgets each by itself: a wait ends on the way of every answer.
 *
 * @module
 */

/** Longer than a question takes to be closed, and a press to arrive. Remembered is each for up to twice that. */
const REMEMBERED = 30_000

export class Ended {
  private young: Array<string> = []
  private old: ReadonlyArray<string> = []
  private since = -Infinity

  add(customId: string, now: number): void {
    this.age(now)
    this.young.push(customId)
  }

  has(customId: string, now: number): boolean {
    this.age(now)
    return this.young.includes(customId) || this.old.includes(customId)
  }

  private age(now: number): void {
    const age = now - this.since
    if (age < REMEMBERED) return
    const isNext = age < 2 * REMEMBERED
    this.old = isNext ? this.young : []
    this.young = []
    this.since = isNext ? this.since + REMEMBERED : now
  }
}
