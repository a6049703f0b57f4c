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
    show: ({ kind, length }) => (kind === "sail" ? `${length} m, under sail` : `${length} m, by motor`),
  }),
  Wizard.stepIf(
    "mast",
    (answers) => answers.hull.kind === "sail",
    ({ boat }) => Prompt.number(Md.text`How high is ${boat}'s mast?`, { within: "1 minute", min: 1, max: 90 }),
    { label: "Mast" },
  ),
)

type Application = Effect.Effect.Success<ReturnType<typeof ask>>
const ask = (user: string, drafts: Drafts) =>
  Effect.gen(function* () {
    const kept = (yield* Ref.get(drafts.of)).get(user) ?? {}
    return yield* Wizard.run(application, {
      within: "20 minutes",
      // Whoever stops goes on with the first question that has no answer.
      answers: kept,
      onStep: (answers) => Ref.update(drafts.of, (all) => new Map(all).set(user, answers)),
    })
  })

interface Drafts {
  readonly of: Ref.Ref<ReadonlyMap<string, Partial<Wizard.Wizard.Answers<typeof application>>>>
}
