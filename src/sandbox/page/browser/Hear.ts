/**
 * What the sandbox tells, put into the store.
 *
 * @module
 */
import type * as Protocol from "../Protocol.js"
import type { History } from "./History.js"
import * as Kept from "./Kept.js"
import type { Store } from "./Store.js"
import type { Unread } from "./Unread.js"

/** Discord: somebody who types is shown as typing for ten seconds. */
const typingMillis = 10_000
/** How much of the traffic is kept. */
const trafficLimit = 1000

export interface Parts {
  readonly store: Store
  readonly history: History
  readonly unread: Unread
  readonly changed: () => void
  /** The place is not what it was. */
  readonly moved: () => void
}

/** Gives the function that takes each report. */
export const make = ({ store, history, unread, changed, moved }: Parts): ((live: Protocol.Live) => void) => {
  const place = (next: Protocol.Place) => {
    store.place = next
    moved()
    unread.look()
  }
  const clock = (next: Protocol.Clock) => {
    store.clock = next
    store.clockHeard = performance.now()
  }
  const hello = (live: Extract<Protocol.Live, { _tag: "Hello" }>) => {
    const again = store.ready
    let fresh = false
    if (store.place.me.id !== live.place.me.id) {
      store.messages.clear()
      store.drafts.clear()
      fresh = true
    }
    store.ready = true
    store.live = true
    // Nobody tells how those ended that were under way when the stream broke.
    store.interactions.clear()
    store.choices.clear()
    store.typing.clear()
    store.modals = live.modals
    store.traffic = [...live.traffic]
    store.faults = live.faults
    store.panels = live.panels
    clock(live.clock)
    place(live.place)
    if (fresh) Kept.drafts(store)
    if (again) history.stale()
  }
  const typing = (channelId: string, userId: string) => {
    const here = store.typing.get(channelId) ?? new Map<string, number>()
    store.typing.set(channelId, here)
    here.set(userId, performance.now() + typingMillis)
    window.setTimeout(changed, typingMillis + 10)
  }

  return (live) => {
    switch (live._tag) {
      case "Hello":
        hello(live)
        break
      case "Place":
        place(live.place)
        break
      case "Message":
        store.typing.get(live.channelId)?.delete(live.shown.message.author.id)
        history.put(live.channelId, live.shown)
        unread.heard(live.channelId, live.shown)
        break
      case "MessageGone":
        history.gone(live.channelId, live.id)
        break
      case "Typing":
        typing(live.channelId, live.userId)
        break
      case "Interaction":
        // The newest stands last.
        if (store.interactions.size >= 200) {
          const [oldest] = store.interactions.keys()
          if (oldest !== undefined) store.interactions.delete(oldest)
        }
        store.interactions.set(live.interaction.id, live.interaction)
        break
      case "Modal":
        store.modals = [
          ...store.modals.filter(({ interactionId }) => interactionId !== live.modal.interactionId),
          live.modal,
        ]
        break
      case "ModalGone":
        store.modals = store.modals.filter(({ interactionId }) => interactionId !== live.interactionId)
        break
      case "Choices":
        store.choices.set(live.interactionId, live.choices)
        break
      case "Traffic":
        for (const entry of live.entries) put(store.traffic, entry)
        store.traffic.splice(0, store.traffic.length - trafficLimit)
        break
      case "Faults":
        store.faults = live.faults
        break
      case "Clock":
        clock(live.clock)
        break
    }
    changed()
  }
}

/** A number that is there already is the same request, answered by now; it is seldom far back. */
const put = (traffic: Array<Protocol.Traffic>, entry: Protocol.Traffic): void => {
  for (let at = traffic.length - 1; at >= 0; at--) {
    const other = traffic[at]
    if (other === undefined || other.n < entry.n) break
    if (other.n === entry.n) {
      traffic[at] = entry
      return
    }
  }
  traffic.push(entry)
}
