/**
 * What waits in an inbox: items in the order they came, of which those of one key are handed out one after the
 * other. Plain data, without time or fibers.
 *
 * @module
 */
import { Line, type Place } from "./Line.js"

/** An item on its way through. */
export interface Item<A> {
  readonly value: A
  /** When it came. Epoch milliseconds. */
  readonly at: number
  readonly lane: Lane<A> | undefined
  /** Its place among all that wait. */
  place: Place<Item<A>> | undefined
  /** Its place among those that can be taken; undefined while another of its key is before it. */
  turn: Place<Item<A>> | undefined
}

/** The items of one key. */
export interface Lane<A> {
  readonly key: string
  readonly items: Line<Item<A>>
  /** One of them is being worked on. */
  busy: boolean
}

export class Lanes<A> {
  private readonly waiting = new Line<Item<A>>()
  private readonly ready = new Line<Item<A>>()
  private readonly lanes = new Map<string, Lane<A>>()

  /** How many wait. */
  size(): number {
    return this.waiting.size()
  }
  /** Whether one of them can be taken now. */
  hasReady(): boolean {
    return this.ready.size() > 0
  }
  /** When the one that has waited longest came. */
  since(): number | undefined {
    return this.waiting.oldest()?.value.at
  }
  /** How many keys are known: those with an item that waits or is worked on. */
  keys(): number {
    return this.lanes.size
  }

  add(value: A, at: number, key: string | undefined): void {
    const lane = key === undefined ? undefined : this.laneOf(key)
    const item: Item<A> = { value, at, lane, place: undefined, turn: undefined }
    item.place = this.waiting.add(item)
    if (lane === undefined) item.turn = this.ready.add(item)
    else {
      lane.items.add(item)
      this.advance(lane)
    }
  }

  /** Takes out the one that has waited longest. It is always the first of its key. */
  dropOldest(): A | undefined {
    const item = this.waiting.shift()
    if (item === undefined) return undefined
    this.leave(item)
    if (item.lane !== undefined) this.advance(item.lane)
    return item.value
  }

  /** Takes an item to work on. No other of its key is given until it is released. */
  take(): Item<A> | undefined {
    const item = this.ready.oldest()?.value
    if (item === undefined) return undefined
    if (item.place !== undefined) this.waiting.remove(item.place)
    this.leave(item)
    if (item.lane !== undefined) item.lane.busy = true
    return item
  }

  /** The work on it is over. */
  release({ lane }: Item<A>): void {
    if (lane === undefined) return
    lane.busy = false
    this.advance(lane)
  }

  private laneOf(key: string): Lane<A> {
    const known = this.lanes.get(key)
    if (known !== undefined) return known
    const lane: Lane<A> = { key, items: new Line(), busy: false }
    this.lanes.set(key, lane)
    return lane
  }
  private leave(item: Item<A>): void {
    if (item.turn !== undefined) this.ready.remove(item.turn)
    // It is the first of its lane.
    item.lane?.items.shift()
  }
  /** Lets the first of a lane be taken, where none of it is worked on. */
  private advance(lane: Lane<A>): void {
    if (lane.busy) return
    const next = lane.items.oldest()?.value
    if (next === undefined) this.lanes.delete(lane.key)
    else next.turn ??= this.ready.add(next)
  }
}
