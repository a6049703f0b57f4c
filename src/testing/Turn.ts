/**
 * One thing that a person did, and what came of it.
 *
 * @module
 */
import { InteractionType } from "discord-api-types/v10"
import { Effect } from "effect"
import type * as Actor from "../sandbox/people/Actor.js"
import type { State } from "../sandbox/world/Interactions.js"
import type { Message } from "../sandbox/model/Model.js"
import type * as Outcomes from "./Outcomes.js"
import type { Rig } from "./Rig.js"
import * as Screen from "./Screen.js"

/** How a call ended, and what the person has on their screen of it then. */
export interface Outcome {
  /** As the bot recorded it; `Unanswered` where Discord told the person that it did not respond. */
  readonly _tag: Outcomes.Tag | "Unanswered"
  /**
   * Only of `TimedOut`: at its deadline it waited for something that is neither a wait nor a sleep: a lock that is
   * never given back, or work that should be in `VirtualClock.outside`.
   */
  readonly hung?: true
  readonly replies: ReadonlyArray<Screen.Shown>
}

export interface Turn {
  /** The interaction's id; of a message, its own. */
  readonly id: string
  /**
   * Waits until the call has ended and its outcome was shown. For a press: until it was answered, as `Completed`
   * unless the bot has recorded another outcome of it.
   */
  readonly outcome: Effect.Effect<Outcome>
  /** The next message of the bot's that belongs to it; each is given once. */
  readonly nextMessage: Effect.Effect<Screen.Shown>
  /** What is there now of it, and of the presses and forms that followed. */
  readonly replies: Effect.Effect<ReadonlyArray<Screen.Shown>>
  /** What Discord shows of the interaction; of a message there is nothing to show. */
  readonly state: Effect.Effect<State | undefined>
}

export type Kind = "command" | "press"

/** Who waits for what in the test itself: said where nothing comes any more. And what ends with the run. */
export class Waiting {
  private readonly texts = new Set<{ readonly text: string }>()
  private readonly stops: Array<() => void> = []
  /** To be called when the run is over. */
  onEnd(stop: () => void): void {
    this.stops.push(stop)
  }
  end(): void {
    for (const stop of this.stops.splice(0)) stop()
  }
  list(): ReadonlyArray<string> {
    return Array.from(this.texts, ({ text }) => text)
  }
  /** Waits for a callback, and says so meanwhile. */
  until<A>(text: string, register: (resume: (value: A) => void) => () => void): Effect.Effect<A> {
    return Effect.async<A>((resume) => {
      const entry = { text }
      this.texts.add(entry)
      let over = false
      let stop: (() => void) | undefined
      const end = () => {
        over = true
        this.texts.delete(entry)
        stop?.()
      }
      stop = register((value) => {
        if (over) return
        end()
        resume(Effect.succeed(value))
      })
      if (over) stop()
      return Effect.sync(end)
    })
  }
}

/**
 * Messages of the bot's as they come to somebody's eyes: each new one, and one that was changed into another
 * question.
 */
export interface Inbox {
  readonly take: (message: Message) => void
  readonly next: (text: string) => Effect.Effect<Screen.Shown>
}

export const inbox = (rig: Rig, waiting: Waiting): Inbox => {
  const known = new Map<string, string>()
  const ready: Array<Message> = []
  let resume: (() => void) | undefined
  return {
    take: (message) => {
      if (message.authorId !== rig.sandbox.world.bot.id || Screen.isThinking(message)) return
      const before = known.get(message.id)
      known.set(message.id, message.content)
      if (before !== undefined && (before === message.content || Screen.live(message).length === 0)) return
      if (!ready.includes(message)) ready.push(message)
      resume?.()
    },
    next: (text) =>
      Effect.suspend(() => {
        const first = ready.shift()
        if (first !== undefined) return Effect.succeed(Screen.shown(first))
        return waiting.until<Screen.Shown>(text, (done) => {
          resume = () => {
            const message = ready.shift()
            if (message === undefined) return
            resume = undefined
            done(Screen.shown(message))
          }
          return () => {
            resume = undefined
          }
        })
      }),
  }
}

const sources = new WeakMap<Turn, string>()

/** What a message answers. */
const answers = (message: Message): string | undefined =>
  message.interaction?.id ?? message.reference?.messageId ?? undefined

/** Whether a message came of something, directly or through presses and forms that carried it on. */
const cameOf = (rig: Rig, message: Message, id: string): boolean => {
  let at = answers(message)
  while (at !== undefined && at !== id) at = carriesOn(rig, at) ? rig.parents.get(at) : undefined
  return at === id
}

/** A press that was turned away is answered by a message of its own, and is no part of what it was turned away from. */
const carriesOn = (rig: Rig, id: string): boolean => {
  const interaction = rig.sandbox.interactions.find(id)
  if (interaction === undefined) return false
  const { kind, original, source, state } = interaction
  return (
    kind === InteractionType.ModalSubmit ||
    state._tag === "ModalShown" ||
    (original !== null && original.id === source?.id)
  )
}

/** A turn that is an interaction. */
export const ofInteraction = (
  rig: Rig,
  waiting: Waiting,
  actor: Actor.Actor,
  started: Actor.Turn,
  kind: Kind,
  opener?: string,
): Turn => {
  const messages = inbox(rig, waiting)
  const interaction = rig.sandbox.interactions.find(started.id)
  const source = interaction?.source
  const parent = opener ?? (source === undefined ? undefined : (answers(source) ?? source.id))
  if (parent !== undefined) rig.parents.set(started.id, parent)
  const mine = (message: Message): boolean =>
    cameOf(rig, message, started.id) || (kind === "press" && message.id === interaction?.source?.id)
  const stop = actor.observe((sight) => {
    if ((sight._tag === "MessageShown" || sight._tag === "MessageEdited") && mine(sight.message))
      messages.take(sight.message)
  })
  waiting.onEnd(stop)
  const name = interaction?.name ?? "a press"
  const turn: Turn = {
    id: started.id,
    outcome:
      kind === "command"
        ? recorded(rig, waiting, actor, started.id, `the outcome of ${name}`, () => turn, started)
        : Effect.map(
            waiting.until<State>(`${actor.user.username} waits for an answer to ${name}`, (resume) => {
              const settled = () => {
                const state = started.state()
                if (state._tag !== "Waiting" && state._tag !== "Deferred") resume(state)
              }
              settled()
              interaction?.listeners.add(settled)
              return () => interaction?.listeners.delete(settled)
            }),
            (state): Outcome => ({
              _tag: state._tag === "Failed" ? "Unanswered" : (rig.outcomes.of(started.id)[0] ?? "Completed"),
              ...hung(rig, started.id),
              replies: messagesOf(rig, actor, turn).map(Screen.shown),
            }),
          ),
    nextMessage: messages.next(`${actor.user.username} waits for a message of ${name}`),
    replies: Effect.sync(() => messagesOf(rig, actor, turn).map(Screen.shown)),
    state: Effect.sync(started.state),
  }
  if (kind === "press" && interaction?.source !== undefined) sources.set(turn, interaction.source.id)
  return turn
}

/** A turn that is a message. To be asked for before it is sent, since an answer may come at once. */
export const ofMessage = (rig: Rig, waiting: Waiting, actor: Actor.Actor): ((message: Message) => Turn) => {
  const messages = inbox(rig, waiting)
  let own: Message | undefined
  const stop = actor.observe((sight) => {
    if (sight._tag !== "MessageShown" && sight._tag !== "MessageEdited") return
    if (own !== undefined && cameOf(rig, sight.message, own.id)) messages.take(sight.message)
  })
  waiting.onEnd(stop)
  return (message) => {
    own = message
    const turn: Turn = {
      id: message.id,
      outcome: recorded(rig, waiting, actor, message.id, `the outcome of "${message.content}"`, () => turn),
      nextMessage: messages.next(`${actor.user.username} waits for an answer to "${message.content}"`),
      replies: Effect.sync(() => messagesOf(rig, actor, turn).map(Screen.shown)),
      state: Effect.sync((): State | undefined => undefined),
    }
    return turn
  }
}

/** The bot's record of how it ended, once nothing of it is on its way any more. */
const recorded = (
  rig: Rig,
  waiting: Waiting,
  actor: Actor.Actor,
  id: string,
  what: string,
  turn: () => Turn,
  started?: Actor.Turn,
): Effect.Effect<Outcome> => {
  const { outcomes, session } = rig
  const isUnanswered = () => started?.state()._tag === "Failed"
  const known = waiting.until<void>(`${actor.user.username} waits for ${what}`, (resume) => {
    const look = () => {
      if (outcomes.of(id).length > 0 || isUnanswered()) resume()
    }
    look()
    const stop = outcomes.listen(look)
    const interaction = rig.sandbox.interactions.find(id)
    interaction?.listeners.add(look)
    return () => {
      stop()
      interaction?.listeners.delete(look)
    }
  })
  const delivered = session.quiet(
    () => rig.traffic === 0 && rig.sandbox.pendingRequests() === 0 && started?.state()._tag !== "Waiting",
  )
  return Effect.map(Effect.zipRight(known, delivered), (): Outcome => ({
    _tag: outcomes.of(id)[0] ?? "Unanswered",
    ...hung(rig, id),
    replies: messagesOf(rig, actor, turn()).map(Screen.shown),
  }))
}

const hung = ({ outcomes }: Rig, id: string): { readonly hung?: true } =>
  outcomes.isHung(id) ? { hung: true } : {}

/** The bot's messages that belong to a turn and that the person still sees, oldest first. */
export const messagesOf = (rig: Rig, actor: Actor.Actor, turn: Turn): ReadonlyArray<Message> => {
  const { world } = rig.sandbox
  const source = sources.get(turn)
  return [...world.channels.values()]
    .flatMap((channel) => [...channel.messages.values()])
    .filter(
      (message) =>
        message.authorId === world.bot.id &&
        !Screen.isThinking(message) &&
        (message.ephemeralFor === null || message.ephemeralFor === actor.user.id) &&
        (message.id === source || cameOf(rig, message, turn.id)),
    )
}

/** Those of them that are the answer: not the questions on the way there, unless it took the place of one. */
export const finalOf = (rig: Rig, actor: Actor.Actor, turn: Turn): ReadonlyArray<Message> =>
  messagesOf(rig, actor, turn).filter(({ id }) => !rig.asked.has(id))
