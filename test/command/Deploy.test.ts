import { describe, expect, it } from "@effect/vitest"
import type { APIApplicationCommand } from "discord-api-types/v10"
import { Effect } from "effect"
import * as Command from "../../src/command/Command.js"
import * as Commands from "../../src/command/Commands.js"
import * as Deploy from "../../src/command/Deploy.js"
import * as Param from "../../src/command/Param.js"
import * as Reply from "../../src/interaction/Reply.js"
import * as Rest from "../../src/rest/Rest.js"

const answer = () => Effect.succeed(Reply.text("ok"))
const berth = Command.make(
  "berth",
  {
    description: "Book a berth",
    in: "guild",
    from: ["slash", "message"],
    permissions: 32n,
    params: {
      nights: Param.withDefault(Param.integer("Nights", { min: 1, max: 14 }), 1),
      boat: Param.string("Its name", { max: 32 }),
      pier: Param.optional(Param.string("Where", { choices: { North: "n", South: "s" } })),
    },
  },
  answer,
)

/** As Discord gives a command back: with ids, and every default filled in. */
const stored = (payload: Deploy.Payload): APIApplicationCommand =>
  ({
    id: "1000000000000000001",
    application_id: "1000000000000000002",
    version: "1000000000000000003",
    type: 1,
    nsfw: false,
    integration_types: [0],
    dm_permission: true,
    name_localizations: null,
    ...payload,
  }) as unknown as APIApplicationCommand

describe("Deploy", () => {
  it("writes a command in Discord's form, required options first", () => {
    expect(Deploy.payloads([berth])).toEqual([
      {
        type: 1,
        name: "berth",
        description: "Book a berth",
        contexts: [0],
        default_member_permissions: "32",
        options: [
          { type: 3, name: "boat", description: "Its name", required: true, max_length: 32 },
          { type: 4, name: "nights", description: "Nights", min_value: 1, max_value: 14 },
          {
            type: 3,
            name: "pier",
            description: "Where",
            choices: [
              { name: "North", value: "n" },
              { name: "South", value: "s" },
            ],
          },
        ],
      },
    ])
  })

  it("leaves out what is called only by prefix", () => {
    expect(Deploy.payloads([Command.make("old", { description: "d", from: ["message"] }, answer)])).toEqual(
      [],
    )
  })

  it("nests groups", () => {
    const group = Command.group("tryout", { description: "Try-outs" }, [
      Command.make("apply", { description: "Apply" }, answer),
      Command.group("admin", { description: "For managers" }, [
        Command.make("open", { description: "Open" }, answer),
      ]),
    ])
    expect(Deploy.payloads([group])).toMatchObject([
      {
        name: "tryout",
        options: [
          { type: 1, name: "apply", options: [] },
          { type: 2, name: "admin", options: [{ type: 1, name: "open" }] },
        ],
      },
    ])
  })

  it("finds nothing to do after it was applied", () => {
    const declared = Deploy.payloads([berth])
    const plan = Deploy.compare(declared, declared.map(stored))
    expect(Deploy.isEmpty(plan)).toBe(true)
    expect(plan.unchanged).toEqual(["/berth"])
  })

  it("tells create, change, delete and unchanged apart", () => {
    const declared = Deploy.payloads([
      berth,
      Command.make("new", { description: "d" }, answer),
      Command.make("same", { description: "d" }, answer),
    ])
    const [first, , third] = declared
    const there = [
      stored({ ...first!, description: "Another" } as Deploy.Payload),
      stored(third!),
      stored({ type: 2, name: "gone" }),
    ]
    expect(Deploy.compare(declared, there)).toEqual({
      create: ["/new"],
      change: ["/berth"],
      delete: ["gone (user menu)"],
      unchanged: ["/same"],
    })
  })

  it.effect.each<[string, unknown, unknown]>([
    ["an object", {}, []],
    ["a list", { id: "1" }, [{ greeting: "hello" }]],
    ["nothing", undefined, []],
  ])("fails with Refused where somebody else than Discord answers with %s", ([, application, commands]) =>
    Effect.gen(function* () {
      const elsewhere = Rest.Rest.of({
        request: ({ path }) =>
          Effect.succeed({ status: 200, headers: {}, json: path.endsWith("@me") ? application : commands }),
      } as Partial<Rest.Rest> as Rest.Rest)
      const refused = yield* Effect.flip(Deploy.plan()).pipe(
        Effect.provideService(Rest.Rest, elsewhere),
        Effect.provide(Commands.layer({ prefix: undefined })),
      )
      expect(refused).toMatchObject({ _tag: "Refused", status: 200 })
    }),
  )
})
