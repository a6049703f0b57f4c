import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { bodyOf, codeOf, faults, provided, setUp } from "./Harbour.js"

const v2 = 1 << 15
const row = (...components: ReadonlyArray<unknown>) => ({ type: 1, components })
const button = (customId: string, more: object = {}) => ({
  type: 2,
  style: 1,
  label: "B",
  custom_id: customId,
  ...more,
})
const option = (value: string) => ({ label: value, value })
const select = (more: object = {}) => ({ type: 3, custom_id: "s", options: [option("a")], ...more })
const words = (content: string) => ({ type: 10, content })

/** One component in a row, and what is wrong with it. */
const wrong: ReadonlyArray<readonly [string, object, ReadonlyArray<string>]> = [
  ["without a style", button("b", { style: undefined }), ["style: BASE_TYPE_REQUIRED"]],
  ["of a style that is none", button("b", { style: 9 }), ["style: BASE_TYPE_CHOICES"]],
  ["without a custom id", button("b", { custom_id: undefined }), ["custom_id: COMPONENT_CUSTOM_ID_REQUIRED"]],
  ["with a long custom id", button("x".repeat(101)), ["custom_id: BASE_TYPE_BAD_LENGTH"]],
  ["with a long label", button("b", { label: "x".repeat(81) }), ["label: BASE_TYPE_MAX_LENGTH"]],
  ["with nothing on it", button("b", { label: undefined }), ["label: BASE_TYPE_REQUIRED"]],
  [
    "with an emoji that is none",
    button("b", { emoji: { name: "x" } }),
    ["emoji.name: COMPONENT_INVALID_EMOJI"],
  ],
  [
    "with an address and a custom id",
    button("b", { url: "https://x.org" }),
    [": BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE"],
  ],
  ["a link without address", { type: 2, style: 5, label: "L" }, ["url: BASE_TYPE_REQUIRED"]],
  [
    "a link to nowhere",
    { type: 2, style: 5, label: "L", url: "steam://run" },
    ["url: URL_TYPE_INVALID_SCHEME"],
  ],
  ["a premium one without its product", { type: 2, style: 6 }, ["sku_id: BASE_TYPE_REQUIRED"]],
  ["a select without options", select({ options: [] }), ["options: BASE_TYPE_BAD_LENGTH"]],
  ["a select of more than there are options", select({ max_values: 2 }), ["options: BASE_TYPE_BAD_LENGTH"]],
  [
    "a select with an option twice",
    select({ options: [option("a"), option("a")] }),
    ["options.1: SELECT_COMPONENT_OPTION_VALUE_DUPLICATED"],
  ],
  [
    "a select whose least is above its most",
    select({ min_values: 2, options: [option("a"), option("b")] }),
    ["min_values: NUMBER_TYPE_MAX"],
  ],
  [
    "a select of users with a role chosen",
    { type: 5, custom_id: "u", default_values: [{ id: "175928847299117063", type: "role" }] },
    ["default_values.0.type: BASE_TYPE_CHOICES"],
  ],
  ["a text input, which is a modal's", { type: 4, custom_id: "t", style: 1 }, [": UNION_TYPE_CHOICES"]],
]

describe("Components", () => {
  it.scoped.each(wrong)("refuses in a row a button %s", ([, component, expected]) =>
    Effect.gen(function* () {
      const { send } = yield* setUp
      const answer = yield* send({ content: "c", components: [row(component)] })
      expect(codeOf(answer)).toEqual([400, 50035])
      expect(faults(answer)).toEqual(
        expected.map((fault) =>
          fault.startsWith(":") ? `components.0.components.0${fault}` : `components.0.components.0.${fault}`,
        ),
      )
    }).pipe(provided),
  )

  it.scoped("takes five rows, five buttons in each, a select alone, and each custom id once", () =>
    Effect.gen(function* () {
      const { send } = yield* setUp
      const rows = (n: number, m: number) =>
        Array.from({ length: n }, (_, y) => row(...Array.from({ length: m }, (__, x) => button(`${y}.${x}`))))
      expect((yield* send({ components: rows(5, 5) })).status).toBe(200)
      expect(faults(yield* send({ components: rows(6, 1) }))).toEqual(["components: BASE_TYPE_MAX_LENGTH"])
      expect(faults(yield* send({ components: rows(1, 6) }))).toEqual([
        "components.0.components: BASE_TYPE_BAD_LENGTH",
      ])
      expect(faults(yield* send({ components: [row(button("a"), select())] }))).toEqual([
        "components.0.components.1: COMPONENT_LAYOUT_WIDTH_EXCEEDED",
      ])
      expect(faults(yield* send({ components: [row(button("a")), row(button("a"))] }))).toEqual([
        "components.1.components.0.custom_id: COMPONENT_CUSTOM_ID_DUPLICATED",
      ])
      expect(faults(yield* send({ components: [words("no flag")] }))).toEqual([
        "components.0: UNION_TYPE_CHOICES",
      ])
    }).pipe(provided),
  )

  it.scoped("of version 2: 40 in all, 4,000 characters, no content beside them", () =>
    Effect.gen(function* () {
      const { send } = yield* setUp
      const many = (n: number) => ({
        flags: v2,
        components: [{ type: 17, components: Array.from({ length: n }, () => words("w")) }],
      })
      expect((yield* send(many(39))).status).toBe(200)
      expect(faults(yield* send(many(40)))).toEqual(["components: COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED"])
      const long = (n: number) => ({ flags: v2, components: [words("x".repeat(2000)), words("x".repeat(n))] })
      expect((yield* send(long(2000))).status).toBe(200)
      expect(faults(yield* send(long(2001)))).toEqual([
        "components: COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
      ])
      expect(
        faults(yield* send({ flags: v2, content: "c", embeds: [{ title: "t" }], components: [words("w")] })),
      ).toEqual([
        "content: MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
        "embeds: MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
      ])
      expect(codeOf(yield* send({ flags: v2, components: [] }))).toEqual([400, 50006])
    }).pipe(provided),
  )

  it.scoped("of version 2: says which child may be where", () =>
    Effect.gen(function* () {
      const { send } = yield* setUp
      const answer = yield* send({
        flags: v2,
        components: [
          { type: 17, components: [{ type: 17, components: [words("w")] }] },
          { type: 9, components: [words("w"), words("w"), words("w"), words("w")], accessory: button("a") },
          { type: 9, components: [words("w")] },
          { type: 9, components: [words("w")], accessory: words("w") },
          { type: 12, items: [] },
          { type: 12, items: [{ media: { url: "attachment://gone.png" } }] },
          { type: 13, file: { url: "https://example.com/x" } },
          { type: 14, spacing: 3 },
          { type: 11, media: { url: "https://example.com/x.png" } },
          { ...words("w"), id: 7 },
          { ...words("w"), id: 7 },
        ],
      })
      expect(faults(answer)).toEqual([
        "components.0.components.0: UNION_TYPE_CHOICES",
        "components.1.components: BASE_TYPE_BAD_LENGTH",
        "components.2.accessory: BASE_TYPE_REQUIRED",
        "components.3.accessory: UNION_TYPE_CHOICES",
        "components.4.items: BASE_TYPE_BAD_LENGTH",
        "components.5.items.0.media.url: UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
        "components.6.file.url: URL_TYPE_INVALID_SCHEME",
        "components.7.spacing: BASE_TYPE_CHOICES",
        "components.8: UNION_TYPE_CHOICES",
        "components.10.id: COMPONENT_ID_DUPLICATED",
      ])
    }).pipe(provided),
  )

  it.scoped("gives each an id, leaves given ones, and fills in what was not said", () =>
    Effect.gen(function* () {
      const { send } = yield* setUp
      const { components } = bodyOf(
        yield* send({
          flags: v2,
          components: [{ type: 17, components: [{ ...words("a"), id: 1 }, { type: 14 }] }, row(select())],
        }),
      )
      expect(components).toEqual([
        {
          type: 17,
          id: 2,
          accent_color: null,
          spoiler: false,
          components: [
            { type: 10, id: 1, content: "a" },
            { type: 14, id: 3, spacing: 1, divider: true },
          ],
        },
        {
          type: 1,
          id: 4,
          components: [
            { type: 3, id: 5, custom_id: "s", min_values: 1, max_values: 1, options: [option("a")] },
          ],
        },
      ])
    }).pipe(provided),
  )

  it.scoped("mentions whom its text displays name", () =>
    Effect.gen(function* () {
      const { id, send } = yield* setUp
      const body = { flags: v2, components: [{ type: 17, components: [words(`<@${id("ada")}>`)] }] }
      expect((yield* send(body)).body).toMatchObject({ mentions: [{ username: "ada" }] })
      expect((yield* send({ ...body, allowed_mentions: { parse: [] } })).body).toMatchObject({ mentions: [] })
    }).pipe(provided),
  )
})
