import { describe, expect, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import { Bit } from "../../src/sandbox/world/Permissions.js"
import { codeOf, faults, idOf, provided, setUp, without } from "./Harbour.js"

interface Page {
  readonly items: ReadonlyArray<{
    readonly pinned_at: string
    readonly message: { readonly content: string }
  }>
  readonly has_more: boolean
}

describe("Pins", () => {
  it.scoped("are told in the channel and in an event, and taken away in silence", () =>
    Effect.gen(function* () {
      const { call, general, guild, messages, send, told } = yield* setUp
      const message = idOf(yield* send({ content: "c" }))
      yield* told
      expect((yield* call("PUT", `${messages}/pins/${message}`)).status).toBe(204)
      expect((yield* call("PUT", `${messages}/pins/${message}`)).status).toBe(204)
      const events = yield* told
      expect(events.map(({ t }) => t).filter((t) => t !== "GUILD_AUDIT_LOG_ENTRY_CREATE")).toEqual([
        "MESSAGE_UPDATE",
        "CHANNEL_PINS_UPDATE",
        "MESSAGE_CREATE",
      ])
      expect(events[1]?.d).toEqual({
        channel_id: general.id,
        guild_id: guild.id,
        last_pin_timestamp: "2026-01-01T00:00:00.000000+00:00",
      })
      expect(events[2]?.d).toMatchObject({ type: 6, message_reference: { message_id: message } })
      expect(codeOf(yield* call("PUT", `${messages}/pins/${String(events[2]?.d["id"])}`))).toEqual([
        403, 50021,
      ])
      expect((yield* call("DELETE", `/channels/${general.id}/pins/${message}`)).status).toBe(204)
      const after = yield* told
      expect(after.map(({ t }) => t)).toEqual([
        "MESSAGE_UPDATE",
        "CHANNEL_PINS_UPDATE",
        "GUILD_AUDIT_LOG_ENTRY_CREATE",
      ])
      expect(after[1]?.d).toMatchObject({ last_pin_timestamp: null })
    }).pipe(provided),
  )

  it.scoped("are listed newest pin first, page by page", () =>
    Effect.gen(function* () {
      const { call, general, messages, send } = yield* setUp
      const ids: Array<string> = []
      for (const content of ["a", "b", "c"]) ids.push(idOf(yield* send({ content })))
      for (const id of [ids[1], ids[0], ids[2]]) {
        yield* TestClock.adjust("1 minute")
        yield* call("PUT", `${messages}/pins/${id}`)
      }
      const page = (query: string) =>
        Effect.map(call("GET", `${messages}/pins?${query}`), ({ body }) => body as Page)
      const contents = ({ items }: Page) => items.map(({ message }) => message.content)
      const first = yield* page("limit=2")
      expect([contents(first), first.has_more]).toEqual([["c", "a"], true])
      expect(first.items[0]?.pinned_at).toBe("2026-01-01T00:03:00.000000+00:00")
      const second = yield* page(`before=${encodeURIComponent(first.items[1]?.pinned_at ?? "")}`)
      expect([contents(second), second.has_more]).toEqual([["b"], false])
      expect((yield* call("GET", `/channels/${general.id}/pins`)).body).toMatchObject([
        { content: "c", pinned: true },
        { content: "a" },
        { content: "b" },
      ])
      expect(faults(yield* call("GET", `${messages}/pins?limit=51&before=soon`))).toEqual([
        "limit: NUMBER_TYPE_MAX",
        "before: DATE_TIME_TYPE_PARSE",
      ])
    }).pipe(provided),
  )

  it.scoped("are 250 in a channel", () =>
    Effect.gen(function* () {
      const { call, messages, send } = yield* setUp
      const ids: Array<string> = []
      for (let n = 0; n < 251; n++) ids.push(idOf(yield* send({ content: String(n) })))
      for (const id of ids.slice(0, 250)) yield* call("PUT", `${messages}/pins/${id}`)
      expect(codeOf(yield* call("PUT", `${messages}/pins/${ids[250]}`))).toEqual([400, 30003])
      yield* call("DELETE", `${messages}/pins/${ids[0]}`)
      expect((yield* call("PUT", `${messages}/pins/${ids[250]}`)).status).toBe(204)
    }).pipe(provided),
  )

  it.scoped("want a permission of their own, and the message's own channel", () =>
    Effect.gen(function* () {
      const { call, guild, messages, send } = yield* without(Bit.PinMessages)
      const message = idOf(yield* send({ content: "c" }))
      expect(codeOf(yield* call("PUT", `${messages}/pins/${message}`))).toEqual([403, 50013])
      const other = [...guild.channels.values()].find(({ name }) => name === "tryouts")
      expect(codeOf(yield* call("PUT", `/channels/${other?.id}/messages/pins/${message}`))).toEqual([
        400, 50019,
      ])
    }).pipe(provided),
  )

  it.scoped("do not change in an archived thread", () =>
    Effect.gen(function* () {
      const { call, general } = yield* setUp
      const thread = `/channels/${idOf(yield* call("POST", `/channels/${general.id}/threads`, { name: "t", type: 11 }))}`
      const message = idOf(yield* call("POST", `${thread}/messages`, { content: "c" }))
      yield* call("PATCH", thread, { archived: true })
      for (const method of ["PUT", "DELETE"])
        expect(codeOf(yield* call(method, `${thread}/messages/pins/${message}`))).toEqual([400, 50083])
    }).pipe(provided),
  )
})
