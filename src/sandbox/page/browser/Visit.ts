/**
 * Where a window is: the guild and the channel that are open, in step with the URL.
 *
 * A place that is no more is left for the nearest that is: a thread's channel, where one was last in that guild, its
 * first channel with text. One that is not known yet is waited for, for a few seconds.
 *
 * @module
 */
import * as Address from "./Address.js"
import type * as Protocol from "../Protocol.js"
import * as Channel from "./place/Channel.js"
import { findChannel, type Store } from "./Store.js"

/** How long a channel may take to be told of, in milliseconds. */
const patience = 3000

export interface Visit {
  readonly open: (guildId: string | null, channelId: string | null) => void
  /** The place may not be there any more, or not yet. */
  readonly settle: () => void
  /** Something else is done: what is waited for is not opened any more. */
  readonly forget: () => void
}

/** `arrived` is told of each channel that is opened, `missed` of one that was waited for in vain. */
export const make = (
  store: Store,
  arrived: (channelId: string) => void,
  missed: (channelId: string) => void,
): Visit => {
  const last = new Map<string | null, string>()
  const parents = new Map<string, string>()
  /** A channel that was to be opened before the sandbox told of it, such as a thread just started. */
  let awaited: string | null = null

  const channels = (guildId: string | null): ReadonlyArray<Protocol.Channel> =>
    guildId === null
      ? store.place.directs
      : (store.place.guilds.find(({ id }) => id === guildId)?.channels ?? [])

  const nearest = (guildId: string | null, channelId: string | null): string | null => {
    const here = channels(guildId)
    const parent = channelId === null ? undefined : parents.get(channelId)
    const wanted = [channelId, parent, last.get(guildId)].find((id) =>
      here.some((one) => one.id === id && Channel.isOpenable(one)),
    )
    const guild = store.place.guilds.find(({ id }) => id === guildId)
    const first = (guild === undefined ? here : Channel.listed(guild)).find(({ type }) =>
      Channel.hasText(type),
    )
    return wanted ?? first?.id ?? null
  }

  const go = (guildId: string | null, channelId: string | null, replace: boolean) => {
    const known = guildId === null || store.place.guilds.some(({ id }) => id === guildId)
    const guild = known ? guildId : (store.place.guilds[0]?.id ?? null)
    const channel = nearest(guild, channelId)
    const moved = channel !== store.channelId || guild !== store.guildId
    store.guildId = guild
    store.channelId = channel
    if (channel !== null) last.set(guild, channel)
    Address.write(store.place.me.id, { guildId: guild, channelId: channel }, replace)
    if (!moved) return
    store.view.drawer = null
    store.view.above = false
    if (channel !== null) arrived(channel)
  }

  const forget = () => {
    if (awaited === null) return
    const given = awaited
    awaited = null
    missed(given)
  }

  Address.follow((place) => {
    awaited = null
    if (store.ready) go(place.guildId, place.channelId, true)
  })
  let settled = false
  return {
    open: (guildId, channelId) => {
      awaited = channelId !== null && !channels(guildId).some(({ id }) => id === channelId) ? channelId : null
      if (awaited === null) return go(guildId, channelId, false)
      const waits = awaited
      window.setTimeout(() => {
        if (awaited === waits) forget()
      }, patience)
    },
    forget,
    settle: () => {
      for (const { channels } of store.place.guilds)
        for (const { id, parentId } of channels) if (parentId !== null) parents.set(id, parentId)
      const from = settled ? store : Address.read()
      const nowhere = !settled && location.hash === ""
      settled = true
      const came = awaited === null ? undefined : findChannel(store, awaited)
      if (came !== undefined) {
        awaited = null
        go(came.guildId, came.id, false)
        return
      }
      go(nowhere ? (store.place.guilds[0]?.id ?? null) : from.guildId, from.channelId, true)
    },
  }
}
