/** A job against a model of its policy, over lives of the bot, gaps between them, and changes of the clock. */
import { describe, expect, it } from "@effect/vitest"
import { Clock, Data, DateTime, Effect, Exit, FiberRef, LogLevel, Option, Ref } from "effect"
import * as fc from "effect/FastCheck"
import * as Calendar from "../../src/supervise/job/Calendar.js"
import * as Occasions from "../../src/supervise/job/Occasions.js"
import * as Job from "../../src/supervise/Job.js"
import * as JobStore from "../../src/supervise/JobStore.js"
import * as Explore from "../../src/testing/Explore.js"
import * as VirtualClock from "../../src/testing/VirtualClock.js"
import { life } from "./JobField.js"

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const LATE = MINUTE

class Broken extends Data.TaggedError("Broken") {}

/** One run, as it went. Milliseconds since the start. */
interface Ran {
  readonly due: number
  readonly begun: number
  readonly ended: number
  readonly how: "completed" | "failed" | "interrupted"
}

interface History {
  readonly spec:
    | { readonly every: number }
    | { readonly at: ReadonlyArray<string> }
    | { readonly cron: string }
  readonly zone: string
  readonly start: number
  readonly missed: "skip" | "once" | "all"
  readonly overlap: "skip" | "queue one" | "cancel former"
  /** How long the bot is up, and then down. */
  readonly lives: ReadonlyArray<{ readonly up: number; readonly down: number }>
  /** How long the runs take, in turn, and whether they fail. */
  readonly runs: ReadonlyArray<{ readonly takes: number; readonly fails: boolean }>
}

const runOf = ({ runs }: History, index: number) => runs[index % runs.length]!

// ---------------------------------------------------------------------------------------------------------
// What should be
// ---------------------------------------------------------------------------------------------------------

interface Bot {
  now: number
  going:
    | { readonly due: number; readonly at: number; readonly ends: number; readonly fails: boolean }
    | undefined
}

/** By the words of the policy: one event after the other, on a list of all occasions there are. */
const model = (history: History): ReadonlyArray<Ran> => {
  const { lives, missed, overlap, start } = history
  const calendar = Calendar.make(history.spec)
  const zone = Option.getOrThrow(Calendar.zoneOf(history.zone))
  const over = start + lives.reduce((sum, { down, up }) => sum + up + down, 0)
  const occasions: Array<number> = []
  for (let due = Calendar.next(calendar, start, zone); due !== undefined && due <= over;) {
    occasions.push(due)
    due = Calendar.next(calendar, due, zone)
  }
  const ran: Array<Ran> = []
  let begun = 0
  let stored = start
  let from = start
  for (const { down, up } of lives) {
    const to = from + up
    let passed = stored
    const bot: Bot = { now: from, going: undefined }
    let waiting: number | undefined
    const begin = (due: number): void => {
      const { fails, takes } = runOf(history, begun++)
      bot.going = { due, at: bot.now, ends: bot.now + takes, fails }
      stored = passed
    }
    const end = (how: Ran["how"]): void => {
      if (bot.going !== undefined) ran.push({ due: bot.going.due, begun: bot.going.at, ended: bot.now, how })
      bot.going = undefined
      if (waiting === undefined || bot.now >= to) return
      const due = waiting
      waiting = undefined
      begin(due)
    }
    /** Time goes on, and runs end. */
    const until = (moment: number): void => {
      while (bot.going !== undefined && bot.going.ends <= moment) {
        bot.now = bot.going.ends
        end(bot.going.fails ? "failed" : "completed")
      }
      bot.now = moment
    }
    const arrive = (due: number): void => {
      passed = due
      if (bot.going === undefined) return begin(due)
      if (overlap === "skip") {
        stored = due
        return
      }
      if (overlap === "queue one") {
        waiting ??= due
        return
      }
      waiting = due
      end("interrupted")
    }
    while (bot.now < to) {
      const due = occasions.filter((one) => one > passed && one <= bot.now).slice(-Occasions.MOST)
      const newest = due.at(-1)
      if (newest === undefined) {
        until(Math.min(to, occasions.find((one) => one > passed) ?? to))
        continue
      }
      if (missed === "all") {
        for (const one of due.slice(0, -1)) {
          if (bot.going !== undefined) until(Math.min(to, bot.going.ends))
          if (bot.now >= to) break
          arrive(one)
          until(Math.min(to, bot.going!.ends))
        }
        if (bot.now < to) arrive(newest)
      } else if (missed === "once" || bot.now - newest <= LATE) arrive(newest)
      else passed = newest
    }
    waiting = undefined
    end("interrupted")
    from = to + down
  }
  return ran.map(({ begun: at, due, ended, how }) => ({
    due: due - start,
    begun: at - start,
    ended: ended - start,
    how,
  }))
}

// ---------------------------------------------------------------------------------------------------------
// What is
// ---------------------------------------------------------------------------------------------------------

const observe = (history: History) =>
  Effect.gen(function* () {
    const { lives, missed, overlap, spec, start } = history
    const clock = yield* Effect.clock
    const now = () => clock.unsafeCurrentTimeMillis() - start
    yield* Effect.sleep(start - clock.unsafeCurrentTimeMillis())
    const ran: Array<Ran> = []
    let count = 0
    const when =
      "every" in spec ? { every: { fixed: spec.every } } : { ...spec, zone: Effect.succeed(history.zone) }
    const job = Job.layer({
      ...when,
      name: "tick",
      missed,
      overlap,
      alarmAfter: Infinity,
      run: ({ dueAt }) =>
        Effect.suspend(() => {
          const begun = now()
          const { fails, takes } = runOf(history, count++)
          return Effect.zipRight(Effect.sleep(takes), fails ? Effect.fail(new Broken()) : Effect.void).pipe(
            Effect.onExit((exit) =>
              Effect.sync(() => {
                const how = Exit.isSuccess(exit)
                  ? "completed"
                  : Exit.isInterrupted(exit)
                    ? "interrupted"
                    : "failed"
                ran.push({ due: (dueAt ?? Number.NaN) - start, begun, ended: now(), how })
              }),
            ),
          )
        }),
    })
    const store = yield* JobStore.makeMemory
    for (const { down, up } of lives) {
      yield* life(job, Effect.sleep(up), store)
      yield* Effect.sleep(down)
    }
    return ran as ReadonlyArray<Ran>
  })

// ---------------------------------------------------------------------------------------------------------
// Histories
// ---------------------------------------------------------------------------------------------------------

const time = fc
  .tuple(fc.nat(23), fc.nat(59))
  .map((both) => both.map((one) => String(one).padStart(2, "0")).join(":"))

/** Nothing ends at the very moment at which something is due: which of the two comes first is nobody's business. */
const off = (min: number, max: number) =>
  fc
    .tuple(fc.integer({ min, max }), fc.integer({ min: 1, max: 9 }))
    .map(([seconds, millis]) => seconds * SECOND + millis)

const history: fc.Arbitrary<History> = fc.record({
  spec: fc.oneof(
    fc.record({ every: fc.constantFrom(5 * MINUTE, HOUR, 6 * HOUR) }),
    fc.record({ at: fc.array(time, { minLength: 1, maxLength: 4 }) }),
    fc.record({ cron: fc.constantFrom("*/30 * * * *", "30 2 * * *", "0 1-4 * * *", "15 2 * * 0") }),
  ),
  zone: fc.constantFrom("Europe/Berlin", "America/New_York", "UTC"),
  // The days of the changes in 2026, and one without.
  start: fc
    .tuple(
      fc.constantFrom("2026-03-28", "2026-10-24", "2026-03-07", "2026-10-31", "2026-06-01"),
      fc.nat(DAY / SECOND),
    )
    .map(([day, seconds]) => Date.parse(day) + seconds * SECOND + 500),
  missed: fc.constantFrom("skip", "once", "all"),
  overlap: fc.constantFrom("skip", "queue one", "cancel former"),
  lives: fc.array(fc.record({ up: off(1, 9 * 3600), down: fc.oneof(off(0, 90), off(0, 36 * 3600)) }), {
    minLength: 1,
    maxLength: 4,
  }),
  runs: fc.array(fc.record({ takes: fc.oneof(off(0, 30), off(0, 5 * 3600)), fails: fc.boolean() }), {
    minLength: 1,
    maxLength: 5,
  }),
})

describe("a job over any history", () => {
  it("makes up for the last thousand that were missed, and for none before", () => {
    const given: History = {
      spec: { every: 5 * MINUTE },
      zone: "Europe/Berlin",
      start: Date.parse("2026-03-28T00:00:00.500Z"),
      missed: "all",
      overlap: "skip",
      lives: [
        { up: 1_001, down: 599_001 },
        { up: 16_215_001, down: 126_752_001 },
        { up: 29_240_001, down: 129_593_001 },
        { up: 1_001, down: 1 },
      ],
      runs: [
        { takes: 12_615_001, fails: false },
        { takes: 2_005_001, fails: false },
      ],
    }
    const { exit } = VirtualClock.runSync(silent(observe(given)))
    expect(exit).toEqual(Exit.succeed(model(given)))
    // The one before was missed a thousand occasions ago, and one.
    expect(model(given).at(-1)?.due).toBe(2_699_500)
  })

  it("runs exactly as its policy says", () => {
    Explore.checkSync(
      { history },
      ({ history: given }) =>
        Effect.map(silent(observe(given)), (ran) => {
          expect(ran).toEqual(model(given))
        }),
      { runs: 60 },
    )
  }, 120_000)

  it("begins no occasion twice, none before its time, and never two at once", () => {
    Explore.checkSync(
      { history },
      ({ history: given }) =>
        Effect.map(silent(observe(given)), (ran) => {
          expect(new Set(ran.map(({ due }) => due)).size).toBe(ran.length)
          expect(ran.every(({ begun, due }) => due <= begun)).toBe(true)
          for (const [index, one] of ran.entries())
            expect(one.begun).toBeGreaterThanOrEqual(ran[index - 1]?.ended ?? 0)
          if (given.missed === "skip" && given.overlap !== "queue one" && given.overlap !== "cancel former")
            expect(ran.every(({ begun, due }) => begun - due <= LATE)).toBe(true)
        }),
      { runs: 25 },
    )
  }, 120_000)

  it("runs each occasion there was, where none is to be missed and runs are short", () => {
    Explore.checkSync(
      { history },
      ({ history: drawn }) => {
        const given: History = {
          ...drawn,
          missed: "all",
          overlap: "queue one",
          runs: [{ takes: 7, fails: false }],
          // Long enough at the end to make up for everything.
          lives: [...drawn.lives, { up: 10 * MINUTE, down: 0 }],
        }
        return Effect.map(silent(observe(given)), (ran) => {
          const calendar = Calendar.make(given.spec)
          const zone = Option.getOrThrow(Calendar.zoneOf(given.zone))
          const last = given.start + given.lives.reduce((sum, { down, up }) => sum + up + down, 0)
          const all: Array<number> = []
          for (
            let due = Calendar.next(calendar, given.start, zone)!;
            due <= last;
            due = Calendar.next(calendar, due, zone)!
          )
            all.push(due - given.start)
          const done = ran.filter(({ how }) => how === "completed").map(({ due }) => due)
          // One that a restart interrupted was begun, and is not begun again.
          const cut = ran.filter(({ how }) => how === "interrupted").map(({ due }) => due)
          expect([...done, ...cut].sort((a, b) => a - b)).toEqual(all)
        })
      },
      { runs: 25 },
    )
  }, 120_000)
})

// ---------------------------------------------------------------------------------------------------------
// The clock on the machine
// ---------------------------------------------------------------------------------------------------------

/** The same time, of which the clock on the wall is set by hand. */
const wall = Effect.map(Effect.clock, (clock) => {
  let ahead = 0
  const now = () => clock.unsafeCurrentTimeMillis() + ahead
  const set: Clock.Clock = {
    ...clock,
    [Clock.ClockTypeId]: Clock.ClockTypeId,
    unsafeCurrentTimeMillis: now,
    currentTimeMillis: Effect.sync(now),
    sleep: (duration) => clock.sleep(duration),
  }
  return {
    move: (millis: number) =>
      Effect.sync(() => {
        ahead += millis
      }),
    by: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.withClock(effect, set),
  }
})

describe("a job under a clock that is set", () => {
  const play = (
    missed: "skip" | "once" | "all",
    moves: ReadonlyArray<readonly [after: number, by: number]>,
  ) => {
    const { exit } = VirtualClock.runSync(
      Effect.gen(function* () {
        const { by, move } = yield* wall
        const ran = yield* Ref.make<ReadonlyArray<string>>([])
        const job = Job.layer({
          name: "tick",
          every: { fixed: "1 hour" },
          missed,
          run: ({ dueAt }) =>
            Ref.update(ran, (all) => [
              ...all,
              DateTime.formatIso(DateTime.unsafeMake(dueAt ?? 0)).slice(5, 16),
            ]),
        })
        yield* by(
          life(
            job,
            Effect.forEach(moves, ([after, millis]) =>
              Effect.zipRight(Effect.sleep(after), move(millis)),
            ).pipe(Effect.zipRight(Effect.sleep(2 * HOUR))),
            yield* JobStore.makeMemory,
          ),
        )
        return yield* Ref.get(ran)
      }),
      { start: Date.parse("2026-06-01T10:30:00Z") },
    )
    if (Exit.isFailure(exit)) throw new Error(String(exit.cause))
    return exit.value
  }

  it("set forward: what was jumped over was missed", () => {
    const forward = [[HOUR, 3 * HOUR + 15 * MINUTE]] as const
    expect(play("skip", forward)).toEqual(["06-01T11:00", "06-01T15:00", "06-01T16:00"])
    expect(play("once", forward)).toEqual(["06-01T11:00", "06-01T14:00", "06-01T15:00", "06-01T16:00"])
    expect(play("all", forward)).toEqual([
      "06-01T11:00",
      "06-01T12:00",
      "06-01T13:00",
      "06-01T14:00",
      "06-01T15:00",
      "06-01T16:00",
    ])
  })

  it("set forward by seconds: nothing is lost and nothing comes twice", () => {
    const adjusted = Array.from(
      { length: 12 },
      (_, index) => [10 * MINUTE + 13 * SECOND, index % 2 === 0 ? 17 * SECOND : -40 * SECOND] as const,
    )
    expect(play("skip", adjusted)).toEqual(["06-01T11:00", "06-01T12:00", "06-01T13:00", "06-01T14:00"])
  })

  it("set back: what was run is not run again", () => {
    expect(play("all", [[HOUR, -HOUR]])).toEqual(["06-01T11:00", "06-01T12:00"])
  })

  it("set back by more than a day: it begins afresh", () => {
    expect(play("all", [[HOUR, -30 * DAY]])).toEqual(["06-01T11:00", "05-02T12:00", "05-02T13:00"])
  })
})

/** Failures of jobs are logged; a property that draws thousands of them is not to be. */
const silent = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.locally(effect, FiberRef.currentMinimumLogLevel, LogLevel.None)
