/**
 * `/total`: every member, and what each has to pay for the year, with a chart.
 *
 * @module
 */
import { Clock, Effect } from "effect"
import type { APIEmbed } from "discord-api-types/v10"
import * as Command from "../../command/Command.js"
import * as Param from "../../command/Param.js"
import * as Policy from "../../command/Policy.js"
import * as Md from "../../interaction/Md.js"
import * as Reply from "../../interaction/Reply.js"
import * as Chart from "../chart/Chart.js"
import { GuildSettings } from "../guild/GuildSettings.js"
import * as Calendar from "./Calendar.js"
import { money } from "./Model.js"
import { ChallengeStore } from "./Store.js"
import * as Totals from "./Totals.js"

export const total = Command.make(
  "total",
  {
    description: "All challenge members and the amount they have to pay",
    category: "Challenges",
    in: "guild",
    params: {
      year: Param.optional(Param.integer("Of which year; this one if left out", { min: 1970, max: 2100 })),
    },
  },
  (given, { defer, guildId }) =>
    // Adding up and drawing take a while.
    Effect.zipRight(defer(), shown(guildId, given.year)),
).pipe(
  // Each takes in all that was logged.
  Policy.concurrency({ per: "guild", whenFull: { queue: 10, within: "1 minute" } }),
)

const shown = Effect.fnUntraced(function* (guildId: string, wanted: number | undefined) {
  const store = yield* ChallengeStore
  const { zone } = yield* (yield* GuildSettings).of(guildId)
  const now = yield* Clock.currentTimeMillis
  const year = wanted ?? Calendar.periodAt("day", zone, now).year
  const challenges = (yield* store.list(guildId)).filter((one) => one.year === year)
  const debts = new Map<string, Debt>()
  const names = new Map<string, string>()
  // One after the other: a challenge may be large.
  for (const challenge of challenges) {
    const book = yield* store.book(challenge)
    const accounts = yield* Totals.of(book, Calendar.current(challenge, zone, now))
    for (const { name, userId } of book.members) names.set(userId, name)
    for (const { cents, missed, userId } of accounts) {
      const { currency } = challenge
      const key = `${currency} ${userId}`
      const before = debts.get(key) ?? { cents: 0, missed: 0 }
      debts.set(key, { userId, currency, cents: before.cents + cents, missed: before.missed + missed })
    }
  }
  return debts.size === 0
    ? Reply.text(`Nobody takes part in a challenge of ${year}.`)
    : yield* report(year, challenges.length, [...debts.values()].sort(byDebt), names)
})

/** What somebody owes over all challenges, in one currency. */
interface Debt extends Pick<Totals.Account, "userId" | "cents" | "missed"> {
  readonly currency: string
}

/** By currency; of each those who owe most first. */
const byDebt = (a: Debt, b: Debt): number =>
  compare(a.currency, b.currency) || b.cents - a.cents || compare(a.userId, b.userId)

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const report = Effect.fnUntraced(function* (
  year: number,
  challenges: number,
  debts: ReadonlyArray<Debt>,
  names: ReadonlyMap<string, string>,
) {
  const { lines, rest } = fitting(debts)
  const people = new Set(debts.map(({ userId }) => userId)).size
  const embed: APIEmbed = {
    title: `To pay for ${year}`,
    description: [...lines, ...(rest === 0 ? [] : [`… and ${rest} more, in the attached file.`])].join("\n"),
    footer: {
      text: `${counted(people, "member")} of ${counted(challenges, "challenge")}. What goes on still is not missed yet.`,
    },
    color: 0x6c8cff,
  }
  const charts = yield* drawn(year, debts, names)
  const [first, ...more] = charts
  const list = {
    name: `total-${year}.txt`,
    data: new TextEncoder().encode(`${debts.map((debt) => plain(debt, names)).join("\n")}\n`),
  }
  return Reply.make({
    embeds: [
      first === undefined ? embed : { ...embed, image: { url: `attachment://${first.name}` } },
      ...more.map(({ name }) => ({ image: { url: `attachment://${name}` } })),
    ],
    files: [...charts, ...(rest === 0 ? [] : [list])],
  })
})

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`

const lineOf = ({ cents, currency, missed, userId }: Debt): string =>
  Md.text`${Md.user(userId)}: **${money(cents, currency)}**${Md.raw(missed === 0 ? "" : ` (missed ${missed})`)}`

const plain = ({ cents, currency, missed, userId }: Debt, names: ReadonlyMap<string, string>): string =>
  `${money(cents, currency)}\t${names.get(userId) ?? ""} (${userId})\tmissed ${missed}`

/** An embed's description has at most 4,096 characters (Discord); this leaves room for the last line. */
const MOST = 4_000

const fitting = (debts: ReadonlyArray<Debt>) => {
  const lines: Array<string> = []
  let length = 0
  for (const debt of debts) {
    const line = lineOf(debt)
    length += line.length + 1
    if (length > MOST) break
    lines.push(line)
  }
  return { lines, rest: debts.length - lines.length }
}

/** One for each currency, at most three. Where none can be drawn, the numbers have to do. */
const drawn = (year: number, debts: ReadonlyArray<Debt>, names: ReadonlyMap<string, string>) =>
  Effect.forEach([...new Set(debts.map(({ currency }) => currency))].slice(0, 3), (currency, index) =>
    Effect.map(
      Chart.draw(
        {
          title: `To pay for ${year}`,
          unit: currency,
          series: debts
            .filter((debt) => debt.currency === currency)
            .map(({ cents, userId }) => ({
              label: names.get(userId) ?? userId,
              value: cents / 100,
              text: money(cents, currency),
            })),
        },
        { within: "15 seconds" },
      ),
      (data): Reply.File => ({ name: `total-${year}-${index + 1}.png`, data, contentType: "image/png" }),
    ),
  ).pipe(
    Effect.catchAll((error) =>
      Effect.as(Effect.logWarning(`The chart was left out: ${error.message}`), none),
    ),
  )

const none: ReadonlyArray<Reply.File> = []
