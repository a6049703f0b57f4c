import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import * as Link from "../../../../../src/sandbox/page/browser/message/Link.js"

describe("Link", () => {
  it("goes to the web and to mailboxes", () => {
    assert.strictEqual(Link.of("https://example.org/a?b=c"), "https://example.org/a?b=c")
    assert.strictEqual(Link.of("mailto:ada@example.org"), "mailto:ada@example.org")
  })

  it("goes nowhere else", () => {
    const targets = [
      "javascript:alert(1)",
      " JaVaScRiPt:alert(1)",
      "java\nscript:alert(1)",
      "data:text/html,x",
      "file:///x",
    ]
    for (const target of [...targets, "blob:x", "//example.org", "x", "", undefined, 1])
      assert.isUndefined(Link.of(target), String(target))
  })

  it.prop(
    "whatever is given, a link that is left has a harmless protocol",
    [fc.oneof(fc.string(), fc.webUrl())],
    ([target]) => {
      const href = Link.of(target)
      if (href !== undefined) assert.match(href, /^(https?|mailto):/)
    },
  )
})
