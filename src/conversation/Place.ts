/**
 * Where a conversation is held: a thread of its own, the person's direct messages, another channel.
 *
 * ```ts
 * const place = yield* Place.thread({ name: "Your application", private: true })
 * const age = yield* Place.at(place)(Prompt.number("How old are you?", { within: "1 hour" }))
 * ```
 *
 * There, everything goes by channel messages, which have no deadline of Discord's: a conversation can outlast the
 * 15 minutes of an interaction's token, up to the command's own deadline. The command's outcome still goes to where
 * it was called; show something there first, or the person sees "thinking…" meanwhile.
 *
 * Failure modes: nothing in a channel is private, except in a private thread or a direct message. A thread or
 * channel that is deleted ends the conversation with `WaitTargetGone`.
 *
 * @module
 */
import { Routes } from "discord-api-types/v10"
import { Effect } from "effect"
import * as Discord from "../discord/Discord.js"
import type { RestError } from "../DiscordError.js"
import * as ChannelMessage from "../interaction/ChannelMessage.js"
import { Interaction } from "../interaction/Interaction.js"
import type * as Reply from "../interaction/Reply.js"
import { ModalImpossible, type Response, type Shown } from "../interaction/Response.js"
import * as Rest from "../rest/Rest.js"

/** A place that exists. */
export interface Place {
  readonly kind: "thread" | "dm" | "channel"
  readonly channelId: string
  /** Undefined in direct messages. */
  readonly guildId: string | undefined
}

/**
 * Starts a thread in the channel of the command, with the person in it. Fails with what Discord answers: with
 * `MissingPermissions` where the bot may not start one, for instance.
 */
export const thread = (
  options: Discord.NewThread,
): Effect.Effect<Place, RestError, Interaction | Discord.Discord> =>
  Effect.gen(function* () {
    const discord = yield* Discord.Discord
    const { channelId, guildId, user } = yield* Interaction
    // One without the person in it would be of no use to anybody.
    return yield* Effect.uninterruptible(
      Effect.gen(function* () {
        const id = yield* discord.startThread(channelId, options)
        yield* Effect.tapError(discord.addToThread(id, user.id), () =>
          Effect.ignore(discord.archiveThread(id)),
        )
        return { kind: "thread", channelId: id, guildId } as const
      }),
    )
  })

/**
 * The person's direct messages. Greets them there, since Discord says only then whether they accept any: fails with
 * `CannotMessageUser` where they do not.
 */
export const dm = (greeting: Reply.Message): Effect.Effect<Place, RestError, Interaction | Discord.Discord> =>
  Effect.gen(function* () {
    const discord = yield* Discord.Discord
    const { user } = yield* Interaction
    const channelId = yield* discord.openDm(user.id)
    yield* discord.send(channelId, ChannelMessage.openly(greeting))
    return { kind: "dm", channelId, guildId: undefined }
  })

/** A channel or thread of the server that the command was called in. */
export const channel = (channelId: string): Effect.Effect<Place, never, Interaction> =>
  Effect.map(Interaction, ({ guildId }) => ({ kind: "channel", channelId, guildId }))

/** Archives a thread and locks it, so that only moderators can open it again; elsewhere does nothing. */
export const close = (place: Place): Effect.Effect<void, RestError, Discord.Discord> =>
  place.kind === "thread"
    ? Effect.flatMap(Discord.Discord, (discord) => discord.archiveThread(place.channelId, { locked: true }))
    : Effect.void

/**
 * Holds a conversation there: what it shows and asks are messages in that channel, and what is typed there are its
 * answers.
 */
export const at =
  (place: Place) =>
  <A, E, R>(
    conversation: Effect.Effect<A, E, R>,
  ): Effect.Effect<A, E, Exclude<R, Interaction> | Interaction | Discord.Discord | Rest.Rest> =>
    Effect.gen(function* () {
      const discord = yield* Discord.Discord
      const rest = yield* Rest.Rest
      const there = new There(yield* Interaction, place, discord, rest)
      return yield* Effect.provideService(conversation, Interaction, there)
    })

/** The interaction in hand, with another channel to answer in. */
class There implements Interaction {
  /** The newest press there; what follows answers it. */
  private press: Response | undefined
  private first: Shown | undefined
  /** They were told for the channel of the command. */
  readonly userPermissions = undefined
  readonly botPermissions = undefined

  constructor(
    private readonly called: Interaction,
    private readonly place: Place,
    private readonly discord: Discord.Discord,
    private readonly rest: Rest.Rest,
  ) {}

  get id(): string {
    return this.called.id
  }
  get from(): Interaction["from"] {
    return this.called.from
  }
  get command(): string {
    return this.called.command
  }
  get user(): Interaction["user"] {
    return this.called.user
  }
  get guildId(): string | undefined {
    return this.place.guildId
  }
  get channelId(): string {
    return this.place.channelId
  }
  get locale(): string | undefined {
    return this.called.locale
  }
  get createdAt(): number {
    return this.called.createdAt
  }
  get memberRoles(): ReadonlyArray<string> | undefined {
    return this.guildId === undefined ? undefined : this.called.memberRoles
  }
  readonly show: Interaction["show"] = (message) =>
    this.showing(() => this.press?.show(message) ?? this.send(message))
  readonly ask: Interaction["ask"] = (message) =>
    this.showing(() => this.press?.ask(message) ?? Effect.uninterruptible(this.send(message)))
  readonly update: Interaction["update"] = (message) =>
    this.showing(
      () => this.press?.update(message) ?? this.first?.edit(message) ?? Effect.asVoid(this.send(message)),
    )
  readonly modal: Interaction["modal"] = (modal) =>
    this.showing(() => this.press?.modal(modal) ?? Effect.fail(new ModalImpossible({ id: this.id })))
  readonly hasShown = (): boolean => this.called.hasShown()
  readonly noteShown = (): void => this.called.noteShown()
  readonly canShowModal = (): boolean => this.press?.canShowModal() ?? false
  readonly willReplace = (): boolean => this.press?.willReplace() ?? false
  readonly adopt: Interaction["adopt"] = ({ response }) => {
    this.press = response
  }
  readonly defer: Interaction["defer"] = () =>
    Effect.ignore(this.rest.request({ method: "POST", path: Routes.channelTyping(this.place.channelId) }))

  private readonly showing = <A, E>(show: () => Effect.Effect<A, E>): Effect.Effect<A, E> =>
    Effect.suspend(() => {
      this.noteShown()
      return show()
    })

  private readonly send = (message: Reply.Message): Effect.Effect<Shown, RestError> =>
    Effect.map(this.discord.send(this.place.channelId, ChannelMessage.openly(message)), ({ id }) => {
      const shown = ChannelMessage.shown({ rest: this.rest }, this.place.channelId, id)
      this.first ??= shown
      return shown
    })
}
