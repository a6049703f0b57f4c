/**
 * Rules about when and how long a command runs, piped onto it (or onto a group, for all in it).
 *
 * @module
 */
import { Duration, Option } from "effect"
import { type CommandTimeout, InvalidCommand } from "./CommandError.js"
import { withPolicies } from "./Command.js"
import type { Params } from "./Param.js"
import type { Command } from "./Spec.js"

/**
 * The handler must have ended after this time: then the user is told, and the handler is interrupted. Adds
 * `CommandTimeout` to what the command may fail with, so that it can be caught.
 *
 * Default for every command, and the most there can be: 14 minutes, below the 15 minutes of an interaction's
 * life (Discord). A longer time is cut.
 */
export const deadline =
  (within: Duration.DurationInput) =>
  <Name extends string, P extends Params, E, R>(
    self: Command<Name, P, E, R>,
  ): Command<Name, P, E | CommandTimeout, R> =>
    withPolicies(self, { deadline: positive(self.name, within) })

const positive = (command: string, within: Duration.DurationInput): Duration.Duration => {
  const duration = Duration.decodeUnknown(within)
  if (Option.isSome(duration) && Duration.toMillis(duration.value) > 0) return duration.value
  throw new InvalidCommand({
    place: `command "${command}" → deadline`,
    reason: `"${String(within)}" must be a time above 0, for instance "30 seconds"`,
  })
}
