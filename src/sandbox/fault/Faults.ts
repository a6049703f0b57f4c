/**
 * What can be made to go wrong, from tests: lost sockets, forgotten sessions, slow, silent or wrong answers,
 * events that take their time.
 *
 * Every switch takes effect at once and stays until it is taken back; canned answers are used up one by one, in
 * the order in which they were given.
 *
 * @module
 */
import type { Gateway } from "../gateway/Gateway.js"
import type { Connection } from "../gateway/Session.js"

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
  /** Closes every socket with a code. Sessions end where Discord's would. */
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
  /** Takes all of it back; what hangs is carried out. */
  readonly clear: () => void
}

/** What the REST side asks before it answers. */
export interface RestFaults {
  /** Both in milliseconds. */
  readonly latency: (method: string, path: string) => Required<Latency>
  readonly canned: (method: string, path: string) => Canned | undefined
  /** Keeps `task` for later where the request is to hang. The result takes it back. */
  readonly held: (method: string, path: string, task: () => void) => (() => void) | undefined
}

/** Makes the switches of one sandbox. */
export const make = (gateway: Gateway): { readonly control: Faults; readonly rest: RestFaults } => {
  let delay = 0
  let canned: Array<{ readonly answer: Canned; left: number }> = []
  const plans = new Set<(method: string, path: string) => Latency | undefined>()
  const hangs = new Set<{ readonly aim: Aim; readonly tasks: Set<() => void> }>()

  const each = (task: (connection: Connection) => void) => () => gateway.forEachConnection(task)
  const release = (hang: { readonly aim: Aim; readonly tasks: Set<() => void> }) => {
    hangs.delete(hang)
    for (const task of hang.tasks) task()
    hang.tasks.clear()
  }

  const control: Faults = {
    dropSockets: each((connection) => connection.drop()),
    closeSockets: (code, reason = "") =>
      gateway.forEachConnection((connection) => connection.hangUp(code, reason)),
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
    clear: () => {
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
  }
  return { control, rest }
}

const fits = (aim: Aim, method: string, path: string): boolean =>
  (aim.method === undefined || aim.method === method) &&
  (aim.path === undefined || (typeof aim.path === "string" ? path.includes(aim.path) : aim.path.test(path)))
