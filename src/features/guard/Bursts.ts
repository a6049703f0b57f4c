/**
 * What is done about spam: one burst is all of one person's spam in one server until they have been quiet for ten
 * seconds. It is reported once, its author is timed out once, and its messages are deleted by the hundred.
 *
 * Each burst is a task on the roster; an administrator who cancels it leaves what was not deleted yet, which the
 * report then says.
 *
 * Failure modes: what Discord refuses stands in the report; where there is nowhere to report to, or Discord refuses
 * that, the log has it. At shutdown a burst does what is left to do at once. Of more than `MOST` bursts at a time the
 * further ones are left alone, and said so in the log.
 *
 * @module
 */
import { type APIEmbed, ChannelType, Routes } from "discord-api-types/v10"
import { Array, Clock, Context, Data, Effect, Fiber, Layer } from "effect"
import { Client } from "../../discord/Client.js"
import { Discord, type MessageAt } from "../../discord/Discord.js"
import type { RestError } from "../../DiscordError.js"
import * as Md from "../../interaction/Md.js"
import * as Reply from "../../interaction/Reply.js"
import { timestampOf } from "../../interaction/Snowflake.js"
import { Rest } from "../../rest/Rest.js"
import * as LastWord from "../../supervise/LastWord.js"
import { Shutdown } from "../../supervise/Shutdown.js"
import * as Step from "../../supervise/Step.js"
import { Supervisor } from "../../supervise/Supervisor.js"
import { GuildSettings } from "../guild/GuildSettings.js"
import type { Rules } from "./Model.js"
import type { Sign } from "./Score.js"

/** A message that is spam. */
export interface Flagged {
  readonly guildId: string
  readonly channelId: string
  readonly messageId: string
  readonly userId: string
  readonly content: string
  readonly signs: ReadonlyArray<Sign>
  readonly rules: Rules
}

export interface Bursts {
  /** Adds a message to its author's burst, or begins one. Never waits for Discord. */
  readonly flag: (message: Flagged) => Effect.Effect<void>
}

export const Bursts = Context.GenericTag<Bursts>("bosun/features/guard/Bursts")

/** How long somebody has to be quiet for their burst to be over. Milliseconds. */
const QUIET = 10_000
/** How often a burst deletes. Messages that come meanwhile go in one call. Milliseconds. */
const ROUND = 1_000
/** How many messages one call deletes (Discord). */
const BULK = 100
/** Older messages cannot be deleted by the hundred (Discord: two weeks). Milliseconds; a minute is kept in hand. */
const BULK_AGE = 14 * 86_400_000 - 60_000
/** Bursts at a time. */
const MOST = 200
/** How long the shutdown waits for bursts to do what is left; below what it gives to a step. */
const DRAIN = "4 seconds"
/** For the report of a burst that is cancelled. */
const LAST = "5 seconds"
/** How much of its first message is shown. */
const SAMPLE = 300

interface Burst {
  readonly first: Flagged
  readonly signs: Set<Sign>
  readonly pending: Map<string, Array<string>>
  readonly channels: Set<string>
  readonly acts: Array<string>
  rules: Rules
  messages: number
  deleted: number
  /** How many messages no attempt to delete was made of, or none that has ended. */
  left: number
  lastAt: number
  /** Its report on its way to Discord, or there. */
  sending: Fiber.Fiber<void, RestError> | undefined
  /** Where it was reported. */
  report: MessageAt | "refused" | undefined
  /** What its report says. */
  said: string | undefined
}

export const make = Effect.gen(function* () {
  const supervisor = yield* Supervisor
  const shutdown = yield* Shutdown
  const settings = yield* GuildSettings
  const discord = yield* Discord
  const rest = yield* Rest
  const { discordJs } = yield* Client
  const going = new Map<string, Burst>()
  /** Also those that are over, but for the last word of their report. */
  let running = 0

  const modLog = Effect.fnUntraced(function* (guildId: string) {
    const { modLogId } = yield* settings.of(guildId)
    if (modLogId !== null) return modLogId
    const channels = discordJs.guilds.cache.get(guildId)?.channels.cache
    return channels?.find(({ name, type }) => name === "mod-log" && type === ChannelType.GuildText)?.id
  })
  const remove = (channelId: string, ids: ReadonlyArray<string>): Effect.Effect<void, RestError> => {
    const [only] = ids
    return ids.length === 1 && only !== undefined
      ? discord.remove({ channelId, messageId: only }, REASON)
      : Effect.asVoid(
          rest.request({
            method: "POST",
            path: Routes.channelBulkDelete(channelId),
            body: { messages: ids },
            reason: REASON,
          }),
        )
  }
  const removeAll = Effect.fnUntraced(function* (burst: Burst) {
    const now = yield* Clock.currentTimeMillis
    for (const [channelId, ids] of burst.pending) {
      burst.pending.delete(channelId)
      const [old, young] = Array.partition(ids, (id) => now - timestampOf(id) < BULK_AGE)
      for (const some of [...old.map((id) => [id]), ...Array.chunksOf(young, BULK)]) {
        // Discord lets a channel's messages be deleted only so fast.
        yield* Step.timed("delete messages", remove(channelId, some), { warnAfter: "10 seconds" }).pipe(
          Effect.matchEffect({
            onFailure: (error) =>
              // Somebody was faster.
              error._tag === "UnknownResource"
                ? Effect.void
                : refused(burst, `I could not delete in <#${channelId}>: ${error.userText}`),
            onSuccess: () =>
              Effect.sync(() => {
                burst.deleted += some.length
              }),
          }),
        )
        burst.left -= some.length
      }
    }
  })
  const silence = Effect.fnUntraced(function* (burst: Burst) {
    const { guildId, userId } = burst.first
    const minutes = burst.rules.timeoutMinutes
    const until = (yield* Clock.currentTimeMillis) + minutes * 60_000
    yield* Effect.matchEffect(discord.timeout(guildId, userId, until, REASON), {
      onFailure: (error) => refused(burst, `I could not time them out: ${error.userText}`),
      onSuccess: () => Effect.sync(() => burst.acts.push(`Timed out until ${Md.time(until, "f").markdown}`)),
    }).pipe(
      Effect.onInterrupt(() =>
        refused(burst, "I was stopped while I timed them out: I cannot tell whether they are."),
      ),
    )
  })
  /** Not given up: what Discord has by then would be reported a second time. */
  const send = (burst: Burst, channelId: string) =>
    Effect.suspend(() => {
      const now = shown(burst)
      return Effect.map(discord.send(channelId, Reply.embed(embed(burst))), ({ id }) => {
        burst.report = { channelId, messageId: id }
        burst.said = now
      })
    }).pipe(
      Effect.interruptible,
      Effect.forkDaemon,
      Effect.tap((fiber) => {
        burst.sending = fiber
      }),
      Effect.uninterruptible,
    )
  /** Reports it, or brings its report up to date. Where Discord refuses the report, the log has it. */
  const tell = Effect.fnUntraced(
    function* (burst: Burst) {
      if (burst.report === "refused") return
      // The last word of a burst that was stopped while it reported.
      if (burst.sending !== undefined) yield* Fiber.join(burst.sending)
      const now = shown(burst)
      if (burst.said === now) return
      if (burst.report === undefined) {
        const channelId = yield* modLog(burst.first.guildId)
        if (channelId === undefined) return yield* new NoModLog()
        yield* Fiber.join(yield* send(burst, channelId))
      } else {
        yield* discord.edit(burst.report, Reply.embed(embed(burst)))
        burst.said = now
      }
    },
    (telling, burst) =>
      Effect.catchAll(telling, (error) => {
        const what = burst.report === undefined ? "report" : "bring its report up to date"
        burst.report ??= "refused"
        return Effect.logWarning(`Guard could not ${what}: ${error.message}`).pipe(
          Effect.annotateLogs({ guild: burst.first.guildId, user: burst.first.userId }),
        )
      }),
  )

  /** Goes on until its author is quiet. */
  const run = Effect.fnUntraced(
    function* (key: string, burst: Burst) {
      if (burst.rules.mode === "timeout") yield* silence(burst)
      yield* removeAll(burst)
      // The messages of the first moment belong into the first report.
      if (!shutdown.begun()) yield* Effect.sleep(ROUND)
      yield* removeAll(burst)
      yield* tell(burst)
      for (;;) {
        yield* removeAll(burst)
        const now = yield* Clock.currentTimeMillis
        if (burst.pending.size === 0 && (shutdown.begun() || now - burst.lastAt >= QUIET)) break
        yield* Effect.sleep(ROUND)
      }
      // From here on the next message begins another.
      going.delete(key)
      yield* tell(burst)
    },
    (running, key, burst) =>
      Effect.onInterrupt(running, () =>
        Effect.suspend(() => {
          going.delete(key)
          burst.acts.push(
            burst.left > 0
              ? "I was stopped midway: what I had not deleted yet is still there."
              : "I was stopped midway.",
          )
          return LastWord.within(LAST, tell(burst))
        }),
      ),
  )

  yield* shutdown.register({
    name: "guard bursts",
    phase: "drain",
    // Discord lets one channel be reported to only so fast: those that are left report what they have when they are ended.
    run: Effect.repeat(Effect.sleep(ROUND / 10), { until: () => running === 0 }).pipe(
      Effect.timeoutOption(DRAIN),
      Effect.map((over) => (over._tag === "Some" ? undefined : `${running} left`)),
    ),
  })
  return {
    flag: (message) =>
      Effect.suspend(() => {
        const key = `${message.guildId}/${message.userId}`
        const known = going.get(key)
        if (known !== undefined) return add(known, message)
        if (going.size >= MOST)
          return Effect.logWarning(`Guard leaves spam alone: ${MOST} bursts are going on`)
        const burst: Burst = {
          first: message,
          signs: new Set(),
          pending: new Map(),
          channels: new Set(),
          acts: [],
          rules: message.rules,
          messages: 0,
          deleted: 0,
          left: 0,
          lastAt: 0,
          sending: undefined,
          report: undefined,
          said: undefined,
        }
        going.set(key, burst)
        return Effect.zipRight(
          add(burst, message),
          supervisor.fork(
            {
              kind: "guard",
              name: "burst",
              background: true,
              userId: message.userId,
              guildId: message.guildId,
            },
            Effect.ensuring(
              Effect.suspend(() => {
                running++
                return Effect.provideService(run(key, burst), Supervisor, supervisor)
              }),
              Effect.sync(() => {
                running--
                if (going.get(key) === burst) going.delete(key)
              }),
            ),
          ),
        ).pipe(
          // A bot that stops starts nothing any more.
          Effect.onInterrupt(() => Effect.sync(() => going.delete(key))),
          Effect.asVoid,
        )
      }),
  } satisfies Bursts
})

export const layer = Layer.scoped(Bursts, make)

const REASON = "Spam"

const add = (burst: Burst, { channelId, messageId, rules, signs }: Flagged): Effect.Effect<void> =>
  Effect.map(Clock.currentTimeMillis, (now) => {
    burst.messages++
    burst.lastAt = now
    burst.channels.add(channelId)
    for (const sign of signs) burst.signs.add(sign)
    if (rules.mode === "log") return
    burst.left++
    const ids = burst.pending.get(channelId)
    if (ids === undefined) burst.pending.set(channelId, [messageId])
    else ids.push(messageId)
  })

/** Said once, however often it happens. */
const refused = (burst: Burst, line: string): Effect.Effect<void> =>
  Effect.sync(() => {
    if (!burst.acts.includes(line)) burst.acts.push(line)
  })

const signText: Readonly<Record<Sign, string>> = {
  rate: "many messages within seconds",
  duplicates: "the same again and again",
  mentions: "many mentions",
  everyone: "a call for everyone",
  invites: "invitations to other servers",
  scam: "links to known scams",
}

/** What of a burst may change after it was reported. */
const shown = (burst: Burst): string => JSON.stringify(embed(burst))

const embed = ({ acts, channels, deleted, first, messages, signs }: Burst): APIEmbed => ({
  title: "Spam",
  color: 0xc0_39_2b,
  description: Md.cut(Md.escape(first.content.slice(0, SAMPLE)), 1_000),
  fields: [
    { name: "Author", value: `<@${first.userId}> (${first.userId})`, inline: true },
    { name: "Messages", value: String(messages), inline: true },
    { name: "Deleted", value: String(deleted), inline: true },
    { name: "Where", value: Md.cut([...channels].map((id) => `<#${id}>`).join(" "), 1_024) },
    { name: "Why", value: [...signs].map((sign) => signText[sign]).join(", ") || "all of it together" },
    ...(acts.length === 0 ? [] : [{ name: "Acts", value: Md.cut(acts.join("\n"), 1_024) }]),
  ],
})

/** There is nowhere to report to. */
export class NoModLog extends Data.TaggedError("NoModLog") {
  override get message() {
    return "the server has no channel for acts of moderation: /settings set modlog, or a channel named mod-log"
  }
}
