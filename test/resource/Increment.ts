/** A program of its own: adds one to a document so many times. `node Increment.js file times` */
import { Effect, Schema } from "effect"
import * as Document from "../../src/resource/Document.js"

const [file = "", times = "1"] = process.argv.slice(2)

const program = Effect.gen(function* () {
  const document = yield* Document.make({
    file,
    schema: Schema.Struct({ count: Schema.Number, filler: Schema.optional(Schema.String) }),
    initial: { count: 0 },
    within: "60 seconds",
  })
  for (let n = 0; n < Number(times); n++)
    yield* document.modify(({ count }) =>
      Effect.succeed([undefined, { count: count + 1, filler: "x".repeat(20_000) }] as const),
    )
})

await Effect.runPromise(program)
