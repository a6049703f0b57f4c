/**
 * Rules about when and how long a command runs, piped onto it (or onto a group, for all in it).
 *
 * @module
 */
import { Duration } from "effect"
import type { CommandTimeout } from "./CommandError.js"
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
    withPolicies(self, { deadline: Duration.decode(within) })
