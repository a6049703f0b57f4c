/**
 * Adds up what everybody has to pay; runs in a worker thread.
 *
 * @module
 */
import type * as Offload from "../../resource/Offload.js"
import type * as Totals from "./Totals.js"

type Input = Parameters<Offload.Work<typeof Totals.totals>>[0][number]

export const totals: Offload.Work<typeof Totals.totals> = (challenges) => {
  const accounts = challenges.map(accountsOf)
  const debts = new Map<string, Totals.Debt>()
  accounts.forEach((members, index) => {
    const currency = challenges[index]?.currency ?? ""
    for (const { cents, missed, userId } of members) {
      const key = `${currency} ${userId}`
      const before = debts.get(key) ?? { userId, currency, cents: 0, missed: 0 }
      debts.set(key, { ...before, cents: before.cents + cents, missed: before.missed + missed })
    }
  })
  return {
    accounts,
    debts: Array.from(debts.values()).sort(
      (a, b) => compare(a.currency, b.currency) || b.cents - a.cents || compare(a.userId, b.userId),
    ),
  }
}

const accountsOf = ({ cents, current, done, members }: Input): ReadonlyArray<Totals.Account> => {
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

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
