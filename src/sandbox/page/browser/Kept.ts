/**
 * What a reload keeps besides the place: what stands beside the chat, folded categories, what was being written, and how
 * far back one was looking.
 * Kept in this window alone.
 *
 * @module
 */
import type { Spot, Store } from "./Store.js"

interface Kept {
  readonly members: boolean
  readonly tool: string | null
  readonly folded: ReadonlyArray<string>
  /** Unsent texts. */
  readonly texts: ReadonlyArray<readonly [channelId: string, text: string]>
  /** Where one looks at older messages. */
  readonly spots?: ReadonlyArray<readonly [channelId: string, spot: Spot]>
  /** Whose they are. */
  readonly personId: string
}

const key = "bosun.view"

/** Keeps it when the page is left. */
export const start = (store: Store): void => {
  addEventListener("pagehide", () => {
    const { view, drafts, place } = store
    if (!store.ready) return
    const kept: Kept = {
      members: view.members,
      tool: view.tool,
      folded: [...view.folded],
      texts: [...drafts].flatMap(([id, { text, editing }]) =>
        text === "" || editing !== null ? [] : [[id, text]],
      ),
      spots: [...view.spots],
      personId: place.me.id,
    }
    sessionStorage.setItem(key, JSON.stringify(kept))
  })
  const kept = read()
  if (kept === undefined) return
  store.view.members = kept.members
  store.view.tool = kept.tool
  for (const id of kept.folded) store.view.folded.add(id)
}

/** What this person was writing and looking at, once it is known who one is. */
export const own = (store: Store): void => {
  const kept = read()
  if (kept?.personId !== store.place.me.id) return
  for (const [id, spot] of kept.spots ?? []) if (!store.view.spots.has(id)) store.view.spots.set(id, spot)
  for (const [id, text] of kept.texts)
    if (!store.drafts.has(id)) store.drafts.set(id, { text, replyTo: null, editing: null, files: [] })
}

const read = (): Kept | undefined => {
  const text = sessionStorage.getItem(key)
  return text === null ? undefined : (JSON.parse(text) as Kept)
}
