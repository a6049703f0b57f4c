/**
 * One message.
 *
 * @module
 */
import "@skyra/discord-components-core/discord-message.js"
import "@skyra/discord-components-core/discord-reply.js"
import "@skyra/discord-components-core/discord-thread.js"
import type { APIMessage } from "discord-api-types/v10"
import { html, nothing, type TemplateResult } from "lit"
import type * as Protocol from "../../Protocol.js"
import * as Store from "../Store.js"
import type { Page } from "../Store.js"
import * as Attachments from "./Attachments.js"
import * as Components from "./Components.js"
import * as Doing from "./Doing.js"
import * as Embed from "./Embed.js"
import * as Forwarded from "./Forwarded.js"
import * as Markdown from "./Markdown.js"
import * as MessageMenu from "./MessageMenu.js"
import * as Person from "./Person.js"
import * as PersonMenu from "./PersonMenu.js"
import * as Poll from "./Poll.js"
import * as Reactions from "./Reactions.js"
import * as Stickers from "./Stickers.js"
import * as SystemLine from "./SystemLine.js"
import * as Timestamp from "./Timestamp.js"

/** A thread begins with a message that has nothing of its own: it shows the one that the thread was started from. */
const started = (shown: Protocol.Message): Protocol.Message => {
  const { message } = shown
  const original: APIMessage | null | undefined = message.referenced_message
  if (Number(message.type) !== 21 || original === null || original === undefined) return shown
  const { attachments, author, content, embeds, sticker_items = [] } = original
  return {
    ...shown,
    message: {
      ...message,
      attachments,
      author,
      content,
      embeds,
      sticker_items,
      edited_timestamp: original.edited_timestamp,
    },
  }
}

/** A message. `follows` says that it stands under one of the same author, so that the name need not be said again. */
export const render = (page: Page, original: Protocol.Message, follows: boolean): TemplateResult => {
  const shown = started(original)
  const { message } = shown
  const { store } = page
  const { author } = message
  const name = Person.name(store, author.id, author)
  const icon = Person.roleIcon(store, author.id)
  const at = Date.parse(message.timestamp)
  const when = follows ? Timestamp.time(at) : Timestamp.beside(at, Store.now(store))
  return html`<discord-message
    role="article"
    aria-label=${name}
    id=${`message-${message.id}`}
    class=${shown.ephemeral ? "own-eyes" : ""}
    data-message=${message.id}
    .author=${name}
    .avatar=${shown.avatar ?? Person.avatar(store, author.id, name)}
    .bot=${author.bot === true}
    .roleColor=${Person.color(store, author.id)}
    .roleIcon=${icon?.url}
    .roleName=${icon?.name}
    .timestamp=${when}
    .edited=${message.edited_timestamp !== null && !shown.thinking && message.content !== ""}
    .messageBodyOnly=${follows}
    .highlight=${mentionsMe(store, message)}
    @click=${(event: MouseEvent) => pressAuthor(page, author.id, event)}
    @contextmenu=${(event: MouseEvent) => openMenu(page, shown, event)}
    @keydown=${(event: KeyboardEvent) => pressKey(page, shown, event)}
    >${MessageMenu.toolbar(page, shown)}${above(page, message)}${content(page, shown)}${Forwarded.render(
      page,
      message,
    )}${Attachments.render(message)}${Stickers.render(message)}${Embed.render(page, message)}${Components.render(page, shown)}${Poll.render(page, shown)}${Reactions.render(
      page,
      shown,
    )}${thread(page, message)}${below(page, shown)}</discord-message
  >`
}

/** How a command is named: those of slashes have small letters, those of menus seldom. */
export const called = (name: string): string => (/^[-_\p{Ll}\p{Lo}\p{N} ]+$/u.test(name) ? `/${name}` : name)

const mentionsMe = (store: Store.Store, message: APIMessage): boolean => {
  const { me } = store.place
  if (message.author.id === me.id) return false
  const mine = Store.member(store, me.id)?.roles ?? []
  return (
    message.mention_everyone ||
    message.mentions.some(({ id }) => id === me.id) ||
    message.mention_roles.some((id) => mine.includes(id))
  )
}

const content = (page: Page, { message, thinking }: Protocol.Message): unknown => {
  if (thinking)
    return html`<span class="thinking" role="status"
      >${Person.name(page.store, message.author.id, message.author)} is thinking…</span
    >`
  return message.content === "" ? nothing : Markdown.render(page, message.content)
}

/** What the message answers: another message, or a command. */
const above = (page: Page, message: APIMessage): unknown => {
  const { store } = page
  const used = message.interaction
  if (used !== undefined) {
    const user = Person.name(store, used.user.id, used.user)
    return html`<discord-reply
      slot="reply"
      role="note"
      aria-label=${`${user} used ${called(used.name)}`}
      .author=${user}
      .avatar=${Person.avatar(store, used.user.id, user)}
      .roleColor=${Person.color(store, used.user.id) ?? "inherit"}
      >used <span class="used">${called(used.name)}</span></discord-reply
    >`
  }
  const id = message.message_reference?.message_id
  if (id === undefined || message.type !== 19) return nothing
  const here = store.messages.get(message.channel_id)?.find((one) => one.message.id === id)
  const original = here?.message ?? message.referenced_message
  if (original === null || original === undefined)
    return html`<discord-reply slot="reply" deleted></discord-reply>`
  const author = Person.name(store, original.author.id, original.author)
  const jump = () => SystemLine.jump(id)
  return html`<discord-reply
    slot="reply"
    role="link"
    tabindex="0"
    class="jump"
    aria-label=${`Reply to ${author}`}
    .author=${author}
    .avatar=${here?.avatar ?? Person.avatar(store, original.author.id, author)}
    .bot=${original.author.bot === true}
    .roleColor=${Person.color(store, original.author.id) ?? "inherit"}
    .mentions=${message.mentions.some((one) => one.id === original.author.id)}
    .attachment=${original.attachments.length > 0}
    @click=${jump}
    @keydown=${(event: KeyboardEvent) => {
      if (event.key !== "Enter") return
      event.stopPropagation()
      jump()
    }}
    >${original.content === "" ? html`<em>Press to see it</em>` : plain(page, original.content)}</discord-reply
  >`
}

/** The first line of a text, without what can be pressed. */
const plain = ({ store }: Page, text: string): string =>
  text
    .split("\n", 1)[0]!
    .replace(/<@!?(\d+)>/g, (_, id: string) => `@${Person.name(store, id)}`)
    .replace(/\[([^\]]+)\]\([^)]+\)/g, "$1")
    .replace(/[*_~`|]{2,}|[*`]/g, "")
    .slice(0, 140)

const thread = (page: Page, message: APIMessage): unknown => {
  const started = message.thread
  if (started === undefined) return nothing
  const open = () => page.open(page.store.guildId, started.id)
  const count = "message_count" in started ? Number(started.message_count ?? 0) : 0
  const name = Store.findChannel(page.store, started.id)?.name ?? started.name ?? "Thread"
  return html`<discord-thread
    slot="thread"
    role="link"
    tabindex="0"
    aria-label=${`Thread ${name}`}
    .name=${name}
    .cta=${`${count} ${count === 1 ? "message" : "messages"}`}
    @click=${open}
    @keydown=${(event: KeyboardEvent) => {
      if (event.key !== "Enter") return
      event.stopPropagation()
      open()
    }}
    >Open thread</discord-thread
  >`
}

/** What only this person is told: that nobody else sees it, and that a press came to nothing. */
const below = (page: Page, { ephemeral, message }: Protocol.Message): unknown => {
  const failure = Doing.failure(page.store, message.id)
  if (!ephemeral && failure === undefined) return nothing
  return html`<div slot="thread" class="below">
    ${failure === undefined ? nothing : html`<div class="failure" role="alert">${failure}</div>`}
    ${
      ephemeral
        ? html`<small>
            <span aria-hidden="true">👁</span> Only you can see this ·
            <button
              type="button"
              class="link"
              aria-label="Dismiss message"
              @click=${() => void page.act({ _tag: "Delete", message: message.id })}
            >
              Dismiss
            </button>
          </small>`
        : nothing
    }
  </div>`
}

/** The name and the picture are within the library's element. */
const pressAuthor = (page: Page, userId: string, event: MouseEvent): void => {
  const pressed = event
    .composedPath()
    .find(
      (one): one is Element =>
        one instanceof Element && one.matches(".discord-author-username, .discord-author-avatar"),
    )
  if (pressed !== undefined && event.target === event.currentTarget) PersonMenu.open(page, userId, pressed)
}

const openMenu = (page: Page, shown: Protocol.Message, event: MouseEvent): void => {
  // The browser's own menu stays for links, and for what is marked.
  const path = event.composedPath()
  if (path.some((one) => one instanceof HTMLAnchorElement) || window.getSelection()?.isCollapsed === false)
    return
  event.preventDefault()
  const row = event.currentTarget as Element
  const { clientX: x, clientY: y } = event
  void MessageMenu.open(page, shown, x === 0 && y === 0 ? row : { x, y })
}

const pressKey = (page: Page, shown: Protocol.Message, event: KeyboardEvent): void => {
  if (event.target !== event.currentTarget || event.key !== "Enter") return
  event.preventDefault()
  void MessageMenu.open(page, shown, event.currentTarget as Element)
}
