/**
 * One wait, from its arming to its end.
 *
 * ```
 *            event that fits
 *   armed ──────────────────▶ kept ──▶ read by `next`
 *     │
 *     └─ deadline, target gone, cancel, end of the scope ──▶ ended: every `next` from then on says so
 * ```
 *
 * What was kept before the end is still read after it: the answer came in time. Whoever reads is woken and then
 * takes the event itself, so that an interruption between the two leaves the event where it is.
 *
 * @module
 */
import {
  GatewayDispatchEvents,
  type GatewayMessageCreateDispatchData,
  MessageType,
} from "discord-api-types/v10"
import { Effect, type Fiber, Option, Stream } from "effect"
import type { Press } from "../interaction/Press.js"
import * as Roster from "../supervise/Roster.js"
import type { Supervisor } from "../supervise/Supervisor.js"
import type * as Timers from "../supervise/Timers.js"
import type { Ended } from "./Ended.js"
import type { Index, Link, Lists } from "./Index.js"
import * as Keys from "./Keys.js"
import { WaitTargetGone, WaitTimeout } from "./WaitError.js"
import type { For } from "./Waits.js"

/** What all waits of a bot share. */
export interface Hub {
  readonly supervisor: Supervisor
  readonly timers: Timers.Timers
  readonly deadlines: Timers.Lane
  readonly takers: Index<Alternative>
  readonly watchers: Index<Alternative>
  /** Those takers of presses that are for one person, by all they give but the person. */
  readonly personal: Index<Alternative>
  /** Those that end with a message, a channel or a guild, by its id. */
  readonly messages: Lists<Outstanding<unknown>>
  readonly channels: Lists<Outstanding<unknown>>
  readonly guilds: Lists<Outstanding<unknown>>
  /** Ids of the messages that were deleted last. */
  readonly deleted: Array<string>
  /** Of which a press may still be on its way. */
  readonly ended: Ended
  /** The bot's own user id, once it is known. */
  me: string | undefined
  /** How many waits there were. */
  made: number
}

/** One of the things that a wait is for. */
export class Alternative {
  /** Its place in the index. */
  link: Link<Alternative> | undefined
  /** Its place among the personal ones. */
  personal: Link<Alternative> | undefined
  also: Alternative | undefined
  constructor(
    readonly wait: Outstanding<unknown>,
    readonly what: For<unknown>,
    readonly order: number,
  ) {}
}

type Failure = WaitTimeout | WaitTargetGone

/** A fiber that waits for an event. */
interface Reader<A> {
  readonly task: Roster.Held | undefined
  readonly resume: (effect: Effect.Effect<A, Failure>) => void
  readonly read: Effect.Effect<A, Failure>
}

const NONE: ReadonlyArray<never> = []

export class Outstanding<A> {
  /** What it is for, one behind the other. */
  private alternatives: Alternative | undefined
  /** Its places among those that end with something, one behind the other. */
  private targets: Link<Outstanding<unknown>> | undefined
  private readonly entry: Roster.Held | undefined
  private timer: Timers.Timer | undefined
  private due = Infinity
  /** Milliseconds. */
  private within = Infinity
  private kept: Array<A> | undefined
  private readers: ReadonlyArray<Reader<A>> = NONE
  private ended: Effect.Effect<never, Failure> | undefined
  private readonly text: string

  /** `all`: what of it the bot gets. `left`: how many events it may still take. */
  constructor(
    private readonly hub: Hub,
    what: For<A>,
    all: ReadonlyArray<For<A>>,
    private readonly owner: Roster.Held | undefined,
    private left: number,
    private readonly watches: boolean,
  ) {
    const order = hub.made++
    const { by } = what
    this.text = what.text
    this.entry = hub.supervisor.park({
      name: what.text,
      userId: by.userId ?? owner?.userId,
      guildId: by.guildId ?? owner?.guildId,
      channelId: by.channelId ?? owner?.channelId,
      owner,
      cancel: (reason) => this.cancel(reason),
    })
    if (this.entry === undefined) {
      this.cancel("shutdown")
      return
    }
    for (const one of left > 0 ? all : []) {
      const alternative = new Alternative(this as Outstanding<unknown>, one as For<unknown>, order)
      alternative.link = this.index.add(alternative)
      if (!watches && isPersonal(one)) {
        alternative.personal = hub.personal.add(alternative, { ...one.by, userId: undefined })
      }
      alternative.also = this.alternatives
      this.alternatives = alternative
    }
    // Also of what the bot does not get: it says where the others are.
    const every = allOf(what)
    for (const { by } of every) {
      const { channelId, guildId, messageId } = by
      if (messageId !== undefined) this.target(hub.messages, messageId)
      if (channelId !== undefined) this.target(hub.channels, channelId)
      if (guildId !== undefined) this.target(hub.guilds, guildId)
    }
    if (every.every(isPlaceless)) {
      if (owner?.channelId !== undefined) this.target(hub.channels, owner.channelId)
      if (owner?.guildId !== undefined) this.target(hub.guilds, owner.guildId)
    }
  }

  start(millis: number): void {
    const { deadlines, timers } = this.hub
    if (this.ended !== undefined || this.timer !== undefined) return
    this.due = timers.now() + millis
    if (this.entry !== undefined) this.entry.deadlineAt = this.due
    this.within = millis
    this.timer = deadlines.at(this.due, () => this.timeout())
  }

  until({ channelId, messageId }: { readonly channelId: string; readonly messageId: string }): void {
    if (this.ended !== undefined) return
    this.target(this.hub.messages, messageId)
    this.target(this.hub.channels, channelId)
    if (this.hub.deleted.includes(messageId)) this.gone("message")
  }

  gone(gone: WaitTargetGone["gone"]): void {
    if (this.isDue()) this.timeout()
    else this.end(Effect.suspend(() => new WaitTargetGone({ what: this.text, gone })))
  }

  /** Ends it for a reason that its task will be asked for. */
  cancel(reason: Roster.CancelReason): void {
    if (this.ended !== undefined) return
    if (this.isDue()) return this.timeout()
    if (this.owner !== undefined) this.owner.endedBy ??= reason
    for (const { task } of this.readers) if (task !== undefined) task.endedBy ??= reason
    this.end(Effect.interrupt)
  }

  /** Ends it with its scope. What was taken and never read is acknowledged. */
  close(): void {
    this.end(Effect.interrupt)
    const { kept } = this
    this.kept = undefined
    if (kept === undefined || this.watches) return
    for (const event of kept) if (isPress(event)) event.response.accept()
  }

  // -------------------------------------------------------------------------------------------------------
  // Events
  // -------------------------------------------------------------------------------------------------------

  /** True where it was for this wait, which has it now. */
  offer(what: For<unknown>, event: unknown, keys: Keys.Keys, now: number, command: boolean): boolean {
    const { by, commands, where } = what
    if (!this.isOpen(now) || (command && !commands) || !fits(by, keys)) return false
    if ((by.userId !== undefined && by.userId !== keys.userId) || !this.isMeant(what, event, keys))
      return false
    try {
      if (where !== undefined && !where(event)) return false
    } catch (defect) {
      this.end(Effect.die(defect))
      return false
    }
    if (--this.left === 0) this.unlist()
    ;(this.kept ??= []).push(event as A)
    this.wake()
    return true
  }

  /** Whether it waits for this, but from another person. */
  isForeign({ by, where }: For<unknown>, event: unknown, keys: Keys.Keys, now: number): boolean {
    if (!this.isOpen(now) || by.userId === keys.userId || !fits(by, keys)) return false
    try {
      return where === undefined || where(event)
    } catch {
      // It may count on its own person. A stranger ends nobody's wait.
      return false
    }
  }

  private isOpen(now: number): boolean {
    return this.ended === undefined && this.left > 0 && now < this.due
  }

  /** Whether whoever did this counts. */
  private isMeant({ bots, by, event: name }: For<unknown>, event: unknown, { userId }: Keys.Keys): boolean {
    switch (name) {
      case GatewayDispatchEvents.MessageCreate:
        return isSaid(event as GatewayMessageCreateDispatchData, bots)
      case GatewayDispatchEvents.MessageReactionAdd:
      case GatewayDispatchEvents.MessageReactionRemove:
        return bots || by.userId === userId || (userId !== this.hub.me && !isOfBot(event))
      default:
        return true
    }
  }

  // -------------------------------------------------------------------------------------------------------
  // Reading
  // -------------------------------------------------------------------------------------------------------

  /** The oldest event that was kept, or the end, or undefined. */
  private poll(): Effect.Effect<A, Failure> | undefined {
    return this.kept !== undefined && this.kept.length > 0
      ? Effect.succeed(this.kept.shift() as A)
      : this.ended
  }

  /** The oldest event that was kept, or the next that comes. */
  next(): Effect.Effect<A, Failure> {
    return (
      this.poll() ??
      Effect.withFiberRuntime((fiber) =>
        Effect.async((resume) => {
          const read = Effect.suspend(() => this.next())
          const polled = this.poll()
          if (polled !== undefined) return resume(polled)
          const reader = { task: taskOf(fiber), resume, read }
          this.park(reader)
          return Effect.sync(() => this.leave(reader))
        }),
      )
    )
  }

  /** Reads the one event there is to be, for the task that armed it; then it is over. */
  once(resume: (effect: Effect.Effect<A, Failure>) => void): void {
    const read = Effect.suspend(() => {
      const polled = this.poll() ?? Effect.interrupt
      this.close()
      return polled
    })
    if (this.ended === undefined) this.park({ task: this.owner, resume, read })
    else resume(read)
  }

  /** Events as they come; at the deadline it ends. */
  stream(atMost: number | undefined): Stream.Stream<A, WaitTargetGone> {
    const next = Effect.mapError(
      Effect.suspend(() => this.next()),
      (error) => (error._tag === "WaitTimeout" ? Option.none() : Option.some(error)),
    )
    const events = Stream.repeatEffectOption(next)
    if (atMost === undefined) return events
    return Stream.suspend(() => {
      this.left = Math.max(0, atMost - (this.kept?.length ?? 0))
      if (this.left === 0) this.unlist()
      return Stream.take(events, atMost)
    })
  }

  private park(reader: Reader<A>): void {
    this.readers = this.readers === NONE ? [reader] : [...this.readers, reader]
    if (reader.task !== undefined) this.hub.supervisor.pause(reader.task)
  }
  private leave(reader: Reader<A>): void {
    if (this.readers.includes(reader)) this.unpark(reader)
    // It was woken for an event, and went without it.
    else if (this.kept !== undefined && this.kept.length > 0) this.wake()
  }
  private unpark(reader: Reader<A>): void {
    const others = this.readers.filter((one) => one !== reader)
    this.readers = others.length === 0 ? NONE : others
    if (reader.task !== undefined) this.hub.supervisor.resume(reader.task)
  }
  private wake(): void {
    const [reader] = this.readers
    if (reader === undefined) return
    this.unpark(reader)
    reader.resume(reader.read)
  }

  // -------------------------------------------------------------------------------------------------------
  // The end
  // -------------------------------------------------------------------------------------------------------

  /** The deadline wins a tie, also where its timer has not fired yet. */
  private isDue(): boolean {
    return this.hub.timers.now() >= this.due
  }
  private timeout(): void {
    this.end(Effect.suspend(() => new WaitTimeout({ what: this.text, after: this.within })))
  }
  private end(ended: Effect.Effect<never, Failure>): void {
    if (this.ended !== undefined) return
    this.ended = ended
    this.timer?.cancel()
    this.unlist()
    for (let link = this.targets; link !== undefined; link = link.also) link.lists?.remove(link)
    this.targets = undefined
    if (this.entry !== undefined) this.hub.supervisor.release(this.entry)
    while (this.readers.length > 0) this.wake()
  }

  private get index(): Index<Alternative> {
    return this.watches ? this.hub.watchers : this.hub.takers
  }
  private unlist(): void {
    for (let one = this.alternatives; one !== undefined; one = one.also) {
      if (one.link !== undefined) this.index.remove(one.link)
      if (one.personal !== undefined) this.hub.personal.remove(one.personal)
      const { customId } = one.what.by
      if (customId !== undefined) this.hub.ended.add(customId, this.hub.timers.now())
    }
    this.alternatives = undefined
  }
  private target(lists: Lists<Outstanding<unknown>>, id: string): void {
    const link = lists.add(id, this as Outstanding<unknown>)
    link.also = this.targets
    this.targets = link
  }
}

const isPress = (event: unknown): event is Press =>
  typeof event === "object" && event !== null && "customId" in event && "response" in event

/** All that it is for. */
export const allOf = <A>(what: For<A>): ReadonlyArray<For<A>> =>
  what.or === undefined ? [what] : [what, ...what.or]

const isPersonal = ({ by, event }: For<never>): boolean =>
  by.userId !== undefined && (event === "component" || event === "modal")

/** Whether it has to do with one message or form and does not say where that is: then where its task is. */
const isPlaceless = ({ by }: For<never>): boolean =>
  by.channelId === undefined && (by.messageId !== undefined || by.customId !== undefined)

/** Which task a fiber belongs to. */
export const taskOf = (fiber: Fiber.RuntimeFiber<unknown, unknown>): Roster.Held | undefined =>
  fiber.currentContext.unsafeMap.get(Roster.CurrentTask.key) as Roster.Held | undefined

/** All ids that are given, except the person's. */
const fits = (by: For<unknown>["by"], keys: Keys.Keys): boolean =>
  (by.customId === undefined ||
    keys.customId === by.customId ||
    (keys.customId !== undefined && Keys.baseOf(keys.customId) === by.customId)) &&
  (by.messageId === undefined || by.messageId === keys.messageId) &&
  (by.channelId === undefined || by.channelId === keys.channelId) &&
  (by.guildId === undefined || by.guildId === keys.guildId)

/** Whether a message was written, and not made by Discord; where bots do not count, by a person. */
const isSaid = (message: GatewayMessageCreateDispatchData, bots: boolean): boolean => {
  switch (message.type) {
    case MessageType.Default:
    case MessageType.Reply:
      return bots || (message.author.bot !== true && message.webhook_id === undefined)
    case MessageType.ChatInputCommand:
    case MessageType.ContextMenuCommand:
      return bots
    default:
      return false
  }
}

const isOfBot = (event: unknown): boolean =>
  (event as { readonly member?: { readonly user?: { readonly bot?: boolean } } }).member?.user?.bot === true
