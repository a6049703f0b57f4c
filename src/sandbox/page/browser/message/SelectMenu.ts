/**
 * A select menu that works with the keyboard and by name: `<page-select>`.
 *
 * It is a combobox with a listbox in the top layer, and a field to filter by where the list is long. One choice is
 * told at once; several are told when the list closes, or, where it is `eager`, one by one. A refused choice leaves
 * the menu as it was, so that it can be made again.
 *
 * @module
 */
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit"
import { repeat } from "lit/directives/repeat.js"
import type { Item } from "./Item.js"

/** A sign before a name: an emoji as text, a picture where it is an address. */
export const sign = (one: string | undefined): unknown =>
  one === undefined
    ? nothing
    : /^(https?:|data:|\/)/.test(one)
      ? html`<img class="sign" src=${one} alt="" />`
      : html`<span class="sign" aria-hidden="true">${one}</span>`

const filtered = 12

let made = 0

/** Tells `choose`, with the values in `detail`. */
export class SelectMenu extends LitElement {
  static override readonly properties = {
    label: {},
    placeholder: {},
    items: { attribute: false },
    min: { type: Number },
    max: { type: Number },
    values: { attribute: false },
    disabled: { type: Boolean },
    busy: { type: Boolean },
    eager: { type: Boolean },
    invalid: { type: Boolean },
    describedBy: {},
    open: { state: true },
    active: { state: true },
    query: { state: true },
    picked: { state: true },
  }
  declare label: string
  declare placeholder: string
  declare items: ReadonlyArray<Item>
  declare min: number
  declare max: number
  /** What is chosen from outside. */
  declare values: ReadonlyArray<string>
  declare disabled: boolean
  declare busy: boolean
  declare eager: boolean
  declare invalid: boolean
  declare describedBy: string
  declare private open: boolean
  declare private active: number
  declare private query: string
  declare private picked: ReadonlyArray<string>
  /** What was chosen when the list was opened. */
  private atOpen: ReadonlyArray<string> = []
  private readonly key = `select-${++made}`

  constructor() {
    super()
    this.label = this.placeholder = this.query = this.describedBy = ""
    this.items = this.values = this.picked = []
    this.min = this.max = 1
    this.active = -1
    this.disabled = this.busy = this.eager = this.invalid = this.open = false
  }

  protected override createRenderRoot(): HTMLElement {
    return this
  }

  override focus(): void {
    this.button?.focus()
  }

  private get button(): HTMLButtonElement | null {
    return this.querySelector("button")
  }

  private get list(): HTMLElement | null {
    return this.querySelector<HTMLElement>(".select-list")
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get("values")
    if (changed.has("values") && String(before ?? "") !== String(this.values)) this.picked = this.values
    const items = changed.get("items")
    if (items !== undefined) this.follow(items)
  }

  /** The list is another one: the row that Enter takes stays with its item, and what is gone is picked no more. */
  private follow(before: ReadonlyArray<Item>): void {
    const has = (all: ReadonlyArray<Item>, one: string) => all.some(({ value }) => value === one)
    const picked = this.picked.filter((one) => has(this.items, one) || !has(before, one))
    if (picked.length < this.picked.length) this.picked = picked
    const active = this.shownOf(before)[this.active]?.value
    if (active !== undefined) this.active = this.shown.findIndex(({ value }) => value === active)
  }

  protected override updated(): void {
    const { button, list } = this
    if (button !== null) button.popoverTargetElement = list
    this.querySelector(".active")?.scrollIntoView({ block: "nearest" })
  }

  private get shown(): ReadonlyArray<Item> {
    return this.shownOf(this.items)
  }

  private shownOf(items: ReadonlyArray<Item>): ReadonlyArray<Item> {
    const query = this.query.trim().toLowerCase()
    if (query === "") return items
    return items.filter(({ description, label }) =>
      `${label} ${description ?? ""}`.toLowerCase().includes(query),
    )
  }

  private place(): void {
    const { button, list } = this
    if (button === null || list === null) return
    const box = button.getBoundingClientRect()
    const below = window.innerHeight - box.bottom - 8
    const up = below < 240 && box.top > below
    list.style.left = `${Math.max(8, Math.min(box.left, window.innerWidth - 240))}px`
    list.style.minWidth = `${box.width}px`
    list.style.maxWidth = `${window.innerWidth - 16}px`
    list.style.maxHeight = `${Math.min(360, up ? box.top - 8 : below)}px`
    list.style.top = up ? "auto" : `${box.bottom + 4}px`
    list.style.bottom = up ? `${window.innerHeight - box.top + 4}px` : "auto"
  }

  /** Before it is shown: keys that follow at once find it open. */
  private readonly toggles = ({ newState }: ToggleEvent): void => {
    this.open = newState === "open"
    if (this.open) {
      this.place()
      this.atOpen = this.picked
      this.query = ""
      this.active = this.shown.findIndex(({ value }) => this.picked.includes(value))
    } else if (this.max > 1 && !this.eager && String(this.picked) !== String(this.atOpen)) this.tell()
  }

  private readonly toggled = (): void => {
    if (this.open) this.list?.querySelector("input")?.focus()
  }

  /** Tells what is chosen, also where it was chosen and refused before. */
  private readonly finish = (): void => {
    this.atOpen = this.picked
    this.list?.hidePopover()
    this.button?.focus()
    this.tell()
  }

  private tell(): void {
    if (this.picked.length < this.min && !this.eager) {
      this.picked = this.values
      return
    }
    this.dispatchEvent(new CustomEvent("choose", { detail: this.picked }))
  }

  private choose(value: string): void {
    const has = this.picked.includes(value)
    if (this.max > 1) {
      if (!has && this.picked.length >= this.max) return
      this.picked = has ? this.picked.filter((one) => one !== value) : [...this.picked, value]
      if (this.eager) this.tell()
      return
    }
    this.picked = has && this.min === 0 ? [] : [value]
    this.list?.hidePopover()
    this.button?.focus()
    this.tell()
  }

  private readonly pressed = (event: KeyboardEvent): void => {
    const { shown } = this
    const move = (by: number) => {
      event.preventDefault()
      if (!this.open) this.list?.showPopover()
      else if (shown.length > 0) this.active = (this.active + by + shown.length) % shown.length
    }
    switch (event.key) {
      case "ArrowDown":
        return move(1)
      case "ArrowUp":
        if (this.active === -1) this.active = 0
        return move(-1)
      case "Home":
      case "End":
        if (!this.open) return
        event.preventDefault()
        this.active = event.key === "Home" ? 0 : shown.length - 1
        return
      case "Enter":
      case " ": {
        if (!this.open || (event.key === " " && event.target instanceof HTMLInputElement)) return
        event.preventDefault()
        const item = shown[this.active]
        if (item !== undefined) this.choose(item.value)
        return
      }
      case "Escape":
        if (!this.open) return
        // A dialog around it stays.
        event.preventDefault()
        event.stopPropagation()
        this.list?.hidePopover()
        this.button?.focus()
        return
      case "Tab":
        if (this.open) this.list?.hidePopover()
        return
      default:
        this.find(event)
    }
  }

  /** A letter goes to the next item that begins with it, where there is no field to filter by. */
  private find({ altKey, ctrlKey, key, metaKey, target }: KeyboardEvent): void {
    if (altKey || ctrlKey || metaKey || [...key].length !== 1 || target instanceof HTMLInputElement) return
    if (!this.open) this.list?.showPopover()
    const { shown } = this
    const begins = ({ label }: Item) =>
      label.replace(/^[@#]/u, "").toLowerCase().startsWith(key.toLowerCase())
    const next = shown.findIndex((item, at) => at > this.active && begins(item))
    const found = next < 0 ? shown.findIndex(begins) : next
    if (found >= 0) this.active = found
  }

  protected override render(): TemplateResult {
    const { shown } = this
    const chosen = this.picked.map((value) => this.items.find((item) => item.value === value)).filter(isItem)
    return html`<button
        type="button"
        role="combobox"
        class="select"
        aria-label=${this.label}
        aria-haspopup="listbox"
        aria-expanded=${this.open}
        aria-controls=${this.key}
        aria-busy=${this.busy}
        aria-invalid=${this.invalid}
        aria-describedby=${this.describedBy === "" ? nothing : this.describedBy}
        aria-activedescendant=${this.active < 0 || !this.open ? nothing : `${this.key}-${this.active}`}
        ?disabled=${this.disabled || this.busy}
        @keydown=${this.pressed}
      >
        ${
          chosen.length === 0
            ? html`<span class="placeholder">${this.placeholder}</span>`
            : chosen.map(
                (item) =>
                  html`<span class=${this.max > 1 ? "chosen" : ""}>${sign(item.sign)} ${item.label}</span>`,
              )
        }
        <span class="arrow" aria-hidden="true">${this.busy ? "…" : "▾"}</span>
      </button>
      <div class="select-list popup" popover="auto" @beforetoggle=${this.toggles} @toggle=${this.toggled}>
        ${
          this.items.length > filtered
            ? html`<input
                type="search"
                aria-label="Filter"
                placeholder="Search"
                .value=${this.query}
                @input=${(event: Event) => {
                  this.query = (event.target as HTMLInputElement).value
                  this.active = this.shown.length === 0 ? -1 : 0
                }}
                @keydown=${this.pressed}
              />`
            : nothing
        }
        <div role="listbox" id=${this.key} aria-label=${this.label} aria-multiselectable=${this.max > 1}>
          ${repeat(
            // There may be a thousand, in each of many messages.
            this.open ? shown : [],
            ({ value }) => value,
            (item, n) =>
              html`<div
                role="option"
                id=${`${this.key}-${n}`}
                class=${n === this.active ? "option active" : "option"}
                aria-selected=${this.picked.includes(item.value)}
                @click=${() => this.choose(item.value)}
              >
                ${sign(item.sign)}
                <span class="words"
                  ><span style=${item.color === undefined ? nothing : `color: ${item.color}`}
                    >${item.label}</span
                  >${
                    item.description === undefined ? nothing : html`<small>${item.description}</small>`
                  }</span
                >
                <span class="tick" aria-hidden="true">${this.picked.includes(item.value) ? "✓" : ""}</span>
              </div>`,
          )}
          ${this.open && shown.length === 0 ? html`<div class="none">Nothing of that name</div>` : nothing}
        </div>
        ${
          this.max > 1 && !this.eager
            ? html`<button type="button" class="press secondary done" @click=${this.finish}>Done</button>`
            : nothing
        }
      </div>`
  }
}

const isItem = (item: Item | undefined): item is Item => item !== undefined

/** Makes the element known. */
export const define = (): void => {
  if (customElements.get("page-select") === undefined) customElements.define("page-select", SelectMenu)
}
