/**
 * The sandbox's clock, and the ways to move it on.
 *
 * @module
 */
import { html, type TemplateResult } from "lit"
import * as Api from "../Api.js"
import * as Store from "../Store.js"

const second = 1000
const minute = 60 * second
const steps: ReadonlyArray<readonly [string, number]> = [
  ["+10 s", 10 * second],
  ["+1 min", minute],
  ["+15 min", 15 * minute],
  ["+1 h", 60 * minute],
  ["+1 day", 24 * 60 * minute],
]
const units: ReadonlyArray<readonly [string, number]> = [
  ["milliseconds", 1],
  ["seconds", second],
  ["minutes", minute],
  ["hours", 60 * minute],
  ["days", 24 * 60 * minute],
]

const shown = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "medium", timeZone: "UTC" })

export const render = (page: Store.Page): TemplateResult => {
  const { clock, view } = page.store
  const now = Store.now(page.store)
  const still = !clock.movable || clock.moving || view.clock.busy
  const advance = async (millis: number) => {
    // Not drawn yet, perhaps, that it moves.
    if (!(millis > 0) || view.clock.busy) return
    view.clock.busy = true
    page.changed()
    const done = await page.tryAct({ _tag: "Advance", millis: Math.round(millis) })
    view.clock.busy = false
    view.clock.error = Api.isRefused(done) ? done.error : null
    page.changed()
  }
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const fields = new FormData(event.currentTarget as HTMLFormElement)
    void advance(Number(fields.get("amount")) * Number(fields.get("unit")))
  }
  return html`
    <div class="clock">
      <time role="timer" aria-label="The sandbox's time" datetime=${new Date(now).toISOString()}
        >${shown.format(now)} UTC</time
      >
      <p class="tool-note" role="status">${state(clock.movable, clock.moving || view.clock.busy)}</p>
    </div>
    <div class="presets" role="group" aria-label="Move the clock">
      ${steps.map(
        ([name, millis]) => html`<button ?disabled=${still} @click=${() => advance(millis)}>${name}</button>`,
      )}
    </div>
    <form class="line" @submit=${submit}>
      <label>By <input name="amount" type="number" min="1" step="1" value="30" required /></label>
      <select name="unit" aria-label="Unit">
        ${units.map(
          ([name, millis]) => html`<option value=${millis} ?selected=${millis === minute}>${name}</option>`,
        )}
      </select>
      <button type="submit" ?disabled=${still}>Move</button>
    </form>
    <p class="error" role="alert">${view.clock.error ?? ""}</p>
  `
}

const state = (movable: boolean, moving: boolean): string => {
  if (!movable) return "This is the real time; it goes by itself."
  return moving ? "Moving…" : "It goes by itself, and can be moved on: what is due until then happens."
}
