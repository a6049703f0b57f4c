/**
 * Kinds of channels, as the page tells them apart: what is a thread, where one writes, in which order they stand.
 *
 * @module
 */
import type { Channel, Guild } from "../../Protocol.js"

/** Discord's channel types. */
const Type = { voice: 2, category: 4, announcement: 5, stage: 13, forum: 15, media: 16 } as const

export const isCategory = ({ type }: Channel): boolean => type === Type.category
/** Announcement threads, public and private ones. */
export const isThread = ({ type }: Channel): boolean => type === 10 || type === 11 || type === 12
export const isForum = ({ type }: Channel): boolean => type === Type.forum || type === Type.media
export const isVoice = (type: number): boolean => type === Type.voice || type === Type.stage
export const isDirect = ({ type }: Channel): boolean => type === 1 || type === 3
export const hasText = (type: number): boolean => type === 0 || type === Type.announcement || type === 1
export const isOpenable = (channel: Channel): boolean => !isCategory(channel)

/** How a channel is called where it is named alone. */
export const title = (channel: Channel): string =>
  isThread(channel) || isDirect(channel) ? channel.name : `#${channel.name}`

/** A thread starts in these. */
export const takesThreads = ({ type }: Channel): boolean => type === 0 || type === Type.announcement

/** As Discord orders them: text above voice, each by position, then the older first. */
export const ordered = (channels: ReadonlyArray<Channel>): ReadonlyArray<Channel> =>
  [...channels].sort(
    (a, b) =>
      Number(isVoice(a.type)) - Number(isVoice(b.type)) ||
      a.position - b.position ||
      a.id.length - b.id.length ||
      (a.id < b.id ? -1 : 1),
  )

/** A heading with its channels; the first group is of those without a category, and has no heading. */
export interface Group {
  readonly category: Channel | null
  readonly channels: ReadonlyArray<Channel>
}

export const grouped = ({ channels }: Guild): ReadonlyArray<Group> => {
  const below = (parent: string | null) =>
    ordered(channels.filter((one) => !isCategory(one) && !isThread(one) && (one.parentId ?? null) === parent))
  const categories = ordered(channels.filter(isCategory))
  const known = new Set(categories.map(({ id }) => id))
  // A category that one does not see does not hide its channels.
  const stray = channels.filter(
    (one) => !isCategory(one) && !isThread(one) && one.parentId !== null && !known.has(one.parentId),
  )
  return [
    { category: null, channels: [...below(null), ...ordered(stray)] },
    ...categories.map((category) => ({ category, channels: below(category.id) })),
  ]
}

/** Everything that can be opened, as it stands in the list; posts below their forum. */
export const listed = (guild: Guild): ReadonlyArray<Channel> =>
  grouped(guild).flatMap(({ channels }) => channels.flatMap((one) => [one, ...threadsOf(guild, one.id)]))

/** The active threads of a channel, the newest first. */
export const threadsOf = (guild: Guild, parentId: string): ReadonlyArray<Channel> =>
  threads(guild, parentId, false)

/** Its archived ones, the newest first. */
export const archivedOf = (guild: Guild, parentId: string): ReadonlyArray<Channel> =>
  threads(guild, parentId, true)

const threads = ({ channels }: Guild, parentId: string, archived: boolean): ReadonlyArray<Channel> =>
  channels
    .filter((one) => isThread(one) && one.parentId === parentId && one.archived === archived)
    .sort((a, b) => b.id.length - a.id.length || (a.id < b.id ? 1 : -1))
