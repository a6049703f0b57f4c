import { describe, expect, it } from "@effect/vitest"
import { GatewayDispatchEvents } from "discord-api-types/v10"
import { Context, Effect, Layer, Scope, Exit } from "effect"
import { Client } from "../../src/discord/Client.js"
import * as Listener from "../../src/discord/Listener.js"
import { Kit } from "../../src/testing/index.js"

class Book extends Context.Tag("Book")<Book, { readonly lines: Array<string> }>() {
  static readonly layer = Layer.sync(Book, () => ({ lines: [] }))
}
const note = (line: string) => Effect.flatMap(Book, ({ lines }) => Effect.sync(() => lines.push(line)))
const lines = Effect.map(Book, (book) => book.lines)

describe("Listener", () => {
  it.effect(
    "runs an effect for each event, with its services; one that fails, dies or throws touches no other",
    () => {
      const features = Layer.mergeAll(
        Listener.layer("messageCreate", ({ content }) =>
          Effect.zipRight(note(`fails ${content}`), Effect.fail("no")),
        ),
        Listener.layer("messageCreate", ({ content }) =>
          Effect.zipRight(note(`dies ${content}`), Effect.die("oh")),
        ),
        Listener.layer("messageCreate", (): Effect.Effect<void> => {
          throw new Error("before it is an effect")
        }),
        Layer.scopedDiscard(
          Listener.each("messageCreate", () => {
            throw new Error("and plainly")
          }),
        ),
        Listener.layer("messageCreate", ({ content }) => note(`well ${content}`)),
      ).pipe(Layer.provideMerge(Book.layer))
      return Kit.run(features, ({ ada, clock, leftovers, transcript }) =>
        Effect.gen(function* () {
          yield* ada.say("one")
          yield* clock.runToIdle
          yield* ada.say("two")
          yield* clock.runToIdle
          expect(yield* lines).toEqual([
            "fails one",
            "dies one",
            "well one",
            "fails two",
            "dies two",
            "well two",
          ])
          const said = (yield* transcript).filter((line) => line.includes("listener messageCreate failed"))
          expect(said).toHaveLength(6)
          expect((yield* transcript).some((line) => line.includes("A listener of messageCreate threw"))).toBe(
            true,
          )
          expect(yield* leftovers).toEqual([])
        }),
      )
    },
  )

  it.effect("is on the roster by name while it runs, and has the grace at shutdown", () => {
    const features = Listener.layer("messageCreate", () => Effect.delay(note("done"), "3 seconds"), {
      name: "greet",
    }).pipe(Layer.provideMerge(Book.layer))
    return Kit.run(features, ({ ada, clock, roster, shutdown }) =>
      Effect.gen(function* () {
        yield* ada.say("hello")
        yield* clock.settle
        expect(yield* roster).toMatchObject([{ kind: "listener", name: "greet" }])
        yield* shutdown("5 seconds")
        expect(yield* lines).toEqual(["done"])
        // Nothing is begun any more, and nobody is hurt.
        yield* ada.say("late")
        yield* clock.advance("10 seconds")
        expect(yield* lines).toEqual(["done"])
      }),
    )
  })

  it.effect("is taken off with its scope", () =>
    Kit.run(Book.layer, ({ ada, clock }) =>
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        const { discordJs } = yield* Client
        const before = discordJs.listenerCount("messageCreate")
        yield* Scope.extend(
          Listener.on("messageCreate", ({ content }) => note(content)),
          scope,
        )
        yield* Scope.extend(
          Effect.flatMap(lines, (book) =>
            Listener.packets(GatewayDispatchEvents.MessageCreate, ({ content }) =>
              book.push(`raw ${content}`),
            ),
          ),
          scope,
        )
        yield* ada.say("one")
        yield* clock.runToIdle
        yield* Scope.close(scope, Exit.void)
        expect(discordJs.listenerCount("messageCreate")).toBe(before)
        yield* ada.say("two")
        yield* clock.runToIdle
        expect(yield* lines).toEqual(["raw one", "one"])
      }),
    ),
  )

  it.effect("shows packets as they came, also to several; one that throws touches no other", () => {
    const seen: Array<string> = []
    const features = Layer.scopedDiscard(
      Effect.gen(function* () {
        yield* Listener.packets(GatewayDispatchEvents.MessageCreate, () => {
          throw new Error("no")
        })
        yield* Listener.packets(GatewayDispatchEvents.MessageCreate, ({ author, content }) => {
          seen.push(`${author.username}: ${content}`)
        })
      }),
    )
    return Kit.run(features, ({ ada, ben, clock }) =>
      Effect.gen(function* () {
        yield* ada.say("one")
        yield* ben.say("two")
        yield* clock.runToIdle
        expect(seen).toEqual(["ada: one", "ben: two"])
      }),
    )
  })
})
