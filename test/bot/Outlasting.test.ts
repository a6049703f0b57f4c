/** What is shown where, by whichever interaction of a conversation is the newest, and after the last has expired. */
import { describe, expect, it } from "@effect/vitest"
import { ButtonStyle, ComponentType, TextInputStyle } from "discord-api-types/v10"
import { Effect } from "effect"
import * as Command from "../../src/command/Command.js"
import * as Policy from "../../src/command/Policy.js"
import * as Reply from "../../src/interaction/Reply.js"
import type { Message } from "../../src/sandbox/model/Model.js"
import * as Wait from "../../src/wait/Wait.js"
import * as Harbour from "./Harbour.js"

const { actor, virtually } = Harbour

/** What somebody sees in a place, oldest first. */
const screen = (name: string, channel: string) =>
  Effect.gen(function* () {
    const person = yield* actor(name)
    return (yield* person.history(channel)).map(text)
  })

const text = ({ content, ephemeralFor }: Message): string =>
  `${ephemeralFor === null ? "" : "(private) "}${content}`

const button = (customId: string, label: string) => ({
  type: ComponentType.ActionRow as const,
  components: [
    { type: ComponentType.Button as const, style: ButtonStyle.Primary as const, custom_id: customId, label },
  ],
})

describe("a command that outlasts its interaction's 15 minutes", () => {
  const slow = (name: string, minutes: number, reply: Reply.Reply) =>
    Command.make(name, { description: "d" }, () => Effect.as(Effect.sleep(`${minutes} minutes`), reply)).pipe(
      Policy.deadline("1 hour"),
    )

  it("says so in time, and answers by a message that names the person", () =>
    virtually(
      Command.layer(slow("slow", 20, Reply.text("Done at last."))),
      Effect.gen(function* () {
        const cleo = yield* actor("cleo")
        yield* cleo.slash("general", "slow", {})
        yield* Effect.sleep("15 minutes")
        expect(yield* screen("cleo", "general")).toEqual([
          "This takes longer. I will answer you in a message of its own.",
        ])
        yield* Effect.sleep("10 minutes")
        expect((yield* screen("cleo", "general")).slice(1)).toEqual([`<@${cleo.user.id}> Done at last.`])
      }),
    ))

  it("answers by direct message what is private", () =>
    virtually(
      Command.layer(slow("secret", 20, Reply.ephemeral(Reply.text("For you alone.")))),
      Effect.gen(function* () {
        const cleo = yield* actor("cleo")
        yield* cleo.slash("general", "secret", {})
        yield* Effect.sleep("30 minutes")
        expect(yield* screen("dan", "general")).toEqual([
          "This takes longer. I will answer you in a message of its own.",
        ])
        expect(yield* screen("cleo", "dm")).toEqual(["For you alone."])
      }),
    ))

  it("is told of its deadline like any other", () =>
    virtually(
      Command.layer(slow("late", 90, Reply.text("never"))),
      Effect.gen(function* () {
        const cleo = yield* actor("cleo")
        yield* cleo.slash("general", "late", {})
        yield* Effect.sleep("2 hours")
        expect(yield* screen("cleo", "dm")).toEqual(["That took too long, so I stopped it."])
      }),
    ))

  it("can still change and remove what it has shown", () =>
    virtually(
      Command.layer(
        Command.make("edits", { description: "d" }, (_, interaction) =>
          Effect.gen(function* () {
            const shown = yield* Effect.orDie(interaction.ask(Reply.text("one")))
            const second = yield* Effect.orDie(interaction.show(Reply.text("two")))
            yield* Effect.sleep("20 minutes")
            yield* Effect.orDie(shown.edit(Reply.text("ONE")))
            yield* Effect.orDie(second.remove)
            return Reply.silent
          }),
        ).pipe(Policy.deadline("1 hour")),
      ),
      Effect.gen(function* () {
        const cleo = yield* actor("cleo")
        yield* cleo.slash("general", "edits", {})
        yield* Effect.sleep("1 minute")
        expect(yield* screen("cleo", "general")).toEqual(["one", "two"])
        yield* Effect.sleep("30 minutes")
        expect(yield* screen("cleo", "general")).toEqual(["ONE"])
      }),
    ))
})

describe("the interaction in hand", () => {
  it("can be taken apart", () =>
    virtually(
      Command.layer(
        Command.make("apart", { description: "d" }, (_, { hasShown, show }) =>
          Effect.gen(function* () {
            expect(hasShown()).toBe(false)
            yield* Effect.orDie(show(Reply.text("one")))
            expect(hasShown()).toBe(true)
            return Reply.text("two")
          }),
        ),
      ),
      Effect.gen(function* () {
        const cleo = yield* actor("cleo")
        yield* cleo.slash("general", "apart", {})
        yield* Effect.sleep("1 second")
        expect(yield* screen("cleo", "general")).toEqual(["one", "two"])
      }),
    ))
})

describe("a press", () => {
  const pressed = (
    name: string,
    then: (press: Wait.Press) => Effect.Effect<void, unknown>,
    reply: Reply.Reply = Reply.silent,
  ) =>
    Command.make(name, { description: "d" }, (_, interaction) =>
      Effect.gen(function* () {
        const customId = `w1.${name}`
        yield* interaction.show(Reply.make({ content: "Press", components: [button(customId, "Go")] }))
        const press = yield* Wait.next(Wait.component({ customId }), { within: "1 minute" })
        yield* Effect.orDie(then(press))
        return reply
      }).pipe(Effect.orDie),
    )
  const press = (command: string) =>
    Effect.gen(function* () {
      const cleo = yield* actor("cleo")
      yield* cleo.slash("general", command, {})
      const question = yield* cleo.message("general", ({ content }) => content === "Press")
      // These commands wait only after they have asked.
      yield* Effect.sleep("1 second")
      return yield* cleo.press(question.id, "Go")
    })

  it("changes the message that it was made on, and takes its components", () =>
    virtually(
      Command.layer(pressed("update", ({ response }) => response.update(Reply.text("Pressed.")))),
      Effect.gen(function* () {
        yield* press("update")
        yield* Effect.sleep("1 minute")
        const cleo = yield* actor("cleo")
        const history = yield* cleo.history("general")
        expect(history.map(text)).toEqual(["Pressed."])
        expect(history[0]?.components).toEqual([])
      }),
    ))

  it("is acknowledged in silence where its owner takes longer than two seconds, and can be answered after", () =>
    virtually(
      Command.layer(
        pressed("late", ({ response }) =>
          Effect.zipRight(Effect.sleep("10 seconds"), response.update(Reply.text("Late."))),
        ),
      ),
      Effect.gen(function* () {
        const turn = yield* press("late")
        expect((yield* turn.firstResponse)._tag).toBe("Acknowledged")
        yield* Effect.sleep("1 minute")
        expect(yield* screen("cleo", "general")).toEqual(["Late."])
      }),
    ))

  it("carries the outcome once it was adopted", () =>
    virtually(
      Command.layer(
        Command.make("adopts", { description: "d" }, (_, interaction) =>
          Effect.gen(function* () {
            yield* interaction.show(Reply.make({ content: "Press", components: [button("w1.adopts", "Go")] }))
            yield* Effect.sleep("10 minutes")
            const next = yield* Wait.next(Wait.component({ customId: "w1.adopts" }), { within: "1 minute" })
            yield* next.response.update(Reply.text("Pressed."))
            interaction.adopt(next)
            yield* Effect.sleep("10 minutes")
            return Reply.ephemeral(Reply.text("By the newer token."))
          }).pipe(Effect.orDie),
        ).pipe(Policy.deadline("1 hour")),
      ),
      Effect.gen(function* () {
        const cleo = yield* actor("cleo")
        yield* cleo.slash("general", "adopts", {})
        yield* Effect.sleep(605_000)
        const [question] = yield* cleo.history("general")
        yield* cleo.press(question!.id, "Go")
        yield* Effect.sleep("20 minutes")
        expect(yield* screen("cleo", "general")).toEqual(["Pressed.", "(private) By the newer token."])
      }),
    ))

  it("of somebody else is told whose it is, and leaves the wait on", () =>
    virtually(
      Command.layer(
        Command.make("mine", { description: "d" }, (_, interaction) =>
          Effect.gen(function* () {
            yield* interaction.show(Reply.make({ content: "Press", components: [button("w1.mine", "Go")] }))
            const press = yield* Wait.next(
              Wait.component({ customId: "w1.mine", userId: interaction.user.id }),
              { within: "1 minute" },
            )
            yield* press.response.update(Reply.text("Pressed."))
            return Reply.silent
          }).pipe(Effect.orDie),
        ),
      ),
      Effect.gen(function* () {
        const cleo = yield* actor("cleo")
        const dan = yield* actor("dan")
        yield* cleo.slash("general", "mine", {})
        const question = yield* cleo.message("general", ({ content }) => content === "Press")
        // These commands wait only after they have asked.
        yield* Effect.sleep("1 second")
        yield* dan.press(question.id, "Go")
        yield* Effect.sleep("1 second")
        expect(yield* screen("dan", "general")).toEqual(["Press", "(private) That is for somebody else."])
        yield* cleo.press(question.id, "Go")
        yield* Effect.sleep("1 second")
        expect(yield* screen("cleo", "general")).toEqual(["Pressed."])
      }),
    ))

  it("opens a modal, whose submission carries the outcome", () =>
    virtually(
      Command.layer(
        Command.make("form", { description: "d" }, (_, interaction) =>
          Effect.gen(function* () {
            expect(interaction.canShowModal()).toBe(true)
            yield* interaction.modal({
              custom_id: "w1.form",
              title: "Form",
              components: [
                {
                  type: ComponentType.ActionRow,
                  components: [
                    {
                      type: ComponentType.TextInput,
                      custom_id: "name",
                      label: "Name",
                      style: TextInputStyle.Short,
                    },
                  ],
                },
              ],
            })
            expect(interaction.canShowModal()).toBe(false)
            const submit = yield* Wait.next(Wait.modal({ customId: "w1.form" }), { within: "1 minute" })
            interaction.adopt(submit)
            return Reply.text(`Hello ${String(submit.fields["name"])}`)
          }).pipe(Effect.orDie),
        ),
      ),
      Effect.gen(function* () {
        const cleo = yield* actor("cleo")
        const turn = yield* cleo.slash("general", "form", {})
        const state = yield* turn.firstResponse
        if (state._tag !== "ModalShown") throw new Error(state._tag)
        yield* Effect.sleep("1 second")
        yield* cleo.submit(state.modal, { name: "Cleo" })
        yield* Effect.sleep("1 second")
        expect(yield* screen("cleo", "general")).toEqual(["Hello Cleo"])
      }),
    ))
})
