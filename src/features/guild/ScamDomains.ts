/**
 * Domains that are known for scams: kept in the database, replaced as a whole by whoever knows them (the
 * synchronisation of the reports), asked by whoever judges links (Guard).
 *
 * What was read is kept in the process until the next replacement here. Nothing is known until the first.
 *
 * Failure modes: reading fails with a defect; replacing with `DomainsUnreachable` where the same may succeed a
 * moment later, else with a defect. Then the former list is still there, whole.
 *
 * @module
 */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import { Array, Context, Data, Effect, Layer } from "effect"
import * as Database from "../../resource/Database.js"
import * as Migrations from "../../resource/Migrations.js"

export interface ScamDomains {
  /** In lower case, without a dot at the end. A domain stands for all below it. */
  readonly all: Effect.Effect<ReadonlySet<string>>
  /** Puts these in the place of all that were known; what has changed. All or nothing. */
  readonly replace: (
    domains: ReadonlySet<string>,
  ) => Effect.Effect<{ readonly added: number; readonly removed: number }, DomainsUnreachable>
}

export const ScamDomains = Context.GenericTag<ScamDomains>("bosun/features/guild/ScamDomains")

export const make: Effect.Effect<ScamDomains, Database.DatabaseUnusable, Database.Services> = Effect.gen(
  function* () {
    yield* Migrations.run("reports_domains", steps)
    const sql = yield* SqlClient.SqlClient
    const oneAtATime = Effect.unsafeMakeSemaphore(1)
    let known: ReadonlySet<string> | undefined
    const read = Effect.map(
      sql<{ readonly name: string }>`SELECT name FROM reports_domains`,
      (rows): ReadonlySet<string> => new Set(rows.map(({ name }) => name)),
    )
    const change = (wanted: ReadonlySet<string>) =>
      Effect.gen(function* () {
        const before = yield* read
        const added = [...wanted].filter((one) => !before.has(one)).sort()
        const removed = [...before].filter((one) => !wanted.has(one)).sort()
        for (const some of Array.chunksOf(removed, ROWS))
          yield* sql`DELETE FROM reports_domains WHERE name IN ${sql.in(some)}`
        for (const some of Array.chunksOf(added, ROWS))
          yield* sql`INSERT INTO reports_domains ${sql.insert(some.map((name) => ({ name })))} ON CONFLICT (name) DO NOTHING`
        return { added: added.length, removed: removed.length }
      }).pipe(sql.withTransaction)
    return {
      all: Effect.suspend(() =>
        known === undefined
          ? Effect.tap(Effect.orDie(read), (all) =>
              Effect.sync(() => {
                known ??= all
              }),
            )
          : Effect.succeed(known),
      ),
      replace: (wanted) =>
        change(wanted).pipe(
          Effect.tap(() =>
            Effect.sync(() => {
              known = wanted
            }),
          ),
          Effect.catchAll(told),
          // What was given up may have been carried out.
          Effect.onInterrupt(() =>
            Effect.sync(() => {
              known = undefined
            }),
          ),
          oneAtATime.withPermits(1),
        ),
    }
  },
)

/** In the database; the table is made where there is none. */
export const layer: Layer.Layer<ScamDomains, Database.DatabaseUnusable, Database.Services> = Layer.effect(
  ScamDomains,
  make,
)

/** In memory; these are known in the beginning. */
export const layerMemory = (domains: Iterable<string> = []): Layer.Layer<ScamDomains> =>
  Layer.sync(ScamDomains, () => {
    let known: ReadonlySet<string> = new Set(domains)
    return {
      all: Effect.sync(() => known),
      replace: (wanted) =>
        Effect.sync(() => {
          const added = [...wanted].filter((one) => !known.has(one)).length
          const removed = known.size + added - wanted.size
          known = wanted
          return { added, removed }
        }),
    }
  })

/** Whether a host is one of the domains, or lies below one. */
export const includes = (domains: ReadonlySet<string>, host: string): boolean => {
  const labels = host.toLowerCase().replace(/\.$/u, "").split(".")
  return labels.some((_, index) => domains.has(labels.slice(index).join(".")))
}

// ---------------------------------------------------------------------------------------------------------
// The table
// ---------------------------------------------------------------------------------------------------------

/** How many rows a statement touches. */
const ROWS = 500

const steps: Parameters<typeof Migrations.run>[1] = [
  ["domains", (sql) => sql`CREATE TABLE reports_domains (name TEXT PRIMARY KEY)`],
]

const told = (error: SqlError): Effect.Effect<never, DomainsUnreachable> =>
  Database.isUnreachable(error) ? Effect.fail(new DomainsUnreachable({ cause: error })) : Effect.die(error)

// ---------------------------------------------------------------------------------------------------------
// Errors
// ---------------------------------------------------------------------------------------------------------

/** The database could not be reached, or was busy: the same may succeed a moment later. */
export class DomainsUnreachable extends Data.TaggedError("DomainsUnreachable")<{ readonly cause: SqlError }> {
  override get message() {
    return `The known domains could not be stored: ${this.cause.message}`
  }
}
