/**
 * What a server wants done about spam.
 *
 * @module
 */
import { Schema } from "effect"

/**
 * - `off`: nothing is looked at.
 * - `log`: spam is reported.
 * - `delete`: and its messages are deleted.
 * - `timeout`: and its author is timed out as well.
 */
export const Mode = Schema.Literal("off", "log", "delete", "timeout")
export type Mode = typeof Mode.Type

/** Limits say from how many on something is spam by itself. */
export interface Rules {
  readonly mode: Mode
  /** Messages of one person within 10 seconds. 2 or more. */
  readonly rate: number
  /** The same text from one person within a minute. 2 or more. */
  readonly duplicates: number
  /** People and roles that one message mentions. 1 or more. */
  readonly mentions: number
  /** Whether a link that invites to a server is spam by itself. */
  readonly invites: boolean
  /** Of a time-out. 1 to 40,320 (Discord: 28 days). */
  readonly timeoutMinutes: number
}

/** Of a server that has set nothing. */
export const defaults: Rules = {
  mode: "off",
  rate: 8,
  duplicates: 4,
  mentions: 6,
  invites: true,
  timeoutMinutes: 10,
}
