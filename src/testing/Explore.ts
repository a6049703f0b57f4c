/**
 * Tries a property on many drawn values, each in virtual time, and reports the smallest that breaks it.
 *
 * What is thrown on failure is fast-check's report: the seed, the shrunk counterexample, and the error of that
 * run, which ends with the transcript where it was one of `Kit.run`. Give the seed (and the path) again to see
 * the same once more. `it.effect.prop` of @effect/vitest does the same; these need no test runner.
 *
 * @module
 */
import { Arbitrary, Cause, Effect, Exit, Schema } from "effect"
import * as fc from "effect/FastCheck"
import type { Sandbox } from "../sandbox/Sandbox.js"
import type { Arrival, Fault } from "./Arb.js"
import * as VirtualClock from "./VirtualClock.js"

export interface Options {
  /** How many drawn values are tried. Default 100. */
  readonly runs?: number
  /** Default: another each time; it is in the report. */
  readonly seed?: number
  /** Where in the seed's values to begin: from a report. */
  readonly path?: string
}

type Drawn = { readonly [name: string]: fc.Arbitrary<unknown> | Schema.Schema.AnyNoContext }

type Values<D extends Drawn> = {
  readonly [K in keyof D]: D[K] extends fc.Arbitrary<infer A>
    ? A
    : D[K] extends Schema.Schema<infer A, infer _I>
      ? A
      : never
}

/** Tries an effect, of `Kit.run` for instance. Rejects with the report where it fails, dies or is interrupted. */
export const check = async <D extends Drawn, E>(
  drawn: D,
  property: (values: Values<D>) => Effect.Effect<unknown, E>,
  options: Options = {},
): Promise<void> => {
  await fc.assert(
    fc.asyncProperty(recordOf(drawn), async (values) => {
      passed(await Effect.runPromiseExit(property(values)))
    }),
    parameters(options),
  )
}

/**
 * Tries an effect that needs no Client and waits for no promise, in virtual time: ten thousand a second and
 * more. Throws the report where it fails, dies, or can never go on (`Deadlock`).
 */
export const checkSync = <D extends Drawn, E>(
  drawn: D,
  property: (values: Values<D>) => Effect.Effect<unknown, E>,
  options: Options = {},
): void => {
  fc.assert(
    fc.property(recordOf(drawn), (values) => {
      passed(VirtualClock.runSync(property(values)).exit)
    }),
    parameters(options),
  )
}

/** Does each thing at its time, and resumes when all of them have ended, with how. */
export const play = <What extends string, A, E, R>(
  arrivals: ReadonlyArray<Arrival<What>>,
  actions: { readonly [W in What]: Effect.Effect<A, E, R> },
): Effect.Effect<ReadonlyArray<{ readonly what: What; readonly exit: Exit.Exit<A, E> }>, never, R> =>
  Effect.forEach(
    arrivals,
    ({ at, what }) => Effect.map(Effect.exit(Effect.delay(actions[what], at)), (exit) => ({ what, exit })),
    { concurrency: "unbounded" },
  )

/** Lets the faults of a plan happen, each at its time. */
export const sabotage = ({ faults }: Sandbox, plan: ReadonlyArray<Fault>): Effect.Effect<void> =>
  Effect.forEach(
    plan,
    ({ at, fault, millis }) =>
      Effect.delay(
        Effect.sync(() => {
          switch (fault) {
            case "drop":
              return faults.dropSockets()
            case "reconnect":
              return faults.askReconnect()
            case "forget":
              return faults.forgetSessions()
            case "slow":
              return faults.delayAnswers(millis)
            case "refuse":
              return faults.answerNext({ status: 500 })
            case "lose":
              return faults.answerNext({ status: 500, carryOut: true })
          }
        }),
        at,
      ),
    { concurrency: "unbounded", discard: true },
  )

const recordOf = <D extends Drawn>(drawn: D): fc.Arbitrary<Values<D>> =>
  fc.record(
    Object.fromEntries(
      Object.entries(drawn).map(([name, one]) => [name, Schema.isSchema(one) ? Arbitrary.make(one) : one]),
    ),
  ) as unknown as fc.Arbitrary<Values<D>>

const parameters = ({ path, runs, seed }: Options) => ({
  numRuns: runs ?? 100,
  ...(seed === undefined ? {} : { seed }),
  ...(path === undefined ? {} : { path }),
})

const passed = (exit: Exit.Exit<unknown, unknown>): void => {
  if (Exit.isFailure(exit)) throw Cause.squash(exit.cause)
}
