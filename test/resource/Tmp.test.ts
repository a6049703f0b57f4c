import { it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { SqlClient } from "@effect/sql"
import * as Database from "../../src/resource/Database.js"
import * as Databases from "./Databases.js"
const layer =   Layer.unwrapScoped(
      Effect.map(Databases.directory, (path) => Layer.orDie(Database.layerSqlite({ file: `${path}/below/bosun.db` }))),
    )
for (const n of [1,2,3,4]) it.live("works " + n, () => Effect.gen(function* () { const sql = yield* SqlClient.SqlClient; yield* sql`SELECT 1`; if (n === 3) yield* sql`CREATE TABLE x (a BIGINT)`; if (n === 4) yield* Effect.flip(sql`SELEKT 1`); console.log("done", n) }).pipe(Effect.provide(layer)))
