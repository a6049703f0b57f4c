/**
 * What the commands of moderation ask for alike.
 *
 * @module
 */
import type { APIUser } from "discord-api-types/v10"
import * as Param from "../../command/Param.js"

/** Discord: 512 characters in the audit log; the moderator's name comes before it. */
const LONGEST_REASON = 400
const LONGEST_AUDIT = 512

export const reason = Param.optional(Param.string("Why", { max: LONGEST_REASON }))

export const deleteDays = Param.withDefault(
  Param.integer("Deletes what they wrote in so many days, 0 to 7; none if left out", { min: 0, max: 7 }),
  0,
)

export const notify = Param.withDefault(
  Param.boolean("Whether they are told by direct message; yes if left out"),
  true,
)

/** The reason as the server's audit log has it. */
export const audit = ({ username }: Pick<APIUser, "username">, given: string | undefined): string =>
  `${username}${given === undefined ? "" : `: ${given}`}`.slice(0, LONGEST_AUDIT)
