import { describe, expect, it } from "@effect/vitest"
import { ApplicationCommandOptionType as Type } from "discord-api-types/v10"
import * as Offered from "../../src/cli/Offered.js"

const berth = Offered.fromJson({
  name: "berth",
  description: "Berths",
  options: [
    {
      name: "admin",
      type: Type.SubcommandGroup,
      options: [
        {
          name: "book",
          type: Type.Subcommand,
          options: [
            { name: "boat", type: Type.String, required: true },
            { name: "side", type: Type.String, choices: [{ name: "Port", value: "p" }] },
          ],
        },
      ],
    },
  ],
})

describe("Offered", () => {
  it("finds a command below its groups, and leaves the options", () => {
    const found = Offered.find([berth], "berth admin  book boat:Elly side:Port")
    expect(found).toMatchObject({
      path: "berth admin book",
      offered: {
        options: [
          { name: "boat", required: true, choices: [] },
          { name: "side", required: false, choices: ["Port"] },
        ],
      },
      rest: "boat:Elly side:Port",
    })
  })

  it("names what is not there", () => {
    expect(Offered.find([berth], "berth admin frob x")).toEqual({
      path: "berth admin frob",
      offered: undefined,
      rest: "x",
    })
    expect(Offered.find([berth], "nope")).toMatchObject({ path: "nope", offered: undefined })
  })

  it("says how each is typed", () => {
    expect(Offered.usages(berth)).toEqual(["/berth admin book boat: [side:]"])
  })
})
