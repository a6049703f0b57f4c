/**
 * Where one writes: `<page-composer>`.
 *
 * Enter sends, Shift+Enter begins a line, the upward arrow edits one's last message, Escape leaves an answer or an
 * edit. A slash opens the list of commands; one that is chosen becomes a form, which makes way for the next line once it
 * is on its way. What was refused stays to be sent again.
 *
 * @module
 */
import { html, LitElement, nothing, type TemplateResult } from "lit"
import { keyed } from "lit/directives/keyed.js"
import { live } from "lit/directives/live.js"
import * as EmojiPicker from "../message/EmojiPicker.js"
import * as MessageMenu from "../message/MessageMenu.js"
import type { Channel, Upload } from "../../Protocol.js"
import { channel, type Draft, type Page } from "../Store.js"
import "./compose.css"
import * as Answering from "./Answering.js"
import * as Attached from "./Attached.js"
import * as CommandForm from "./CommandForm.js"
import * as CommandTree from "./CommandTree.js"
import * as Composing from "./Composing.js"
import * as Listbox from "./Listbox.js"
import * as Shortcodes from "./Shortcodes.js"
import * as Suggested from "./Suggested.js"
import * as Uploads from "./Uploads.js"

CommandForm.define()

/** How often typing is told at most, in milliseconds. Discord shows it for ten seconds. */
const typingPause = 8000
/** Discord: 2,000 characters. */
const maxLength = 2000
const listId = "composer-suggestions"

/** The composer of the open channel. */
export const render = (page: Page): TemplateResult =>
  html`<page-composer
    class="chat"
    .page=${page}
    .channelId=${page.store.channelId ?? ""}
    .tick=${{}}
  ></page-composer>`

/** A command whose form is there. */
interface Filling extends CommandTree.Line {
  /** Runs at once, if everything is in order. */
  readonly hasty: boolean
  /** `Away` while it is on its way; `Beside` once that was refused, where something else was begun meanwhile. */
  stands: "Alone" | "Away" | "Beside"
  /** As it would be typed whole. */
  line: string
}

class Composer extends LitElement {
  static override readonly properties = {
    page: { attribute: false },
    tick: { attribute: false },
    channelId: { attribute: false },
  }
  declare page: Page
  declare tick: unknown
  declare channelId: string
  private commands: ReadonlyArray<CommandTree.Leaf> = []
  private filling: Filling | undefined
  private active = 0
  /** Whether the arrows were used in the list: what is typed whole is otherwise meant as it stands. */
  private moved = false
  /** The text whose suggestions were put away. */
  private closed: string | undefined
  private caret = 0
  private told = -Infinity
  /** Files that are being read. They go with what is sent meanwhile. */
  private reading: Promise<ReadonlyArray<Upload>> | undefined

  protected override createRenderRoot(): HTMLElement {
    return this
  }

  private get draft(): Draft {
    return Composing.draft(this.page.store, this.channelId)
  }

  private get area(): HTMLTextAreaElement | null {
    return this.querySelector("textarea")
  }

  private redraw(): void {
    this.requestUpdate()
    this.performUpdate()
  }

  protected override updated(): void {
    const { area } = this
    if (area !== null) {
      area.style.height = "auto"
      area.style.height = `${Math.min(area.scrollHeight, window.innerHeight * 0.4)}px`
    }
    this.querySelector(".suggestions .active")?.scrollIntoView({ block: "nearest" })
    const ask = Composing.take(this.page.store)
    if (ask?._tag === "Focus" && this.isFilling) this.close()
    else if (ask?._tag === "Focus") {
      area?.focus()
      area?.setSelectionRange(area.value.length, area.value.length)
    }
    if (ask?._tag === "Command") void this.begin(ask.name)
  }

  private async begin(name: string): Promise<void> {
    await this.load()
    const leaf = this.commands.find((one) => one.name === name)
    if (leaf === undefined) this.page.notice(`There is no command /${name} here`)
    else {
      if (!this.isFilling) Composing.setAside(this.draft)
      this.fillIn({ leaf, texts: {} })
    }
  }

  private async load(): Promise<void> {
    this.commands = CommandTree.leaves(await this.page.commands(this.channelId))
    this.requestUpdate()
  }

  /** What was typed on meanwhile is a form by then, as it would be if the commands had been there. */
  private async loadAhead(typed: boolean): Promise<void> {
    await this.load()
    const { commands, draft } = this
    if (!typed || this.isFilling || !this.isConnected || draft.editing !== null) return
    const line = CommandTree.parse(commands, draft.text)
    if (line === undefined || line.unknown !== undefined) return
    if (draft.text.startsWith(`/${line.leaf.name} `)) this.fillIn(line)
  }

  /** Whether a command's form is where one writes. */
  private get isFilling(): boolean {
    return this.filling?.stands === "Alone"
  }

  private fillIn(line: CommandTree.Line, hasty = false): void {
    const { draft } = this
    // What begins with the command has become the form.
    draft.aside ??= { text: "", replyTo: draft.replyTo, files: draft.files }
    this.filling = { ...line, hasty, stands: "Alone", line: draft.text }
    this.redraw()
  }

  /** Takes the form away. */
  private close(): void {
    this.filling = undefined
    this.redraw()
    this.area?.focus()
  }

  /** The line goes on, with what was begun before, while the command is on its way. */
  private sent(filling: Filling): void {
    const isCurrent = filling === this.filling
    if (isCurrent && filling.stands === "Alone") Composing.resume(this.draft)
    filling.stands = "Away"
    if (!isCurrent) return
    this.redraw()
    this.area?.focus()
  }

  private refused(filling: Filling, why: string): void {
    const { draft } = this
    const isBegun = draft.text !== "" || draft.files.length > 0 || (draft.replyTo ?? draft.editing) !== null
    if (filling !== this.filling || !this.isConnected) {
      this.page.notice(`/${filling.leaf.name}: ${why}`)
      if (!isBegun) draft.text = filling.line
      return
    }
    filling.stands = isBegun ? "Beside" : "Alone"
    if (!isBegun) Composing.setAside(draft)
    const isHere = document.activeElement === this.area
    this.redraw()
    if (!isBegun && isHere) this.querySelector<HTMLElement>("page-command")?.focus()
  }

  private left(filling: Filling): void {
    if (filling.stands === "Alone") Composing.resume(this.draft)
    this.close()
  }

  private suggested(): Suggested.Suggested | undefined {
    const { caret, commands, draft, page } = this
    if (this.closed === draft.text || draft.editing !== null) return undefined
    return Suggested.find(page.store, draft.text, caret, commands, {
      command: (line) => this.fillIn(line),
      text: (text, at) => {
        draft.text = text
        this.caret = at
        this.redraw()
        this.area?.focus()
        this.area?.setSelectionRange(at, at)
      },
    })
  }

  private readonly typed = (event: Event): void => {
    const area = event.target as HTMLTextAreaElement
    const { draft } = this
    const before = draft.text
    draft.text = area.value
    this.caret = area.selectionStart
    this.active = 0
    this.moved = false
    this.closed = undefined
    if (draft.text.startsWith("/")) {
      if (!before.startsWith("/")) void this.loadAhead(draft.text === "/")
      // A command and a space: what follows is typed into its fields.
      const leaf = this.commands.find(({ name }) => draft.text === `/${name} `)
      if (leaf !== undefined && draft.text.length === before.length + 1)
        return this.fillIn({ leaf, texts: {} })
    } else if (draft.text.trim() !== "" && draft.editing === null) this.tell()
    this.redraw()
  }

  private tell(): void {
    const now = performance.now()
    if (now - this.told < typingPause) return
    this.told = now
    void this.page.tryAct({ _tag: "Type", channel: this.channelId })
  }

  private readonly pressed = (event: KeyboardEvent): void => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return
    const suggested = this.suggested()
    const next = Listbox.moved(event.key, this.active, suggested?.rows.length ?? 0)
    if (next !== undefined) {
      this.active = next
      this.moved = true
    } else if (event.key === "Tab" && suggested !== undefined && !event.shiftKey)
      suggested.choose(this.active)
    else if (event.key === "Enter" && !event.shiftKey) {
      if (suggested === undefined || (suggested.label === "Commands" && !this.moved))
        void this.enter(suggested)
      else suggested.choose(this.active)
    } else if (event.key === "Escape" && suggested !== undefined) this.closed = this.draft.text
    else if (event.key === "Escape" && (this.draft.editing ?? this.draft.replyTo) !== null)
      Composing.leave(this.page)
    else if (event.key === "ArrowUp" && this.draft.text === "" && this.draft.editing === null) this.editLast()
    else return
    event.preventDefault()
    event.stopPropagation()
    this.requestUpdate()
  }

  private editLast(): void {
    const last = MessageMenu.lastOwn(this.page, this.channelId)
    if (last !== undefined) Composing.edit(this.page, last.message.id, last.message.content)
  }

  /** Sends what stands there. A line that is a command is run, and becomes a form where something is amiss. */
  private async enter(suggested: Suggested.Suggested | undefined): Promise<void> {
    const { text } = this.draft
    if (!text.startsWith("/") || this.draft.editing !== null) return this.send()
    if (this.commands.length === 0) return this.enterLater()
    const line = CommandTree.parse(this.commands, text)
    if (line !== undefined) return this.run(line)
    const choices = suggested ?? this.suggested()
    if (choices?.label === "Commands") choices.choose(this.active)
    else await this.send()
  }

  /** The same, where the commands are not here yet: what is typed meanwhile is the next line. */
  private async enterLater(): Promise<void> {
    const { draft } = this
    // What goes with a message stays for the next one.
    const before: Draft = { ...draft, replyTo: null, files: [] }
    draft.text = ""
    this.redraw()
    await this.load()
    const line = CommandTree.parse(this.commands, before.text)
    if (line !== undefined && this.isConnected && draft.editing === null) {
      if (!this.isFilling) Composing.setAside(draft)
      return this.run(line)
    }
    const isBegun = draft.text !== ""
    Composing.giveBack(draft, before)
    this.redraw()
    if (isBegun || !this.isConnected)
      this.page.notice(`${before.text} was not sent: something else was begun before the commands were here.`)
    else if (this.suggested()?.label === "Commands") this.suggested()?.choose(this.active)
    else await this.send()
  }

  private run(line: CommandTree.Line): void {
    const { leaf, unknown } = line
    this.fillIn(line, unknown === undefined)
    if (unknown === undefined) return
    const known = leaf.fields.map(({ name }) => name).join(", ")
    const takes = known === "" ? "It takes none." : `It has: ${known}.`
    this.page.notice(`/${leaf.name} has no option ${unknown}. ${takes}`)
  }

  private async send(): Promise<void> {
    const { channelId, draft, page, reading } = this
    const { editing, replyTo } = draft
    const content = Shortcodes.sent(page.store, draft.text)
    const hasFiles = draft.files.length > 0 || reading !== undefined
    if (content === "" && (!hasFiles || editing !== null)) return
    if ([...content].length > maxLength) return
    const before = { ...draft }
    Composing.resume(draft)
    if (editing === null) this.reading = undefined
    this.told = -Infinity
    this.redraw()
    const line = editing === null ? before.text : ""
    const sent = await Composing.inTurn(page.store, channelId, line, async () => {
      if (editing !== null) return page.act({ _tag: "Edit", message: editing, content })
      const files = this.together(before.files, (await reading) ?? [])
      before.files = files
      return page.act({
        _tag: "Say",
        channel: channelId,
        content,
        ...(replyTo === null ? {} : { replyTo }),
        ...(files.length === 0 ? {} : { files }),
      })
    })
    if (sent === undefined) Composing.giveBack(draft, before)
    this.requestUpdate()
  }

  private async attach(files: Iterable<File>): Promise<void> {
    const { draft } = this
    const ahead = this.reading ?? []
    const beside = (draft.aside ?? draft).files
    const reading = Uploads.read(files, beside, (why) => this.page.notice(why)).then(async (read) => [
      ...(await ahead),
      ...read,
    ])
    this.reading = reading
    const read = await reading
    // Sent meanwhile, or others are read now: they are waited for there.
    if (this.reading !== reading) return
    this.reading = undefined
    // Neither an edit nor a command takes them: they go with what was begun before.
    const begun = draft.aside ?? draft
    begun.files = this.together(begun.files, read)
    this.redraw()
    this.area?.focus()
  }

  private together(some: ReadonlyArray<Upload>, more: ReadonlyArray<Upload>): ReadonlyArray<Upload> {
    const all = [...some, ...more]
    if (all.length > Uploads.maxFiles)
      this.page.notice(`${Uploads.maxFiles} files are the most for a message`)
    return all.slice(0, Uploads.maxFiles)
  }

  private readonly pasted = (event: ClipboardEvent): void => {
    const files = event.clipboardData?.files
    if (files === undefined || files.length === 0) return
    event.preventDefault()
    void this.attach([...files])
  }

  private readonly dropped = (event: DragEvent): void => {
    event.preventDefault()
    void this.attach([...(event.dataTransfer?.files ?? [])])
  }

  private pickEmoji(anchor: Element): void {
    EmojiPicker.open(this.page, anchor, (emoji, name) => {
      const { draft } = this
      draft.text += /^\d{17,}$/.test(emoji) ? `<:${name}:${emoji}>` : emoji
      this.redraw()
      this.area?.focus()
    })
  }

  protected override render(): TemplateResult {
    const { page } = this
    const here = channel(page.store)
    if (here === undefined) return html``
    if (here.closed !== null) return html`<p class="closed" role="note">${here.closed}</p>`
    const form = this.filling === undefined ? nothing : this.form(this.filling)
    // In one place, so that the form is the same where the line is beside it.
    return html`${form}${this.isFilling ? nothing : this.line(here)}`
  }

  private line(here: Channel): TemplateResult {
    const { draft } = this
    const suggested = this.suggested()
    const name = here.guildId === null ? `Message @${here.name}` : `Message #${here.name}`
    const left = maxLength - [...draft.text].length
    const isOpen = suggested !== undefined
    return html`<div @drop=${this.dropped} @dragover=${(event: Event) => event.preventDefault()}>
      ${
        suggested === undefined
          ? nothing
          : Listbox.render(suggested.rows, { ...suggested, id: listId, active: this.active })
      }
      ${Answering.render(this.page, this.channelId)} ${Attached.render(draft, () => this.requestUpdate())}
      <div class="compose-row">
        <label class="attach" title="Attach files"
          ><span aria-hidden="true">+</span
          ><input
            type="file"
            multiple
            aria-label="Attach files"
            @change=${(event: Event) => {
              const input = event.target as HTMLInputElement
              void this.attach([...(input.files ?? [])])
              input.value = ""
            }}
        /></label>
        <textarea
          rows="1"
          aria-label=${name}
          placeholder=${name}
          aria-autocomplete="list"
          aria-controls=${isOpen ? listId : nothing}
          aria-activedescendant=${isOpen ? Listbox.rowId(listId, this.active) : nothing}
          .value=${live(draft.text)}
          @input=${this.typed}
          @keydown=${this.pressed}
          @keyup=${this.looked}
          @click=${this.looked}
          @paste=${this.pasted}
        ></textarea>
        ${left > 200 ? nothing : html`<small class=${left < 0 ? "problem" : ""} role="status">${left}</small>`}
        <button
          type="button"
          class="tool"
          aria-label="Emoji"
          @click=${(event: Event) => this.pickEmoji(event.currentTarget as Element)}
        >
          ☺
        </button>
        <button
          type="button"
          class="tool"
          aria-label="Send message"
          @click=${() => void this.enter(suggested)}
        >
          ➤
        </button>
      </div>
    </div>`
  }

  /** Completions go by where the caret is. */
  private readonly looked = (): void => {
    const { area } = this
    if (area === null || area.selectionStart === this.caret) return
    this.caret = area.selectionStart
    this.requestUpdate()
  }

  private form(filling: Filling): TemplateResult {
    // Keyed, since another command is another form.
    return html`${keyed(
      filling,
      html`<page-command
        ?hidden=${filling.stands === "Away"}
        .page=${this.page}
        .tick=${{}}
        .leaf=${filling.leaf}
        .texts=${filling.texts}
        .hasty=${filling.hasty}
        .channelId=${this.channelId}
        @line=${({ detail }: CustomEvent<string>) => {
          filling.line = detail
          if (this.isFilling && filling === this.filling) this.draft.text = detail
        }}
        @leave=${() => this.left(filling)}
        @sent=${() => this.sent(filling)}
        @done=${() => {
          if (filling !== this.filling) return
          this.filling = undefined
          this.redraw()
        }}
        @refused=${({ detail }: CustomEvent<string>) => this.refused(filling, detail)}
      ></page-command>`,
    )}`
  }
}

customElements.define("page-composer", Composer)
