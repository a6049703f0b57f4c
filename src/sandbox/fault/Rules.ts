/**
 * The rules of a plan at work: what each request and each event meets.
 *
 * A rule counts the occasions that are meant by it; whether it strikes depends on the seed, its kind and place in
 * the plan, and that count. Latencies add up, and a request that hangs can be spoilt as well; of the kinds that
 * exclude each other the first in the plan strikes, and only that one counts.
 *
 * @module
 */
import * as Chance from "./Chance.js"
import { isRest, type Kind, type Plan, type Rule } from "./Plan.js"

/** One stroke of a rule. */
export interface Hit {
  readonly rule: Rule
  readonly kind: Kind
  /** Drawn from the rule's span, else the kind's own; `undefined` where it has none. */
  readonly millis: number | undefined
  /** From 0 up to 1, for whatever else is to be drawn. */
  readonly share: number
}

/** What is done where a rule has no span of its own. */
const spans: Readonly<Partial<Record<Kind, readonly [number, number]>>> = {
  latency: [100, 1_000],
  limited: [500, 2_000],
  cloudflare: [1_000, 5_000],
  delay: [100, 1_000],
  // The longest time for which it waits for a next event.
  reorder: [1_000, 1_000],
  slow: [200, 1_000],
}

/** Those that go with any other. */
const additive: ReadonlySet<Kind> = new Set<Kind>([
  "latency",
  "hang",
  "reconnect",
  "duplicate",
  "delay",
  "garbage",
  "huge",
  "unknown",
  "slow",
])

interface Work {
  readonly rule: Rule
  readonly place: number
  readonly means: (method: string, path: string) => boolean
  occasions: number
  done: number
}

export class Rules {
  private readonly rest: ReadonlyArray<Work>
  private readonly gateway: ReadonlyArray<Work>
  private readonly done = new Map<Kind, number>()

  constructor(readonly plan: Plan) {
    const all = plan.rules.map((rule, place): Work => ({
      rule,
      place,
      means: meant(rule),
      occasions: 0,
      done: 0,
    }))
    this.rest = all.filter(({ rule }) => isRest(rule.kind))
    this.gateway = all.filter(({ rule }) => !isRest(rule.kind))
  }

  /** How often each kind was done. */
  get counts(): Readonly<Partial<Record<Kind, number>>> {
    return Object.fromEntries(this.done)
  }

  /** Whether every rule has been done as often as it may. */
  get isSpent(): boolean {
    return [...this.rest, ...this.gateway].every(({ done, rule }) => done >= (rule.times ?? Infinity))
  }

  /** What a request meets. `path` is below the version, without query. */
  request(method: string, path: string): ReadonlyArray<Hit> {
    return this.meet(this.rest, ({ means }) => means(method, path))
  }

  /** What an event meets on its way. `movable`: another one may pass it. */
  event(type: string, movable: boolean): ReadonlyArray<Hit> {
    return this.meet(
      this.gateway,
      ({ rule }) => (rule.event === undefined || rule.event === type) && (movable || rule.kind !== "reorder"),
    )
  }

  private meet(works: ReadonlyArray<Work>, fits: (work: Work) => boolean): ReadonlyArray<Hit> {
    if (works.length === 0) return none
    const hits: Array<Hit> = []
    let taken = false
    for (const work of works) {
      if (!fits(work)) continue
      const { place, rule } = work
      const occasion = work.occasions++
      const at = (salt: number) =>
        Chance.draw(this.plan.seed, Chance.ofName(rule.kind), place, occasion, salt)
      if (at(0) >= (rule.rate ?? 1) || work.done >= (rule.times ?? Infinity)) continue
      const exclusive = !additive.has(rule.kind)
      if (exclusive && taken) continue
      taken ||= exclusive
      work.done++
      this.done.set(rule.kind, (this.done.get(rule.kind) ?? 0) + 1)
      const [least, most] = rule.millis ?? spans[rule.kind] ?? [undefined, 0]
      const millis = least === undefined ? undefined : Math.round(least + at(1) * (most - least))
      hits.push({ rule, kind: rule.kind, millis, share: at(2) })
    }
    return hits
  }
}

const none: ReadonlyArray<Hit> = []

const meant = ({ method, path }: Rule): ((method: string, path: string) => boolean) => {
  const pattern =
    path === undefined ? undefined : new RegExp(`^${path.split("*").map(escape).join(".*")}$`, "u")
  return (asked, at) => (method === undefined || method === asked) && (pattern?.test(at) ?? true)
}

const escape = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/gu, "\\$&")
