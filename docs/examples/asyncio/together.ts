import { Effect, Either } from "effect"
import * as Group from "bosun/Group"

// asyncio.gather(a, b): side by side. The first failure interrupts the other, and waits until it has ended.
export const both = <A, B, E>(a: Effect.Effect<A, E>, b: Effect.Effect<B, E>) =>
  Effect.all([a, b], { concurrency: "unbounded" })

// asyncio.gather(…, return_exceptions=True): each has its own result, of a type that says so.
export const each = <A, E>(work: ReadonlyArray<Effect.Effect<A, E>>) =>
  Effect.gen(function* () {
    const results = yield* Effect.all(work.map(Effect.either), { concurrency: 5 })
    return {
      done: results.filter(Either.isRight).map(({ right }) => right),
      failed: results.filter(Either.isLeft).map(({ left }) => left),
    }
  })

// Batches of five with a pause between: mostly what is wanted is "five at a time", without the pause; the REST
// edge keeps Discord's limits by itself.
export const fiveAtATime = <A, B, E>(items: ReadonlyArray<A>, work: (item: A) => Effect.Effect<B, E>) =>
  Effect.forEach(items, work, { concurrency: 5 })

// asyncio.TaskGroup: named children, each on the roster under its parent; the first failure ends the others.
export const page = (account: Effect.Effect<string, Error>, repos: Effect.Effect<number, Error>) =>
  Group.all({ account, repos })
