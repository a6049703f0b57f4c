/**
 * What the features have stored of people and servers: each feature says how its part is shown and forgotten, so
 * that `/privacy` and the departure from a server reach all of it.
 *
 * @module
 */
import { Context, type Effect, Layer } from "effect"
import * as Registry from "./Registry.js"

/** One feature's part. A failure of the database is a defect. */
export interface Part {
  /** As users are told: `challenges`. */
  readonly name: string
  /** Everything that is stored of a person, in all servers, as plain JSON; an empty list where there is nothing. */
  readonly exportUser: (userId: string) => Effect.Effect<ReadonlyArray<unknown>>
  /**
   * Forgets the person; how many records that were. What has to stay for others' sake (a case of moderation) is
   * made anonymous or kept, and `kept` says so in a sentence.
   */
  readonly eraseUser: (userId: string) => Effect.Effect<{ readonly erased: number; readonly kept?: string }>
  /** Forgets everything of a server that the bot has left. */
  readonly forgetGuild: (guildId: string) => Effect.Effect<void>
  /** Servers of which something is stored, each once: those that the bot left unnoticed are found by it. */
  readonly guilds?: Effect.Effect<ReadonlyArray<string>>
}

export type Stored = Registry.Registry<Part>

export const Stored = Context.GenericTag<Stored>("bosun/features/guild/Stored")

export const layer: Layer.Layer<Stored> = Layer.sync(Stored, () => Registry.make<Part>())
