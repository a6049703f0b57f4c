import { describe, expect, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import * as Line from "../../src/cli/Line.js"

const sayIt = (text: string, files: ReadonlyArray<string> = []) => ({ _tag: "Say", text, files })

const defined = (value: object) =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined))

describe("Line", () => {
  it("reads who, where and what", () => {
    expect(Line.parse("cleo #tryouts> hi")).toEqual({
      _tag: "Act",
      person: "cleo",
      channel: "tryouts",
      deed: { _tag: "Say", text: "hi", files: [] },
    })
    expect(Line.parse("/userinfo (user) @dan")).toMatchObject({
      deed: { _tag: "Menu", on: "user", command: "userinfo", target: "@dan" },
    })
  })

  it.each([
    ['cleo> click "Confirm"', { _tag: "Press", label: "Confirm", values: [] }],
    ["click Go on", { _tag: "Press", label: "Go on", values: [] }],
    ["[Colour] red, blue", { _tag: "Press", label: "Colour", values: ["red", "blue"] }],
    ['pick "one, or so", "two"', { _tag: "Pick", menu: undefined, values: ["one, or so", "two"] }],
    ["pick one, two", { _tag: "Pick", menu: undefined, values: ["one", "two"] }],
    ['pick menu:"The colour" "red"', { _tag: "Pick", menu: "The colour", values: ["red"] }],
    ["pick menu:colour", { _tag: "Pick", menu: "colour", values: [] }],
    ['submit name:"a b" age:3', { _tag: "Submit", text: 'name:"a b" age:3' }],
    ["dms off", { _tag: "Dms", open: false }],
    ["react 👍", { _tag: "React", emoji: "👍", text: undefined }],
    ['cleo> react 🇫🇷 "Sure?"', { _tag: "React", emoji: "🇫🇷", text: "Sure?" }],
    ["react 1️⃣", { _tag: "React", emoji: "1️⃣", text: undefined }],
    ["delete", { _tag: "Delete", text: undefined }],
    ['delete "a \\"b\\""', { _tag: "Delete", text: 'a "b"' }],
    ["suggest /work fruit:ap", { _tag: "Suggest", text: "work fruit:ap" }],
    ["dms on", { _tag: "Dms", open: true }],
    ['say "look \\\\ \\"here\\"" file:a.txt file:"b c.png"', sayIt('look \\ "here"', ["a.txt", "b c.png"])],
    ["say file:a.txt", sayIt("", ["a.txt"])],
    ['say "click"', sayIt("click")],
    ["join @dora", { _tag: "Join", name: "dora" }],
    ["leave @Bosun", { _tag: "Leave", name: "Bosun" }],
    ["cleo> flood 1000", { _tag: "Flood", count: 1000, text: undefined }],
    ['flood 3 "buy \\"now\\""', { _tag: "Flood", count: 3, text: 'buy "now"' }],
    // Sentences that only begin like that.
    ["join us", sayIt("join us")],
    ["leave @cleo alone", sayIt("leave @cleo alone")],
    ["flood of tears", sayIt("flood of tears")],
    ["say hello to her", sayIt("say hello to her")],
    ['say "hi" to her', sayIt('say "hi" to her')],
    ["react to her", sayIt("react to her")],
    ["react 👍 please", sayIt("react 👍 please")],
    ["delete it", sayIt("delete it")],
    ["suggest something", sayIt("suggest something")],
    ["clicks", sayIt("clicks")],
    ["click", sayIt("click")],
    ["dms are off", sayIt("dms are off")],
  ] as const)("reads %j", (line, deed) => {
    expect(Line.parse(line)).toMatchObject({ _tag: "Act", deed })
  })

  it("reads quoted lists back, and names fields so that they can be typed", () => {
    const value = fc.string({ minLength: 1 })
    fc.assert(
      fc.property(fc.array(value), (values) => {
        expect(Line.list(values.map(Line.quoted).join(", "))).toEqual(values)
      }),
    )
    expect(Line.fieldName("age", "Your age")).toBe("age")
    expect(Line.fieldName("x".repeat(60), "Your age")).toBe("your-age")
    expect(Line.fieldName("x".repeat(60), "When: now?")).toBe("x".repeat(60))
    expect(Line.namesIn('a:1 b:"c: d:2" your-age:3')).toEqual(["a", "b", "your-age"])
  })

  it("lets a value run to the next option", () => {
    expect(Line.options("text:hello there: you times:2", ["text", "times"])).toEqual({
      _tag: "Values",
      values: { text: "hello there: you", times: "2" },
    })
  })

  it.each([
    ["fruit:ap", "fruit", { fruit: "ap" }],
    ["where:here fruit:", "fruit", { where: "here" }],
    ["fruit:ap where:", "where", { fruit: "ap" }],
    ["", undefined, {}],
  ])("knows which option is being typed in %j", (text, name, values) => {
    expect(Line.typing(text, ["fruit", "where"])).toEqual({ name, read: { _tag: "Values", values } })
  })

  it.each([
    ["hi", "ada> hi"],
    ["#tryouts> hi", "ada #tryouts> hi"],
    ["cleo> hi", "cleo> hi"],
    [" @cleo #dm> hi", "@cleo #dm> hi"],
  ])("says whose line %j is, as it can be typed again", (line, whose) => {
    expect(Line.attributed(line, "ada")).toBe(whose)
    expect(Line.parse(whose)).toEqual({ person: "ada", ...defined(Line.parse(line)) })
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
