/**
 * The messages of channels: loaded when a channel is opened, and kept up with what is heard since.
 *
 * What arrives while a channel is being loaded is put over the answer, which may be older. A load that fails is tried
 * again for as long as the channel is open, with growing pauses of at most 15 seconds. Of a long history that nobody
 * looks back into the newest are kept.
 *
 * @module
 */
import * as Api from "./Api.js"
import type * as Protocol from "../Protocol.js"
import { isOlder, type Store } from "./Store.js"

/** Milliseconds before a load that failed is tried again. */
const firstPause = 1000
const longestPause = 15_000
/** So many messages of a channel are kept at its end. */
const kept = 300

export interface History {
  /** Loads the newest of a channel, where they are not here, or not to be trusted. */
  readonly load: (channelId: string) => Promise<void>
  /** Loads what is older than the oldest here. */
  readonly older: (channelId: string) => Promise<void>
  /** A message is new, or not what it was. */
  readonly put: (channelId: string, shown: Protocol.Message) => void
  readonly gone: (channelId: string, id: string) => void
  /** Nothing that is here can be trusted: the open channel is loaded anew, the others when they are opened. */
  readonly stale: () => void
  /** Nothing is known of other channels than these: what happens in them is not told. */
  readonly only: (channelIds: ReadonlySet<string>) => void
}

export interface On {
  readonly changed: () => void
  readonly failed: (reason: string) => void
  /** Does something in so many milliseconds. */
  readonly after: (millis: number, task: () => void) => void
}

/** A message as it is now; `null` where it is gone. */
type Change = Protocol.Message | null
type Changes = Map<string, Change>

export const make = (store: Store, api: Pick<Api.Api, "history">, on: On, most = kept): History => {
  /** What is being asked for, by channel, with what was heard since. */
  const asked = { newest: new Map<string, Changes>(), older: new Map<string, Changes>() }

  const ask = async (
    which: keyof typeof asked,
    channelId: string,
    before: string | undefined,
    aloud = true,
  ) => {
    const heard: Changes = new Map()
    asked[which].set(channelId, heard)
    const answer = await api.history(channelId, before)
    // Given up in the meantime.
    if (asked[which].get(channelId) !== heard) return undefined
    asked[which].delete(channelId)
    if (Api.isRefused(answer)) {
      if (aloud) on.failed(answer.error)
      return "Refused"
    }
    if (answer.more) store.more.add(channelId)
    else store.more.delete(channelId)
    on.changed()
    return { messages: upToDate(answer.messages, heard), heard }
  }
  const newest = async (channelId: string, pause = firstPause): Promise<void> => {
    asked.older.delete(channelId)
    const answer = await ask("newest", channelId, undefined, pause === firstPause)
    if (answer === "Refused") {
      store.failed.add(channelId)
      on.changed()
      return on.after(pause, () => {
        if (!store.failed.has(channelId) || asked.newest.has(channelId) || store.channelId !== channelId)
          return
        void newest(channelId, Math.min(longestPause, pause * 2))
      })
    }
    if (answer === undefined) return
    store.failed.delete(channelId)
    const more = store.more.has(channelId)
    for (const change of answer.heard.values()) if (change !== null) put(answer.messages, change, more)
    store.messages.set(channelId, answer.messages)
  }
  const note = (channelId: string, id: string, change: Change) => {
    asked.newest.get(channelId)?.set(id, change)
    asked.older.get(channelId)?.set(id, change)
  }

  return {
    load: async (channelId) => {
      if (asked.newest.has(channelId)) return
      if (!store.messages.has(channelId) || store.failed.has(channelId)) await newest(channelId)
    },
    older: async (channelId) => {
      const here = store.messages.get(channelId)
      const busy = asked.newest.has(channelId) || asked.older.has(channelId)
      if (here === undefined || busy || !store.more.has(channelId)) return
      const oldest = here[0]?.message.id
      // All that was here is gone.
      if (oldest === undefined) return newest(channelId)
      const answer = await ask("older", channelId, oldest)
      if (answer === undefined || answer === "Refused") return
      store.messages.set(channelId, [...answer.messages, ...(store.messages.get(channelId) ?? [])])
    },
    put: (channelId, shown) => {
      note(channelId, shown.message.id, shown)
      const here = store.messages.get(channelId)
      if (here === undefined) return
      put(here, shown, store.more.has(channelId))
      const looked = channelId === store.channelId && (store.view.above || store.view.sheet !== null)
      // Half more than is kept, so that it is seldom cut. What is on its way goes on from the oldest that is here.
      if (here.length <= most * 1.5 || looked || asked.older.has(channelId)) return
      here.splice(0, here.length - most)
      store.more.add(channelId)
    },
    gone: (channelId, id) => {
      note(channelId, id, null)
      const here = store.messages.get(channelId)
      const at = here?.findIndex(({ message }) => message.id === id) ?? -1
      if (at >= 0) here?.splice(at, 1)
    },
    stale: () => {
      asked.newest.clear()
      asked.older.clear()
      store.failed.clear()
      for (const id of store.messages.keys()) if (id !== store.channelId) store.messages.delete(id)
      if (store.channelId !== null) void newest(store.channelId)
    },
    only: (channelIds) => {
      for (const known of [store.messages, store.more, store.failed, asked.newest, asked.older])
        for (const id of known.keys()) if (!channelIds.has(id)) known.delete(id)
    },
  }
}

const upToDate = (
  messages: ReadonlyArray<Protocol.Message>,
  heard: ReadonlyMap<string, Change>,
): Array<Protocol.Message> =>
  messages.flatMap((shown) => {
    const change = heard.get(shown.message.id)
    return change === null ? [] : [change ?? shown]
  })

/** Puts a message where it belongs. One that is older than all that is loaded of a longer history is not kept. */
const put = (into: Array<Protocol.Message>, shown: Protocol.Message, more: boolean): void => {
  const { id } = shown.message
  for (let at = into.length - 1; at >= 0; at--) {
    const other = into[at]?.message.id ?? ""
    if (other === id) {
      into[at] = shown
      return
    }
    if (isOlder(other, id)) {
      into.splice(at + 1, 0, shown)
      return
    }
  }
  if (!more) into.unshift(shown)
}
