/**
 * What everybody in a challenge has to pay: computed in a worker, from the book.
 *
 * A period is missed where it is over, the person took part in it, and it was not logged. The one that goes on is
 * not missed yet.
 *
 * @module
 */
import { Effect, Number, Schema } from "effect"
import * as Offload from "../../resource/Offload.js"
import type { Book } from "./Model.js"

const Pair = Schema.Tuple(Schema.Int, Schema.Int)

export const Input = Schema.Struct({
  cents: Schema.Int,
  /** The period that goes on: those before are over. */
  current: Schema.Int,
  members: Schema.Array(Schema.Struct({ userId: Schema.String, spans: Schema.Array(Pair) })),
  /** Pairs, one after the other: index of the member, period. Flat, since there may be very many. */
  done: Schema.instanceOf(Int32Array),
})

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

export const totals = Offload.task("totals", {
  file: new URL("./Totals.worker.js", import.meta.url),
  input: Input,
  /** Of the members, in the order in which they were given. */
  output: Schema.Array(Account),
})

/** Later than any period. */
const NEVER = 1_000

/** `current`: the period of the challenge that goes on. A worker that fails is a defect. */
export const of = ({ challenge: { cents }, members }: Book, current: number) =>
  Effect.suspend(() =>
    Offload.run(totals, {
      cents,
      current,
      members: members.map(({ spans, userId }) => ({
        userId,
        spans: spans.map(({ from, until }) => [from, until ?? NEVER] as const),
      })),
      done: pairs(members),
    }),
  ).pipe(Effect.catchTag("OffloadFailed", Effect.die))

const pairs = (members: Book["members"]) => {
  const flat = new Int32Array(2 * Number.sumAll(members.map(({ done }) => done.length)))
  let at = 0
  for (const [index, { done }] of members.entries())
    for (const period of done) {
      flat[at++] = index
      flat[at++] = period
    }
  return flat
}
