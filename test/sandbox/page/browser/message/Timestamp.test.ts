import { assert, describe, it } from "@effect/vitest"
import * as Timestamp from "../../../../../src/sandbox/page/browser/message/Timestamp.js"

const at = 1_700_000_000_000
const minute = 60_000

describe("Timestamp", () => {
  it("is relative to the sandbox's time", () => {
    const said = (from: number) => Timestamp.styled(at, "R", at - from)
    assert.notStrictEqual(said(5 * minute), said(6 * minute))
    assert.include(said(5 * minute), "5")
    assert.include(said(-3 * 24 * 60 * minute), "3")
  })

  it("an unknown style is the ordinary one", () => {
    assert.strictEqual(Timestamp.styled(at, undefined, at), Timestamp.styled(at, "f", at))
    assert.notStrictEqual(Timestamp.styled(at, "d", at), Timestamp.styled(at, "D", at))
  })

  it("says how long something takes", () => {
    assert.strictEqual(Timestamp.span(2 * 60 * minute), "2 hours")
    assert.strictEqual(Timestamp.span(1000), "1 second")
    assert.strictEqual(Timestamp.span(-5), "0 seconds")
  })

  it("knows what a date can hold", () => {
    assert.isTrue(Timestamp.isWritable(at))
    assert.isFalse(Timestamp.isWritable(9e15))
  })

  it("reads when an id was made", () => {
    assert.strictEqual(Timestamp.ofId(String(BigInt(at - 1_420_070_400_000) << 22n)), at)
  })
})
