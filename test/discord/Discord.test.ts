import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import * as Discord from "../../src/discord/Discord.js"
import * as Kit from "../../src/testing/Kit.js"

describe("Discord", () => {
  it.effect("takes an act for done where Discord's status says so, whatever its answer has besides", () =>
    Kit.run(Layer.empty, ({ guild, member, sandbox }) =>
      Effect.gen(function* () {
        const discord = yield* Discord.Discord
        const { id } = member("eve")
        sandbox.faults.once({ kind: "malformed", method: "DELETE" })
        yield* discord.kick(guild.id, id, "Rude")
        expect(sandbox.faults.counts()).toEqual({ malformed: 1 })
        expect(guild.members.has(id)).toBe(false)
      }),
    ),
  )
})
