import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "effect/FastCheck"
import * as Guilds from "../../src/sandbox/world/Guilds.js"
import { Bit } from "../../src/sandbox/world/Permissions.js"
import * as Field from "./Field.js"

/** Up to the card in #tryouts. */
const applied = ({ ada, cleo, open, role, send, thread }: Field.Field) =>
  Effect.gen(function* () {
    yield* open({ role: role.name })
    yield* cleo.run("tryout apply")
    yield* send(cleo, thread(cleo))
    yield* cleo.sees(thread(cleo), "is sent")
    return yield* ada.live("tryouts", "Application for Keepers")
  })

const reason = (person: Field.Person, text: string) =>
  Effect.gen(function* () {
    yield* Effect.sleep("1 second")
    const modal = person.actor.modals().at(-1)!
    return yield* person.actor.submit(modal, { reason: text })
  })

describe("a review", () => {
  it("is for managers", () =>
    Field.play((field) =>
      Effect.gen(function* () {
        const card = yield* applied(field)
        const said = yield* field.dan.actor.press(card.id, "Approve")
        expect(yield* Field.outcomeOf(said)).toBe(
          "Only members with the permission Manage Server or Manage Roles decide on applications.",
        )
        expect(Field.isLive(card)).toBe(true)
      }),
    ))

  it("rejects with a reason", () =>
    Field.play((field) =>
      Effect.gen(function* () {
        const { ada, cleo } = field
        const card = yield* applied(field)
        yield* ada.actor.press(card.id, "Reject")
        yield* reason(ada, "Too *young*")
        yield* cleo.sees("dm", "was rejected: Too \\*young\\*")
        yield* Effect.sleep("1 second")
        expect(Field.isLive(card)).toBe(false)
        expect(Field.textOf(card)).toContain("**Rejected**")
        // They may apply anew.
        expect(yield* cleo.run("tryout apply")).toContain("Let us go on")
        yield* cleo.press(field.thread(cleo), "Your name?", "Cancel")
      }),
    ))

  it("asks again: the answers are there to be changed, and a new card comes", () =>
    Field.play((field) =>
      Effect.gen(function* () {
        const { ada, cleo, thread } = field
        const first = yield* applied(field)
        yield* ada.actor.press(first.id, "Ask again")
        yield* reason(ada, "Which club?")
        yield* cleo.sees("dm", "you are asked again: Which club?")
        yield* Effect.sleep("1 second")
        expect(Field.isLive(first)).toBe(false)
        expect(yield* cleo.run("tryout status")).toContain("you were asked again (Which club?)")
        yield* cleo.run("tryout apply")
        yield* cleo.press(thread(cleo), "Look over your answers", "Send")
        const second = yield* ada.live("tryouts", "Sent again")
        expect(second.id).not.toBe(first.id)
        yield* ada.actor.press(second.id, "Approve")
        yield* cleo.sees("dm", "was approved")
      }),
    ))

  it.each([
    ["Approve", "Approve"],
    ["Approve", "Reject"],
    ["Reject", "Reject"],
  ])("has one winner where two managers press at once: %s and %s", (one, other) =>
    Field.play((field) =>
      Effect.gen(function* () {
        const { ada, ben, guild, role, cleo } = field
        const card = yield* applied(field)
        const press = (person: Field.Person, button: string) =>
          Effect.flatMap(person.actor.press(card.id, button), (turn) =>
            button === "Approve" || person.actor.modals().length > 0
              ? Effect.succeed(turn)
              : Effect.flatMap(Effect.sleep("1 second"), () =>
                  person.actor.modals().length > 0 ? reason(person, "No") : Effect.succeed(turn),
                ),
          )
        yield* Effect.all([press(ada, one), press(ben, other)], { concurrency: "unbounded" })
        yield* Effect.sleep("30 seconds")
        const told = (yield* Effect.forEach([ada, ben], ({ actor }) => actor.history("tryouts")))
          .flat()
          .filter(({ content, ephemeralFor }) => ephemeralFor !== null && !content.startsWith("Rejected."))
        expect(told).toHaveLength(1)
        expect(Field.textOf(told[0]!)).toMatch(
          /^<@\d+> (?:is approving it right now|has already (?:approved|rejected) it)\.$/u,
        )
        const [application] = yield* field.store.of(guild.id, cleo.actor.user.id)
        const hasRole = guild.members.get(cleo.actor.user.id)!.roles.includes(role.id)
        expect(hasRole).toBe(application?.status === "approved")
        expect(Field.isLive(card)).toBe(false)
        const words = (yield* cleo.screen("dm")).filter((text) => text.includes("Your application"))
        expect(words).toHaveLength(1)
      }),
    ),
  )

  it("goes on after a restart between the card and the press", () =>
    Field.play((field) =>
      Effect.gen(function* () {
        const { ada, cleo, guild, restart, role } = field
        const card = yield* applied(field)
        yield* restart
        yield* ada.actor.press(card.id, "Approve")
        yield* cleo.sees("dm", "was approved")
        expect(guild.members.get(cleo.actor.user.id)?.roles).toContain(role.id)
      }),
    ))

  it("says on its card that the application is gone, and takes no other for it", () =>
    Field.play((field) =>
      Effect.gen(function* () {
        const { ada, cleo, forget, open, restart, send, thread } = field
        const old = yield* applied(field)
        yield* forget
        yield* restart
        yield* open()
        yield* cleo.run("tryout apply")
        yield* send(cleo, thread(cleo))
        yield* Effect.sleep("1 minute")
        yield* ada.actor.press(old.id, "Approve")
        yield* ada.sees("tryouts", "That application is gone: I know nothing of it any more.")
        expect(Field.isLive(old)).toBe(false)
        expect(yield* cleo.run("tryout status")).toBe("**Keepers**: waiting for a decision")
      }),
    ))

  it("is decided once, however slow Discord is and in whatever order things happen", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom("ada", "ben", "cleo"), fc.integer({ min: 0, max: 300 })), {
          minLength: 2,
          maxLength: 5,
        }),
        fc.integer({ min: 0, max: 300 }),
        fc.integer(),
        (plan, latency, interleaving) =>
          Field.play(
            (field) =>
              Effect.gen(function* () {
                const { ada, ben, cleo, guild, role, sandbox, store } = field
                const card = yield* applied(field)
                sandbox.faults.slow({}, { request: latency })
                const approve = (person: Field.Person) =>
                  Effect.ignore(person.actor.press(card.id, "Approve"))
                yield* Effect.forEach(
                  plan,
                  ([who, at]) =>
                    Effect.delay(
                      who === "cleo"
                        ? Effect.zipRight(
                            Effect.ignore(cleo.actor.slash("general", "tryout withdraw")),
                            Effect.timeoutOption(
                              Effect.ignore(cleo.press("general", "Take back", "Withdraw")),
                              "1 minute",
                            ),
                          )
                        : approve(who === "ada" ? ada : ben),
                      at,
                    ),
                  { concurrency: "unbounded" },
                )
                yield* Effect.sleep("5 minutes")
                sandbox.faults.clear()
                const [application] = yield* store.of(guild.id, cleo.actor.user.id)
                const hasRole = guild.members.get(cleo.actor.user.id)!.roles.includes(role.id)
                const words = (yield* cleo.screen("dm")).filter((text) => text.includes("was approved"))
                expect(["approved", "withdrawn"]).toContain(application?.status)
                expect(hasRole).toBe(application?.status === "approved")
                expect(words).toHaveLength(application?.status === "approved" ? 1 : 0)
                expect(Field.isLive(card)).toBe(false)
                expect(Field.textOf(card)).toMatch(
                  application?.status === "approved" ? /\*\*Approved\*\*/u : /\*\*Withdrawn\*\*/u,
                )
              }),
            { interleaving },
          ),
      ),
      { numRuns: 25 },
    ))

  it("keeps the application where the role cannot be given", () =>
    Field.play((field) =>
      Effect.gen(function* () {
        const { ada, cleo, guild, role, sandbox } = field
        const card = yield* applied(field)
        const own = [...guild.roles.values()].find((one) => one.managed)!
        const before = own.permissions
        own.permissions &= ~Bit.ManageRoles
        Guilds.roleChanged(sandbox.world, guild, own)
        const failed = yield* ada.actor.press(card.id, "Approve")
        expect(yield* Field.outcomeOf(failed)).toContain("Give me the permission Manage Roles")
        expect(Field.isLive(card)).toBe(true)
        expect(yield* cleo.run("tryout status")).toBe("**Keepers**: waiting for a decision")
        own.permissions = before
        Guilds.roleChanged(sandbox.world, guild, own)
        yield* ada.actor.press(card.id, "Approve")
        yield* cleo.sees("dm", "was approved")
        expect(guild.members.get(cleo.actor.user.id)?.roles).toContain(role.id)
      }),
    ))

  it("is as it was where the bot stopped while it gave the role", () =>
    Field.play((field) =>
      Effect.gen(function* () {
        const { ada, cleo, guild, restart, role, sandbox } = field
        const card = yield* applied(field)
        const goOn = sandbox.faults.hang({ method: "PUT", path: /roles/u })
        yield* ada.actor.press(card.id, "Approve")
        yield* Effect.sleep("1 second")
        expect(yield* cleo.run("tryout status")).toBe("**Keepers**: waiting for a decision")
        yield* restart
        goOn()
        yield* Effect.sleep("10 seconds")
        expect(Field.isLive(card)).toBe(true)
        yield* ada.actor.press(card.id, "Approve")
        yield* cleo.sees("dm", "was approved")
        expect(guild.members.get(cleo.actor.user.id)?.roles).toContain(role.id)
      }),
    ))

  it("tells the applicant in the thread where direct messages are closed, or says that it could not", () =>
    Field.play((field) =>
      Effect.gen(function* () {
        const { ada, cleo, guild, sandbox, thread } = field
        const card = yield* applied(field)
        yield* cleo.actor.closeDms(true)
        yield* ada.actor.press(card.id, "Approve")
        yield* cleo.sees(thread(cleo), "was approved")
        const dan = field.dan
        yield* dan.run("tryout apply")
        yield* field.send(dan, thread(dan))
        yield* dan.sees(thread(dan), "is sent")
        const second = yield* ada.live("tryouts", dan.mention)
        yield* dan.actor.closeDms(true)
        const general = [...guild.channels.values()].find(({ name }) => name === "general")!
        Guilds.removeChannel(sandbox.world, general)
        yield* ada.actor.press(second.id, "Approve")
        yield* Effect.sleep("30 seconds")
        expect(Field.textOf(second)).toContain(`I could not tell ${dan.mention}`)
      }),
    ))

  it("says on its card what became of a withdrawn application", () =>
    Field.play((field) =>
      Effect.gen(function* () {
        const { cleo } = field
        const card = yield* applied(field)
        yield* cleo.run("tryout withdraw").pipe(Effect.fork)
        yield* cleo.press("general", "Take back", "Withdraw")
        yield* cleo.sees("general", "is withdrawn.")
        expect(Field.isLive(card)).toBe(false)
        expect(Field.textOf(card)).toContain("**Withdrawn**")
      }),
    ))

  it("posts cards again that got lost", () =>
    Field.play((field) =>
      Effect.gen(function* () {
        const { ada, cleo } = field
        const card = yield* applied(field)
        yield* ada.actor.deleteMessage(card.id)
        expect(yield* ada.run("tryout review", { again: true })).toContain(`${cleo.mention} for Keepers`)
        const again = yield* ada.live("tryouts", "Application for Keepers")
        expect(again.id).not.toBe(card.id)
        yield* ada.actor.press(again.id, "Approve")
        yield* cleo.sees("dm", "was approved")
      }),
    ))
})

describe("an interview", () => {
  it("ends when the application is withdrawn meanwhile", () =>
    Field.play(({ cleo, open, thread }) =>
      Effect.gen(function* () {
        yield* open()
        yield* cleo.run("tryout apply")
        yield* cleo.live(thread(cleo), "Your name?")
        yield* cleo.run("tryout withdraw").pipe(Effect.fork)
        yield* cleo.press("general", "Take back", "Withdraw")
        yield* cleo.sees(thread(cleo), "You have withdrawn your application, so the interview is over.")
        expect((yield* cleo.actor.history(thread(cleo))).some(Field.isLive)).toBe(false)
      }),
    ))

  it("ends with a word where the person has everything erased meanwhile", () =>
    Field.play(({ cleo, open, store, thread }) =>
      Effect.gen(function* () {
        yield* open()
        yield* cleo.run("tryout apply")
        yield* cleo.live(thread(cleo), "Your name?")
        yield* store.eraseUser(cleo.actor.user.id)
        yield* cleo.actor.say(thread(cleo), "Cleo Keen")
        yield* cleo.sees(thread(cleo), "so the interview is over.")
        expect((yield* cleo.actor.history(thread(cleo))).some(Field.isLive)).toBe(false)
      }),
    ))

  it("is ended by an administrator", () =>
    Field.play(({ cancel, cleo, open, thread }) =>
      Effect.gen(function* () {
        yield* open()
        yield* cleo.run("tryout apply")
        yield* cleo.live(thread(cleo), "Your name?")
        yield* Effect.sleep("1 second")
        yield* cancel("interview")
        const screen = yield* cleo.screen(thread(cleo))
        expect(screen.at(-2)).toContain("Stopped by an administrator.")
        expect(screen.at(-1)).toContain("What you have answered is kept")
      }),
    ))

  it("asks by forms where the bot may not read messages, and for files by direct message", () =>
    Field.play(
      ({ cleo, dan, open, thread }) =>
        Effect.gen(function* () {
          yield* open()
          expect(yield* cleo.run("tryout apply", { name: "Keepers" })).toBe(
            "I cannot see files in this server, so let us go on in your direct messages.",
          )
          yield* cleo.press("dm", "Your name?", "Cancel")
          yield* cleo.sees("dm", "You stopped at question 1 of 4.")
          yield* open({ name: "Strikers", questions: "Your name?" })
          yield* dan.run("tryout apply", { name: "Strikers" })
          const there = thread(dan).replace("Keepers", "Strikers")
          yield* dan.press(there, "Your name?", "Answer")
          yield* Effect.sleep("1 second")
          yield* dan.actor.submit(dan.actor.modals().at(-1)!, { "Your answer": "Dan" })
          yield* dan.press(there, "Look over your answers", "Send")
          expect(yield* dan.screen(there)).toContain(
            "Your application for **Strikers** is sent. You will be told what becomes of it.",
          )
        }),
      { sandbox: { privilegedIntents: { messageContent: false } } },
    ))

  it("says by direct message that its thread is gone, and goes on in a new one", () =>
    Field.play(({ cleo, guild, open, sandbox, thread }) =>
      Effect.gen(function* () {
        yield* open()
        yield* cleo.run("tryout apply")
        const question = yield* cleo.live(thread(cleo), "Your name?")
        yield* cleo.actor.say(thread(cleo), "Cleo")
        yield* cleo.live(thread(cleo), "Your age?")
        const parent = guild.threads.get(question.channelId)!.parentId
        const general = guild.channels.get(parent ?? "")!
        Guilds.removeChannel(sandbox.world, general)
        yield* cleo.sees("dm", "What you have answered is kept")
        const turn = yield* cleo.actor.slash("tryouts", "tryout apply")
        expect(yield* Field.outcomeOf(turn)).toContain("Let us go on in")
        yield* cleo.press(thread(cleo), "Your age?", "Cancel")
      }),
    ))

  it("is on the roster with its wait, and is ended by a shutdown, after which it goes on", () =>
    Field.play(({ ada, cleo, open, restart, roster, sandbox, send, thread }) =>
      Effect.gen(function* () {
        yield* open()
        yield* cleo.run("tryout apply")
        yield* cleo.live(thread(cleo), "Your name?")
        yield* Effect.sleep("1 second")
        const listed = yield* roster
        expect(listed).toContain("interview tryout Keepers waiting")
        expect(listed.some((one) => one.startsWith("wait: ") && one.includes(cleo.mention))).toBe(true)
        const fast = sandbox.faults.slow({ path: "/messages" }, { request: 500 })
        yield* restart
        fast()
        const screen = yield* cleo.screen(thread(cleo))
        expect(screen.some((one) => one.includes("Stopped: I am being restarted."))).toBe(true)
        expect(screen.at(-1)).toContain("`/tryout apply` in the server goes on there.")
        expect((yield* cleo.actor.history(thread(cleo))).some(Field.isLive)).toBe(false)
        yield* cleo.run("tryout apply")
        yield* send(cleo, thread(cleo))
        yield* ada.live("tryouts", "Application")
      }),
    ))
})
