import { describe, expect, it } from "@effect/vitest"
import { Cause, Effect, Exit, Layer, Option, Tracer } from "effect"
import * as fc from "fast-check"
import * as Bot from "../../src/Bot.js"
import * as Command from "../../src/command/Command.js"
import * as Deploy from "../../src/command/Deploy.js"
import * as Policy from "../../src/command/Policy.js"
import * as Route from "../../src/command/Route.js"
import { Client } from "../../src/discord/Client.js"
import * as Discord from "../../src/discord/Discord.js"
import * as Message from "../../src/discord/Message.js"
import * as Reply from "../../src/interaction/Reply.js"
import * as Tracing from "../../src/observe/Tracing.js"
import * as Sandbox from "../../src/sandbox/Sandbox.js"
import * as VirtualClock from "../../src/testing/VirtualClock.js"
import * as Harbour from "../bot/Harbour.js"

interface Span {
  readonly id: string
  readonly name: string
  readonly parent: string | undefined
  readonly trace: string
  readonly attributes: Map<string, unknown>
  readonly startedAt: number
  endedAt: number | undefined
  failed: boolean
  ends: number
}

/** Keeps every span. */
const recorder = () => {
  const spans: Array<Span> = []
  const tracer = Tracer.make({
    span: (name, parent, context, links, startTime, kind) => {
      const up = Option.getOrUndefined(parent)
      const id = String(spans.length + 1)
      const span: Span = {
        id,
        name,
        parent: up?.spanId,
        trace: up?.traceId ?? id,
        attributes: new Map(),
        startedAt: Number(startTime / 1_000_000n),
        endedAt: undefined,
        failed: false,
        ends: 0,
      }
      spans.push(span)
      return {
        _tag: "Span",
        name,
        spanId: id,
        traceId: span.trace,
        parent,
        context,
        links,
        kind,
        sampled: true,
        status: { _tag: "Started", startTime },
        attributes: span.attributes,
        end: (endTime, exit) => {
          span.endedAt = Number(endTime / 1_000_000n)
          span.failed = Exit.isFailure(exit)
          span.ends++
        },
        attribute: (key, value) => {
          span.attributes.set(key, value)
        },
        event: () => {},
        addLinks: () => {},
      }
    },
    context: (f) => f(),
  })
  return { spans, layer: Layer.succeed(Tracer.Tracer, tracer) }
}

const dock = Route.make("dock", { on: "button" }, () => Effect.succeed(Reply.text("Docked.")))

const commands = Command.layer(
  Command.make("panel", { description: "d" }, () =>
    Effect.gen(function* () {
      const button = yield* Route.button(dock, undefined, { label: "Dock" })
      const old = { type: 2, style: 2, label: "Old", custom_id: "nobody's" } as const
      return Reply.make({ content: "panel", components: [{ type: 1, components: [button, old] }] })
    }),
  ),
  Command.make("slow", { description: "d" }, () =>
    Effect.as(Effect.withSpan(Effect.sleep("5 seconds"), "own work"), Reply.text("at last")),
  ),
  Command.make("calls", { description: "d", from: ["slash", "message"] }, (_, interaction) =>
    Effect.gen(function* () {
      const { discordJs } = yield* Client
      const discord = yield* Discord.Discord
      yield* discord.send(interaction.channelId, Message.text("by effect"))
      yield* Discord.use(() => discordJs.users.fetch(interaction.user.id, { force: true }))
      return Reply.text("done")
    }).pipe(Effect.orDie),
  ),
  Command.make("bug", { description: "d" }, () => Effect.die(new Error("secret detail"))),
  Command.make("forever", { description: "d" }, () => Effect.never).pipe(Policy.deadline("5 seconds")),
)

const features = Layer.merge(commands, Route.layer(dock))

const traced = async <A, E>(
  ratio: number,
  test: (spans: Array<Span>) => Effect.Effect<A, E, Bot.Bot | Bot.Services | Sandbox.Sandbox>,
): Promise<A> => {
  const { layer, spans } = recorder()
  const { exit } = await VirtualClock.run(
    Effect.zipRight(Deploy.apply(), test(spans)).pipe(
      Effect.provide(
        Harbour.inProcess(features).pipe(Layer.provide(Layer.provide(Tracing.layer({ ratio }), layer))),
      ),
    ),
  )
  if (Exit.isFailure(exit)) throw new Error(Cause.pretty(exit.cause))
  // Whatever was begun has ended, once.
  expect(spans.filter(({ ends }) => ends !== 1)).toEqual([])
  return exit.value
}

const call = (command: string) =>
  Effect.gen(function* () {
    const sandbox = yield* Sandbox.Sandbox
    const cleo = yield* sandbox.actor("cleo")
    const turn = yield* cleo.slash("general", command, {})
    const state = yield* turn.when((now) => now._tag === "Responded" && now.messages.length > 0)
    yield* Effect.sleep("1 second")
    return state
  })

/** The tree of one trace, as lines. */
const tree = (spans: ReadonlyArray<Span>, root: Span, depth = 0): ReadonlyArray<string> => [
  `${"  ".repeat(depth)}${root.name}`,
  ...spans.filter(({ parent }) => parent === root.id).flatMap((child) => tree(spans, child, depth + 1)),
]
const roots = (spans: ReadonlyArray<Span>) => spans.filter(({ parent }) => parent === undefined)

describe("a trace per interaction", () => {
  it("has its stages and every call to Discord, the acknowledgement among them", () =>
    traced(1, (spans) =>
      Effect.gen(function* () {
        yield* call("slow")
        const [root, ...more] = roots(spans)
        expect(more).toEqual([])
        expect(tree(spans, root!)).toEqual([
          "interaction slow",
          "  admission",
          "  handler",
          "    own work",
          "    POST /interactions/:id/:token/callback",
          "  delivery",
          "    PATCH /webhooks/:id/:token/messages/@original",
        ])
        const { attributes, endedAt, startedAt } = root!
        expect(attributes.get("bosun.command")).toBe("slow")
        expect(attributes.get("bosun.outcome")).toBe("completed")
        expect(attributes.get("bosun.interaction")).toMatch(/^\d+$/u)
        expect(attributes.get("bosun.user")).toMatch(/^\d+$/u)
        expect(attributes.get("bosun.guild")).toMatch(/^\d+$/u)
        expect(endedAt! - startedAt).toBe(5_000)
        const acknowledged = spans.find(({ name }) => name.endsWith("/callback"))!
        expect(acknowledged.startedAt - startedAt).toBe(2_000)
        const patch = spans.find(({ name }) => name.startsWith("PATCH"))!
        expect(patch.attributes.get("http.response.status_code")).toBe(200)
        // The token of an interaction is no attribute of anything.
        for (const { attributes } of spans) {
          for (const value of attributes.values()) expect(String(value)).not.toMatch(/[\w-]{20}/u)
        }
      }),
    ))

  it("has the calls of effects and those of discord.js, also for prefix messages", () =>
    traced(1, (spans) =>
      Effect.gen(function* () {
        yield* call("calls")
        const handler = spans.find(({ name }) => name === "handler")!
        const made = ["handler", "  POST /channels/:id/messages", "  GET /users/:id"]
        expect(tree(spans, handler)).toEqual(made)
        spans.length = 0
        const sandbox = yield* Sandbox.Sandbox
        const cleo = yield* sandbox.actor("cleo")
        yield* cleo.say("general", "!calls")
        yield* cleo.message("general", ({ content }) => content === "done")
        yield* Effect.sleep("1 second")
        expect(tree(spans, roots(spans)[0]!)).toEqual([
          "interaction calls",
          "  admission",
          ...made.map((line) => `  ${line}`),
          "  delivery",
          "    POST /channels/:id/messages",
        ])
      }),
    ))

  it("says which calls went wrong, and not why", () =>
    traced(1, (spans) =>
      Effect.gen(function* () {
        yield* call("bug")
        yield* call("forever")
        expect(
          roots(spans).map(({ attributes, failed }) => [attributes.get("bosun.outcome"), failed]),
        ).toEqual([
          ["died", true],
          ["timed_out", true],
        ])
      }),
    ))

  it("is there for presses: for a route as for a call, for any other up to its acknowledgement", () =>
    traced(1, (spans) =>
      Effect.gen(function* () {
        const sandbox = yield* Sandbox.Sandbox
        const cleo = yield* sandbox.actor("cleo")
        const state = yield* call("panel")
        const message = state._tag === "Responded" ? state.messages[0] : undefined
        spans.length = 0
        const pressed = yield* cleo.press(message!.id, "Dock")
        yield* pressed.when(
          (now) => now._tag === "Responded" && now.messages.some(({ content }) => content === "Docked."),
        )
        yield* Effect.sleep("1 second")
        expect(tree(spans, roots(spans)[0]!)).toEqual([
          "interaction component",
          "  admission",
          "  handler",
          "  delivery",
          "    POST /interactions/:id/:token/callback",
        ])
        expect(spans[0]?.attributes.get("bosun.command")).toBe("dock")
        spans.length = 0
        yield* cleo.press(message!.id, "Old")
        yield* Effect.sleep("3 seconds")
        expect(tree(spans, roots(spans)[0]!)).toEqual([
          "interaction component",
          "  POST /interactions/:id/:token/callback",
        ])
      }),
    ))

  it("is not there where it is off, nor for what is not sampled", async () => {
    await traced(0, (spans) => Effect.andThen(call("slow"), () => expect(spans).toEqual([])))
  })
})

describe("sampling", () => {
  const sampler = (ratio: number) =>
    Effect.runSync(Effect.provide(Tracing.make({ ratio }), recorder().layer)).sampled

  it("goes by the id alone: who is in a small share is in a larger one", () => {
    const ratio = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(fc.bigInt({ min: 10n ** 17n, max: 10n ** 19n }), ratio, ratio, (id, a, b) => {
        const [less, more] = a < b ? [a, b] : [b, a]
        if (sampler(less)(String(id))) expect(sampler(more)(String(id))).toBe(true)
        expect(sampler(1)(String(id))).toBe(true)
        expect(sampler(0)(String(id))).toBe(false)
      }),
    )
  })

  it("takes the share that was asked for, of ids as Discord makes them", () => {
    const tenth = sampler(0.1)
    let taken = 0
    // Ids of one process in the same second: they differ in few bits.
    for (let n = 0n; n < 20_000n; n++)
      if (tenth(String((1_400_000_000_000_000_000n + (n << 22n)) | (n % 4_096n)))) taken++
    expect(taken / 20_000).toBeGreaterThan(0.09)
    expect(taken / 20_000).toBeLessThan(0.11)
  })
})
