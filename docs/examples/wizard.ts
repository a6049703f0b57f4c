import { Context, Effect, Layer, Ref } from "effect"
import * as Command from "bosun/Command"
import * as Form from "bosun/Form"
import * as Md from "bosun/Md"
import * as Menu from "bosun/Menu"
import * as Paginator from "bosun/Paginator"
import * as Policy from "bosun/Policy"
import * as Prompt from "bosun/Prompt"
import * as Reply from "bosun/Reply"
import * as Wizard from "bosun/Wizard"

// A form: one modal, up to five typed fields.
const hull = Form.make("The hull", {
  length: Form.number("Length in metres", { min: 2, max: 60 }),
  kind: Form.choice("Kind", { "Sailing boat": "sail", "Motor boat": "motor" }),
  remarks: Form.text("Remarks", { multiline: true, max: 500 }).pipe(Form.optional),
})

// A wizard is a value. Each step adds an answer, and sees those before it.
const application = Wizard.make("A berth for the season").pipe(
  Wizard.step("boat", Prompt.text("What is she called?", { within: "5 minutes", max: 32 }), {
    label: "Name",
  }),
  Wizard.step("hull", Form.show(hull, { within: "5 minutes" }), {
    label: "Hull",
    show: ({ kind, length }) => `${length} m, ${kind === "sail" ? "under sail" : "by motor"}`,
  }),
  Wizard.stepIf(
    "mast",
    (answers) => answers.hull.kind === "sail",
    ({ boat }) =>
      Prompt.number(Md.text`How high is ${boat}'s mast?`, { within: "1 minute", min: 1, max: 90 }),
    { label: "Mast" },
  ),
)
type Application = Wizard.AnswersOf<typeof application>

// What is begun and what was sent, by person. In memory here; a table would do as well.
class Applications extends Context.Tag("Applications")<
  Applications,
  {
    readonly drafts: Ref.Ref<ReadonlyMap<string, Partial<Application>>>
    readonly sent: Ref.Ref<ReadonlyArray<Application>>
  }
>() {
  static readonly memory = Layer.effect(
    Applications,
    Effect.all({
      drafts: Ref.make<ReadonlyMap<string, Partial<Application>>>(new Map()),
      sent: Ref.make<ReadonlyArray<Application>>([]),
    }),
  )
}

export const apply = Command.make("apply", { description: "Applies for a berth" }, (_, { user }) =>
  Effect.gen(function* () {
    const { drafts, sent } = yield* Applications
    const answers = yield* Wizard.run(application, {
      within: "20 minutes",
      // Whoever stops goes on with the first question that has no answer.
      answers: (yield* Ref.get(drafts)).get(user.id) ?? {},
      onStep: (soFar) => Ref.update(drafts, (all) => new Map(all).set(user.id, soFar)),
    })
    yield* Ref.update(sent, (all) => [...all, answers])
    yield* Ref.update(drafts, (all) => new Map([...all].filter(([id]) => id !== user.id)))
    return Reply.text(Md.text`Thank you. We shall write to ${answers.boat}.`)
  }),
).pipe(Policy.deadline("30 minutes"))

// A menu whose items do something, with pages that can be turned.
export const berths = Command.make("berths", { description: "The harbour master's desk" }, () =>
  Effect.gen(function* () {
    const { sent } = yield* Applications
    const list = Effect.flatMap(Ref.get(sent), (all) =>
      Paginator.show(
        Paginator.items(all, 10, (some) => some.map(({ boat }) => Md.text`- ${boat}`).join("\n")),
        { within: "2 minutes" },
      ),
    )
    const desk = Menu.make(
      Effect.map(Ref.get(sent), ({ length }) => `${length} applications.`),
      [
        Menu.run("List", list),
        Menu.view("Rules", "No boat beyond 60 metres. No parrots."),
        Menu.run("Clear", Ref.set(sent, [])),
        Menu.end("Done", Effect.void),
      ],
    )
    yield* Menu.show(desk, { within: "5 minutes" })
    return Reply.text("Good night.")
  }),
)

export const layer = Command.layer(apply, berths).pipe(Layer.provide(Applications.memory))
