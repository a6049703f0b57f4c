import { describe, expect, it } from "@effect/vitest"
import {
  type APIMessageTopLevelComponent,
  ButtonStyle,
  ComponentType,
  MessageFlags,
} from "discord-api-types/v10"
import { Effect } from "effect"
import * as Screen from "../../src/conversation/Screen.js"
import * as Prompt from "../../src/conversation/Prompt.js"
import { Discord } from "../../src/discord/Discord.js"
import * as Reply from "../../src/interaction/Reply.js"
import type * as Actor from "../../src/sandbox/people/Actor.js"
import * as Stage from "./Stage.js"

const sure = Prompt.confirm("Sure?", { within: "10 minutes" })

/** As a process has left it that was killed. */
const dead = Screen.button("w1.dead~yes", "Yes")
const link = {
  type: ComponentType.Button,
  style: ButtonStyle.Link,
  label: "More",
  url: "https://a.example",
} as const

const answerOf = (turn: Actor.Turn) =>
  Effect.map(turn.settled, (state) =>
    state._tag === "Responded" ? state.messages.at(-1)?.content : state._tag,
  )

/** What becomes of a message with a press on its button "Yes". */
const pressed = (message: Reply.Message) =>
  Stage.play(sure, ({ ada, cleo, question, sandbox }) =>
    Effect.gen(function* () {
      const { channelId, id: live } = yield* question()
      const { id } = yield* (yield* Discord).send(channelId, message)
      const first = yield* answerOf(yield* cleo.press(id, "Yes"))
      yield* ada.press(live, "No")
      const left = sandbox.world.channels.get(channelId)?.messages.get(id)
      // A link is no question.
      yield* ada.deleteMessage(id)
      return { first, content: left?.content, components: left?.components, embeds: left?.embeds }
    }),
  )

describe("a question that nobody waits behind any more", () => {
  it("is closed by the first press on it, whoever presses; what else is in it stays", async () => {
    const { components, content, embeds, first } = await pressed(
      Reply.make({
        content: "Really?",
        embeds: [{ title: "A boat" }],
        components: [Screen.row(dead, link), Screen.row(Screen.button("w1.dead~no", "No"))],
      }),
    )
    expect(first).toBe("Really?\nNo longer in use.")
    expect(content).toBe(first)
    expect(embeds).toMatchObject([{ title: "A boat" }])
    expect(components).toMatchObject([{ type: ComponentType.ActionRow, components: [{ label: "More" }] }])
  })

  it("is closed in the new kind of components as well", async () => {
    const parts: ReadonlyArray<APIMessageTopLevelComponent> = [
      { type: ComponentType.TextDisplay, content: "Really?" },
      Screen.row(dead),
    ]
    const { components } = await pressed(
      Reply.make({ components: parts, flags: MessageFlags.IsComponentsV2 }),
    )
    expect(components).toMatchObject([{ content: "Really?" }, { content: "No longer in use." }])
  })

  it("keeps the last word of one that has just been answered", () =>
    Stage.play(sure, ({ ada, question, sandbox }) =>
      Effect.gen(function* () {
        const { channelId, id } = yield* question()
        yield* ada.press(id, "Yes")
        // Pressed before its end was there, and on its way for long.
        sandbox.faults.delayEvents(1_000)
        const again = yield* answerOf(yield* ada.press(id, "Yes"))
        sandbox.faults.delayEvents(0)
        yield* Effect.sleep("1 minute")
        expect(sandbox.world.channels.get(channelId)?.messages.get(id)?.content).toBe("Sure?\n— Yes")
        expect(again).toBe("That is no longer in use.")
      }),
    ))

  it("is told so privately where a form of it is sent that was opened before", () =>
    Stage.play(Prompt.text("Name?", { within: "1 minute", by: "modal" }), ({ ada, modal, question, seen }) =>
      Effect.gen(function* () {
        const { id } = yield* question()
        yield* ada.press(id, "Answer")
        const form = yield* modal
        yield* Effect.sleep("2 minutes")
        const turn = yield* ada.submit(form, { answer: "Elly" })
        expect(yield* answerOf(turn)).toBe("That is no longer in use.")
        expect((yield* seen())[0]).toBe("Name?\nTimed out.")
      }),
    ))
})
