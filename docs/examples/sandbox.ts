import { expect, it } from "@effect/vitest"
import { Plan, Sandbox, Server } from "bosun/sandbox"
import { Client, Events, GatewayIntentBits } from "discord.js"
import { Effect, Either, Layer } from "effect"

// Any client of any library: this one is a stock discord.js bot that answers /ahoy.
const bot = (api: string) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const client = new Client({ intents: [GatewayIntentBits.Guilds], rest: { api } })
      client.on(Events.InteractionCreate, (interaction) => {
        // Its answer may still be on its way when the test ends.
        if (interaction.isChatInputCommand()) interaction.reply("Ahoy!").catch(() => {})
      })
      const ready = new Promise((resolve) => client.once(Events.ClientReady, resolve))
      await client.login("any-token-will-do")
      await ready
      await client.application?.commands.create({ name: "ahoy", description: "Greets" })
      return client
    }),
    (client) => Effect.promise(() => client.destroy()),
  )

const sandbox = Server.layer({ port: 0 }).pipe(Layer.provideMerge(Sandbox.layer()))

it.scopedLive("a stock bot greets Ada, also while its socket drops and Discord is slow", () =>
  Effect.gen(function* () {
    const { actor, faults } = yield* Sandbox.Sandbox
    const { url } = yield* Server.Server
    yield* bot(url)
    const ada = yield* actor("ada")

    faults.follow(Either.getOrThrow(Plan.parse("seed=7; latency 20..80ms; drop 100% times=1")))
    const turn = yield* ada.slash("general", "ahoy")
    yield* turn.settled
    const [answer] = (yield* ada.history("general")).filter(({ interaction }) => interaction?.id === turn.id)
    expect(answer?.content).toBe("Ahoy!")
  }).pipe(Effect.provide(sandbox)),
)
