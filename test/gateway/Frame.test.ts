import { describe, expect, it } from "@effect/vitest"
import { Redacted } from "effect"
import * as fc from "fast-check"
import * as Frame from "../../src/gateway/Frame.js"

describe("Frame", () => {
  it("reads what has an op, and throws on nothing", () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        const packet = Frame.parse(text)
        expect(packet === undefined || typeof packet.op === "number").toBe(true)
      }),
      { numRuns: 1_000 },
    )
    fc.assert(
      fc.property(fc.integer(), fc.jsonValue(), (op, d) => {
        const text = JSON.stringify({ op, d })
        expect(Frame.parse(text)).toEqual(JSON.parse(text))
      }),
    )
    expect(["", "{", "null", "[]", "1", '{"op":"0"}'].map(Frame.parse)).toEqual(Array(6).fill(undefined))
  })

  it("writes a heartbeat with the last number seen, or none", () => {
    expect(JSON.parse(Frame.heartbeat(0))).toEqual({ op: 1, d: null })
    expect(JSON.parse(Frame.heartbeat(42))).toEqual({ op: 1, d: 42 })
  })

  it("writes RESUME with the token itself", () => {
    expect(JSON.parse(Frame.resume(Redacted.make("secret"), "session", 7))).toEqual({
      op: 6,
      d: { token: "secret", session_id: "session", seq: 7 },
    })
  })

  it("leaves out of IDENTIFY what was not said", () => {
    const { op, d } = JSON.parse(
      Frame.identify({ id: 1, count: 2, token: Redacted.make("secret"), intents: 5 }),
    )
    expect(op).toBe(2)
    expect(Object.keys(d).sort()).toEqual(["intents", "properties", "shard", "token"])
    expect(d).toMatchObject({ token: "secret", shard: [1, 2], intents: 5 })
  })

  it("asks for version 10 in JSON, with or without a slash", () => {
    const expected = "wss://gateway.discord.gg/?v=10&encoding=json"
    expect(Frame.address("wss://gateway.discord.gg")).toBe(expected)
    expect(Frame.address("wss://gateway.discord.gg/")).toBe(expected)
  })
})
