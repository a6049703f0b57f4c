import { describe, expect, it } from "@effect/vitest"
import { Clock, Effect, Either, Fiber } from "effect"
import * as fc from "effect/FastCheck"
import * as Plan from "../../src/sandbox/fault/Plan.js"
import * as InProcess from "./InProcess.js"
import * as Virtual from "./Virtual.js"

const connected = Virtual.connected({ unchecked: "broken on purpose" })

describe("Faults", () => {
  it("a request takes its time on both ways, and is carried out between them", () => {
    const seen = Virtual.run(
      Effect.gen(function* () {
        const { ada, general, sandbox } = yield* connected
        const path = `/channels/${general}/messages`
        const stop = sandbox.faults.slow(
          { method: "POST", path: /messages$/u },
          { request: 300, answer: 200 },
        )
        const start = yield* Clock.currentTimeMillis
        const since = Effect.map(Clock.currentTimeMillis, (now) => now - start)
        const arrived = yield* Effect.fork(
          Effect.zipRight(
            ada.message("general", ({ content }) => content === "slow"),
            since,
          ),
        )
        yield* InProcess.call(sandbox, "POST", path, { content: "slow" })
        const answered = yield* since
        yield* InProcess.call(sandbox, "GET", path)
        const unmeant = (yield* since) - answered
        stop()
        yield* InProcess.call(sandbox, "POST", path, { content: "quick" })
        return [yield* Fiber.join(arrived), answered, unmeant, (yield* since) - answered]
      }),
    )
    expect(seen).toEqual([300, 500, 0, 0])
  })

  it("a request that was taken back on its way is never carried out", () => {
    const seen = Virtual.run(
      Effect.gen(function* () {
        const { ada, general, sandbox } = yield* connected
        sandbox.faults.plan((method) => (method === "POST" ? { request: 300 } : undefined))
        const fiber = yield* Effect.fork(
          InProcess.call(sandbox, "POST", `/channels/${general}/messages`, { content: "never" }),
        )
        yield* Effect.sleep(100)
        yield* Fiber.interrupt(fiber)
        yield* Effect.sleep(1_000)
        return [sandbox.pendingRequests(), (yield* ada.history("general")).length]
      }),
    )
    expect(seen).toEqual([0, 0])
  })

  it("events that travel keep their order, and none is lost, early or late, whatever each takes", () => {
    const plan = fc.array(fc.record({ wait: fc.nat(300), travel: fc.nat(500) }), { maxLength: 15 })
    fc.assert(
      fc.property(plan, (messages) => {
        const { arrived, due } = Virtual.run(
          Effect.gen(function* () {
            const { ada, connection, sandbox } = yield* connected
            const arrived: Array<readonly [content: unknown, at: number]> = []
            const look = Effect.gen(function* () {
              yield* Effect.sleep(1)
              yield* InProcess.settle
              const now = yield* Clock.currentTimeMillis
              const all = connection.events().filter(({ t }) => t === "MESSAGE_CREATE")
              for (const { d } of all.slice(arrived.length)) arrived.push([d["content"], now])
            })
            yield* Effect.forkScoped(Effect.forever(look))
            const due: Array<readonly [content: unknown, at: number]> = []
            for (const { travel, wait } of messages) {
              yield* Effect.sleep(wait)
              sandbox.faults.delayEvents((type) => (type === "MESSAGE_CREATE" ? travel : 0))
              const at = (yield* Clock.currentTimeMillis) + travel
              const content = String(due.length)
              due.push([content, Math.max(at, due.at(-1)?.[1] ?? 0)])
              yield* ada.say("general", content)
            }
            yield* Effect.sleep(600)
            return { arrived, due }
          }),
        )
        expect(arrived.map(([content]) => content)).toEqual(due.map(([content]) => content))
        arrived.forEach(([, at], n) => expect([0, 1]).toContain(at - (due[n]?.[1] ?? 0)))
      }),
      { numRuns: 50 },
    )
  })

  it("an event arrives when it has travelled, together with what overtakes it nearly", () => {
    const seen = Virtual.run(
      Effect.gen(function* () {
        const { ada, connection, sandbox } = yield* connected
        const count = () => connection.events().filter(({ t }) => t === "MESSAGE_CREATE").length
        sandbox.faults.delayEvents(400)
        yield* ada.say("general", "slow")
        yield* Effect.sleep(100)
        sandbox.faults.delayEvents(50)
        yield* ada.say("general", "fast")
        yield* Effect.sleep(299)
        const before = count()
        yield* Effect.sleep(1)
        yield* InProcess.settle
        return [before, count()]
      }),
    )
    expect(seen).toEqual([0, 2])
  })
})

const planned = (text: string): Plan.Plan => Either.getOrThrowWith(Plan.parse(text), (error) => error)

describe("a plan, on the gateway", () => {
  /** Says so many messages under a plan and gives what came. */
  const under = (rule: string, count = 3, more: { readonly millis?: number; readonly stop?: boolean } = {}) =>
    Virtual.run(
      Effect.gen(function* () {
        const { ada, connection, sandbox } = yield* connected
        const taken = connection.texts.length
        const running = sandbox.faults.follow(planned(rule))
        for (let n = 0; n < count; n++) {
          yield* ada.say("general", `m${n}`)
          yield* InProcess.settle
        }
        yield* Effect.sleep(more.millis ?? 0)
        if (more.stop === true) running.stop()
        yield* InProcess.settle
        const texts = connection.texts.slice(taken)
        return {
          texts,
          frames: texts.flatMap(framed),
          closes: connection.closes,
          sessions: sandbox.sessions(),
          counts: running.counts(),
        }
      }),
    )

  const framed = (text: string): ReadonlyArray<InProcess.Frame> => {
    try {
      return [JSON.parse(text) as InProcess.Frame]
    } catch {
      return []
    }
  }

  const contents = (frames: ReadonlyArray<InProcess.Frame>) =>
    frames.flatMap(({ d, t }) => (t === "MESSAGE_CREATE" ? [d["content"]] : []))

  it("drop ends the socket, and the session keeps what it missed", () => {
    const { closes, counts, frames, sessions } = under("drop times=1")
    expect(closes.map(({ code }) => code)).toEqual([1006])
    expect([contents(frames), counts]).toEqual([[], { drop: 1 }])
    expect(sessions).toMatchObject([{ connected: false, sequence: 5 }])
  })

  it("zombie lets nothing through for its time, or until it ends", () => {
    expect(under("zombie", 3, { millis: 60_000 }).texts).toEqual([])
    expect(contents(under("zombie times=1 1s", 3, { millis: 999 }).frames)).toEqual([])
    expect(contents(under("zombie times=1 1s", 3, { millis: 1_000 }).frames)).toEqual(["m0", "m1", "m2"])
    expect(contents(under("zombie", 3, { stop: true }).frames)).toEqual(["m0", "m1", "m2"])
  })

  it("zombie leaves heartbeats unanswered", () => {
    const answered = Virtual.run(
      Effect.gen(function* () {
        const { ada, connection, sandbox } = yield* connected
        sandbox.faults.once({ kind: "zombie" })
        yield* ada.say("general", "x")
        connection.sendOp(1, 2)
        yield* InProcess.settle
        return connection.frames.filter(({ op }) => op === 11).length
      }),
    )
    expect(answered).toBe(0)
  })

  it("reconnect is op 7, invalid op 9 either way", () => {
    expect(under("reconnect times=1", 1).frames.map(({ op }) => op)).toEqual([7, 0])
    const resumable = under("invalid resumable=true", 1)
    expect(resumable.frames).toMatchObject([{ op: 9, d: true }])
    expect(resumable.sessions).toMatchObject([{ connected: false }])
    const over = under("invalid resumable=false", 1)
    expect(over.frames).toMatchObject([{ op: 9, d: false }])
    expect(over.sessions).toEqual([])
  })

  it("close has each code, and ends the session where Discord's would", () => {
    const ending = [4003, 4004, 4007, 4009, 4010, 4011, 4012, 4013, 4014]
    for (let code = 4000; code <= 4014; code++) {
      const { closes, sessions } = under(`close code=${code}`, 1)
      expect(closes.map((close) => close.code)).toEqual([code])
      expect(sessions.length).toBe(ending.includes(code) ? 0 : 1)
    }
  })

  it("duplicate comes twice with one number", () => {
    const { frames } = under("duplicate event=MESSAGE_CREATE times=1", 2)
    expect(frames.map(({ d, s }) => [s, d["content"]])).toEqual([
      [3, "m0"],
      [3, "m0"],
      [4, "m1"],
    ])
  })

  it("delay holds an event up with all that come after it", () => {
    expect(contents(under("delay 500ms times=1", 3, { millis: 499 }).frames)).toEqual([])
    expect(contents(under("delay 500ms times=1", 3, { millis: 500 }).frames)).toEqual(["m0", "m1", "m2"])
    expect(contents(under("delay 500ms times=1", 3, { stop: true }).frames)).toEqual(["m0", "m1", "m2"])
  })

  it("of pauses the latest end counts, and one that ends before it neither shortens nor counts", () => {
    const seen = Virtual.run(
      Effect.gen(function* () {
        const { ada, connection, sandbox } = yield* connected
        const running = sandbox.faults.follow(planned("zombie 1s times=1; slow 300ms"))
        const taken = connection.frames.length
        yield* ada.say("general", "x")
        yield* Effect.sleep(100)
        yield* ada.say("general", "y")
        yield* Effect.sleep(800)
        const before = [connection.frames.length - taken, running.counts()]
        yield* ada.say("general", "z")
        yield* Effect.sleep(101)
        connection.sendOp(1, 2)
        yield* Effect.sleep(198)
        const [during, { slow }] = [connection.frames.length - taken, running.counts()]
        yield* Effect.sleep(1)
        yield* InProcess.settle
        return [before, during, slow, connection.frames.slice(taken).map(({ op }) => op)]
      }),
    )
    // The heartbeat is answered: by then only the frames are held up.
    expect(seen).toEqual([[0, { zombie: 1 }], 0, 1, [0, 0, 0, 11]])
    expect(under("zombie; slow 10ms", 3, { millis: 60_000 }).texts).toEqual([])
  })

  it("what comes to nothing does not count: after the end of the connection, or where nothing passes", () => {
    const dropped = under("garbage; drop; reconnect; duplicate; unknown; slow 10ms", 2)
    expect([dropped.texts.length, dropped.counts]).toEqual([1, { garbage: 1, drop: 1 }])
    expect(dropped.sessions).toMatchObject([{ sequence: 4 }])
    expect(under("duplicate; close code=4000; zombie", 1).counts).toEqual({ close: 1 })
    const alone = under("reorder 100ms", 3, { millis: 1_000 })
    expect([contents(alone.frames), alone.counts]).toEqual([["m0", "m1", "m2"], {}])
    const both = under("duplicate; reorder 50ms", 1, { millis: 50 })
    expect([contents(both.frames), both.counts]).toEqual([["m0", "m0"], { duplicate: 1 }])
  })

  it("reorder for no time lets its event arrive all the same", () => {
    expect(contents(under("reorder 0..0ms", 1).frames)).toEqual(["m0"])
  })

  it("slow lets frames through in bursts", () => {
    expect(contents(under("slow 500ms times=1", 3, { millis: 499 }).frames)).toEqual([])
    expect(contents(under("slow 500ms times=1", 3, { millis: 500 }).frames)).toEqual(["m0", "m1", "m2"])
  })

  it("garbage, an unknown event and a huge one come first, and events keep their numbers", () => {
    const garbage = under("garbage times=1", 1)
    expect(garbage.texts.length).toBe(2)
    expect(garbage.frames.map(({ s }) => s)).toEqual([3])
    const unknown = under("unknown times=1", 1)
    expect(unknown.frames.map(({ s, t }) => [s, t])).toEqual([
      [3, "A_THING_OF_TOMORROW"],
      [4, "MESSAGE_CREATE"],
    ])
    const huge = under("huge times=1", 1)
    expect(huge.frames.map(({ s }) => s)).toEqual([3, 4])
    expect(huge.texts[0]?.length).toBeGreaterThan(4 * 1024 * 1024)
  })

  it("reorder never changes the order within a channel, nor numbers, nor loses anything", () => {
    const step = fc.record({
      channel: fc.constantFrom("general", "tryouts", "dm"),
      what: fc.constantFrom("say", "slash", "wait"),
      wait: fc.nat(2_000),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 15 }), fc.nat(1_000), (steps, seed) => {
        const { frames, sent } = Virtual.run(
          Effect.gen(function* () {
            const { ada, connection, sandbox } = yield* connected
            const bot = sandbox.world.bot.id
            yield* InProcess.call(sandbox, "PUT", `/applications/${bot}/commands`, [
              { name: "ping", description: "Pings" },
            ])
            yield* InProcess.settle
            const taken = connection.frames.length
            const sent: Array<readonly [channel: string, what: string]> = []
            sandbox.faults.follow({ seed, rules: [{ kind: "reorder", rate: 0.5 }] })
            const named = (name: string) =>
              [...sandbox.world.channels.values()].find((one) => one.name === name)?.id ?? ""
            for (const { channel, wait, what } of steps) {
              if (what === "wait") yield* Effect.sleep(wait)
              else if (what === "say" || channel === "dm") {
                const id = yield* ada.say(channel, `m${sent.length}`)
                sent.push([sandbox.world.channels.get(id.channelId)?.id ?? "", "MESSAGE_CREATE"])
              } else {
                yield* ada.slash(channel, "ping")
                sent.push([named(channel), "INTERACTION_CREATE"])
              }
              yield* InProcess.settle
            }
            yield* Effect.sleep("2 seconds")
            yield* InProcess.settle
            return { frames: connection.frames.slice(taken), sent }
          }),
        )
        expect(frames.map(({ s }) => s)).toEqual(frames.map((_, index) => (frames[0]?.s ?? 0) + index))
        const inOrder = (channel: unknown, all: ReadonlyArray<readonly [unknown, unknown]>) =>
          all.filter(([at]) => at === channel)
        const came = frames.map(({ d, t }) => [d["channel_id"], t] as const)
        for (const channel of new Set(sent.map(([at]) => at)))
          expect(inOrder(channel, came)).toEqual(inOrder(channel, sent))
        expect(came.length).toBe(sent.length)
      }),
      { numRuns: 100 },
    )
  })

  it("reorder does change the order between channels", () => {
    const seen = Virtual.run(
      Effect.gen(function* () {
        const { ada, connection, sandbox } = yield* connected
        sandbox.faults.once({ kind: "reorder" })
        yield* ada.say("general", "first")
        yield* ada.say("tryouts", "second")
        yield* InProcess.settle
        return contents(connection.frames)
      }),
    )
    expect(seen).toEqual(["second", "first"])
  })

  it("does the same again for the same seed", () => {
    const text =
      "seed=11; drop 10%; duplicate 30%; delay 30% 10..50ms; unknown 20%; reconnect 20%; slow 10% 20ms"
    const seen = [0, 1].map(() => under(text, 20, { millis: 5_000 }))
    expect(seen[0]?.texts).toEqual(seen[1]?.texts)
    expect(seen[0]?.counts).toEqual(seen[1]?.counts)
    expect(Object.keys(seen[0]?.counts ?? {}).length).toBeGreaterThan(2)
  })
})
