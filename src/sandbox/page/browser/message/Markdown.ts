/**
 * Discord's Markdown as elements. Text is only ever a text node, and a link goes nowhere but to the web or a mailbox.
 *
 * @module
 */
import "@skyra/discord-components-core/discord-code.js"
import "@skyra/discord-components-core/discord-custom-emoji.js"
import "@skyra/discord-components-core/discord-header.js"
import "@skyra/discord-components-core/discord-mention.js"
import "@skyra/discord-components-core/discord-quote.js"
import "@skyra/discord-components-core/discord-spoiler.js"
import "@skyra/discord-components-core/discord-subscript.js"
import "@skyra/discord-components-core/discord-time.js"
import { rulesExtended, SimpleMarkdown } from "discord-markdown-parser"
import type {
  Capture,
  ParserRule,
  ParserRules,
  SingleASTNode as Node,
} from "discord-markdown-parser/dist/simple-markdown"
import { html, nothing } from "lit"
import * as Composing from "../compose/Composing.js"
import * as Store from "../Store.js"
import type { Page } from "../Store.js"
import * as Link from "./Link.js"
import * as Person from "./Person.js"
import * as PersonMenu from "./PersonMenu.js"
import * as Timestamp from "./Timestamp.js"

const listItem = /^( *)([-*]|\d{1,9}\.) +([^\n]*)(?:\n|$)/

/** Lists, of which the parser knows nothing: lines that begin with `-`, `*` or a number. */
const list: ParserRule = {
  order: rulesExtended["heading"]!.order - 0.4,
  match: (source, state) => {
    const before: unknown = state["prevCapture"]?.[0]
    if (typeof before === "string" && !before.endsWith("\n")) return null
    let [length, found] = [0, listItem.exec(source)]
    while (found !== null && found[0].length > 0) {
      length += found[0].length
      found = listItem.exec(source.slice(length))
    }
    return length === 0 ? null : ([source.slice(0, length)] as unknown as Capture)
  },
  parse: (capture, parse, state) => ({
    items: capture[0]!
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => {
        const [, indent = "", mark = "", text = ""] = listItem.exec(line) ?? []
        return { depth: Math.min(10, indent.length >> 1), mark, content: parse(text, state) }
      }),
  }),
}

const parse = SimpleMarkdown.parserFor({ ...rulesExtended, list } as ParserRules)

/** Parsed texts: a page is drawn often, and its texts seldom change. */
const parsed = new Map<string, ReadonlyArray<Node>>()

const read = (text: string): ReadonlyArray<Node> => {
  const known = parsed.get(text)
  if (known !== undefined) return known
  if (parsed.size > 1000) parsed.clear()
  const nodes = parse(text, { inline: true })
  parsed.set(text, nodes)
  return nodes
}

/** A text with its Markdown. */
export const render = (page: Page, text: string): unknown => {
  const nodes = read(text)
  const jumbo = nodes.length <= 27 && nodes.every(isEmojiOrSpace) && nodes.some(isEmoji)
  const shown = nodes.map((node) => one(page, node, jumbo))
  return jumbo ? html`<span class="jumbo">${shown}</span>` : shown
}

const isEmoji = (node: Node): boolean => node.type === "emoji" || node.type === "twemoji"
const isEmojiOrSpace = (node: Node): boolean =>
  isEmoji(node) || node.type === "br" || (node.type === "text" && String(node["content"]).trim() === "")

const inner = (page: Page, node: Node): unknown => {
  const content: unknown = node["content"]
  return Array.isArray(content) ? content.map((each: Node) => one(page, each)) : String(content ?? "")
}

const one = (page: Page, node: Node, jumbo = false): unknown => {
  const { store } = page
  const id = String(node["id"] ?? "")
  switch (node.type) {
    // The library's own elements for these put a space behind their text.
    case "strong":
      return html`<strong>${inner(page, node)}</strong>`
    case "em":
      return html`<em>${inner(page, node)}</em>`
    case "underline":
    case "u":
      return html`<u>${inner(page, node)}</u>`
    case "strikethrough":
    case "del":
      return html`<s>${inner(page, node)}</s>`
    case "inlineCode":
      return html`<discord-code>${String(node["content"])}</discord-code>`
    case "codeBlock":
      return html`<discord-code multiline>${String(node["content"])}</discord-code>`
    case "blockQuote":
      return html`<discord-quote><span class="lines">${inner(page, node)}</span></discord-quote>`
    case "heading":
      return html`<discord-header .level=${Number(node["level"]) as 1}>${inner(page, node)}</discord-header>`
    case "subtext":
      return html`<discord-subscript>${inner(page, node)}</discord-subscript>`
    case "list":
      return renderList(page, node)
    case "spoiler":
      return html`<discord-spoiler
        role="button"
        tabindex="0"
        aria-label="Spoiler, press to read"
        @click=${reveal}
        @keydown=${(event: KeyboardEvent) => (isPress(event) ? reveal(event) : undefined)}
        >${inner(page, node)}</discord-spoiler
      >`
    case "link":
    case "url":
    case "autolink":
      return renderLink(page, node)
    case "timestamp":
      return renderTime(page, Number(node["timestamp"]) * 1000, node["format"] as string | undefined)
    case "user":
      return html`<discord-mention
        type="user"
        role="button"
        tabindex="0"
        .highlight=${id === store.place.me.id}
        @click=${(event: Event) => PersonMenu.open(page, id, event.currentTarget as Element)}
        @keydown=${pressed((target) => PersonMenu.open(page, id, target))}
        >${Person.name(store, id)}</discord-mention
      >`
    case "role": {
      const role = Store.guild(store)?.roles.find((each) => each.id === id)
      const mine = Store.member(store, store.place.me.id)?.roles.includes(id) ?? false
      const color = role === undefined || role.color === 0 ? nothing : Person.css(role.color)
      return html`<discord-mention type="role" .highlight=${mine} color=${color}
        >${role?.name ?? "deleted-role"}</discord-mention
      >`
    }
    case "channel": {
      const channel = Store.findChannel(store, id)
      if (channel === undefined) return html`<em>#deleted-channel</em>`
      const open = () => page.open(channel.guildId, channel.id)
      return html`<discord-mention
        type=${[10, 11, 12].includes(channel.type) ? "thread" : "channel"}
        role="link"
        tabindex="0"
        @click=${open}
        @keydown=${pressed(open)}
        >${channel.name}</discord-mention
      >`
    }
    case "slashCommand": {
      const name = String(node["fullName"])
      const open = () => Composing.pick(page, name)
      return html`<discord-mention
        type="slash"
        role="button"
        tabindex="0"
        @click=${open}
        @keydown=${pressed(open)}
        >${name}</discord-mention
      >`
    }
    case "everyone":
    case "here":
      return html`<discord-mention highlight>${node.type}</discord-mention>`
    case "emoji": {
      const known = Store.emoji(store, id)
      const name = String(node["name"])
      return known === undefined
        ? `:${name}:`
        : html`<discord-custom-emoji .name=${name} .url=${known.url} .jumbo=${jumbo}></discord-custom-emoji>`
    }
    case "twemoji":
      return String(node["name"])
    case "br":
    case "newline":
      return html`<br />`
    default:
      return inner(page, node)
  }
}

const renderLink = (page: Page, node: Node): unknown => {
  const href = Link.of(node["target"])
  if (href === undefined) return inner(page, node)
  return html`<a class="link" href=${href} rel="noopener noreferrer" target="_blank">${inner(page, node)}</a>`
}

const renderTime = ({ store }: Page, at: number, style: string | undefined): unknown =>
  Timestamp.isWritable(at)
    ? html`<discord-time title=${Timestamp.full(at)}
        >${Timestamp.styled(at, style, Store.now(store))}</discord-time
      >`
    : "Invalid date"

interface Item {
  readonly depth: number
  readonly mark: string
  readonly content: ReadonlyArray<Node>
}

/** A list keeps the numbers that were written, and its depth by its indent. */
const renderList = (page: Page, node: Node): unknown =>
  html`<span role="list" class="list"
    >${(node["items"] as ReadonlyArray<Item>).map(
      ({ content, depth, mark }) =>
        html`<span role="listitem" style="--depth: ${depth}"
          ><span class="mark">${/\d/.test(mark) ? mark : "•"}</span
          ><span>${content.map((each) => one(page, each))}</span></span
        >`,
    )}</span
  >`

const reveal = (event: Event): void => {
  const spoiler = event.currentTarget as HTMLElement & { activated: boolean }
  if (!spoiler.hasAttribute("role")) return
  spoiler.activated = true
  spoiler.removeAttribute("role")
  spoiler.removeAttribute("aria-label")
  event.preventDefault()
}

const isPress = (event: KeyboardEvent): boolean => event.key === "Enter" || event.key === " "

/** What a click does, by the keys that press. */
const pressed =
  (act: (target: Element) => void) =>
  (event: KeyboardEvent): void => {
    if (!isPress(event)) return
    event.preventDefault()
    act(event.currentTarget as Element)
  }
