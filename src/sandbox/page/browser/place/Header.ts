/**
 * Above the chat: the channel's name and topic, and what can be opened beside it.
 *
 * @module
 */
import { html, nothing, type TemplateResult } from "lit"
import * as Pins from "../sheet/Pins.js"
import * as Store from "../Store.js"
import { icon, type Name } from "../style/Icon.js"
import * as Channel from "./Channel.js"
import * as Channels from "./Channels.js"

/** Discord: the bits of the permissions to start public and private threads. */
const threadBits = (1n << 35n) | (1n << 36n)

export const render = (page: Store.Page): TemplateResult => {
  const { store } = page
  const { view } = store
  const channel = Store.channel(store)
  const narrow = Channels.narrow.matches
  const show = (sheet: Store.Sheet) => () => {
    view.sheet = sheet
    page.changed()
  }
  const drawer = (name: "places" | "members") => () => {
    view.drawer = view.drawer === name ? null : name
    page.changed()
    // After the drawing, into what lies on top now.
    const into = view.drawer === "places" ? ".channels" : ".members"
    if (view.drawer !== null)
      requestAnimationFrame(() => document.querySelector<HTMLElement>(`${into} [tabindex="0"]`)?.focus())
  }
  // Where there is no room for both, the last that was opened stands.
  const covered = view.tool !== null && Channels.tight.matches
  const members = () => {
    view.members = covered || !view.members
    if (covered) view.tool = null
    page.changed()
  }
  const tools = () => {
    view.tool = view.tool === null ? "traffic" : null
    view.drawer = null
    page.changed()
  }
  const membersShown = narrow ? view.drawer === "members" : view.members && !covered
  return html`<header class="top">
    ${narrow ? toggle("menu", "Servers and channels", view.drawer === "places", drawer("places")) : nothing}
    <div class="where">
      <h1>
        ${
          channel === undefined
            ? "Nowhere"
            : html`${Channels.picture(store, channel)}<span>${channel.name}</span>`
        }
      </h1>
      ${parent(store)}
      ${channel?.topic ? html`<p class="topic" title=${channel.topic}>${channel.topic}</p>` : nothing}
    </div>
    <div class="bar">
      ${
        channel !== undefined && Channel.takesThreads(channel) && mayStart(channel.permissions)
          ? button("thread", "Start a thread", show({ _tag: "Thread" }))
          : nothing
      }
      ${hasArchived(store) ? button("archive", "Archived threads", show({ _tag: "Archived" })) : nothing}
      ${
        channel === undefined || Channel.isForum(channel)
          ? nothing
          : button("pin", "Pinned messages", () => Pins.open(page))
      }
      ${
        Store.guild(store) === undefined
          ? nothing
          : toggle("people", "Members", membersShown, narrow ? drawer("members") : members)
      }
      ${store.faults.plan === null ? nothing : html`<span class="badge warn" title=${store.faults.plan}>Faults on</span>`}
      ${toggle("tools", "Developer", view.tool !== null, tools)}
      ${button("keys", "Keys", show({ _tag: "Keys" }))}
    </div>
  </header>`
}

/** Of a thread, the channel that it is in. */
const parent = (store: Store.Store) => {
  const channel = Store.channel(store)
  const above =
    channel !== undefined && Channel.isThread(channel) && channel.parentId !== null
      ? Store.findChannel(store, channel.parentId)
      : undefined
  if (above === undefined) return nothing
  const state = [channel?.archived === true ? "archived" : "", channel?.locked === true ? "locked" : ""]
  return html`<p class="topic">in #${above.name} ${state.filter((one) => one !== "").join(", ")}</p>`
}

const hasArchived = (store: Store.Store): boolean => {
  const [guild, channel] = [Store.guild(store), Store.channel(store)]
  if (guild === undefined || channel === undefined || Channel.isForum(channel)) return false
  return Channel.archivedOf(guild, channel.id).length > 0
}

const mayStart = (permissions: string): boolean => {
  const bits = BigInt(permissions)
  return (bits & threadBits) !== 0n || (bits & 8n) !== 0n
}

const button = (picture: Name, name: string, act: () => void) =>
  html`<button class="plain" aria-label=${name} title=${name} aria-haspopup="dialog" @click=${act}>
    ${icon(picture)}
  </button>`

const toggle = (picture: Name, name: string, on: boolean, act: () => void) =>
  html`<button class="plain" aria-label=${name} title=${name} aria-pressed=${on} @click=${act}>
    ${icon(picture)}
  </button>`
