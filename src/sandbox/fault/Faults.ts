/**
 * What can be made to go wrong, from tests: lost sockets, forgotten sessions, slow, silent or wrong answers,
 * events that take their time.
 *
 * Every switch takes effect at once and stays until it is taken back; canned answers are used up one by one, in
 * the order in which they were given. A plan is made of rules that strike by seeded chance; there is one plan at a
 * time, beside the switches.
 *
 * @module
 */
import type { Connection } from "../gateway/Connection.js"
import type { Gateway } from "../gateway/Gateway.js"
import type { Kind, Plan, Rule, Running } from "./Plan.js"
import { type Hit, isExclusive, Rules } from "./Rules.js"

/** Which requests are meant; what is left out fits all. */
export interface Aim {
  readonly method?: string
  /** Part of the path below the version, or a pattern for it. */
  readonly path?: string | RegExp
}

/** An answer given instead of the real one. */
export interface Canned extends Aim {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** How many requests get it. Default 1. */
  readonly times?: number
  /** Whether the World carries the request out all the same, so that only its answer is lost. Default false. */
  readonly carryOut?: boolean
}

/** How long a request takes, in milliseconds. What is left out takes none. */
export interface Latency {
  /** From the bot to the World: before it is carried out. */
  readonly request?: number
  /** From the World to the bot: after it was carried out. */
  readonly answer?: number
}

export interface Faults {
  /** Drops every socket without a closing handshake; sessions stay resumable. */
  readonly dropSockets: () => void
  /**
   * Closes every socket with a code. Sessions end where Discord's would. 1006 is what a client sees of a socket that
   * drops: so it does. Throws a `RangeError` at what no server can send: other codes than 1000 to 1003, 1007 to 1014
   * and 3000 to 4999, and reasons of more than 123 bytes (RFC 6455).
   */
  readonly closeSockets: (code: number, reason?: string) => void
  /** Sends op 7 to every connection. */
  readonly askReconnect: () => void
  /** Sends op 9 to every connection. */
  readonly invalidateSessions: (resumable: boolean) => void
  /** Forgets every session: connections go on, but no resume succeeds. */
  readonly forgetSessions: () => void
  /** Sends op 1 to every connection: the client is to heartbeat at once. */
  readonly askHeartbeat: () => void
  /** Whether heartbeats go unanswered. */
  readonly withholdAcks: (withheld: boolean) => void
  /** Sends an event as it is to every session. */
  readonly raw: (type: string, data: unknown) => void
  /** Holds every REST answer back for so many milliseconds. 0 ends it. */
  readonly delayAnswers: (millis: number) => void
  /** Makes the requests that are meant slow, until the returned function is called. Latencies add up. */
  readonly slow: (aim: Aim, latency: Latency) => () => void
  /** Asks for the latency of every request, until the returned function is called. `path` is with the version. */
  readonly plan: (latency: (method: string, path: string) => Latency | undefined) => () => void
  /**
   * Lets gateway events travel for so many milliseconds, each or by type. Their order stays: one that is faster
   * than the one before it arrives together with that. 0 ends it; what is on its way still takes its time.
   */
  readonly delayEvents: (millis: number | ((type: string) => number)) => void
  /** Answers coming requests without asking the World. */
  readonly answerNext: (canned: Canned) => void
  /** Leaves requests without any answer, until the returned function is called: then they are carried out. */
  readonly hang: (aim: Aim) => () => void
  /** Puts a plan to work. One that is at work is stopped. */
  readonly follow: (plan: Plan) => Running
  /** The plan at work. */
  readonly running: () => Running | null
  /** How often each kind was done since the sandbox began, by all plans and singly. */
  readonly counts: () => Readonly<Partial<Record<Kind, number>>>
  /** Does what a rule says at its next occasion, once, whatever its rate. */
  readonly once: (rule: Rule) => void
  /** Takes all of it back, the plan too; what hangs is carried out. */
  readonly clear: () => void
}

/** What a plan does to one request. */
export interface Meeting {
  readonly latency: Required<Latency>
  /**
   * Asked when the request has arrived: milliseconds that it hangs, `Infinity` for until the plan ends; `undefined`
   * where it does not.
   */
  readonly hang: () => number | undefined
  /** What becomes of its answer, if it can be claimed then. */
  readonly hit: Hit | undefined
  /** After `hang`: calls back when the plan that it is of ends, unless the returned function is called first. */
  readonly onOver: (task: () => void) => () => void
}

/** What the REST side asks before it answers. */
export interface RestFaults {
  /** Both in milliseconds. */
  readonly latency: (method: string, path: string) => Required<Latency>
  readonly canned: (method: string, path: string) => Canned | undefined
  /** Keeps `task` for later where the request is to hang. The result takes it back. */
  readonly held: (method: string, path: string, task: () => void) => (() => void) | undefined
  /** Asked once for each request. */
  readonly meet: (method: string, path: string) => Meeting | undefined
}

/** Makes the switches of one sandbox. */
export const make = (gateway: Gateway): { readonly control: Faults; readonly rest: RestFaults } => {
  let delay = 0
  let canned: Array<{ readonly answer: Canned; left: number }> = []
  const plans = new Set<(method: string, path: string) => Latency | undefined>()
  const hangs = new Set<{ readonly aim: Aim; readonly tasks: Set<() => void> }>()

  const work = new Work(gateway)

  const each = (task: (connection: Connection) => void) => () => gateway.forEachConnection(task)
  const release = (hang: { readonly aim: Aim; readonly tasks: Set<() => void> }) => {
    hangs.delete(hang)
    for (const task of hang.tasks) task()
    hang.tasks.clear()
  }

  const control: Faults = {
    dropSockets: each((connection) => connection.drop()),
    closeSockets: (code, reason = "") => {
      if (code === 1006) return control.dropSockets()
      refuseUnsendable(code, reason)
      return gateway.forEachConnection((connection) => connection.hangUp(code, reason))
    },
    askReconnect: each((connection) => connection.send({ op: 7, t: null, s: null, d: null })),
    askHeartbeat: each((connection) => connection.send({ op: 1, t: null, s: null, d: null })),
    invalidateSessions: (resumable) => gateway.invalidate(resumable),
    forgetSessions: () => gateway.forgetSessions(),
    withholdAcks: (withheld) => {
      gateway.acknowledges = !withheld
    },
    raw: (type, data) => gateway.raw(type, data),
    delayAnswers: (millis) => {
      delay = Math.max(0, millis)
    },
    slow: (aim, latency) => control.plan((method, path) => (fits(aim, method, path) ? latency : undefined)),
    plan: (latency) => {
      // Wrapped, so that the same function given twice counts twice.
      const plan = (method: string, path: string) => latency(method, path)
      plans.add(plan)
      return () => plans.delete(plan)
    },
    delayEvents: (millis) => {
      gateway.travel = typeof millis === "number" ? () => millis : millis
    },
    answerNext: (answer) => {
      canned.push({ answer, left: answer.times ?? 1 })
    },
    hang: (aim) => {
      const hang = { aim, tasks: new Set<() => void>() }
      hangs.add(hang)
      return () => release(hang)
    },
    follow: (plan) => work.follow(plan),
    running: () => work.running,
    counts: () => Object.fromEntries(work.total),
    once: (rule) => work.once(rule),
    clear: () => {
      work.clear()
      delay = 0
      canned = []
      plans.clear()
      gateway.travel = () => 0
      gateway.acknowledges = true
      for (const hang of hangs) release(hang)
    },
  }

  const rest: RestFaults = {
    latency: (method, path) => {
      let request = 0
      let answer = delay
      for (const plan of plans) {
        const latency = plan(method, path)
        request += Math.max(0, latency?.request ?? 0)
        answer += Math.max(0, latency?.answer ?? 0)
      }
      return { request, answer }
    },
    canned: (method, path) => {
      const found = canned.find(({ answer }) => fits(answer, method, path))
      if (found === undefined) return undefined
      found.left -= 1
      if (found.left <= 0) canned = canned.filter((one) => one !== found)
      return found.answer
    },
    held: (method, path, task) => {
      for (const { aim, tasks } of hangs) {
        if (!fits(aim, method, path)) continue
        tasks.add(task)
        return () => tasks.delete(task)
      }
      return undefined
    },
    meet: (method, path) => work.request(method, path),
  }
  return { control, rest }
}

/** The plan at work, and the rules that are to strike once. */
class Work {
  running: Running | null = null
  private rules: Rules | null = null
  private singles: Array<Rules> = []
  readonly total = new Map<Kind, number>()
  /** What is carried out as soon as the stroke that holds it up is over. */
  private readonly held = new Map<() => void, Hit>()

  constructor(private readonly gateway: Gateway) {}

  follow(plan: Plan): Running {
    this.running?.stop()
    const rules = new Rules(plan, this.total)
    this.rules = rules
    const running: Running = {
      plan,
      counts: () => rules.counts,
      stop: () => {
        if (this.running !== running) return
        this.running = null
        this.rules = null
        rules.stop()
        this.release((hit) => hit.isOver())
      },
    }
    this.running = running
    this.listen()
    return running
  }

  once(rule: Rule): void {
    this.singles.push(new Rules({ seed: 0, rules: [{ ...rule, rate: 1, times: 1 }] }, this.total))
    this.listen()
  }

  clear(): void {
    for (const single of this.singles) single.stop()
    this.singles = []
    this.running?.stop()
    this.release()
  }

  request(method: string, path: string): Meeting | undefined {
    if (this.rules === null && this.singles.length === 0) return undefined
    const below = path.replace(/^\/api(?:\/v\d+)?(?=\/)|\?.*$/gu, "")
    const hits = this.ask((rules, taken) => rules.request(method, below, taken))
    if (hits.length === 0) return undefined
    let request = 0
    let answer = 0
    for (const { claim, kind, millis = 0, share } of hits) {
      if (kind !== "latency" || !claim()) continue
      // Some of it on the way there, the rest on the way back.
      const there = Math.round(millis * share)
      request += there
      answer += millis - there
    }
    let hang: Hit | undefined
    return {
      latency: { request, answer },
      hang: () => {
        hang = hits.find(({ claim, kind }) => kind === "hang" && claim())
        return hang === undefined ? undefined : (hang.millis ?? Infinity)
      },
      hit: hits.find(isExclusive),
      onOver: (task) => {
        if (hang !== undefined) this.held.set(task, hang)
        return () => this.held.delete(task)
      },
    }
  }

  /** `taken`: an exclusive kind struck already. */
  private ask(question: (rules: Rules, taken: boolean) => ReadonlyArray<Hit>): ReadonlyArray<Hit> {
    if (this.singles.length > 0) {
      this.singles = this.singles.filter((single) => !single.isSpent)
      this.listen()
    }
    const hits: Array<Hit> = []
    for (const single of this.singles) hits.push(...question(single, hits.some(isExclusive)))
    if (this.rules !== null) hits.push(...question(this.rules, hits.some(isExclusive)))
    return hits
  }

  private listen(): void {
    const idle = this.rules === null && this.singles.length === 0
    this.gateway.meet = idle
      ? null
      : (type, movable) => this.ask((rules, taken) => rules.event(type, movable, taken))
  }

  /** What hangs by such strokes is carried out, what is delayed by them arrives; without any, all of it. */
  private release(ends?: (hit: Hit) => boolean): void {
    this.listen()
    for (const [task, hit] of [...this.held]) {
      // One may take another back.
      if (ends?.(hit) !== false && this.held.delete(task)) task()
    }
    this.gateway.release(ends)
  }
}

const refuseUnsendable = (code: number, reason: string): void => {
  const isSendable =
    Number.isInteger(code) &&
    ((code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999))
  if (!isSendable) throw new RangeError(`No server can close a socket with the code ${code}`)
  if (Buffer.byteLength(reason) > 123) throw new RangeError("The reason of a close has 123 bytes at most")
}

const fits = (aim: Aim, method: string, path: string): boolean =>
  (aim.method === undefined || aim.method === method) &&
  (aim.path === undefined || (typeof aim.path === "string" ? path.includes(aim.path) : aim.path.test(path)))
