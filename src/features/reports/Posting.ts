/**
 * The reports that come by themselves, each at its time in the server's own zone.
 *
 * One job looks at all servers every quarter of an hour. What is due is claimed in the database first, so that it is
 * sent once at most, also by several bots on one database and over restarts. A zone that was changed counts from then
 * on: what lies behind by the new one is over.
 *
 * Failure modes: a server whose channel takes nothing is logged, and keeps no other from its report.
 *
 * @module
 */
import { Clock, Data, Effect } from "effect"
import { Client } from "../../discord/Client.js"
import { Discord } from "../../discord/Discord.js"
import * as Message from "../../discord/Message.js"
import * as Job from "../../supervise/Job.js"
import { GuildSettings, type Settings } from "../guild/GuildSettings.js"
import * as Due from "./Due.js"
import * as Report from "./Report.js"
import { ReportStore } from "./Store.js"

/** How many servers are served at once. */
const AT_ONCE = 4

const post = Effect.fnUntraced(function* (guildId: string, settings: Settings, now: number) {
  const channelId = settings.reportChannelId
  const { discordJs } = yield* Client
  const guild = discordJs.guilds.cache.get(guildId)
  if (channelId === null || guild === undefined) return false
  const store = yield* ReportStore
  const mark = yield* store.of(guildId)
  if (mark?.paused === true) return false
  const { zone } = settings
  const isSame = mark?.zone === zone
  const due = Due.find(zone, isSame ? mark.passed : now - Due.EVERY, now)
  if (due === undefined) {
    if (!isSame) yield* store.claim(guildId, zone, now)
    return false
  }
  if (!(yield* store.claim(guildId, zone, due.at))) return false
  const { at, day, since } = due
  const discord = yield* Discord
  yield* discord.send(
    channelId,
    Message.make({
      embeds: [
        ...(day === undefined
          ? []
          : [yield* Report.embed(guild, { title: "Daily report", since: day, until: at })]),
        yield* Report.embed(guild, { title: "Status", since, until: at }),
      ],
    }),
  )
  return true
})

/** Sends what is due in all servers; how many reports those were. Fails with `ReportsUnsent` at the end. */
export const postAll = Effect.gen(function* () {
  const now = yield* Clock.currentTimeMillis
  const guilds = yield* (yield* GuildSettings).all
  let failed = 0
  const sent = yield* Effect.forEach(
    guilds,
    ({ guildId, settings }) =>
      post(guildId, settings, now).pipe(
        Effect.catchAllCause((cause) => {
          failed++
          return Effect.as(Effect.logWarning("A report was not sent", cause), false)
        }),
        Effect.annotateLogs({ guild: guildId }),
      ),
    { concurrency: AT_ONCE },
  )
  if (failed > 0 && sent.every((one) => !one)) return yield* new ReportsUnsent({ failed })
  return sent.filter((one) => one).length
})

/** Every quarter of an hour; after a time in which the bot was down, at once. */
export const job = Job.define({
  name: "reports",
  every: { fixed: Due.EVERY },
  missed: "once",
  deadline: "10 minutes",
  run: postAll,
})

/** Reports were due, and none could be sent. */
export class ReportsUnsent extends Data.TaggedError("ReportsUnsent")<{ readonly failed: number }> {
  override get message() {
    return `${this.failed === 1 ? "One report" : `${this.failed} reports`} could not be sent, and none was`
  }
}
