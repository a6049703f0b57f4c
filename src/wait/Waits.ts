/**
 * What is waited for, and what happens to it when an event comes.
 *
 * Waits are kept by what they wait for, so that an event finds those that it fits without a look at the others:
 * it costs the same with none outstanding or 50,000. Of those that fit, the first that came gets the event; those
 * that only watch all see it. A wait ends with its answer, at its deadline, with its scope, by a cancellation from
 * the roster, or when the place that its answer would come from is gone. At an exact tie the deadline wins.
 *
 * Failure modes: a `where` that throws ends its own wait with that defect and no other. Nothing tells a bot that a
 * private answer was dismissed, or that a message was deleted while it was not connected: such a wait ends at its
 * deadline. Events come only with their intents: to wait for one that the bot did not ask for dies with
 * `MissingIntent`.
 *
 * @module
 */
import {
  type GatewayDispatchPayload,
  GatewayDispatchEvents,
  type GatewayMessageCreateDispatchData,
} from "discord-api-types/v10"
import { Context, Duration, Effect, Layer, type Scope, type Stream } from "effect"
import type { Press } from "../interaction/Press.js"
import { Supervisor } from "../supervise/Supervisor.js"
import { Timers } from "../supervise/Timers.js"
import { Ended } from "./Ended.js"
import { Index, Lists } from "./Index.js"
import * as Intents from "./Intents.js"
import * as Keys from "./Keys.js"
import { allOf, type Hub, Outstanding, taskOf } from "./Outstanding.js"
import { InvalidWait, type WaitTargetGone, type WaitTimeout } from "./WaitError.js"

/** What is waited for: a plain value, made by `Wait`. */
export interface For<A> {
  /** A gateway event's name, or `component` / `modal` for presses. */
  readonly event: string
  /** All that are given must fit; the index uses the most specific ones. */
  readonly by: Key
  readonly where: ((event: A) => boolean) | undefined
  /** Messages only: whether a message that is a prefix command counts. */
  readonly commands: boolean
  /** Messages and reactions only: whether those of bots and webhooks count. */
  readonly bots: boolean
  /** What is listed on the roster and said in errors. */
  readonly text: string
  /** What it is for besides: the first of any comes to it. */
  readonly or?: ReadonlyArray<For<A>> | undefined
  /** Whether it is left out where the bot does not get such events. Otherwise that is a defect. */
  readonly optional?: boolean | undefined
}

export interface Key {
  /**
   * Of a press: its custom id, or that up to the first `~`, so that one wait has all components of one question
   * (`w1.k3~yes`, `w1.k3~no` are both `w1.k3`).
   */
  readonly customId?: string | undefined
  readonly messageId?: string | undefined
  readonly channelId?: string | undefined
  readonly userId?: string | undefined
  readonly guildId?: string | undefined
}

export interface ArmOptions {
  /** Sees events without taking them from others. Default false. */
  readonly watch?: boolean | undefined
  /** Takes no more than so many. Default: whatever comes until it ends. */
  readonly atMost?: number | undefined
}

/** A wait that is on: events are kept for it from now on. It is read once it has a deadline. */
export interface Armed<out A> {
  /**
   * Starts the deadline, and gives what reads the events. Called again it changes nothing. Dies with `InvalidWait`
   * where `within` is no time.
   */
  readonly start: (within: Duration.DurationInput) => Effect.Effect<Started<A>>
  /** From now on the wait also ends when this message is deleted. */
  readonly until: (target: { readonly messageId: string; readonly channelId: string }) => Effect.Effect<void>
}

/** A wait with its deadline. */
export interface Started<out A> {
  /** The first event. Interruption gives up the waiting, not the armed wait: that ends with its scope. */
  readonly next: Effect.Effect<A, WaitTimeout | WaitTargetGone>
  /** Events as they come, `atMost` many; ends at the deadline. */
  readonly stream: (atMost?: number) => Stream.Stream<A, WaitTargetGone>
}

/** One outstanding wait, as it is listed. */
export interface Listed {
  /** That of its entry on the roster: `Supervisor.cancel` ends it. */
  readonly id: number
  readonly text: string
  /** Epoch milliseconds. */
  readonly since: number
  readonly deadlineAt: number | undefined
  /** The task on the roster that waits; undefined where it is none. */
  readonly taskId: number | undefined
}

export interface Waits {
  /**
   * Keeps events from now on, until the scope closes. Presses that were kept and never read are then acknowledged
   * in silence. Dies with `MissingIntent`.
   */
  readonly arm: <A>(what: For<A>, options?: ArmOptions) => Effect.Effect<Armed<A>, never, Scope.Scope>
  /** Waits for one event. Interruption ends the wait. Dies with `MissingIntent` and `InvalidWait`. */
  readonly next: <A>(
    what: For<A>,
    within: Duration.DurationInput,
    options?: Pick<ArmOptions, "watch">,
  ) => Effect.Effect<A, WaitTimeout | WaitTargetGone>
  /** Every packet: ends the waits whose message, channel, thread or guild is gone, and answers those for any event. */
  readonly packet: (packet: GatewayDispatchPayload) => void
  /** True where a wait took it. `command`: whether it is a prefix command that the bot knows. */
  readonly message: (message: GatewayMessageCreateDispatchData, command: boolean) => boolean
  /**
   * `foreign`: somebody waits for exactly this, but from another person; `late`: it is a wait's that does not want it,
   * or has ended just now; `stale`: it is a wait's, and nobody waits for anything on that message.
   */
  readonly press: (press: Press) => "claimed" | "foreign" | "late" | "stale" | "unclaimed"
  readonly outstanding: Effect.Effect<ReadonlyArray<Listed>>
}

export const Waits = Context.GenericTag<Waits>("bosun/wait/Waits")

/** What every custom id that a wait owns starts with. */
export const PREFIX = "w1."

export interface Options {
  /** The bot's gateway intents; 0 while they are not known. Default 0: then none is missed. */
  readonly granted?: (() => number) | undefined
  /**
   * The channels and threads of a guild, or the threads of a channel, as far as they are known: where one is
   * deleted, what is waited for in them goes with it. Default none.
   */
  readonly inside?: ((id: string) => Iterable<string>) | undefined
}

export const make = (options: Options = {}): Effect.Effect<Waits, never, Supervisor | Timers | Scope.Scope> =>
  Effect.gen(function* () {
    const supervisor = yield* Supervisor
    const timers = yield* Timers
    const { granted = () => 0, inside = () => [] } = options
    const hub: Hub = {
      supervisor,
      timers,
      deadlines: timers.heap(),
      takers: new Index(),
      watchers: new Index(),
      personal: new Index(),
      messages: new Lists(),
      channels: new Lists(),
      guilds: new Lists(),
      deleted: [],
      ended: new Ended(),
      me: undefined,
      made: 0,
    }

    /** Gives an event to those who wait for it: watchers all, of the others the first. True where one took it. */
    const offer = (event: string, data: unknown, keys: Keys.Keys, command: boolean): boolean => {
      const now = timers.now()
      let seen: Outstanding<unknown> | undefined
      hub.watchers.visit(event, keys, ({ wait, what }) => {
        // Alternatives of one wait come one after the other.
        if (wait !== seen && wait.offer(what, data, keys, now, command)) seen = wait
        return false
      })
      return hub.takers.visit(event, keys, ({ wait, what }) => wait.offer(what, data, keys, now, command))
    }
    const isForeign = (press: Press, keys: Keys.Keys): boolean => {
      const now = timers.now()
      return hub.personal.visit(press.kind, keys, ({ wait, what }) => wait.isForeign(what, press, keys, now))
    }
    const isAwaited = (event: string): boolean => hub.takers.has(event) || hub.watchers.has(event)
    /** Whether a wait is on what was pressed, or on anything else of the same message, or was until just now. */
    const isOwned = (press: Press, keys: Keys.Keys): boolean => {
      const isLive = (customId: string) =>
        [hub.takers, hub.watchers, hub.personal].some((index) =>
          PRESSES.some((kind) => index.visit(kind, { ...keys, customId }, () => true)),
        )
      return Keys.customIdsOf(press).some(
        (customId) => hub.ended.has(Keys.baseOf(customId), timers.now()) || isLive(customId),
      )
    }

    const gone = (lists: Lists<Outstanding<unknown>>, id: string, what: WaitTargetGone["gone"]): void => {
      for (const wait of lists.all(id)) wait.gone(what)
    }
    const messageGone = (id: string): void => {
      gone(hub.messages, id, "message")
      // Of a question that is being sent the id is known only when Discord has answered.
      if (hub.takers.isEmpty() && hub.watchers.isEmpty()) return
      hub.deleted.push(id)
      if (hub.deleted.length > REMEMBERED) hub.deleted.shift()
    }
    const channelGone = (id: string, what: WaitTargetGone["gone"]): void => {
      gone(hub.channels, id, what)
      if (!hub.channels.isEmpty()) for (const thread of inside(id)) gone(hub.channels, thread, what)
    }
    const ending = (packet: GatewayDispatchPayload): void => {
      switch (packet.t) {
        case GatewayDispatchEvents.Ready:
          hub.me = packet.d.user.id
          return
        case GatewayDispatchEvents.MessageDelete:
          return messageGone(packet.d.id)
        case GatewayDispatchEvents.MessageDeleteBulk:
          return packet.d.ids.forEach(messageGone)
        case GatewayDispatchEvents.ChannelDelete:
          return channelGone(packet.d.id, "channel")
        case GatewayDispatchEvents.ThreadDelete:
          return gone(hub.channels, packet.d.id, "thread")
        case GatewayDispatchEvents.ThreadMembersUpdate:
          if (hub.me === undefined || packet.d.removed_member_ids?.includes(hub.me) !== true) return
          return gone(hub.channels, packet.d.id, "thread")
        case GatewayDispatchEvents.GuildDelete:
          // An outage: the guild comes back.
          if (packet.d.unavailable === true) return
          gone(hub.guilds, packet.d.id, "guild")
          channelGone(packet.d.id, "guild")
      }
    }

    /** What of it the bot gets. Dies where it does not get what is not optional. */
    const available = <A>(what: For<A>): Effect.Effect<ReadonlyArray<For<A>>> => {
      const got: Array<For<A>> = []
      for (const one of allOf(what)) {
        const missing = Intents.missing(one, granted())
        if (missing === undefined) got.push(one)
        else if (one.optional !== true) return Effect.die(missing)
      }
      return Effect.succeed(got)
    }

    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        for (const { wait } of [...hub.takers.all(), ...hub.watchers.all()]) wait.cancel("shutdown")
      }),
    )

    return {
      arm: <A>(what: For<A>, options?: ArmOptions) =>
        Effect.acquireRelease(
          Effect.withFiberRuntime<Outstanding<A>>((fiber) =>
            Effect.map(
              available(what),
              (all) =>
                new Outstanding<A>(
                  hub,
                  what,
                  all,
                  taskOf(fiber),
                  options?.atMost ?? Infinity,
                  options?.watch ?? false,
                ),
            ),
          ),
          (wait) => Effect.sync(() => wait.close()),
        ).pipe(
          Effect.map((wait): Armed<A> => {
            const reader: Started<A> = {
              next: Effect.suspend(() => wait.next()),
              stream: (atMost) => wait.stream(atMost),
            }
            return {
              start: (within) =>
                Effect.as(
                  started(within, (millis) => wait.start(millis)),
                  reader,
                ),
              until: (target) => Effect.sync(() => wait.until(target)),
            }
          }),
        ),
      next: <A>(what: For<A>, within: Duration.DurationInput, options?: ArmOptions) =>
        Effect.withFiberRuntime<A, WaitTimeout | WaitTargetGone>((fiber) => {
          const millis = toMillis(within)
          if (millis === undefined) return Effect.die(new InvalidWait({ within: String(within) }))
          return Effect.flatMap(available(what), (all) =>
            // All in one step: an interruption then finds nothing, or the wait and what ends it.
            Effect.async<A, WaitTimeout | WaitTargetGone>((resume) => {
              const wait = new Outstanding(hub, what, all, taskOf(fiber), 1, options?.watch ?? false)
              wait.start(millis)
              wait.once(resume)
              return Effect.sync(() => wait.close())
            }),
          )
        }),
      packet: (packet) => {
        if (isAwaited(packet.t)) offer(packet.t, packet.d, Keys.ofPacket(packet), false)
        ending(packet)
      },
      message: (message, command) =>
        isAwaited(GatewayDispatchEvents.MessageCreate) &&
        offer(GatewayDispatchEvents.MessageCreate, message, Keys.ofMessage(message), command),
      press: (press) => {
        const keys = Keys.ofPress(press)
        if (isAwaited(press.kind)) {
          if (offer(press.kind, press, keys, false)) return "claimed"
          if (isForeign(press, keys)) return "foreign"
        }
        if (!press.customId.startsWith(PREFIX)) return "unclaimed"
        return isOwned(press, keys) ? "late" : "stale"
      },
      outstanding: Effect.map(supervisor.roster, (entries) =>
        entries
          .filter(({ kind }) => kind === "wait")
          .map(({ deadlineAt, id, name, ownerId, startedAt }) => ({
            id,
            text: name,
            since: startedAt,
            deadlineAt,
            taskId: ownerId,
          })),
      ),
    }
  })

export const layer = (options?: Options): Layer.Layer<Waits, never, Supervisor | Timers> =>
  Layer.scoped(Waits, make(options))

const PRESSES = ["component", "modal"] as const

/** How many deleted messages are remembered: for the time that a question is on its way. */
const REMEMBERED = 256

/** Undefined for what is no time to wait: none, less, or without end. */
const toMillis = (within: Duration.DurationInput): number | undefined => {
  const millis = Duration.toMillis(within)
  return millis > 0 && Number.isFinite(millis) ? millis : undefined
}

const started = (within: Duration.DurationInput, start: (millis: number) => void): Effect.Effect<void> =>
  Effect.suspend(() => {
    const millis = toMillis(within)
    return millis === undefined
      ? Effect.die(new InvalidWait({ within: String(within) }))
      : Effect.sync(() => start(millis))
  })
