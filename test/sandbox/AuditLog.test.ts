import { describe, expect, it } from "@effect/vitest"
import { AuditLogEvent, Events } from "discord.js"
import { Effect, Fiber } from "effect"
import * as fc from "effect/FastCheck"
import * as AuditLog from "../../src/sandbox/world/AuditLog.js"
import * as Guilds from "../../src/sandbox/world/Guilds.js"
import { iso } from "../../src/sandbox/model/Time.js"
import { Sandbox } from "../../src/sandbox/Sandbox.js"
import { Bit } from "../../src/sandbox/world/Permissions.js"
import { png } from "./Harbour.js"
import * as InProcess from "./InProcess.js"
import { bodyOf, codeOf, make, provided, wrongOf } from "./Scene.js"
import * as Stock from "./Stock.js"

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

/** Does everything that the log has an entry for, as the bot or before its eyes. */
const everything = Effect.gen(function* () {
  const sandbox = yield* Sandbox
  const { world } = sandbox
  const guild = [...world.guilds.values()][0]
  const general = [...(guild?.channels.values() ?? [])][0]
  if (guild === undefined || general === undefined) return yield* Effect.dieMessage("Harbour is not there")
  for (const role of guild.roles.values()) if (role.managed) role.permissions |= Bit.Administrator
  const at = `/guilds/${guild.id}`
  const here = `/channels/${general.id}`
  const go = (method: string, path: string, body?: unknown) =>
    Effect.map(InProcess.call(sandbox, method, path, body), (answer) => {
      expect([method, path, answer.status < 300 ? "" : answer]).toEqual([method, path, ""])
      const { code, id } = (answer.body ?? {}) as { readonly code?: string; readonly id?: string }
      return { code: code ?? "", id: id ?? "" }
    })
  const person = (username: string) => Guilds.addUser(world, { username }).id
  const joined = (username: string) => Guilds.join(world, guild, person(username)).userId
  /** Makes, changes and deletes. */
  const whole = (path: string, body: object, change: object, one = path) =>
    Effect.gen(function* () {
      const { id } = yield* go("POST", path, body)
      yield* go("PATCH", `${one}/${id}`, change)
      yield* go("DELETE", `${one}/${id}`)
    })
  yield* go("PATCH", at, { name: "Haven" })
  yield* whole(`${at}/channels`, { name: "a" }, { name: "b" }, "/channels")
  for (const deny of ["2048", "64"]) yield* go("PUT", `${here}/permissions/${guild.id}`, { type: 0, deny })
  yield* go("DELETE", `${here}/permissions/${guild.id}`)
  yield* go("DELETE", `${at}/members/${joined("eve")}`)
  yield* go("POST", `${at}/prune`, {})
  const fay = joined("fay")
  yield* go("PUT", `${at}/bans/${fay}`, {})
  yield* go("DELETE", `${at}/bans/${fay}`)
  const player = [...guild.roles.values()].find(({ name }) => name === "Player")?.id
  yield* go("PATCH", `${at}/members/${joined("gil")}`, { nick: "G", roles: [player] })
  yield* whole(`${at}/roles`, { name: "a" }, { name: "b" })
  yield* go("DELETE", `/invites/${(yield* go("POST", `${here}/invites`, {})).code}`)
  for (let n = 0; n < 2; n++) yield* go("POST", `${here}/invites`, {})
  yield* whole(`${here}/webhooks`, { name: "a" }, { name: "b" }, "/webhooks")
  yield* go("POST", `${here}/webhooks`, { name: "kept" })
  const image = `data:image/png;base64,${Buffer.from(png(16, 16)).toString("base64")}`
  yield* whole(`${at}/emojis`, { name: "aa", image }, { name: "bb" })
  const cleo = yield* sandbox.actor("cleo")
  const said = () => Effect.map(cleo.say("general", "x"), ({ id }) => id)
  yield* go("DELETE", `${here}/messages/${yield* said()}`)
  yield* go("POST", `${here}/messages/bulk-delete`, { messages: [yield* said(), yield* said()] })
  const pinned = yield* said()
  yield* go("PUT", `${here}/pins/${pinned}`)
  yield* go("DELETE", `${here}/pins/${pinned}`)
  const soon = {
    name: "a",
    privacy_level: 2,
    entity_type: 3,
    scheduled_start_time: iso(world.now() + 1e6),
    scheduled_end_time: iso(world.now() + 1e7),
    entity_metadata: { location: "Pier" },
  }
  yield* whole(`${at}/scheduled-events`, soon, { name: "b" })
  yield* go("POST", `${at}/scheduled-events`, soon)
  yield* whole(`${here}/threads`, { name: "a", type: 11 }, { name: "b" }, "/channels")
  const rule = {
    name: "a",
    event_type: 1,
    trigger_type: 1,
    trigger_metadata: { keyword_filter: ["tar"] },
    actions: [
      { type: 1 },
      { type: 2, metadata: { channel_id: general.id } },
      { type: 3, metadata: { duration_seconds: 60 } },
    ],
    enabled: true,
  }
  yield* whole(`${at}/auto-moderation/rules`, rule, { name: "b" })
  yield* go("POST", `${at}/auto-moderation/rules`, rule)
  yield* Effect.flip(cleo.say("general", "tar"))
  return guild
})

/** Every kind of entry that there is. */
const kinds = [
  1, 10, 11, 12, 13, 14, 15, 20, 21, 22, 23, 24, 25, 30, 31, 32, 40, 42, 50, 51, 52, 60, 61, 62, 72, 73, 74,
  75, 100, 101, 102, 110, 111, 112, 140, 141, 142, 143, 144, 145,
]

describe("the audit log", () => {
  it.scopedLive("of every kind of entry is understood by discord.js, as it comes and from REST", () =>
    Effect.gen(function* () {
      const client = yield* Stock.login()
      const told = new Set<number>()
      const thrown: Array<unknown> = []
      client.on(Events.GuildAuditLogEntryCreate, ({ action }) => void told.add(action))
      client.on(Events.Error, (error) => void thrown.push(error))
      const last = yield* Effect.fork(
        Stock.event(client, Events.GuildAuditLogEntryCreate, ({ action }) => action === 145),
      )
      yield* Effect.yieldNow()
      const { id } = yield* everything
      yield* Fiber.join(last)
      expect(thrown).toEqual([])
      expect([...told].toSorted((a, b) => a - b)).toEqual(kinds)
      const guild = client.guilds.cache.get(id)
      const log = yield* Stock.use(() => guild!.fetchAuditLogs({ limit: 100 }))
      expect(new Set(log.entries.map(({ action }) => action as number))).toEqual(told)
      const first = (action: number) => log.entries.find((one) => one.action === action)
      expect(first(40)?.target).toMatchObject({ code: expect.stringMatching(/^\w{8}$/u), maxAge: 86_400 })
      expect(first(50)?.target).toMatchObject({ name: "kept", type: 1 })
      expect(first(143)?.extra).toMatchObject({ autoModerationRuleName: "a", channel: { name: "general" } })
      // What is still there comes along; what was deleted is described by its entry.
      const raw = yield* InProcess.call(yield* Sandbox, "GET", `/guilds/${id}/audit-logs?limit=100`)
      expect(raw.body).toMatchObject({
        webhooks: [{ name: "kept" }],
        guild_scheduled_events: [{ name: "a" }],
        auto_moderation_rules: [{ name: "a" }],
      })
      // An invite that is given again is no second one.
      expect(log.entries.filter(({ action }) => action === AuditLogEvent.InviteCreate).size).toBe(2)
    }).pipe(Effect.provide(Stock.layer({ rateLimits: false }))),
  )

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
      // What a new channel has not, nothing is told of.
      expect(of(10)?.changes?.filter((one) => !("new_value" in one))).toEqual([])
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
