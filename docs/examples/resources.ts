import * as SqlClient from "@effect/sql/SqlClient"
import { Context, Effect, Layer, Schema } from "effect"
import * as Command from "bosun/Command"
import * as Database from "bosun/Database"
import * as Http from "bosun/Http"
import * as Md from "bosun/Md"
import * as Migrations from "bosun/Migrations"
import * as Offload from "bosun/Offload"
import * as Param from "bosun/Param"
import * as RateStoreSql from "bosun/RateStoreSql"
import * as Reply from "bosun/Reply"

// ---- A store: operations on plain data, the same statements on SQLite and PostgreSQL. ----

class Broke extends Schema.TaggedError<Broke>()("Broke", { has: Schema.Number }) {
  get userText() {
    return `You have only ${this.has}.`
  }
}

export class Purse extends Context.Tag("Purse")<
  Purse,
  {
    /** What is left. */
    readonly spend: (userId: string, amount: number) => Effect.Effect<number, Broke>
  }
>() {
  static readonly layer = Layer.effect(
    Purse,
    Effect.gen(function* () {
      // Steps are only ever added. Two processes that start at once run each of them once.
      yield* Migrations.run("purse", [
        ["purses", (sql) => sql`CREATE TABLE purse_purses (user_id TEXT PRIMARY KEY, coins BIGINT NOT NULL)`],
      ])
      const sql = yield* SqlClient.SqlClient
      return {
        // What reads before it writes is a transaction, and reads with `forUpdate`: then nobody else comes between.
        // A failure rolls it back, and so does an interruption.
        spend: (userId, amount) =>
          Effect.gen(function* () {
            yield* sql`INSERT INTO purse_purses ${sql.insert({ user_id: userId, coins: 10 })} ON CONFLICT DO NOTHING`
            const [row] = yield* sql<{ readonly coins: number }>`
              SELECT coins FROM purse_purses WHERE user_id = ${userId} ${Database.forUpdate(sql)}`
            const has = row?.coins ?? 0
            if (has < amount) return yield* new Broke({ has })
            yield* sql`UPDATE purse_purses SET coins = ${has - amount} WHERE user_id = ${userId}`
            return has - amount
          }).pipe(sql.withTransaction, Effect.catchTag("SqlError", Effect.die)),
      }
    }),
  )
}

const spend = Command.make(
  "spend",
  { description: "Spends coins", params: { coins: Param.integer("How many", { min: 1, max: 100 }) } },
  ({ coins }, { user }) =>
    Effect.flatMap(Purse, (purse) => purse.spend(user.id, coins)).pipe(
      Effect.map((left) => Reply.text(`${left} coins left.`)),
    ),
)

// ---- An upstream: a service outside, with all that goes wrong with one. ----

const Tide = Schema.Struct({ metres: Schema.Number })

/** The upstream is open for as long as its command is there; its failures have a word for the user each. */
export const tides = (baseUrl: string) =>
  Layer.unwrapScoped(
    Effect.gen(function* () {
      const http = yield* Http.Http
      const office = yield* http.upstream({
        name: "the tide office",
        baseUrl,
        within: "5 seconds",
        concurrency: 4,
        rate: { limit: 60, windowMillis: 60_000 },
        breaker: { failures: 5, rest: "30 seconds" },
        bodyLimit: 64_000,
      })
      const tide = Command.make(
        "tide",
        { description: "Tells the tide", params: { harbour: Param.string("Where", { max: 32 }) } },
        ({ harbour }) =>
          office.get(`/tides/${encodeURIComponent(harbour)}`).pipe(
            Effect.flatMap((answer) => answer.json),
            Effect.flatMap(Schema.decodeUnknown(Tide)),
            Effect.map(({ metres }) => Reply.text(Md.text`${harbour}: ${metres} m`)),
            Effect.catchTag("ParseError", () => Effect.succeed(Reply.text("The tide office made no sense."))),
          ),
      )
      return Command.layer(tide)
    }),
  )

// ---- Put together: what a layer needs stands in its type, and is there before it. ----

/** Without a URL a file below `data`. Both are closed after the last command has ended. */
export const layer = (options: { readonly data: string; readonly tideUrl: string; readonly url?: string }) =>
  Layer.merge(Command.layer(spend), tides(options.tideUrl)).pipe(
    Layer.provide(Purse.layer),
    Layer.provide(Layer.merge(Http.layer(), Offload.layer())),
    Layer.provide(RateStoreSql.layer),
    Layer.provide(Database.layer({ data: options.data, url: options.url })),
  )
