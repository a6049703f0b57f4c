/**
 * The rules of servers, at hand for every message: read once a minute at most, and at once after a change here. A
 * change by another bot on the same database is seen within that minute.
 *
 * @module
 */
import { Context, Effect, Layer } from "effect"
import { Timers } from "../../supervise/Timers.js"
import type { Rules } from "./Model.js"
import { GuardStore } from "./Store.js"

export interface Rulebook {
  readonly of: (guildId: string) => Effect.Effect<Rules>
  /** What is at hand; undefined where it would have to be read. */
  readonly known: (guildId: string) => Rules | undefined
  readonly change: (guildId: string, changes: Partial<Rules>) => Effect.Effect<Rules>
  readonly forget: (guildId: string) => Effect.Effect<void>
}

export const Rulebook = Context.GenericTag<Rulebook>("bosun/features/guard/Rulebook")

/** Milliseconds. */
const FRESH = 60_000

export const make: Effect.Effect<Rulebook, never, GuardStore | Timers> = Effect.gen(function* () {
  const store = yield* GuardStore
  const { now } = yield* Timers
  const book = new Map<string, { readonly rules: Rules; readonly until: number }>()
  /** How often something was changed: what was read across a change is not kept. */
  let changes = 0

  const known = (guildId: string): Rules | undefined => {
    const page = book.get(guildId)
    return page !== undefined && now() < page.until ? page.rules : undefined
  }
  const read = (guildId: string) =>
    Effect.suspend(() => {
      const before = changes
      return Effect.tap(store.rules(guildId), (rules) =>
        Effect.sync(() => {
          if (before === changes) book.set(guildId, { rules, until: now() + FRESH })
        }),
      )
    })
  const changing = <A>(change: Effect.Effect<A>): Effect.Effect<A> => {
    const tear = Effect.sync(() => {
      changes++
      book.clear()
    })
    // A statement that was given up may be carried out all the same.
    return Effect.uninterruptible(Effect.ensuring(change, tear))
  }
  return {
    known,
    of: (guildId) =>
      Effect.suspend(() => {
        const rules = known(guildId)
        return rules === undefined ? read(guildId) : Effect.succeed(rules)
      }),
    change: (guildId, given) => changing(store.change(guildId, given)),
    forget: (guildId) => changing(store.forgetGuild(guildId)),
  }
})

export const layer = Layer.effect(Rulebook, make)
