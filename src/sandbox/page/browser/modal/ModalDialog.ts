/**
 * The modal on one's screen: `<page-modal>`.
 *
 * Each wrong field says what is wrong, and the first has the focus. While the bot is waited for it stays, busy; what
 * is refused, and a bot that does not take it, is said inside, with all that was put in kept. Escape and Cancel
 * dismiss it, of which the bot learns nothing.
 *
 * @module
 */
import { html, LitElement, nothing, type TemplateResult } from "lit"
import { keyed } from "lit/directives/keyed.js"
import type * as Protocol from "../../Protocol.js"
import * as Component from "../message/Component.js"
import * as Markdown from "../message/Markdown.js"
import * as Notice from "../Notice.js"
import type { Page, Store } from "../Store.js"
import * as FieldView from "./FieldView.js"
import "./modal.css"
import * as ModalField from "./ModalField.js"

/** How long the word of a submitted modal's interaction may take to come, in milliseconds. */
const grace = 1000

/** A modal that was submitted, and whose outcome is not known yet. */
interface Sent {
  readonly modal: Protocol.Modal
  readonly interaction: string | undefined
  /** In milliseconds of `performance.now`. */
  readonly at: number
}

const sent = new WeakMap<Store, Sent>()

/** What comes of what was submitted last. */
const outcome = (store: Store): Protocol.Interaction["state"] | undefined => {
  const one = sent.get(store)
  if (one === undefined) return undefined
  const state = one.interaction === undefined ? undefined : store.interactions.get(one.interaction)?.state
  return state ?? (performance.now() - one.at < grace ? "Waiting" : undefined)
}

/** The modal to be shown: the one that was submitted, while it waits; one that failed is on the screen again. */
const shown = (store: Store): Protocol.Modal | undefined =>
  outcome(store) === "Waiting" ? sent.get(store)?.modal : store.modals.at(-1)

export const isOpen = (store: Store): boolean => shown(store) !== undefined

export const render = (page: Page): TemplateResult => {
  const { store } = page
  const waits = outcome(store) === "Waiting"
  const modal = shown(store)
  if (modal === undefined) return html``
  return html`${keyed(
    modal.interactionId,
    html`<page-modal .page=${page} .modal=${modal} .waits=${waits} .tick=${{}}></page-modal>`,
  )}`
}

class ModalDialog extends LitElement {
  static override readonly properties = {
    page: { attribute: false },
    modal: { attribute: false },
    waits: { attribute: false },
    tick: { attribute: false },
  }
  declare page: Page
  declare modal: Protocol.Modal
  declare waits: boolean
  declare tick: unknown
  private readonly values = new Map<string, ModalField.Value>()
  private readonly problems = new Map<string, string>()
  private sending = false
  private refusal: string | undefined
  private opener: Element | null = null

  protected override createRenderRoot(): HTMLElement {
    return this
  }

  private get fields(): ReadonlyArray<ModalField.Field> {
    return this.modal.components.map((top) => ModalField.of(top)).filter((one) => one !== undefined)
  }

  private value(field: ModalField.Field): ModalField.Value {
    return this.values.get(field.customId) ?? ModalField.initial(field)
  }

  protected override firstUpdated(): void {
    this.opener = document.activeElement
    this.querySelector("dialog")?.showModal()
    this.control(this.fields[0])?.focus()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    if (this.opener instanceof HTMLElement && this.opener.isConnected) this.opener.focus()
  }

  private control(field: ModalField.Field | undefined): HTMLElement | null {
    if (field === undefined) return null
    return this.querySelector(
      `[data-field="${CSS.escape(field.customId)}"] :is(input, textarea, button.select)`,
    )
  }

  private put(field: ModalField.Field, value: ModalField.Value): void {
    this.values.set(field.customId, value)
    // What was wrong is told until it is right, and nothing is told before the first try.
    const problem = ModalField.problem(field, value)
    if (problem === undefined) this.problems.delete(field.customId)
    else if (this.problems.has(field.customId)) this.problems.set(field.customId, problem)
    this.requestUpdate()
  }

  private async submit(): Promise<void> {
    if (this.sending || this.waits) return
    this.problems.clear()
    this.refusal = undefined
    for (const field of this.fields) {
      const problem = ModalField.problem(field, this.value(field))
      if (problem !== undefined) this.problems.set(field.customId, problem)
    }
    this.requestUpdate()
    const wrong = this.fields.find(({ customId }) => this.problems.has(customId))
    if (wrong !== undefined) {
      await this.updateComplete
      this.control(wrong)?.focus()
      return
    }
    await this.send()
  }

  private async send(): Promise<void> {
    const { modal, page } = this
    this.sending = true
    // It is off the sandbox's screen as soon as it is submitted; here it waits for what comes of it.
    sent.set(page.store, { modal, interaction: undefined, at: Infinity })
    const done = await page.tryAct({
      _tag: "Submit",
      interactionId: modal.interactionId,
      fields: Object.fromEntries(this.fields.map((field) => [field.customId, this.value(field)])),
    })
    this.sending = false
    if (sent.get(page.store)?.modal !== modal) {
      // Dismissed meanwhile; where it was not taken, it is open still.
      if ("error" in done) void page.tryAct({ _tag: "Dismiss", interactionId: modal.interactionId })
      return
    }
    if ("error" in done) {
      sent.delete(page.store)
      this.refusal = done.error
    } else {
      sent.set(page.store, { modal, interaction: done.interaction, at: performance.now() })
      window.setTimeout(page.changed, grace)
    }
    this.requestUpdate()
    page.changed()
  }

  private dismiss(): void {
    const { modal, page } = this
    const { store } = page
    const others = store.modals.filter(({ interactionId }) => interactionId !== modal.interactionId)
    const isOpen = others.length < store.modals.length && outcome(store) !== "Waiting"
    sent.delete(store)
    store.modals = others
    if (isOpen) void page.act({ _tag: "Dismiss", interactionId: modal.interactionId })
    page.changed()
  }

  /** What is said inside: a refusal, or that the bot did not take it. */
  private get failure(): string | undefined {
    if (this.refusal !== undefined) return this.refusal
    const { store } = this.page
    const last = sent.get(store)
    if (last?.modal.interactionId !== this.modal.interactionId || outcome(store) !== "Failed")
      return undefined
    const reason = store.interactions.get(last.interaction ?? "")?.reason
    return `Something went wrong. Try again.${reason === null || reason === undefined ? "" : ` (${reason})`}`
  }

  protected override render(): TemplateResult {
    const { failure, modal, page } = this
    const busy = this.sending || this.waits
    return html`<dialog
      class="modal chat"
      aria-labelledby="modal-title"
      @cancel=${(event: Event) => {
        // A file field's chooser is cancelled with an event of the same name.
        if (event.target !== event.currentTarget) return
        event.preventDefault()
        this.dismiss()
      }}
    >
      <form
        novalidate
        aria-busy=${busy}
        @submit=${(event: Event) => {
          event.preventDefault()
          void this.submit()
        }}
      >
        <header>
          <h2 id="modal-title">${modal.title}</h2>
          <button type="button" class="close" aria-label="Close" @click=${() => this.dismiss()}>✕</button>
        </header>
        <div class="modal-fields">${modal.components.map((top) => this.one(top, busy))}</div>
        ${failure === undefined ? nothing : html`<p class="problem" role="alert">${failure}</p>`}
        <footer>
          <button type="button" class="press secondary" @click=${() => this.dismiss()}>Cancel</button>
          <button class="press primary" aria-busy=${busy} aria-disabled=${busy}>
            ${busy ? "Submitting…" : "Submit"}
          </button>
        </footer>
        <small
          >This goes to
          ${page.store.place.people.find(({ id }) => id === page.store.place.botId)?.name ?? "the bot"}.</small
        >
      </form>
      ${Notice.render(page, true)}
    </dialog>`
  }

  private one(top: Component.Json, busy: boolean): unknown {
    if (top["type"] === Component.type.textDisplay)
      return html`<div class="text-display">
        ${Markdown.render(this.page, Component.text(top["content"]))}
      </div>`
    const field = ModalField.of(top)
    if (field === undefined) return nothing
    return FieldView.render({
      page: this.page,
      field,
      value: this.value(field),
      problem: this.problems.get(field.customId),
      disabled: busy,
      put: (value) => this.put(field, value),
    })
  }
}

customElements.define("page-modal", ModalDialog)
