/**
 * The rules of a plan at work: what each request and each event meets.
 *
 * A rule counts the occasions that are meant by it; whether it strikes depends on the seed, its kind and place in
 * the plan, and that count. Latencies add up, and a request that hangs can be spoilt as well; of the kinds that
 * exclude each other the first in the plan strikes.
 *
 * A stroke is not the deed: until it is done the request may be refused, the connection lost or the plan over. So
 * whoever does it claims it then, and only what was claimed counts.
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
  /**
   * To be called once, right before it is done: whether it is to be done still, and then it counts. False where the
   * plan is over, or the rule was done as often as it may meanwhile.
   */
  readonly claim: () => boolean
  /** Whether the plan that it is of was stopped: what it holds up is let go. */
  readonly isOver: () => boolean
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

/** Whether it is of the kinds of which one alone can be done. */
export const isExclusive = ({ kind }: Hit): boolean => !additive.has(kind)

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
  private over = false

  /** `total`, where there is one, counts over the rules of several plans. */
  constructor(
    readonly plan: Plan,
    private readonly total?: Map<Kind, number>,
  ) {
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

  /** What was not claimed so far is not done any more. */
  stop(): void {
    this.over = true
  }

  /** What a request meets. `path` is below the version, without query; `taken`: an exclusive kind struck already. */
  request(method: string, path: string, taken = false): ReadonlyArray<Hit> {
    return this.meet(this.rest, ({ means }) => means(method, path), taken)
  }

  /** What an event meets on its way. `movable`: another one may pass it; `taken` as with a request. */
  event(type: string, movable: boolean, taken = false): ReadonlyArray<Hit> {
    return this.meet(
      this.gateway,
      ({ rule }) => (rule.event === undefined || rule.event === type) && (movable || rule.kind !== "reorder"),
      taken,
    )
  }

  private meet(
    works: ReadonlyArray<Work>,
    fits: (work: Work) => boolean,
    alreadyTaken: boolean,
  ): ReadonlyArray<Hit> {
    if (works.length === 0) return none
    const hits: Array<Hit> = []
    let taken = alreadyTaken
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
      const [least, most] = rule.millis ?? spans[rule.kind] ?? [undefined, 0]
      const millis = least === undefined ? undefined : Math.round(least + at(1) * (most - least))
      hits.push({
        rule,
        kind: rule.kind,
        millis,
        share: at(2),
        claim: () => this.claim(work),
        isOver: () => this.over,
      })
    }
    return hits
  }

  private claim(work: Work): boolean {
    const { kind, times = Infinity } = work.rule
    if (this.over || work.done >= times) return false
    work.done++
    for (const counts of [this.done, this.total]) counts?.set(kind, (counts.get(kind) ?? 0) + 1)
    return true
  }
}

const none: ReadonlyArray<Hit> = []

const meant = ({ method, path }: Rule): ((method: string, path: string) => boolean) => {
  const pattern =
    path === undefined ? undefined : new RegExp(`^${path.split("*").map(escape).join(".*")}$`, "u")
  return (asked, at) => (method === undefined || method === asked) && (pattern?.test(at) ?? true)
}

const escape = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/gu, "\\$&")
