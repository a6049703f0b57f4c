/**
 * A person's deed: done at once by the World's rules, or refused in words that the person may be shown.
 *
 * @module
 */
import { Effect } from "effect"
import { BotOffline, NotAllowed, NotFound } from "./ActorError.js"
import * as CommandInput from "./CommandInput.js"
import { ApiError } from "../model/ApiError.js"

/** Why a person could not do what they tried. */
export type Failure = CommandInput.InvalidInput | NotAllowed | NotFound | BotOffline

/** Runs a deed. What it throws of a refusal is a failure; Discord's codes become `NotAllowed` with their sentence. */
export const attempt = <A>(task: () => A): Effect.Effect<A, Failure> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(task())
    } catch (error) {
      if (error instanceof ApiError) return Effect.fail(new NotAllowed({ reason: error.reason }))
      if (isFailure(error)) return Effect.fail(error)
      return Effect.die(error)
    }
  })

const isFailure = (error: unknown): error is Failure =>
  error instanceof CommandInput.InvalidInput ||
  error instanceof NotAllowed ||
  error instanceof NotFound ||
  error instanceof BotOffline
