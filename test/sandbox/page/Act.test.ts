import { assert, describe, it } from "@effect/vitest"
import { Either } from "effect"
import * as Act from "../../../src/sandbox/page/Act.js"

describe("Act", () => {
  const wrong = (body: unknown): string => Either.getOrThrow(Either.flip(Act.read(body)))

  it("says in words of a person what is wrong, and what to do", () => {
    assert.strictEqual(
      wrong({ _tag: "Advance", millis: 8_640_000_000 }),
      "The clock moves by a day at most at once.",
    )
    assert.strictEqual(
      wrong({ _tag: "Advance", millis: 0 }),
      "The clock moves forward only, by a millisecond at least.",
    )
    assert.strictEqual(wrong({ _tag: "Say", channel: "1" }), "The text is missing.")
    assert.strictEqual(
      wrong({ _tag: "Say", channel: "1", content: "a".repeat(10_001) }),
      "The text is too long: leave some of it out, down to 10,000 characters.",
    )
    assert.strictEqual(
      wrong({
        _tag: "Say",
        channel: "1",
        content: "",
        files: [{ name: "a", contentType: "a/b", base64: "?" }],
      }),
      "The file did not arrive whole: choose the file again.",
    )
    for (const body of [
      null,
      {},
      { _tag: "Dance" },
      { _tag: "Slash", channel: "1", command: "ping", values: { a: [] } },
    ])
      assert.notMatch(wrong(body), /Expected|actual|\{|readonly/u)
  })
})
