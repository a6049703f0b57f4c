/**
 * Reports: what comes by itself, and `/report now`, `schedule` and `pause` for those who manage the server. And the
 * work behind the scenes: whether the bot is well, and the clean-up of what is kept for long enough.
 *
 * @module
 */
import { ChannelType, PermissionFlagsBits } from "discord-api-types/v10"
import { Clock, Data, Effect, Layer, Option, ParseResult, Schema } from "effect"
import * as Command from "../../command/Command.js"
import * as Param from "../../command/Param.js"
import { Discord } from "../../discord/Discord.js"
import * as Message from "../../discord/Message.js"
import * as Md from "../../interaction/Md.js"
import * as Reply from "../../interaction/Reply.js"
import * as Job from "../../supervise/Job.js"
import { GuildSettings } from "../guild/GuildSettings.js"
import { Stored } from "../guild/Stored.js"
import * as Zone from "../guild/Zone.js"
import * as CleanUp from "./CleanUp.js"
import * as Due from "./Due.js"
import * as Health from "./Health.js"
import * as Posting from "./Posting.js"
import * as Report from "./Report.js"
import { ReportStore } from "./Store.js"

const options = {
  in: "guild",
  ephemeral: true,
  permissions: PermissionFlagsBits.ManageGuild,
  category: "Server",
} as const

const DAY = 86_400_000

// ---------------------------------------------------------------------------------------------------------
// Parameters
// ---------------------------------------------------------------------------------------------------------

const ZoneName = Schema.transformOrFail(Schema.String, Schema.String, {
  strict: true,
  decode: (text, _, ast) =>
    Option.match(Zone.find(text), {
      onSome: ParseResult.succeed,
      onNone: () => ParseResult.fail(new ParseResult.Type(ast, text, "a time zone such as Europe/Berlin")),
    }),
  encode: ParseResult.succeed,
})

const zone = Param.optional(
  Param.string("The time zone of its people, such as Europe/Berlin", { max: 64 }).pipe(
    Param.decode(ZoneName),
    Param.autocomplete((typed) => Effect.sync(() => Zone.suggest(typed))),
  ),
)

// ---------------------------------------------------------------------------------------------------------
// Commands
// ---------------------------------------------------------------------------------------------------------

const now = Command.make(
  "now",
  { ...options, description: "Posts a report on the last 24 hours, where reports go or else here" },
  Effect.fnUntraced(function* (_, { channelId, guild, guildId }) {
    const settings = yield* (yield* GuildSettings).of(guildId)
    const until = yield* Clock.currentTimeMillis
    const embed = yield* Report.embed(guild, { title: "Report", since: until - DAY, until })
    const to = settings.reportChannelId ?? channelId
    yield* post(to, Message.embed(embed))
    return said(Md.text`The report is in ${Md.channel(to)}.`)
  }),
)

const schedule = Command.make(
  "schedule",
  {
    ...options,
    description: "Lets reports come: daily at 9:00, the status at 9:00, 14:00 and 19:00",
    params: {
      channel: Param.optional(
        Param.channel("Where they go", { types: [ChannelType.GuildText, ChannelType.GuildAnnouncement] }),
      ),
      zone,
    },
  },
  Effect.fnUntraced(function* (given, { guildId }) {
    const store = yield* ReportStore
    const settings = yield* GuildSettings
    const before = yield* settings.of(guildId)
    const channelId = given.channel?.id ?? before.reportChannelId
    if (channelId === null) return yield* new NoChannel()
    // Better now than with the first report, and as an embed, since that is what reports are.
    if (channelId !== before.reportChannelId)
      yield* post(channelId, Message.embed({ description: "Reports on this server will be posted here." }))
    const { zone: name } = yield* settings.change(guildId, {
      reportChannelId: channelId,
      ...(given.zone === undefined ? {} : { zone: given.zone }),
    })
    const at = yield* Clock.currentTimeMillis
    yield* store.resume(guildId, name, at)
    const times = Due.upcoming(name, at, 3).map(
      (one) => Md.text`- ${Zone.clock(name, one)} (${Md.time(one, "R")})`,
    )
    return said(
      [Md.text`Reports come to ${Md.channel(channelId)} by the clocks of ${name}. The next:`, ...times].join(
        "\n",
      ),
    )
  }),
)

const pause = Command.make(
  "pause",
  { ...options, description: "Lets no more reports come, until they are scheduled again" },
  Effect.fnUntraced(function* (_, { guildId }) {
    const { reportChannelId } = yield* (yield* GuildSettings).of(guildId)
    if (reportChannelId === null) return yield* new NoChannel()
    const paused = yield* (yield* ReportStore).pause(guildId)
    return said(
      `${paused ? "No more reports come" : "Reports are paused already"}. \`/report schedule\` lets them come again.`,
    )
  }),
)

const said = (text: string) => Reply.ephemeral(Reply.text(text))

const post = (channelId: string, message: Message.Message) =>
  Effect.flatMap(Discord, (discord) => discord.send(channelId, message)).pipe(
    Effect.mapError(({ userText }) => new ReportChannelUnusable({ channelId, detail: userText })),
  )

// ---------------------------------------------------------------------------------------------------------
// Layer
// ---------------------------------------------------------------------------------------------------------

const group = Command.group("report", { description: "Reports on this server", category: "Server" }, [
  now,
  schedule,
  pause,
])

const kept = Layer.scopedDiscard(
  Effect.gen(function* () {
    const store = yield* ReportStore
    const stored = yield* Stored
    yield* stored.register({
      name: "reports",
      exportUser: () => Effect.succeed([]),
      eraseUser: () => Effect.succeed({ erased: 0 }),
      forgetGuild: store.forgetGuild,
      guilds: store.guilds,
    })
  }),
)

/** The commands and the jobs; a `ReportStore` has to be provided. The list of scam domains is `Sync`. */
export const layer = Layer.mergeAll(
  Command.layer(group),
  kept,
  Layer.unwrapEffect(Effect.map(Health.job, Job.layer)),
  Job.layer(CleanUp.job),
  Job.layer(Posting.job),
)

// ---------------------------------------------------------------------------------------------------------
// Errors
// ---------------------------------------------------------------------------------------------------------

/** Nobody has said where reports go. */
export class NoChannel extends Data.TaggedError("NoChannel") {
  get userText() {
    return "Nobody has said yet where reports go: `/report schedule channel:` does."
  }
}

/** Nothing can be posted there. */
export class ReportChannelUnusable extends Data.TaggedError("ReportChannelUnusable")<{
  readonly channelId: string
  readonly detail: string
}> {
  override get message() {
    return `the channel ${this.channelId} takes no reports: ${this.detail}`
  }
  get userText() {
    return `I cannot post reports in <#${this.channelId}>. ${this.detail}`
  }
}
