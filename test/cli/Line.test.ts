import { describe, expect, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import * as Line from "../../src/cli/Line.js"

describe("Line", () => {
  it("reads who, where and what", () => {
    expect(Line.parse("cleo #tryouts> hi")).toEqual({
      _tag: "Act",
      person: "cleo",
      channel: "tryouts",
      deed: { _tag: "Say", text: "hi" },
    })
    expect(Line.parse("/userinfo (user) @dan")).toMatchObject({
      deed: { _tag: "Menu", on: "user", command: "userinfo", target: "@dan" },
    })
  })

  it("lets a value run to the next option", () => {
    expect(Line.options("text:hello there: you times:2", ["text", "times"])).toEqual({
      _tag: "Values",
      values: { text: "hello there: you", times: "2" },
    })
  })

  it("takes any line", () => {
    fc.assert(fc.property(fc.string(), (line) => void expect(Line.parse(line)._tag).toBeTypeOf("string")))
    fc.assert(
      fc.property(
        fc.string(),
        (line) => void expect(["Values", "Wrong"]).toContain(Line.options(line, ["a"])._tag),
      ),
    )
  })

  it("reads quoted values back", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        const line = `a:${Line.quoted(a)} b:${Line.quoted(b)}`
        expect(Line.options(line, ["a", "b"])).toEqual({ _tag: "Values", values: { a, b } })
      }),
    )
  })
})
