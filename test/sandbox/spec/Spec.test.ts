import { describe, expect, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import * as Conformance from "./Conformance.js"
import { exceptions } from "./Exceptions.js"
import * as Spec from "./Spec.js"

const ada = {
  id: "754679862538534912",
  username: "ada",
  discriminator: "0",
  global_name: "Ada",
  avatar: null,
  public_flags: 0,
  flags: 0,
  primary_guild: null,
}
const message = {
  id: "1456074443980800002",
  channel_id: "754681292280299520",
  type: 0,
  content: "Hello",
  author: ada,
  mentions: [ada],
  mention_roles: [],
  attachments: [],
  embeds: [],
  components: [{ type: 1, id: 1, components: [{ type: 2, id: 2, style: 1, custom_id: "a", label: "A" }] }],
  timestamp: "2026-01-01T00:00:00.000000+00:00",
  edited_timestamp: null,
  flags: 0,
  pinned: false,
  mention_everyone: false,
  tts: false,
}
const operation = Spec.operation("GET", "/channels/1/messages/2")!
const findings = (body: unknown, status = 200) =>
  Spec.response(operation, status, body).map(({ kind, path }) => `${kind} ${path}`)

describe("the description", () => {
  it("is read whole: every operation, with a schema for every answer that has a body", () => {
    expect(Spec.operations.length).toBeGreaterThan(200)
    const bare = Spec.operations.flatMap(({ method, path, responses }) =>
      [...responses].flatMap(([status, schema]) =>
        schema === null && status !== "204" ? [`${method} ${path} ${status}`] : [],
      ),
    )
    expect(bare).toEqual([])
  })

  it("finds the operation of a path, a word before a name in braces", () => {
    const found = (method: string, path: string) => Spec.operation(method, path)?.path
    expect(found("GET", "/users/@me")).toBe("/users/@me")
    expect(found("GET", "/users/1")).toBe("/users/{user_id}")
    expect(found("PATCH", "/webhooks/1/t/messages/%40original")).toBe(
      "/webhooks/{webhook_id}/{webhook_token}/messages/@original",
    )
    expect(found("POST", "/users/1")).toBeUndefined()
    expect(found("GET", "/nothing")).toBeUndefined()
  })

  it("takes what conforms, and names what does not by its path", () => {
    expect(findings(message)).toEqual([])
    expect(findings({ ...message, content: 7 })).toEqual(["wrong content"])
    expect(findings({ ...message, type: 13 })).toEqual(["wrong type"])
    expect(findings({ ...message, colour: 7 })).toEqual(["unknown colour"])
    expect(findings({ ...message, author: { ...ada, id: "x" } })).toEqual(["wrong author.id"])
    expect(findings({ ...message, timestamp: "yesterday" })).toEqual(["wrong timestamp"])
    expect(findings({ ...message, mentions: [ada, { ...ada, name: "a" }] })).toEqual([
      "unknown mentions.1.name",
    ])
    expect(findings(null)).toEqual(["wrong "])
    expect(findings(message, 201)).toEqual(["wrong "])
  })

  it("of a union tells what is wrong with the kind that is meant", () => {
    const button = { type: 2, id: 2, style: 9, custom_id: "a" }
    expect(findings({ ...message, components: [{ type: 1, id: 1, components: [button] }] })).toEqual([
      "wrong components.0.components.0.style",
    ])
    expect(findings({ ...message, components: [{ type: 99, id: 1 }] })).toEqual(["wrong components.0"])
  })

  it("knows refusals, with the errors of single fields", () => {
    const errors = { embeds: { "0": { title: { _errors: [{ code: "BASE_TYPE_REQUIRED", message: "x" }] } } } }
    expect(findings({ code: 50035, message: "Invalid Form Body", errors }, 400)).toEqual([])
    expect(findings({ message: "Invalid Form Body", errors: { a: { _errors: [{}] } } }, 400)).toEqual([
      "missing code",
      "missing errors.a._errors.0.code",
      "missing errors.a._errors.0.message",
    ])
    expect(findings({ message: "Slow", retry_after: 1.5, global: false }, 429)).toEqual([])
  })

  it.prop(
    "misses no required field, wherever it is taken away",
    { field: fc.constantFrom(...Object.keys(message)), user: fc.constantFrom(...Object.keys(ada)) },
    ({ field, user }) => {
      expect(findings(omit(message, field))).toEqual([`missing ${field}`])
      expect(findings({ ...message, author: omit(ada, user) })).toEqual([`missing author.${user}`])
    },
  )
})

describe("Conformance", () => {
  it("says where, what and in what, once for a list", () => {
    Conformance.answer("GET", "/channels/1/messages?limit=2", 200, [
      { ...message, colour: 1 },
      { ...message, colour: 2 },
    ])
    Conformance.event("MESSAGE_DELETE", { id: "1" })
    Conformance.event("MESSAGE_VANISH", {})
    Conformance.answer("GET", "/tea", 200, {})
    const found = Conformance.take()
    expect(found.map((line) => line.split("\n")[0]?.trim())).toEqual([
      "GET /channels/{channel_id}/messages → 200: 0.colour is not described",
      "MESSAGE_DELETE: channel_id is required",
      "MESSAGE_VANISH: the whole is no event of Discord's that test/sandbox/spec/Events.ts knows",
      "GET /tea: the whole is no route that Discord describes",
    ])
    expect(found[0]).toContain('"content":"Hello"')
    expect(Conformance.take()).toEqual([])
  })

  it("passes by what is excused, a fault's 500, and what no route of Discord's refused", () => {
    Conformance.answer("GET", "/guilds/1/threads/active", 200, { threads: [], members: [] })
    Conformance.answer("GET", "/users/@me", 502, "<html>")
    Conformance.answer("GET", "/tea", 404, { message: "404: Not Found", code: 0 })
    Conformance.answer("GET", "/applications/1/skus", 200, [])
    expect(Conformance.take()).toEqual([])
    expect(exceptions.every(({ why }) => why.length > 20)).toBe(true)
  })
})

const omit = (value: object, name: string): object =>
  Object.fromEntries(Object.entries(value).filter(([key]) => key !== name))
