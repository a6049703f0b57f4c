/**
 * Many time-outs of few lengths, for the price of a list node each.
 *
 * Time-outs of one length fall due in the order they were armed, so that each length needs one list and one
 * fiber that sleeps until its head is due. Arming and disarming never touch the clock's timers. A list whose
 * last node is gone ends its fiber at that node's due time.
 *
 * @module
 */
import { type Clock, Effect, Runtime, type Scope } from "effect"

/** An armed time-out. Its only use is to be disarmed. */
export interface Timer {
  /** Undefined once it fired or was disarmed. */
  fire: (() => void) | undefined
  readonly due: number
  readonly list: List
  before: Timer | undefined
  after: Timer | undefined
}

export interface TimeOuts {
  /** Calls `fire` once, `millis` from now, unless disarmed before. `fire` must not throw. */
  readonly arm: (millis: number, fire: () => void) => Timer
  /** Does nothing to a timer that has fired or was disarmed. */
  readonly disarm: (timer: Timer) => void
}

interface List {
  readonly millis: number
  head: Timer | undefined
  tail: Timer | undefined
}

/** Makes a set of lists on the current Clock. At the end of the scope nothing fires any more. */
export const make: Effect.Effect<TimeOuts, never, Scope.Scope> = Effect.gen(function* () {
  const clock: Clock.Clock = yield* Effect.clock
  const scope = yield* Effect.scope
  const runtime = yield* Effect.runtime<never>()
  const fork = Runtime.runFork(runtime)
  const lists = new Map<number, List>()
  let open = true
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      open = false
      lists.clear()
    }),
  )

  const tick = (list: List): Effect.Effect<void> =>
    Effect.suspend(() => {
      for (;;) {
        const head = list.head
        if (head === undefined || !open) {
          if (lists.get(list.millis) === list) lists.delete(list.millis)
          return Effect.void
        }
        const wait = head.due - clock.unsafeCurrentTimeMillis()
        if (wait > 0) return Effect.zipRight(Effect.sleep(wait), tick(list))
        const fire = head.fire
        disarm(head)
        fire?.()
      }
    })

  const arm = (millis: number, fire: () => void): Timer => {
    let list = lists.get(millis)
    const fresh = list === undefined
    if (list === undefined) {
      list = { millis, head: undefined, tail: undefined }
      lists.set(millis, list)
    }
    const timer: Timer = {
      fire,
      due: clock.unsafeCurrentTimeMillis() + millis,
      list,
      before: list.tail,
      after: undefined,
    }
    if (list.tail === undefined) list.head = timer
    else list.tail.after = timer
    list.tail = timer
    if (fresh && open) fork(Effect.forkIn(tick(list), scope))
    return timer
  }

  return { arm, disarm }
})

const disarm = (timer: Timer): void => {
  if (timer.fire === undefined) return
  timer.fire = undefined
  const list = timer.list
  if (timer.before === undefined) list.head = timer.after
  else timer.before.after = timer.after
  if (timer.after === undefined) list.tail = timer.before
  else timer.after.before = timer.before
  timer.before = undefined
  timer.after = undefined
}
