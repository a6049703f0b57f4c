/**
 * The other side of every measurement: sandboxes in a process of their own, one for each bot.
 *
 * The benchmark opens sandboxes and lets people ask in them over the channel that `fork` opens. Every
 * interaction has to be answered with one message that says "Pong!", exactly once: whatever else happens is
 * counted as wrong, and the benchmark fails.
 *
 * @module
 */
import { Clock, Deferred, Effect, Exit, Logger, LogLevel, Runtime, Scope } from "effect"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Interactions from "../../src/sandbox/world/Interactions.js"
import * as Sandbox from "../../src/sandbox/Sandbox.js"
import * as Server from "../../src/sandbox/Server.js"

/** What the benchmark may ask for. */
export type Order =
  /** A new sandbox; with `guilds`, of so many guilds with 20 channels and 50 members each. */
  | { readonly _tag: "Open"; readonly guilds: number }
  /** Waits until a bot has identified there, and every guild was sent. */
  | { readonly _tag: "Connected"; readonly port: number }
  /**
   * Asks so many times, `atOnce` together, and again so many when all are answered. REST answers are held back by
   * `delay` milliseconds.
   */
  | {
      readonly _tag: "Ask"
      readonly port: number
      readonly times: number
      readonly atOnce: number
      readonly delay: number
    }
  /** Where people talk, and who ends a talk. */
  | { readonly _tag: "Place"; readonly port: number }
  /** So many messages by one person, and one by another. */
  | { readonly _tag: "Say"; readonly port: number; readonly times: number }
  | { readonly _tag: "Close"; readonly port: number }

/** What it is told. */
export type Report =
  | { readonly _tag: "Opened"; readonly port: number; readonly url: string }
  | { readonly _tag: "Connected" }
  | {
      readonly _tag: "Answered"
      /** From the first question to the last answer, in milliseconds. */
      readonly millis: number
      /** When the last answer arrived: epoch milliseconds. */
      readonly endedAt: number
      readonly wrong: ReadonlyArray<string>
    }
  | { readonly _tag: "Place"; readonly channelId: string; readonly userId: string }
  | { readonly _tag: "Said" }
  | { readonly _tag: "Closed" }

interface Open {
  readonly sandbox: Sandbox.Sandbox
  readonly scope: Scope.CloseableScope
  /** How often each interaction was answered. */
  readonly answers: Map<string, number>
}

const opened = new Map<number, Open>()

const open = Effect.fnUntraced(function* (guilds: number) {
  const scope = yield* Scope.make()
  const sandbox = yield* Scope.extend(
    Sandbox.make({
      membersInGuildCreate: "all",
      historyLimit: 10,
      ...(guilds === 0 ? {} : { seed: { more: { guilds, channels: 20, members: 50, distinct: true } } }),
    }),
    scope,
  )
  const server = yield* Scope.extend(
    Effect.provideService(Server.make({ port: 0 }), Sandbox.Sandbox, sandbox),
    scope,
  )
  const answers = new Map<string, number>()
  const { interactions } = sandbox
  const respond = interactions.respond.bind(interactions)
  interactions.respond = (id, token, body, files) => {
    answers.set(id, (answers.get(id) ?? 0) + 1)
    return respond(id, token, body, files)
  }
  opened.set(server.port, { sandbox, scope, answers })
  return { _tag: "Opened", port: server.port, url: server.url } satisfies Report
})

const at = (port: number) => Effect.fromNullable(opened.get(port))

const connected = Effect.fnUntraced(function* (port: number) {
  const { sandbox } = yield* at(port)
  const guild = [...sandbox.world.guilds.keys()][0] ?? ""
  yield* Effect.repeat(Effect.sleep("1 millis"), { until: () => sandbox.gateway.reaches(guild) })
  return { _tag: "Connected" } satisfies Report
})

const ask = Effect.fnUntraced(function* (order: Extract<Order, { readonly _tag: "Ask" }>) {
  const { answers, sandbox } = yield* at(order.port)
  const { interactions, world } = sandbox
  const guild = [...world.guilds.values()][0]
  const channel = [...(guild?.channels.values() ?? [])][0]
  const userId = guild?.ownerId
  if (channel === undefined || userId === undefined) return yield* Effect.dieMessage("The world is empty")
  const fork = Runtime.runFork(yield* Effect.runtime<never>())
  const done = yield* Deferred.make<void>()
  const wrong: Array<string> = []
  const asked: Array<Interactions.Interaction> = []
  let over = 0
  answers.clear()
  sandbox.faults.delayAnswers(order.delay)

  // Together: the bot then works as under load, however long this side takes for each.
  const next = () => {
    for (let one = 0; one < order.atOnce && asked.length < order.times; one++) askOnce()
  }
  const askOnce = () => {
    const interaction = interactions.open({
      kind: 2,
      userId,
      channel,
      name: "ping",
      commandType: 1,
      data: { id: "1000000000000000001", name: "ping", type: 1, options: [] },
    })
    asked.push(interaction)
    interaction.listeners.add((state) => {
      if (Interactions.isOpen(state)) return
      over++
      if (over === order.times) Deferred.unsafeDone(done, Exit.void)
      // The World knows of an answer before the bot does whose request it was.
      else if (over === asked.length) fork(Effect.delay(Effect.sync(next), order.delay))
    })
  }
  const startedAt = yield* Clock.currentTimeNanos
  next()
  yield* Deferred.await(done)
  const endedAt = yield* Clock.currentTimeMillis
  const millis = Number((yield* Clock.currentTimeNanos) - startedAt) / 1e6
  // Whoever answers twice has the time for it.
  yield* Effect.sleep(50 + order.delay)
  for (const { id, state } of asked) {
    const shown = state._tag === "Responded" ? state.messages.map((message) => message.content) : [state._tag]
    if (answers.get(id) !== 1 || shown.join() !== "Pong!") {
      wrong.push(`${id}: ${answers.get(id) ?? 0} answers, shown: ${shown.join(" | ")}`)
    }
  }
  return { _tag: "Answered", millis, endedAt, wrong } satisfies Report
})

const place = Effect.fnUntraced(function* (port: number) {
  const { sandbox } = yield* at(port)
  const cleo = yield* sandbox.actor("cleo")
  const { channelId } = yield* cleo.say("general", "Here.")
  return { _tag: "Place", channelId, userId: cleo.user.id } satisfies Report
})

const say = Effect.fnUntraced(function* (port: number, times: number) {
  const { sandbox } = yield* at(port)
  const ada = yield* sandbox.actor("ada")
  const cleo = yield* sandbox.actor("cleo")
  // With pauses, in which what was said is sent.
  for (let one = 0; one < times; one++) {
    yield* ada.say("general", "Hello")
    if (one % 32 === 31) yield* Effect.sleep("2 millis")
  }
  yield* cleo.say("general", "That is all.")
  return { _tag: "Said" } satisfies Report
})

const close = Effect.fnUntraced(function* (port: number) {
  const { scope } = yield* at(port)
  opened.delete(port)
  yield* Scope.close(scope, Exit.void)
  return { _tag: "Closed" } satisfies Report
})

const obey = (order: Order): Effect.Effect<Report, unknown> => {
  switch (order._tag) {
    case "Open":
      return open(order.guilds)
    case "Connected":
      return connected(order.port)
    case "Ask":
      return ask(order)
    case "Place":
      return place(order.port)
    case "Say":
      return say(order.port, order.times)
    case "Close":
      return close(order.port)
  }
}

const program = Effect.gen(function* () {
  const fork = Runtime.runFork(yield* Effect.runtime<never>())
  process.on("disconnect", () => process.exit(0))
  process.on("message", (order: Order) => {
    fork(Effect.orDie(obey(order))).addObserver((exit) => {
      if (Exit.isFailure(exit)) process.exit(1)
      process.send?.(exit.value)
    })
  })
  return yield* Effect.never
})

NodeRuntime.runMain(Effect.provide(program, Logger.minimumLogLevel(LogLevel.Error)))
