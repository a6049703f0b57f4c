import { describe, expect, it } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber, Logger, Scope, TestClock } from "effect"
import * as fc from "effect/FastCheck"
import * as Resource from "../../src/resource/Resource.js"

type Release = "well" | "fails" | "dies" | "throws" | "hangs"

/** What is said in the log, by level. */
const listening = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.suspend(() => {
    const lines: Array<string> = []
    const logger = Logger.make(({ logLevel, message }) => {
      lines.push(`${logLevel.label} ${String(Array.isArray(message) ? message[0] : message)}`)
    })
    return Effect.map(Effect.provide(effect, Logger.replace(Logger.defaultLogger, logger)), (value) => ({
      value,
      lines,
    }))
  })

const resource = (log: Array<string>, name: string, release: Release, acquire: Effect.Effect<void, string>) =>
  Resource.make({
    name,
    releaseWithin: "2 seconds",
    acquire: Effect.as(
      Effect.zipLeft(
        acquire,
        Effect.sync(() => log.push(`+${name}`)),
      ),
      name,
    ),
    release: () => {
      log.push(`-${name}`)
      if (release === "throws") throw new Error("thrown")
      return {
        well: Effect.void,
        fails: Effect.fail("no"),
        dies: Effect.die("broken"),
        hangs: Effect.never,
      }[release]
    },
  })

/** Lets virtual time pass until the effect has ended. */
const passing = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.fork(effect)
    for (let n = 0; n < 50; n++) {
      if ((yield* Fiber.poll(fiber))._tag === "Some") break
      yield* TestClock.adjust("500 millis")
    }
    return yield* Fiber.await(fiber)
  })

describe("resources", () => {
  it.effect.prop(
    "are given back in reverse, each once, whatever fails on the way in or out",
    {
      releases: fc.array(fc.constantFrom<Release>("well", "fails", "dies", "throws", "hangs"), {
        minLength: 1,
        maxLength: 6,
      }),
      // At which of them the start fails, or is interrupted; beyond the last it does not.
      stop: fc.integer({ min: 0, max: 7 }),
      how: fc.constantFrom("fail" as const, "interrupt" as const),
    },
    ({ how, releases, stop }) =>
      Effect.gen(function* () {
        const log: Array<string> = []
        const started = Effect.forEach(
          releases,
          (release, index) =>
            resource(
              log,
              `r${index}`,
              release,
              index !== stop ? Effect.void : how === "fail" ? Effect.fail("start") : Effect.interrupt,
            ),
          { discard: true },
        )
        const exit = yield* passing(Effect.scoped(started))
        const open = releases.slice(0, Math.min(stop, releases.length)).map((_, index) => `r${index}`)
        expect(log).toEqual([
          ...open.map((name) => `+${name}`),
          ...open.toReversed().map((name) => `-${name}`),
        ])
        const bad = releases.slice(0, open.length).filter((release) => release !== "well").length
        expect(Exit.isSuccess(exit)).toBe(stop >= releases.length && bad === 0)
        if (Exit.isFailure(exit))
          expect(
            [...Cause.defects(exit.cause)].filter((defect) => defect instanceof Resource.ReleaseFailed),
          ).toHaveLength(bad)
      }).pipe(Effect.provide(Logger.remove(Logger.defaultLogger))),
    { fastCheck: { numRuns: 50 } },
  )

  it.effect("that are given back late are told of by name, and the next is given back", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      const { lines, value: exit } = yield* listening(
        passing(
          Effect.scoped(
            Effect.zipRight(
              resource(log, "the pool", "well", Effect.void),
              resource(log, "the socket", "hangs", Effect.void),
            ),
          ),
        ),
      )
      expect(log).toEqual(["+the pool", "+the socket", "-the socket", "-the pool"])
      expect(lines).toContain("ERROR the socket was not released cleanly")
      expect(Cause.pretty(Exit.isFailure(exit) ? exit.cause : Cause.empty)).toContain("did not end within 2s")
    }),
  )

  it.effect("of one key that are open twice are told of, until one is closed", () =>
    Effect.gen(function* () {
      const one = Resource.make({
        name: "the file",
        key: "/tmp/one",
        acquire: Effect.void,
        release: () => Effect.void,
      })
      const { lines } = yield* listening(
        Effect.gen(function* () {
          yield* Effect.scoped(one)
          yield* Effect.scoped(one)
          const scope = yield* Scope.make()
          yield* Scope.extend(one, scope)
          yield* Effect.scoped(one)
          yield* Scope.close(scope, Exit.void)
          yield* Effect.scoped(one)
        }),
      )
      expect(lines.filter((line) => line.startsWith("WARN"))).toEqual([
        "WARN the file is opened while the same is still open in this process: the former was not closed",
      ])
    }),
  )
})
