/**
 * Several effects at once, each as a task of its own under the one that has started them: named on the roster, and to
 * be cancelled there one by one.
 *
 * ```ts
 * const { account, repos } = yield* Group.all({ account: fetchAccount, repos: fetchRepos })     // all or nothing
 * const exits = yield* Group.collect({ message: greet, roles: giveRoles, log: note })           // each has its own end
 * ```
 *
 * Nobody outlives the group: whatever ends it, it has waited for all of its children when it ends. A child that a
 * person cancels has failed with an interruption.
 *
 * Drawback: whoever has started a group counts as busy while one of its children waits for a person.
 *
 * @module
 */
import { Effect, type Exit, Option } from "effect"
import { CurrentTask } from "./Roster.js"
import * as Subtask from "./Subtask.js"
import type { Supervisor } from "./Supervisor.js"

/** Children by name: under it they are on the roster, after the name of their parent. */
export type Children = Readonly<Record<string, Effect.Effect<unknown, unknown, unknown>>>

export interface Options {
  /** How many run at once; the rest wait for their turn, in the order they are written. Default: all. */
  readonly concurrency?: number
}

type Success<C> = C extends Effect.Effect<infer A, infer _E, infer _R> ? A : never
type Failure<C> = C extends Effect.Effect<infer _A, infer E, infer _R> ? E : never
type Needs<C> = C extends Effect.Effect<infer _A, infer _E, infer R> ? R : never

/** Every child's result. */
export type Results<C extends Children> = { readonly [K in keyof C]: Success<C[K]> }
/** Every child's end. */
export type Exits<C extends Children> = { readonly [K in keyof C]: Exit.Exit<Success<C[K]>, Failure<C[K]>> }

/**
 * All or nothing: the results of all, or the first failure; then the others are interrupted, waited for, and those
 * that had not begun never begin. Interruption does the same.
 */
export const all = <const C extends Children>(
  children: C,
  options: Options = {},
): Effect.Effect<Results<C>, Failure<C[keyof C]>, Needs<C[keyof C]> | Supervisor> =>
  run(children, options, (child) =>
    Effect.map(Effect.flatten(child), (value): unknown => value),
  ) as Effect.Effect<Results<C>, Failure<C[keyof C]>, Needs<C[keyof C]> | Supervisor>

/**
 * Each to its own end: what each has ended with, by name. Never fails; interruption interrupts those that run, and
 * waits for them.
 */
export const collect = <const C extends Children>(
  children: C,
  options: Options = {},
): Effect.Effect<Exits<C>, never, Needs<C[keyof C]> | Supervisor> =>
  run(children, options, (child) => child) as Effect.Effect<Exits<C>, never, Needs<C[keyof C]> | Supervisor>

const run = <A, E, R>(
  children: Children,
  { concurrency }: Options,
  outcome: (
    child: Effect.Effect<Exit.Exit<unknown, unknown>, never, R | Supervisor>,
  ) => Effect.Effect<A, E, R | Supervisor>,
): Effect.Effect<Readonly<Record<string, A>>, E, R | Supervisor> =>
  Effect.suspend(() => {
    // Effect's own bound on concurrency does not wait for those that run when one fails and others have not begun.
    const permits = Effect.unsafeMakeSemaphore(concurrency ?? Infinity)
    let over = false
    const end = Effect.sync(() => {
      over = true
    })
    const turn = (name: string, effect: Effect.Effect<unknown, unknown, R>) =>
      permits.withPermits(1)(
        Effect.suspend(() =>
          over
            ? Effect.interrupt
            : Effect.map(
                Effect.onError(outcome(child(name, effect)), () => end),
                (result) => [name, result] as const,
              ),
        ),
      )
    return Effect.map(
      Effect.forEach(
        Object.entries(children),
        ([name, effect]) => turn(name, effect as Effect.Effect<unknown, unknown, R>),
        { concurrency: "unbounded" },
      ),
      (ends) => Object.fromEntries(ends),
    )
  })

/** Runs a child as a task, and gives its end. Interruption waits for it. */
const child = <A, E, R>(
  name: string,
  effect: Effect.Effect<A, E, R>,
): Effect.Effect<Exit.Exit<A, E>, never, R | Supervisor> =>
  Effect.flatMap(Effect.serviceOption(CurrentTask), (found) => {
    const parent = Option.getOrUndefined(found)
    const origin = {
      kind: "child",
      name: parent === undefined ? name : `${parent.name}: ${name}`,
      userId: parent?.userId,
      guildId: parent?.guildId,
      channelId: parent?.channelId,
      background: parent?.background,
      ownerId: parent?.id,
    }
    return Effect.flatMap(Subtask.run(origin, effect), (ended) =>
      // The bot has ended all that ran, its parent too.
      ended === undefined ? Effect.interrupt : Effect.succeed(ended.exit),
    )
  })
