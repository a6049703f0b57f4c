import { describe, expect, it } from "@effect/vitest"
import { Effect, Either, FastCheck as fc, Schema } from "effect"
import * as Param from "../../src/command/Param.js"

const nothing = () => Either.left("nothing here")
const resolve: Param.Resolve = {
  user: nothing,
  member: nothing,
  channel: nothing,
  role: nothing,
  mentionable: nothing,
  attachment: nothing,
  message: nothing,
}
const read = <A>(
  param: Param.Param<A>,
  value: string | number | boolean,
  input: "option" | "word" = "word",
) => Effect.runSync(Effect.either(param.decode({ value, input, resolve })))

describe("Param", () => {
  it("says what was expected, with its bounds", () => {
    expect(read(Param.integer("n", { min: 1, max: 14 }), "15")).toEqual(
      Either.left("a whole number from 1 to 14"),
    )
    expect(read(Param.integer("n"), "1.5")).toEqual(Either.left("a whole number"))
    expect(read(Param.string("s", { max: 3 }), "four")).toEqual(Either.left("text of at most 3 characters"))
    expect(read(Param.string("s", { choices: ["red", "green"] }), "blue")).toEqual(
      Either.left("one of red, green"),
    )
  })

  it("takes a choice by what is shown or by what it stands for", () => {
    const size = Param.integer("size", { choices: { Small: 1, Large: 2 } })
    expect(read(size, "large")).toEqual(Either.right(2))
    expect(read(size, "1")).toEqual(Either.right(1))
    expect(read(size, 2, "option")).toEqual(Either.right(2))
  })

  it("reads yes and no as people write them", () => {
    for (const word of ["yes", "ON", "true", "1", "y"])
      expect(read(Param.boolean("b"), word)).toEqual(Either.right(true))
    for (const word of ["no", "Off", "false", "0", "n"])
      expect(read(Param.boolean("b"), word)).toEqual(Either.right(false))
    expect(read(Param.boolean("b"), "maybe")).toEqual(Either.left("yes or no"))
  })

  it("puts any Schema on top, with the schema's own words", () => {
    const boat = Param.string("Its name").pipe(
      Param.decode(
        Schema.String.pipe(
          Schema.filter((name) => name.startsWith("M/V "), { message: () => "a name that starts with M/V" }),
          Schema.brand("Boat"),
        ),
      ),
    )
    expect(read(boat, "M/V Elly")).toEqual(Either.right("M/V Elly"))
    expect(read(boat, "Elly")).toEqual(Either.left("a name that starts with M/V"))
  })

  it("gives the default where nothing was given", () => {
    expect(Param.withDefault(Param.integer("n"), 1).absent()).toBe(1)
    expect(Param.optional(Param.string("s")).absent()).toBeUndefined()
  })

  it("takes a mention or an id for a user, and nothing else", () => {
    const seen: Array<string> = []
    const user = (text: string) =>
      Effect.runSync(
        Effect.either(
          Param.user("u").decode({
            value: text,
            input: "word",
            resolve: {
              ...resolve,
              user: (id) => {
                seen.push(id)
                return Either.left("found")
              },
            },
          }),
        ),
      )
    user("<@123456789012345678>")
    user("<@!123456789012345679>")
    user("123456789012345670")
    expect(seen).toEqual(["123456789012345678", "123456789012345679", "123456789012345670"])
    expect(user("cleo")).toEqual(Either.left("a user"))
    expect(user("<#123456789012345678>")).toEqual(Either.left("a user"))
  })

  it.prop("reads every whole number back", [fc.maxSafeInteger()], ([n]) => {
    expect(read(Param.integer("n"), String(n))).toEqual(Either.right(n))
    expect(read(Param.integer("n"), n, "option")).toEqual(Either.right(n))
  })

  it.prop(
    "reads every finite number back as it is written",
    [fc.double({ noNaN: true, noDefaultInfinity: true })],
    ([n]) => {
      // A minus zero is written "0".
      expect(read(Param.number("n"), String(n))).toEqual(Either.right(n + 0))
    },
  )

  it.prop(
    "keeps within bounds, whatever is typed",
    [fc.oneof(fc.string(), fc.integer().map(String), fc.double().map(String)), fc.integer(), fc.nat(1_000)],
    ([typed, min, width]) => {
      const decoded = read(Param.integer("n", { min, max: min + width }), typed)
      if (Either.isRight(decoded)) {
        expect(Number.isSafeInteger(decoded.right)).toBe(true)
        expect(decoded.right).toBeGreaterThanOrEqual(min)
        expect(decoded.right).toBeLessThanOrEqual(min + width)
      }
    },
  )
})
