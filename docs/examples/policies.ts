import { PermissionFlagsBits } from "discord.js"
import { Context, Data, Effect, Exit, Layer, Ref, Schedule } from "effect"
import * as Command from "bosun/Command"
import * as Discord from "bosun/Discord"
import { Interaction } from "bosun/Interaction"
import * as Md from "bosun/Md"
import * as Param from "bosun/Param"
import * as Policy from "bosun/Policy"
import * as Reply from "bosun/Reply"

class CraneBusy extends Data.TaggedError("CraneBusy")<{}> {
  readonly userText = "The crane is busy. Please try again in a minute."
}
class YardClosed extends Data.TaggedError("YardClosed")<{}> {
  readonly userText = "The yard opens at nine."
}

class Yard extends Context.Tag("Yard")<
  Yard,
  {
    readonly open: Effect.Effect<boolean>
    readonly boats: Effect.Effect<ReadonlyArray<string>>
    readonly lift: (boat: string) => Effect.Effect<void, CraneBusy>
    readonly write: (line: string) => Effect.Effect<void>
    readonly journal: Effect.Effect<ReadonlyArray<string>>
  }
>() {
  static readonly memory = Layer.effect(
    Yard,
    Effect.gen(function* () {
      const calls = yield* Ref.make(0)
      const journal = yield* Ref.make<ReadonlyArray<string>>([])
      return {
        open: Effect.succeed(true),
        boats: Effect.succeed(["Elly", "Elsa", "Mary"]),
        // Every other time somebody else has the crane.
        lift: () =>
          Effect.flatMap(
            Ref.updateAndGet(calls, (n) => n + 1),
            (n) => (n % 2 === 1 ? new CraneBusy() : Effect.sleep("3 seconds")),
          ),
        write: (line) => Ref.update(journal, (lines) => [...lines, line]),
        journal: Ref.get(journal),
      }
    }),
  )
}

/** Offered while somebody types; any other name can be typed all the same. */
const boat = Param.string("Its name").pipe(
  Param.autocomplete((typed) =>
    Effect.gen(function* () {
      const yard = yield* Yard
      const boats = yield* yard.boats
      return boats.filter((name) => name.toLowerCase().startsWith(typed.toLowerCase()))
    }),
  ),
)

const lift = Command.make(
  "lift",
  { description: "Lifts a boat out of the water", params: { boat } },
  ({ boat }) =>
    Effect.gen(function* () {
      const yard = yield* Yard
      yield* yard.lift(boat)
      return Reply.text(Md.text`${boat} hangs on the crane.`)
    }),
).pipe(
  // There is one crane: the next three wait for it, a minute at most.
  Policy.concurrency({ per: "guild", whenFull: { queue: 3, within: "1 minute" } }),
  Policy.cooldown({ per: "user", window: "1 hour", uses: 2, clearOnFailure: true }),
  Policy.retry({ schedule: Schedule.addDelay(Schedule.recurs(3), () => "2 seconds"), tags: ["CraneBusy"] }),
)

const evict = Command.make(
  "evict",
  { description: "Sends a skipper away", in: "guild", params: { skipper: Param.member("Whom") } },
  ({ skipper }) =>
    Effect.as(
      Discord.use(() => skipper.kick()),
      Reply.text(Md.text`${skipper.displayName} has left.`),
    ),
).pipe(
  Policy.permissions(PermissionFlagsBits.KickMembers),
  Policy.botPermissions(PermissionFlagsBits.KickMembers),
  Policy.hierarchy("skipper"),
)

const read = Command.make("journal", { description: "Reads the yard's journal" }, () =>
  Effect.gen(function* () {
    const yard = yield* Yard
    return Reply.text((yield* yard.journal).join("\n"))
  }),
).pipe(Policy.ownerOnly, Policy.ephemeral, Policy.without("concurrency"))

export const yard = Command.group("yard", { description: "The boat yard" }, [lift, evict, read]).pipe(
  Policy.deadline("2 minutes"),
  // Hooks hold for every command of the group. What they fail with and need is in its type.
  Policy.before(
    Effect.gen(function* () {
      const yard = yield* Yard
      if (!(yield* yard.open)) return yield* new YardClosed()
    }),
  ),
  Policy.after((exit) =>
    Effect.gen(function* () {
      const yard = yield* Yard
      const { command, user } = yield* Interaction
      yield* yard.write(`${user.username}: ${command}, ${Exit.isSuccess(exit) ? "done" : "not done"}`)
    }),
  ),
)

/** For every command of the bot that has none nearer: its option `policies`. */
export const policies = Policy.defaults(Policy.concurrency({ per: "user", limit: 3 }))

export const layer = Command.layer(yard).pipe(Layer.provide(Yard.memory))
