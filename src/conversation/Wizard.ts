/**
 * Many questions in a row, as one value: with a way back, progress, a deadline over all of them, and a summary
 * before the end.
 *
 * ```ts
 * const application = Wizard.make("Application").pipe(
 *   Wizard.step("boat", Prompt.text("Which boat?", { within: "2 minutes" })),
 *   Wizard.step("nights", ({ boat }) => Prompt.number(Md.text`How long does ${boat} stay?`, { within: "1 minute" })),
 * )
 * const { boat, nights } = yield* Wizard.run(application, { within: "10 minutes" })
 * ```
 *
 * ```
 *   first step that has no answer ─▶ its question ── answer ──▶ next without one … ─▶ summary ── Send ─▶ the answers
 *                                      │ Back                                           │ Change
 *                                      ▼                                                ▼
 *                                    the step before                               the step chosen
 * ```
 *
 * A step is any effect; the questions that it asks stand in the wizard's `Frame`: progress above, Back beside
 * Cancel. What was answered stays answered when the person goes back, and is asked again only where they ask for
 * it. `onStep` hears of every answer, and `answers` takes them: that is how a wizard goes on after a restart.
 *
 * An answer that came in time counts, however long it takes to show it as answered. Answers too long for the summary
 * are cut there, each as far as it has to be, and end with "…".
 *
 * Failure modes: a step that fails ends the wizard with that failure; the answers given are then with `onStep`
 * alone. A later step is not asked again when an earlier answer that it was made from changes.
 *
 * @module
 */
import { ButtonStyle, ComponentType } from "discord-api-types/v10"
import { Clock, Deferred, Duration, Effect, Predicate } from "effect"
import { type Pipeable, pipeArguments } from "effect/Pipeable"
import type { RestError } from "../DiscordError.js"
import type { Interaction } from "../interaction/Interaction.js"
import * as Md from "../interaction/Md.js"
import type { InteractionEnded } from "../interaction/Response.js"
import { WaitTimeout } from "../wait/WaitError.js"
import type * as Waits from "../wait/Waits.js"
import { InvalidDeclaration } from "./ConversationError.js"
import * as Exchange from "./Exchange.js"
import * as Frame from "./Frame.js"

/** A wizard that gives the answers `A`: a plain value, to be run any number of times. */
export interface Wizard<out A, out E = never, out R = never> extends Pipeable {
  readonly title: string
  readonly steps: ReadonlyArray<Step<E, R>>
  /** The answers as they are typed, once each step that applies has one. */
  readonly complete: (answers: Answers) => A
}

/** One question, or whatever gives one answer. */
export interface Step<out E, out R> {
  readonly name: string
  /** What the summary calls it. */
  readonly label: string
  /** Asked only when the steps before it have their answers, or do not apply. */
  readonly applies: (answers: Answers) => boolean
  readonly ask: (answers: Answers) => Effect.Effect<unknown, E, R>
  /** An answer in the summary, as Markdown. */
  readonly show: (answer: unknown) => string
  /** Milliseconds. */
  readonly within: number
}

/** Answers by the names of their steps. */
export type Answers = Readonly<Record<string, unknown>>

/** What a wizard gives: `Wizard.AnswersOf<typeof application>`. */
export type AnswersOf<W> = W extends Wizard<infer A, infer _E, infer _R> ? A : never

export interface StepOptions<in B> {
  /** What the summary calls it; 1–100 characters (Discord). Default: the name. */
  readonly label?: string
  /** An answer in the summary, as Markdown. Default: as it was typed. */
  readonly show?: (answer: B) => string
  /** How long the step may take, whatever it asks; its questions have deadlines of their own. Default: no limit. */
  readonly within?: Duration.DurationInput
}

/** How a step asks: an effect, or one made from the answers before it. */
export type Ask<A, B, E, R> = Effect.Effect<B, E, R> | ((answers: A) => Effect.Effect<B, E, R>)

export interface Options<A, E2 = never, R2 = never> {
  /** How long the person has for all of it. */
  readonly within: Duration.DurationInput
  /** What was answered before: those steps are not asked. */
  readonly answers?: Partial<A>
  /** Told all answers after each new one, as `answers` takes them. What it fails with ends the wizard. */
  readonly onStep?: (answers: Partial<A>) => Effect.Effect<unknown, E2, R2>
  /** Above the answers at the end, at most 900 characters of it, below the title; false where there is to be no summary. Default: nothing. */
  readonly summary?: string | false
  /**
   * Whether the summary is private. Default: where a question of this run was. Of `answers` that a former run was
   * given it is not known: where they were asked for privately, say true.
   */
  readonly ephemeral?: boolean
}

/** What a wizard can fail with besides what its steps do. */
export type Failure = Exchange.Ends | RestError | InteractionEnded

// ---------------------------------------------------------------------------------------------------------
// Making
// ---------------------------------------------------------------------------------------------------------

/** A wizard without a step, to which `step` adds some. `title` has 1–100 characters; it stands above every question. */
export const make = (title: string): Wizard<Empty> => {
  need(title.length >= 1 && title.length <= 100, `wizard "${title}" → title`, "must have 1 to 100 characters")
  return wizard(title, [], () => ({}))
}

/** Answers of no step. */
export type Empty = Readonly<Record<never, never>>

/** The same with one step more, whose answer is kept under its name. Throws `InvalidDeclaration` beyond 25 steps. */
export const step =
  <Name extends string, A extends object, B, E2, R2>(
    name: Exclude<Name, keyof A>,
    ask: Ask<NoInfer<A>, B, E2, R2>,
    options: StepOptions<B> = {},
  ) =>
  <E, R>(self: Wizard<A, E, R>): Wizard<With<A, Name, B>, E | E2, R | R2> =>
    append(self, name, () => true, ask, options)

/**
 * The same with a step that is asked only where the answers before it say so; else its answer is undefined. Where an
 * earlier answer changes, so does whether it is asked.
 */
export const stepIf =
  <Name extends string, A extends object, B, E2, R2>(
    name: Exclude<Name, keyof A>,
    applies: (answers: NoInfer<A>) => boolean,
    ask: Ask<NoInfer<A>, B, E2, R2>,
    options: StepOptions<B> = {},
  ) =>
  <E, R>(self: Wizard<A, E, R>): Wizard<With<A, Name, B | undefined>, E | E2, R | R2> =>
    append(self, name, applies, ask, options)

/** Answers with one more. */
export type With<A, Name extends string, B> = {
  readonly [K in Name | keyof A]: K extends keyof A ? A[K] : B
}

const append = <A, Name extends string, B, C, E, R, E2, R2>(
  self: Wizard<A, E, R>,
  name: string,
  applies: (answers: A) => boolean,
  ask: Ask<A, B, E2, R2>,
  { label = name, show, within }: StepOptions<B>,
): Wizard<With<A, Name, C>, E | E2, R | R2> => {
  const place = `wizard "${self.title}" → step "${name}"`
  need(!self.steps.some((one) => one.name === name), place, "stands twice")
  need(self.steps.length < MOST_STEPS, place, `is more than ${MOST_STEPS} steps`)
  need(label.length >= 1 && label.length <= 100, `${place} → label`, "must have 1 to 100 characters")
  const added: Step<E2, R2> = {
    name,
    label,
    applies: (answers) => applies(self.complete(answers)),
    ask: (answers) => (Effect.isEffect(ask) ? ask : ask(self.complete(answers))),
    // Called with what the step itself gave.
    show: (show as Step<E2, R2>["show"] | undefined) ?? shown,
    within: within === undefined ? Infinity : Duration.toMillis(within),
  }
  // One answer for each step, by its name.
  return wizard<With<A, Name, C>, E | E2, R | R2>(
    self.title,
    [...self.steps, added],
    (answers) => answers as With<A, Name, C>,
  )
}

const wizard = <A, E, R>(
  title: string,
  steps: ReadonlyArray<Step<E, R>>,
  complete: (answers: Answers) => A,
): Wizard<A, E, R> => ({
  title,
  steps,
  complete,
  pipe() {
    // oxlint-disable-next-line prefer-rest-params -- how Effect's Pipeable is implemented
    return pipeArguments(this, arguments)
  },
})

const need = (isSound: boolean, place: string, reason: string): void => {
  if (!isSound) throw new InvalidDeclaration({ place, reason })
}

/** So many can be chosen from in one select menu (Discord). */
const MOST_STEPS = 25

// ---------------------------------------------------------------------------------------------------------
// Running
// ---------------------------------------------------------------------------------------------------------

/**
 * Asks what has no answer yet, shows the summary, and gives the answers when the person sends them. Fails with
 * `WaitTimeout` at the deadline of a question, of a step or of all, with `Cancelled`, with `WaitTargetGone`, with
 * what a step or `onStep` fails with, or where nothing can be shown. Interruption closes the question that is open.
 * Dies with `InvalidDeclaration` where there is no step.
 */
export const run = <A extends object, E, R, E2 = never, R2 = never>(
  self: Wizard<A, E, R>,
  options: Options<A, E2, R2>,
): Effect.Effect<A, E | E2 | Failure, R | R2 | Interaction | Waits.Waits> =>
  Effect.gen(function* () {
    const { steps, title } = self
    need(steps.length > 0, `wizard "${title}"`, "has no steps")
    const outer = yield* Frame.Current
    const deadlineAt = Math.min(
      (yield* Clock.currentTimeMillis) + Duration.toMillis(options.within),
      outer?.deadlineAt ?? Infinity,
    )
    const answers: Record<string, unknown> = { ...options.answers }
    let plan = planOf(steps, answers)
    let at = firstOpen(steps, answers, plan)
    let isPrivate = false
    for (;;) {
      const step_ = steps[at]
      if (step_ === undefined && options.summary === false) break
      const now = yield* Clock.currentTimeMillis
      const limit = Math.min(deadlineAt, now + (step_?.within ?? Infinity))
      const before = plan.applying.findLast((index) => index < at)
      const asking: Effect.Effect<Ended, E | Failure, R | Interaction | Waits.Waits> =
        step_ === undefined
          ? Effect.map(summary(self, plan, options, isPrivate, Math.max(1, limit - now)), sent)
          : Effect.map(step_.ask(plan.answers), answered)
      const ended = yield* inFrame(asking, {
        header: `-# ${Md.escape(title)}${step_ === undefined ? "" : ` · ${progress(plan, at)}`}`,
        deadlineAt: limit,
        // Out of a wizard within a wizard the way back is that of the outer one.
        back: before === undefined ? outer?.back : "here",
        asksPrivately: () => {
          isPrivate = true
          outer?.asksPrivately()
        },
        outer,
      })
      if (ended._tag === "Back") at = before ?? at
      else if (ended._tag === "Sent") {
        if (ended.change === undefined) break
        at = ended.change
      } else if (step_ !== undefined) {
        answers[step_.name] = ended.value
        plan = planOf(steps, answers)
        if (options.onStep !== undefined) yield* options.onStep(given(steps, plan) as Partial<A>)
        at = firstOpen(steps, answers, plan)
      }
    }
    return self.complete(plan.answers)
  })

/** What is to be asked, as far as that is known. */
interface Plan {
  /** Indices of the steps that apply. One whose answers before it are not all there may. */
  readonly applying: ReadonlyArray<number>
  /** Answers of the steps that apply, and undefined for those that do not. */
  readonly answers: Answers
}

const planOf = (steps: ReadonlyArray<Step<unknown, unknown>>, given: Answers): Plan => {
  const applying: Array<number> = []
  const answers: Record<string, unknown> = {}
  let isKnown = true
  steps.forEach(({ applies, name }, index) => {
    const isAnswered = Object.hasOwn(given, name)
    if (!isKnown || applies(answers)) {
      applying.push(index)
      isKnown &&= isAnswered
      if (isAnswered) answers[name] = given[name]
    } else answers[name] = undefined
  })
  return { applying, answers }
}

/** The answers of the steps that apply, as far as there are any. */
const given = (steps: ReadonlyArray<Step<unknown, unknown>>, { answers, applying }: Plan): Answers =>
  Object.fromEntries(
    applying.flatMap((index) => {
      const name = steps[index]?.name ?? ""
      return Object.hasOwn(answers, name) ? [[name, answers[name]]] : []
    }),
  )

/** The index of the first step without an answer, or beyond the last. */
const firstOpen = (
  steps: ReadonlyArray<Step<unknown, unknown>>,
  given: Answers,
  { applying }: Plan,
): number => applying.find((index) => !Object.hasOwn(given, steps[index]?.name ?? "")) ?? steps.length

/** How a step or the summary has ended. */
type Ended =
  | { readonly _tag: "Back" }
  | { readonly _tag: "Answered"; readonly value: unknown }
  /** `change`: the index of the step to be asked again; undefined where all is well. */
  | { readonly _tag: "Sent"; readonly change: number | undefined }

const answered = (value: unknown): Ended => ({ _tag: "Answered", value })
const sent = (change: number | undefined): Ended => ({ _tag: "Sent", change })

/** A question that is open at the deadline ends by itself, and says so; only what is none is given up after it. */
const MOMENT = 1_000

interface Framing extends Pick<Frame.Frame, "header" | "asksPrivately"> {
  readonly deadlineAt: number
  readonly back: Frame.Frame["back"] | "here"
  readonly outer: Frame.Frame | undefined
}

const inFrame = <E, R>(
  effect: Effect.Effect<Ended, E, R>,
  { asksPrivately, back, deadlineAt, header, outer }: Framing,
): Effect.Effect<Ended, E | WaitTimeout, R> =>
  Effect.gen(function* () {
    const wentBack = yield* Deferred.make<Ended>()
    const here = Effect.zipRight(Deferred.succeed(wentBack, { _tag: "Back" }), Effect.never)
    const after = deadlineAt - (yield* Clock.currentTimeMillis)
    let held = 0
    let idleSince = Math.max(deadlineAt, yield* Clock.currentTimeMillis)
    const hold: Frame.Frame["hold"] = (change) => {
      const within = Effect.suspend(() => {
        held += 1
        return Effect.ensuring(
          change,
          Effect.map(Clock.currentTimeMillis, (now) => {
            held -= 1
            idleSince = Math.max(idleSince, now)
          }),
        )
      })
      return outer?.hold(within) ?? within
    }
    // What is being shown at the deadline may be the end of a question whose answer came in time.
    const overdue: Effect.Effect<never, WaitTimeout> = Effect.gen(function* () {
      for (;;) {
        const left = idleSince + MOMENT - (yield* Clock.currentTimeMillis)
        if (held === 0 && left <= 0)
          return yield* new WaitTimeout({ what: `an answer (${header.slice(3)})`, after })
        yield* Effect.sleep(left > 0 ? left : MOMENT)
      }
    })
    return yield* effect.pipe(
      Effect.provideService(Frame.Current, {
        header,
        deadlineAt,
        back: back === "here" ? here : back,
        hold,
        asksPrivately,
      }),
      Effect.raceFirst(Deferred.await(wentBack)),
      Effect.raceFirst(overdue),
    )
  })

const progress = ({ applying }: Plan, at: number): string => `${applying.indexOf(at) + 1}/${applying.length}`

// ---------------------------------------------------------------------------------------------------------
// The summary
// ---------------------------------------------------------------------------------------------------------

/** Gives the index of a step to be asked again; undefined where all is well. */
const summary = <A, E, R>(
  { steps, title }: Wizard<A, E, R>,
  { answers, applying: indices }: Plan,
  { ephemeral, summary: heading }: Options<A, unknown, unknown>,
  isPrivate: boolean,
  within: number,
): Effect.Effect<number | undefined, Failure, Interaction | Waits.Waits> => {
  const applying = steps.flatMap((one, index) => (indices.includes(index) ? [{ ...one, index }] : []))
  const above = typeof heading === "string" ? [Md.cut(heading, LONGEST_SUMMARY / 2)] : []
  const lines = fitted(
    applying.map(({ label, name, show }) => ({ label: Md.escape(label), answer: show(answers[name]) })),
    LONGEST_SUMMARY - above.join("").length,
  )
  const question = Exchange.messageOf([...above, ...lines].join("\n"), ephemeral ?? isPrivate)
  const sendOrChange: Exchange.Rows = (id) => [
    Exchange.row(sendBy(id), ...(applying.length === 0 ? [] : [Exchange.button(id("change"), "Change")])),
  ]
  const choices: Exchange.Rows = (id) => [
    Exchange.row({
      type: ComponentType.StringSelect,
      custom_id: id("step"),
      placeholder: "What do you want to change?",
      options: applying.map(({ index, label }) => ({ label, value: String(index) })),
    }),
    Exchange.row(sendBy(id)),
  ]
  return Exchange.use(
    { question, rows: sendOrChange, within, what: `a word on the answers to "${title}"` },
    (exchange) =>
      Effect.gen(function* () {
        for (;;) {
          const event = yield* exchange.next
          if (event._tag !== "Pressed") continue
          const { name, press } = event
          if (name === "send") {
            yield* exchange.close("— Sent.", press)
            return undefined
          }
          const wanted = applying.find(({ index }) => String(index) === press.values[0])
          if (name === "step" && wanted !== undefined) {
            yield* exchange.close(Md.text`— Change ${wanted.label}`, press)
            return wanted.index
          }
          yield* exchange.change(question, choices, press)
        }
      }),
  )
}

const sendBy = (id: (name: string) => string) => Exchange.button(id("send"), "Send", ButtonStyle.Success)

/** A line for each answer. Where they are too long, the short ones leave their room to the long ones. */
const fitted = (
  all: ReadonlyArray<{ readonly label: string; readonly answer: string }>,
  room: number,
): ReadonlyArray<string> => {
  // Between and around the two, and the end of the line.
  const AROUND = "****: \n".length
  const lengths = all.map(({ answer, label }) => label.length + answer.length + AROUND)
  let left = room
  let most = Infinity
  for (const [index, length] of lengths.toSorted((a, b) => a - b).entries()) {
    const share = Math.floor(left / (all.length - index))
    if (length > share) {
      most = share
      break
    }
    left -= length
  }
  return all.map(({ answer, label }, index) => {
    const isLong = (lengths[index] ?? 0) > most
    const name = isLong ? Md.cut(label, Math.floor(most / 2) - AROUND) : label
    return `**${name}**: ${isLong ? Md.cut(answer, most - name.length - AROUND) : answer}`
  })
}

/** Leaves room in Discord's 2,000 characters for what stands above and below. */
const LONGEST_SUMMARY = 1_800

/** The longest answer in a summary, in characters. */
const LONGEST_ANSWER = 200

/** As it was typed, or as Discord shows what it stands for. */
const shown = (answer: unknown): string => {
  if (answer === undefined || answer === null) return "—"
  if (typeof answer === "boolean") return answer ? "Yes" : "No"
  if (Array.isArray(answer)) return answer.map(shown).join(", ")
  if (typeof answer !== "object") return Md.escape(Md.cut(String(answer), LONGEST_ANSWER))
  if (Predicate.hasProperty(answer, "filename"))
    return Md.escape(Md.cut(String(answer.filename), LONGEST_ANSWER))
  const isPerson = Predicate.hasProperty(answer, "user") || Predicate.hasProperty(answer, "username")
  if (isPerson && Predicate.hasProperty(answer, "id")) return Md.user(String(answer.id)).markdown
  return Md.escape(Md.cut(JSON.stringify(answer), LONGEST_ANSWER))
}
