/**
 * All that the page knows, in one place: what the sandbox told, and what this window is at. Views are functions of
 * it; whoever changes it calls `changed`, and the page is drawn anew, once a frame.
 *
 * @module
 */
import type * as Protocol from "../Protocol.js"

/** What a composer is at, by channel. */
export interface Draft {
  text: string
  /** The message that is answered. */
  replyTo: string | null
  /** The own message that is edited. */
  editing: string | null
  files: ReadonlyArray<Protocol.Upload>
}

export interface Store {
  place: Protocol.Place
  /** By channel, oldest first. A channel that was not opened yet is not there. */
  messages: Map<string, Array<Protocol.Message>>
  /** Channels whose older messages are not all here. */
  more: Set<string>
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
  panels: ReadonlyArray<Protocol.Panel>
  /** Whether the sandbox is heard. */
  live: boolean
  /** The guild that is open; `null` for direct messages. */
  guildId: string | null
  channelId: string | null
  drafts: Map<string, Draft>
  /** Channels with something new. */
  unread: Set<string>
  /** What went wrong last, for the person. */
  notice: string | null
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
  /** Loads what is older than the oldest here. */
  readonly older: (channelId: string) => Promise<void>
  /** The commands that one can run in a channel, kept for a moment. */
  readonly commands: (channelId: string) => Promise<Protocol.Offered["commands"]>
}
