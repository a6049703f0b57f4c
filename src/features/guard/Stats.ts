/**
 * `/stats`: how many messages were written, where and when, as numbers and as a chart. For those who may manage
 * messages: it names channels that others do not see.
 *
 * Failure modes: where no chart can be drawn, the numbers come without one.
 *
 * @module
 */
import { type APIEmbedField, PermissionFlagsBits } from "discord-api-types/v10"
import { Clock, Effect } from "effect"
import * as Command from "../../command/Command.js"
import * as Param from "../../command/Param.js"
import { Client } from "../../discord/Client.js"
import * as Md from "../../interaction/Md.js"
import * as Reply from "../../interaction/Reply.js"
import * as Chart from "../chart/Chart.js"
import { GuildSettings } from "../guild/GuildSettings.js"
import { GuardStore, type InHour } from "./Store.js"
import { Traffic } from "./Traffic.js"

const DAY = 86_400_000
/** How many channels are named. */
const NAMED = 10

const by = {
  channels: "channel",
  "hours of the day": "hour",
  days: "day",
} as const

/** A number with its name. */
interface Bar {
  readonly label: string
  readonly value: number
}

const stats = Command.make(
  "stats",
  {
    description: "Shows how much is written, where and when",
    in: "guild",
    permissions: PermissionFlagsBits.ManageMessages,
    category: "Moderation",
    params: {
      days: Param.integer("Of how many days", { min: 1, max: 366 }).pipe(Param.withDefault(7)),
      by: Param.string("What the chart shows", { choices: by }).pipe(Param.withDefault("channel")),
    },
  },
  Effect.fnUntraced(function* ({ by, days }, { guild, guildId }) {
    const { discordJs } = yield* Client
    const { statsDays, zone } = yield* (yield* GuildSettings).of(guildId)
    const now = yield* Clock.currentTimeMillis
    // What is not written yet counts as well; where it cannot be, it comes the next time.
    yield* Effect.ignore((yield* Traffic).flush)
    const store = yield* GuardStore
    const counted = yield* store.byHour(guildId, now - days * DAY)
    const total = counted.reduce((sum, { messages }) => sum + messages, 0)
    const span = days === 1 ? "1 day" : `${days} days`
    if (total === 0) return Reply.text(`Nobody has written anything within ${span}.`)
    const nameOf = (id: string): string => {
      const channel = discordJs.channels.cache.get(id)
      return channel !== undefined && "name" in channel ? `#${channel.name ?? id}` : "(gone)"
    }
    const channels = yield* store.byChannel(guildId, now - days * DAY)
    const hours = hoursOf(counted, zone)
    const bars =
      by === "channel"
        ? channels.map(({ channelId, messages }) => ({ label: nameOf(channelId), value: messages }))
        : by === "hour"
          ? hours
          : daysOf(counted, zone, now, days)
    const busiest = hours.reduce((most, one) => (one.value > most.value ? one : most))
    const fields: ReadonlyArray<APIEmbedField> = [
      { name: "Messages", value: total.toLocaleString("en"), inline: true },
      {
        name: "A day",
        value: (total / days).toLocaleString("en", { maximumFractionDigits: 1 }),
        inline: true,
      },
      { name: "Busiest hour", value: `${busiest.label} (${zone})`, inline: true },
      {
        name: "Channels",
        value: Md.cut(
          [
            ...channels
              .slice(0, NAMED)
              .map(({ channelId, messages }) => `<#${channelId}>: ${messages.toLocaleString("en")}`),
            ...(channels.length > NAMED ? [`and ${channels.length - NAMED} more`] : []),
          ].join("\n"),
          1_024,
        ),
      },
    ]
    const embed = {
      title: Md.text`Messages in ${guild.name}, ${span}`,
      fields: [...fields],
      ...(days > statsDays ? { footer: { text: `Only ${statsDays} days are kept.` } } : {}),
    }
    const chart = yield* Effect.either(
      Chart.draw({ title: `Messages by ${by === "hour" ? "hour of the day" : by}`, series: bars }),
    )
    if (chart._tag === "Left") {
      yield* Effect.logWarning(`The chart of /stats was not drawn: ${chart.left.message}`)
      return Reply.make({ content: "The chart could not be drawn.", embeds: [embed] })
    }
    return Reply.make({
      embeds: [{ ...embed, image: { url: "attachment://messages.png" } }],
      files: [{ name: "messages.png", data: chart.right }],
    })
  }),
)

export const layer = Command.layer(stats)

// ---------------------------------------------------------------------------------------------------------
// Numbers
// ---------------------------------------------------------------------------------------------------------

/** Added up by the part of the calendar that an hour falls in there. */
const totals = (
  counted: ReadonlyArray<InHour>,
  part: (hour: number) => string,
): ReadonlyMap<string, number> => {
  const found = new Map<string, number>()
  for (const { hour, messages } of counted) found.set(part(hour), (found.get(part(hour)) ?? 0) + messages)
  return found
}

/** By the hours of a clock on the wall there. */
export const hoursOf = (counted: ReadonlyArray<InHour>, zone: string): ReadonlyArray<Bar> => {
  const clock = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", hourCycle: "h23" })
  const found = totals(counted, (hour) => clock.format(hour).slice(0, 2))
  return Array.from({ length: 24 }, (_, hour) => {
    const label = String(hour).padStart(2, "0")
    return { label: `${label}:00`, value: found.get(label) ?? 0 }
  })
}

/** Day by day there, oldest first; also those on which nobody wrote. */
export const daysOf = (
  counted: ReadonlyArray<InHour>,
  zone: string,
  now: number,
  days: number,
): ReadonlyArray<Bar> => {
  const calendar = new Intl.DateTimeFormat("en-CA", { timeZone: zone, dateStyle: "short" })
  const found = totals(counted, (hour) => calendar.format(hour))
  // By half days: a day may have 23 or 25 hours.
  const labels = new Set(
    Array.from({ length: 2 * days + 1 }, (_, n) => calendar.format(now - (2 * days - n) * (DAY / 2))),
  )
  return [...labels].map((label) => ({ label, value: found.get(label) ?? 0 }))
}
