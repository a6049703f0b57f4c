import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import * as Channel from "../../../../../src/sandbox/page/browser/place/Channel.js"
import type * as Protocol from "../../../../../src/sandbox/page/Protocol.js"

const channel = (id: string, over: Partial<Protocol.Channel>): Protocol.Channel => ({
  id,
  guildId: "1",
  type: 0,
  name: `c${id}`,
  topic: null,
  parentId: null,
  position: 0,
  nsfw: false,
  archived: false,
  locked: false,
  lastMessageId: null,
  permissions: "0",
  closed: null,
  tags: [],
  ...over,
})

const guild = (channels: ReadonlyArray<Protocol.Channel>): Protocol.Guild => ({
  id: "1",
  name: "Harbour",
  icon: null,
  ownerId: "2",
  channels,
  roles: [],
  members: [],
  emojis: [],
})

/** Channels that may stand below one another, below what is not there, or below nothing. */
const channels = fc
  .array(
    fc.record({
      type: fc.constantFrom(0, 2, 4, 5, 11, 12, 13, 15),
      position: fc.nat(4),
      parent: fc.option(fc.nat(12)),
      archived: fc.boolean(),
    }),
    { maxLength: 12 },
  )
  .map((all) =>
    all.map(({ archived, parent, position, type }, n) =>
      channel(String(n), {
        type,
        position,
        archived,
        parentId: parent === null || type === 4 ? null : String(parent),
      }),
    ),
  )

describe("Channel", () => {
  it.prop(
    "lists every channel that is no thread once, whatever is above it",
    { channels },
    ({ channels }) => {
      const places = channels.filter((one) => !Channel.isCategory(one) && !Channel.isThread(one))
      const listed = Channel.listed(guild(channels)).filter((one) => !Channel.isThread(one))
      assert.deepStrictEqual(listed.map(({ id }) => id).sort(), places.map(({ id }) => id).sort())
    },
  )

  it.prop("lists a thread below its channel while it is active", { channels }, ({ channels }) => {
    const listed = Channel.listed(guild(channels))
    for (const one of channels.filter(Channel.isThread)) {
      const parent = listed.findIndex(({ id }) => id === one.parentId)
      const above = listed[parent]
      const shown = above !== undefined && !Channel.isThread(above) && !one.archived
      const at = listed.findIndex(({ id }) => id === one.id)
      assert.strictEqual(at > parent, shown)
      for (const between of shown ? listed.slice(parent + 1, at) : [])
        assert.strictEqual(between.parentId, one.parentId)
    }
  })

  it("puts text above voice, each by its position, and names it as one says it", () => {
    const all = [
      channel("1", { type: 2, position: 0, name: "Bridge" }),
      channel("2", { position: 2, name: "ropes" }),
      channel("3", { position: 1, name: "general" }),
      channel("4", { type: 11, parentId: "3", name: "A knot" }),
    ]
    assert.deepStrictEqual(Channel.listed(guild(all)).map(Channel.title), [
      "#general",
      "A knot",
      "#ropes",
      "#Bridge",
    ])
  })

  it("lists archived threads apart from active ones", () => {
    const here = guild([
      channel("1", {}),
      channel("2", { type: 11, parentId: "1" }),
      channel("3", { type: 11, parentId: "1", archived: true }),
      channel("4", { type: 12, parentId: "1", archived: true }),
    ])
    const ids = (channels: ReadonlyArray<Protocol.Channel>) => channels.map(({ id }) => id)
    assert.deepStrictEqual(ids(Channel.listed(here)), ["1", "2"])
    assert.deepStrictEqual(ids(Channel.archivedOf(here, "1")), ["4", "3"])
  })
})
