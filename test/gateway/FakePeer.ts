/**
 * A gateway that follows a script, over the transport seam, on the clock of the program that made it.
 *
 * It keeps the truth that a test compares with: every event of every session, when each IDENTIFY came, how
 * many sockets were open at once. Each new connection takes the next plan; when there is none left, it is a
 * gateway without faults.
 *
 * @module
 */
import { Effect, Runtime } from "effect"
import type * as Transport from "../../src/gateway/Transport.js"

/** What happens to one connection. Times in milliseconds. */
export interface Plan {
  /** `refuse`: the opening throws. */
  readonly open?: "refuse"
  /** Until HELLO; undefined: at once. `never`: no HELLO at all. */
  readonly hello?: number | "never"
  /** What IDENTIFY or RESUME is answered with, in place of READY or the replay. */
  readonly entry?: Fault
  /** What happens this long after READY or the replay. */
  readonly later?: { readonly after: number; readonly fault: Fault }
  /** Every frame takes this long. */
  readonly latency?: number
  /** Heartbeats are not acknowledged. */
  readonly deaf?: boolean
  /** A replay begins this many events too early. */
  readonly overlap?: number
  /** A close by the client is not confirmed. */
  readonly rude?: boolean
}

export type Fault =
  | { readonly kind: "close"; readonly code: number }
  | { readonly kind: "op7" }
  | { readonly kind: "op9"; readonly resumable: boolean }
  | { readonly kind: "silence" }
  | { readonly kind: "text"; readonly text: string }

export interface Socket {
  readonly url: string
  readonly openedAt: number
  readonly received: Array<{ readonly at: number; readonly op: number; readonly d: unknown }>
  /** The code that the client closed with. */
  clientCode: number | undefined
  closedAt: number | undefined
  /** Sends a payload, with the connection's latency. */
  readonly send: (payload: object) => void
  readonly text: (text: string) => void
  /** Closes from this side. */
  readonly close: (code: number) => void
}

export interface Session {
  readonly id: string
  /** What was sent, or would have been, but for RESUMED. */
  readonly log: Array<{ readonly op: 0; readonly t: string; readonly s: number; readonly d: unknown }>
  alive: boolean
  socket: Socket | undefined
}

export interface Options {
  readonly plans?: ReadonlyArray<Plan>
  /** Milliseconds between two heartbeats; Discord's own is 41,250. */
  readonly interval?: number
  /** The `d` of READY beside the session. */
  readonly ready?: object
}

const endsSession = new Set([1000, 1001, 4007, 4009, 4004, 4010, 4011, 4012, 4013, 4014])

export const make = Effect.fnUntraced(function* (options: Options = {}) {
  const clock = yield* Effect.clock
  const fork = Runtime.runFork(yield* Effect.runtime())
  const now = () => clock.unsafeCurrentTimeMillis()
  const later = (millis: number, act: () => void) => {
    if (millis === 0) act()
    else fork(Effect.delay(Effect.sync(act), millis))
  }
  const interval = options.interval ?? 41_250
  const sockets: Array<Socket> = []
  const sessions: Array<Session> = []
  const refused: Array<number> = []
  const wasted: Array<string> = []
  const identifies: Array<{ readonly at: number; readonly shard: number }> = []
  let open = 0
  let mostOpen = 0
  let counter = 0
  let quiet = false

  /** Something happens in the world: every session that is alive gets it. */
  const emit = (t = "TYPING_START", d: object = {}) => {
    counter++
    for (const session of sessions.filter(({ alive }) => alive)) append(session, t, { ...d, n: counter })
  }
  const append = (session: Session, t: string, d: unknown) => {
    const packet = { op: 0 as const, t, s: session.log.length + 1, d }
    session.log.push(packet)
    session.socket?.send(packet)
  }

  const connect = (url: string, listener: Transport.Listener): Transport.Connection => {
    const plan: Plan = quiet ? {} : (options.plans?.[sockets.length + refused.length] ?? {})
    if (plan.open === "refuse") {
      refused.push(now())
      throw new Error("ECONNREFUSED")
    }
    open++
    mostOpen = Math.max(mostOpen, open)
    let session: Session | undefined
    let closing = false
    const gone = (code: number, told: boolean) => {
      if (socket.closedAt !== undefined) return
      socket.closedAt = now()
      open--
      if (session?.socket === socket) session.socket = undefined
      if (session !== undefined && endsSession.has(code)) session.alive = false
      if (told) listener.onClose(code, "")
    }
    const socket: Socket = {
      url,
      openedAt: now(),
      received: [],
      clientCode: undefined,
      closedAt: undefined,
      send: (payload) => socket.text(JSON.stringify(payload)),
      text: (text) =>
        later(plan.latency ?? 0, () => {
          if (socket.closedAt === undefined) listener.onText(text)
        }),
      close: (code) => later(plan.latency ?? 0, () => gone(code, true)),
    }
    const act = (fault: Fault) => {
      switch (fault.kind) {
        case "close":
          return socket.close(fault.code)
        case "op7":
          return socket.send({ op: 7, d: null })
        case "op9":
          if (!fault.resumable && session !== undefined) {
            session.alive = false
            session.socket = undefined
          }
          return socket.send({ op: 9, d: fault.resumable })
        case "text":
          return socket.text(fault.text)
        case "silence":
          return
      }
    }
    const entered = () => {
      if (plan.later === undefined) return
      const { after, fault } = plan.later
      later(after, () => {
        if (socket.closedAt === undefined && !closing) act(fault)
      })
    }
    const onIdentify = (d: { readonly shard: readonly [number, number] }) => {
      identifies.push({ at: now(), shard: d.shard[0] })
      if (plan.entry !== undefined) return act(plan.entry)
      session = { id: `session-${sessions.length}`, log: [], alive: true, socket }
      for (const former of sessions) {
        if (former.alive) wasted.push(former.id)
        former.alive = false
      }
      sessions.push(session)
      append(session, "READY", {
        guilds: [],
        ...options.ready,
        session_id: session.id,
        resume_gateway_url: "fake://resume",
      })
      entered()
    }
    const onResume = (d: { readonly session_id: string; readonly seq: number }) => {
      session = sessions.find(({ id }) => id === d.session_id)
      if (plan.entry !== undefined) return act(plan.entry)
      if (session === undefined || !session.alive) return socket.send({ op: 9, d: false })
      for (const packet of session.log.slice(Math.max(0, d.seq - (plan.overlap ?? 0)))) socket.send(packet)
      session.socket = socket
      socket.send({ op: 0, t: "RESUMED", s: session.log.length, d: {} })
      entered()
    }

    sockets.push(socket)
    if (plan.hello !== "never") {
      later(plan.hello ?? 0, () => socket.send({ op: 10, d: { heartbeat_interval: interval } }))
    }
    return {
      send: (text) => {
        if (closing || socket.closedAt !== undefined) return
        const { op, d } = JSON.parse(text)
        socket.received.push({ at: now(), op, d })
        if (op === 1 && plan.deaf !== true) socket.send({ op: 11 })
        if (op === 2) onIdentify(d)
        if (op === 6) onResume(d)
      },
      close: (code) => {
        if (code === 1006) return gone(code, true)
        if (closing || socket.closedAt !== undefined) return
        closing = true
        socket.clientCode = code
        if (session !== undefined && endsSession.has(code)) session.alive = false
        if (plan.rude !== true) later(plan.latency ?? 0, () => gone(code, true))
      },
    }
  }
  return {
    connect,
    emit,
    /** From now on nothing goes wrong with a new connection. */
    calm: () => {
      quiet = true
    },
    sockets,
    sessions,
    refused,
    /** Sessions that could have been resumed when another was begun. */
    wasted,
    identifies,
    open: () => open,
    mostOpen: () => mostOpen,
  }
})

export type FakePeer = Effect.Effect.Success<ReturnType<typeof make>>
