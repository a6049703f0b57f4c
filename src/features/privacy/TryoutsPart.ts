/**
 * What the try-outs have stored of people and servers.
 *
 * @module
 */
import { Effect, Layer } from "effect"
import { Stored } from "../guild/Stored.js"
import { TryoutStore } from "../tryouts/Store.js"

export const layer: Layer.Layer<never, never, Stored | TryoutStore> = Layer.scopedDiscard(
  Effect.gen(function* () {
    const store = yield* TryoutStore
    yield* (yield* Stored).register({
      name: "try-outs",
      exportUser: (userId) =>
        Effect.map(store.exportUser(userId), ({ applications, decided, opened }) => [
          ...applications.map((application) => ({ kind: "application", ...application })),
          ...opened.map((tryout) => ({ kind: "try-out that you opened", ...tryout })),
          ...decided.map((one) => ({ kind: "decision of yours", ...one })),
        ]),
      eraseUser: (userId) =>
        Effect.map(store.eraseUser(userId), ({ anonymised, erased }) => ({
          erased,
          ...(anonymised + erased === 0 ? {} : { kept: keptOf(anonymised, erased) }),
        })),
      forgetGuild: store.forgetGuild,
      guilds: store.guilds,
    })
  }),
)

const keptOf = (anonymised: number, erased: number): string => {
  const kept = [
    ...(anonymised === 0 ? [] : ["what you opened, or decided for others, stays without your name"]),
    ...(erased === 0
      ? []
      : ["messages that were posted of it are their server's, whose managers can delete them"]),
  ]
  return `${kept.join("; ")}.`
}
