/**
 * What the sandbox tells, put into the store.
 *
 * @module
 */
import type * as Protocol from "../Protocol.js"
import type { History } from "./History.js"
import * as Store from "./Store.js"

/** Discord: somebody who types is shown as typing for ten seconds. */
const typingMillis = 10_000
/** How much of the traffic is kept. */
const trafficLimit = 1000
/** How many of one's own interactions are kept, and of how many their suggestions. */
const interactionLimit = 200
const choicesLimit = 20

export interface Parts {
  readonly store: Store.Store
  readonly history: History
  /** What is new: at every channel of a new place, and at a message. */
  readonly unread: {
    readonly look: () => void
    readonly heard: (channelId: string, shown: Protocol.Message) => void
  }
  readonly changed: () => void
  /** The place is not what it was. */
  readonly moved: () => void
  /** One is somebody whom one was not before. */
  readonly arrived: () => void
  /** The page's document is out of date. */
  readonly reload: () => void
}

/** Gives the function that takes each report. */
export const make = ({
  store,
  history,
  unread,
  changed,
  moved,
  arrived,
  reload,
}: Parts): ((live: Protocol.Live) => void) => {
  /** The origins of the panels that this document may show. */
  let framed: string | undefined
  /** Modals that were open before this document was: as in a client that was closed meanwhile, they are forgotten. */
  let forgotten: ReadonlySet<string> | undefined
  const place = (next: Protocol.Place) => {
    store.place = next
    history.only(Store.channelIds(store))
    moved()
    unread.look()
  }
  const clock = (next: Protocol.Clock) => {
    store.clock = next
    store.clockHeard = performance.now()
  }
  const hello = (live: Extract<Protocol.Live, { _tag: "Hello" }>) => {
    const origins = originsOf(live.panels)
    framed ??= origins
    if (framed !== origins) reload()
    const again = store.ready
    let fresh = false
    if (store.place.me.id !== live.place.me.id) {
      history.only(new Set())
      store.drafts.clear()
      store.view.spots.clear()
      fresh = true
    }
    store.ready = true
    store.live = true
    store.ended = false
    // Nobody tells how those ended that were under way when the stream broke.
    store.interactions.clear()
    store.choices.clear()
    store.typing.clear()
    forgotten ??= new Set(live.modals.map(({ interactionId }) => interactionId))
    store.modals = live.modals.filter(({ interactionId }) => forgotten?.has(interactionId) !== true)
    store.traffic = [...live.traffic]
    store.faults = live.faults
    store.panels = live.panels
    clock(live.clock)
    place(live.place)
    if (fresh) arrived()
    if (again) history.stale()
  }
  const typing = (channelId: string, userId: string) => {
    const here = store.typing.get(channelId) ?? new Map<string, number>()
    store.typing.set(channelId, here)
    here.set(userId, performance.now() + typingMillis)
    globalThis.setTimeout(changed, typingMillis + 10)
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
        store.interactions.set(live.interaction.id, live.interaction)
        Store.bound(store.interactions, interactionLimit)
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
        Store.bound(store.choices, choicesLimit)
        break
      case "Traffic":
        for (const entry of live.entries) put(store.traffic, entry)
        store.traffic.splice(0, store.traffic.length - trafficLimit)
        // It comes all the time, and is seldom looked at.
        if (Store.tool(store) !== "traffic") return
        break
      case "Faults":
        store.faults = live.faults
        break
      case "Clock":
        clock(live.clock)
        break
      case "Ended":
        store.ended = true
        break
    }
    changed()
  }
}

/** A document is told where frames may come from when it is loaded, and never again. */
const originsOf = (panels: ReadonlyArray<Protocol.Panel>): string =>
  [...new Set(panels.map(({ url }) => new URL(url, "http://sandbox").origin))].toSorted().join(" ")

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
