import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as People from "../../src/features/moderation/People.js"
import { CaseStore } from "../../src/features/moderation/Store.js"
import * as Kit from "../../src/testing/Kit.js"
import * as Field from "./ModerationField.js"

describe("acts on one person", () => {
  it.effect("wait for each other, so that what is sent again undoes nobody else's", () =>
    Kit.run(Field.layer, (kit) =>
      Effect.gen(function* () {
        const { ada, ben, clock, guild, leftovers, member, sandbox } = kit
        const eve = member("eve")
        yield* ben.run(People.ban, { user: eve })
        yield* clock.runToIdle
        // Carried out, and nobody hears of it.
        sandbox.faults.answerNext({ method: "DELETE", path: /bans/u, status: 502, carryOut: true })
        const lifted = yield* ben.run(People.unban, { user: eve })
        yield* clock.advance("100 millis")
        expect(guild.bans.has(eve.id)).toBe(false)
        const banned = yield* ada.run(People.ban, { user: eve })
        yield* clock.runToIdle
        expect((yield* lifted.outcome)._tag).toBe("Completed")
        expect((yield* banned.outcome)._tag).toBe("Completed")
        expect(guild.bans.has(eve.id)).toBe(true)
        const cases = yield* (yield* CaseStore).list(guild.id, { limit: 10 })
        expect(cases.map(({ kind, status }) => `${kind} ${status}`)).toEqual([
          "ban done",
          "unban done",
          "ban done",
        ])
        expect(yield* leftovers).toEqual([])
      }),
    ),
  )
})
