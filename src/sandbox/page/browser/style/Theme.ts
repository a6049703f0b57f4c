/**
 * Light or dark: as the system has it, or as this browser was told, which it keeps.
 *
 * @module
 */
import type { Page } from "../Store.js"

const key = "bosun.theme"
const light = matchMedia("(prefers-color-scheme: light)")

/** Puts the colours on, and follows the system. */
export const start = (page: Pick<Page, "store" | "changed">): void => {
  const put = () => {
    const kept = localStorage.getItem(key)
    page.store.dark = kept === null ? !light.matches : kept === "dark"
    document.documentElement.dataset["theme"] = page.store.dark ? "dark" : "light"
    page.changed()
  }
  light.addEventListener("change", put)
  // Told in another window.
  addEventListener("storage", (event) => {
    if (event.key === key) put()
  })
  put()
}

/** The other one, from now on. Back to what the system has is kept as having no wish. */
export const toggle = (page: Page): void => {
  const dark = !page.store.dark
  if (dark === light.matches) localStorage.setItem(key, dark ? "dark" : "light")
  else localStorage.removeItem(key)
  page.store.dark = dark
  document.documentElement.dataset["theme"] = dark ? "dark" : "light"
  page.changed()
}
