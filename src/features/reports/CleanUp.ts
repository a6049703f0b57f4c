/**
 * Every hour: what is older than a server keeps it goes. The features themselves delete; see `Retention`.
 *
 * Failure modes: a part that fails in a server is logged, keeps nothing else from its turn, and fails the run.
 *
 * @module
 */
import { Clock, Data, Effect } from "effect"
import { Client } from "../../discord/Client.js"
import * as Job from "../../supervise/Job.js"
import { GuildSettings } from "../guild/GuildSettings.js"
import { Retention } from "../guild/Retention.js"

/** Thins out all servers, one after the other; how many records went. */
export const cleanUp = Effect.gen(function* () {
  const { discordJs } = yield* Client
  const settings = yield* GuildSettings
  const parts = (yield* Retention).parts()
  const now = yield* Clock.currentTimeMillis
  let failed = 0
  let removed = 0
  for (const guildId of [...discordJs.guilds.cache.keys()]) {
    const kept = yield* settings.of(guildId)
    for (const { name, prune } of parts) {
      removed += yield* Effect.suspend(() => prune(guildId, kept, now)).pipe(
        Effect.catchAllCause((cause) => {
          failed++
          return Effect.as(
            Effect.logWarning(`The clean-up of ${name} failed`, cause).pipe(
              Effect.annotateLogs({ guild: guildId }),
            ),
            0,
          )
        }),
      )
    }
  }
  if (removed > 0) yield* Effect.logInfo(`The clean-up has removed ${removed} records`)
  if (failed > 0) return yield* new CleanUpIncomplete({ failed })
  return removed
})

export const job = Job.define({
  name: "clean-up",
  every: { fixed: "1 hour" },
  missed: "once",
  run: cleanUp,
})

/** Parts of it failed; each is in the log. */
export class CleanUpIncomplete extends Data.TaggedError("CleanUpIncomplete")<{ readonly failed: number }> {
  override get message() {
    return `${this.failed} parts of the clean-up failed`
  }
}
