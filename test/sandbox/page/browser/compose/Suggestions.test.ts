import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import * as Suggestions from "../../../../../src/sandbox/page/browser/compose/Suggestions.js"

describe("Suggestions", () => {
  it.prop(
    "suggests nothing but what answers the text that stands there now",
    { asked: fc.string(), text: fc.string() },
    ({ asked, text }) => {
      const entry = { text, asked: { id: "1", text: asked } }
      const rows = Suggestions.of(entry, new Map([["1", [{ name: "alpha", value: "a" }]]]))
      assert.deepStrictEqual(rows, asked === text ? [{ label: "alpha", value: "a" }] : [])
      assert.deepStrictEqual(Suggestions.of({ ...entry, text: asked }, new Map()), [])
    },
  )
})
