/**
 * What one window of one person is told, live: server-sent events, each one `Live` as JSON.
 *
 * The World says what changed; the window is told how it then is. Changes are gathered for a moment and read from
 * the World when they are sent, place first, so that what a window was told last is what the World holds, and
 * nothing is said of a channel that it does not know yet, or of a message that was never on that screen. `Place`
 * goes out at most once in 50 ms, and only where it differs from the last one.
 *
 * Failure modes: a window that does not read is cut off once 4 MiB wait for it; it comes back by itself and hears
 * everything anew. Drawback: browsers open six connections to one address, so that a seventh window waits.
 *
 * @module
 */
import type { ServerResponse } from "node:http"
import * as Interactions from "../world/Interactions.js"
import type { Channel, Message, User } from "../model/Model.js"
import type * as Protocol from "./Protocol.js"
import type { Sandbox } from "../Sandbox.js"
import * as Screen from "./Screen.js"
import type { Modal, Sight } from "../world/View.js"
import type { Event } from "../world/World.js"

export interface Stream {
  readonly user: User
  /** Tells something that concerns everybody. */
  readonly tell: (live: Protocol.Live) => void
  /** Something may have changed that no event speaks of. */
  readonly look: () => void
  /** What falls due without an event, such as the end of a time-out. */
  readonly tick: () => void
  /** Keeps the connection open. */
  readonly beat: () => void
  readonly close: () => void
}

/** How a stream waits: real milliseconds, whatever the sandbox's time is. */
export interface Pace {
  readonly now: () => number
  readonly after: (millis: number, task: () => void) => void
}

/** Bytes that may wait for a window. */
export const mostWaiting = 4 * 1024 * 1024
/** Messages of which a window is told again without the right to read what was before. */
const mostRemembered = 1_000
const gather = 5
const placeEvery = 50

/** Events that leave the place as it is. */
const chatter =
  /^(?:MESSAGE_|TYPING_START$|INTERACTION_CREATE$|CHANNEL_PINS_UPDATE$|GUILD_AUDIT_LOG|APPLICATION_COMMAND|INVITE_|ENTITLEMENT_|WEBHOOKS_UPDATE$)/u

/** Begins a stream on a response; `hello` is what it begins with. */
export const open = (
  sandbox: Sandbox,
  user: User,
  response: ServerResponse,
  pace: Pace,
  hello: (place: Protocol.Place, modals: ReadonlyArray<Modal>) => Protocol.Live,
): Stream => {
  const { interactions, world } = sandbox
  const pending = new Map<string, () => Protocol.Live | undefined>()
  const following = new Set<() => void>()
  /** Messages that came while this window was open. */
  const came = new Set<string>()
  let shown = new Map<string, Modal>()
  let lastPlace = ""
  let lastPlaceAt = pace.now()
  let placeDirty = false
  let emojis = 0
  let timeoutUntil: number | null = null
  let scheduled = false
  let open = true

  const send = (text: string): void => {
    if (!open) return
    if (response.writableLength + text.length > mostWaiting) {
      close()
      response.destroy()
      return
    }
    response.write(text)
  }
  const say = (live: Protocol.Live): void => send(`data: ${JSON.stringify(live)}\n\n`)

  const readPlace = (): Protocol.Place => {
    placeDirty = false
    lastPlaceAt = pace.now()
    emojis = world.emojis.size
    const ends = [...world.guilds.keys()].map((id) => Screen.timeoutEnd(world, id, user.id))
    timeoutUntil = ends.reduce((a, b) => (a === null || (b !== null && b < a) ? b : a), null)
    return Screen.place(sandbox, user)
  }

  const tellPlace = (): void => {
    const place = readPlace()
    const text = JSON.stringify(place)
    if (text === lastPlace) return
    lastPlace = text
    say({ _tag: "Place", place })
  }

  const tellModals = (): void => {
    const now = new Map(interactions.modals(user.id).map((modal) => [modal.interactionId, modal]))
    for (const interactionId of shown.keys())
      if (!now.has(interactionId)) say({ _tag: "ModalGone", interactionId })
    for (const [id, modal] of now) if (shown.get(id) !== modal) say({ _tag: "Modal", modal })
    shown = now
  }

  const flush = (): void => {
    scheduled = false
    if (!open) return
    if (placeDirty) tellPlace()
    tellModals()
    const all = [...pending.values()]
    pending.clear()
    for (const read of all) {
      const live = read()
      if (live !== undefined) say(live)
    }
  }

  const schedule = (): void => {
    if (scheduled || !open) return
    scheduled = true
    const wait = placeDirty ? lastPlaceAt + placeEvery - pace.now() : gather
    pace.after(Math.max(gather, wait), flush)
  }
  const mark = (key: string, read: () => Protocol.Live | undefined): void => {
    pending.set(key, read)
    schedule()
  }
  const placeChanged = (): void => {
    placeDirty = true
    schedule()
  }

  /** Whether a message is, or was, on this screen: who cannot read what was before has what came while they looked. */
  const isMine = (channel: Channel, message: Message): boolean =>
    Screen.sees(world, user, channel, message) &&
    (message.ephemeralFor !== null || came.has(message.id) || Screen.remembers(world, user, channel))

  const markMessage = (channel: Channel, message: Message): void => {
    if (!isMine(channel, message)) return
    const { id } = message
    // No event tells of the application's emojis, and a message may show one.
    if (world.emojis.size !== emojis) placeDirty = true
    mark(`message ${id}`, () => {
      if (!isMine(channel, message)) return undefined
      const now = channel.messages.get(id)
      return now === undefined
        ? { _tag: "MessageGone", channelId: channel.id, id }
        : { _tag: "Message", channelId: channel.id, shown: Screen.message(world, user, now) }
    })
  }

  /** With what shows it too: those who answer it, and the one that its thread was started from. */
  const markChanged = (channel: Channel | undefined, message: Message | undefined): void => {
    if (channel === undefined || message === undefined) return
    markMessage(channel, message)
    for (const one of channel.messages.values())
      if (one.reference?.messageId === message.id && one !== message) markMessage(channel, one)
    markStarter(channel)
  }
  const markStarter = ({ id, parentId, thread }: Channel): void => {
    const parent = thread === null ? undefined : world.channels.get(parentId ?? "")
    markChanged(parent, parent?.messages.get(id))
  }

  const noteNew = ({ id }: Message): void => {
    came.add(id)
    const [oldest] = came
    if (came.size > mostRemembered && oldest !== undefined) came.delete(oldest)
  }

  const markInteraction = (id: string): void =>
    mark(`interaction ${id}`, () => {
      const found = interactions.find(id)
      return found === undefined ? undefined : { _tag: "Interaction", interaction: Screen.interaction(found) }
    })

  const follow = (id: string): void => {
    const found = interactions.find(id)
    if (found === undefined) return
    const listener = (): void => {
      markInteraction(id)
      if (Screen.isOver(found.state)) stop()
    }
    const stop = (): void => {
      cancel()
      found.listeners.delete(listener)
      following.delete(stop)
    }
    // One that was acknowledged in silence may get follow-ups for as long as its token lives, and may never get any.
    const cancel = world.after(Interactions.tokenLife, stop)
    found.listeners.add(listener)
    following.add(stop)
    markInteraction(id)
  }

  const onSight = (sight: Sight): void => {
    const { channelId } = sight
    switch (sight._tag) {
      case "MessageShown":
        noteNew(sight.message)
        return markChanged(world.channels.get(channelId), sight.message)
      case "MessageEdited":
      case "MessageDeleted":
      case "ReactionsChanged":
        return markChanged(world.channels.get(channelId), sight.message)
      case "Thinking":
        if (sight.message === null) return
        noteNew(sight.message)
        return markChanged(world.channels.get(channelId), sight.message)
      case "Typing": {
        const { userId } = sight
        return mark(`typing ${channelId} ${userId}`, () => ({ _tag: "Typing", channelId, userId }))
      }
      case "InteractionStarted":
        return follow(sight.interactionId)
      case "ChoicesShown": {
        const { choices, interactionId } = sight
        return mark(`choices ${interactionId}`, () => ({ _tag: "Choices", interactionId, choices }))
      }
      case "ModalShown":
      case "InteractionFailed":
        return markInteraction(sight.interactionId)
    }
  }

  const onEvent = (event: Event): void => {
    if (!chatter.test(event.type)) {
      placeChanged()
      if (event.channel !== undefined) markStarter(event.channel)
      return
    }
    // A modal may have been submitted.
    if (event.type === "INTERACTION_CREATE") return schedule()
    const { channel } = event
    if (channel === undefined || !world.canSee(user.id, channel)) return
    if (event.message !== undefined) return markChanged(channel, event.message)
    if (!event.type.startsWith("MESSAGE_POLL_VOTE")) return
    const { message_id: id } = event.data()
    if (typeof id === "string") markChanged(channel, channel.messages.get(id))
  }

  const stops = [
    world.onSight((sight, audience) => {
      if (world.sees(user.id, sight, audience)) onSight(sight)
    }),
    world.onEvent(onEvent),
  ]

  const close = (): void => {
    if (!open) return
    open = false
    for (const stop of [...stops, ...following]) stop()
  }

  const place = readPlace()
  lastPlace = JSON.stringify(place)
  const modals = interactions.modals(user.id)
  shown = new Map(modals.map((modal) => [modal.interactionId, modal]))
  response.write(`data: ${JSON.stringify(hello(place, modals))}\n\n`)

  return {
    user,
    tell: say,
    look: placeChanged,
    tick: () => {
      if (timeoutUntil !== null && world.now() >= timeoutUntil) placeChanged()
    },
    beat: () => send(": still here\n\n"),
    close: () => {
      close()
      response.end()
    },
  }
}
