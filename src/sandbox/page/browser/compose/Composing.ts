/**
 * What is being written, by channel, and what the rest of the page asks of the composer: to answer or edit a message,
 * to mention somebody, to begin with a command.
 *
 * @module
 */
import type { Act, Interaction } from "../../Protocol.js"
import { type Begun, bound, type Draft, type Page, type Store } from "../Store.js"

const nothing: Begun = { text: "", replyTo: null, files: [] }

/** The draft of a channel, made at the first ask. */
export const draft = (store: Store, channelId: string): Draft => {
  const known = store.drafts.get(channelId)
  if (known !== undefined) return known
  const made: Draft = { ...nothing, editing: null, aside: null }
  store.drafts.set(channelId, made)
  return made
}

/** What the composer is to do when it is drawn next. */
export type Ask = { readonly _tag: "Focus" } | { readonly _tag: "Command"; readonly name: string }

const asks = new WeakMap<Store, Ask>()

/** The last ask, once. */
export const take = (store: Store): Ask | undefined => {
  const ask = asks.get(store)
  asks.delete(store)
  return ask
}

const ask = ({ changed, store }: Page, what: Ask): void => {
  asks.set(store, what)
  changed()
}

const change = (page: Page, alter: (draft: Draft) => void): void => {
  const { channelId } = page.store
  if (channelId === null) return
  alter(draft(page.store, channelId))
  ask(page, { _tag: "Focus" })
}

/** Answers a message. */
export const reply = (page: Page, messageId: string): void =>
  change(page, (one) => {
    if (one.editing !== null) resume(one)
    one.replyTo = messageId
    if (one.aside !== null) one.aside.replyTo = messageId
  })

/** Edits an own message. What was begun before waits until the edit is over. */
export const edit = (page: Page, messageId: string, content: string): void =>
  change(page, (one) => {
    if (one.editing === null) setAside(one)
    Object.assign(one, { ...nothing, editing: messageId, text: content })
  })

/** Makes room for something else, until `resume`. */
export const setAside = (one: Draft): void => {
  const { files, replyTo, text } = one
  one.aside = { files, replyTo, text }
}

/** What stood there was sent, or left: goes on with what was begun before, if anything was. */
export const resume = (one: Draft): void => {
  given.delete(one)
  Object.assign(one, { ...nothing, ...one.aside, editing: null, aside: null })
}

/** Puts something behind the text. */
export const append = (page: Page, text: string): void =>
  change(page, (one) => {
    one.text += `${one.text === "" || one.text.endsWith(" ") ? "" : " "}${text} `
  })

/** Leaves the answer or the edit. */
export const leave = (page: Page): void =>
  change(page, (one) => {
    if (one.editing !== null) resume(one)
    one.replyTo = null
  })

/** What was given back, and stands at the beginning of a text. */
const given = new WeakMap<Begun, string>()

/** What was given back of a text, and what was begun after it. */
const parted = (one: Begun): { readonly head: string; readonly tail: string } => {
  const before = given.get(one) ?? ""
  const head = one.text.startsWith(before) ? before : ""
  return { head, tail: one.text.slice(head.length).replace(/^\n/, "") }
}

const lines = (...all: ReadonlyArray<string>): string => all.filter((text) => text !== "").join("\n")

const isLike = (one: Begun, other: Begun): boolean =>
  one.text === other.text && one.replyTo === other.replyTo && one.files.length === other.files.length

/** Puts back what was refused, in its order, above what was begun meanwhile; an edit gives way to what was begun. */
export const giveBack = (now: Draft, refused: Draft): void => {
  if (now.editing === null && isLike(now, refused.aside ?? nothing)) {
    Object.assign(now, refused)
    given.set(now, refused.text)
    return
  }
  if (refused.editing !== null) return
  const into = now.aside ?? now
  const { head, tail } = parted(into)
  const back = lines(head, refused.text)
  Object.assign(into, {
    text: lines(back, tail),
    files: [...refused.files, ...into.files],
    replyTo: into.replyTo ?? refused.replyTo,
  })
  given.set(into, back)
}

/** What is sent in a channel, one after the other, and the texts of what is not answered yet. */
interface Line {
  last: Promise<unknown>
  readonly waiting: Set<{ readonly text: string }>
}

const queues = new WeakMap<Store, Map<string, Line>>()

const lineOf = (store: Store, channelId: string): Line => {
  const all = queues.get(store) ?? new Map<string, Line>()
  queues.set(store, all)
  const line = all.get(channelId) ?? { last: Promise.resolve(), waiting: new Set() }
  all.set(channelId, line)
  return line
}

/** Sends after what was sent before: requests of their own could overtake each other. `send` must not reject. */
export const inTurn = <A>(
  store: Store,
  channelId: string,
  text: string,
  send: () => Promise<A>,
): Promise<A> => {
  const line = lineOf(store, channelId)
  const entry = { text }
  line.waiting.add(entry)
  const turn = line.last.then(send)
  line.last = turn.then(() => line.waiting.delete(entry))
  return turn
}

/** What is written in a channel and not known to be sent, for whoever leaves the window before it is. */
export const unsent = (store: Store, channelId: string): string => {
  const one = draft(store, channelId)
  const begun = one.editing === null ? one : (one.aside ?? nothing)
  const { head, tail } = parted(begun)
  return lines(head, ...[...lineOf(store, channelId).waiting].map(({ text }) => text), tail)
}

/** Begins with a command, `mod ban`. */
export const pick = (page: Page, name: string): void => ask(page, { _tag: "Command", name })

/** The interactions that asked for suggestions, and how many such requests are under way. */
interface Suggesting {
  readonly ids: Set<string>
  asking: number
}

const suggesting = new WeakMap<Store, Suggesting>()

const suggestingOf = (store: Store): Suggesting => {
  const known = suggesting.get(store) ?? { ids: new Set(), asking: 0 }
  suggesting.set(store, known)
  return known
}

/** Asks for suggestions; gives the interaction whose they will be. */
export const suggest = async (
  { store, tryAct }: Page,
  act: Extract<Act, { readonly _tag: "Autocomplete" }>,
): Promise<string | undefined> => {
  const known = suggestingOf(store)
  known.asking++
  const done = await tryAct(act)
  known.asking--
  if ("error" in done || done.interaction === undefined) return undefined
  known.ids.add(done.interaction)
  bound(known.ids, 200)
  return done.interaction
}

/** Whether an interaction is one that asks for suggestions: it looks like its command's. */
export const isSuggestion = (store: Store, { id, state }: Interaction): boolean => {
  const { asking, ids } = suggestingOf(store)
  return ids.has(id) || state === "ChoicesShown" || (asking > 0 && state === "Waiting")
}
