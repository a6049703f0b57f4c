import { describe, expect, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import * as Traffic from "../../../src/sandbox/page/Traffic.js"

const at = (entry: { readonly path?: string; readonly body?: unknown; readonly answer?: unknown }) =>
  Traffic.of({
    n: 1,
    entry: {
      _tag: "Request",
      at: 5,
      method: "POST",
      path: entry.path ?? "/x",
      body: entry.body,
      answeredAt: 12,
      status: 200,
      answer: entry.answer,
    },
  })

describe("traffic", () => {
  it("says what was asked and answered, and how long it took", () => {
    expect(at({ path: "/channels/1/messages", body: { content: "hi" }, answer: { id: "2" } })).toEqual({
      n: 1,
      at: 5,
      kind: "request",
      name: "POST /channels/1/messages",
      status: 200,
      took: 7,
      body: '{"content":"hi"}',
      answer: '{"id":"2"}',
    })
  })

  it("shows no secret, wherever it stands", () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9_.-]{24,70}$/u).filter((text) => /[a-z]{3}/u.test(text))
    const hide = (text: string) =>
      fc.constantFrom<unknown>(
        { token: text },
        { url: `http://127.0.0.1/api/webhooks/123456789012345678/${text}` },
        { access_token: text, name: "x" },
        { session_id: text },
        `see /api/v10/webhooks/123456789012345678/${text}/messages/@original`,
      )
    const nested = secret.chain((text) =>
      fc.tuple(fc.constant(text), hide(text), fc.array(fc.constantFrom("list", "object"), { maxLength: 4 })),
    )
    fc.assert(
      fc.property(nested, ([text, value, around]) => {
        const whole = around.reduce<unknown>(
          (inner, kind) => (kind === "list" ? [inner, 1] : { inner, other: "stays" }),
          value,
        )
        const path = `/webhooks/123456789012345678/${text}/messages/1`
        expect(JSON.stringify(at({ path, body: whole, answer: whole }))).not.toContain(text)
      }),
    )
  })

  it("is shortened", () => {
    const { body } = at({ body: { content: "x".repeat(100_000) } })
    expect(body).toHaveLength(Traffic.longest)
    expect(body.endsWith("…")).toBe(true)
  })
})
