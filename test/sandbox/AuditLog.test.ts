import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "effect/FastCheck"
import * as AuditLog from "../../src/sandbox/world/AuditLog.js"
import { Bit } from "../../src/sandbox/world/Permissions.js"
import * as InProcess from "./InProcess.js"
import { bodyOf, codeOf, make, provided, wrongOf } from "./Scene.js"

interface Entry {
  readonly id: string
  readonly action_type: number
  readonly target_id: string
  readonly user_id: string
  readonly changes?: ReadonlyArray<{ key: string; new_value?: unknown; old_value?: unknown }>
}

const entriesOf = (answer: InProcess.Answer) => bodyOf(answer)["audit_log_entries"] as ReadonlyArray<Entry>

const withReason = (
  sandbox: Parameters<typeof InProcess.call>[0],
  method: string,
  path: string,
  reason: string,
) =>
  Effect.async<number>((resume) =>
    Effect.sync(
      sandbox.handle(
        {
          method,
          path: `/api/v10${path}`,
          headers: { authorization: "Bot x", "x-audit-log-reason": encodeURIComponent(reason) },
          body: null,
        },
        ({ status }) => resume(Effect.succeed(status)),
      ),
    ),
  )

describe("the audit log", () => {
  it.scoped("tells what the bot did, and what it changed", () =>
    Effect.gen(function* () {
      const { call, general, guild, id, last, path, role, world } = yield* make()
      yield* call("PATCH", path, { name: "Haven", verification_level: 2 })
      yield* call("PATCH", `/channels/${general.id}`, { topic: "ropes" })
      yield* call("PUT", `/channels/${general.id}/permissions/${guild.id}`, { type: 0, deny: "2048" })
      yield* call("PUT", `/channels/${general.id}/permissions/${guild.id}`, { type: 0, deny: "64" })
      yield* call("DELETE", `/channels/${general.id}/permissions/${guild.id}`)
      const made = bodyOf(yield* call("POST", `${path}/channels`, { name: "x" }))["id"]
      yield* call("DELETE", `/channels/${String(made)}`)
      const mate = bodyOf(yield* call("POST", `${path}/roles`, { name: "Mate" }))["id"]
      yield* call("PATCH", `${path}/roles/${String(mate)}`, { name: "First mate" })
      yield* call("DELETE", `${path}/roles/${String(mate)}`)
      const cleo = `${path}/members/${id("cleo")}`
      yield* call("PATCH", cleo, { nick: "C", roles: [role("Player").id] })
      const thread = bodyOf(yield* call("POST", `/channels/${general.id}/threads`, { name: "t" }))["id"]
      yield* call("PATCH", `/channels/${String(thread)}`, { archived: true })
      yield* call("DELETE", `/channels/${String(thread)}`)
      yield* call("DELETE", cleo)
      const entries = entriesOf(yield* call("GET", `${path}/audit-logs`))
      expect(entries.map((one) => one.action_type)).toEqual([
        20, 112, 111, 110, 25, 24, 32, 31, 30, 12, 10, 15, 14, 13, 11, 1,
      ])
      expect(entries.every((one) => one.user_id === world.bot.id)).toBe(true)
      const of = (action: number) => entries.find((one) => one.action_type === action)
      expect(of(1)?.changes).toEqual([
        { key: "name", old_value: "Harbour", new_value: "Haven" },
        { key: "verification_level", old_value: 0, new_value: 2 },
      ])
      expect(of(11)).toMatchObject({
        target_id: general.id,
        changes: [{ key: "topic", new_value: "ropes" }],
      })
      expect(of(14)).toMatchObject({
        changes: [{ key: "deny", old_value: "2048", new_value: "64" }],
        options: { id: guild.id, type: "0", role_name: "@everyone" },
      })
      expect(of(24)?.changes).toEqual([{ key: "nick", new_value: "C" }])
      expect(of(25)?.changes).toEqual([
        { key: "$add", new_value: [{ id: role("Player").id, name: "Player" }] },
      ])
      expect(of(31)?.changes).toEqual([{ key: "name", old_value: "Mate", new_value: "First mate" }])
      expect(of(111)?.changes).toEqual([{ key: "archived", old_value: false, new_value: true }])
      expect(yield* last("GUILD_AUDIT_LOG_ENTRY_CREATE")).toMatchObject({
        guild_id: guild.id,
        action_type: 20,
        target_id: id("cleo"),
      })
      // What changes nothing is no entry.
      yield* call("PATCH", path, { name: "Haven" })
      expect(entriesOf(yield* call("GET", `${path}/audit-logs?action_type=1`))).toHaveLength(1)
    }).pipe(provided),
  )

  it.scoped("is read page by page, by who, what and whom", () =>
    Effect.gen(function* () {
      const { call, guild, id, own, path, world } = yield* make()
      for (const name of ["dan", "cleo", "ben"]) {
        AuditLog.note(world, guild, 20, id(name), null, { userId: id("ada") })
        AuditLog.note(world, guild, 22, id(name), "Spam")
      }
      const log = (query: string) => Effect.map(call("GET", `${path}/audit-logs?${query}`), entriesOf)
      const all = yield* log("")
      expect(all).toHaveLength(6)
      expect(yield* log(`user_id=${id("ada")}`)).toHaveLength(3)
      expect((yield* log(`target_id=${id("dan")}`)).map((one) => one.action_type)).toEqual([22, 20])
      const first = yield* log("limit=2")
      expect([...first, ...(yield* log(`limit=4&before=${first[1]?.id}`))]).toEqual(all)
      const up = yield* log(`limit=2&after=${all[5]?.id}`)
      expect(up).toEqual([all[4], all[3]])
      expect(wrongOf(yield* call("GET", `${path}/audit-logs?limit=101`))).toEqual(["limit"])
      own.permissions &= ~Bit.ViewAuditLog
      expect(codeOf(yield* call("GET", `${path}/audit-logs`))).toEqual([403, 50013])
    }).pipe(provided),
  )

  it.scoped("is told only to a bot that may see it, with the intent for it", () =>
    Effect.gen(function* () {
      const { call, own, path, types } = yield* make({ intents: 1 })
      yield* call("PATCH", path, { name: "Haven" })
      expect(yield* types).toEqual(["GUILD_UPDATE"])
      own.permissions &= ~Bit.ViewAuditLog
      yield* call("PATCH", path, { name: "Bay" })
      expect(yield* types).toEqual(["GUILD_UPDATE", "GUILD_UPDATE"])
    }).pipe(provided),
  )

  it.scoped("keeps reasons of up to 512 characters; a longer one stops the act", () =>
    Effect.gen(function* () {
      const { call, guild, id, path, sandbox } = yield* make()
      const member = `${path}/members/${id("dan")}`
      expect(yield* withReason(sandbox, "DELETE", member, "å".repeat(513))).toBe(400)
      expect(guild.members.has(id("dan"))).toBe(true)
      expect(yield* withReason(sandbox, "DELETE", member, "å".repeat(512))).toBe(204)
      const [entry] = entriesOf(yield* call("GET", `${path}/audit-logs`))
      expect(entry).toMatchObject({ action_type: 20, reason: "å".repeat(512) })
    }).pipe(provided),
  )

  it("names exactly the fields that differ", () => {
    const value = fc.option(fc.oneof(fc.string(), fc.integer(), fc.boolean()), { nil: null })
    const thing = fc.dictionary(fc.constantFrom("name", "topic", "nsfw", "id"), value)
    fc.assert(
      fc.property(thing, thing, (before, after) => {
        const told = AuditLog.changes(before, after)
        const applied: Record<string, unknown> = { ...before }
        for (const { key, new: fresh } of told) applied[key] = fresh ?? null
        for (const key of ["name", "topic", "nsfw"]) expect(applied[key] ?? null).toEqual(after[key] ?? null)
        expect(told.map(({ key }) => key)).not.toContain("id")
        expect(AuditLog.changes(after, after)).toEqual([])
      }),
    )
  })
})
