/**
 * What one can do with a message: by the buttons above it, by its menu, by the bot's commands for messages.
 *
 * @module
 */
import { html, nothing } from "lit"
import * as Composing from "../compose/Composing.js"
import type * as Protocol from "../../Protocol.js"
import { channel, type Page } from "../Store.js"
import * as Ask from "./Ask.js"
import * as Menu from "./Menu.js"
import * as Person from "./Person.js"
import * as PersonMenu from "./PersonMenu.js"
import * as Popup from "./Popup.js"
import * as Reactions from "./Reactions.js"

/** Discord: application commands of type 3 are shown on messages. */
const messageCommand = 3

const manageMessages = 1n << 13n
const createThreads = 1n << 35n
const pinMessages = 1n << 51n

/** Discord: ordinary messages and replies are what people write, and may edit. */
const written: ReadonlyArray<number> = [0, 19]

const isOwn = ({ store }: Page, { message }: Protocol.Message): boolean =>
  message.author.id === store.place.me.id && message.interaction_metadata === undefined

const mayEdit = (page: Page, shown: Protocol.Message): boolean =>
  isOwn(page, shown) && written.includes(shown.message.type) && shown.message.poll === undefined

const mayReply = ({ store }: Page, shown: Protocol.Message): boolean =>
  !shown.ephemeral && !shown.thinking && channel(store)?.closed === null

export const mayPin = ({ store }: Page, { ephemeral }: Protocol.Message): boolean =>
  !ephemeral &&
  (channel(store)?.guildId === null || Person.may(store, manageMessages) || Person.may(store, pinMessages))

/** Whether the last message is one's own: for the arrow that edits it. */
export const lastOwn = (page: Page, channelId: string): Protocol.Message | undefined =>
  page.store.messages.get(channelId)?.findLast((shown) => mayEdit(page, shown))

/** The buttons above a message. */
export const toolbar = (page: Page, shown: Protocol.Message): unknown => {
  const { id } = shown.message
  const button = (label: string, text: string, act: (anchor: Element) => void) =>
    html`<button
      type="button"
      aria-label=${label}
      title=${label}
      @click=${(event: Event) => act(event.currentTarget as Element)}
    >
      ${text}
    </button>`
  return html`<div slot="reply" class="toolbar" role="toolbar" aria-label="Message actions">
    ${
      Reactions.mayReact(page, shown)
        ? button("React", "☺", (anchor) => Reactions.add(page, id, anchor))
        : nothing
    }
    ${mayReply(page, shown) ? button("Reply", "↩", () => Composing.reply(page, id)) : nothing}
    ${mayEdit(page, shown) ? button("Edit", "✎", () => edit(page, shown)) : nothing}
    ${button("More", "⋯", (anchor) => void open(page, shown, anchor))}
  </div>`
}

const edit = (page: Page, { message }: Protocol.Message): void =>
  Composing.edit(page, message.id, message.content)

/** Opens the menu of a message. */
export const open = async (page: Page, shown: Protocol.Message, anchor: Popup.Anchor): Promise<void> => {
  const { message } = shown
  const { store } = page
  const { author, id } = message
  const here = channel(store)
  const commands = shown.ephemeral ? [] : await Popup.ready(page, page.commands(message.channel_id))
  if (commands === undefined) return
  const moderates = here?.guildId !== null && Person.may(store, manageMessages)
  const mayDelete = shown.ephemeral || isOwn(page, shown) || moderates
  const mayThread =
    !shown.ephemeral &&
    message.thread === undefined &&
    [0, 5].includes(here?.type ?? -1) &&
    Person.may(store, createThreads)
  const remove = () => void page.act({ _tag: "Delete", message: id })
  const copy = (what: string, text: string): Menu.Entry => ({
    label: `Copy ${what}`,
    act: () => Menu.copy(text, () => page.notice(`The clipboard is not to be had here: ${text}`)),
  })
  const when = (condition: boolean, ...entries: ReadonlyArray<Menu.Entry>) => (condition ? entries : [])
  Menu.open(anchor, "Message actions", [
    [
      ...when(mayReply(page, shown), { label: "Reply", act: () => Composing.reply(page, id) }),
      ...when(mayEdit(page, shown), { label: "Edit message", act: () => edit(page, shown) }),
      ...when(Reactions.mayReact(page, shown), {
        label: "Add reaction",
        act: () => Reactions.add(page, id, anchor),
      }),
      ...when(mayPin(page, shown), {
        label: message.pinned ? "Unpin message" : "Pin message",
        act: () => void page.act({ _tag: "Pin", message: id, on: !message.pinned }),
      }),
      ...when(mayThread, { label: "Start thread", act: () => startThread(page, shown, anchor) }),
    ],
    commands
      .filter(({ type }) => Number(type) === messageCommand)
      .map(({ name }) => ({
        label: name,
        act: () => void page.act({ _tag: "MessageMenu", command: name, message: id }),
      })),
    [
      { label: "Author…", act: () => void PersonMenu.openAt(page, author.id, anchor) },
      ...when(message.content !== "", copy("text", message.content)),
      copy("message ID", id),
    ],
    when(mayDelete, {
      label: shown.ephemeral ? "Dismiss message" : "Delete message",
      danger: true,
      act: ({ shiftKey }) => {
        if (shown.ephemeral || shiftKey) remove()
        else Ask.show(anchor, { text: "Delete this message?", yes: "Delete", act: remove })
      },
    }),
  ])
}

const startThread = (page: Page, { message }: Protocol.Message, anchor: Popup.Anchor): void => {
  const surface = Popup.show(
    anchor,
    { role: "dialog", label: "Start thread" },
    (close) =>
      html`<form
        class="ask"
        @submit=${(event: SubmitEvent) => {
          event.preventDefault()
          const name = String(new FormData(event.target as HTMLFormElement).get("name")).trim()
          if (name === "") return
          close()
          void start(name)
        }}
      >
        <label>Name of the thread <input name="name" required maxlength="100" autocomplete="off" /></label>
        <button class="press primary">Start</button>
      </form>`,
  )
  surface.querySelector("input")?.focus()
  const start = async (name: string): Promise<void> => {
    const { channel_id, id } = message
    const done = await page.act({ _tag: "Thread", channel: channel_id, name, message: id })
    // Whoever went elsewhere meanwhile stays there.
    if (done?.channel !== undefined && page.store.channelId === channel_id)
      page.open(page.store.guildId, done.channel)
  }
}
