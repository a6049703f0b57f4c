import { describe, expect, it } from "@effect/vitest"
import { Cause, Effect, Exit, FastCheck as fc, Option, Scope } from "effect"
import * as Supervisor from "../../src/supervise/Supervisor.js"
import * as Timers from "../../src/supervise/Timers.js"
import * as VirtualClock from "../../src/testing/VirtualClock.js"
import * as Wait from "../../src/wait/Wait.js"
import * as Waits from "../../src/wait/Waits.js"
import { channelDelete, message, userOf } from "./Harness.js"

/**
 * One who waits: since when, for how long, by which ids; reading at once, or some time after it was armed. Waits are
 * armed and read at odd moments and things happen at even ones; deadlines fall on both.
 */
const one = fc.record({
  at: fc.nat(4).map((n) => 2 * n + 1),
  within: fc.integer({ min: 1, max: 12 }),
  by: fc.constantFrom("both" as const, "channel" as const, "user" as const, "any" as const),
  readAfter: fc.option(
    fc.nat(7).map((n) => 2 * n),
    { nil: undefined },
  ),
})
type One = typeof one extends fc.Arbitrary<infer A> ? A : never

const action = fc.record({
  at: fc.nat(12).map((n) => 2 * n),
  /** Whom it concerns, where it concerns one. */
  who: fc.nat(2),
  kind: fc.oneof(
    { weight: 4, arbitrary: fc.constant("answer" as const) },
    { weight: 2, arbitrary: fc.constantFrom("foreign" as const, "elsewhere" as const) },
    {
      weight: 3,
      arbitrary: fc.constantFrom("cancel" as const, "deletion" as const, "interruption" as const),
    },
    { weight: 1, arbitrary: fc.constant("shutdown" as const) },
  ),
})
type Action = typeof action extends fc.Arbitrary<infer A> ? A : never

/** To interrupt takes more than one step: what else happens at that moment may come before or after. */
const moment = ({ at, kind }: Action): number =>
  kind === "interruption" || kind === "shutdown" ? at + 0.5 : at

const told = {
  both: Wait.message({ channelId: "general", authorId: "ada" }),
  channel: Wait.message({ channelId: "general", where: ({ author }) => author.id === "ada" }),
  user: Wait.message({ authorId: "ada", where: ({ channel_id }) => channel_id === "general" }),
  any: Wait.message({
    where: ({ author, channel_id }) => author.id === "ada" && channel_id === "general",
  }),
}

/** What each ended with, what each action did, and what is left. */
interface Seen {
  readonly outcomes: ReadonlyArray<string | undefined>
  readonly claims: ReadonlyArray<boolean>
  readonly left: ReadonlyArray<string>
}

const outcomeOf = (exit: Exit.Exit<string, Wait.WaitTimeout | Wait.WaitTargetGone>): string =>
  Exit.match(exit, {
    onSuccess: (content) => content,
    onFailure: (cause) =>
      Cause.isInterruptedOnly(cause)
        ? "interrupted"
        : Option.match(Cause.failureOption(cause), { onNone: () => "died", onSome: ({ _tag }) => _tag }),
  })

const actual = (ones: ReadonlyArray<One>, actions: ReadonlyArray<Action>) =>
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    const timers = yield* Scope.extend(Timers.make, scope)
    const supervisor = yield* Supervisor.make().pipe(
      Effect.provideService(Timers.Timers, timers),
      Scope.extend(scope),
    )
    const waits = yield* Waits.make().pipe(
      Effect.provideService(Timers.Timers, timers),
      Effect.provideService(Supervisor.Supervisor, supervisor),
      Scope.extend(scope),
    )
    const outcomes: Array<string | undefined> = ones.map(() => undefined)
    const tasks = yield* Effect.forEach(ones, ({ at, by, readAfter, within }, index) =>
      supervisor.fork(
        { kind: "test", name: String(index) },
        Effect.zipRight(
          Effect.sleep(at),
          readAfter === undefined
            ? waits.next(told[by], within)
            : Effect.scoped(
                Effect.gen(function* () {
                  const armed = yield* waits.arm(told[by], { atMost: 1 })
                  const { next } = yield* armed.start(within)
                  yield* Effect.sleep(readAfter)
                  return yield* next
                }),
              ),
        ).pipe(
          Effect.map(({ content }) => content),
          Effect.onExit((exit) =>
            Effect.sync(() => {
              outcomes[index] = outcomes[index] === undefined ? outcomeOf(exit) : "ended twice"
            }),
          ),
          Effect.exit,
        ),
      ),
    )
    const claims: Array<boolean> = actions.map(() => false)
    const act = ({ kind, who }: Action, index: number): Effect.Effect<unknown> => {
      const says = (author: string, channel_id: string) =>
        Effect.sync(() => {
          const given = message({ content: `answer ${index}`, author: userOf(author), channel_id })
          claims[index] = waits.message(given, false)
        })
      switch (kind) {
        case "answer":
          return says("ada", "general")
        case "foreign":
          return says("cleo", "general")
        case "elsewhere":
          return says("ada", "other")
        case "deletion":
          return Effect.sync(() => waits.packet(channelDelete("general")))
        case "shutdown":
          return supervisor.drain(0)
        case "interruption":
          return Effect.sync(() => {
            const task = tasks[who]
            task?.unsafeInterruptAsFork(task.id())
          })
        case "cancel":
          return Effect.flatMap(waits.outstanding, (listed) => {
            const wait = listed.find(({ taskId }) => taskId === who + 1)
            return wait === undefined ? Effect.void : supervisor.cancel(wait.id, "admin")
          })
      }
    }
    yield* Effect.forEach(actions, (one, index) => Effect.delay(act(one, index), moment(one)), {
      concurrency: "unbounded",
      discard: true,
    })
    yield* Effect.sleep(100)
    const left = (yield* supervisor.roster).map(({ name }) => name)
    if (waits.message(message({ channel_id: "general" }), false)) left.push("somebody who waits")
    yield* Scope.close(scope, Exit.void)
    return { outcomes, claims, left } satisfies Seen
  })

/** The same by the rules, one after the other. */
const expected = (ones: ReadonlyArray<One>, actions: ReadonlyArray<Action>) => {
  const outcomes: Array<string | undefined> = ones.map(() => undefined)
  const kept: Array<string | undefined> = ones.map(() => undefined)
  const over: Array<boolean> = ones.map(() => false)
  const claims = actions.map(() => false)
  const due = (index: number) => ones[index]!.at + ones[index]!.within
  const readAt = (index: number) => ones[index]!.at + (ones[index]!.readAfter ?? 0)
  const settle = (index: number, outcome: string) => {
    outcomes[index] ??= outcome
    over[index] = true
  }
  const isArmed = (index: number, at: number) => ones[index]!.at <= at
  const waits = (index: number, at: number) =>
    isArmed(index, at) && !over[index] && kept[index] === undefined && at < due(index)
  /** How a wait has ended whose reader has not read it yet. */
  const ends: Array<string | undefined> = ones.map(() => undefined)
  /** A message that came in time is read, whatever comes later; so is an end. */
  const advance = (at: number) => {
    for (const index of ones.keys()) {
      const outcome = kept[index] ?? ends[index] ?? (due(index) < at ? "WaitTimeout" : undefined)
      if (!over[index] && outcome !== undefined && readAt(index) < at) settle(index, outcome)
    }
  }
  const order = [...actions.keys()].sort((a, b) => moment(actions[a]!) - moment(actions[b]!) || a - b)
  for (const index of order) {
    const { kind, who } = actions[index]!
    const at = moment(actions[index]!)
    advance(at)
    switch (kind) {
      case "answer": {
        const first = [...ones.keys()]
          .filter((one) => waits(one, at) && ends[one] === undefined)
          .sort((a, b) => ones[a]!.at - ones[b]!.at || a - b)[0]
        if (first === undefined) break
        claims[index] = true
        kept[first] = `answer ${index}`
        break
      }
      case "deletion":
        for (const [one, { by }] of ones.entries()) {
          const inChannel = by === "both" || by === "channel"
          if (inChannel && waits(one, at)) ends[one] ??= "WaitTargetGone"
        }
        break
      case "cancel":
        if (who < ones.length && waits(who, at)) ends[who] ??= "interrupted"
        break
      case "interruption":
        if (who < ones.length) settle(who, "interrupted")
        break
      case "shutdown":
        for (const one of ones.keys()) settle(one, "interrupted")
        break
      case "foreign":
      case "elsewhere":
    }
  }
  for (const index of ones.keys()) settle(index, kept[index] ?? ends[index] ?? "WaitTimeout")
  return { outcomes, claims, left: [] } satisfies Seen
}

describe("all orders of arrival", () => {
  it("give each wait one outcome, each answer one owner, and leave nothing", () => {
    fc.assert(
      fc.property(
        fc.array(one, { minLength: 1, maxLength: 3 }),
        fc.array(action, { maxLength: 8 }),
        (ones, actions) => {
          const { exit } = VirtualClock.runSync(actual(ones, actions))
          if (Exit.isFailure(exit)) throw new Error(Cause.pretty(exit.cause))
          expect(exit.value).toEqual(expected(ones, actions))
        },
      ),
      { numRuns: 2_000 },
    )
  })
})
