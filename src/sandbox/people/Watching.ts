/**
 * What a person sees: what is there, and what comes.
 *
 * @module
 */
import { Effect, Stream } from "effect"
import { attempt, type Failure } from "./Attempt.js"
import type { Outlook } from "./Outlook.js"
import type { Channel, Message } from "../model/Model.js"
import type { Sight } from "../world/View.js"

export interface Watching {
  /** A channel or thread that this person sees, found as in `say`. */
  readonly channel: (name: string) => Effect.Effect<Channel, Failure>
  /**
   * The messages that this person sees in a channel, oldest first; without the right to read its history only those
   * that nobody else sees.
   */
  readonly history: (channel: string) => Effect.Effect<ReadonlyArray<Message>, Failure>
  /** Calls back on everything that this person sees from now on, until the returned function is called. */
  readonly observe: (listener: (sight: Sight) => void) => () => void
  /** The same as a stream; it begins when it is run. */
  readonly sights: Stream.Stream<Sight>
  /** The first message that fits among those of `history` and those to come. */
  readonly message: (channel: string, fits: (message: Message) => boolean) => Effect.Effect<Message, Failure>
}

export const make = ({ channelOf, recalls, user, world }: Outlook): Watching => {
  const observe = (listener: (sight: Sight) => void) =>
    world.onSight((sight, audience) => {
      if (world.sees(user.id, sight, audience)) listener(sight)
    })

  return {
    channel: (name) => attempt(() => channelOf(name)),
    history: (where) =>
      attempt(() => {
        const channel = channelOf(where)
        return [...channel.messages.values()].filter((message) => recalls(channel, message))
      }),
    observe,
    sights: Stream.asyncPush<Sight>((emit) =>
      Effect.acquireRelease(
        Effect.sync(() => observe((sight) => emit.single(sight))),
        (stop) => Effect.sync(stop),
      ),
    ),
    message: (where, fits) =>
      Effect.flatMap(
        attempt(() => channelOf(where)),
        (channel) =>
          Effect.async<Message>((resume) => {
            const seen = [...channel.messages.values()].find(
              (message) => recalls(channel, message) && fits(message),
            )
            if (seen !== undefined) return resume(Effect.succeed(seen))
            const stop = observe((sight) => {
              if (sight._tag !== "MessageShown" && sight._tag !== "MessageEdited") return
              if (sight.channelId !== channel.id || !fits(sight.message)) return
              stop()
              resume(Effect.succeed(sight.message))
            })
            return Effect.sync(stop)
          }),
      ),
  }
}
