import { assert, describe, it } from "@effect/vitest"
import type { Json } from "../../../../../src/sandbox/page/browser/message/Component.js"
import * as ModalField from "../../../../../src/sandbox/page/browser/modal/ModalField.js"

const field = (component: Json): ModalField.Field => {
  const found = ModalField.of({ type: 18, label: "It", component: { custom_id: "it", ...component } })
  return found ?? assert.fail("no field")
}
const options = ["a", "b", "c"].map((value) => ({ label: value, value }))

describe("ModalField", () => {
  it("says what is wrong with a text", () => {
    const name = field({ type: 4, min_length: 3, max_length: 5 })
    assert.strictEqual(ModalField.problem(name, " "), "This is required")
    assert.strictEqual(ModalField.problem(name, "ab"), "Must be at least 3 characters; there are 2")
    assert.strictEqual(ModalField.problem(name, "abcdef"), "Must be at most 5 characters; there are 6")
    assert.isUndefined(ModalField.problem(name, "🎉🎉🎉"))
    assert.isUndefined(ModalField.problem(field({ type: 4, min_length: 3, required: false }), ""))
  })

  it("counts what is chosen", () => {
    const two = field({ type: 3, min_values: 2, max_values: 2, options })
    assert.strictEqual(ModalField.problem(two, ["a"]), "At least 2 choices are wanted")
    assert.isUndefined(ModalField.problem(two, ["a", "b"]))
    assert.strictEqual(ModalField.problem(two, ["a", "b", "c"]), "At most 2 choices are taken")
    assert.strictEqual(ModalField.problem(field({ type: 21, options }), []), "This is required")
    assert.isUndefined(ModalField.problem(field({ type: 21, options, required: false }), []))
    // All of a group of checkboxes may be checked, where nothing else is said.
    assert.isUndefined(ModalField.problem(field({ type: 22, options }), ["a", "b", "c"]))
    assert.strictEqual(ModalField.problem(field({ type: 19 }), []), "This is required")
  })

  it("a single checkbox is never wrong", () => {
    assert.isUndefined(ModalField.problem(field({ type: 23 }), false))
  })

  it("begins with what the bot put in", () => {
    const chosen = options.map((one) => ({ ...one, default: one.value === "b" }))
    assert.strictEqual(ModalField.initial(field({ type: 4, value: "x" })), "x")
    assert.deepStrictEqual(ModalField.initial(field({ type: 3, options: chosen })), ["b"])
    assert.deepStrictEqual(
      ModalField.initial(field({ type: 5, default_values: [{ id: "1", type: "user" }] })),
      ["1"],
    )
    assert.strictEqual(ModalField.initial(field({ type: 23, default: true })), true)
  })

  it("reads the older shape, of which the label is the field's own; text alone is no field", () => {
    const older = ModalField.of({ type: 1, components: [{ type: 4, custom_id: "n", label: "Name" }] })
    assert.strictEqual(older?.label, "Name")
    assert.isUndefined(ModalField.of({ type: 10, content: "Hello" }))
  })
})
