/**
 * Entries with delays of any length, in a binary heap that knows where each of them is: setting one and taking
 * one back cost the logarithm of how many there are, and what was taken back is gone at once. Those that are due
 * at the same moment fire in the order of their making.
 *
 * @module
 */
import type { Clock } from "effect"
import type { Sleeping, Timer } from "./Timers.js"

class Node implements Timer {
  /** Where it is in the heap; -1 once it is out. */
  index = -1
  constructor(
    readonly due: number,
    readonly order: number,
    readonly run: () => void,
    private readonly heap: TimerHeap,
  ) {}
  cancel(): void {
    if (this.index >= 0) this.heap.remove(this)
  }
}

export class TimerHeap implements Sleeping {
  private readonly nodes: Array<Node> = []
  private made = 0
  constructor(
    private readonly clock: Clock.Clock,
    private readonly onInsert: (due: number) => void,
  ) {}

  after(millis: number, run: () => void): Timer {
    return this.at(this.clock.unsafeCurrentTimeMillis() + millis, run)
  }
  at(due: number, run: () => void): Timer {
    const node = new Node(due, this.made++, run, this)
    this.nodes.push(node)
    this.up(node, this.nodes.length - 1)
    if (node.index === 0) this.onInsert(due)
    return node
  }
  size(): number {
    return this.nodes.length
  }
  earliest(): number {
    return this.nodes[0]?.due ?? Infinity
  }
  takeDue(now: number): Node | undefined {
    const first = this.nodes[0]
    if (first === undefined || first.due > now) return undefined
    this.remove(first)
    return first
  }
  remove(node: Node): void {
    const { index } = node
    const last = this.nodes.pop()
    node.index = -1
    if (last === undefined || last === node) return
    // It may belong above or below the place that has become free.
    this.up(last, index)
    if (last.index === index) this.down(last, index)
  }

  private up(node: Node, from: number): void {
    const { nodes } = this
    let at = from
    while (at > 0) {
      const above = (at - 1) >> 1
      const parent = nodes[above]!
      if (!isBefore(node, parent)) break
      this.put(parent, at)
      at = above
    }
    this.put(node, at)
  }
  private down(node: Node, from: number): void {
    const { nodes } = this
    let at = from
    for (;;) {
      let below = 2 * at + 1
      if (below >= nodes.length) break
      if (below + 1 < nodes.length && isBefore(nodes[below + 1]!, nodes[below]!)) below++
      const child = nodes[below]!
      if (!isBefore(child, node)) break
      this.put(child, at)
      at = below
    }
    this.put(node, at)
  }
  private put(node: Node, index: number): void {
    this.nodes[index] = node
    node.index = index
  }
}

const isBefore = (a: Node, b: Node): boolean => a.due < b.due || (a.due === b.due && a.order < b.order)
