/**
 * What a challenge, its members and its books are, as plain data.
 *
 * @module
 */

/** How often there is something to log. */
export type Every = "day" | "week"

export interface Challenge {
  readonly id: string
  readonly guildId: string
  /** Unique in the server, whatever its case. */
  readonly name: string
  readonly every: Every
  /** What each missed period costs, in cents: 1 or more. */
  readonly cents: number
  /** `€`: written behind an amount. */
  readonly currency: string
  readonly year: number
  /** Null where they are forgotten. */
  readonly createdBy: string | null
  readonly createdAt: number
}

/** Periods of membership: from the first to before the last; open where that is null. */
export interface Span {
  readonly from: number
  readonly until: number | null
}

export interface Member {
  readonly userId: string
  /** As they were called when they last joined or logged: for charts. */
  readonly name: string
  /** In their order, none touching another. */
  readonly spans: ReadonlyArray<Span>
  /** The periods that they logged. */
  readonly done: ReadonlyArray<number>
}

/** A challenge with all that was logged, members by id. */
export interface Book {
  readonly challenge: Challenge
  readonly members: ReadonlyArray<Member>
}

/** `12.50 €`, exactly. */
export const money = (cents: number, currency: string): string => {
  const whole = Math.trunc(cents / 100)
  return `${whole}.${String(cents - whole * 100).padStart(2, "0")} ${currency}`
}

/** `day` or `days`. */
export const counted = (count: number, every: Every): string => `${count} ${every}${count === 1 ? "" : "s"}`
