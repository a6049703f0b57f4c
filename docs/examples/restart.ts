import { expect, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import * as Discord from "bosun/Discord"
import * as Message from "bosun/Message"
import * as Route from "bosun/Route"
import * as Signer from "bosun/Signer"
import { Kit } from "bosun/testing"
import * as berths from "./routes.js"

// Two bots with one secret: one bot, before its restart and after it.
const options = { bot: { signer: Signer.layer([Redacted.make("a secret for this test")]) } }

it.effect("a button that was made before a restart works after it", () =>
  Effect.gen(function* () {
    const button = yield* Kit.run(berths.layer, options, () =>
      Route.button(
        berths.review,
        { request: "1", guest: "2", nights: 3, verdict: "accepted" },
        { label: "Accept" },
      ),
    )
    yield* Kit.run(berths.layer, options, ({ ada, guild, world }) =>
      Effect.gen(function* () {
        // Each run has a Discord of its own, so the message is put there again.
        const discord = yield* Discord.Discord
        const [channel] = [...world.channels.values()].filter(({ guildId }) => guildId === guild.id)
        yield* discord.send(
          channel!.id,
          Message.make({ content: "A request.", components: [{ type: 1, components: [button] }] }),
        )
        const turn = yield* ada.click("Accept")
        expect((yield* turn.outcome)._tag).toBe("Completed")
        const [card] = yield* ada.sees
        expect(card?.content).toMatch(/^3 nights for <@2>: accepted by/u)
      }),
    )
  }),
)
