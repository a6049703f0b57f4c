/** What people still read of acts of moderation, and of limits that the bot could have waited for: whether it is so. */
import * as SqlClient from "@effect/sql/SqlClient"
import { Effect } from "effect"
import type * as Kit from "../../src/testing/Kit.js"
import type * as Crowd from "./Crowd.js"
import { tally } from "./Tally.js"
import type { Witness } from "./Witness.js"

export interface Evidence {
  readonly kit: Kit.Kit
  readonly crowd: Crowd.Crowd
  readonly witness: Witness
  /** The whole transcript. */
  readonly lines: ReadonlyArray<string>
}

/** Every sentence says what is not so. */
export const judge = (evidence: Evidence) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const cases = yield* sql<Case>`SELECT number, kind, user_id, status, detail FROM moderation_cases`
    const origin = evidence.kit.world.now() - (yield* evidence.kit.clock.now)
    return [...words(evidence, cases), ...limits(evidence, cases, origin)]
  })

interface Case {
  readonly number: number
  readonly kind: string
  readonly user_id: string | null
  readonly status: string
  readonly detail: string | null
}

const WORDS: ReadonlyArray<readonly [kind: string, pattern: RegExp]> = [
  ["ban", /^You are banned from \*\*/u],
  ["kick", /^You are put out of \*\*/u],
  ["timeout", /^Until <t:\d+(?::\w)?> you cannot write in \*\*/u],
  ["untimeout", /^You may write again in \*\*/u],
]

/**
 * Nobody keeps a direct message about something that was not done to them, except where the bot cannot know that it
 * arrived, or Discord did not take it back.
 */
const words = ({ kit, lines, witness }: Evidence, cases: ReadonlyArray<Case>): ReadonlyArray<string> => {
  const isDoubtful = (channelId: string): boolean => {
    const path = `POST /channels/${channelId}/messages`
    const sent = lines.filter((line) => line.includes(`bot → ${path}`)).length
    return lines.filter((line) => / ← 2\d\d /u.test(line) && line.includes(path)).length < sent
  }
  const kept = tally(
    witness.seen().flatMap(({ goneAt, message: { channelId, content, id } }) => {
      const person = kit.world.channels.get(channelId)?.recipients.find((one) => one !== kit.world.bot.id)
      const kind = WORDS.find(([, pattern]) => pattern.test(content))?.[0]
      if (person === undefined || kind === undefined || goneAt !== Infinity) return []
      const isTried = lines.some((line) => line.includes(`→ DELETE /channels/${channelId}/messages/${id}`))
      return isTried || isDoubtful(channelId) ? [] : [`${kind} of ${person}`]
    }),
  )
  const done = tally(
    cases.filter(({ status }) => status !== "failed").map(({ kind, user_id }) => `${kind} of ${user_id}`),
  )
  return Object.entries(kept)
    .filter(([key, times]) => times > (done[key] ?? 0))
    .map(([key, times]) => `${times} messages tell of the ${key}, which was done ${done[key] ?? 0} times`)
}

const SLOW = "asks me to slow down"
/** Discord: an interaction's first response is due within so many milliseconds. */
const DUE = 3_000
const GIVEN_UP =
  /^\s*([\d.]+) {2}log .*RateLimited: (\w+ (\S+)) is rate limited \(\w+\) for another (\d+) ms/u

/**
 * No call is given up for a limit but the first response to an interaction, and that one where the limit is over too
 * late.
 */
const limits = (
  { crowd, lines, witness }: Evidence,
  cases: ReadonlyArray<Case>,
  origin: number,
): ReadonlyArray<string> => {
  const started = new Map(crowd.started.map(({ at, turn }) => [turn.id, at]))
  const limited = new Set(
    lines.flatMap((line) => / ← 429 POST \/interactions\/(\d+)\//u.exec(line)?.slice(1) ?? []),
  )
  return [
    ...lines.flatMap((line) => {
      const [, seconds, call, path = "", wait] = GIVEN_UP.exec(line) ?? []
      if (call === undefined) return []
      const id = /^\/interactions\/(\d+)\//u.exec(path)?.[1]
      if (id === undefined) return [`${call} was given up for a limit of ${wait} ms`]
      const over = origin + Number(seconds) * 1_000 + Number(wait)
      const due = (started.get(id) ?? -Infinity) + DUE
      return over < due
        ? [`${call} was given up for a limit that was over ${due - over} ms before the end`]
        : []
    }),
    ...witness
      .seen()
      .filter(({ message }) => message.content.includes(SLOW))
      .filter(({ message }) => !limited.has(message.interaction?.id ?? ""))
      .map(({ message }) => `${message.id} says "${message.content.slice(0, 80)}", and could have waited`),
    ...cases
      .filter(({ detail }) => detail?.includes(SLOW) === true)
      .map(({ kind, number }) => `case ${number} (${kind}) failed for a limit that the bot could wait for`),
  ]
}
