/**
 * Regular expressions that cannot hang: matched by walking all ways at once, one character at a time, so that the
 * time is at most the length of the text times that of the pattern. That is how Discord's own (Rust's) work, and
 * the syntax is theirs as far as auto-moderation needs it: no look-around, no back-references, which have no such
 * bound.
 *
 * Case does not count unless `(?-i)` says so. Not there: nested classes, POSIX names, `(?x)`.
 *
 * @module
 */

/** A pattern that is ready to match. */
export interface Regex {
  /** The leftmost match, as positions in UTF-16 units, or `undefined`. */
  readonly find: (text: string) => { readonly start: number; readonly end: number } | undefined
}

/** Instructions at most; repetitions count as often as they are written out. */
export const largest = 2_000

type Test = (character: string) => boolean
type Anchor = "^" | "$" | "b" | "B" | "A" | "z"
type Node =
  | { readonly _tag: "One"; readonly test: Test }
  | { readonly _tag: "Anchor"; readonly anchor: Anchor; readonly lines: boolean }
  | { readonly _tag: "All"; readonly nodes: ReadonlyArray<Node> }
  | { readonly _tag: "Any"; readonly nodes: ReadonlyArray<Node> }
  | {
      readonly _tag: "Repeat"
      readonly node: Node
      readonly min: number
      readonly max: number
      readonly lazy: boolean
    }

interface Flags {
  readonly i: boolean
  readonly s: boolean
  readonly m: boolean
}

/** Compiles a pattern; `undefined` where it is none, or too big. */
export const compile = (pattern: string): Regex | undefined => {
  try {
    const program = write(new Parser(pattern).parse())
    return { find: (text) => run(program, text) }
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

const refuse = (why: string): never => {
  throw new SyntaxError(why)
}

class Parser {
  private at = 0
  private readonly characters: ReadonlyArray<string>
  private flags: Flags = { i: true, s: false, m: false }

  constructor(pattern: string) {
    this.characters = [...pattern]
  }

  parse(): Node {
    const node = this.alternatives()
    return this.at < this.characters.length ? refuse("unopened group") : node
  }

  private peek(offset = 0): string | undefined {
    return this.characters[this.at + offset]
  }

  private take(): string {
    return this.characters[this.at++] ?? refuse("unexpected end")
  }

  private alternatives(): Node {
    const nodes: Array<Node> = [this.sequence()]
    while (this.peek() === "|") {
      this.at++
      nodes.push(this.sequence())
    }
    return nodes.length === 1 ? (nodes[0] ?? refuse("nothing")) : { _tag: "Any", nodes }
  }

  private sequence(): Node {
    const nodes: Array<Node> = []
    for (let next = this.peek(); next !== undefined && next !== "|" && next !== ")"; next = this.peek())
      nodes.push(this.repeated(this.atom()))
    return { _tag: "All", nodes }
  }

  private repeated(node: Node): Node {
    const bounds = this.quantifier()
    if (bounds === undefined) return node
    const lazy = this.peek() === "?"
    if (lazy) this.at++
    return this.repeated({ _tag: "Repeat", node, ...bounds, lazy })
  }

  private quantifier(): { readonly min: number; readonly max: number } | undefined {
    const simple: Readonly<Record<string, readonly [number, number]>> = {
      "*": [0, Infinity],
      "+": [1, Infinity],
      "?": [0, 1],
    }
    const next = this.peek() ?? ""
    const found = simple[next]
    if (found !== undefined) {
      this.at++
      return { min: found[0], max: found[1] }
    }
    if (next !== "{") return undefined
    const end = this.characters.indexOf("}", this.at)
    const text = this.characters.slice(this.at + 1, Math.max(end, this.at + 1)).join("")
    const [, low, comma, high] = /^(\d{1,4})(,?)(\d{0,4})$/u.exec(text) ?? refuse("bad repetition")
    const min = Number(low)
    const max = comma === "" ? min : high === "" ? Infinity : Number(high)
    if (max < min) refuse("bad repetition")
    this.at = end + 1
    return { min, max }
  }

  private atom(): Node {
    const next = this.take()
    switch (next) {
      case "(":
        return this.group()
      case "[":
        return this.set()
      case ".":
        return one(this.flags.s ? () => true : (character) => character !== "\n")
      case "^":
      case "$":
        return { _tag: "Anchor", anchor: next, lines: this.flags.m }
      case "\\":
        return this.escape()
      case "*":
      case "+":
      case "?":
      case "{":
        return refuse("nothing to repeat")
      default:
        return one(this.like(escaped(next)))
    }
  }

  private group(): Node {
    const before = this.flags
    if (this.peek() === "?" && !this.named()) {
      this.at++
      let text = ""
      while (/[a-zA-Z-]/u.test(this.peek() ?? "")) text += this.take()
      this.flags = flagged(before, text)
      const closing = this.take()
      if (closing === ")") return { _tag: "All", nodes: [] }
      if (closing !== ":") refuse("look-around")
    }
    const node = this.alternatives()
    if (this.take() !== ")") refuse("unclosed group")
    this.flags = before
    return node
  }

  /** Steps over the name of a group. */
  private named(): boolean {
    const rest = this.characters.slice(this.at, this.at + 40).join("")
    const name = /^\?P?<[A-Za-z_]\w*>/u.exec(rest)?.[0]
    if (name === undefined) return false
    this.at += name.length
    return true
  }

  private escape(): Node {
    const next = this.take()
    if (next === "b" || next === "B" || next === "A" || next === "z")
      return { _tag: "Anchor", anchor: next, lines: false }
    if (/[1-9k]/u.test(next)) refuse("back-reference")
    return one(this.like(wide(next) ?? this.escapeText(next)))
  }

  /** What an escape is in the classes of JavaScript. */
  private escapeText(next: string): string {
    if (!/[pPxu]/u.test(next)) return `\\${next}`
    if (this.peek() === "{") {
      const end = this.characters.indexOf("}", this.at)
      const text = this.characters.slice(this.at, end + 1).join("")
      if (end < 0) refuse("unclosed escape")
      this.at = end + 1
      return next === "p" || next === "P" ? property(next, text.slice(1, -1)) : `\\u${text}`
    }
    if (next === "p" || next === "P") return `\\${next}{${this.take()}}`
    const digits = Array.from({ length: next === "x" ? 2 : 4 }, () => this.take()).join("")
    return `\\${next}${digits}`
  }

  private set(): Node {
    let text = ""
    if (this.peek() === "^") text += this.take()
    if (this.peek() === "]") text += `\\${this.take()}`
    for (let next = this.take(); next !== "]"; next = this.take()) {
      if (next === "[" || (next === "&" && this.peek() === "&")) refuse("nested class")
      if (next === "\\") {
        const name = this.take()
        text += wide(name) ?? this.escapeText(name)
      } else text += next
    }
    return one(this.like(text))
  }

  private like(inside: string): Test {
    const tester = new RegExp(`^[${inside}]$`, this.flags.i ? "iu" : "u")
    return (character) => tester.test(character)
  }
}

/** Rust takes the name of a script alone, JavaScript wants `Script=` before it. */
const property = (letter: string, name: string): string =>
  /^(?:[A-Z][a-z]?|Alphabetic|Lowercase|Uppercase|White_Space|Letter|Number|Emoji|.*=.*)$/u.test(name)
    ? `\\${letter}{${name}}`
    : `\\${letter}{Script=${name}}`

const one = (test: Test): Node => ({ _tag: "One", test })

const escaped = (character: string): string =>
  /[\\\]^[(){}*+?.|$/-]/u.test(character) ? `\\${character}` : character

/** Rust's classes know all of Unicode. */
const wide = (name: string): string | undefined =>
  ({ d: "\\p{Nd}", w: "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}", s: "\\p{White_Space}" })[name]

const flagged = (flags: Flags, text: string): Flags => {
  const [on = "", off = ""] = text.split("-")
  if (/[^ismu]/u.test(on + off)) refuse("unknown flag")
  const made = { ...flags }
  for (const flag of ["i", "s", "m"] as const) {
    if (on.includes(flag)) made[flag] = true
    if (off.includes(flag)) made[flag] = false
  }
  return made
}

type Step =
  | { readonly _tag: "One"; readonly test: Test }
  | { readonly _tag: "Anchor"; readonly anchor: Anchor; readonly lines: boolean }
  | { readonly _tag: "Fork"; first: number; second: number }
  | { readonly _tag: "Done" }

const write = (root: Node): ReadonlyArray<Step> => {
  const steps: Array<Step> = []
  const add = (step: Step) => (steps.length < largest ? steps.push(step) - 1 : refuse("too big"))
  const fork = (lazy: boolean) => {
    const step = { _tag: "Fork" as const, first: 0, second: 0 }
    add(step)
    return {
      into: (at: number) => (lazy ? (step.second = at) : (step.first = at)),
      past: (at: number) => (lazy ? (step.first = at) : (step.second = at)),
    }
  }
  let work = 0
  const emit = (node: Node): void => {
    // Also what writes nothing counts, or `(?:){9999}` within itself would be written for ever.
    if (++work > 4 * largest) refuse("too big")
    switch (node._tag) {
      case "One":
      case "Anchor":
        add(node)
        return
      case "All":
        for (const each of node.nodes) emit(each)
        return
      case "Any": {
        const jumps: Array<(at: number) => void> = []
        node.nodes.forEach((each, n) => {
          if (n === node.nodes.length - 1) return emit(each)
          const way = fork(false)
          way.into(steps.length)
          emit(each)
          const jump = fork(false)
          jumps.push((at) => {
            jump.into(at)
            jump.past(at)
          })
          way.past(steps.length)
        })
        for (const jump of jumps) jump(steps.length)
        return
      }
      case "Repeat":
        repeat(node.node, node.min, node.max, node.lazy)
    }
  }
  const repeat = (node: Node, min: number, max: number, lazy: boolean): void => {
    for (let n = 0; n < min; n++) emit(node)
    if (max === Infinity) {
      const start = steps.length
      const loop = fork(lazy)
      loop.into(steps.length)
      emit(node)
      const back = fork(lazy)
      back.into(start)
      back.past(start)
      loop.past(steps.length)
      return
    }
    const ways = []
    for (let n = min; n < max; n++) {
      const way = fork(lazy)
      way.into(steps.length)
      emit(node)
      ways.push(way)
    }
    for (const way of ways) way.past(steps.length)
  }
  emit(root)
  add({ _tag: "Done" })
  return steps
}

interface Way {
  readonly at: number
  readonly start: number
}

const run = (program: ReadonlyArray<Step>, text: string): { start: number; end: number } | undefined => {
  const characters = [...text]
  const seen = new Int32Array(program.length).fill(-1)
  let ways: Array<Way> = []
  let best: { start: number; end: number } | undefined
  let offset = 0
  for (let position = 0; position <= characters.length; position++) {
    const now: Array<Way> = []
    // Depth first, in order of preference: the first way to a step is the one that counts.
    const follow = (first: number, start: number) => {
      const stack = [first]
      for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
        if (seen[at] === position) continue
        seen[at] = position
        const step = program[at]
        if (step?._tag === "Fork") stack.push(step.second, step.first)
        else if (step?._tag !== "Anchor") now.push({ at, start })
        else if (holds(step.anchor, step.lines, characters, position)) stack.push(at + 1)
      }
    }
    for (const { at, start } of ways) follow(at, start)
    if (best === undefined) follow(0, offset)
    ways = []
    const character = characters[position]
    for (const { at, start } of now) {
      const step = program[at]
      if (step?._tag === "Done") {
        best = { start, end: offset }
        break
      }
      if (character !== undefined && step?._tag === "One" && step.test(character))
        ways.push({ at: at + 1, start })
    }
    if (best !== undefined && ways.length === 0) return best
    offset += character?.length ?? 0
  }
  return best
}

const letter = /^[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}]$/u

const holds = (
  anchor: Anchor,
  lines: boolean,
  characters: ReadonlyArray<string>,
  position: number,
): boolean => {
  const before = characters[position - 1]
  const after = characters[position]
  if (anchor === "^" || anchor === "A") return before === undefined || (lines && before === "\n")
  if (anchor === "$" || anchor === "z") return after === undefined || (lines && after === "\n")
  const border = letter.test(before ?? "") !== letter.test(after ?? "")
  return anchor === "b" ? border : !border
}
