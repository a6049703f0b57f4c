/**
 * What one's own presses on a message are at: which component waits for the bot, and what failed.
 *
 * @module
 */
import type * as Protocol from "../../Protocol.js"
import type { Page, Store } from "../Store.js"

/** How long the word of an interaction that was started may take to come, in milliseconds. */
const grace = 1000

/** A component that was used. */
interface Use {
  readonly customId: string
  /** The interaction that it started; `null` where that is not known yet. */
  readonly interaction: string | null
  /** Until when it waits for word of it, in milliseconds of `performance.now`. */
  readonly until: number
}

/** The component that was used last, by message. */
const used = new WeakMap<Store, Map<string, Use>>()

const usedIn = (store: Store): Map<string, Use> => {
  const known = used.get(store) ?? new Map<string, Use>()
  used.set(store, known)
  return known
}

/** The newest own interaction with a component of the message. */
export const last = (store: Store, messageId: string): Protocol.Interaction | undefined =>
  [...store.interactions.values()].findLast((one) => one.messageId === messageId)

/** The custom id of the component that waits, if one does. */
export const waiting = (store: Store, messageId: string): string | undefined => {
  const component = usedIn(store).get(messageId)
  if (component === undefined) return undefined
  const heard = store.interactions.get(component.interaction ?? "")
  const waits = heard === undefined ? performance.now() < component.until : heard.state === "Waiting"
  return waits ? component.customId : undefined
}

/** Why the last press failed, if it did. */
export const failure = (store: Store, messageId: string): string | undefined => {
  const one = last(store, messageId)
  return one?.state === "Failed" && waiting(store, messageId) === undefined
    ? (one.reason ?? "This interaction failed")
    : undefined
}

let clicked = ""

/** Whether a click is for this button: the second one of a double click may hit what has just come to stand there. */
export const isMeant = ({ detail }: { readonly detail: number }, button: string): boolean => {
  if (detail < 2) clicked = button
  return clicked === button
}

/** Presses a button or chooses in a select; not while another use of the message waits. */
export const use = async (
  page: Page,
  act: Extract<Protocol.Act, { readonly _tag: "Press" | "Select" }>,
): Promise<void> => {
  if (waiting(page.store, act.message) !== undefined) return
  const components = usedIn(page.store)
  const { customId, message } = act
  components.set(message, { customId, interaction: null, until: Infinity })
  page.changed()
  const interaction = (await page.act(act))?.interaction
  if (interaction === undefined) components.delete(message)
  else {
    components.set(message, { customId, interaction, until: performance.now() + grace })
    globalThis.setTimeout(page.changed, grace)
  }
  page.changed()
}
