/**
 * The messages that nobody wrote: somebody joined, something was pinned, a thread began.
 *
 * @module
 */
import "@skyra/discord-components-core/discord-system-message.js"
import type { APIMessage } from "discord-api-types/v10"
import { html, type TemplateResult } from "lit"
import * as Store from "../Store.js"
import type { Page } from "../Store.js"
import * as Person from "./Person.js"
import * as PersonMenu from "./PersonMenu.js"
import * as Timestamp from "./Timestamp.js"

type Icon = "alert" | "edit" | "join" | "leave" | "pin" | "thread" | "upgrade"

/** Discord's message types that are ordinary ones: text, replies, commands and what starts a thread. */
const ordinary: ReadonlyArray<number> = [0, 19, 20, 21, 23]

export const is = ({ type }: APIMessage): boolean => !ordinary.includes(type)

export const render = (page: Page, message: APIMessage): TemplateResult => {
  const [icon, words] = said(page, message)
  return html`<discord-system-message
    role="article"
    aria-label="System"
    id=${`message-${message.id}`}
    class="system"
    .type=${icon}
    .timestamp=${Timestamp.beside(Date.parse(message.timestamp), Store.now(page.store))}
    >${words}</discord-system-message
  >`
}

const name = (page: Page, id: string, known?: APIMessage["author"]): unknown =>
  html`<button
    type="button"
    class="name"
    @click=${(event: Event) => PersonMenu.open(page, id, event.currentTarget as Element)}
  >
    ${Person.name(page.store, id, known)}
  </button>`

const said = (page: Page, message: APIMessage): readonly [Icon, unknown] => {
  const author = name(page, message.author.id, message.author)
  const other = () => {
    const [first] = message.mentions
    return first === undefined ? "somebody" : name(page, first.id, first)
  }
  const type: number = message.type
  switch (type) {
    case 1:
      return ["join", html`${author} added ${other()} to the thread.`]
    case 2:
      return message.mentions[0]?.id === message.author.id
        ? ["leave", html`${author} left the thread.`]
        : ["leave", html`${author} removed ${other()} from the thread.`]
    case 4:
      return ["edit", html`${author} changed the name: <strong>${message.content}</strong>`]
    case 6: {
      const pinned = message.message_reference?.message_id
      const words = html`${author} pinned
      ${
        pinned === undefined
          ? "a message"
          : html`<button type="button" class="link" @click=${() => jump(pinned)}>a message</button>`
      }
      to this channel.`
      return ["pin", words]
    }
    case 7:
      return ["join", html`${author} joined the server.`]
    case 18: {
      const thread = Store.findChannel(page.store, message.message_reference?.channel_id ?? "")
      const words =
        thread === undefined
          ? html`<strong>${message.content}</strong>`
          : html`<button type="button" class="link" @click=${() => page.open(thread.guildId, thread.id)}>
              ${thread.name}
            </button>`
      return ["thread", html`${author} started a thread: ${words}`]
    }
    case 24: {
      const fields = message.embeds[0]?.fields ?? []
      const rule = fields.find((field) => field.name === "rule_name")?.value ?? "a rule"
      const text = message.embeds[0]?.description ?? message.content
      return ["alert", html`Auto-moderation acted on what ${author} wrote (${rule}): <q>${text}</q>`]
    }
    case 46: {
      const fields = message.embeds[0]?.fields ?? []
      const field = (key: string) => fields.find((one) => one.name === key)?.value
      const answer = field("victor_answer_text")
      const votes = field("victor_answer_votes") ?? "0"
      const words = html`${author}’s poll <strong>${field("poll_question_text") ?? ""}</strong> has closed:
        ${answer === undefined ? "there was no winner" : html`<strong>${answer}</strong> won with ${votes} votes`}
        of ${field("total_votes") ?? "0"}.`
      return ["upgrade", words]
    }
    default:
      return ["alert", html`${author} ${message.content === "" ? "did something" : message.content}`]
  }
}

/** Shows a message that is here, and marks it for a moment. */
export const jump = (messageId: string): void => {
  const row = document.getElementById(`message-${messageId}`)
  if (row === null) return
  row.scrollIntoView({ block: "center" })
  row.classList.remove("found")
  // The mark is an animation, which begins anew only for an element that was laid out without it.
  void row.offsetWidth
  row.classList.add("found")
  row.tabIndex = -1
  row.focus({ preventScroll: true })
}
