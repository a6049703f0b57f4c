/**
 * Challenges: who takes part logs every day or week that it is done, and pays for each one missed.
 *
 * The rules. A challenge is of one year and has a stake, an amount for each missed period: days, or weeks from Monday
 * to Sunday, in the server's time zone (`/settings`, default UTC). Who joins takes part from the period that goes
 * on; who leaves owes what was missed by then, and nothing for the one that goes on. A period is logged while it
 * goes on, or as "the one before" until the next is over, once. What is over and was not logged is missed. A time
 * zone that is changed in the course of the year counts from then on. Amounts are whole cents.
 *
 * Failure modes: on one page in `ChallengeError`; a failure of the database is a defect. A chart that cannot be drawn
 * is left out.
 *
 * @module
 */
import { PermissionFlagsBits } from "discord-api-types/v10"
import { Clock, Effect, Layer, Number, Schema } from "effect"
import * as Command from "../../command/Command.js"
import * as Param from "../../command/Param.js"
import * as Paginator from "../../conversation/Paginator.js"
import * as Md from "../../interaction/Md.js"
import * as Reply from "../../interaction/Reply.js"
import * as Offload from "../../resource/Offload.js"
import * as Attachment from "../guild/Attachment.js"
import { GuildSettings } from "../guild/GuildSettings.js"
import { Stored } from "../guild/Stored.js"
import { Archive, slug } from "./Archive.js"
import * as Calendar from "./Calendar.js"
import { ChallengeUnknown, FileRefused, NotThen, OutOfYear } from "./ChallengeError.js"
import { type Challenge, counted, money } from "./Model.js"
import * as Sheet from "./Sheet.js"
import * as Stake from "./Stake.js"
import { ChallengeStore, keyOf } from "./Store.js"
import { total } from "./Total.js"
import * as Totals from "./Totals.js"

/** `1 member`, `3 members`. */
const people = (count: number): string => `${count} member${count === 1 ? "" : "s"}`

/** Bytes of a file that is imported: 200 members with a whole year's days are 1 MB as they are exported. */
const LARGEST = 2 * 1024 * 1024

// ---------------------------------------------------------------------------------------------------------
// Parameters
// ---------------------------------------------------------------------------------------------------------

const LONGEST_NAME = 50

const Name = Schema.Trim.pipe(
  Schema.filter((text) => text !== "", { message: () => "a name that is not only white space" }),
)

/** Which challenge; the server's are offered. */
const name = Param.optional(
  Param.string("Which one; may be left out where there is one", { max: LONGEST_NAME }).pipe(
    Param.autocomplete((typed, { guildId }) =>
      Effect.gen(function* () {
        const store = yield* ChallengeStore
        const wanted = keyOf(typed.trim())
        return (yield* store.list(guildId ?? ""))
          .filter(({ name }) => keyOf(name).includes(wanted))
          .map(({ name, year }) => ({ name: `${name} (${year})`, value: name }))
      }),
    ),
  ),
)

/** The challenge that is meant: by name, else the only one of this year, else the only one. */
const choose = Effect.fnUntraced(function* (guildId: string, wanted: string | undefined) {
  const all = yield* (yield* ChallengeStore).list(guildId)
  const zone = yield* zoneOf(guildId)
  const now = yield* Clock.currentTimeMillis
  const running = all.filter((one) => one.year === Calendar.periodAt(one.every, zone, now).year)
  const found =
    wanted !== undefined
      ? all.find((one) => keyOf(one.name) === keyOf(wanted.trim()))
      : running.length === 1
        ? running[0]
        : all.length === 1
          ? all[0]
          : undefined
  return found ?? (yield* new ChallengeUnknown({ name: wanted, known: all.map((one) => one.name) }))
})

const zoneOf = (guildId: string) =>
  Effect.flatMap(GuildSettings, (settings) => Effect.map(settings.of(guildId), ({ zone }) => zone))

/** The period of a challenge that goes on. Fails with `OutOfYear` after its year. */
const periodOf = Effect.fnUntraced(function* ({ every, guildId, name, year }: Challenge) {
  const now = Calendar.current({ every, year }, yield* zoneOf(guildId), yield* Clock.currentTimeMillis)
  return now > Calendar.length(every, year) ? yield* new OutOfYear({ name, year, when: "after" }) : now
})

// ---------------------------------------------------------------------------------------------------------
// For everyone
// ---------------------------------------------------------------------------------------------------------

const join = Command.make(
  "join",
  { description: "Takes part in a challenge from now on", in: "guild", params: { name } },
  Effect.fnUntraced(function* (given, { guildId, member, user }) {
    const challenge = yield* choose(guildId, given.name)
    // Before its year it is from the first on.
    const from = Math.max(1, yield* periodOf(challenge))
    const store = yield* ChallengeStore
    yield* store.join(challenge, { userId: user.id, name: member.displayName }, from)
    return Reply.text(
      Md.text`${Md.user(user.id)} takes part in **${challenge.name}** from ${Md.raw(Calendar.text(challenge, from))} on: ${money(challenge.cents, challenge.currency)} for each missed ${challenge.every}.`,
    )
  }),
)

const leave = Command.make(
  "leave",
  { description: "Takes no further part in a challenge", in: "guild", ephemeral: true, params: { name } },
  Effect.fnUntraced(function* (given, { guildId, user }) {
    const challenge = yield* choose(guildId, given.name)
    const store = yield* ChallengeStore
    yield* store.leave(challenge, user.id, yield* periodOf(challenge))
    return Reply.ephemeral(
      Reply.text(
        Md.text`You take no further part in **${challenge.name}**. What you missed before stays in \`/total\`.`,
      ),
    )
  }),
)

const log = Command.make(
  "log",
  {
    description: "Logs that it is done",
    in: "guild",
    params: {
      name,
      when: Param.withDefault(
        Param.string("For which day or week; the one that goes on if left out", {
          choices: { "this one": "this", "the one before": "before" },
        }),
        "this",
      ),
    },
  },
  Effect.fnUntraced(function* (given, { guildId, member, user }) {
    const challenge = yield* choose(guildId, given.name)
    const period = yield* logged(challenge, given.when)
    const store = yield* ChallengeStore
    const when = Calendar.text(challenge, period)
    const who = { userId: user.id, name: member.displayName }
    return (yield* store.log(challenge, who, period, when))
      ? Reply.text(Md.text`${Md.user(user.id)} has done it: **${challenge.name}**, ${Md.raw(when)}.`)
      : Reply.ephemeral(
          Reply.text(Md.text`You have logged ${Md.raw(when)} of **${challenge.name}** already.`),
        )
  }),
)

/** The period that somebody logs now. The last one of a year can be logged in the first of the next. */
const logged = Effect.fnUntraced(function* (challenge: Challenge, when: "this" | "before") {
  const { every, guildId, name, year } = challenge
  const now = Calendar.periodAt(every, yield* zoneOf(guildId), yield* Clock.currentTimeMillis)
  if (when === "before" && now.year === year + 1 && now.number === 1) return Calendar.length(every, year)
  if (now.year !== year)
    return yield* new OutOfYear({ name, year, when: now.year < year ? "before" : "after" })
  if (when === "this") return now.number
  return now.number > 1 ? now.number - 1 : yield* new NotThen({ name, when: `before ${year}` })
})

const standing = Command.make(
  "standing",
  { description: "Shows what everybody has done and missed", in: "guild", params: { name } },
  Effect.fnUntraced(function* (given, { guildId }) {
    const challenge = yield* choose(guildId, given.name)
    const { cents, currency, every, year } = challenge
    const book = yield* (yield* ChallengeStore).book(challenge)
    const current = Calendar.current(challenge, yield* zoneOf(guildId), yield* Clock.currentTimeMillis)
    const accounts = yield* Totals.of(book, current)
    const lines = accounts
      .toSorted((a, b) => a.missed - b.missed || b.done - a.done)
      .map((account) => lineOf(challenge, account))
    const left = Calendar.length(every, year) - current
    yield* Paginator.show(
      Paginator.items(lines, 15, (some) =>
        Reply.embed({
          title: `${challenge.name} ${year}`,
          description: some.join("\n"),
          footer: {
            text: `${money(cents, currency)} for each missed ${every}${left >= 0 && current > 0 ? `; ${counted(left, every)} to go` : ""}`,
          },
          color: 0x6c8cff,
        }),
      ),
      { within: "2 minutes", empty: Md.text`Nobody takes part in **${challenge.name}** yet.` },
    )
    return Reply.silent
  }),
)

const lineOf = ({ currency, every }: Challenge, account: Totals.Account): string => {
  const { cents, done, isDoneNow, missed, streak, userId } = account
  return Md.text`${isDoneNow ? "✅" : "⬜"} ${Md.user(userId)}: ${counted(done, every)} done, ${missed} missed: **${money(cents, currency)}**${streak > 1 ? `, ${streak} in a row` : ""}`
}

// ---------------------------------------------------------------------------------------------------------
// For managers
// ---------------------------------------------------------------------------------------------------------

const create = Command.make(
  "create",
  {
    description: "Makes a challenge",
    in: "guild",
    permissions: PermissionFlagsBits.ManageGuild,
    params: {
      name: Param.string("What it is called", { min: 1, max: LONGEST_NAME }).pipe(Param.decode(Name)),
      stake: Param.string("What each missed day or week costs, such as 2.50").pipe(
        Param.decode(Stake.FromText),
      ),
      every: Param.withDefault(
        Param.string("How often it is to be done; every day if left out", {
          choices: { "every day": "day", "every week": "week" },
        }),
        "day",
      ),
      year: Param.optional(Param.integer("Of which year; this one if left out", { min: 1970, max: 2100 })),
    },
  },
  Effect.fnUntraced(function* (given, { guildId, id, user }) {
    const { every, name, stake } = given
    const createdAt = yield* Clock.currentTimeMillis
    const year = given.year ?? Calendar.periodAt(every, yield* zoneOf(guildId), createdAt).year
    const challenge = { id, guildId, name, every, ...stake, year, createdBy: user.id, createdAt }
    yield* (yield* ChallengeStore).create(challenge)
    return Reply.text(
      Md.text`**${name}** is a challenge of ${year}: every ${every}, ${money(stake.cents, stake.currency)} for each one missed. \`/challenge join\` takes part.`,
    )
  }),
)

const bring = Command.make(
  "import",
  {
    description: "Makes a challenge of a file that was exported",
    in: "guild",
    ephemeral: true,
    permissions: PermissionFlagsBits.ManageGuild,
    params: {
      file: Param.attachment("The JSON file"),
      replace: Param.withDefault(
        Param.boolean(
          "Whether it takes the place of the challenge of the same name, with all that was logged",
        ),
        false,
      ),
    },
  },
  Effect.fnUntraced(function* ({ file, replace }, { guildId, id, user }) {
    const text = yield* Attachment.read(file, LARGEST)
    const read = yield* Offload.run(Sheet.parsing, text).pipe(Effect.catchTag("OffloadFailed", Effect.die))
    if ("wrong" in read) return yield* new FileRefused({ reason: read.wrong })
    const { sheet } = read
    const book = Sheet.bookOf(sheet, {
      id,
      guildId,
      createdBy: user.id,
      createdAt: yield* Clock.currentTimeMillis,
    })
    yield* (yield* ChallengeStore).put(book, replace)
    return Reply.ephemeral(
      Reply.text(
        Md.text`**${sheet.name}** of ${sheet.year} was imported: ${people(sheet.members.length)}, ${counted(
          Number.sumAll(book.members.map(({ done }) => done.length)),
          sheet.every,
        )} logged.`,
      ),
    )
  }),
)

const take = Command.make(
  "export",
  {
    description: "Gives a challenge with all that was logged as a file",
    in: "guild",
    ephemeral: true,
    permissions: PermissionFlagsBits.ManageGuild,
    params: { name },
  },
  Effect.fnUntraced(function* (given, { guildId }) {
    const store = yield* ChallengeStore
    const challenge = yield* choose(guildId, given.name)
    const read = Effect.gen(function* () {
      // It may have been forgotten while it waited for its turn.
      const all = yield* store.list(guildId)
      if (all.some(({ id }) => id === challenge.id)) return Sheet.of(yield* store.book(challenge))
      return yield* new ChallengeUnknown({ name: challenge.name, known: all.map((one) => one.name) })
    })
    const { data, sheet } = yield* (yield* Archive).save(challenge, read)
    return Reply.ephemeral(
      Reply.withFiles({ name: `${slug(challenge.name)}.json`, data, contentType: "application/json" })(
        Reply.text(Md.text`**${challenge.name}** of ${challenge.year}, ${people(sheet.members.length)}.`),
      ),
    )
  }),
)

// ---------------------------------------------------------------------------------------------------------
// Layer
// ---------------------------------------------------------------------------------------------------------

const group = Command.group("challenge", { description: "Challenges", category: "Challenges" }, [
  create,
  join,
  leave,
  log,
  standing,
  bring,
  take,
])

const stored = Layer.scopedDiscard(
  Effect.gen(function* () {
    const store = yield* ChallengeStore
    const archive = yield* Archive
    yield* (yield* Stored).register({
      name: "challenges",
      exportUser: (userId) =>
        Effect.map(Effect.zip(store.partsOf(userId), store.madeBy(userId)), ([parts, made]) => [
          ...parts.map(({ challenge, done, name, spans }) => ({
            kind: "part in a challenge",
            challenge: challenge.name,
            guildId: challenge.guildId,
            year: challenge.year,
            calledThere: name,
            spans,
            done: done.map((period) => Calendar.text(challenge, period)),
          })),
          ...made.map(({ guildId, name, year }) => ({
            kind: "challenge that you made",
            challenge: name,
            guildId,
            year,
          })),
        ]),
      eraseUser: (userId) =>
        Effect.map(
          Effect.zip(store.forgetUser(userId), archive.forgetUser(userId)),
          ([{ made, parts }, files]) => ({
            erased: parts + files,
            ...(made === 0 ? {} : { kept: "challenges that you made stay, without your name." }),
          }),
        ),
      // The store last: by what is in it it is known that there is something left to forget.
      forgetGuild: (guildId) => archive.forgetGuild(guildId, store.forgetGuild(guildId)),
      guilds: store.guilds,
    })
  }),
)

/**
 * `/challenge` and `/total`. What has to be provided: `ChallengeStore`, `Archive` (where exports are kept),
 * `GuildSettings`, `Stored`, `Offload` and `Http`.
 */
export const layer = Layer.merge(Command.layer(group, total), stored)
