/**
 * The metrics as datagrams to a statsd collector, every ten seconds.
 *
 * Counters, and the count and sum of histograms, are sent as what was added since the last time; everything else
 * as it stands. Labels go as tags in the form that most collectors read (`|#name:value`), or into the name.
 *
 * Failure modes: UDP tells nobody whether it arrives. A name that cannot be resolved, a network that cannot be
 * reached and a collector that is gone are named in the log once until it works again; nothing waits for them, and
 * what was to be sent is dropped.
 *
 * @module
 */
import { createSocket, type Socket } from "node:dgram"
import { lookup } from "node:dns"
import { isIP } from "node:net"
import { Context, Data, Duration, Effect, Layer, type Scope } from "effect"
import * as ProcessMetrics from "./ProcessMetrics.js"
import * as Snapshot from "./Snapshot.js"

export interface Options {
  readonly host: string
  /** Default 8125, statsd's own. */
  readonly port?: number
  /** Default 10 seconds. */
  readonly every?: Duration.DurationInput
  /** `name` for collectors without tags: `bosun_commands_total.ping.completed`. Default `tags`. */
  readonly labels?: "tags" | "name"
}

export interface Statsd {
  /** Sends what there is now: within 2 seconds, whatever the network does. Never fails. */
  readonly flush: Effect.Effect<void>
}

export const Statsd = Context.GenericTag<Statsd>("bosun/observe/Statsd")

/** What one datagram carries at most: an Ethernet frame less the headers. */
const LARGEST = 1_432
/** Of one flush, in milliseconds. */
const WITHIN = 2_000

/** Sends until the scope ends, and once more then. */
export const make = (options: Options): Effect.Effect<Statsd, never, Scope.Scope> =>
  Effect.gen(function* () {
    const port = options.port ?? 8125
    const lines = liner(options.labels ?? "tags")
    const resolve = resolver(options.host)
    const turn = yield* Effect.makeSemaphore(1)
    const sockets = new Map<4 | 6, Socket>()
    let failing = false

    const socketOf = (family: 4 | 6): Socket => {
      const known = sockets.get(family)
      if (known !== undefined) return known
      const made = createSocket(family === 4 ? "udp4" : "udp6")
      made.unref()
      // What matters is told to the callback of `send`.
      made.on("error", () => {})
      sockets.set(family, made)
      return made
    }
    const send = (packet: string, { address, family }: Address): Effect.Effect<void, NotSent> =>
      Effect.async((resume) => {
        socketOf(family).send(packet, port, address, (error) =>
          resume(error === null ? Effect.void : Effect.fail(new NotSent({ reason: error.message }))),
        )
      })
    const flush = Effect.gen(function* () {
      const packets = packed(lines(Snapshot.take(ProcessMetrics.families())))
      const address = yield* resolve
      yield* Effect.forEach(packets, (packet) => send(packet, address), { discard: true })
      if (failing) yield* Effect.logInfo(`Statistics go to ${options.host}:${port} again`)
      failing = false
    }).pipe(
      // In a finalizer too, the limit has to be able to interrupt what it limits.
      Effect.interruptible,
      Effect.timeoutFail({
        duration: WITHIN,
        onTimeout: () => new NotSent({ reason: `not within ${WITHIN} ms` }),
      }),
      Effect.catchAllCause((cause) => {
        if (failing) return Effect.logDebug("Statistics were not sent", cause)
        failing = true
        return Effect.logWarning(
          `Statistics cannot be sent to ${options.host}:${port}; they are dropped until they can`,
          cause,
        )
      }),
      turn.withPermits(1),
    )

    yield* Effect.addFinalizer(() =>
      Effect.zipRight(
        flush,
        Effect.sync(() => {
          for (const socket of sockets.values()) socket.close()
        }),
      ),
    )
    yield* Effect.forkScoped(Effect.forever(Effect.delay(flush, options.every ?? "10 seconds")))
    return { flush }
  })

export const layer = (options: Options): Layer.Layer<Statsd> => Layer.scoped(Statsd, make(options))

class NotSent extends Data.TaggedError("NotSent")<{ readonly reason: string }> {
  override get message() {
    return this.reason
  }
}

interface Address {
  readonly address: string
  readonly family: 4 | 6
}

/** The system may take many seconds to give up on a name: one question at a time, whoever waits for it. */
const resolver = (host: string): Effect.Effect<Address, NotSent> => {
  const literal = isIP(host)
  if (literal !== 0) return Effect.succeed({ address: host, family: literal === 4 ? 4 : 6 })
  const waiting = new Set<(answer: Effect.Effect<Address, NotSent>) => void>()
  let asking = false
  const ask = (): void => {
    asking = true
    lookup(host, (error, address, family) => {
      asking = false
      const answer =
        error === null
          ? Effect.succeed<Address>({ address, family: family === 6 ? 6 : 4 })
          : Effect.fail(new NotSent({ reason: error.message }))
      for (const resume of waiting) resume(answer)
      waiting.clear()
    })
  }
  return Effect.async((resume) => {
    waiting.add(resume)
    if (!asking) ask()
    return Effect.sync(() => waiting.delete(resume))
  })
}

/** Makes lines of families, and remembers what was sent of those that only grow. */
export const liner = (
  form: "tags" | "name",
): ((families: ReadonlyArray<Snapshot.Family>) => ReadonlyArray<string>) => {
  const sent = new Map<string, number>()
  return (families) =>
    families.flatMap((family) =>
      family.series.flatMap((one) => {
        const value = Number(one.value)
        // Its buckets say nothing that a collector of differences could use.
        if (one.suffix === "_bucket" || !Number.isFinite(value)) return []
        const name = clean(family.name + one.suffix)
        const [head, tail] =
          form === "tags"
            ? [
                name,
                one.labels.length === 0
                  ? ""
                  : `|#${one.labels.map(([key, text]) => `${clean(key)}:${clean(text)}`).join(",")}`,
              ]
            : [[name, ...one.labels.map(([, text]) => clean(text).replaceAll(".", "_"))].join("."), ""]
        if (family.type !== "counter" && one.suffix === "") {
          // A sign would make it a difference.
          return value < 0
            ? [`${head}:0|g${tail}`, `${head}:${value}|g${tail}`]
            : [`${head}:${value}|g${tail}`]
        }
        const key = Snapshot.keyOf(family, one)
        const added = value - (sent.get(key) ?? 0)
        sent.set(key, value)
        return added === 0 ? [] : [`${head}:${added}|c${tail}`]
      }),
    )
}

/** What has a meaning in a line may not be in a name. */
const clean = (text: string): string => text.replace(/[:|@#,\s]/gu, "_")

/** Lines together, as many as one datagram carries. */
export const packed = (lines: ReadonlyArray<string>): ReadonlyArray<string> => {
  const packets: Array<string> = []
  let packet = ""
  let size = 0
  for (const line of lines) {
    const more = Buffer.byteLength(line) + 1
    if (size > 0 && size + more > LARGEST) {
      packets.push(packet)
      packet = ""
      size = 0
    }
    packet += `${line}\n`
    size += more
  }
  return size === 0 ? packets : [...packets, packet]
}
