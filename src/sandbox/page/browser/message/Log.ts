/**
 * The surface that messages are in: `<page-log>`. It stays at the newest while one is there, keeps its place when
 * older ones come above, goes back to where one was, and is one stop for the Tab key, within which the arrows go from message to message. Where
 * what had the focus goes away (a button that was pressed), the message has it.
 *
 * @module
 */

import { isOlder, type Spot } from "../Store.js"

/** How near the end counts as being there, in pixels. */
const near = 60

const idOf = ({ id }: HTMLElement): string => id.slice(id.lastIndexOf("-") + 1)

/**
 * Tells `top` when one comes to the oldest, `end` when one comes to the newest or leaves it, `spot` with where one is
 * (`null` at the newest), and `tick` every second where something in it goes by the time.
 */
export class Log extends HTMLElement {
  /** Where one was, to be set before it is shown: what is older is asked for until it is there. */
  spot: Spot | null = null
  /** The same, as long as it is to be gone to: until somebody scrolls. */
  private goal: Spot | null = null
  private stuck = true
  /** How far the end was below the top of what is seen, and how much there was, when it was last looked at. */
  private rest = 0
  private height = 0
  /** The oldest message that was here then. */
  private oldest = ""
  private timer = 0
  private readonly sizes = new ResizeObserver(() => this.settle())
  private readonly contents = new MutationObserver(() => this.watch())
  /** The message that the focus is in. */
  private held: HTMLElement | undefined
  private readonly changes = new MutationObserver(() => this.hold())

  connectedCallback(): void {
    this.goal = this.spot
    this.addEventListener("scroll", this.scrolled)
    this.addEventListener("keydown", this.pressed)
    this.addEventListener("focusin", this.focused)
    this.contents.observe(this, { childList: true })
    this.changes.observe(this, { childList: true, subtree: true, attributeFilter: ["disabled"] })
    document.addEventListener("pointerdown", this.left, true)
    document.addEventListener("focusin", this.left, true)
    this.sizes.observe(this)
    this.timer = window.setInterval(() => {
      if (this.querySelector("discord-time, .poll") !== null) this.dispatchEvent(new CustomEvent("tick"))
    }, 1000)
    this.watch()
  }

  disconnectedCallback(): void {
    this.removeEventListener("scroll", this.scrolled)
    this.removeEventListener("keydown", this.pressed)
    this.removeEventListener("focusin", this.focused)
    this.contents.disconnect()
    this.changes.disconnect()
    document.removeEventListener("pointerdown", this.left, true)
    document.removeEventListener("focusin", this.left, true)
    this.sizes.disconnect()
    window.clearInterval(this.timer)
  }

  private watch(): void {
    for (const child of this.children) this.sizes.observe(child)
    this.settle()
  }

  private settle(): void {
    const rows = this.rows()
    const oldest = rows[0]?.id ?? ""
    if (!this.stuck && this.spot !== null && rows.length > 0 && !this.has(this.spot)) this.goal = this.spot
    if (this.goal !== null && rows.length > 0) this.goBack(this.goal, rows)
    else if (this.stuck) this.scrollTop = this.scrollHeight
    else if (oldest !== this.oldest && this.scrollTop < near) this.scrollTop = this.scrollHeight - this.rest
    this.oldest = oldest
    this.look()
    for (const row of rows) if (!row.hasAttribute("tabindex")) row.tabIndex = -1
    if (rows.length > 0 && !rows.some(({ tabIndex }) => tabIndex === 0)) rows.at(-1)!.tabIndex = 0
  }

  private has({ id }: Spot): boolean {
    return this.querySelector(`#message-${id}`) !== null
  }

  /** A message that is gone gives way to the next one. */
  private goBack(goal: Spot, rows: ReadonlyArray<HTMLElement>): void {
    const at = rows.findIndex((row) => !isOlder(idOf(row), goal.id))
    const row = rows[at]
    if (at === 0 && !this.has(goal) && this.querySelector(".older") !== null) {
      this.scrollTop = this.scrollHeight
      this.dispatchEvent(new CustomEvent("top"))
    } else if (row === undefined) this.toEnd()
    else {
      this.scrollTop += row.getBoundingClientRect().top - this.getBoundingClientRect().top - goal.offset
      this.leave(this.scrollHeight - this.scrollTop - this.clientHeight < near)
    }
  }

  /** Goes to the newest. */
  toEnd(): void {
    this.goal = null
    this.scrollTop = this.scrollHeight
    this.look()
    this.leave(true)
  }

  private leave(stuck: boolean): void {
    if (stuck !== this.stuck) this.dispatchEvent(new CustomEvent("end", { detail: stuck }))
    this.stuck = stuck
    this.spot = stuck ? null : (this.first() ?? null)
    this.dispatchEvent(new CustomEvent("spot", { detail: this.spot }))
  }

  /** The first message that is seen: they stand in order. */
  private first(): Spot | undefined {
    const rows = this.rows()
    const { top } = this.getBoundingClientRect()
    let [from, to] = [0, rows.length]
    while (from < to) {
      const middle = (from + to) >> 1
      if ((rows[middle]?.getBoundingClientRect().bottom ?? 0) > top) to = middle
      else from = middle + 1
    }
    const row = rows[from]
    return row === undefined
      ? undefined
      : { id: idOf(row), offset: Math.round(row.getBoundingClientRect().top - top) }
  }

  private look(): void {
    this.rest = this.scrollHeight - this.scrollTop
    this.height = this.scrollHeight + this.clientHeight
  }

  private rows(): ReadonlyArray<HTMLElement> {
    return [...this.querySelectorAll<HTMLElement>("[role=article]")]
  }

  private readonly scrolled = (): void => {
    // The browser scrolls too, where something grew: nobody went anywhere then.
    if (this.scrollHeight + this.clientHeight !== this.height) return this.settle()
    this.look()
    const goal = this.goal === null ? null : this.querySelector(`#message-${this.goal.id}`)
    if (goal !== null && this.goal !== null) {
      const { top } = this.getBoundingClientRect()
      if (Math.abs(goal.getBoundingClientRect().top - top - this.goal.offset) < 2) return
    }
    // What is gone to is not here yet, and its loading scrolls too.
    if (this.goal !== null && goal === null && this.rest - this.clientHeight < near) return
    this.goal = null
    this.leave(this.rest - this.clientHeight < near)
    if (this.scrollTop < near && !this.stuck) this.dispatchEvent(new CustomEvent("top"))
  }

  private readonly focused = (event: FocusEvent): void => {
    const rows = this.rows()
    const row = rows.find((one) => one.contains(event.target as Node))
    if (row !== undefined) for (const one of rows) one.tabIndex = one === row ? 0 : -1
  }

  /** Whether the focus is, or goes, into a message. */
  private readonly left = (event: Event): void => {
    const target = event.target instanceof Element ? event.target : null
    const isStop = event.type === "focusin" || target?.closest("button, a, [tabindex], page-select") !== null
    this.held = isStop ? (target?.closest<HTMLElement>("page-log [role=article]") ?? undefined) : undefined
  }

  private hold(): void {
    const { activeElement } = document
    if (this.held?.isConnected !== true || (activeElement !== null && activeElement !== document.body)) return
    this.held.focus({ preventScroll: true })
  }

  private readonly pressed = (event: KeyboardEvent): void => {
    const rows = this.rows()
    const at = rows.indexOf(event.target as HTMLElement)
    if (at < 0) return
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: rows.length - 1 }[event.key]
    if (to === undefined) return
    event.preventDefault()
    rows[to]?.focus()
  }
}

/** Makes the element known. */
export const define = (): void => customElements.define("page-log", Log)
