/**
 * A small surface above the page, beside what opened it: menus and the choice of an emoji. One at a time; Escape, a
 * press elsewhere or a choice closes it, and the focus goes back.
 *
 * @module
 */
import { render } from "lit"
import type { Page } from "../Store.js"

/** Where it opens: beside an element, or at a point of the window. */
export type Anchor = Element | { readonly x: number; readonly y: number }

export interface Options {
  readonly role: "menu" | "dialog"
  readonly label: string
}

let open: HTMLElement | undefined

/** Shows something. `draw` is given what closes it. */
export const show = (
  anchor: Anchor,
  { label, role }: Options,
  draw: (close: () => void) => unknown,
): HTMLElement => {
  open?.remove()
  const before = document.activeElement
  const surface = document.createElement("div")
  surface.className = "popup surface"
  surface.popover = "auto"
  surface.setAttribute("role", role)
  surface.setAttribute("aria-label", label)
  const close = () => {
    if (surface.matches(":popover-open")) surface.hidePopover()
  }
  surface.addEventListener("toggle", (event) => {
    if ((event as ToggleEvent).newState !== "closed") return
    const had = surface.contains(document.activeElement) || document.activeElement === document.body
    surface.remove()
    if (open === surface) open = undefined
    if (had && before instanceof HTMLElement) before.focus()
  })
  // A dialog makes everything outside of it inert.
  const home = (anchor instanceof Element ? anchor.closest("dialog") : null) ?? document.body
  home.append(surface)
  render(draw(close), surface)
  surface.showPopover()
  open = surface
  place(surface, anchor)
  return surface
}

/**
 * Waits for what a surface shows. `undefined` where one writes, or is in another surface or channel, by then: it would
 * take the keys that are meant for those.
 */
export const ready = async <A>({ store }: Page, answer: Promise<A>): Promise<A | undefined> => {
  const { channelId } = store
  const before = document.activeElement
  const result = await answer
  const now = document.activeElement
  const isElsewhere = now !== before && now?.closest("input, textarea, select, dialog, .popup") !== null
  return isElsewhere || channelId !== store.channelId ? undefined : result
}

const place = (surface: HTMLElement, anchor: Anchor): void => {
  const box =
    anchor instanceof Element
      ? anchor.getBoundingClientRect()
      : { left: anchor.x, top: anchor.y, bottom: anchor.y }
  const { height, width } = surface.getBoundingClientRect()
  const top = box.bottom + height + 8 > window.innerHeight ? box.top - height - 4 : box.bottom + 4
  surface.style.left = `${Math.max(8, Math.min(box.left, window.innerWidth - width - 8))}px`
  surface.style.top = `${Math.max(8, Math.min(top, window.innerHeight - height - 8))}px`
}
