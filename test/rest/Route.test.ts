import { describe, expect, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import * as Route from "../../src/rest/Route.js"

const id = fc.bigInt({ min: 10n ** 16n, max: 10n ** 19n }).map(String)
// With a letter, so that it is never taken for an id.
const token = fc.stringMatching(/^[A-Za-z0-9_-]{19,200}$/).map((text) => `aW${text}`)
const method = fc.constantFrom(
  "GET" as const,
  "POST" as const,
  "PUT" as const,
  "PATCH" as const,
  "DELETE" as const,
)
const segment = fc.oneof(id, fc.stringMatching(/^[a-z@][a-z0-9@-]{0,12}$/))

const acknowledges = (verb: "POST" | "PATCH", path: string) => Route.parse(verb, path).acknowledges

describe("parse", () => {
  it.each([
    ["POST", "/channels/1/messages", "POST /channels/:id/messages", "channels/1", "nonce", true],
    ["GET", "/channels/1/messages/2?limit=5", "GET /channels/:id/messages/:id", "channels/1", "safe", true],
    [
      "POST",
      "/channels/1/messages/2/threads",
      "POST /channels/:id/messages/:id/threads",
      "channels/1",
      "never",
      true,
    ],
    ["POST", "/channels/1/typing", "POST /channels/:id/typing", "channels/1", "safe", true],
    ["POST", "/guilds/1/roles", "POST /guilds/:id/roles", "guilds/1", "never", true],
    ["POST", "/guilds/1/channels", "POST /guilds/:id/channels", "guilds/1", "never", true],
    ["PUT", "/guilds/1/bans/2", "PUT /guilds/:id/bans/:id", "guilds/1", "safe", true],
    ["POST", "/webhooks/1/tok", "POST /webhooks/:id/:token", "webhooks/1/tok", "never", false],
    [
      "PATCH",
      "/webhooks/1/tok/messages/%40original",
      "PATCH /webhooks/:id/:token/messages/@original",
      "webhooks/1/tok",
      "safe",
      false,
    ],
    ["GET", "/webhooks/1", "GET /webhooks/:id", "webhooks/1", "safe", true],
    [
      "POST",
      "/interactions/1/tok/callback",
      "POST /interactions/:id/:token/callback",
      "",
      "once-then-40060",
      false,
    ],
    [
      "PUT",
      "/channels/1/messages/2/reactions/%F0%9F%91%8D/%40me",
      "PUT /channels/:id/messages/:id/reactions/:reaction",
      "channels/1",
      "safe",
      true,
    ],
    ["GET", "/invites/abc", "GET /invites/:code", "", "safe", true],
    ["GET", "/users/@me", "GET /users/@me", "", "safe", true],
  ] as const)("%s %s", (verb, path, template, major, retry, global) => {
    expect(Route.parse(verb, path)).toMatchObject({ template, major, retry, global })
  })

  it("names the acknowledgements", () => {
    expect(acknowledges("POST", "/interactions/1/t/callback?with_response=true")).toBe(true)
    expect(acknowledges("PATCH", "/webhooks/1/t/messages/@original")).toBe(true)
    expect(acknowledges("PATCH", "/webhooks/1/t/messages/5")).toBe(false)
    expect(acknowledges("POST", "/webhooks/1/t")).toBe(false)
  })

  it.prop("shows no token, and keeps every id", [method, id, token, id], ([verb, first, secret, last]) => {
    for (const path of [
      `/interactions/${first}/${secret}/callback`,
      `/webhooks/${first}/${secret}`,
      `/webhooks/${first}/${secret}?thread_id=${last}`,
      `/webhooks/${first}/${secret}/messages/${last}`,
      `/webhooks/${first}/${secret}/messages/%40original`,
    ]) {
      const route = Route.parse(verb, path)
      expect(route.display).not.toContain(secret)
      expect(route.template).not.toContain(secret)
      expect(route.display).toContain(first)
      expect(route.global).toBe(false)
    }
  })

  it.prop(
    "gives any path a route: templates without ids, one bucket per major parameter, the query without effect",
    [method, fc.array(segment, { maxLength: 7 }), id, id],
    ([verb, segments, one, other]) => {
      const path = `/${segments.join("/")}`
      const route = Route.parse(verb, path)
      expect(Route.parse(verb, `${path}?x=1&y=/z`)).toEqual(route)
      expect(route.template).not.toMatch(/\/\d+(\/|$)/)
      expect(route.display.startsWith(`${verb} /`)).toBe(true)
      if (verb === "GET") expect(route.order).toBe("")
      // Nothing that creates is repeated unless it is known to be safe.
      if (verb === "POST" && route.retry !== "never") {
        expect(route.template).toMatch(/\/(messages|typing|callback)$/)
      }
      const a = Route.parse(verb, `/channels/${one}/${segments.join("/")}`)
      const b = Route.parse(verb, `/channels/${other}/${segments.join("/")}`)
      expect(a.template).toBe(b.template)
      expect(a.major === b.major).toBe(one === other)
    },
  )
})
