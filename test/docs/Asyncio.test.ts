import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NodeFileSystem } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Chunk, Data, Effect, Exit, Fiber, Layer, Stream, TestClock } from "effect"
import * as background from "../../docs/examples/asyncio/background.js"
import * as blocking from "../../docs/examples/asyncio/blocking.js"
import * as shared from "../../docs/examples/asyncio/shared.js"
import * as start from "../../docs/examples/asyncio/start.js"
import * as time from "../../docs/examples/asyncio/time.js"
import * as together from "../../docs/examples/asyncio/together.js"
import * as Command from "../../src/command/Command.js"
import * as Offload from "../../src/resource/Offload.js"
import * as JobStore from "../../src/supervise/JobStore.js"
import * as Supervisor from "../../src/supervise/Supervisor.js"
import * as Timers from "../../src/supervise/Timers.js"
import { Kit } from "../../src/testing/index.js"

class Ill extends Data.TaggedError("Ill") {}

const supervised = Supervisor.layer().pipe(Layer.provide(Timers.layer))

describe("from asyncio to Effect", () => {
  it.effect("starts", () =>
    Kit.run(start.features, ({ ada }) =>
      Effect.gen(function* () {
        const turn = yield* ada.slash("berths", {})
        expect((yield* turn.outcome)._tag).toBe("Completed")
        expect((yield* turn.replies).map(({ content }) => content)).toEqual(["4 berths"])
      }),
    ),
  )

  it.effect("ends what takes too long, and cleans up after what was cancelled", () =>
    Effect.gen(function* () {
      const late = yield* Effect.fork(Effect.either(time.within30("the tide", Effect.never)))
      yield* TestClock.adjust("30 seconds")
      expect(yield* Fiber.join(late)).toMatchObject({
        _tag: "Left",
        left: { _tag: "Late", what: "the tide" },
      })

      const log: Array<string> = []
      const cancelled = yield* Effect.fork(time.cancelled(log))
      yield* TestClock.adjust("1 second")
      expect(yield* Fiber.join(cancelled)).toEqual(["moored", "cast off", "was cancelled"])

      const why = new Error("no disk")
      const chart = yield* Effect.flip(time.chart("Kiel", Effect.fail(why)))
      expect(chart.cause).toBe(why)
      expect(yield* time.orNone(Effect.fail(chart))).toBe("no chart")
      expect(yield* Effect.flip(time.orNone(Effect.fail(new time.Late({ what: "x" }))))).toMatchObject({
        _tag: "Late",
      })
    }),
  )

  it.effect("does several things at once", () =>
    Effect.gen(function* () {
      let interrupted = false
      const slow = Effect.onInterrupt(Effect.never, () =>
        Effect.sync(() => {
          interrupted = true
        }),
      )
      expect(yield* Effect.flip(together.both(slow, Effect.fail("no")))).toBe("no")
      expect(interrupted).toBe(true)
      expect(yield* together.each([Effect.succeed(1), Effect.fail("no"), Effect.succeed(2)])).toEqual({
        done: [1, 2],
        failed: ["no"],
      })
      let running = 0
      let most = 0
      const one = () =>
        Effect.sync(() => {
          most = Math.max(most, ++running)
        }).pipe(
          Effect.zipRight(Effect.yieldNow()),
          Effect.ensuring(
            Effect.sync(() => {
              running--
            }),
          ),
        )
      yield* together.fiveAtATime(
        Array.from({ length: 20 }, (_, at) => at),
        one,
      )
      expect(most).toBe(5)
      expect(
        yield* Effect.provide(together.page(Effect.succeed("ada"), Effect.succeed(3)), supervised),
      ).toEqual({ account: "ada", repos: 3 })
    }),
  )

  it.effect("shares what is shared", () =>
    Effect.gen(function* () {
      const items = Array.from({ length: 250 }, (_, at) => at)
      expect(yield* shared.throughAQueue(items)).toEqual(items)
      let closed = 0
      const pages = shared.pages(1_000, () => {
        closed++
      })
      expect(Chunk.toReadonlyArray(yield* Stream.runCollect(Stream.take(pages, 2)))).toEqual([
        "page 1",
        "page 2",
      ])
      expect(closed).toBe(1)
      const log: Array<string> = []
      const got = yield* Effect.flatMap(shared.Session, (session) => session.get("/users")).pipe(
        Effect.provide(shared.Session.layer(log)),
      )
      expect([got, ...log]).toEqual(["GET /users", "opened", "closed"])
    }),
  )

  it.live("moves blocking work away", () =>
    Effect.gen(function* () {
      const folder = mkdtempSync(join(tmpdir(), "bosun-asyncio-"))
      yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(folder, { recursive: true })))
      const file = join(folder, "log.json")
      yield* Effect.all(
        Array.from({ length: 20 }, () => blocking.log(file, "ada")),
        { concurrency: "unbounded" },
      )
      expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({ ada: 20 })
      expect(yield* Effect.provide(blocking.read(file), NodeFileSystem.layer)).toContain("ada")
      const said = yield* Kit.run(
        Command.layer(blocking.count).pipe(Layer.provide(Offload.layerInline)),
        ({ ada }) =>
          Effect.gen(function* () {
            const turn = yield* ada.run(blocking.count, { below: 100 })
            yield* turn.outcome
            return (yield* turn.replies).map(({ content }) => content)
          }),
      )
      expect(said).toEqual(["25 primes"])
    }).pipe(Effect.scoped),
  )

  it.effect("works in the background", () => {
    const said: Array<string> = []
    let checks = 0
    const check = Effect.suspend(() => (++checks === 2 ? Effect.fail(new Ill()) : Effect.succeed("well")))
    const analysed: Array<string> = []
    const welcomed: Array<string> = []
    const features = Layer.mergeAll(
      background.health(check, said),
      background.status(Effect.void),
      background.messages((text) => Effect.sync(() => analysed.push(text))),
      background.welcome(
        () => Effect.fail(new Ill()),
        (name) => Effect.sync(() => welcomed.push(name)),
      ),
      background.feed(Effect.never),
    ).pipe(Layer.provide(JobStore.layerMemory))
    return Kit.run(features, { bot: { intents: { required: 1 << 1 } } }, ({ ada, clock, member }) =>
      Effect.gen(function* () {
        yield* ada.say("ahoy")
        member("dora")
        yield* clock.advance("16 minutes")
        expect(said).toEqual(["monitoring started", "well", "Success", "Failure", "well", "Success"])
        expect(analysed).toEqual(["ahoy"])
        expect(welcomed).toEqual(["Dora"])
        expect(yield* background.running).toContainEqual(expect.stringContaining("service feed"))
        expect(yield* background.slow(Effect.succeed("come in"))).toBe("come in")
        expect(Exit.isSuccess(yield* Effect.exit(background.raise))).toBe(true)
      }),
    )
  })
})
