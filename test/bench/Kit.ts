/**
 * How many whole conversations the test kit has in a second, how many runs without a bot, and what a fork takes.
 *
 * A conversation: somebody runs a command, is asked, presses a button and reads the answer; then the leftovers are
 * looked at, and the guild is forgotten.
 *
 * @module
 */
import { Effect } from "effect"
import * as Command from "../../src/command/Command.js"
import * as Prompt from "../../src/conversation/Prompt.js"
import * as Reply from "../../src/interaction/Reply.js"
import * as Kit from "../../src/testing/Kit.js"
import * as VirtualClock from "../../src/testing/VirtualClock.js"

/** How many of each; and, in the answer, the microseconds of this process's CPU that one of each takes. */
interface Figures {
  readonly conversations: number
  /** Without a bot. */
  readonly runs: number
  readonly forks: number
}

const book = Command.make("book", { description: "Books" }, () =>
  Effect.map(Prompt.confirm("Book?", { within: "30 seconds" }), (sure) =>
    Reply.text(sure ? "Booked." : "Nothing booked."),
  ),
)
const features = Command.layer(book)

const conversation = () =>
  Kit.runPromise(features, {}, ({ ada, clock, leftovers }) =>
    Effect.gen(function* () {
      const turn = yield* ada.run(book)
      yield* ada.click(yield* turn.nextMessage, "Yes")
      yield* clock.runToIdle
      const [answer] = yield* ada.finalReplies(turn)
      const left = yield* leftovers
      if (answer?.content !== "Booked." || left.length > 0)
        return yield* Effect.dieMessage(`${answer?.content ?? "no answer"} ${left.join(", ")}`)
    }),
  )

/** Two that want the same permit, one after the other. */
const queue = Effect.gen(function* () {
  const permit = yield* Effect.makeSemaphore(1)
  const hold = (millis: number) => permit.withPermits(1)(Effect.sleep(millis))
  yield* Effect.all([hold(5), hold(3)], { concurrency: 2 })
})

const fork = (count: number) =>
  Effect.zipRight(
    Effect.replicateEffect(Effect.fork(Effect.void), count, { discard: true }),
    Effect.yieldNow(),
  )

/** Microseconds of CPU. */
const spent = (): number => {
  const { system, user } = process.cpuUsage()
  return system + user
}

/** Microseconds for each of so many. */
const each = async (count: number, work: () => Promise<unknown> | void): Promise<number> => {
  const before = spent()
  await work()
  return (spent() - before) / count
}

const measure = async ({ conversations, forks, runs }: Figures): Promise<Figures> => ({
  conversations: await each(conversations, async () => {
    for (let count = 0; count < conversations; count++) await conversation()
  }),
  runs: await each(runs, () => {
    for (let count = 0; count < runs; count++) VirtualClock.runSync(queue)
  }),
  forks: await each(forks, () => Effect.runPromise(fork(forks))),
})

process.on("disconnect", () => process.exit(0))
process.on("message", (counts: Figures) => void measure(counts).then((figures) => process.send?.(figures)))
