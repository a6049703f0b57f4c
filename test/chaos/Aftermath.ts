/**
 * What is done when the faults are over, and has to go as it should: a report at its hour, and the erasure of what is
 * stored about some people.
 */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import * as SqlClient from "@effect/sql/SqlClient"
import { Effect } from "effect"
import type * as Kit from "../../src/testing/Kit.js"
import * as Posts from "./Posts.js"
import type { Witness } from "./Witness.js"

const ZONE = "Asia/Shanghai"
/** The hours of its reports there: 9, 14 and 19 o'clock. A run begins at midnight. Milliseconds, UTC. */
const HOURS = [1, 6, 11, 25].map((hour) => hour * 3_600_000)

/** What a report that comes by itself has as its last embed. */
const isReport = ({ message: { embeds, interaction } }: ReturnType<Witness["seen"]>[number]): boolean =>
  interaction === null && embeds.at(-1)?.["title"] === "Status"

/** Has somebody come, and be welcomed; what does not fit. */
export const welcome = (kit: Kit.Kit, witness: Witness) =>
  Effect.gen(function* () {
    const turn = yield* kit.ada.slash("welcome set", { channel: "general", message: Posts.WELCOME })
    const { _tag } = yield* turn.outcome
    if (_tag !== "Completed") return [`/welcome set ended as ${_tag}`]
    const { id } = kit.member("zoe")
    yield* kit.clock.advance("1 minute")
    const times = witness.seen().filter((seen) => Posts.isWelcomeOf(id, seen)).length
    return times === 1 ? [] : [`who came when all was over was welcomed ${times} times`]
  })

/** Lets a report become due, and its hour pass; what does not fit. */
export const report = (kit: Kit.Kit, witness: Witness) =>
  Effect.gen(function* () {
    // The crowd may have paused it.
    yield* Effect.flatMap(kit.ada.slash("jobs resume", { name: "reports" }), ({ outcome }) => outcome)
    const before = witness.seen().filter(isReport).length
    const turn = yield* kit.ada.slash("report schedule", { channel: "general", zone: ZONE })
    const { _tag } = yield* turn.outcome
    if (_tag !== "Completed") return [`/report schedule ended as ${_tag}`]
    const now = kit.world.now() % 86_400_000
    const hour = HOURS.find((one) => one > now)
    if (hour === undefined) return [`the run is at ${now}, after the last hour of a report`]
    yield* kit.clock.advance(hour - now + 20 * 60_000)
    const times = witness.seen().filter(isReport).length - before
    return times === 1 ? [] : [`the report of ${hour} came ${times} times`]
  })

/** Cases are kept for the safety of the servers where they were made. */
const KEPT = new Set(["moderation_cases", "moderation_subjects"])

/** Has everything erased that is stored about them; where any of it is left. */
export const erase = (members: ReadonlyArray<Kit.Member>, directory: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const left: Array<string> = []
    for (const member of members) {
      for (const what of ["challenge join", "challenge log"])
        yield* Effect.flatMap(member.slash(what, { name: "Boat" }), ({ outcome }) => outcome)
      const turn = yield* member.slash("privacy erase", {})
      yield* member.click(yield* turn.nextMessage, "Erase it")
      const { _tag } = yield* turn.outcome
      if (_tag !== "Completed") left.push(`/privacy erase of ${member.name} ended as ${_tag}`)
    }
    const tables = yield* sql<{ readonly name: string }>`SELECT name FROM sqlite_master WHERE type = 'table'`
    for (const { name } of tables.filter(({ name }) => !KEPT.has(name))) {
      const rows = JSON.stringify(yield* sql`SELECT * FROM ${sql(name)}`)
      for (const member of members)
        if (rows.includes(member.id)) left.push(`${member.name} is still in the table ${name}`)
    }
    for (const file of readdirSync(directory, { recursive: true, withFileTypes: true })) {
      if (!file.isFile()) continue
      const text = readFileSync(join(file.parentPath, file.name), "utf8")
      for (const member of members)
        if (text.includes(member.id)) left.push(`${member.name} is still in the file ${file.name}`)
    }
    return left
  })
