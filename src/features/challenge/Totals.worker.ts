/**
 * Adds up what everybody has to pay; runs in a worker thread.
 *
 * @module
 */
import type * as Offload from "../../resource/Offload.js"
import type * as Totals from "./Totals.js"

export const totals: Offload.Work<typeof Totals.totals> = ({ cents, current, done, members }) => {
  const logged = members.map(() => new Set<number>())
  for (let at = 0; at + 1 < done.length; at += 2) logged[done[at] ?? -1]?.add(done[at + 1] ?? 0)
  return members.map(({ spans, userId }, index) => {
    const own = logged[index] ?? new Set()
    let [due, missed, streak] = [0, 0, 0]
    for (const [from, until] of spans) {
      for (let period = from; period < Math.min(until, current); period++) {
        due += 1
        if (own.has(period)) streak += 1
        else {
          missed += 1
          streak = 0
        }
      }
    }
    const isDoneNow = own.has(current)
    return {
      userId,
      due,
      missed,
      done: own.size,
      isDoneNow,
      streak: streak + (isDoneNow ? 1 : 0),
      cents: missed * cents,
    }
  })
}
