import { describe, expect, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import * as Body from "../../src/rest/Body.js"

const formOf = (body: Body.Body) =>
  new Response(body.data, { headers: { "content-type": body.contentType ?? "" } }).formData()

describe("ofFiles", () => {
  it("is read by any multipart parser as what was put in", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            name: fc.stringMatching(/^[\w "é.-]{1,20}$/),
            data: fc.uint8Array({ maxLength: 64 }),
          }),
          { maxLength: 4 },
        ),
        fc.dictionary(fc.string(), fc.string()),
        async (files, payload) => {
          const form = await formOf(Body.ofFiles(JSON.stringify(payload), files, "----b0und4ry"))
          expect(JSON.parse(String(form.get("payload_json")))).toEqual(JSON.parse(JSON.stringify(payload)))
          for (const [n, file] of files.entries()) {
            const read = form.get(`files[${n}]`) as File
            expect(read.name).toBe(file.name)
            expect(new Uint8Array(await read.arrayBuffer())).toEqual(new Uint8Array(file.data))
          }
        },
      ),
      { numRuns: 50 },
    )
  })

  it("lets no name break out of its header", () => {
    const body = Body.ofFiles(
      undefined,
      [{ name: 'a"\r\nx: y', data: new Uint8Array(0), contentType: "a\r\nb: c" }],
      "b",
    )
    expect(String(body.data)).not.toMatch(/\r\n[xb]: /)
  })
})

describe("withNonce", () => {
  const key = fc.constantFrom("content", "tts", "embeds", "nonce ", "enforce_nonce ", "x")
  const value = fc.oneof(fc.jsonValue(), fc.constantFrom('"nonce":', '"enforce_nonce":false,', "}", ",}"))

  it.prop(
    "adds a nonce and changes nothing else",
    [fc.dictionary(key, value), fc.constantFrom(undefined, false, true, null)],
    ([message, enforce]) => {
      const given = JSON.stringify(enforce === undefined ? message : { ...message, enforce_nonce: enforce })
      const { payload, repeatable } = Body.withNonce(given, () => "fresh")
      expect(repeatable).toBe(true)
      const { nonce, enforce_nonce, ...rest } = JSON.parse(payload) as Record<string, unknown>
      expect({ nonce, enforce_nonce }).toEqual({ nonce: "fresh", enforce_nonce: true })
      expect(rest).toEqual(JSON.parse(JSON.stringify(message)))
    },
  )

  it("leaves an author's own nonce alone, and repeats only what is enforced", () => {
    const own = '{"nonce":"mine","content":"x"}'
    expect(Body.withNonce(own, () => "fresh")).toEqual({ payload: own, repeatable: false })
    const enforced = '{"nonce":7,"enforce_nonce":true}'
    expect(Body.withNonce(enforced, () => "fresh")).toEqual({ payload: enforced, repeatable: true })
    expect(JSON.parse(Body.withNonce('{"nonce":null}', () => "fresh").payload)).toEqual({
      nonce: "fresh",
      enforce_nonce: true,
    })
  })
})
