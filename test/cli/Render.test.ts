import { describe, expect, it } from "@effect/vitest"
import { ButtonStyle, ComponentType } from "discord-api-types/v10"
import * as fc from "effect/FastCheck"
import * as Render from "../../src/cli/Render.js"

const nothing: Render.Event = {
  event: "message",
  from: "Bosun",
  to: null,
  private: false,
  channel: "general",
  id: "1",
  content: "",
  embeds: [],
  components: [],
  attachments: [],
  reactions: [],
  title: null,
  reason: null,
}
const text = (event: Partial<Render.Event>) => Render.text({ ...nothing, ...event })

describe("Render", () => {
  it("says who speaks, to whom, where, and who sees it", () => {
    expect(text({ content: "hi\nthere" })).toBe("Bosun: hi\n  there")
    expect(text({ content: "hi", to: "ada", private: true })).toBe("Bosun → ada (only you): hi")
    expect(text({ content: "hi", channel: "tryouts" })).toBe("Bosun #tryouts: hi")
    expect(text({ content: "hi", channel: "dm" })).toBe("Bosun (direct message): hi")
    expect(text({ content: "hi", channel: "Try-out of Cleo" })).toBe("Bosun #Try-out-of-Cleo: hi")
  })

  it("tells edits, deletions, waiting, forms, reactions and failures apart", () => {
    expect(text({ event: "edit", content: "b" })).toBe("Bosun (edited): b")
    expect(text({ event: "delete", content: "b\nc" })).toBe("Bosun (deleted): b")
    expect(text({ event: "thinking", to: "ada" })).toBe("Bosun → ada: thinking…")
    expect(text({ event: "failed", to: "ada", reason: "did not respond" })).toBe(
      "Bosun → ada: did not respond",
    )
    expect(text({ event: "reactions", reactions: [{ emoji: "👍", count: 2 }] })).toBe("Reactions: 👍 2")
    expect(text({ event: "reactions" })).toBe("Reactions: none")
    expect(text({ event: "suggestions", to: "ada", private: true, content: "apple\npear" })).toBe(
      "Bosun → ada (only you) suggests: apple, pear",
    )
    expect(text({ event: "suggestions" })).toBe("Bosun suggests: nothing")
    const form = {
      type: ComponentType.Label,
      label: "Boat",
      component: { type: ComponentType.StringSelect, custom_id: "b", options: [{ label: "Elly" }] },
    }
    expect(text({ event: "modal", title: "Book", components: [form] })).toBe(
      'Bosun: a form Book\n  Boat\n  [b: Elly]\n  submit b:"…"',
    )
    expect(text({ event: "modal", to: "cleo", private: true, title: "Book", components: [form] })).toBe(
      'Bosun → cleo (only you): a form Book\n  Boat\n  [b: Elly]\n  cleo> submit b:"…"',
    )
  })

  it("shows an embed below the line, with fields and footer", () => {
    expect(
      text({
        embeds: [
          {
            author: { name: "Crew" },
            title: "Dan",
            description: "A hand",
            fields: [{ name: "Roles", value: "none\nat all" }],
            image: { url: "https://a.b/c.png" },
            footer: { text: "end" },
          },
        ],
      }),
    ).toBe(
      "Bosun:\n  | Crew\n  | Dan\n  | A hand\n  | Roles: none\n  |   at all\n  | https://a.b/c.png\n  | end",
    )
  })

  it("shows what can be pressed and chosen, and files", () => {
    const button = (more: object) => ({ type: ComponentType.Button, style: ButtonStyle.Primary, ...more })
    expect(
      text({
        content: "Sure?",
        components: [
          {
            type: ComponentType.ActionRow,
            components: [
              button({ label: "Yes" }),
              button({ emoji: { name: "👎" }, disabled: true }),
              button({ label: "More", url: "https://a.b" }),
            ],
          },
          {
            type: ComponentType.ActionRow,
            components: [{ type: ComponentType.UserSelect, custom_id: "who", placeholder: "Whom" }],
          },
          { type: ComponentType.TextDisplay, content: "so\nbe it" },
        ],
        attachments: [{ filename: "a.png", size: 12 }],
      }),
    ).toBe(
      "Bosun: Sure?\n  [Yes] [👎] (off) [More https://a.b]\n  [Whom]\n  so\n  be it\n  (file a.png, 12 bytes)",
    )
  })

  it("reads every text with the reader that it is given", () => {
    const event = { ...nothing, content: "<@1>", embeds: [{ title: "<@1>" }] }
    expect(Render.text(event, (one) => one.replaceAll("<@1>", "@ada"))).toBe("Bosun: @ada\n  | @ada")
  })

  it("takes anything for an embed or component", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.integer({ min: 0, max: 25 }),
        (json, type) => {
          const event = { embeds: [json], components: [{ ...json, type }] }
          expect(text(event).startsWith("Bosun:")).toBe(true)
        },
      ),
    )
  })
})
