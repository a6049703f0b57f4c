/**
 * What was done, by two accounts: the bot's own, in its database, and Discord's, in the audit log and on the
 * screens.
 */
import * as SqlClient from "@effect/sql/SqlClient"
import { AuditLogEvent } from "discord-api-types/v10"
import { Effect } from "effect"
import type { AuditEntry } from "../../src/sandbox/model/Model.js"
import type * as Kit from "../../src/testing/Kit.js"
import { tally } from "./Tally.js"
import type { Witness } from "./Witness.js"

/** Every sentence says what does not fit. */
export interface Verdict {
  /** Noted, and not done; or done, and not noted. */
  readonly undone: ReadonlyArray<string>
  readonly doubled: ReadonlyArray<string>
  /** How often things were done: `ban`, `role given`. */
  readonly done: Readonly<Record<string, number>>
}

interface Case {
  readonly number: number
  readonly kind: string
  readonly user_id: string | null
  readonly status: string
}

interface Subject {
  readonly user_id: string
  readonly outcome: string
}

interface Application {
  readonly user_id: string
  readonly status: string
  readonly role_id: string | null
}

/** `lines`: the whole transcript. `erased`: who had everything erased that was stored about them. */
export const judge = (
  kit: Kit.Kit,
  witness: Witness,
  lines: ReadonlyArray<string>,
  erased: ReadonlySet<string>,
) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const cases = yield* sql<Case>`SELECT number, kind, user_id, status FROM moderation_cases`
    const subjects = yield* sql<Subject>`SELECT user_id, outcome FROM moderation_subjects`
    const applications = yield* sql<Application>`
      SELECT a.user_id, a.status, t.role_id FROM tryouts_application a
      JOIN tryouts_tryout t ON t.id = a.tryout_id`
    const entries = kit.guild.auditLog.filter(({ userId }) => userId === kit.world.bot.id)
    const parts = [
      acts(cases, subjects, entries, goneBefore(lines)),
      notices(cases, witness, lines),
      roles(applications, entries, erased, lines, tally(witness.departures())),
    ]
    return {
      undone: parts.flatMap(({ undone }) => undone),
      doubled: parts.flatMap(({ doubled }) => doubled),
      done: {
        ...tally(entries.flatMap((entry) => kindOf(entry) ?? [])),
        ...tally(applications.map(({ status }) => `application ${status}`)),
        "role given": entries.filter((entry) => isApproval(entry) && given(entry).length > 0).length,
      },
    } satisfies Verdict
  })

// ---------------------------------------------------------------------------------------------------------
// Moderation
// ---------------------------------------------------------------------------------------------------------

/** Each case and each person of a mass ban against the audit log, by person and kind, both ways. */
const acts = (
  cases: ReadonlyArray<Case>,
  subjects: ReadonlyArray<Subject>,
  entries: ReadonlyArray<AuditEntry>,
  gone: Readonly<Record<string, number>>,
) => {
  const settled = (sure: string, ...outcomes: ReadonlyArray<string>) =>
    tally([
      ...cases
        // A purge is in the audit log by its channel.
        .filter(({ kind, user_id }) => kind !== "purge" && user_id !== null)
        .filter(({ status }) => outcomes.includes(status))
        .map(({ kind, user_id }) => `${kind} of ${user_id}`),
      ...subjects
        .filter(({ outcome }) => (outcome === "unknown" ? outcomes.includes(outcome) : outcome === sure))
        .map(({ user_id }) => `ban of ${user_id}`),
    ])
  const sure = settled("banned", "done")
  const most = settled("banned", "done", "unknown")
  const done = tally(
    entries.flatMap((entry) => {
      const kind = kindOf(entry)
      return kind === undefined ? [] : [`${kind} of ${entry.targetId}`]
    }),
  )
  return {
    undone: [
      ...Object.entries(sure)
        // Lifting a time-out that is over changes nothing, and is in no audit log. Of two moderators who ban somebody
        // at once both are told that it is done.
        .filter(([key, times]) =>
          key.startsWith("ban of") ? done[key] === undefined : (done[key] ?? 0) + (gone[key] ?? 0) < times,
        )
        .filter(([key]) => !key.startsWith("untimeout"))
        .map(([key, times]) => `${key} was done ${done[key] ?? 0} times, and ${times} cases say so`),
      ...cases
        .filter(({ status }) => status === "pending")
        .map(({ kind, number }) => `case ${number} (${kind}) was never settled`),
      ...subjects
        .filter(({ outcome }) => outcome === "pending")
        .map(({ user_id }) => `the mass ban of ${user_id} was never settled`),
    ],
    doubled: Object.entries(done)
      .filter(([key, times]) => times > (most[key] ?? 0))
      .map(([key, times]) => `${key} was done ${times} times for ${most[key] ?? 0} cases`),
  }
}

/**
 * Where the answer to a call was lost, a ban or member that is not there by then was taken away by it for all that is
 * known. How often that was: by kind and person.
 */
const goneBefore = (lines: ReadonlyArray<string>): Readonly<Record<string, number>> => {
  /** Calls whose answer is not there yet, and whether it ever came. */
  const open = new Map<string, "sent" | "lost">()
  return tally(
    lines.flatMap((line) => {
      const [, way, status = "", method, what, userId] = CALL.exec(line) ?? []
      const key = `${what === "bans" ? "unban" : "kick"} of ${userId}`
      const state = open.get(key)
      if (way === "→" && (method === "DELETE" || state !== undefined))
        open.set(key, state === undefined ? "sent" : "lost")
      if (way !== "←" || state === undefined) return []
      if (method === "DELETE" && status.startsWith("5")) open.set(key, "lost")
      else if (status === "404" || status === "204") open.delete(key)
      else if (method === "DELETE" && state === "sent") open.delete(key)
      return status === "404" && state === "lost" ? [key] : []
    }),
  )
}

const CALL = /^\s*[\d.]+ {2}bot (→|←) (?:(\d+) )?(DELETE|GET) \/guilds\/\d+\/(bans|members)\/(\d+)(?::|$)/u

const kindOf = ({ action, changes, reason }: AuditEntry): string | undefined => {
  switch (action) {
    case AuditLogEvent.MemberBanAdd:
      return "ban"
    case AuditLogEvent.MemberBanRemove:
      return "unban"
    case AuditLogEvent.MemberKick:
      return "kick"
    case AuditLogEvent.MemberUpdate: {
      const change = changes.find(({ key }) => key === "communication_disabled_until")
      // Guard times out without a case.
      if (change === undefined || reason === "Spam") return undefined
      return change.new === undefined ? "untimeout" : "timeout"
    }
    default:
      return undefined
  }
}

/** Each case that is settled has one notice, or the log says why not. */
const notices = (cases: ReadonlyArray<Case>, witness: Witness, lines: ReadonlyArray<string>) => {
  const noted = tally(
    witness.seen().flatMap(({ message }) => {
      // What `/case show` answers looks the same.
      if (message.interaction !== null) return []
      const number = /^Case (\d+):/u.exec(String(message.embeds[0]?.["title"]))?.[1]
      return number === undefined ? [] : [number]
    }),
  )
  const times = ({ number }: Case): number => noted[String(number)] ?? 0
  const settled = cases.filter(({ status }) => status !== "pending")
  return {
    undone: settled
      .filter((one) => times(one) === 0)
      .filter(({ number }) => !lines.some((line) => line.includes(`Case ${number} could not be noted`)))
      .map(({ kind, number }) => `case ${number} (${kind}) is not in the mod log, and the log has no reason`),
    doubled: settled
      .filter((one) => times(one) > 1)
      .map((one) => `case ${one.number} was noted ${times(one)} times`),
  }
}

// ---------------------------------------------------------------------------------------------------------
// Try-outs
// ---------------------------------------------------------------------------------------------------------

const given = ({ action, changes }: AuditEntry): ReadonlyArray<string> => {
  if (action !== AuditLogEvent.MemberRoleUpdate) return []
  const added = changes.find(({ key }) => key === "$add")?.new as ReadonlyArray<{ readonly id: string }>
  return (added ?? []).map(({ id }) => id)
}

const isApproval = ({ reason }: AuditEntry): boolean => reason?.startsWith("Approved in") === true

/**
 * Each application that was approved has its role, given once; and nobody has one without it. Whoever leaves loses
 * their roles, and may be given one anew.
 */
const roles = (
  applications: ReadonlyArray<Application>,
  entries: ReadonlyArray<AuditEntry>,
  erased: ReadonlySet<string>,
  lines: ReadonlyArray<string>,
  departures: Readonly<Record<string, number>>,
) => {
  /** Where Discord never answered, nor told anything of the member, the application waits on. */
  const isUnknown = (key: string): boolean => {
    const [role, , userId] = key.split(" ")
    const waits = applications.some((one) => one.user_id === userId && one.status === "pending")
    return (
      waits && !lines.some((line) => line.endsWith(`/members/${userId}/roles/${role}`) && / ← 2/u.test(line))
    )
  }
  const approved = tally(
    applications
      .filter(({ role_id, status }) => role_id !== null && status === "approved")
      .map(({ role_id, user_id }) => `${role_id} for ${user_id}`),
  )
  const grants = (of: ReadonlyArray<AuditEntry>) =>
    tally(of.flatMap((entry) => given(entry).map((role) => `${role} for ${entry.targetId}`)))
  const granted = grants(entries.filter(isApproval))
  // A welcome may have given it before; Discord then notes nothing.
  const anyhow = grants(entries)
  return {
    undone: Object.keys(approved)
      .filter((key) => (anyhow[key] ?? 0) === 0)
      .map((key) => `role ${key} was approved, and never given`),
    doubled: Object.entries(granted)
      .filter(([key, times]) => {
        const userId = key.split(" ").at(-1) ?? ""
        return times > (approved[key] ?? 0) + (departures[userId] ?? 0) && !erased.has(userId)
      })
      .filter(([key]) => !isUnknown(key))
      .map(([key, times]) => `role ${key} was given ${times} times for ${approved[key] ?? 0} approvals`),
  }
}
