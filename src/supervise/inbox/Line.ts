/**
 * A line, first come, first served, out of whose middle anybody can step: adding and taking out cost the same
 * however long it is.
 *
 * @module
 */

/** One place in a line. */
export interface Place<A> {
  readonly value: A
  older: Place<A> | undefined
  newer: Place<A> | undefined
  /** Whether it is in its line. */
  in: boolean
}

export class Line<A> {
  private first: Place<A> | undefined
  private last: Place<A> | undefined
  private length = 0

  size(): number {
    return this.length
  }

  /** The one that came first. */
  oldest(): Place<A> | undefined {
    return this.first
  }

  add(value: A): Place<A> {
    const place: Place<A> = { value, older: this.last, newer: undefined, in: true }
    if (this.last === undefined) this.first = place
    else this.last.newer = place
    this.last = place
    this.length++
    return place
  }

  /** Does nothing where it has left already. */
  remove(place: Place<A>): void {
    if (!place.in) return
    place.in = false
    if (place.older === undefined) this.first = place.newer
    else place.older.newer = place.newer
    if (place.newer === undefined) this.last = place.older
    else place.newer.older = place.older
    place.older = undefined
    place.newer = undefined
    this.length--
  }

  /** Takes the one that came first. */
  shift(): A | undefined {
    const place = this.first
    if (place === undefined) return undefined
    this.remove(place)
    return place.value
  }
}
