import { describe, expect, it } from "@effect/vitest"
import { ApplicationCommandOptionType as Type } from "discord-api-types/v10"
import * as fc from "effect/FastCheck"
import * as Completion from "../../src/cli/Completion.js"
import * as Offered from "../../src/cli/Offered.js"

const known: Completion.Known = {
  commands: [
    { name: "ping", options: [{ name: "text", type: Type.String }] },
    {
      name: "paint",
      options: [
        { name: "tone", type: Type.String, choices: [{ name: "Sea green" }, { name: "Sand" }] },
        { name: "whom", type: Type.User },
        { name: "where", type: Type.Channel },
        { name: "twice", type: Type.Boolean },
        { name: "crew", type: Type.Role },
      ],
    },
    {
      name: "berth",
      options: [
        { name: "book", type: Type.Subcommand, options: [{ name: "boat", type: Type.String }] },
        { name: "free", type: Type.Subcommand },
      ],
    },
  ].map(Offered.fromJson),
  menus: ["Quote (message)", "userinfo (user)"],
  prefixed: ["!ping"],
  people: ["ada", "cleo"],
  roles: ["Moderator"],
  channels: ["general", "tryouts"],
  controls: [
    { label: "Confirm", isButton: true, choices: [] },
    { label: "Go on", isButton: true, choices: [] },
    { label: "Colour", isButton: false, choices: ["Red", "Sea green"] },
  ],
  fields: ["name", "your-age"],
}

describe("Completion", () => {
  it.each([
    ["/", ["/ping ", "/paint ", "/berth ", "/Quote (message) ", "/userinfo (user) "]],
    ["/pi", ["/ping "]],
    ["cleo> /pi", ["/ping "]],
    ["#tryouts> /pi", ["/ping "]],
    ["/ping ", ["text:"]],
    ["/ping te", ["text:"]],
    ["/ping text:hello ", []],
    ["/paint tone:se", ["Sea green "]],
    ["/paint tone:Sea g", ["Sea green "]],
    ["/paint tone:Sand w", ["whom:", "where:"]],
    ["/paint whom:", ["@ada ", "@cleo "]],
    ["/paint where:#t", ["#tryouts "]],
    ["/paint twice:t", ["true "]],
    ["/paint crew:", ["@Moderator "]],
    ["/berth ", ["book ", "free "]],
    ["/berth b", ["book "]],
    ["/berth book ", ["boat:"]],
    ["/userinfo (user) @c", ["@cleo "]],
    ["/nope ", []],
    ["!", ["!ping"]],
    ["cle", ["cleo> "]],
    ["#t", ["#tryouts> "]],
    ["cleo #t", ["#tryouts "]],
    ["hello @a", ["@ada "]],
    ["hel", ["help"]],
    ["cli", ["click "]],
    ["sub", ["submit "]],
    ["sug", ["suggest /"]],
    ["flo", ["flood "]],
    ["leave @c", ["@cleo "]],
    ["rea", ["react "]],
    ["del", ["delete"]],
    ["cleo> suggest /pi", ["/ping "]],
    ["suggest /paint tw", ["twice:"]],
    ["cleo> click ", ['"Confirm"', '"Go on"']],
    ['click "Go', ['"Go on"']],
    ["[co", ["[Confirm] ", "[Colour] "]],
    ["pick ", ['"Red"', '"Sea green"', 'menu:"Colour" ']],
    ['pick "Red", "s', ['"Sea green"']],
    ['pick menu:"Colour" "R', ['"Red"']],
    ["submit ", ['name:"', 'your-age:"']],
    ['submit name:"Ada" ', ['your-age:"']],
    ["dms o", ["on", "off"]],
    ["hello th", []],
  ] as const)("offers after %j", (line, candidates) => {
    expect(Completion.complete(line, known)[0]).toEqual([...candidates])
  })

  it("takes any line, and replaces what stands at its end", () => {
    const line = fc.oneof(
      fc.string(),
      fc
        .array(
          fc.constantFrom(
            "/",
            "paint",
            " ",
            "tone:",
            "whom:",
            "@c",
            "#",
            "cleo>",
            "berth",
            "book",
            "(",
            "(user)",
            "click ",
            "pick ",
            "menu:",
            "submit ",
            '"',
            "[",
          ),
        )
        .map((all) => all.join("")),
    )
    fc.assert(
      fc.property(line, (line) => {
        const [candidates, part] = Completion.complete(line, known)
        expect(line.endsWith(part)).toBe(true)
        for (const one of candidates) expect(one.toLowerCase().startsWith(part.toLowerCase())).toBe(true)
      }),
      { numRuns: 1_000 },
    )
  })
})
