/**
 * The messages of the open channel, and the own commands that have no message: those that wait, and those that
 * failed.
 *
 * @module
 */
import "@skyra/discord-components-core/discord-messages.js"
import { html, nothing, type TemplateResult } from "lit"
import { keyed } from "lit/directives/keyed.js"
import { repeat } from "lit/directives/repeat.js"
import * as Composing from "../compose/Composing.js"
import type * as Protocol from "../../Protocol.js"
import * as Store from "../Store.js"
import type { Page } from "../Store.js"
import * as Legible from "./Legible.js"
import * as Log from "./Log.js"
import "./components.css"
import "./message.css"
import * as MessageRow from "./MessageRow.js"
import * as SelectMenu from "./SelectMenu.js"
import * as SystemLine from "./SystemLine.js"
import * as Timestamp from "./Timestamp.js"

Legible.define()
Log.define()
SelectMenu.define()

/** Messages of one author within this time stand together. Discord: seven minutes. */
const together = 7 * 60_000

type Line =
  | {
      readonly _tag: "Message"
      readonly id: string
      readonly shown: Protocol.Message
      readonly follows: boolean
    }
  | { readonly _tag: "Day"; readonly id: string; readonly day: string }
  | { readonly _tag: "Command"; readonly id: string; readonly interaction: Protocol.Interaction }

/** Failed commands that were put away. */
const dismissed = new Set<string>()

export const render = (page: Page): TemplateResult => {
  const { store } = page
  const channelId = store.channelId ?? ""
  const messages = store.messages.get(channelId)
  const more = store.more.has(channelId)
  return html`<page-log
      class="chat messages"
      role="log"
      aria-label="Messages"
      aria-busy=${messages === undefined && !store.failed.has(channelId)}
      .spot=${store.view.spots.get(channelId) ?? null}
      @spot=${({ detail }: CustomEvent<Store.Spot | null>) => {
        if (detail === null) store.view.spots.delete(channelId)
        else store.view.spots.set(channelId, detail)
      }}
      @top=${() => void page.older(channelId)}
      @end=${({ detail }: CustomEvent<boolean>) => {
        store.view.above = !detail
        page.changed()
      }}
      @tick=${page.changed}
      >${
        // The library's elements take their colours when they are made.
        keyed(
          store.dark,
          html`<discord-messages no-background ?light-theme=${!store.dark}
            >${
              messages === undefined
                ? store.failed.has(channelId)
                  ? failed(page, channelId)
                  : html`<p class="quiet" role="status">Loading…</p>`
                : html`${
                    more
                      ? html`<button type="button" class="older" @click=${() => void page.older(channelId)}>
                          Load older messages
                        </button>`
                      : beginning(store, messages.length === 0)
                  }${repeat(
                    lines(store, channelId, messages),
                    ({ _tag, id }) => `${_tag}${id}`,
                    (line) => one(page, line),
                  )}${store.failed.has(channelId) ? failed(page, channelId) : nothing}`
            }</discord-messages
          >`,
        )
      }</page-log
    >${store.view.above ? newest : nothing}`
}

const toNewest = () => document.querySelector<Log.Log>("page-log")?.toEnd()

const newest = html`<div class="newest">
  <button type="button" @click=${toNewest}>To the newest messages ↓</button>
</div>`

const one = (page: Page, line: Line): TemplateResult => {
  switch (line._tag) {
    case "Day":
      return html`<div role="separator" class="day"><span>${line.day}</span></div>`
    case "Command":
      return command(page, line.interaction)
    case "Message":
      return SystemLine.is(line.shown.message)
        ? SystemLine.render(page, line.shown.message)
        : MessageRow.render(page, line.shown, line.follows)
  }
}

const failed = (page: Page, channelId: string): TemplateResult =>
  html`<p class="quiet" role="status">
    The newest messages could not be loaded.
    <button type="button" class="link" @click=${() => void page.load(channelId)}>Try again</button>
  </p>`

const beginning = (store: Store.Store, isEmpty: boolean): unknown => {
  const channel = Store.channel(store)
  if (channel === undefined) return nothing
  const name = channel.guildId === null ? `your messages with ${channel.name}` : `#${channel.name}`
  return html`<p class="quiet">This is the beginning of ${name}.</p>
    ${
      isEmpty && channel.closed === null
        ? html`<p class="quiet">
              This is a sandbox: a Discord of its own on this machine, with the bot in it. You are
              <strong>${store.place.me.name}</strong>; the button with that name chooses who you are.
            </p>
            <p class="quiet">
              Type <strong>/</strong> for the bot's commands. Developer, at the top right, shows what goes on
              between the bot and Discord, and has faults and the clock.
            </p>`
        : nothing
    }`
}

const lines = (
  store: Store.Store,
  channelId: string,
  messages: ReadonlyArray<Protocol.Message>,
): ReadonlyArray<Line> => {
  const commands = [...store.interactions.values()].filter(
    (one) => one.channelId === channelId && isShown(store, one),
  )
  const result: Array<Line> = []
  let before: Protocol.Message | undefined
  let lastDay = ""
  const put = (line: Line, at: number) => {
    const day = Timestamp.day(at)
    if (day !== lastDay) {
      result.push({ _tag: "Day", id: line.id, day })
      before = undefined
    }
    lastDay = day
    result.push(line)
  }
  for (const shown of messages) {
    const { id, timestamp } = shown.message
    while (commands[0] !== undefined && Store.isOlder(commands[0].id, id)) putCommand()
    const at = Date.parse(timestamp)
    const isNewDay = Timestamp.day(at) !== lastDay
    put({ _tag: "Message", id, shown, follows: !isNewDay && follows(before, shown) }, at)
    before = shown
  }
  while (commands[0] !== undefined) putCommand()
  return result

  function putCommand(): void {
    const interaction = commands.shift()
    if (interaction === undefined) return
    put({ _tag: "Command", id: interaction.id, interaction }, Timestamp.ofId(interaction.id))
    before = undefined
  }
}

/** Whether a message stands under one of the same author without saying who wrote it. */
const follows = (before: Protocol.Message | undefined, { ephemeral, message }: Protocol.Message): boolean =>
  before !== undefined &&
  before.message.author.id === message.author.id &&
  // A webhook may write under any name.
  before.message.author.username === message.author.username &&
  before.message.author.avatar === message.author.avatar &&
  before.ephemeral === ephemeral &&
  !SystemLine.is(before.message) &&
  message.type === 0 &&
  message.interaction_metadata === undefined &&
  Date.parse(message.timestamp) - Date.parse(before.message.timestamp) < together

/** Commands are shown while they wait, and once they failed; what else comes of them are messages. */
const isShown = (store: Store.Store, one: Protocol.Interaction): boolean =>
  one.messageId === null &&
  one.name !== null &&
  (one.state === "Waiting" || (one.state === "Failed" && !dismissed.has(one.id))) &&
  !Composing.isSuggestion(store, one)

const command = (page: Page, { id, name, reason, state }: Protocol.Interaction): TemplateResult => {
  if (state === "Waiting")
    return html`<div class="command" role="status">
      <span class="dots" aria-hidden="true">…</span> <strong>${MessageRow.called(name ?? "")}</strong> is on
      its way to the bot
    </div>`
  const dismiss = () => {
    dismissed.add(id)
    page.changed()
  }
  return html`<div class="command failure" role="alert">
    <span><strong>${MessageRow.called(name ?? "")}</strong>: ${reason ?? "This interaction failed"}</span>
    <small
      >Only you can see this · <button type="button" class="link" @click=${dismiss}>Dismiss</button></small
    >
  </div>`
}
