/**
 * Cases: what moderators did, to whom, why, and what came of it.
 *
 * @module
 */

/** What was done. */
export type Kind = "ban" | "unban" | "kick" | "timeout" | "untimeout" | "purge" | "massban"

/**
 * `pending` while it is being done; `unknown` where nobody can tell whether it was, because the answer was lost or
 * the bot was stopped midway; `stopped` where a part was not done because somebody stopped it.
 */
export type Status = "pending" | "done" | "stopped" | "failed" | "unknown"

/** What became of one person in a mass ban. `skipped`: it was stopped before their turn. */
export type Outcome = "pending" | "banned" | "already" | "denied" | "failed" | "unknown" | "skipped"

/** One act. Times are epoch milliseconds. */
export interface Case {
  readonly guildId: string
  /** From 1 on in each server, without gaps. */
  readonly number: number
  readonly kind: Kind
  /** Whom it was done to; null where there are many, or none in particular. */
  readonly userId: string | null
  readonly moderatorId: string
  readonly reason: string | null
  readonly status: Status
  /** What a moderator should know of how it went: why it failed, that the person could not be told. */
  readonly detail: string | null
  readonly at: number
  /** The end of a time-out. */
  readonly until: number | null
}

/** A case that is about to be. */
export type NewCase = Omit<Case, "number" | "status" | "detail">

/** A remark on a case. */
export interface Note {
  /** Null where that person wanted to be forgotten. */
  readonly authorId: string | null
  readonly text: string
  readonly at: number
}

/** One person of a mass ban. */
export interface Subject {
  readonly userId: string
  readonly outcome: Outcome
}

/** As people read it. */
export const kindText: Readonly<Record<Kind, string>> = {
  ban: "ban",
  unban: "unban",
  kick: "kick",
  timeout: "time-out",
  untimeout: "end of a time-out",
  purge: "purge",
  massban: "mass ban",
}

/** Why an act that was interrupted was not done, or not to its end. */
export const STOPPED = "I was stopped while I was at it."

/** How it stands, as people read it. */
export const statusText: Readonly<Record<Status, string>> = {
  pending: "under way",
  done: "done",
  stopped: "stopped midway",
  failed: "failed",
  unknown: "unknown whether it was done",
}
