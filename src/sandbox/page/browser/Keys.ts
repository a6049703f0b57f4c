/**
 * The keys that work everywhere on the page.
 *
 * @module
 */
import * as Channel from "./place/Channel.js"
import * as Channels from "./place/Channels.js"
import * as Store from "./Store.js"

const regions = ["servers", "channels", "self", "chat", "composer", "members", "developer"]

export const listen = (page: Store.Page): void => {
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return
    if (act(page, event)) event.preventDefault()
  })
}

/** Whether the key was one of these. */
const act = (page: Store.Page, event: KeyboardEvent): boolean => {
  const { key } = event
  const command = event.ctrlKey || event.metaKey
  if (document.querySelector("dialog[open]") !== null) return false
  if (key === "F6") return region(event.shiftKey ? -1 : 1)
  if (command && key === "k") return show(page, { _tag: "Switcher", query: "", at: 0 })
  if (command && key === ".") return tools(page)
  if (event.altKey && (key === "ArrowUp" || key === "ArrowDown"))
    return step(page, key === "ArrowUp" ? -1 : 1)
  if (key === "Escape") return shut(page)
  if (command || event.altKey || [...key].length !== 1 || key === " ") return false
  return write(page)
}

const show = (page: Store.Page, sheet: Store.Sheet): boolean => {
  page.store.view.sheet = sheet
  page.changed()
  return true
}

const tools = (page: Store.Page): boolean => {
  const { view } = page.store
  view.tool = view.tool === null ? "traffic" : null
  page.changed()
  return true
}

const shut = (page: Store.Page): boolean => {
  const { view, notice } = page.store
  if (notice !== null) {
    page.notice(null)
    return true
  }
  const covered = Channels.narrow.matches && view.tool !== null
  if (view.drawer === null && !covered) return false
  view.drawer = null
  if (covered) view.tool = null
  page.changed()
  return true
}

/** The focus goes to the next part that is there: to its stop, else to itself. */
const region = (by: number): boolean => {
  const there = regions
    .map((name) => document.querySelector<HTMLElement>(`[data-region="${name}"]`))
    .filter(
      (element) => element !== null && element.offsetParent !== null && element.closest("[inert]") === null,
    )
  // The innermost: the composer stands within the chat.
  const at = there.findLastIndex((element) => element?.contains(document.activeElement))
  for (let n = 1; n <= there.length; n++) {
    const next = there[(at + by * n + 2 * there.length + (at < 0 && by < 0 ? 1 : 0)) % there.length]
    const stop = next === null || next === undefined ? null : stopOf(next)
    if (!stop) continue
    stop.focus()
    if (document.activeElement === stop) return true
  }
  return true
}

/** Where the focus goes within a part: the newest message, where one writes, the list's stop, whatever else takes it. */
const stopOf = (part: HTMLElement): HTMLElement | null =>
  part.id === "chat"
    ? ([...part.querySelectorAll<HTMLElement>("page-log [role=article]")].at(-1) ??
      part.querySelector<HTMLElement>(".posts [data-item]") ??
      part)
    : [
        "textarea, [role=textbox], [contenteditable]",
        "[data-item][tabindex='0']",
        "button, a[href], input, select",
      ].reduce<HTMLElement | null>((found, kind) => found ?? part.querySelector<HTMLElement>(kind), null)

/** The channels as they stand in the list. */
const step = (page: Store.Page, by: number): boolean => {
  const guild = Store.guild(page.store)
  const all = guild === undefined ? page.store.place.directs : Channel.listed(guild)
  const at = all.findIndex(({ id }) => id === page.store.channelId)
  const next = all[(at + by + all.length) % all.length]
  if (next !== undefined) page.open(next.guildId, next.id)
  return true
}

/** Somebody starts to write, wherever the focus is: the letter goes into the message. */
const write = ({ store }: Store.Page): boolean => {
  const from = document.activeElement
  const busy =
    from?.closest(
      "input, textarea, select, [contenteditable], [role=listbox], [role=menu], [role=combobox], .developer",
    ) ?? null
  if (busy !== null || store.channelId === null) return false
  const field = document.querySelector<HTMLElement>("#composer textarea, #composer [contenteditable]")
  // The key itself is not held back: the browser types it where the focus is by then.
  field?.focus()
  return false
}
