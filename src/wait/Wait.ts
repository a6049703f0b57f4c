/**
 * Waiting for a person, or for anything else that Discord tells.
 *
 * What is waited for is a value; a deadline is no option but a part of every call.
 *
 * ```ts
 * const answer = yield* Wait.next(Wait.message({ channelId, authorId }), { within: "30 seconds" })
 * ```
 *
 * A wait is made before the question is sent where an answer could come at once: `Wait.arm` keeps events from then
 * on, and its deadline starts when told to.
 *
 * An event goes to one wait, the first that fits; those with `watch` see it besides. An answer that a wait has taken
 * runs no command; listeners of discord.js see it all the same. A prefix command goes to the command, unless the
 * wait says `commands`.
 *
 * @module
 */
import type {
  GatewayDispatchEvents,
  GatewayMessageCreateDispatchData,
  GatewayMessageReactionAddDispatchData,
  GatewayMessageReactionRemoveDispatchData,
} from "discord-api-types/v10"
import { Chunk, type Duration, Effect, type Scope, Stream } from "effect"
import type { Press } from "../interaction/Press.js"
import type * as Keys from "./Keys.js"
import type { WaitTargetGone, WaitTimeout } from "./WaitError.js"
import { type ArmOptions, type Armed, type For, Waits } from "./Waits.js"

export type { Press } from "../interaction/Press.js"
export { InvalidWait, MissingIntent, WaitTargetGone, WaitTimeout } from "./WaitError.js"
export { type Armed, type ArmOptions, type For, type Listed, type Started, Waits } from "./Waits.js"

/** A message as the gateway brings it. */
export type Message = GatewayMessageCreateDispatchData

// ---------------------------------------------------------------------------------------------------------
// What to wait for
// ---------------------------------------------------------------------------------------------------------

export interface MessageOptions {
  readonly channelId?: string | undefined
  readonly authorId?: string | undefined
  readonly guildId?: string | undefined
  readonly where?: ((message: Message) => boolean) | undefined
  /** Whether a message that calls a command of the bot counts, which then does not run. Default false. */
  readonly commands?: boolean | undefined
  /** Whether what bots and webhooks write counts, this one included. Default false. */
  readonly bots?: boolean | undefined
}

/** A message that somebody writes. What Discord itself says in a channel ("… joined") never counts. */
export const message = (options: MessageOptions): For<Message> => {
  const { authorId, bots, channelId, commands, guildId, where } = options
  return {
    event: "MESSAGE_CREATE",
    by: { channelId, userId: authorId, guildId },
    where,
    commands: commands ?? false,
    bots: bots ?? false,
    text: `a message${of(authorId)}${at(channelId)}`,
  }
}

/**
 * Where what is waited for is. The wait ends with that channel and guild; where no channel is given, with those of its
 * task.
 */
export interface PlaceOptions {
  readonly channelId?: string | undefined
  readonly guildId?: string | undefined
}

/**
 * Needs the message or its channel. By the channel it can be armed before the message is sent, and its events then
 * told apart by their `message_id`: that way no reaction is too early.
 */
export type ReactionOptions = (
  | { readonly messageId: string }
  | { readonly messageId?: undefined; readonly channelId: string }
) &
  PlaceOptions & {
    readonly userId?: string | undefined
    /** The emoji itself, or the id of a custom one. Default any. */
    readonly emoji?: string | undefined
    /** Waits for a reaction to be taken back. Default false. */
    readonly removed?: boolean | undefined
    readonly where?: ((reaction: Reaction) => boolean) | undefined
  }

/** A reaction, as the gateway tells that it came or went. */
export type Reaction = GatewayMessageReactionAddDispatchData | GatewayMessageReactionRemoveDispatchData

/**
 * A reaction to a message. The bot's own and those of other bots count only where they are named by `userId`; but of
 * one that is taken back Discord does not say whether a bot did that, so there the other bots' count.
 */
export const reaction = ({
  channelId,
  emoji,
  guildId,
  messageId,
  removed,
  userId,
  where,
}: ReactionOptions): For<Reaction> => ({
  event: removed === true ? "MESSAGE_REACTION_REMOVE" : "MESSAGE_REACTION_ADD",
  by: { messageId, channelId, userId, guildId },
  where:
    emoji === undefined
      ? where
      : (one) => (one.emoji.id === emoji || one.emoji.name === emoji) && where?.(one) !== false,
  commands: false,
  bots: false,
  text: `a reaction${of(userId)}${messageId === undefined ? at(channelId) : ` to message ${messageId}`}`,
})

/** One of the two has to be given, or both. */
export type ComponentOptions = (
  | { readonly customId: string; readonly messageId?: string | undefined }
  | { readonly customId?: string | undefined; readonly messageId: string }
) &
  PlaceOptions & {
    readonly userId?: string | undefined
    readonly where?: ((press: Press) => boolean) | undefined
  }

/**
 * A press of a button, or a choice in a select menu of any kind. A custom id stands for all those that go on after it
 * with `~`: `pick` for `pick~1` and `pick~2`. Whoever else presses what is for `userId` is told so.
 */
export const component = ({
  channelId,
  customId,
  guildId,
  messageId,
  userId,
  where,
}: ComponentOptions): For<Press> => ({
  event: "component",
  by: { customId, messageId, channelId, userId, guildId },
  where,
  commands: false,
  bots: false,
  text: `a press of ${customId ?? `message ${messageId}`}${of(userId)}`,
})

export interface ModalOptions extends PlaceOptions {
  readonly customId: string
  readonly userId?: string | undefined
}

/** A modal that was filled in and sent. One that is closed tells nobody: the deadline ends the wait. */
export const modal = ({ channelId, customId, guildId, userId }: ModalOptions): For<Press> => ({
  event: "modal",
  by: { customId, channelId, userId, guildId },
  where: undefined,
  commands: false,
  bots: false,
  text: `the form ${customId}${of(userId)}`,
})

/** The events that can be waited for by name. Messages and presses have descriptions of their own. */
export type EventName = Exclude<
  GatewayDispatchEvents,
  GatewayDispatchEvents.MessageCreate | GatewayDispatchEvents.InteractionCreate
>

/** Ids that the event carries, and a condition on its payload. */
export type EventOptions<E extends EventName> = {
  readonly [K in Keys.CarriedBy<E>]?: string | undefined
} & { readonly where?: ((payload: Keys.PayloadOf<E>) => boolean) | undefined }

/** Any event of the gateway, by its name and the ids in it. */
export const event = <E extends EventName>(name: E, options?: EventOptions<E>): For<Keys.PayloadOf<E>> => {
  const { channelId, guildId, messageId, userId, where }: AnyOptions<Keys.PayloadOf<E>> = options ?? {}
  return {
    event: name,
    by: { channelId, guildId, messageId, userId },
    where,
    commands: false,
    bots: true,
    text: `${name}${of(userId)}${at(channelId)}`,
  }
}

/** The first of any: one wait, one deadline, one entry on the roster. It is listed as the first of them. */
export const either = <A, B>(first: For<A>, ...others: ReadonlyArray<For<B>>): For<A | B> => ({
  // Each is only asked about its own events.
  ...(first as For<A | B>),
  or: [...(first.or ?? []), ...others.flatMap((one) => [one, ...(one.or ?? [])])] as ReadonlyArray<
    For<A | B>
  >,
})

/** The same, left out of what is waited for where the bot does not get such events: `either` goes on without it. */
export const optional = <A>(what: For<A>): For<A> => ({
  ...what,
  optional: true,
  or: what.or?.map(optional),
})

interface AnyOptions<A> {
  readonly channelId?: string | undefined
  readonly guildId?: string | undefined
  readonly messageId?: string | undefined
  readonly userId?: string | undefined
  readonly where?: ((payload: A) => boolean) | undefined
}

const of = (userId: string | undefined): string => (userId === undefined ? "" : ` of <@${userId}>`)
const at = (channelId: string | undefined): string => (channelId === undefined ? "" : ` in <#${channelId}>`)

// ---------------------------------------------------------------------------------------------------------
// Waiting
// ---------------------------------------------------------------------------------------------------------

export interface Options extends Pick<ArmOptions, "watch"> {
  /** From now; more than zero, and finite. */
  readonly within: Duration.DurationInput
}

export interface ManyOptions extends Options {
  /** Ends after so many. Default: only the deadline ends it. */
  readonly atMost?: number | undefined
}

/**
 * Waits for one event. Fails with `WaitTimeout` at the deadline, which wins a tie, and with `WaitTargetGone` where
 * what the event would come from is deleted. Interruption, also by an admin from the roster, ends the wait.
 */
export const next = <A>(
  what: For<A>,
  { watch, within }: Options,
): Effect.Effect<A, WaitTimeout | WaitTargetGone, Waits> =>
  Effect.flatMap(Waits, (waits) => waits.next(what, within, { watch }))

/**
 * Events as they come. Ends after `atMost` or at the deadline, which is not an error; fails where what they would
 * come from is deleted. Ending it, or interruption, ends the wait.
 */
export const stream = <A>(
  what: For<A>,
  { atMost, watch, within }: ManyOptions,
): Stream.Stream<A, WaitTargetGone, Waits> =>
  Stream.unwrapScoped(
    Effect.gen(function* () {
      const armed = yield* arm(what, { watch, atMost })
      const { stream } = yield* armed.start(within)
      return stream(atMost)
    }),
  )

/** What `stream` gives, when it has ended. */
export const collect = <A>(
  what: For<A>,
  options: ManyOptions,
): Effect.Effect<ReadonlyArray<A>, WaitTargetGone, Waits> =>
  Effect.map(Stream.runCollect(stream(what, options)), Chunk.toReadonlyArray)

/**
 * Keeps events from now on: to be made before a question is sent, so that no answer is lost. `start` begins the
 * deadline. Leaving the scope ends the wait; presses that nobody read are then acknowledged in silence.
 */
export const arm = <A>(
  what: For<A>,
  options?: ArmOptions,
): Effect.Effect<Armed<A>, never, Waits | Scope.Scope> =>
  Effect.flatMap(Waits, (waits) => waits.arm(what, options))
