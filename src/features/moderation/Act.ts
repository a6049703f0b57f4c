/**
 * One act of moderation, as a case: written before it is done, settled after it, and noted in the mod log whatever
 * came of it.
 *
 * ```
 * pending → the person is told → Discord → done | failed | unknown → mod log
 * ```
 *
 * Where Discord's answer was lost, it is asked whether the act was done. Interruption, and so the end of the bot,
 * gives up the call to Discord; the case is settled all the same, by what Discord then says.
 *
 * Failure modes: `ActFailed`, with the number of the case. What was told to the person beforehand is taken back.
 * A bot that is killed leaves the case `pending`; the next start makes that `unknown`.
 *
 * @module
 */
import { Cause, Clock, type Duration, Effect, Exit, Fiber, Option } from "effect"
import type { Client } from "../../discord/Client.js"
import { Discord } from "../../discord/Discord.js"
import { isUncertain, type RestError } from "../../DiscordError.js"
import * as Reply from "../../interaction/Reply.js"
import type { GuildSettings } from "../guild/GuildSettings.js"
import type { Case, NewCase, Status } from "./Model.js"
import { ActFailed } from "./ModerationError.js"
import * as ModLog from "./ModLog.js"
import { CaseStore } from "./Store.js"

/** What every act needs. */
export type Services = CaseStore | Client | Discord | GuildSettings

export interface Act extends Omit<NewCase, "at"> {
  /** What the person is told by direct message beforehand, where they can be. */
  readonly word: string | undefined
  /** Gives what the case is to say of it. */
  readonly run: Effect.Effect<string | void, RestError>
  /** Whether it was done, as Discord tells; undefined where nothing tells. */
  readonly check: Effect.Effect<boolean, RestError> | undefined
  /** Why Discord has refused, where its own word is not the best one. */
  readonly explain?: (error: RestError) => string | undefined
}

/** A case that is settled, and whether it was noted in the mod log. */
export interface Done {
  readonly case: Case
  readonly noted: boolean
}

/** Discord's time for what is done at the end of a command that was interrupted. */
const LAST = "5 seconds"
/** For the note in the mod log. */
const NOTE = "10 seconds"

/** Does it. */
export const perform = (act: Act): Effect.Effect<Done, ActFailed, Services> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const { check, explain, kind, run, userId, word, ...rest } = act
      const store = yield* CaseStore
      const { guildId, number } = yield* store.open({
        ...rest,
        kind,
        userId,
        at: yield* Clock.currentTimeMillis,
      })
      let told = silent
      const exit = yield* Effect.exit(
        restore(
          Effect.gen(function* () {
            if (word !== undefined && userId !== null) told = yield* tell(userId, word)
            return yield* run
          }),
        ),
      )
      const verdict = yield* judge(exit, check, explain)
      if (verdict.status === "failed") yield* within(LAST, told.takeBack)
      const deaf =
        word !== undefined && !told.said && verdict.status !== "failed"
          ? "They could not be told."
          : undefined
      const detail = [verdict.reason, deaf].filter((one) => one !== undefined).join(" ")
      const settled = yield* Effect.orDie(
        store.settle(guildId, number, verdict.status, detail === "" ? null : detail),
      )
      const noted = yield* within(NOTE, ModLog.post(settled))
      // Interruptions and defects go on as they are.
      if (Exit.isFailure(exit) && Option.isNone(Cause.failureOption(exit.cause)))
        return yield* Effect.failCause(exit.cause as Cause.Cause<never>)
      if (verdict.status === "done") return { case: settled, noted: Option.getOrElse(noted, () => false) }
      return yield* new ActFailed({
        kind,
        number,
        uncertain: verdict.status === "unknown",
        reason: verdict.reason ?? "",
      })
    }),
  )

/**
 * Runs something at the end of a command: it has so long, whether or not the command was interrupted. Fails with
 * nothing.
 */
export const within = <A, E, R>(
  time: Duration.DurationInput,
  effect: Effect.Effect<A, E, R>,
): Effect.Effect<Option.Option<A>, never, R> =>
  // A second interruption would cut short what is made interruptible for its time-out: so it is a daemon's.
  Effect.flatMap(
    Effect.forkDaemon(Effect.interruptible(Effect.option(Effect.timeout(effect, time)))),
    Fiber.join,
  )

interface Verdict {
  readonly status: Exclude<Status, "pending" | "stopped">
  readonly reason: string | undefined
}

const judge = Effect.fnUntraced(function* (
  exit: Exit.Exit<string | void, RestError>,
  check: Act["check"],
  explain: Act["explain"],
): Effect.fn.Return<Verdict> {
  if (Exit.isSuccess(exit)) return { status: "done", reason: exit.value ?? undefined }
  const error = Option.getOrUndefined(Cause.failureOption(exit.cause))
  const reason =
    error === undefined ? "I was stopped while I was at it." : (explain?.(error) ?? error.userText)
  if (error !== undefined && !isUncertain(error)) return { status: "failed", reason }
  const looked = check === undefined ? Option.none<boolean>() : yield* within(LAST, check)
  return Option.match(looked, {
    onNone: () => ({ status: "unknown", reason }),
    onSome: (done) => (done ? { status: "done", reason: undefined } : { status: "failed", reason }),
  })
})

interface Told {
  readonly said: boolean
  readonly takeBack: Effect.Effect<void, RestError>
}

/** By direct message. Whoever takes none is not told. */
const tell = (userId: string, word: string): Effect.Effect<Told, never, Discord> =>
  Effect.gen(function* () {
    const discord = yield* Discord
    const channelId = yield* discord.openDm(userId)
    const { id } = yield* discord.send(channelId, Reply.text(word))
    return { said: true, takeBack: discord.remove({ channelId, messageId: id }) }
  }).pipe(
    Effect.timeout(NOTE),
    Effect.orElseSucceed(() => silent),
  )

const silent: Told = { said: false, takeBack: Effect.void }
