/**
 * All that the page knows, in one place: what the sandbox told, and what this window is at. Views are functions of
 * it; whoever changes it calls `changed`, and the page is drawn anew, once a frame.
 *
 * @module
 */
import type * as Protocol from "../Protocol.js"

/** What was begun to be written. */
export interface Begun {
  text: string
  /** The message that is answered. */
  replyTo: string | null
  files: ReadonlyArray<Protocol.Upload>
}

/** What a composer is at, by channel. */
export interface Draft extends Begun {
  /** The own message that is edited. */
  editing: string | null
  /** What was begun before an edit or a command's form took the composer, to be gone on with. */
  aside: Begun | null
}

/** A message, and how far below the top of what is seen it begins, in pixels. */
export interface Spot {
  readonly id: string
  readonly offset: number
}

/** A dialog of the page's own; one at a time. */
export type Sheet =
  | { readonly _tag: "Switcher"; query: string; at: number }
  | { readonly _tag: "Person" }
  | { readonly _tag: "Thread" }
  | { readonly _tag: "Post" }
  | { readonly _tag: "Archived" }
  | { readonly _tag: "Pins"; loading: boolean }
  | { readonly _tag: "Keys" }

/** What of the page is to be seen in this window. */
export interface View {
  /** In a narrow window: what lies over the chat. */
  drawer: "places" | "members" | null
  /** Whether the members stand beside the chat. */
  members: boolean
  /** The tab of the developer's side that is open: `traffic`, `faults`, `clock` or `panel:TITLE`. */
  tool: string | null
  /** Whether one looks at what is above the newest messages of the open channel. */
  above: boolean
  /** Where one is above the newest messages, by channel. */
  readonly spots: Map<string, Spot>
  sheet: Sheet | null
  /** Categories that are folded, by id. */
  readonly folded: Set<string>
  readonly traffic: {
    filter: string
    kind: "all" | Protocol.Traffic["kind"]
    /** What stood there when it was paused. */
    paused: ReadonlyArray<Protocol.Traffic> | null
    /** Entries that are unfolded, by number. */
    readonly open: Set<number>
  }
  readonly faults: {
    /** The plan as it is typed; `null` where it is the one at work. */
    text: string | null
    error: string | null
  }
  clock: { error: string | null; busy: boolean }
}

export interface Store {
  place: Protocol.Place
  /** By channel, oldest first. A channel that was not opened yet is not there. */
  messages: Map<string, Array<Protocol.Message>>
  /** Channels whose older messages are not all here. */
  more: Set<string>
  /** Channels whose newest messages could not be loaded. */
  failed: Set<string>
  /** Who is typing, by channel: the person and until when, in milliseconds of `performance.now`. */
  typing: Map<string, Map<string, number>>
  /** Own interactions, newest last. */
  interactions: Map<string, Protocol.Interaction>
  modals: ReadonlyArray<Protocol.Modal>
  /** Suggestions by interaction. */
  choices: Map<string, ReadonlyArray<Protocol.Choice>>
  traffic: Array<Protocol.Traffic>
  faults: Protocol.Faults
  clock: Protocol.Clock
  /** When the clock was heard, in milliseconds of `performance.now`. */
  clockHeard: number
  panels: ReadonlyArray<Protocol.Panel>
  /** Whether the sandbox is heard. */
  live: boolean
  /** Whether it said that it ends. */
  ended: boolean
  /** Whether the sandbox said anything yet: before it, `place` is nowhere. */
  ready: boolean
  /** The guild that is open; `null` for direct messages. */
  guildId: string | null
  channelId: string | null
  drafts: Map<string, Draft>
  /** Channels with something new. */
  unread: Set<string>
  /** How many of those mention this person, by channel. */
  mentions: Map<string, number>
  /** What went wrong last, for the person. */
  notice: string | null
  /** Whether the page is drawn in dark colours. */
  dark: boolean
  view: View
}

/** What a view may do. */
export interface Page {
  readonly store: Store
  /** Draws anew, soon. */
  readonly changed: () => void
  /** Does something as this person. What is refused is shown as a notice, and is `undefined`. */
  readonly act: (act: Protocol.Act) => Promise<Protocol.Done | undefined>
  /** The same, where the caller shows the refusal. */
  readonly tryAct: (act: Protocol.Act) => Promise<Protocol.Done | Protocol.Refused>
  readonly open: (guildId: string | null, channelId: string) => void
  /** Loads the newest of a channel, where that failed. */
  readonly load: (channelId: string) => Promise<void>
  /** Loads what is older than the oldest here. */
  readonly older: (channelId: string) => Promise<void>
  /** The commands that one can run in a channel, kept for a moment. */
  readonly commands: (channelId: string) => Promise<Protocol.Offered["commands"]>
  /** Says something to the person, in the live region. */
  readonly notice: (text: string | null) => void
}

/** A window that has heard nothing yet. */
export const make = (): Store => ({
  place: {
    me: { id: "", username: "", name: "", bot: false, avatar: null },
    people: [],
    botId: "",
    botOnline: false,
    guilds: [],
    emojis: [],
    directs: [],
    directsClosed: false,
  },
  messages: new Map(),
  more: new Set(),
  failed: new Set(),
  typing: new Map(),
  interactions: new Map(),
  modals: [],
  choices: new Map(),
  traffic: [],
  faults: { plan: null, counts: {}, presets: {} },
  clock: { now: 0, movable: false, moving: false },
  clockHeard: 0,
  panels: [],
  live: false,
  ended: false,
  ready: false,
  guildId: null,
  channelId: null,
  drafts: new Map(),
  unread: new Set(),
  mentions: new Map(),
  notice: null,
  dark: false,
  view: {
    drawer: null,
    members: true,
    tool: null,
    above: false,
    spots: new Map(),
    sheet: null,
    folded: new Set(),
    traffic: { filter: "", kind: "all", paused: null, open: new Set() },
    faults: { text: null, error: null },
    clock: { error: null, busy: false },
  },
})

/** The sandbox's time, in milliseconds since 1970: it goes on between two of its reports. */
export const now = (store: Store): number => store.clock.now + performance.now() - store.clockHeard

/** The guild that is open. */
export const guild = (store: Store): Protocol.Guild | undefined =>
  store.place.guilds.find(({ id }) => id === store.guildId)

/** The channel that is open. */
export const channel = (store: Store): Protocol.Channel | undefined =>
  store.channelId === null ? undefined : findChannel(store, store.channelId)

export const findChannel = (store: Store, id: string): Protocol.Channel | undefined =>
  index(store.place).channels.get(id)

export const person = (store: Store, id: string): Protocol.Person | undefined =>
  index(store.place).people.get(id)

/** A custom emoji that is shown wherever it stands: of any guild of one's, or the application's. */
export const emoji = ({ place }: Store, id: unknown): Protocol.Emoji | undefined =>
  [...place.guilds.flatMap(({ emojis }) => emojis), ...place.emojis].find((one) => one.id === id)

/** Somebody in the guild that is open. */
export const member = (store: Store, userId: string): Protocol.Member | undefined =>
  index(store.place)
    .members.get(store.guildId ?? "")
    ?.get(userId)

/** How a person is called in the guild that is open. */
export const nameOf = (store: Store, id: string): string =>
  member(store, id)?.nick ?? person(store, id)?.name ?? "Somebody"

/** A place by ids: a drawing asks for hundreds of them. */
interface Index {
  readonly channels: ReadonlyMap<string, Protocol.Channel>
  readonly people: ReadonlyMap<string, Protocol.Person>
  /** By guild. */
  readonly members: ReadonlyMap<string, ReadonlyMap<string, Protocol.Member>>
}

const indices = new WeakMap<Protocol.Place, Index>()

const index = (place: Protocol.Place): Index => {
  const known = indices.get(place)
  if (known !== undefined) return known
  const all = [...place.guilds.flatMap(({ channels }) => channels), ...place.directs]
  const made: Index = {
    channels: new Map(all.map((one) => [one.id, one])),
    people: new Map(place.people.map((one) => [one.id, one])),
    members: new Map(
      place.guilds.map(({ id, members }) => [id, new Map(members.map((one) => [one.userId, one]))]),
    ),
  }
  indices.set(place, made)
  return made
}

/** The ids of all channels that one sees. */
export const channelIds = (store: Store): ReadonlySet<string> => new Set(index(store.place).channels.keys())

/** The tab of the developer's side that is open; a panel that is no more gives way to the first one. */
export const tool = ({ panels, view }: Store): string | null =>
  view.tool === null ||
  ["traffic", "faults", "clock", ...panels.map(({ title }) => `panel:${title}`)].includes(view.tool)
    ? view.tool
    : "traffic"

/** Lets go of the oldest of what is kept. */
export const bound = (
  kept: { readonly size: number; keys: () => Iterable<string>; delete: (key: string) => unknown },
  most: number,
): void => {
  for (const oldest of kept.keys()) {
    if (kept.size <= most) return
    kept.delete(oldest)
  }
}

/** Whether the first of two ids was made before the second one. */
export const isOlder = (a: string, b: string): boolean =>
  a.length === b.length ? a < b : a.length < b.length
