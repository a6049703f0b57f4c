import { assert, describe, it } from "@effect/vitest"
import { option, type Field } from "../../../../../src/sandbox/page/browser/compose/CommandTree.js"
import * as FieldInput from "../../../../../src/sandbox/page/browser/compose/FieldInput.js"
import * as Store from "../../../../../src/sandbox/page/browser/Store.js"

const store = Store.make()
const [ada, guild, eve] = ["100000000000000001", "100000000000000009", "100000000000000002"]
store.guildId = guild
store.place = {
  ...store.place,
  people: [
    { id: ada, username: "ada_l", name: "Ada", bot: false, avatar: null },
    { id: eve, username: "eve", name: "Eve", bot: false, avatar: "/avatars/2/eve.png" },
  ],
  guilds: [
    {
      id: guild,
      name: "Harbour",
      icon: null,
      ownerId: ada,
      channels: [],
      roles: [],
      members: [
        { userId: ada, nick: "Countess", avatar: null, roles: [], status: "online", timeoutUntil: null },
      ],
      emojis: [],
    },
  ],
}

const field = (type: number, more: Partial<Field> = {}): Field => ({
  name: "it",
  description: "",
  type,
  required: false,
  autocomplete: false,
  choices: [],
  min: -Infinity,
  max: Infinity,
  channelTypes: [],
  ...more,
})
const read = (one: Field, typed: string) => FieldInput.read(store, one, typed, undefined)

describe("FieldInput", () => {
  it("wants what is required, and nothing else", () => {
    assert.strictEqual(read(field(option.string), " "), "Empty")
    assert.deepStrictEqual(read(field(option.string, { required: true }), " "), {
      problem: "This option is required",
    })
  })

  it("reads numbers within their bounds", () => {
    const times = field(option.integer, { min: 1, max: 5 })
    assert.deepStrictEqual(read(times, "3"), { value: 3 })
    assert.deepStrictEqual(read(times, "9"), { problem: "A number from 1 to 5" })
    assert.deepStrictEqual(read(times, "1.5"), { problem: "A whole number is wanted" })
    assert.deepStrictEqual(read(times, "many"), { problem: "A whole number is wanted" })
    assert.deepStrictEqual(read(field(option.number), "1,5"), { value: 1.5 })
  })

  it("reads texts within their lengths, an emoji as one", () => {
    const text = field(option.string, { min: 2, max: 3 })
    assert.deepStrictEqual(read(text, "⚓⚓"), { value: "⚓⚓" })
    assert.deepStrictEqual(read(text, "🎉🎉🎉"), { value: "🎉🎉🎉" })
    assert.deepStrictEqual(read(text, "four"), { problem: "A text from 2 to 3 characters" })
  })

  it("takes a choice by its name, and no other", () => {
    const why = field(option.string, { choices: [{ name: "Rude words", value: "rude" }] })
    assert.deepStrictEqual(read(why, "rude words"), { value: "rude" })
    assert.deepStrictEqual(read(why, "kind words"), { problem: "Choose one from the list" })
    assert.deepStrictEqual(read(field(option.boolean), "true"), { value: true })
  })

  it("takes a person by nickname, username, mention and id", () => {
    for (const typed of ["@Countess", "countess", "ada_l", `<@${ada}>`, `<@!${ada}>`, ada])
      assert.deepStrictEqual(read(field(option.user), typed), { value: ada }, typed)
    assert.deepStrictEqual(read(field(option.user), "Ben"), { problem: "Nobody here is called Ben" })
  })

  it("takes a person who is not in the server, and says of a plain id when nobody has it", () => {
    const [, strange] = FieldInput.offered(store, field(option.user)) ?? []
    assert.deepInclude(strange, { value: eve, sign: "/avatars/2/eve.png" })
    for (const type of [option.user, option.mentionable])
      for (const typed of ["eve", `<@${eve}>`, eve])
        assert.deepStrictEqual(read(field(type), typed), { value: eve }, typed)
    const nobody = "100000000000000404"
    assert.deepStrictEqual(read(field(option.user), nobody), { problem: `Nobody here has the id ${nobody}` })
    assert.deepStrictEqual(read(field(option.role), "Crew"), { problem: "No role is called Crew" })
  })

  it("suggests what begins like it first", () => {
    const all = ["Oats", "Toast"].map((label) => ({ label, value: label }))
    assert.deepStrictEqual(
      FieldInput.matching(all, "oa").map(({ label }) => label),
      ["Oats", "Toast"],
    )
    assert.deepStrictEqual(
      FieldInput.matching(all, "to").map(({ label }) => label),
      ["Toast"],
    )
  })
})
