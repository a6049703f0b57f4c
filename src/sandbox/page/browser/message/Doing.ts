/**
 * What one's own presses on a message are at: which component waits for the bot, and what failed.
 *
 * @module
 */
import type * as Protocol from "../../Protocol.js"
import type { Page, Store } from "../Store.js"

/** The component that was used last, by message, and the interaction that it started, once that is known. */
const used = new WeakMap<Store, Map<string, { readonly customId: string; readonly sending: boolean }>>()

const usedIn = (store: Store) => {
  const known = used.get(store) ?? new Map()
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
  return component.sending || last(store, messageId)?.state === "Waiting" ? component.customId : undefined
}

/** Why the last press failed, if it did. */
export const failure = (store: Store, messageId: string): string | undefined => {
  const one = last(store, messageId)
  return one?.state === "Failed" && waiting(store, messageId) === undefined
    ? (one.reason ?? "This interaction failed")
    : undefined
}

/** Presses a button or chooses in a select. */
export const use = async (
  page: Page,
  act: Extract<Protocol.Act, { readonly _tag: "Press" | "Select" }>,
): Promise<void> => {
  const components = usedIn(page.store)
  components.set(act.message, { customId: act.customId, sending: true })
  page.changed()
  await page.act(act)
  components.set(act.message, { customId: act.customId, sending: false })
  page.changed()
}
