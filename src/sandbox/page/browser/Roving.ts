/**
 * Lists that are one stop for the Tab key, and within which the arrows move: an element with `data-roving`, whose
 * `data-item`s are in its order. `data-roving="row"` goes left and right.
 *
 * @module
 */

const items = (list: Element): ReadonlyArray<HTMLElement> =>
  [...list.querySelectorAll<HTMLElement>("[data-item]")].filter(({ offsetParent }) => offsetParent !== null)

/** What is as it was is let be: a thousand members would be laid out anew with each drawing. */
const tab = (one: HTMLElement, isStop: boolean): void => {
  const index = isStop ? "0" : "-1"
  if (one.getAttribute("tabindex") !== index) one.setAttribute("tabindex", index)
}

/** After each drawing: every list has one stop, where the focus is, else what is current, else the first. */
export const settle = (root: ParentNode): void => {
  for (const list of root.querySelectorAll("[data-roving]")) {
    const all = items(list)
    const stop =
      all.find((one) => one === document.activeElement) ??
      all.find((one) => one.hasAttribute("aria-current") || one.getAttribute("aria-selected") === "true") ??
      all[0]
    for (const one of all) tab(one, one === stop)
  }
}

/** Handles the arrows, Home and End in every list below `root`. */
export const listen = (root: HTMLElement): void => {
  root.addEventListener("keydown", (event) => {
    const from = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-item]") : null
    const list = from?.closest("[data-roving]")
    if (!from || !list || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return
    const all = items(list)
    const to = target(all.indexOf(from), all.length, event.key, list.getAttribute("data-roving") === "row")
    if (to === undefined) return
    event.preventDefault()
    all[to]?.focus()
  })
  root.addEventListener("focusin", (event) => {
    const item = event.target instanceof Element ? event.target.closest("[data-item]") : null
    const list = item?.closest("[data-roving]")
    if (!item || !list) return
    for (const one of items(list)) tab(one, one === item)
  })
}

const target = (at: number, count: number, key: string, row: boolean): number | undefined => {
  if (key === (row ? "ArrowRight" : "ArrowDown")) return (at + 1) % count
  if (key === (row ? "ArrowLeft" : "ArrowUp")) return (at + count - 1) % count
  if (key === "Home") return 0
  if (key === "End") return count - 1
  return undefined
}
