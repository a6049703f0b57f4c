/**
 * An interaction as the person who started it follows it.
 *
 * @module
 */
import { Effect } from "effect"
import type { Interaction, State } from "../world/Interactions.js"
import * as Interactions from "../world/Interactions.js"

/** An interaction that a person has started. */
export interface Turn {
  readonly id: string
  /** What the person sees of it now. */
  readonly state: () => State
  /** The first state that fits, from now on. Waits for ever where none does; interruption stops the waiting. */
  readonly when: (fits: (state: State) => boolean) => Effect.Effect<State>
  /** The first response, or the failure after 3 s. */
  readonly firstResponse: Effect.Effect<State>
  /** The answer after any "thinking…", or the failure. */
  readonly settled: Effect.Effect<State>
}

/** Follows an interaction. */
export const make = (interaction: Interaction): Turn => {
  const when = (fits: (state: State) => boolean): Effect.Effect<State> =>
    Effect.async<State>((resume) => {
      if (fits(interaction.state)) return resume(Effect.succeed(interaction.state))
      const listener = (state: State) => {
        if (!fits(state)) return
        interaction.listeners.delete(listener)
        resume(Effect.succeed(state))
      }
      interaction.listeners.add(listener)
      return Effect.sync(() => interaction.listeners.delete(listener))
    })
  return {
    id: interaction.id,
    state: () => interaction.state,
    when,
    firstResponse: when((state) => state._tag !== "Waiting"),
    settled: when((state) => !Interactions.isOpen(state)),
  }
}
