import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Field from "./Field.js"

/** Up to the last answer: the card is on its way. */
const sent = ({ cleo, open, role, send, thread }: Field.Field) =>
  Effect.gen(function* () {
    yield* open({ role: role.name })
    yield* cleo.run("tryout apply")
    yield* send(cleo, thread(cleo))
  })

const applied = (field: Field.Field) =>
  Effect.gen(function* () {
    yield* sent(field)
    yield* field.cleo.sees(field.thread(field.cleo), "is sent")
    return yield* field.ada.live("tryouts", "Application for Keepers")
  })

const reason = (person: Field.Person, text: string) =>
  Effect.gen(function* () {
    yield* Effect.sleep("1 second")
    yield* person.actor.submit(person.actor.modals().at(-1)!, { reason: text })
    yield* Effect.sleep("1 second")
  })

const cards = ({ ada }: Field.Field) =>
  Effect.map(ada.actor.history("tryouts"), (all) =>
    all.filter((one) => Field.textOf(one).includes("Application for Keepers")),
  )

describe("a card", () => {
  it("loses its buttons where the reason was corrected, and the manager is told privately", () =>
    Field.play((field) =>
      Effect.gen(function* () {
        const { ada, cleo } = field
        const card = yield* applied(field)
        yield* ada.actor.press(card.id, "Reject")
        yield* reason(ada, "   ")
        yield* ada.press("tryouts", "must be", "Correct")
        yield* reason(ada, "Too young")
        yield* cleo.sees("dm", "was rejected: Too young")
        const word = yield* ada.sees("tryouts", "Rejected. The applicant was told.")
        expect(word.ephemeralFor).toBe(ada.actor.user.id)
        expect(Field.isLive(card)).toBe(false)
        expect(Field.textOf(card)).toContain("**Rejected**")
      }),
    ))

  it("keeps its buttons where it was pressed as it appeared and the role could not be given", () =>
    Field.play((field) =>
      Effect.gen(function* () {
        const { ada, cleo, guild, role, sandbox } = field
        // The card is there before the bot knows.
        const clear = sandbox.faults.slow(
          { method: "POST", path: /channels\/\d+\/messages/u },
          { answer: 1_000 },
        )
        yield* sent(field)
        const card = yield* ada.live("tryouts", "Application for Keepers")
        sandbox.faults.answerNext({
          method: "PUT",
          path: /roles/u,
          status: 403,
          body: { code: 50_013, message: "" },
        })
        sandbox.faults.slow({ method: "PUT", path: /roles/u }, { answer: 3_000 })
        const turn = yield* ada.actor.press(card.id, "Approve")
        expect(yield* Field.outcomeOf(turn)).toContain("Give me the permission Manage Roles")
        clear()
        sandbox.faults.clear()
        yield* Effect.sleep("5 seconds")
        expect(Field.isLive(card)).toBe(true)
        yield* ada.actor.press(card.id, "Approve")
        yield* cleo.sees("dm", "was approved")
        expect(guild.members.get(cleo.actor.user.id)?.roles).toContain(role.id)
      }),
    ))

  it("is the only one where a review posts it too, while it is on its way", () =>
    Field.play((field) =>
      Effect.gen(function* () {
        const { ada, cleo, open, sandbox, thread } = field
        yield* open()
        yield* cleo.run("tryout apply")
        yield* field.send(cleo, thread(cleo)).pipe(Effect.fork)
        yield* cleo.live(thread(cleo), "Look over your answers")
        const fast = sandbox.faults.slow(
          { method: "POST", path: /channels\/\d+\/messages/u },
          { request: 1_500 },
        )
        yield* Effect.sleep("200 millis")
        yield* ada.run("tryout review")
        yield* Effect.sleep("10 seconds")
        fast()
        const live = (yield* cards(field)).filter(Field.isLive)
        expect(live).toHaveLength(1)
        yield* ada.actor.press(live[0]!.id, "Approve")
        yield* cleo.sees("dm", "was approved")
      }),
    ))

  it("that was left over is put right when it is pressed", () =>
    Field.play((field) =>
      Effect.gen(function* () {
        const { ada, sandbox } = field
        const old = yield* applied(field)
        // The removal of the one before fails.
        sandbox.faults.answerNext({
          method: "DELETE",
          path: /messages/u,
          status: 403,
          body: { code: 50_013, message: "" },
        })
        yield* ada.run("tryout review", { again: true })
        yield* Effect.sleep("2 seconds")
        const [first, second] = (yield* cards(field)).filter(Field.isLive)
        expect(first?.id).toBe(old.id)
        yield* ada.actor.press(second!.id, "Approve")
        yield* Effect.sleep("5 seconds")
        expect(Field.isLive(second!)).toBe(false)
        const turn = yield* ada.actor.press(old.id, "Reject")
        expect(yield* Field.outcomeOf(turn)).toContain("has already approved it.")
        yield* Effect.sleep("2 seconds")
        expect(Field.isLive(old)).toBe(false)
        expect(Field.textOf(old)).toContain("**Approved**")
      }),
    ))

  it("says that an application lapsed which was asked again before the try-out was closed", () =>
    Field.play((field) =>
      Effect.gen(function* () {
        const { ada } = field
        const card = yield* applied(field)
        yield* ada.actor.press(card.id, "Ask again")
        yield* reason(ada, "Which club?")
        expect(Field.textOf(card)).toContain("**Asked again**")
        yield* ada.run("tryout close", { name: "Keepers" })
        expect(Field.textOf(card)).toContain("**Lapsed**")
      }),
    ))
})
