import { assert, describe, it } from "@effect/vitest"
import * as Shortcodes from "../../../../../src/sandbox/page/browser/compose/Shortcodes.js"
import * as Store from "../../../../../src/sandbox/page/browser/Store.js"

describe("Shortcodes", () => {
  const sent = (text: string) => Shortcodes.sent(Store.make(), text)

  it("makes names between colons the emoji, but in code, in links and where there is none", () => {
    assert.strictEqual(sent(" up :anchor: and :Rocket:! "), "up ⚓ and 🚀!")
    for (const text of [
      "`:anchor:`",
      "<:anchor:100000000000000001>",
      "https://a.example/:anchor:",
      "at 12:30:45",
      ":no:",
    ])
      assert.strictEqual(sent(text), text)
  })

  it("leaves a blank before a slash, which makes it a text", () => {
    assert.strictEqual(sent("  /ping"), " /ping")
    assert.strictEqual(sent("/ping "), "/ping")
    assert.strictEqual(sent("  ping"), "ping")
  })
})
