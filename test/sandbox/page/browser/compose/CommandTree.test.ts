import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import type { Offered } from "../../../../../src/sandbox/page/Protocol.js"
import * as CommandTree from "../../../../../src/sandbox/page/browser/compose/CommandTree.js"

const commands = [
  { type: 1, name: "ping", description: "Answers" },
  {
    type: 1,
    name: "say",
    description: "Says it",
    options: [
      { type: 3, name: "text", description: "What", required: true, max_length: 20 },
      { type: 4, name: "times", description: "How often", min_value: 1, max_value: 5 },
      { type: 3, name: "time", description: "When" },
    ],
  },
  {
    type: 1,
    name: "mod",
    description: "Moderation",
    options: [
      {
        type: 1,
        name: "ban",
        description: "Bans",
        options: [{ type: 6, name: "user", description: "Whom" }],
      },
      {
        type: 2,
        name: "list",
        description: "Lists",
        options: [{ type: 1, name: "all", description: "All" }],
      },
      { type: 2, name: "empty", description: "Nothing to run" },
    ],
  },
  { type: 2, name: "Poke", description: "" },
  { type: 3, name: "Quote", description: "" },
] as unknown as Offered["commands"]

const leaves = CommandTree.leaves(commands)
const names = (all: ReadonlyArray<CommandTree.Leaf>) => all.map(({ name }) => name)
const parse = (line: string) => {
  const found = CommandTree.parse(leaves, line)
  return found === undefined ? undefined : [found.leaf.name, found.texts]
}

describe("CommandTree", () => {
  it("offers what can be run by a slash: commands, and subcommands in their stead", () => {
    assert.deepStrictEqual(names(leaves), ["ping", "say", "mod ban", "mod list all"])
  })

  it("finds by the beginning first, then by any part", () => {
    assert.deepStrictEqual(names(CommandTree.matching(leaves, "/")), names(leaves))
    assert.deepStrictEqual(names(CommandTree.matching(leaves, "/mod l")), ["mod list all"])
    assert.deepStrictEqual(names(CommandTree.matching(leaves, "/PING")), ["ping"])
    assert.deepStrictEqual(names(CommandTree.matching(leaves, "/a")), ["say", "mod ban", "mod list all"])
    assert.deepStrictEqual(names(CommandTree.matching(leaves, "/none")), [])
  })

  it("takes a line apart", () => {
    assert.deepStrictEqual(parse("/ping"), ["ping", {}])
    assert.deepStrictEqual(parse("/say text:hello there times:2"), [
      "say",
      { text: "hello there", times: "2" },
    ])
    assert.deepStrictEqual(parse("/say hello"), ["say", { text: "hello" }])
    assert.deepStrictEqual(parse("/say time:now times:3"), ["say", { time: "now", times: "3" }])
    assert.deepStrictEqual(parse("/mod ban user:@Ben"), ["mod ban", { user: "@Ben" }])
    assert.deepStrictEqual(parse("/say text:see https://example.org:80/times"), [
      "say",
      { text: "see https://example.org:80/times" },
    ])
  })

  it("knows no command that is not there", () => {
    for (const line of ["/", "/pingo", "/mod", "/mod empty", "/Poke"]) assert.isUndefined(parse(line))
  })

  it("names what is written like an option that the command does not have", () => {
    const unknown = (line: string) => CommandTree.parse(leaves, line)?.unknown
    assert.strictEqual(unknown("/say txet:hello"), "txet")
    assert.strictEqual(unknown("/say text:hello tmies:3"), "tmies")
    assert.strictEqual(unknown("/say times:3 often:yes"), "often")
    assert.strictEqual(unknown("/mod ban usr:@Ben"), "usr")
    for (const line of [
      "/say text:re:zero",
      "/say see https://example.org:80",
      "/say at 12:30",
      "/say note: this",
    ])
      assert.isUndefined(unknown(line), line)
  })

  it.prop(
    "a line that is written from values is read back to them",
    [
      fc.record(
        { text: fc.stringMatching(/^[a-z][a-z ,.!?]{0,20}[a-z]$/), times: fc.stringMatching(/^[1-5]$/) },
        { requiredKeys: [] },
      ),
    ],
    ([values]) => {
      const line = ["/say", ...Object.entries(values).map(([name, value]) => `${name}:${value}`)].join(" ")
      assert.deepStrictEqual(parse(line), ["say", values])
    },
  )
})
