import { describe, expect, it } from "@effect/vitest"
import { DateTime, Effect } from "effect"
import * as Channels from "../../src/sandbox/world/Channels.js"
import * as Permissions from "../../src/sandbox/world/Permissions.js"
import * as SandboxModule from "../../src/sandbox/Sandbox.js"
import { Sandbox } from "../../src/sandbox/Sandbox.js"
import * as ScheduledEvents from "../../src/sandbox/world/ScheduledEvents.js"
import * as InProcess from "./InProcess.js"

const provided = Effect.provide(SandboxModule.layer({ rateLimits: false }))
const hour = 3_600_000

const opened = Effect.gen(function* () {
  const sandbox = yield* Sandbox
  const { world } = sandbox
  const guild = [...world.guilds.values()][0]
  const own = [...(guild?.roles.values() ?? [])].find(({ managed }) => managed)
  if (guild === undefined || own === undefined) return yield* Effect.dieMessage("no Harbour")
  own.permissions |= Permissions.Bit.CreateEvents
  const connection = InProcess.connect(sandbox)
  InProcess.identify(connection)
  yield* InProcess.settle
  const base = `/guilds/${guild.id}/scheduled-events`
  const call = (method: string, path = "", body?: unknown) =>
    InProcess.call(sandbox, method, base + path, body)
  const inHours = (hours: number) => DateTime.formatIso(DateTime.unsafeMake(world.now() + hours * hour))
  const regatta = {
    name: "Regatta",
    privacy_level: 2,
    entity_type: 3,
    scheduled_start_time: inHours(1),
    scheduled_end_time: inHours(3),
    entity_metadata: { location: "Pier 3" },
  }
  const idOf = (answer: InProcess.Answer) => String((answer.body as { readonly id?: string }).id)
  const told = () =>
    connection
      .events()
      .flatMap(({ d, t }) => (t?.startsWith("GUILD_SCHEDULED") === true ? [[t, d] as const] : []))
  return { sandbox, world, guild, own, call, inHours, regatta, idOf, told }
})

describe("scheduled events", () => {
  it.scoped("are planned, go on and end, and are told", () =>
    Effect.gen(function* () {
      const { call, guild, idOf, regatta, sandbox, told, world } = yield* opened
      const made = yield* call("POST", "", regatta)
      expect(made).toMatchObject({
        status: 200,
        body: {
          name: "Regatta",
          status: 1,
          creator_id: world.bot.id,
          channel_id: null,
          entity_metadata: { location: "Pier 3" },
          description: null,
          recurrence_rule: null,
        },
      })
      const id = idOf(made)
      const late = InProcess.connect(sandbox)
      InProcess.identify(late)
      yield* InProcess.settle
      expect(late.events().find(({ t }) => t === "GUILD_CREATE")?.d["guild_scheduled_events"]).toMatchObject([
        { id, user_count: 0 },
      ])
      expect((yield* call("PATCH", `/${id}`, { status: 3 })).body).toMatchObject({ errors: { status: {} } })
      expect((yield* call("PATCH", `/${id}`, { status: 2, name: "Race" })).body).toMatchObject({
        status: 2,
        name: "Race",
      })
      expect((yield* call("PATCH", `/${id}`, { status: 4 })).body).toMatchObject({ errors: { status: {} } })
      expect((yield* call("PATCH", `/${id}`, { status: 3 })).status).toBe(200)
      expect((yield* call("PATCH", `/${id}`, { name: "x" })).body).toMatchObject({ code: 180_000 })
      expect((yield* call("GET")).body).toEqual([])
      expect((yield* call("DELETE", `/${id}`)).status).toBe(204)
      expect(yield* call("GET", `/${id}`)).toMatchObject({ status: 404, body: { code: 10_070 } })
      yield* InProcess.settle
      expect(told().map(([type, data]) => [type, data["status"], data["guild_id"] === guild.id])).toEqual([
        ["GUILD_SCHEDULED_EVENT_CREATE", 1, true],
        ["GUILD_SCHEDULED_EVENT_UPDATE", 2, true],
        ["GUILD_SCHEDULED_EVENT_UPDATE", 3, true],
        ["GUILD_SCHEDULED_EVENT_DELETE", 3, true],
      ])
    }).pipe(provided),
  )

  it.scoped("know who is interested, in order and in pages", () =>
    Effect.gen(function* () {
      const { call, guild, idOf, regatta, told, world } = yield* opened
      const id = idOf(yield* call("POST", "", regatta))
      const people = ["ada", "ben", "cleo"].map((name) => world.findUser(name)?.id ?? "")
      for (const one of people) ScheduledEvents.interest(world, guild, id, one, true)
      ScheduledEvents.interest(world, guild, id, people[0] ?? "", true)
      const users = (query: string) =>
        Effect.map(call("GET", `/${id}/users${query}`), ({ body }) =>
          (body as ReadonlyArray<{ readonly user: { readonly id: string } }>).map(({ user }) => user.id),
        )
      expect(yield* users("")).toEqual(people)
      expect(yield* users("?limit=1")).toEqual(people.slice(0, 1))
      expect(yield* users(`?after=${people[0]}`)).toEqual(people.slice(1))
      expect(yield* users(`?before=${people[2]}&limit=1`)).toEqual(people.slice(1, 2))
      expect((yield* call("GET", `/${id}/users?with_member=true&limit=1`)).body).toMatchObject([
        { guild_scheduled_event_id: id, member: { nick: null } },
      ])
      expect((yield* call("GET", `/${id}?with_user_count=true`)).body).toMatchObject({ user_count: 3 })
      ScheduledEvents.interest(world, guild, id, people[1] ?? "", false)
      yield* InProcess.settle
      expect(told().slice(1)).toMatchObject([
        ...people.map((user_id) => ["GUILD_SCHEDULED_EVENT_USER_ADD", { user_id, guild_id: guild.id }]),
        ["GUILD_SCHEDULED_EVENT_USER_REMOVE", { user_id: people[1], guild_scheduled_event_id: id }],
      ])
    }).pipe(provided),
  )

  it.scoped("are refused with what is wrong", () =>
    Effect.gen(function* () {
      const { call, guild, inHours, own, regatta } = yield* opened
      const errors = (body: object) =>
        Effect.map(call("POST", "", { ...regatta, ...body }), (answer) => answer.body)
      expect((yield* call("POST", "", {})).body).toMatchObject({
        code: 50035,
        errors: { name: {}, privacy_level: {}, scheduled_start_time: {}, entity_type: {} },
      })
      expect(yield* errors({ scheduled_start_time: inHours(-1) })).toMatchObject({
        errors: { scheduled_start_time: { _errors: [{ code: "GUILD_SCHEDULED_EVENT_SCHEDULE_PAST" }] } },
      })
      expect(yield* errors({ scheduled_end_time: inHours(0.5) })).toMatchObject({
        errors: { scheduled_end_time: {} },
      })
      expect(yield* errors({ scheduled_end_time: null, entity_metadata: null })).toMatchObject({
        errors: { scheduled_end_time: {}, entity_metadata: {} },
      })
      expect(yield* errors({ scheduled_start_time: "soon" })).toMatchObject({
        errors: { scheduled_start_time: { _errors: [{ code: "DATE_TIME_TYPE_PARSE" }] } },
      })
      expect(yield* errors({ entity_type: 2 })).toMatchObject({ errors: { channel_id: {} } })
      const text = [...guild.channels.keys()][0]
      expect(yield* errors({ entity_type: 2, channel_id: text })).toMatchObject({ code: 50024 })
      for (let n = 0; n < ScheduledEvents.most; n++) yield* call("POST", "", regatta)
      expect(yield* errors({})).toMatchObject({ code: 30038 })
      own.permissions &= ~(Permissions.Bit.CreateEvents | Permissions.Bit.ManageEvents)
      expect(yield* errors({})).toMatchObject({ code: 50013 })
    }).pipe(provided),
  )

  it.scoped(
    "whose channel is gone can be changed still; of those that are over the newest 100 are kept",
    () =>
      Effect.gen(function* () {
        const { call, guild, idOf, regatta, sandbox, world } = yield* opened
        const deck = Channels.add(world, guild, { name: "deck", type: 2 })
        const spoken = { ...regatta, entity_type: 2, channel_id: deck.id, entity_metadata: null }
        const talk = idOf(yield* call("POST", "", spoken))
        yield* InProcess.call(sandbox, "DELETE", `/channels/${deck.id}`)
        expect((yield* call("PATCH", `/${talk}`, { name: "Talk" })).body).toMatchObject({ name: "Talk" })
        for (let n = 0; n <= ScheduledEvents.most; n++) {
          const id = n === 0 ? talk : idOf(yield* call("POST", "", regatta))
          expect((yield* call("PATCH", `/${id}`, { status: 4 })).status).toBe(200)
        }
        expect(world.scheduledEvents.of(guild).size).toBe(ScheduledEvents.most)
        expect((yield* call("GET", `/${talk}`)).body).toMatchObject({ code: 10070 })
      }).pipe(provided),
  )
})
