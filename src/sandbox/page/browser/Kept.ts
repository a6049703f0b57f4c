/**
 * What a reload keeps besides the place: what stands beside the chat, folded categories, what was being written, and how
 * far back one was looking.
 * Kept in this window alone; what was written and looked at for each person that one is in it.
 *
 * @module
 */
import * as Composing from "./compose/Composing.js"
import type { Spot, Store } from "./Store.js"

interface Kept {
  readonly members: boolean
  readonly tool: string | null
  readonly folded: ReadonlyArray<string>
}

/** What is somebody's own. */
interface Own {
  /** Unsent texts. */
  readonly texts: ReadonlyArray<readonly [channelId: string, text: string]>
  /** Where one looks at older messages. */
  readonly spots: ReadonlyArray<readonly [channelId: string, spot: Spot]>
}

const key = "bosun.view"
const keyOf = (personId: string) => `bosun.begun.${personId}`

/** Keeps it when the page is left. */
export const start = (store: Store): void => {
  addEventListener("pagehide", () => {
    const { view, drafts, place } = store
    if (!store.ready) return
    const kept: Kept = { members: view.members, tool: view.tool, folded: [...view.folded] }
    const own: Own = {
      texts: [...drafts.keys()].flatMap((id) => {
        const text = Composing.unsent(store, id)
        return text === "" ? [] : [[id, text]]
      }),
      spots: [...view.spots],
    }
    sessionStorage.setItem(key, JSON.stringify(kept))
    sessionStorage.setItem(keyOf(place.me.id), JSON.stringify(own))
  })
  const kept = read<Kept>(key)
  if (kept === undefined) return
  store.view.members = kept.members
  store.view.tool = kept.tool
  for (const id of kept.folded) store.view.folded.add(id)
}

/** What this person was writing and looking at, once it is known who one is. */
export const own = (store: Store): void => {
  const kept = read<Own>(keyOf(store.place.me.id))
  for (const [id, spot] of kept?.spots ?? []) if (!store.view.spots.has(id)) store.view.spots.set(id, spot)
  for (const [id, text] of kept?.texts ?? [])
    if (!store.drafts.has(id)) Composing.draft(store, id).text = text
}

const read = <A>(name: string): A | undefined => {
  const text = sessionStorage.getItem(name)
  return text === null ? undefined : (JSON.parse(text) as A)
}
