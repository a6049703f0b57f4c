/**
 * What is being written, by channel, and what the rest of the page asks of the composer: to answer or edit a message,
 * to mention somebody, to begin with a command.
 *
 * @module
 */
import type { Act, Interaction } from "../../Protocol.js"
import { bound, type Draft, type Page, type Store } from "../Store.js"

/** The draft of a channel, made at the first ask. */
export const draft = (store: Store, channelId: string): Draft => {
  const known = store.drafts.get(channelId)
  if (known !== undefined) return known
  const made: Draft = { text: "", replyTo: null, editing: null, files: [] }
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
    if (one.editing !== null) one.text = ""
    one.editing = null
    one.replyTo = messageId
  })

/** Edits an own message. */
export const edit = (page: Page, messageId: string, content: string): void =>
  change(page, (one) => {
    one.replyTo = null
    one.editing = messageId
    one.text = content
  })

/** Puts something behind the text. */
export const append = (page: Page, text: string): void =>
  change(page, (one) => {
    one.text += `${one.text === "" || one.text.endsWith(" ") ? "" : " "}${text} `
  })

/** Leaves the answer or the edit. */
export const leave = (page: Page): void =>
  change(page, (one) => {
    if (one.editing !== null) one.text = ""
    one.editing = null
    one.replyTo = null
  })

/** Puts back what was refused, above what was begun meanwhile; an edit gives way to what was begun. */
export const giveBack = (now: Draft, refused: Draft): void => {
  const isBegun = now.text !== "" || now.files.length > 0 || now.replyTo !== null || now.editing !== null
  if (!isBegun) Object.assign(now, refused)
  else if (now.editing === null && refused.editing === null)
    Object.assign(now, {
      text: [refused.text, now.text].filter((text) => text !== "").join("\n"),
      files: [...refused.files, ...now.files],
      replyTo: now.replyTo ?? refused.replyTo,
    })
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
