/**
 * What is said of cases in the channel that the server has set for that, or else in its channel `mod-log`.
 *
 * Failure modes: where there is no such channel, Discord refuses, or the bot has no time left, nothing is said but in
 * the log; the case is in the database all the same.
 *
 * @module
 */
import { type APIEmbed, ChannelType } from "discord-api-types/v10"
import { type Duration, Effect, Exit, Fiber, Option } from "effect"
import { Client } from "../../discord/Client.js"
import { Discord } from "../../discord/Discord.js"
import * as Md from "../../interaction/Md.js"
import * as Reply from "../../interaction/Reply.js"
import * as LastWord from "../../supervise/LastWord.js"
import { Supervisor } from "../../supervise/Supervisor.js"
import { GuildSettings } from "../guild/GuildSettings.js"
import { type Case, kindText, type Status, statusText } from "./Model.js"

const colors: Readonly<Record<Status, number>> = {
  pending: 0x95_a5_a6,
  done: 0x2e_86_c1,
  stopped: 0xe6_7e_22,
  failed: 0xc0_39_2b,
  unknown: 0xe6_7e_22,
}

/** A case as an embed: also for `/case show`. */
export const embed = ({
  at,
  detail,
  kind,
  moderatorId,
  number,
  reason,
  status,
  until,
  userId,
}: Case): APIEmbed => {
  const field = (name: string, value: string | undefined) =>
    value === undefined ? [] : [{ name, value: Md.cut(value, 1_024), inline: true }]
  return {
    title: `Case ${number}: ${kindText[kind]}`,
    color: colors[status],
    fields: [
      ...field("User", userId === null ? undefined : `<@${userId}> (${userId})`),
      ...field("Moderator", `<@${moderatorId}>`),
      ...field("Outcome", statusText[status]),
      ...field("When", Md.time(at).markdown),
      ...field("Until", until === null ? undefined : Md.time(until).markdown),
      ...field("Reason", reason === null ? undefined : Md.escape(reason)),
      ...field("Detail", detail ?? undefined),
    ],
  }
}

/**
 * Says it; whether it could be said, also where that is not known yet after `time`. What takes longer goes on by itself,
 * since in a raid the channel is behind; but at the end of an `interrupted` command there is no more time than that.
 */
export const note = Effect.fnUntraced(function* (
  found: Case,
  { files, interrupted, time }: Noting,
): Effect.fn.Return<boolean, never, Client | Discord | GuildSettings | Supervisor> {
  const posting = post(found, files)
  const now = Effect.map(
    LastWord.within(time, posting),
    Option.getOrElse(() => false),
  )
  if (interrupted) return yield* now
  const supervisor = yield* Supervisor
  const going = yield* Effect.exit(
    supervisor.fork(
      { kind: "background", name: `notice of case ${found.number}`, background: false },
      LastWord.lasting(LAST, posting),
    ),
  )
  // The bot starts nothing any more.
  if (Exit.isFailure(going)) return yield* now
  const said = yield* LastWord.within(time, Fiber.await(going.value))
  return Option.match(said, { onNone: () => true, onSome: Exit.getOrElse(() => false) })
})

/** What a notice on its way has when the bot ends: less than a drain waits. */
const LAST = "4 seconds"

/** How a case is noted. */
export interface Noting {
  readonly files?: ReadonlyArray<Reply.File>
  /** How long whoever asks for it waits. */
  readonly time: Duration.DurationInput
  /** Whether it is part of what a task does after its interruption. */
  readonly interrupted: boolean
}

/** Says it; whether it could be said. Never fails. Interruption gives it up, and says that in the log. */
export const post = (
  found: Case,
  files: ReadonlyArray<Reply.File> = [],
): Effect.Effect<boolean, never, Client | Discord | GuildSettings> =>
  Effect.gen(function* () {
    const channelId = yield* channelOf(found.guildId)
    if (channelId === undefined) {
      yield* Effect.logInfo(`Case ${found.number} could not be noted in the mod log: there is none`)
      return false
    }
    const discord = yield* Discord
    yield* discord.send(
      channelId,
      Reply.make({ embeds: [embed(found)], ...(files.length === 0 ? {} : { files }) }),
    )
    return true
  }).pipe(
    Effect.catchAll((error) =>
      Effect.as(
        Effect.logWarning(`Case ${found.number} could not be noted in the mod log: ${error.message}`),
        false,
      ),
    ),
    Effect.onInterrupt(() =>
      Effect.logWarning(`Case ${found.number} could not be noted in the mod log: there was no time left`),
    ),
  )

/** Where the server wants to have it; undefined where there is no such place. */
const channelOf = Effect.fnUntraced(function* (guildId: string) {
  const settings = yield* GuildSettings
  const { modLogId } = yield* settings.of(guildId)
  if (modLogId !== null) return modLogId
  const { discordJs } = yield* Client
  return discordJs.guilds.cache
    .get(guildId)
    ?.channels.cache.find(({ name, type }) => name === "mod-log" && type === ChannelType.GuildText)?.id
})
