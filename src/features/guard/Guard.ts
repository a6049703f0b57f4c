/**
 * Guard: every message is counted and looked at; spam is reported, deleted, or its author timed out, as the server
 * has set it. `/guard set|show`, `/stats`.
 *
 * A `GuardStore` has to be provided, `GuildSettings`, `ScamDomains`, `Stored`, `Retention`, and `Offload` for charts.
 *
 * @module
 */
import { Effect, Layer } from "effect"
import { Retention } from "../guild/Retention.js"
import { Stored } from "../guild/Stored.js"
import * as Bursts from "./Bursts.js"
import * as Commands from "./Commands.js"
import * as Rulebook from "./Rulebook.js"
import * as Stats from "./Stats.js"
import { GuardStore } from "./Store.js"
import * as Traffic from "./Traffic.js"
import * as Watch from "./Watch.js"

const DAY = 86_400_000

/** Of people it keeps nothing: what they wrote lately is in memory, and as numbers. */
const parts = Layer.scopedDiscard(
  Effect.gen(function* () {
    const store = yield* GuardStore
    const traffic = yield* Traffic.Traffic
    const rulebook = yield* Rulebook.Rulebook
    yield* (yield* Stored).register({
      name: "guard",
      exportUser: () => Effect.succeed([]),
      eraseUser: () => Effect.succeed({ erased: 0 }),
      forgetGuild: (guildId) =>
        Effect.suspend(() => {
          traffic.forget(guildId)
          // What is being written has to be there to be deleted.
          return Effect.zipRight(Effect.ignore(traffic.flush), rulebook.forget(guildId))
        }),
      guilds: store.guilds,
    })
    yield* (yield* Retention).register({
      name: "statistics",
      prune: (guildId, { statsDays }, now) => store.prune(guildId, now - statsDays * DAY),
    })
  }),
)

export const layer = Layer.mergeAll(Commands.layer, Stats.layer, Watch.layer, parts).pipe(
  Layer.provide(Layer.mergeAll(Bursts.layer, Rulebook.layer, Traffic.layer)),
)
