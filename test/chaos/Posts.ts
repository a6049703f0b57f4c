/**
 * What people were told without having asked for it, and what they were told was noted of them: welcomes, cards,
 * decisions, logs of a challenge.
 */
import * as SqlClient from "@effect/sql/SqlClient"
import { Effect } from "effect"
import type * as Kit from "../../src/testing/Kit.js"
import * as Screen from "../../src/testing/Screen.js"
import type * as Crowd from "./Crowd.js"
import { tally } from "./Tally.js"
import type { Seen, Witness } from "./Witness.js"

/** Every sentence says what does not fit. */
export interface Verdict {
  readonly missing: ReadonlyArray<string>
  readonly doubled: ReadonlyArray<string>
}

export interface Evidence {
  readonly kit: Kit.Kit
  readonly crowd: Crowd.Crowd
  readonly witness: Witness
  readonly log: ReadonlyArray<string>
  /** The whole transcript. */
  readonly lines: ReadonlyArray<string>
  /** Since when whoever comes is welcomed. Virtual milliseconds. */
  readonly since: number
  /** Who had everything erased that was stored about them. */
  readonly erased: ReadonlySet<string>
}

/** The message by which the server welcomes. */
export const WELCOME = "Ahoy {member}, welcome on board"
const welcomed = /^Ahoy <@(\d+)>, welcome on board$/u
export const isWelcomeOf = (userId: string, { message }: Seen): boolean =>
  welcomed.exec(message.content)?.[1] === userId

export const judge = (evidence: Evidence) =>
  Effect.gen(function* () {
    const parts: ReadonlyArray<Verdict> = [
      welcomes(evidence),
      yield* cards(evidence),
      yield* decisions(evidence),
      yield* logs(evidence),
    ]
    return {
      missing: parts.flatMap(({ missing }) => missing),
      doubled: parts.flatMap(({ doubled }) => doubled),
    } satisfies Verdict
  })

const first = (seen: Seen, pattern: RegExp): ReadonlyArray<string> =>
  pattern.exec(seen.message.content)?.slice(1, 2) ?? []

/** Whether it has changed nothing, since whoever ran it may not. */
const isRefused = ({ turn }: Crowd.Started): boolean => {
  const state = turn.state()
  return (
    state._tag === "Responded" &&
    state.messages.some(({ content }) =>
      /^(?:That needs the permission|Only my owner can do that)/u.test(content),
    )
  )
}

/** Everybody who has come is welcomed once, until a manager has changed how; or the log says why not. */
const welcomes = ({ crowd, log, since, witness }: Evidence): Verdict => {
  const done = tally(witness.seen().flatMap((seen) => first(seen, welcomed)))
  const joins = witness.joins().filter(({ at }) => at > since)
  const tests = crowd.started.filter(({ what }) => what === "welcome test")
  const until = Math.min(
    Infinity,
    ...crowd.started
      .filter((one) => /^(?:welcome (?:set|off)|tasks cancel)/u.test(one.what) && !isRefused(one))
      .map(({ at }) => at),
  )
  const most = tally([...joins.map(({ userId }) => userId), ...tests.map(({ actor }) => actor.user.id)])
  const due = tally(joins.filter(({ at }) => at < until).map(({ userId }) => userId))
  return {
    missing: Object.entries(due)
      .filter(([id, times]) => (done[id] ?? 0) < times)
      .filter(([id]) => !log.some((line) => line.includes(`Member ${id} of`)))
      .map(([id, times]) => `${id} came ${times} times, and was welcomed ${done[id] ?? 0} times`),
    doubled: Object.entries(done)
      .filter(([id, times]) => times > (most[id] ?? 0))
      .map(([id, times]) => `${id} was welcomed ${times} times, and came ${most[id] ?? 0} times`),
  }
}

interface Application {
  readonly user_id: string
  readonly status: string
  readonly card: string | null
}

const APPLICATION = "Application for "

/** Each application has one card that can be pressed as long as it waits for a decision, and none after that. */
const cards = ({ crowd, erased, lines, log, witness }: Evidence) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const all = yield* sql<Application>`SELECT user_id, status, card FROM tryouts_application`
    const statusOf = new Map(
      all.flatMap(({ card, status }) =>
        card === null ? [] : [[(JSON.parse(card) as { readonly messageId: string }).messageId, status]],
      ),
    )
    const live = witness
      .seen()
      .filter(
        ({ goneAt, message }) =>
          goneAt === Infinity &&
          String(message.embeds[0]?.["title"]).startsWith(APPLICATION) &&
          Screen.live(message).length > 0,
      )
      .map(({ message: { embeds, id } }) => ({
        id,
        userId: /<@(\d+)>/u.exec(String(embeds[0]?.["description"]))?.[1] ?? "",
      }))
      .filter(({ userId }) => !erased.has(userId))
    const isTold =
      log.some((line) =>
        /The card of an application is out of date|An application could not be posted/u.test(line),
      ) ||
      // Who posts cards again is told that it failed; whether one came all the same nobody knows.
      lines.some((line) => / tryout review: (?!completed)/u.test(line))
    // What cannot be changed by the press says on the next one how things stand.
    const failed = new Set(
      crowd.started.flatMap(({ source, turn }) =>
        source !== undefined && turn.state()._tag === "Failed" ? [source.id] : [],
      ),
    )
    const waiting = (status: string | undefined): boolean => status === "pending" || status === "approving"
    return {
      missing: isTold
        ? []
        : live
            .filter(({ id }) => statusOf.has(id) && !waiting(statusOf.get(id)) && !failed.has(id))
            .map(
              ({ id, userId }) => `the card ${id} of ${userId}, who is ${statusOf.get(id)}, can be pressed`,
            ),
      doubled: isTold
        ? []
        : live
            .filter(({ id }) => !statusOf.has(id))
            .map(({ id, userId }) => `${userId} has another card that can be pressed (${id})`),
    } satisfies Verdict
  })

const DECIDED = /Your application for .+ was (approved|rejected)/u

/** Whoever was approved or rejected was told so; by direct message once. */
const decisions = ({ erased, kit, log, witness }: Evidence) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const all = yield* sql<Application>`
      SELECT user_id, status, card FROM tryouts_application WHERE status IN ('approved', 'rejected')`
    const personIn = (channelId: string): string | undefined =>
      kit.world.channels.get(channelId)?.recipients.find((id) => id !== kit.world.bot.id)
    const told = witness.seen().flatMap(({ message: { channelId, content } }) => {
      const status = DECIDED.exec(content)?.[1]
      if (status === undefined) return []
      const person = personIn(channelId)
      const [, mentioned = ""] = /<@(\d+)>/u.exec(content) ?? []
      return [{ key: `${person ?? mentioned} was ${status}`, isDirect: person !== undefined }]
    })
    const decided = tally(all.map(({ status, user_id }) => `${user_id} was ${status}`))
    const everywhere = tally(told.map(({ key }) => key))
    const direct = tally(told.flatMap(({ isDirect, key }) => (isDirect ? [key] : [])))
    const isUntold = log.some((line) => line.includes("An applicant could not be told"))
    const isErased = (key: string): boolean => erased.has(key.split(" ")[0] ?? "")
    return {
      missing: isUntold
        ? []
        : Object.entries(decided)
            .filter(([key, times]) => (everywhere[key] ?? 0) < times)
            .map(([key, times]) => `${key} ${times} times, and told so ${everywhere[key] ?? 0} times`),
      doubled: Object.entries(direct)
        .filter(([key, times]) => times > (decided[key] ?? 0) && !isErased(key))
        .map(([key, times]) => `${key} ${decided[key] ?? 0} times, and told so ${times} times`),
    } satisfies Verdict
  })

interface Logged {
  readonly user_id: string
  readonly name: string
  readonly times: number
}

const DONE = /^<@(\d+)> has done it: \*\*(.+)\*\*, (.+)\.$/u

/**
 * What people were told is logged in a challenge is in the database, and they were told so once. Those who have left a
 * challenge may log anew; what is imported takes the place of what was logged.
 */
const logs = ({ crowd, erased, witness }: Evidence) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<Logged>`
      SELECT l.user_id, c.name, COUNT(*) AS times FROM challenge_logs l
      JOIN challenge_challenges c ON c.id = l.challenge_id GROUP BY l.user_id, c.name`
    const kept = new Map(rows.map(({ name, times, user_id }) => [`${user_id} in ${name}`, times]))
    const ran = (what: string) =>
      crowd.started.filter((one) => one.what === what && !isRefused(one)).map(({ actor }) => actor.user.id)
    const anew = new Set([...erased, ...ran("challenge leave")])
    const said = witness.seen().flatMap(({ message: { content, interaction }, shownAt }) => {
      const [, userId = "", name = "", when = ""] = (interaction !== null && DONE.exec(content)) || []
      // Names are shown with what is Markdown in them escaped.
      const plain = name.replaceAll(/\\(?=\W)/gu, "")
      return userId === "" ? [] : [{ userId, shownAt, key: `${userId} in ${plain}: ${when}` }]
    })
    const isAnew = (userId: string, shownAt: number): boolean =>
      crowd.started.some(
        ({ actor, at, what }) =>
          at <= shownAt &&
          (what === "challenge import" ||
            (actor.user.id === userId && /^(?:challenge leave|press Erase it)$/u.test(what))),
      )
    const told = new Set(said.flatMap(({ key, userId }) => (anew.has(userId) ? [] : [key])))
    const distinct = tally([...told].map((key) => key.split(": ")[0] ?? ""))
    const isImported = ran("challenge import").length > 0
    return {
      missing: Object.entries(distinct)
        .filter(([key, times]) => !isImported && times > (kept.get(key) ?? 0))
        .map(([key, times]) => `${key} was told of ${times} logs, and has ${kept.get(key) ?? 0}`),
      doubled: Object.entries(
        tally(said.flatMap(({ key, shownAt, userId }) => (isAnew(userId, shownAt) ? [] : [key]))),
      )
        .filter(([, times]) => times > 1)
        .map(([key, times]) => `${key} was logged ${times} times`),
    } satisfies Verdict
  })
