/**
 * What everybody has to pay: computed in a worker, from the books.
 *
 * A period is missed where it is over, the person took part in it, and it was not logged. The one that goes on is
 * not missed yet.
 *
 * @module
 */
import { Schema } from "effect"
import * as Offload from "../../resource/Offload.js"
import type { Book } from "./Model.js"

const Pair = Schema.Tuple(Schema.Int, Schema.Int)

export const Input = Schema.Array(
  Schema.Struct({
    cents: Schema.Int,
    currency: Schema.String,
    /** The period that goes on: those before are over. */
    current: Schema.Int,
    members: Schema.Array(Schema.Struct({ userId: Schema.String, spans: Schema.Array(Pair) })),
    /** Pairs, one after the other: index of the member, period. Flat, since there may be very many. */
    done: Schema.instanceOf(Int32Array),
  }),
)

/** What one member of one challenge has done and missed. */
export const Account = Schema.Struct({
  userId: Schema.String,
  /** Periods that are over, in which they took part. */
  due: Schema.Int,
  missed: Schema.Int,
  /** The one that goes on included. */
  done: Schema.Int,
  /** Whether the one that goes on is logged. */
  isDoneNow: Schema.Boolean,
  /** How many in a row were logged up to now. */
  streak: Schema.Int,
  cents: Schema.Int,
})
export type Account = typeof Account.Type

/** What somebody owes over all challenges, in one currency. */
export const Debt = Schema.Struct({
  userId: Schema.String,
  currency: Schema.String,
  cents: Schema.Int,
  missed: Schema.Int,
})
export type Debt = typeof Debt.Type

export const Output = Schema.Struct({
  /** For each challenge, its members, in the order in which they were given. */
  accounts: Schema.Array(Schema.Array(Account)),
  /** By currency; of each those who owe most first. */
  debts: Schema.Array(Debt),
})

export const totals = Offload.task("totals", {
  file: new URL("./Totals.worker.js", import.meta.url),
  input: Input,
  output: Output,
})

/** Later than any period. */
const NEVER = 1_000

/** `current`: the period of each challenge that goes on. */
export const of = (books: ReadonlyArray<{ readonly book: Book; readonly current: number }>) =>
  Offload.run(
    totals,
    books.map(({ book: { challenge, done, members }, current }) => {
      const flat = new Int32Array(done.length * 2)
      done.forEach(([member, period], index) => {
        flat[index * 2] = member
        flat[index * 2 + 1] = period
      })
      return {
        cents: challenge.cents,
        currency: challenge.currency,
        current,
        members: members.map(({ spans, userId }) => ({
          userId,
          spans: spans.map(({ from, until }) => [from, until ?? NEVER] as const),
        })),
        done: flat,
      }
    }),
  )
