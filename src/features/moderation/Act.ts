/**
 * One act of moderation, as a case: written before it is done, settled after it, and noted in the mod log whatever
 * came of it.
 *
 * ```
 * pending → the person is told → Discord → done | failed | unknown → mod log
 * ```
 *
 * Where Discord's answer was lost, it is asked whether the act was done. Interruption, and so the end of the bot,
 * gives up the call to Discord; the case is settled all the same, by what Discord then says. The message to the
 * person is not given up, so that it can be taken back: nobody waits for that longer than a command's last words last.
 *
 * Failure modes: `ActFailed`, with the number of the case. What was told to the person beforehand is taken back.
 * A bot that is killed leaves the case `pending`; the next start makes that `unknown`.
 *
 * @module
 */
import { Cause, Clock, type Duration, Effect, Exit, Fiber, Option } from "effect"
import type { Client } from "../../discord/Client.js"
import { Discord, type MessageAt } from "../../discord/Discord.js"
import { isUncertain, type RestError } from "../../DiscordError.js"
import * as Reply from "../../interaction/Reply.js"
import * as LastWord from "../../supervise/LastWord.js"
import type { Supervisor } from "../../supervise/Supervisor.js"
import type { GuildSettings } from "../guild/GuildSettings.js"
import { type Case, type NewCase, type Status, STOPPED } from "./Model.js"
import { ActFailed } from "./ModerationError.js"
import * as ModLog from "./ModLog.js"
import { CaseStore } from "./Store.js"
import { Turns } from "./Turns.js"

/** What every act needs. */
export type Services = CaseStore | Client | Discord | GuildSettings | Supervisor | Turns

export interface Act extends Omit<NewCase, "at"> {
  /** What the person is told by direct message beforehand, where they can be. */
  readonly word: string | undefined
  /** Gives what the case is to say of it. */
  readonly run: Effect.Effect<string | void, RestError>
  /** Whether it was done, as Discord tells; undefined where nothing tells. */
  readonly check: Effect.Effect<boolean, RestError> | undefined
  /** Why it failed, where Discord's own word is not the best one; given nothing, why it was stopped midway. */
  readonly explain?: (error: RestError | undefined) => string | undefined
}

/** A case that is settled, and whether it is noted in the mod log. */
export interface Done {
  readonly case: Case
  readonly noted: boolean
}

/** Discord's time for each of the two last words of an interrupted command; both are below what a drain waits. */
const LAST = "4 seconds"
/** For each message otherwise: to the person, and in the mod log. */
const NOTE = "10 seconds"

/** Does it, when what others do to the same person is over. */
export const perform = (act: Act): Effect.Effect<Done, ActFailed, Services> => {
  const { guildId, kind, userId } = act
  if (userId === null || kind === "purge") return carryOut(act)
  return Effect.flatMap(Turns, (turns) => turns.wait(guildId, userId, carryOut(act)))
}

const carryOut = (act: Act): Effect.Effect<Done, ActFailed, Services> =>
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
      // Not given up: what Discord has by then could not be taken back.
      const telling = yield* Effect.forkDaemon(Effect.interruptible(tell(userId, word)))
      let begun = false
      let told = false
      const exit = yield* Effect.exit(
        restore(
          Effect.gen(function* () {
            told = (yield* Fiber.join(telling)) !== undefined
            begun = true
            return yield* run
          }),
        ),
      )
      const verdict = yield* judge(exit, begun ? check : Effect.succeed(false), explain)
      const deaf =
        word !== undefined && !told && verdict.status !== "failed" ? "They could not be told." : undefined
      const detail = [verdict.reason, deaf].filter((one) => one !== undefined).join(" ")
      const settled = yield* Effect.orDie(
        store.settle(guildId, number, verdict.status, detail === "" ? null : detail),
      )
      // Settled by now: a message to the person may take longer than the bot has left.
      const interrupted = Exit.isInterrupted(exit)
      const time = interrupted ? LAST : NOTE
      const tidying = verdict.status === "failed" ? takeBack(telling, time) : Effect.void
      const [noted] = yield* Effect.all([ModLog.note(settled, { time, interrupted }), tidying], {
        concurrency: "unbounded",
      })
      // Interruptions and defects go on as they are.
      if (Exit.isFailure(exit) && Option.isNone(Cause.failureOption(exit.cause)))
        return yield* Effect.failCause(exit.cause as Cause.Cause<never>)
      if (verdict.status === "done") return { case: settled, noted }
      return yield* new ActFailed({
        kind,
        number,
        uncertain: verdict.status === "unknown",
        reason: verdict.reason ?? "",
      })
    }),
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
  const reason = explain?.(error) ?? error?.userText ?? STOPPED
  if (error !== undefined && !isUncertain(error)) return { status: "failed", reason }
  const looked = check === undefined ? Option.none<boolean>() : yield* LastWord.within(LAST, check)
  return Option.match(looked, {
    onNone: () => ({ status: "unknown", reason }),
    onSome: (done) => (done ? { status: "done", reason: undefined } : { status: "failed", reason }),
  })
})

/** By direct message; what was sent. Whoever takes none is not told. */
const tell = (
  userId: string | null,
  word: string | undefined,
): Effect.Effect<MessageAt | undefined, never, Discord> =>
  Effect.gen(function* () {
    if (userId === null || word === undefined) return undefined
    const discord = yield* Discord
    const channelId = yield* discord.openDm(userId)
    const { id } = yield* discord.send(channelId, Reply.text(word))
    return { channelId, messageId: id }
  }).pipe(
    Effect.timeout(NOTE),
    Effect.orElseSucceed(() => undefined),
    // A defect here is no reason to leave the act undone.
    Effect.catchAllCause((cause) =>
      Effect.as(Effect.logError("Somebody could not be told of an act of moderation", cause), undefined),
    ),
  )

/** Waits so long for it; goes on by itself after that. */
const takeBack = Effect.fnUntraced(function* (
  telling: Fiber.Fiber<MessageAt | undefined>,
  time: Duration.DurationInput,
) {
  const discord = yield* Discord
  const going = yield* Effect.flatMap(Fiber.await(telling), (exit) =>
    Exit.isSuccess(exit) && exit.value !== undefined
      ? Effect.timeout(discord.remove(exit.value), NOTE)
      : Effect.void,
  ).pipe(Effect.interruptible, Effect.forkDaemon)
  yield* LastWord.within(time, Fiber.await(going))
})
