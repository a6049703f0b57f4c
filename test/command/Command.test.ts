import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Command from "../../src/command/Command.js"
import type { InvalidCommand } from "../../src/command/CommandError.js"
import * as Param from "../../src/command/Param.js"
import * as Policy from "../../src/command/Policy.js"
import * as Spec from "../../src/command/Spec.js"
import * as Reply from "../../src/interaction/Reply.js"

const answer = () => Effect.succeed(Reply.text("ok"))
const place = (build: () => unknown): string => {
  try {
    build()
  } catch (error) {
    return (error as InvalidCommand).message
  }
  return "was accepted"
}
const withParams = (params: Param.Params) => () => Command.make("berth", { description: "d", params }, answer)

describe("Command", () => {
  it("names the place of what Discord would refuse", () => {
    expect(place(() => Command.make("Ping", { description: "d" }, answer))).toBe(
      'command "Ping" → name: "Ping" must be in lower case',
    )
    expect(place(() => Command.make("a b", { description: "d" }, answer))).toContain("1 to 32 letters")
    expect(place(() => Command.make("ping", { description: "" }, answer))).toBe(
      'command "ping" → description: must have 1 to 100 characters, has 0',
    )
    expect(place(withParams({ Boat: Param.string("d") }))).toContain('param "Boat" → name')
    expect(place(withParams({ boat: Param.string("x".repeat(101)) }))).toContain('param "boat" → description')
    expect(place(withParams({ boat: Param.string("d", { choices: [] }) }))).toContain(
      "→ choices: must be 1 to 25",
    )
    expect(place(withParams({ boat: Param.string("d", { choices: ["a", "a"] }) }))).toContain(
      'two choices named "a"',
    )
    expect(place(withParams({ n: Param.integer("d", { min: 3, max: 2 }) }))).toContain("min 3 is above max 2")
    expect(place(withParams({ s: Param.string("d", { max: 7_000 }) }))).toContain(
      "→ max: must be a whole number",
    )
    expect(place(withParams({ who: Param.member("d") }))).toContain('in: "guild"')
    const many = Object.fromEntries(Array.from({ length: 26 }, (_, n) => [`p${n}`, Param.string("d")]))
    expect(place(withParams(many))).toContain("has 26 params; Discord takes 25")
    const long = Object.fromEntries(
      Array.from({ length: 25 }, (_, n) => [
        `p${n}`,
        Param.string("d", { choices: [`${n}${"x".repeat(98)}`, `y${n}${"y".repeat(97)}`] }),
      ]),
    )
    expect(place(withParams(long))).toMatch(/have \d+ characters; Discord takes 8000/u)
  })

  it("checks what only the compiler would check", () => {
    const make =
      (options: object, handler: unknown = answer) =>
      () =>
        Command.make(
          "a",
          { description: "d", ...options } as { description: string },
          handler as typeof answer,
        )
    expect(place(make({ from: ["slsh"] }))).toContain('→ from: "slsh" must be one of slash, message')
    expect(place(make({ from: "slash" }))).toContain("→ from: must be a list")
    expect(place(make({ in: "server" }))).toContain('→ in: "server" must be one of guild, dm, both')
    expect(place(make({ description: undefined }))).toContain("→ description: is missing")
    expect(place(make({ params: { x: "string" } }))).toContain('param "x": is not made by Param')
    expect(place(make({ permissions: -1n }))).toContain("→ permissions: -1 is no set")
    expect(place(make({}, null))).toContain("→ handler: is missing")
    expect(place(withParams({ n: Param.integer("d", { min: 0.5 }) }))).toContain(
      "→ min: 0.5 is not a whole number",
    )
    const deadline = (within: string) => () => make({})().pipe(Policy.deadline(within as "1 second"))
    expect(place(deadline("2 minuts"))).toContain('command "a" → deadline: "2 minuts" must be a time above 0')
    expect(place(deadline("0 seconds"))).toContain("must be a time above 0")
  })

  it("lets a context menu have capitals and spaces in its name", () => {
    const menu = (name: string) => () =>
      Command.make(name, { description: "d", from: ["userMenu"], params: { who: Param.user("d") } }, answer)
    expect(place(menu("Who is"))).toBe("was accepted")
    expect(place(menu(" Who"))).toContain("without spaces around them")
  })

  it("wants a target for a context menu, and nothing else that is required", () => {
    const menu = (params: Param.Params) => () =>
      Command.make("look", { description: "d", from: ["userMenu"], params }, answer)
    expect(place(menu({}))).toContain("needs a param of kind user or member")
    expect(place(menu({ who: Param.user("d"), why: Param.string("d") }))).toContain(
      'param "why": must be optional',
    )
    expect(place(menu({ who: Param.user("d") }))).toBe("was accepted")
  })

  it("lets groups nest once", () => {
    const leaf = Command.make("c", { description: "d" }, answer)
    const inner = Command.group("b", { description: "d" }, [leaf])
    const outer = Command.group("a", { description: "d" }, [inner])
    expect(Spec.leaves(outer).map(({ name }) => name)).toEqual(["a b c"])
    expect(place(() => Command.group("z", { description: "d" }, [outer]))).toContain("nested only once")
    expect(place(() => Command.group("z", { description: "d" }, []))).toContain("at least one command")
    expect(place(() => Command.group("z", { description: "d" }, [leaf, leaf]))).toContain(
      'two commands named "c"',
    )
  })

  it("resolves settings from the group to the command, the nearest wins", () => {
    const own = Command.make("own", { description: "d" }, answer).pipe(Policy.deadline("1 minute"))
    const none = Command.make("none", { description: "d" }, answer)
    const group = Command.group("g", { description: "d" }, [own, none]).pipe(Policy.deadline("5 minutes"))
    const deadlines = Spec.leaves(group).map(({ policies }) => policies.deadline?.pipe(String))
    expect(deadlines).toEqual(["Duration(1m)", "Duration(5m)"])
  })

  it("shows how it is called, required parameters first", () => {
    const command = Command.make(
      "berth",
      {
        description: "d",
        params: { nights: Param.withDefault(Param.integer("d"), 1), boat: Param.string("d") },
      },
      answer,
    )
    const resolved = Spec.leaves(command)[0]!
    expect(Spec.usage(resolved)).toBe("/berth boat: [nights:]")
    expect(Spec.usage(resolved, "!")).toBe("!berth <boat> [nights]")
  })
})
