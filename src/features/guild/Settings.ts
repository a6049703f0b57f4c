/**
 * `/settings`: what a server has set for all features alike. For those who manage the server.
 *
 * A channel is only taken where the bot may write in it, a time zone only where there is one of that name.
 *
 * @module
 */
import { ChannelType, PermissionFlagsBits } from "discord-api-types/v10"
import type { Channel, Guild } from "discord.js"
import { Clock, Data, Effect, Layer, Option, ParseResult, Schema } from "effect"
import * as Command from "../../command/Command.js"
import * as Param from "../../command/Param.js"
import * as Discord from "../../discord/Discord.js"
import type { DiscordError } from "../../DiscordError.js"
import * as Md from "../../interaction/Md.js"
import * as Reply from "../../interaction/Reply.js"
import { defaults, GuildSettings, type Settings } from "./GuildSettings.js"
import { Stored } from "./Stored.js"
import * as Zone from "./Zone.js"

/** Statistics are for weeks and months, and cost room. */
const LONGEST_STATS = 366
const LONGEST_CASES = 3_650

const options = {
  in: "guild",
  ephemeral: true,
  permissions: PermissionFlagsBits.ManageGuild,
  category: "Server",
} as const

const show = Command.make(
  "show",
  { ...options, description: "Shows what this server has set" },
  Effect.fnUntraced(function* (_, { guildId }) {
    const settings = yield* (yield* GuildSettings).of(guildId)
    const now = yield* Clock.currentTimeMillis
    return Reply.ephemeral(
      Reply.text(
        [
          ...names.map((name) => `- ${labels[name]}: ${told(settings, name)}`),
          Md.text`It is ${Zone.clock(settings.zone, now)} in this server's zone.`,
        ].join("\n"),
      ),
    )
  }),
)

const ZoneName = Schema.transformOrFail(Schema.String, Schema.String, {
  strict: true,
  decode: (text, _, ast) =>
    Option.match(Zone.find(text), {
      onSome: ParseResult.succeed,
      onNone: () => {
        const close = Zone.suggest(text).slice(0, 3)
        return ParseResult.fail(
          new ParseResult.Type(
            ast,
            text,
            `a time zone such as Europe/Berlin${close.length === 0 ? "" : ` (meant ${close.join(" or ")}?)`}`,
          ),
        )
      },
    }),
  encode: ParseResult.succeed,
})

/** What messages with an embed are sent to. */
const channel = (description: string) =>
  Param.optional(
    Param.channel(description, { types: [ChannelType.GuildText, ChannelType.GuildAnnouncement] }),
  )

const set = Command.make(
  "set",
  {
    ...options,
    description: "Changes what is given, and leaves the rest",
    params: {
      zone: Param.optional(
        Param.string("The time zone of its people, such as Europe/Berlin", { max: 64 }).pipe(
          Param.decode(ZoneName),
          Param.autocomplete((typed) => Effect.sync(() => Zone.suggest(typed))),
        ),
      ),
      modlog: channel("Where acts of moderation are noted"),
      reports: channel("Where reports go"),
      stats_days: Param.optional(
        Param.integer("How many days statistics are kept", { min: 1, max: LONGEST_STATS }),
      ),
      case_days: Param.optional(
        Param.integer("How many days cases are kept; 0 for ever", { min: 0, max: LONGEST_CASES }),
      ),
    },
  },
  Effect.fnUntraced(function* (given, { guild, guildId }) {
    for (const one of [given.modlog, given.reports]) if (one !== undefined) yield* usable(one, guild)
    const changes: Partial<Settings> = {
      ...(given.zone === undefined ? {} : { zone: given.zone }),
      ...(given.modlog === undefined ? {} : { modLogId: given.modlog.id }),
      ...(given.reports === undefined ? {} : { reportChannelId: given.reports.id }),
      ...(given.stats_days === undefined ? {} : { statsDays: given.stats_days }),
      ...(given.case_days === undefined ? {} : { caseDays: given.case_days === 0 ? null : given.case_days }),
    }
    return yield* change(guildId, changes)
  }),
)

const reset = Command.make(
  "reset",
  {
    ...options,
    description: "Takes one setting back to what it was in the beginning",
    params: {
      setting: Param.string("Which one", {
        choices: {
          "the time zone": "zone",
          "where acts of moderation are noted": "modLogId",
          "where reports go": "reportChannelId",
          "how long statistics are kept": "statsDays",
          "how long cases are kept": "caseDays",
        },
      }),
    },
  },
  ({ setting }, { guildId }) => change(guildId, { [setting]: defaults[setting] }),
)

/** Of people it keeps nothing; what a server has set goes when the bot leaves it. */
const part = Layer.scopedDiscard(
  Effect.gen(function* () {
    const settings = yield* GuildSettings
    yield* (yield* Stored).register({
      name: "settings",
      exportUser: () => Effect.succeed([]),
      eraseUser: () => Effect.succeed({ erased: 0 }),
      forgetGuild: settings.forget,
      guilds: Effect.map(settings.all, (all) => all.map(({ guildId }) => guildId)),
    })
  }),
)

export const layer = Layer.merge(
  Command.layer(
    Command.group(
      "settings",
      { description: "What this server has set for all commands alike", category: "Server" },
      [show, set, reset],
    ),
  ),
  part,
)

// ---------------------------------------------------------------------------------------------------------
// Changing
// ---------------------------------------------------------------------------------------------------------

/** Changes, and says what was before and what is now. */
const change = Effect.fnUntraced(function* (guildId: string, changes: Partial<Settings>) {
  const changed = names.filter((name) => changes[name] !== undefined)
  if (changed.length === 0) return yield* new NothingGiven()
  const store = yield* GuildSettings
  const before = yield* store.of(guildId)
  const after = yield* store.change(guildId, changes)
  return Reply.ephemeral(
    Reply.text(
      changed
        .map((name) => {
          const [was, is] = [told(before, name), told(after, name)]
          return was === is
            ? `- ${labels[name]}: ${is}, as before`
            : `- ${labels[name]}: ${is} (before: ${was})`
        })
        .join("\n"),
    ),
  )
})

/** What a note there takes. */
const NEEDED = [
  ["View Channel", PermissionFlagsBits.ViewChannel],
  ["Send Messages", PermissionFlagsBits.SendMessages],
  ["Embed Links", PermissionFlagsBits.EmbedLinks],
] as const

const usable = (channel: Channel, guild: Guild): Effect.Effect<void, ChannelClosed | DiscordError> =>
  Effect.gen(function* () {
    const me = guild.members.me ?? (yield* Discord.use(() => guild.members.fetchMe()))
    const has = "permissionsFor" in channel ? channel.permissionsFor(me) : null
    const lacking = NEEDED.filter(([, bit]) => has?.has(bit) !== true).map(([name]) => name)
    if (lacking.length > 0) return yield* new ChannelClosed({ channelId: channel.id, lacking })
  })

// ---------------------------------------------------------------------------------------------------------
// Words
// ---------------------------------------------------------------------------------------------------------

const labels: { readonly [Name in keyof Settings]: string } = {
  zone: "Time zone",
  modLogId: "Acts of moderation are noted in",
  reportChannelId: "Reports go to",
  statsDays: "Statistics are kept",
  caseDays: "Cases are kept",
}

const names = Object.keys(labels) as ReadonlyArray<keyof Settings>

const told = (settings: Settings, name: keyof Settings): string => {
  const { caseDays, modLogId, reportChannelId, statsDays, zone } = settings
  switch (name) {
    case "zone":
      return Md.text`${zone}`
    case "modLogId":
      return modLogId === null ? "the channel `mod-log`, where there is one" : `<#${modLogId}>`
    case "reportChannelId":
      return reportChannelId === null ? "nowhere" : `<#${reportChannelId}>`
    case "statsDays":
      return days(statsDays)
    case "caseDays":
      return caseDays === null ? "for ever" : days(caseDays)
  }
}

const days = (count: number): string => (count === 1 ? "for 1 day" : `for ${count} days`)

// ---------------------------------------------------------------------------------------------------------
// Errors
// ---------------------------------------------------------------------------------------------------------

/** The bot may not write there. */
export class ChannelClosed extends Data.TaggedError("ChannelClosed")<{
  readonly channelId: string
  readonly lacking: ReadonlyArray<string>
}> {
  get userText() {
    return `I cannot write in <#${this.channelId}>. Give me there: ${this.lacking.join(", ")}.`
  }
}

/** `/settings set` without anything to set. */
export class NothingGiven extends Data.TaggedError("NothingGiven") {
  get userText() {
    return "Say what to change, such as `/settings set zone:Europe/Berlin`."
  }
}
