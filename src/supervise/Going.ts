/**
 * What is going on and not settled yet, so that the end of a scope can end it.
 *
 * A list, not a `Set`: a set that gains and loses thousands of members a second leaves its former tables behind
 * in the old generation, and with them everything that was ever in it until the next full collection (measured:
 * half again the cost of an acknowledgement).
 *
 * @module
 */

/** One member. */
export interface Entry<A> {
  readonly value: A
  older: Entry<A> | undefined
  newer: Entry<A> | undefined
}

/** Members in the order they came. Adding and removing cost the same however many there are. */
export class Going<A> {
  private newest: Entry<A> | undefined

  isEmpty(): boolean {
    return this.newest === undefined
  }

  /** The one that came last. */
  latest(): A | undefined {
    return this.newest?.value
  }

  add(value: A): Entry<A> {
    const entry: Entry<A> = { value, older: this.newest, newer: undefined }
    if (this.newest !== undefined) this.newest.newer = entry
    this.newest = entry
    return entry
  }

  /** To be called once for each entry. */
  remove(entry: Entry<A>): void {
    if (entry.newer === undefined) this.newest = entry.older
    else entry.newer.older = entry.older
    if (entry.older !== undefined) entry.older.newer = entry.newer
    // A removed entry that has grown old must not keep the young alive.
    entry.older = undefined
    entry.newer = undefined
  }

  /** How many members fit. */
  count(fits: (value: A) => boolean): number {
    let count = 0
    for (let entry = this.newest; entry !== undefined; entry = entry.older) if (fits(entry.value)) count++
    return count
  }

  /** A copy, newest first: safe while members come and go. */
  all(): Array<A> {
    const all: Array<A> = []
    for (let entry = this.newest; entry !== undefined; entry = entry.older) all.push(entry.value)
    return all
  }
}
