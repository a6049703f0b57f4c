/**
 * The interview: one question after the other, in a private thread or in direct messages.
 *
 * It may take longer than an interaction lives, so it runs as a task of its own, listed under the person's name.
 * What was answered is kept after each step; however the interview ends, it says so where it was held, and
 * `/tryout apply` goes on from there.
 *
 * ```
 *   begin ─▶ meeting ─▶ question 1 … n ─▶ summary ─▶ sent, the card is posted
 *                          │ time-out, cancel, withdrawal, deletion, shutdown
 *                          ▼
 *                       kept, and told how to go on
 * ```
 *
 * Failure modes: where the thread is gone, the person is told by direct message, if they accept any. A card that
 * could not be posted is posted by the next `/tryout review`.
 *
 * @module
 */
import { Cause, Clock, Context, Effect, Exit, Fiber, Layer, Option } from "effect"
import * as Place from "../../conversation/Place.js"
import * as Prompt from "../../conversation/Prompt.js"
import * as Wizard from "../../conversation/Wizard.js"
import { Discord } from "../../discord/Discord.js"
import { Interaction } from "../../interaction/Interaction.js"
import * as Md from "../../interaction/Md.js"
import * as Reply from "../../interaction/Reply.js"
import { Supervisor } from "../../supervise/Supervisor.js"
import { type Application, type Meeting, stoppedAt, type Tryout } from "./Model.js"
import { type Answer, type Question, show } from "./Question.js"
import * as Review from "./Review.js"
import { TryoutStore } from "./Store.js"
import type { TalkEnded } from "./TryoutError.js"
import * as Venue from "./Venue.js"

/** The interviews that go on in this process, by application. */
export interface Talks {
  readonly meetingOf: (applicationId: string) => Meeting | undefined
  /** Whether one goes on in that channel. Two would take each other's answers. */
  readonly isIn: (channelId: string) => boolean
  /** Ends one for that reason, which the person is told. Does nothing where none goes on. */
  readonly stop: (applicationId: string, why: TalkEnded) => Effect.Effect<void>
  /** Runs one until it ends or is stopped, and gives how; interruption waits for its end. */
  readonly hold: <A, E, R>(
    applicationId: string,
    meeting: Meeting,
    interview: Effect.Effect<A, E, R>,
  ) => Effect.Effect<Exit.Exit<A, E | TalkEnded>, never, R>
}

export const Talks = Context.GenericTag<Talks>("bosun/features/tryouts/Talks")

interface Going {
  readonly meeting: Meeting
  readonly fiber: Fiber.Fiber<unknown, unknown>
  stopped: TalkEnded | undefined
}

export const layer: Layer.Layer<Talks> = Layer.sync(Talks, () => {
  const going = new Map<string, Going>()
  return {
    meetingOf: (id) => going.get(id)?.meeting,
    isIn: (channelId) =>
      [...going.values()].some(
        ({ meeting, stopped }) => meeting.channelId === channelId && stopped === undefined,
      ),
    stop: (id, why) =>
      Effect.suspend(() => {
        const found = going.get(id)
        if (found === undefined) return Effect.void
        found.stopped ??= why
        return Fiber.interruptFork(found.fiber)
      }),
    hold: (id, meeting, interview) =>
      Effect.uninterruptibleMask((restore) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(restore(interview))
          const entry: Going = { meeting, fiber, stopped: undefined }
          going.set(id, entry)
          const exit = yield* Fiber.await(fiber)
          // A newer one for the same application stays.
          if (going.get(id) === entry) going.delete(id)
          return Exit.isFailure(exit) && Cause.isInterrupted(exit.cause) && entry.stopped !== undefined
            ? Exit.fail(entry.stopped)
            : exit
        }),
      ),
  }
})

/**
 * Finds a place, and starts the interview there. Gives what the person is told about it. Fails with
 * `NoPlaceToTalk` or `AlreadyTalking`, and then forgets an application without answers.
 */
export const start = Effect.fnUntraced(function* (tryout: Tryout, application: Application) {
  const store = yield* TryoutStore
  const talks = yield* Talks
  const supervisor = yield* Supervisor
  const { id, talk, userId } = application
  const { meeting, place, word } = yield* Effect.tapError(Venue.find(tryout, application, talks.isIn), () =>
    store.discard(id, talk),
  )
  yield* store.meet(id, talk, meeting)
  const interview = Effect.zipRight(
    Place.at(place)(ask(tryout, application)),
    Effect.uninterruptible(send(tryout, application)),
  )
  yield* supervisor.fork(
    {
      kind: "interview",
      name: `tryout ${tryout.name}`,
      userId,
      guildId: application.guildId,
      channelId: meeting.channelId,
    },
    Effect.uninterruptible(
      Effect.flatMap(talks.hold(id, meeting, Effect.interruptible(interview)), (exit) =>
        farewell(tryout, application, meeting, exit),
      ),
    ),
  )
  return word
})

// ---------------------------------------------------------------------------------------------------------
// The questions
// ---------------------------------------------------------------------------------------------------------

/** Asks what was not answered yet, then shows all answers until they are sent. */
const ask = (tryout: Tryout, application: Application) =>
  Effect.gen(function* () {
    const store = yield* TryoutStore
    const { deadline, questions } = tryout
    const wizard = wizardOf(tryout)
    const options = {
      onStep: (given: Partial<Given>) =>
        store.save(
          application.id,
          application.talk,
          questions.flatMap((_, index) => given[nameOf(index)] ?? []),
        ),
    }
    const before = Object.fromEntries(application.answers.map((answer, index) => [nameOf(index), answer]))
    // Time to go back and forth; each question has a deadline of its own.
    const answers = yield* Wizard.run(wizard, {
      ...options,
      answers: before,
      within: deadline * (questions.length + 1) * 2,
      summary: false,
    })
    yield* reminded(
      "Your application is not sent yet: press Send, or change it.",
      deadline * 2,
      Wizard.run(wizard, {
        ...options,
        answers,
        within: deadline * 2,
        summary: "Look over your answers, then send them.",
      }),
    )
  })

type Given = { readonly [name: string]: Answer }

const nameOf = (index: number): string => `q${index}`

/** The questions are known only now, so its answers have no type of their own each. */
const wizardOf = ({ deadline, name, questions }: Tryout) => {
  const { pipe, title } = Wizard.make(name)
  const steps = questions.map((question, index) => ({
    name: nameOf(index),
    label: question.prompt.slice(0, LONGEST_LABEL),
    applies: () => true,
    ask: () => reminded("Half of your time for this question is over.", deadline, prompt(question, deadline)),
    show: (answer: unknown) => brief(answer as Answer),
    within: Infinity,
  }))
  return { title, pipe, steps, complete: (answers: Wizard.Answers) => answers as Given }
}

const LONGEST_LABEL = 100

/** An answer in the summary. */
const brief = (answer: Answer): string => {
  if (answer._tag === "File") return Md.text`${answer.name}`
  const shown = show(answer)
  return Md.cut(shown, 150)
}

const prompt = (question: Question, within: number) =>
  Effect.gen(function* () {
    const { guildId } = yield* Interaction
    const by = guildId === undefined || (yield* Venue.canRead) ? "message" : "modal"
    const asked = Md.text`**${question.prompt}**\n-# ${Md.raw(hint(question))}`
    switch (question._tag) {
      case "Text": {
        const { max, min } = question
        return yield* Effect.map(Prompt.text(asked, { within, min, max, by }), (text): Answer => ({
          _tag: "Text",
          text,
        }))
      }
      case "Number": {
        const range = question.min === undefined ? {} : { min: question.min, max: question.max ?? Infinity }
        return yield* Effect.map(Prompt.number(asked, { within, by, ...range }), (value): Answer => ({
          _tag: "Number",
          value,
        }))
      }
      case "Choice":
        return yield* Effect.map(
          Prompt.choice<string>(asked, question.choices, { within }),
          (choice): Answer => ({ _tag: "Choice", choice }),
        )
      case "File": {
        const types = question.types.length === 0 ? {} : { types: question.types }
        return yield* Effect.map(
          Prompt.attachment(asked, { within, ...types }),
          ({ filename, url }): Answer => ({ _tag: "File", name: filename, url }),
        )
      }
    }
  })

/** What kind of answer is taken. */
const hint = (question: Question): string => {
  switch (question._tag) {
    case "Text":
      return `Text of ${question.min} to ${question.max} characters.`
    case "Number":
      return question.min === undefined ? "A number." : `A number from ${question.min} to ${question.max}.`
    case "Choice":
      return "Choose one."
    case "File":
      return question.types.length === 0
        ? "Attach one file to a message."
        : Md.text`Attach one file to a message: ${question.types.join(" or ")}.`
  }
}

/** The same, with one word to the person at half time of the deadline (milliseconds). */
const reminded = <A, E, R>(word: string, deadline: number, effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const { channelId, user } = yield* Interaction
    const discord = yield* Discord
    const until = (yield* Clock.currentTimeMillis) + deadline
    const reminder = Reply.text(Md.text`${Md.user(user.id)} ${Md.raw(word)} It ends ${Md.time(until, "R")}.`)
    return yield* Effect.raceFirst(
      effect,
      discord.send(channelId, Reply.mentioning(reminder, { users: [user.id] })).pipe(
        Effect.delay(deadline / 2),
        Effect.catchAll((error) => Effect.logDebug(`A reminder could not be sent: ${error.message}`)),
        Effect.zipRight(Effect.never),
      ),
    )
  })

// ---------------------------------------------------------------------------------------------------------
// The end
// ---------------------------------------------------------------------------------------------------------

const send = Effect.fnUntraced(function* ({ channelId }: Tryout, { id, talk }: Application) {
  const store = yield* TryoutStore
  const sent = yield* store.submit(id, talk, yield* Clock.currentTimeMillis)
  yield* Effect.catchAll(Review.post(sent), (error) =>
    Effect.logWarning(
      `An application could not be posted in channel ${channelId}; /tryout review tries again: ${error.message}`,
    ),
  )
})

/** However it ended, the person is told there, or by direct message where the thread is gone. */
const farewell = (
  tryout: Tryout,
  application: Application,
  meeting: Meeting,
  exit: Exit.Exit<unknown, { readonly _tag: string; readonly userText: string }>,
) =>
  Effect.gen(function* () {
    const discord = yield* Discord
    const store = yield* TryoutStore
    // The person may have had it erased.
    const now = yield* Effect.orElseSucceed(store.application(application.id), () => application)
    const failure = Exit.isSuccess(exit) ? undefined : Option.getOrUndefined(Cause.failureOption(exit.cause))
    if (Exit.isFailure(exit) && failure === undefined && !Cause.isInterruptedOnly(exit.cause))
      yield* Effect.logError(`The interview for ${tryout.name} failed`, exit.cause)
    const kept = `${stoppedAt(tryout, now)}. What you have answered is kept: \`/tryout apply\` in the server goes on there.`
    const word = Exit.isSuccess(exit)
      ? Md.text`Your application for **${tryout.name}** is sent. You will be told what becomes of it.`
      : failure?._tag === "TalkEnded"
        ? failure.userText
        : `${failure?.userText ?? "I had to stop."} ${kept.charAt(0).toUpperCase()}${kept.slice(1)}`
    yield* Effect.catchAll(discord.send(meeting.channelId, Reply.text(word)), () =>
      Effect.flatMap(discord.openDm(application.userId), (channelId) =>
        discord.send(channelId, Reply.text(Md.text`**${tryout.name}**: ${Md.raw(word)}`)),
      ),
    )
  }).pipe(
    Effect.interruptible,
    Effect.timeout("8 seconds"),
    Effect.catchAll((error) => Effect.logInfo(`The end of an interview could not be told: ${error.message}`)),
    // Interruption reaches all children of a fiber; this one is to be waited for instead.
    Effect.forkDaemon,
    Effect.flatMap(Fiber.join),
  )
