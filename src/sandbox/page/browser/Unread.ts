/**
 * What is new in channels that this window has not shown. Up to where one has read is kept for the life of the
 * window, so that a reload keeps it.
 *
 * @module
 */
import type * as Protocol from "../Protocol.js"
import { findChannel, isOlder, type Store } from "./Store.js"

export interface Unread {
  /** Looks at every channel of a new `Place`. At a window's first one, everything counts as read. */
  readonly look: () => void
  /** A message is new, or not what it was. */
  readonly heard: (channelId: string, shown: Protocol.Message) => void
  /** The open channel is seen up to its end. */
  readonly seen: () => void
}

interface Kept {
  readonly marks: ReadonlyArray<readonly [channelId: string, messageId: string]>
  readonly mentions: ReadonlyArray<readonly [channelId: string, count: number]>
}

export const make = (store: Store): Unread => {
  let owner = ""
  let marks = new Map<string, string>()
  /** The newest message that was counted as a mention, by channel: a later change of it counts no more. */
  const counted = new Map<string, string>()

  const isSeen = (channelId: string) => channelId === store.channelId && !document.hidden
  const keep = () => {
    const kept: Kept = { marks: [...marks], mentions: [...store.mentions] }
    sessionStorage.setItem(key(owner), JSON.stringify(kept))
  }
  const advance = (channelId: string, id: string): boolean => {
    const mark = marks.get(channelId)
    if (mark !== undefined && !isOlder(mark, id)) return false
    marks.set(channelId, id)
    return true
  }
  const seen = (channelId: string) => {
    store.unread.delete(channelId)
    store.mentions.delete(channelId)
    const newest = store.messages.get(channelId)?.at(-1)?.message.id
    const last = findChannel(store, channelId)?.lastMessageId ?? undefined
    const moved = [newest, last].filter((id) => id !== undefined && advance(channelId, id))
    if (moved.length > 0) keep()
  }

  return {
    look: () => {
      // What is archived is not new; what comes into it wakes it.
      const channels = [
        ...store.place.guilds.flatMap((guild) => guild.channels.filter(({ archived }) => !archived)),
        ...store.place.directs,
      ]
      if (owner !== store.place.me.id) {
        owner = store.place.me.id
        const text = sessionStorage.getItem(key(owner))
        const kept = text === null ? undefined : (JSON.parse(text) as Kept)
        marks = new Map(kept?.marks ?? channels.map(({ id, lastMessageId }) => [id, lastMessageId ?? "0"]))
        store.mentions = new Map(kept?.mentions)
        store.unread.clear()
      }
      const ids = new Set(channels.map(({ id }) => id))
      for (const id of store.unread) if (!ids.has(id)) store.unread.delete(id)
      for (const id of store.mentions.keys()) if (!ids.has(id)) store.mentions.delete(id)
      for (const { id, lastMessageId } of channels) {
        if (isSeen(id)) seen(id)
        else if (lastMessageId !== null && isOlder(marks.get(id) ?? "0", lastMessageId)) store.unread.add(id)
      }
      keep()
    },
    heard: (channelId, { message }) => {
      if (isSeen(channelId)) {
        seen(channelId)
        return
      }
      const mine = message.author.id === store.place.me.id
      const mark = marks.get(channelId) ?? "0"
      if (!isOlder(mark, message.id)) return
      if (mine) {
        // Written in another window of the same person.
        if (!store.unread.has(channelId)) advance(channelId, message.id)
        return
      }
      store.unread.add(channelId)
      const calls = message.mentions.some(({ id }) => id === store.place.me.id) || message.mention_everyone
      const direct = findChannel(store, channelId)?.guildId === null
      if (!(calls || direct) || !isOlder(counted.get(channelId) ?? "0", message.id)) return
      counted.set(channelId, message.id)
      store.mentions.set(channelId, (store.mentions.get(channelId) ?? 0) + 1)
      keep()
    },
    seen: () => {
      if (store.channelId !== null && isSeen(store.channelId)) seen(store.channelId)
    },
  }
}

const key = (personId: string) => `bosun.read.${personId}`
