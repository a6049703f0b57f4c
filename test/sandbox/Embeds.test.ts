import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { codeOf, faults, provided, setUp } from "./Harbour.js"

const text = (length: number) => "x".repeat(length)

/** Where each limit is, and what an embed with that much looks like. */
const limits: ReadonlyArray<readonly [string, number, (size: number) => unknown, string]> = [
  ["title", 256, (n) => ({ title: text(n) }), "embeds.0.title: BASE_TYPE_MAX_LENGTH"],
  ["description", 4096, (n) => ({ description: text(n) }), "embeds.0.description: BASE_TYPE_MAX_LENGTH"],
  ["author", 256, (n) => ({ author: { name: text(n) } }), "embeds.0.author.name: BASE_TYPE_MAX_LENGTH"],
  ["footer", 2048, (n) => ({ footer: { text: text(n) } }), "embeds.0.footer.text: BASE_TYPE_MAX_LENGTH"],
  [
    "field name",
    256,
    (n) => ({ fields: [{ name: text(n), value: "v" }] }),
    "embeds.0.fields.0.name: BASE_TYPE_MAX_LENGTH",
  ],
  [
    "field value",
    1024,
    (n) => ({ fields: [{ name: "n", value: text(n) }] }),
    "embeds.0.fields.0.value: BASE_TYPE_MAX_LENGTH",
  ],
  [
    "fields",
    25,
    (n) => ({ fields: Array.from({ length: n }, () => ({ name: "n", value: "v" })) }),
    "embeds.0.fields: BASE_TYPE_MAX_LENGTH",
  ],
  ["color", 0xff_ff_ff, (n) => ({ title: "t", color: n }), "embeds.0.color: NUMBER_TYPE_MAX"],
]

describe("Embeds", () => {
  it.scoped.each(limits)("takes a %s up to its limit, and no more", ([, limit, make, fault]) =>
    Effect.gen(function* () {
      const { send } = yield* setUp
      expect((yield* send({ embeds: [make(limit - 1)] })).status).toBe(200)
      expect((yield* send({ embeds: [make(limit)] })).status).toBe(200)
      const over = yield* send({ embeds: [make(limit + 1)] })
      expect(codeOf(over)).toEqual([400, 50035])
      expect(faults(over)).toEqual([fault])
    }).pipe(provided),
  )

  it.scoped("takes ten, and 6,000 characters in all of them, counted as people count", () =>
    Effect.gen(function* () {
      const { send } = yield* setUp
      const many = (n: number) => ({ embeds: Array.from({ length: n }, () => ({ title: "t" })) })
      expect((yield* send(many(10))).status).toBe(200)
      expect(faults(yield* send(many(11)))).toEqual(["embeds: BASE_TYPE_MAX_LENGTH"])
      const long = (n: number) => ({ embeds: [{ description: text(4000) }, { description: text(n) }] })
      expect((yield* send(long(2000))).status).toBe(200)
      expect(faults(yield* send(long(2001)))).toEqual(["embeds: MAX_EMBED_SIZE_EXCEEDED"])
      expect((yield* send({ embeds: [{ title: "😀".repeat(256) }] })).status).toBe(200)
    }).pipe(provided),
  )

  it.scoped("says of each field what is wrong with it", () =>
    Effect.gen(function* () {
      const { send } = yield* setUp
      const answer = yield* send({
        embeds: [
          {
            title: 5,
            url: "javascript:alert(1)",
            timestamp: "soon",
            image: { url: "ftp://x/y.png" },
            thumbnail: {},
            author: { name: "", icon_url: "http://" },
            fields: [{ name: "n", value: " " }, null],
          },
          {},
          null,
        ],
      })
      expect(codeOf(answer)).toEqual([400, 50035])
      expect(faults(answer).toSorted()).toEqual([
        "embeds.0.author.icon_url: URL_TYPE_INVALID_URL",
        "embeds.0.author.name: BASE_TYPE_REQUIRED",
        "embeds.0.fields.0.value: BASE_TYPE_REQUIRED",
        "embeds.0.fields.1: LIST_ITEM_VALUE_REQUIRED",
        "embeds.0.image.url: URL_TYPE_INVALID_SCHEME",
        "embeds.0.thumbnail.url: BASE_TYPE_REQUIRED",
        "embeds.0.timestamp: DATE_TIME_TYPE_PARSE",
        "embeds.0.title: STRING_TYPE_CONVERT",
        "embeds.0.url: URL_TYPE_INVALID_SCHEME",
        "embeds.1.description: BASE_TYPE_REQUIRED",
        "embeds.2: LIST_ITEM_VALUE_REQUIRED",
      ])
    }).pipe(provided),
  )

  it.scoped("shows them as Discord does: no nulls, times in its own form, `inline` always said", () =>
    Effect.gen(function* () {
      const { send } = yield* setUp
      const { body } = yield* send({
        embeds: [
          {
            title: "T",
            description: null,
            timestamp: "2026-01-02T03:04:05Z",
            fields: [{ name: "n", value: "v" }],
            image: { url: "https://example.com/a.png" },
            provider: { name: "ignored" },
          },
        ],
      })
      expect((body as { embeds: unknown }).embeds).toEqual([
        {
          type: "rich",
          title: "T",
          timestamp: "2026-01-02T03:04:05.000000+00:00",
          fields: [{ name: "n", value: "v", inline: false }],
          image: { url: "https://example.com/a.png", proxy_url: "https://example.com/a.png", flags: 0 },
        },
      ])
    }).pipe(provided),
  )
})
