/**
 * A question whose acceptance Discord did not tell: it may be there all the same, live and with nobody behind it.
 * Where the gateway tells of it, or it is found in its channel, it is closed.
 *
 * Not what the next output replaces (a first response, and what took the place of “thinking…”), and not a private
 * message, which neither of them tells of.
 *
 * @module
 */
import { type APIMessage, MessageFlags, Routes } from "discord-api-types/v10"
import { Array as Arr, Cause, Effect, Exit, Option, Schedule, Scope } from "effect"
import { isUncertain, type RestError } from "../DiscordError.js"
import * as ChannelMessage from "../interaction/ChannelMessage.js"
import type { Interaction } from "../interaction/Interaction.js"
import type * as Reply from "../interaction/Reply.js"
import type { InteractionEnded, Shown } from "../interaction/Response.js"
import * as Rest from "../rest/Rest.js"
import * as LastWord from "../supervise/LastWord.js"
import * as Wait from "../wait/Wait.js"
import type { Waits } from "../wait/Waits.js"

/** How long the failure is held back for it. */
const PATIENCE = "3 seconds"

/** How long the gateway is listened to. */
const LISTENING = "1 minute"

/** How often its channel is looked at, beginning after `PATIENCE`, and how far back. */
const AGAIN = "30 seconds"
const NEWEST = "50"

export interface Asked {
  readonly interaction: Pick<Interaction, "ask" | "canShowModal" | "channelId" | "willReplace">
  readonly message: Reply.Message
  /** What tells it from others: the beginning of a custom id in it. */
  readonly mark: string
  /** What it becomes. */
  readonly end: Reply.Message
}

/** Shows a question. Fails with what Discord answered; interruption waits until it was shown, or closed. */
export const ask = ({
  end,
  interaction,
  mark,
  message,
}: Asked): Effect.Effect<Shown, RestError | InteractionEnded, Waits> =>
  Effect.gen(function* () {
    const rest = yield* Effect.serviceOption(Rest.Rest)
    const { channelId } = interaction
    const asking = interaction.ask(message)
    if (Option.isNone(rest) || isPrivate(message) || interaction.canShowModal()) return yield* asking
    const scope = yield* Scope.make()
    const done = Scope.close(scope, Exit.void)
    const armed = yield* Scope.extend(
      Wait.arm(
        {
          ...Wait.optional(Wait.message({ channelId, bots: true, where: has(mark) })),
          text: `the arrival of a question in <#${channelId}>`,
        },
        { watch: true },
      ),
      scope,
    )
    const closing = (isDoubtful: boolean) =>
      armed.start(LISTENING).pipe(
        Effect.flatMap(({ next }) =>
          // A refusal is no proof: it may have come to a second attempt, after one whose answer was lost.
          Effect.raceFirst(
            next,
            isDoubtful ? found(rest.value, channelId, mark) : Effect.flip(Effect.yieldNow()),
          ),
        ),
        Effect.flatMap(({ id }) => ChannelMessage.shown({ rest: rest.value }, channelId, id).edit(end)),
        Effect.ignore,
        Effect.ensuring(done),
      )
    return yield* Effect.onExit(asking, (exit) =>
      Exit.isSuccess(exit) || interaction.willReplace()
        ? done
        : LastWord.patient(PATIENCE, closing(Option.exists(Cause.failureOption(exit.cause), isUncertain))),
    )
  }).pipe(Effect.uninterruptible)

/**
 * Among the channel's newest messages: where the gateway has begun a new session, it never tells of what came before.
 * Never fails; never ends where it is not there.
 */
const found = (rest: Rest.Rest, channelId: string, mark: string): Effect.Effect<Pick<APIMessage, "id">> =>
  rest.request({ method: "GET", path: Routes.channelMessages(channelId), query: { limit: NEWEST } }).pipe(
    Effect.flatMap(({ json }) =>
      Array.isArray(json) ? Arr.findFirst(json as ReadonlyArray<APIMessage>, has(mark)) : Option.none(),
    ),
    Effect.delay(PATIENCE),
    Effect.retry(Schedule.spaced(AGAIN)),
    Effect.orElse(() => Effect.never),
  )

const has =
  (mark: string) =>
  ({ components = [] }: Pick<APIMessage, "components">): boolean =>
    JSON.stringify(components).includes(`"${mark}`)

/** Whether only the person is to see it. */
export const isPrivate = ({ ephemeral, flags = 0 }: Reply.Message): boolean =>
  ephemeral === true || (flags & MessageFlags.Ephemeral) !== 0
