import { Effect } from "effect"
import * as Bot from "bosun/Bot"
import * as Command from "bosun/Command"
import * as Reply from "bosun/Reply"
import type { Redacted } from "effect"

// A coroutine function is a function that returns an effect. Calling it starts nothing, as in asyncio.
export const fetchBerths = Effect.fnUntraced(function* (harbour: string) {
  yield* Effect.sleep("10 millis")
  return harbour.length
})

// The forgotten await: an effect that nobody runs. In asyncio a warning at run time, if at all; here
// `npm run types` fails at this line: "Effect must be yielded or assigned to a variable".
//
//   fetchBerths("Kiel")

const berths = Command.make("berths", { description: "Counts berths" }, () =>
  Effect.map(fetchBerths("Kiel"), (n) => Reply.text(`${n} berths`)),
)

// asyncio.run(main()) and bot.run(token): one entry, once, at the edge of the program. `Cli.run(layer)` does it
// for a whole program; here the same without a command line: `NodeRuntime.runMain(main(token))`.
export const features = Command.layer(berths)
export const main = (token: Redacted.Redacted) => Bot.run(features, { token })
