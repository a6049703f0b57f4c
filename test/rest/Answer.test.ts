import { describe, expect, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import * as Answer from "../../src/rest/Answer.js"

describe("fromAnswer", () => {
  it.each([
    [404, 10062, "UnknownInteraction"],
    [400, 40060, "AlreadyAcknowledged"],
    [403, 50013, "MissingPermissions"],
    [403, 50001, "MissingAccess"],
    [404, 10003, "UnknownResource"],
    [404, 10008, "UnknownResource"],
    [404, 0, "UnknownResource"],
    [403, 50007, "CannotMessageUser"],
    [403, 50278, "CannotMessageUser"],
    [400, 50035, "InvalidForm"],
    [400, 50109, "InvalidForm"],
    [400, 0, "InvalidForm"],
    [401, 0, "Unauthorized"],
    [403, 20001, "Refused"],
    [409, 0, "Refused"],
    [400, 10062, "UnknownInteraction"],
    [429, 0, "RateLimited"],
    [500, 0, "ServerError"],
    [503, 0, "ServerError"],
  ])("%i with code %i is %s", (status, code, tag) => {
    const error = Answer.fromAnswer("GET /x", status, { code, message: "Because" })
    expect(error._tag).toBe(tag)
    expect(error.message).toContain("GET /x")
    expect(error.userText.length).toBeGreaterThan(5)
    const kept = status === 429 ? { retryAfter: undefined } : { status, code, reason: "Because" }
    expect(error).toMatchObject(kept)
  })

  it("names each field that was refused, by its path", () => {
    const error = Answer.fromAnswer("POST /x", 400, {
      code: 50035,
      message: "Invalid Form Body",
      errors: {
        _errors: [{ code: "A", message: "whole" }],
        embeds: { 0: { fields: { 12: { name: { _errors: [{ message: "one" }, { message: "two" }] } } } } },
        content: { _errors: [{ message: "long" }] },
      },
    })
    expect(error).toMatchObject({
      fields: [
        { path: "", reason: "whole" },
        { path: "embeds[0].fields[12].name", reason: "one" },
        { path: "embeds[0].fields[12].name", reason: "two" },
        { path: "content", reason: "long" },
      ],
    })
  })

  it.prop(
    "makes a typed error of anything, and never shows what looks like a token",
    [fc.integer({ min: 400, max: 599 }), fc.jsonValue(), fc.stringMatching(/^[\w.-]{40,80}$/)],
    ([status, body, secret]) => {
      for (const given of [
        body,
        secret,
        { message: `x ${secret}` },
        { code: "x", message: 3, errors: body },
      ]) {
        const error = Answer.fromAnswer("GET /x", status, given)
        expect(error).toBeInstanceOf(Error)
        expect(error.message).not.toContain(secret)
      }
    },
  )
})

describe("excerpt", () => {
  it.each([
    [
      "\n<!DOCTYPE html>\n<html><head>\n<title>502\n Bad Gateway</title></head><body>\n<h1>No</h1></body></html>",
      "502 Bad Gateway",
    ],
    ["<html>\n<head><title> </title></head>\n</html>", "an HTML page"],
    ["<html>\n<center><h1>Bad</h1></center></html>", "an HTML page"],
    [" upstream\r\n\tgone\u001B[31m ", "upstream gone [31m"],
    ["<3 is no page", "<3 is no page"],
  ])("of %j is one line", (body, line) => {
    expect(Answer.excerpt(body)).toBe(line)
    expect(Answer.fromAnswer("GET /x", 502, body).message).toBe(`GET /x answered 502: ${line}`)
  })
})

describe("refusal", () => {
  it("reads scope and time from header and body", () => {
    expect(Answer.refusal({ "retry-after": "1" }, '{"retry_after":0.3}')).toEqual({
      scope: "unknown",
      retryAfter: 1_000,
    })
    expect(Answer.refusal({ "x-ratelimit-scope": "shared" }, '{"retry_after":0.3}')).toEqual({
      scope: "shared",
      retryAfter: 300,
    })
    expect(Answer.refusal({ "x-ratelimit-scope": "user", "retry-after": "2.5" }, "{}")).toEqual({
      scope: "user",
      retryAfter: 2_500,
    })
    expect(Answer.refusal({}, '{"retry_after":7,"global":true}')).toEqual({
      scope: "global",
      retryAfter: 7_000,
    })
  })

  it("takes a page instead of JSON for a refusal of the whole address", () => {
    expect(Answer.refusal({ "retry-after": "30" }, "<html>")).toEqual({ scope: "global", retryAfter: 30_000 })
    expect(Answer.refusal({}, "<html>")).toEqual({ scope: "global", retryAfter: undefined })
  })

  it.prop(
    "knows no time but a number of seconds",
    [fc.string(), fc.double({ noNaN: true })],
    ([text, number]) => {
      const parsed = Answer.seconds(text)
      if (parsed !== undefined) {
        expect(Number(text)).toBeGreaterThanOrEqual(0)
        expect(parsed).toBeGreaterThanOrEqual(Math.floor(Number(text) * 1_000))
      }
      const millis = Answer.seconds(number)
      expect(millis === undefined).toBe(number < 0 || !Number.isFinite(number))
      if (millis !== undefined && number < 1e9) {
        expect(millis - number * 1_000).toBeGreaterThan(-0.01)
        expect(millis - number * 1_000).toBeLessThan(1.01)
      }
      for (const none of [undefined, null, "", " ", "soon", "-1", "NaN", "Infinity", {}]) {
        expect(Answer.seconds(none)).toBeUndefined()
      }
    },
  )
})
