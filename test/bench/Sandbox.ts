/**
 * How many interactions the sandbox itself carries in a second, in one process and without a bot.
 *
 * One of them: somebody types a slash command, INTERACTION_CREATE reaches a bare client, the client answers with a
 * message, and people see it. What the client does (it reads the event and writes an answer) is in the figures.
 *
 * @module
 */
import { Deferred, Effect } from "effect"
import * as Sandbox from "../../src/sandbox/Sandbox.js"

/** How many interactions, and how many of them at a time. */
interface Order {
  readonly count: number
  readonly atOnce: number
}

/** Microseconds for each: of this process's CPU, and by the clock. */
interface Figures {
  readonly cpu: number
  readonly wall: number
}

const answer = JSON.stringify({ type: 4, data: { content: "Pong!" } })
const headers = { "content-type": "application/json" }

const set = Effect.gen(function* () {
  const sandbox = yield* Sandbox.make({ historyLimit: 10 })
  const { interactions, world } = sandbox
  const done = new Map<number, Deferred.Deferred<void>>()
  let shown = 0
  world.onSight((sight) => {
    if (sight._tag !== "MessageShown") return
    shown++
    const waiting = done.get(shown)
    if (waiting !== undefined) Deferred.unsafeDone(waiting, Effect.void)
  })
  const socket = sandbox.connect("ws://sandbox/?v=10&encoding=json", {
    onText: (text) => {
      const frame = JSON.parse(text) as { readonly t: string; readonly d: { id: string; token: string } }
      if (frame.t !== "INTERACTION_CREATE") return
      const path = `/api/v10/interactions/${frame.d.id}/${frame.d.token}/callback`
      sandbox.handle({ method: "POST", path, headers, body: answer }, ({ status }) => {
        if (status !== 204) throw new Error(`answered ${status}`)
      })
    },
    onClose: (code) => {
      throw new Error(`closed with ${code}`)
    },
  })
  socket.send(JSON.stringify({ op: 2, d: { token: "any", intents: 1, properties: {} } }))
  yield* Effect.yieldNow()
  const body = [{ name: "ping", description: "Answers" }]
  const authorization = "Bot any"
  yield* Effect.async<void>((resume) => {
    sandbox.handle(
      {
        method: "PUT",
        path: `/api/v10/applications/${world.bot.id}/commands`,
        headers: { ...headers, authorization },
        body: JSON.stringify(body),
      },
      () => resume(Effect.void),
    )
  })
  const ada = yield* sandbox.actor("ada")
  const round = Effect.fnUntraced(function* ({ atOnce, count }: Order) {
    const cpu = process.cpuUsage()
    const start = process.hrtime.bigint()
    for (let left = count; left > 0; left -= atOnce) {
      const asked = Math.min(atOnce, left)
      const all = yield* Deferred.make<void>()
      const before = shown
      done.set(before + asked, all)
      for (let number = 0; number < asked; number++) yield* ada.slash("general", "ping")
      yield* Deferred.await(all)
      done.delete(before + asked)
    }
    const spent = process.cpuUsage(cpu)
    const wall = Number(process.hrtime.bigint() - start) / 1_000
    if (interactions.unanswered > 0) return yield* Effect.dieMessage(`${interactions.unanswered} unanswered`)
    return { cpu: (spent.user + spent.system) / count, wall: wall / count } satisfies Figures
  })
  return round
})

await Effect.runPromise(
  Effect.scoped(
    Effect.flatMap(set, (round) =>
      Effect.async<void>((resume) => {
        process.on("disconnect", () => resume(Effect.void))
        process.on(
          "message",
          (order: Order) => void Effect.runPromise(round(order)).then((figures) => process.send?.(figures)),
        )
      }),
    ),
  ),
)
process.exit(0)
