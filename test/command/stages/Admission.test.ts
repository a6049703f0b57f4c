import { describe, expect, it } from "@effect/vitest"
import { PermissionFlagsBits } from "discord-api-types/v10"
import { Effect, Metric, MetricState } from "effect"
import * as Command from "../../../src/command/Command.js"
import * as Deploy from "../../../src/command/Deploy.js"
import * as Param from "../../../src/command/Param.js"
import * as Policy from "../../../src/command/Policy.js"
import * as Reply from "../../../src/interaction/Reply.js"
import * as Sandbox from "../../../src/sandbox/Sandbox.js"
import * as VirtualClock from "../../../src/testing/VirtualClock.js"
import * as Harbour from "../../bot/Harbour.js"

const { Administrator, BanMembers } = PermissionFlagsBits
const done = Effect.succeed(Reply.text("done"))
const both = { description: "d", in: "guild", from: ["slash", "message"] } as const

const commands = [
  Command.make("ban", { ...both, params: { whom: Param.user("d") } }, () => done).pipe(
    Policy.hierarchy("whom"),
  ),
  Command.make("guarded", both, () => done).pipe(Policy.permissions(BanMembers)),
  Command.make("mighty", both, () => done).pipe(Policy.botPermissions(Administrator | BanMembers)),
  Command.make("watch", both, () => done).pipe(Policy.role("Moderator")),
  Command.make("stop", both, () => done).pipe(Policy.ownerOnly),
  Command.make(
    "Keelhaul",
    { description: "d", in: "guild", from: ["userMenu"], params: { whom: Param.member("d") } },
    () => done,
  ).pipe(Policy.hierarchy("whom"), Policy.role("Moderator")),
]

/** A bot over the sandbox's people: Ada owns server and bot, Ben is a moderator, Cleo and Dan are nobody. */
const withBot = <A, E>(effect: Effect.Effect<A, E, Sandbox.Sandbox>) =>
  Effect.promise(() =>
    VirtualClock.run(
      Effect.zipRight(Deploy.apply(), effect).pipe(
        Effect.provide(Harbour.inProcess(Command.layer(...commands))),
      ),
    ),
  ).pipe(
    Effect.flatMap(({ exit }) => exit),
    Effect.orDie,
  )

const text = (state: {
  readonly _tag: string
  readonly messages?: ReadonlyArray<{ readonly content: string }>
}) => state.messages?.map(({ content }) => content).join("\n") ?? state._tag

/** The answer to a slash command. */
const slash = (name: string, command: string, values: Record<string, string> = {}) =>
  Effect.gen(function* () {
    const actor = yield* (yield* Sandbox.Sandbox).actor(name)
    return text(yield* (yield* actor.slash("general", command, values)).settled)
  })

/** The answer to a prefix message: the bot's next message in the channel. */
const said = (name: string, line: string) =>
  Effect.gen(function* () {
    const actor = yield* (yield* Sandbox.Sandbox).actor(name)
    const own = yield* actor.say("general", line)
    const answer = yield* actor.message("general", ({ id }) => BigInt(id) > BigInt(own.id))
    return answer.content
  })

describe("who may call a command, in a server", () => {
  it.live("by permissions, role and owner, also by a prefix message, which tells none of them", () =>
    Effect.gen(function* () {
      const seen = yield* withBot(
        Effect.all({
          cleo: said("cleo", "!guarded"),
          ben: said("ben", "!guarded"),
          ada: said("ada", "!guarded"),
          bot: said("cleo", "!mighty"),
          slashBot: slash("cleo", "mighty"),
          stranger: said("cleo", "!watch"),
          watch: said("ben", "!watch"),
          slashWatch: slash("ben", "watch"),
          moderator: said("ben", "!stop"),
          owner: said("ada", "!stop"),
        }),
      )
      const lacks = "I cannot do that here: I need the permission Administrator."
      expect(seen).toEqual({
        cleo: "That needs the permission Ban Members.",
        ben: "done",
        ada: "done",
        bot: lacks,
        slashBot: lacks,
        stranger: "That needs the role Moderator.",
        watch: "done",
        slashWatch: "done",
        moderator: "Only my owner can do that.",
        owner: "done",
      })
    }),
  )

  it.live("by rank, whichever way the member was named", () =>
    Effect.gen(function* () {
      const seen = yield* withBot(
        Effect.gen(function* () {
          const sandbox = yield* Sandbox.Sandbox
          const id = (name: string) => Effect.map(sandbox.actor(name), ({ user }) => user.id)
          const ben = yield* sandbox.actor("ben")
          const menu = (target: string) =>
            Effect.flatMap(ben.userMenu("general", "Keelhaul", target), ({ settled }) =>
              Effect.map(settled, text),
            )
          return {
            above: yield* slash("cleo", "ban", { whom: "ben" }),
            same: yield* slash("cleo", "ban", { whom: "dan" }),
            below: yield* slash("ben", "ban", { whom: "dan" }),
            typedAbove: yield* said("dan", `!ban ${yield* id("ben")}`),
            typedBelow: yield* said("ben", `!ban ${yield* id("cleo")}`),
            menuBelow: yield* menu("cleo"),
            menuOwner: yield* menu("ada"),
          }
        }),
      )
      const high = "You can do that only to members whose highest role is below yours."
      expect(seen).toEqual({
        above: high,
        same: high,
        below: "done",
        typedAbove: high,
        typedBelow: "done",
        menuBelow: "done",
        menuOwner: "Nobody can do that to the owner of the server.",
      })
    }),
  )

  it.live("is counted by policy", () =>
    Effect.gen(function* () {
      const count = Effect.map(Metric.snapshot, (pairs) =>
        pairs
          .filter(
            ({ metricKey: { name, tags } }) =>
              name === "bosun_policy_refusals_total" &&
              tags.some(({ key, value }) => key === "policy" && value === "role"),
          )
          .reduce(
            (sum, { metricState }) =>
              sum + (MetricState.isCounterState(metricState) ? Number(metricState.count) : 0),
            0,
          ),
      )
      const before = yield* count
      yield* withBot(Effect.zipRight(slash("cleo", "watch"), slash("dan", "watch")))
      expect((yield* count) - before).toBe(2)
    }),
  )
})
