/**
 * A command that was chosen, with its options as fields: `<page-command>`.
 *
 * Enter runs it, once every field is in order; the first that is not says why, and has the focus. What the sandbox
 * refuses is said too, and what was typed stays. Tells `line`, with itself as it would be typed whole, `leave`, `sent`
 * once it is on its way, and then `done`, or `refused` with the reason.
 *
 * @module
 */
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit"
import type { Value } from "../../Protocol.js"
import type { Page } from "../Store.js"
import * as CommandField from "./CommandField.js"
import { more } from "./CommandField.js"
import { option, type Field, type Leaf } from "./CommandTree.js"
import * as Composing from "./Composing.js"
import * as FieldInput from "./FieldInput.js"
import * as Listbox from "./Listbox.js"
import * as Suggestions from "./Suggestions.js"
import * as Uploads from "./Uploads.js"

/** How long nothing is typed before suggestions are asked for, in milliseconds. */
const pause = 150

export class CommandForm extends LitElement {
  static override readonly properties = {
    page: { attribute: false },
    tick: { attribute: false },
    leaf: { attribute: false },
  }
  declare page: Page
  /** Changes with each drawing of the page. */
  declare tick: unknown
  declare leaf: Leaf
  /** What was typed before it was a form. */
  texts: Readonly<Record<string, string>> = {}
  /** Runs at once, if everything is in order. */
  hasty = false
  channelId = ""
  private readonly entries = new Map<string, CommandField.Entry>()
  private active = ""
  /** What is typed of the next option's name. */
  private next = ""
  private open = false
  private row = -1
  /** The rows as they are seen: who comes meanwhile may push them down. */
  private seen: ReadonlyArray<FieldInput.Suggestion> = []
  private busy = false
  private refusal: string | undefined
  private timer = 0
  /** Files that are being read. */
  private reading: Promise<void> | undefined

  private readonly hands: CommandField.Hands = {
    row: (name) => (this.active === name && this.rows().length > 0 ? this.row : undefined),
    add: (name) => this.focusField(name),
    focused: (name) => this.focused(name),
    blurred: () => this.blurred(),
    typed: (name, text) => (name === more ? this.typedNext(text) : this.typed(name, text)),
    pressed: (name, event) => this.pressed(name, event),
    upload: (name, input) => this.upload(name, input),
  }

  protected override createRenderRoot(): HTMLElement {
    return this
  }

  override connectedCallback(): void {
    super.connectedCallback()
    for (const field of this.leaf.fields) {
      const text = this.texts[field.name]
      if (field.required || text !== undefined) this.show(field.name, text ?? "")
    }
    this.performUpdate()
    // What it tells is heard once it is drawn.
    if (this.hasty) queueMicrotask(() => void this.run())
    else this.focus()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    window.clearTimeout(this.timer)
  }

  private show(name: string, text = ""): void {
    this.entries.set(name, { text, picked: undefined, problem: undefined, asked: undefined })
  }

  private field(name: string): Field | undefined {
    return this.leaf.fields.find((one) => one.name === name)
  }

  private redraw(): void {
    this.requestUpdate()
    this.performUpdate()
  }

  /** Gives a field the focus, and shows it before where it is not there yet; the button where there is none. */
  private focusField(name: string): void {
    if (name !== more && !this.entries.has(name)) this.show(name)
    this.next = ""
    this.redraw()
    const input = this.querySelector<HTMLElement>(`[data-field="${CSS.escape(name)}"]`)
    ;(input ?? this.querySelector<HTMLElement>(".run"))?.focus()
  }

  /** The options that are not there yet. */
  private get left(): ReadonlyArray<Field> {
    return this.leaf.fields.filter(({ name }) => !this.entries.has(name))
  }

  private rows(): ReadonlyArray<FieldInput.Suggestion> {
    if (this.active === more && this.open)
      return FieldInput.matching(
        this.left.map(({ description, name }) => ({ label: name, description, value: name })),
        this.next,
      )
    const field = this.field(this.active)
    const entry = this.entries.get(this.active)
    if (field === undefined || entry === undefined || !this.open) return []
    if (field.autocomplete) return Suggestions.of(entry, this.page.store.choices)
    const all = FieldInput.offered(this.page.store, field)
    return all === undefined ? [] : FieldInput.matching(all, entry.picked === undefined ? entry.text : "")
  }

  /** What there is to say of the suggestions, where there are none. */
  private suggestions(field: Field): string {
    const entry = this.entries.get(field.name)
    if (!field.autocomplete || !this.open || entry?.asked === undefined) return ""
    if (entry.asked.text !== entry.text) return ""
    const { choices, interactions } = this.page.store
    if (interactions.get(entry.asked.id)?.state === "Failed") return " · The suggestions did not come"
    const known = choices.get(entry.asked.id)
    if (known === undefined) return " · The bot is asked for suggestions…"
    return known.length === 0 ? " · The bot suggests nothing" : ""
  }

  private read(): { values: Record<string, Value>; wrong: string | undefined } {
    const values: Record<string, Value> = {}
    let wrong: string | undefined
    for (const field of this.leaf.fields) {
      const entry = this.entries.get(field.name)
      if (entry === undefined) continue
      const reading = FieldInput.read(this.page.store, field, entry.text, entry.picked)
      entry.problem = undefined
      if (reading === "Empty") continue
      if ("value" in reading) values[field.name] = reading.value
      else {
        entry.problem = reading.problem
        wrong ??= field.name
      }
    }
    return { values, wrong }
  }

  private async run(): Promise<void> {
    if (this.busy) return
    this.open = false
    window.clearTimeout(this.timer)
    this.busy = true
    if (this.reading !== undefined) {
      await this.reading
      // It was left meanwhile.
      if (!this.isConnected) return
    }
    const { values, wrong } = this.read()
    this.busy = wrong === undefined
    if (wrong !== undefined) return this.focusField(wrong)
    this.refusal = undefined
    this.redraw()
    const { channelId, leaf, page } = this
    this.tell("sent")
    const done = await Composing.inTurn(page.store, channelId, this.line, () =>
      page.tryAct({ _tag: "Slash", channel: channelId, command: leaf.name, values }),
    )
    this.busy = false
    if ("error" in done) this.refusal = done.error
    this.redraw()
    if ("error" in done) this.tell("refused", done.error)
    else this.tell("done")
  }

  /** Gives the first field the focus. */
  override focus(): void {
    this.focusField(this.leaf.fields.find(({ name }) => this.entries.has(name))?.name ?? more)
  }

  /** As it would be typed whole. */
  private get line(): string {
    const texts = [...this.entries].flatMap(([name, { text }]) => (text === "" ? [] : [` ${name}:${text}`]))
    return `/${this.leaf.name}${texts.join("")}`
  }

  private tell(what: "done" | "leave" | "line" | "refused" | "sent", detail?: string): void {
    this.dispatchEvent(new CustomEvent(what, { detail }))
  }

  protected override updated(): void {
    this.tell("line", this.line)
  }

  private ask(field: Field): void {
    window.clearTimeout(this.timer)
    this.timer = window.setTimeout(() => void this.suggest(field), pause)
  }

  private async suggest(field: Field): Promise<void> {
    const entry = this.entries.get(field.name)
    if (entry === undefined || entry.picked !== undefined) return
    const others = [...this.entries].flatMap(([name, each]): Array<[string, Value]> => {
      const declared = this.field(name)
      if (declared === undefined || name === field.name || declared.type === option.attachment) return []
      const reading = FieldInput.read(this.page.store, declared, each.text, each.picked)
      return reading !== "Empty" && "value" in reading ? [[name, reading.value]] : []
    })
    const { text } = entry
    const asked = await Composing.suggest(this.page, {
      _tag: "Autocomplete",
      channel: this.channelId,
      command: this.leaf.name,
      focused: field.name,
      values: { ...Object.fromEntries(others), [field.name]: text },
    })
    // An answer to what is no longer typed is of no use.
    if (entry.text !== text || asked === undefined) return
    entry.asked = { id: asked, text }
    this.row = text === "" ? -1 : 0
    this.seen = this.rows()
    this.requestUpdate()
  }

  private choose(at: number): void {
    const suggestion = this.seen[at]
    if (this.active === more && suggestion !== undefined) return this.focusField(String(suggestion.value))
    const entry = this.entries.get(this.active)
    if (suggestion === undefined || entry === undefined) return
    Object.assign(entry, { text: suggestion.label, picked: suggestion.value, problem: undefined })
    this.open = false
    const open = this.leaf.fields.find(({ name, required }) => {
      const other = this.entries.get(name)
      return required && other !== undefined && other.text === ""
    })
    if (open === undefined) this.redraw()
    else this.focusField(open.name)
  }

  private typedNext(text: string): void {
    this.next = text
    const field = this.left.find(({ name }) => text === `${name}:`)
    if (field !== undefined) return this.focusField(field.name)
    this.open = true
    this.row = text === "" || this.rows().length === 0 ? -1 : 0
    this.redraw()
  }

  private typed(name: string, text: string): void {
    const field = this.field(name)
    const entry = this.entries.get(name)
    if (entry === undefined || field === undefined) return
    // `name:` begins another option, as in a line that is typed whole.
    const other = this.leaf.fields.find(({ name }) => text === `${name}:` || text.endsWith(` ${name}:`))
    if (other !== undefined) {
      entry.text = text.slice(0, -other.name.length - 1).trimEnd()
      if (entry.text === "" && !field.required && other.name !== field.name) this.entries.delete(field.name)
      this.focusField(other.name)
      return
    }
    Object.assign(entry, { text, picked: undefined, problem: undefined })
    this.open = true
    this.row = text === "" || this.rows().length === 0 ? -1 : 0
    if (field.autocomplete) this.ask(field)
    this.redraw()
  }

  private focused(name: string): void {
    const field = this.field(name)
    const entry = this.entries.get(name)
    this.active = name
    this.open = entry?.picked === undefined
    this.row = field?.required === true && entry?.text === "" && !field.autocomplete ? 0 : -1
    this.seen = this.rows()
    if (field?.autocomplete === true && entry?.picked === undefined) this.ask(field)
    this.requestUpdate()
  }

  private blurred(): void {
    this.open = false
    this.requestUpdate()
  }

  private pressed(name: string, event: KeyboardEvent): void {
    if (event.isComposing) return
    const rows = this.seen
    const row = Listbox.moved(event.key, this.row, rows.length)
    if (row !== undefined) this.row = row
    else if (event.key === "ArrowDown") this.open = true
    else if (
      (event.key === "Enter" || event.key === "Tab") &&
      rows[this.row] !== undefined &&
      !event.shiftKey
    ) {
      this.choose(this.row)
      // Choosing goes on to a field that still wants something.
      if (event.key === "Tab" && this.active === name) return
    } else if (event.key === "Enter") void this.run()
    else if (event.key === "Backspace" && (name === more ? this.next : this.entries.get(name)?.text) === "")
      this.drop(name)
    else return
    event.preventDefault()
    this.requestUpdate()
  }

  /** Takes an empty field away; the last one takes the command with it. */
  private drop(name: string): void {
    const isRequired = this.field(name)?.required === true
    if (!isRequired) this.entries.delete(name)
    const before = [...this.entries.keys()].findLast((one) => one !== name)
    if (isRequired || before === undefined) this.leave()
    else this.focusField(before)
  }

  private leave(): void {
    this.tell("leave")
  }

  private readonly escaped = (event: KeyboardEvent): void => {
    if (event.key !== "Escape") return
    event.preventDefault()
    event.stopPropagation()
    if (this.rows().length === 0) return this.leave()
    this.open = false
    this.requestUpdate()
  }

  private upload(name: string, input: HTMLInputElement): void {
    // One after the other: all are waited for, and what was chosen last stays.
    this.reading = (this.reading ?? Promise.resolve()).then(() => this.readFile(name, input))
  }

  private async readFile(name: string, input: HTMLInputElement): Promise<void> {
    const others = [...this.entries].flatMap(([other, { picked }]) =>
      other !== name && typeof picked === "object" ? [picked] : [],
    )
    const [file] = await Uploads.read(input.files ?? [], others, (why) => this.page.notice(why))
    const entry = this.entries.get(name)
    if (entry === undefined || file === undefined) return
    Object.assign(entry, { text: file.name, picked: file, problem: undefined })
    this.requestUpdate()
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const rows = this.rows()
    const value = this.seen[this.row]?.value
    // The page was drawn anew: the row stays with what it was.
    if (changed.has("tick") && value !== undefined && rows.length > 0)
      this.row = rows.findIndex((one) => one.value === value)
    this.seen = rows
  }

  protected override render(): TemplateResult {
    const rows = this.seen
    const current = this.field(this.active)
    return html`<form
      class="command-form"
      aria-label=${`Command ${this.leaf.name}`}
      @keydown=${this.escaped}
      @submit=${(event: Event) => {
        event.preventDefault()
        void this.run()
      }}
    >
      ${
        rows.length === 0
          ? nothing
          : Listbox.render(rows, {
              id: CommandField.listId,
              label: this.active === more ? "Options" : `Choices for ${this.active}`,
              active: this.row,
              choose: (at) => this.choose(at),
            })
      }
      <p class="hint" id=${CommandField.hintId}>
        ${
          current === undefined
            ? this.leaf.description
            : html`<strong>${current.name}</strong> ${current.description}${
                  current.required ? nothing : " (optional)"
                }${this.suggestions(current)}`
        }
      </p>
      ${this.refusal === undefined ? nothing : html`<p class="problem" role="alert">${this.refusal}</p>`}
      <div class="command-fields">
        <strong class="command-name">/${this.leaf.name}</strong>
        ${this.leaf.fields
          .filter(({ name }) => this.entries.has(name))
          .map((field) => CommandField.render(field, this.entries.get(field.name), this.hands))}
        ${this.left.length === 0 ? nothing : CommandField.others(this.left, this.next, this.hands)}
        <span class="command-ends">
          <button class="press primary run" aria-busy=${this.busy}>Run</button>
          <button type="button" class="press quiet" @click=${() => this.leave()}>Cancel</button>
        </span>
      </div>
    </form>`
  }
}

/** Makes the element known. */
export const define = (): void => customElements.define("page-command", CommandForm)
