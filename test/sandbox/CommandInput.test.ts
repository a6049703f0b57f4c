import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "effect/FastCheck"
import * as CommandInput from "../../src/sandbox/people/CommandInput.js"
import * as ComponentInput from "../../src/sandbox/people/ComponentInput.js"
import type { Command, Json } from "../../src/sandbox/model/Model.js"
import * as SandboxModule from "../../src/sandbox/Sandbox.js"
import { Sandbox } from "../../src/sandbox/Sandbox.js"
import * as Guilds from "../../src/sandbox/world/Guilds.js"

const place = Effect.map(Sandbox, ({ world }): CommandInput.Place => {
  const guild = [...world.guilds.values()][0]
  const channel = [...world.channels.values()][0]
  if (guild === undefined || channel === undefined) throw new Error("no Harbour")
  return { world, guild, channel, userId: world.owner.id, store: () => ({ id: "1" }) }
})

const command = (options: ReadonlyArray<Json>): Command => ({
  id: "1",
  type: 1,
  name: "go",
  guildId: null,
  raw: { options },
})

/** The one value that comes of an input, or the problem with it. */
const one = (at: CommandInput.Place, option: Json, value: CommandInput.Value): unknown => {
  try {
    const { options } = CommandInput.fill(at, command([{ name: "x", ...option }]), [], { x: value })
    return options[0]?.["value"]
  } catch (error) {
    if (error instanceof CommandInput.InvalidInput) return error.problem
    throw error
  }
}

const provided = Effect.provide(SandboxModule.layer())

describe("CommandInput", () => {
  it.scoped("turns text into what the option's type wants", () =>
    Effect.gen(function* () {
      const at = yield* place
      const cleo = at.world.findUser("cleo")?.id
      expect(one(at, { type: 4 }, "7")).toBe(7)
      expect(one(at, { type: 4 }, "7.5")).toBe("WrongType")
      expect(one(at, { type: 10 }, "7.5")).toBe(7.5)
      expect(one(at, { type: 10 }, "")).toBe("WrongType")
      expect(one(at, { type: 5 }, "yes")).toBe(true)
      expect(one(at, { type: 5 }, "maybe")).toBe("WrongType")
      for (const name of ["cleo", "@Cleo", `<@${cleo}>`, `<@!${cleo}>`, String(cleo)]) {
        expect(one(at, { type: 6 }, name)).toBe(cleo)
      }
      expect(one(at, { type: 6 }, "nobody")).toBe("NotFound")
      expect(one(at, { type: 7 }, "#general")).toBe(at.channel.id)
      expect(one(at, { type: 8 }, "@moderator")).toMatch(/^\d{17,19}$/)
      expect(one(at, { type: 9 }, "Moderator")).toBe(one(at, { type: 8 }, "Moderator"))
      const choices = [{ name: "Red", value: "r" }]
      expect([one(at, { type: 3, choices }, "red"), one(at, { type: 3, choices }, "r")]).toEqual(["r", "r"])
      expect(one(at, { type: 3, choices }, "blue")).toBe("NotAChoice")
    }).pipe(provided),
  )

  it.scoped("says what is accepted when something does not fit", () =>
    Effect.gen(function* () {
      const at = yield* place
      const nested = command([{ type: 1, name: "add", options: [{ type: 3, name: "what", required: true }] }])
      const refused = (path: ReadonlyArray<string>, values: Readonly<Record<string, string>>) =>
        Effect.flip(
          Effect.try({
            try: () => CommandInput.fill(at, nested, path, values),
            catch: (error) => error as CommandInput.InvalidInput,
          }),
        ).pipe(Effect.map(({ accepted, option, problem }) => [problem, option, accepted]))
      expect(yield* refused([], {})).toEqual(["UnknownSubcommand", "subcommand", "add"])
      expect(yield* refused(["add"], {})).toEqual(["MissingOption", "what", "text"])
      expect(yield* refused(["add"], { wat: "x" })).toEqual(["UnknownOption", "wat", "what"])
    }).pipe(provided),
  )

  it.scoped(
    "takes files up to 10 MiB, channels of the types that are asked for, and numbers within bounds",
    () =>
      Effect.gen(function* () {
        const at = yield* place
        const file = (size: number) => ({ name: "a.txt", bytes: new Uint8Array(size) })
        expect([
          one(at, { type: 11 }, file(4)),
          one(at, { type: 11 }, file(10_485_761)),
          one(at, { type: 11 }, "a"),
        ]).toEqual(["1", "OutOfBounds", "WrongType"])
        expect(one(at, { type: 7, channel_types: [0] }, "general")).toBe(at.channel.id)
        expect(one(at, { type: 7, channel_types: [2] }, "general")).toBe("NotFound")
        expect(one(at, { type: 4 }, "9007199254740993")).toBe("WrongType")
        expect(one(at, { type: 10, max_value: 1.5 }, "1.6")).toBe("OutOfBounds")
        expect([
          one(at, { type: 10 }, "-9007199254740992"),
          one(at, { type: 10 }, "9007199254740994"),
        ]).toEqual([-9007199254740992, "OutOfBounds"])
        expect([
          one(at, { type: 3, min_length: 2 }, "é"),
          one(at, { type: 3, max_length: 2 }, "😀😀"),
        ]).toEqual(["OutOfBounds", "😀😀"])
        expect(one(at, { type: 3 }, "x".repeat(6_001))).toBe("OutOfBounds")
        expect([one(at, { type: 3 }, ""), one(at, { type: 3, min_length: 0 }, "")]).toEqual([
          "OutOfBounds",
          "OutOfBounds",
        ])
      }).pipe(provided),
  )

  it.scoped(
    "finds the channels that the person sees, with that person's permissions, and people by name",
    () =>
      Effect.gen(function* () {
        const { world, ...rest } = yield* place
        const { channel, guild } = rest
        const cleo = world.findUser("cleo")
        if (guild === undefined || cleo === undefined) return yield* Effect.dieMessage("no Harbour")
        const overwrites = [{ id: guild.id, type: 0 as const, allow: 0n, deny: 1n << 10n }]
        const bridge = Guilds.addChannel(world, guild, { name: "bridge", overwrites })
        const [ada, hers] = [
          { ...rest, world },
          { ...rest, world, userId: cleo.id },
        ]
        for (const name of ["bridge", bridge.id, `<#${bridge.id}>`]) {
          expect(one(ada, { type: 7 }, name)).toBe(bridge.id)
          expect(one(hers, { type: 7 }, name)).toBe("NotFound")
          expect(() => ComponentInput.choose(hers, { type: 8 }, name, {})).toThrow(
            `There is no value ${name}`,
          )
        }
        const { resolved } = CommandInput.fill(hers, command([{ name: "x", type: 7 }]), [], { x: "general" })
        expect(resolved["channels"]).toMatchObject({
          [channel.id]: {
            permissions: world.permissions(cleo.id, channel).toString(),
            app_permissions: world.permissions(world.bot.id, channel).toString(),
          },
        })
        expect(world.permissions(cleo.id, channel)).not.toBe(world.permissions(world.bot.id, channel))
        const { id } = Guilds.addUser(world, { username: "eve" })
        expect([one(hers, { type: 6 }, "eve"), one(hers, { type: 6 }, id)]).toEqual([id, id])
      }).pipe(provided),
  )

  it.scoped("lets nobody type into what does not complete itself", () =>
    Effect.gen(function* () {
      const at = yield* place
      const go = command([
        { type: 3, name: "where", autocomplete: true },
        { type: 3, name: "what" },
      ])
      const focus = (name: string, given = go) => {
        try {
          return CommandInput.fill(at, given, [], { what: "" }, name).options
        } catch (error) {
          return (error as CommandInput.InvalidInput).message
        }
      }
      expect(focus("where")).toEqual([{ type: 3, name: "where", value: "", focused: true }])
      for (const name of ["what", "when"])
        expect(focus(name)).toBe(`/go, ${name}: there is no such option. Accepted: where`)
      expect(focus("what", command([{ type: 3, name: "what" }]))).toContain("no option here completes itself")
    }).pipe(provided),
  )

  it.scoped("keeps bounds exactly", () =>
    Effect.gen(function* () {
      const at = yield* place
      const small = fc.integer({ min: -50, max: 50 })
      fc.assert(
        fc.property(small, small, small, (min_value, max_value, value) => {
          const fits = value >= min_value && value <= max_value
          expect(one(at, { type: 4, min_value, max_value }, String(value))).toBe(fits ? value : "OutOfBounds")
        }),
      )
    }).pipe(provided),
  )
})
