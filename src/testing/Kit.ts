/**
 * A bot under test: over a Discord in this process, with a real discord.js Client between, in virtual time.
 *
 * `run` gives a test people (`ada`, `ben`, `member`), a clock, and what is left over at the end. There is no
 * socket and no real sleep. Each run has a guild, people and features of its own; the bot beneath is kept for the
 * next run, which is why a property can be tried a thousand times in a second.
 *
 * The result is an ordinary effect: run it in `it.effect`, `it.scoped`, `it.live` or `it.effect.prop` of
 * @effect/vitest, or give it to `runPromise`. The clock of the test outside is left alone; inside, everything
 * runs on the virtual one, which begins at midnight (UTC) on a Thursday, in 1970 or later.
 *
 * Failure modes: a test that waits for what can never come fails with `Deadlock`, work outside virtual time that
 * does not end with `Outstanding`. What a failing test prints ends with the transcript.
 *
 * @module
 */
import { Cause, Context, Duration, Effect, Either, Exit, Layer, Runtime, Scope } from "effect"
import * as Commands from "../command/Commands.js"
import * as Deploy from "../command/Deploy.js"
import * as SandboxCommands from "../sandbox/world/Commands.js"
import * as Plan from "../sandbox/fault/Plan.js"
import type { UnknownActor } from "../sandbox/people/ActorError.js"
import * as Guilds from "../sandbox/world/Guilds.js"
import type { Guild } from "../sandbox/model/Model.js"
import { Bit } from "../sandbox/world/Permissions.js"
import type { Sandbox } from "../sandbox/Sandbox.js"
import type * as Roster from "../supervise/Roster.js"
import { Shutdown } from "../supervise/Shutdown.js"
import { Supervisor } from "../supervise/Supervisor.js"
import { Leftovers } from "./Leftovers.js"
import * as Member from "./Member.js"
import { Rig, type Options as RigOptions, type Services } from "./Rig.js"
import { Waiting } from "./Turn.js"
import * as VirtualClock from "./VirtualClock.js"

export type { Member } from "./Member.js"
export type { Shown } from "./Screen.js"
export type { Outcome, Turn } from "./Turn.js"

export interface Options extends RigOptions {
  /** For Effect's `Random`. Default 0. */
  readonly seed?: number
  /** Draws the order of what happens at one moment. Default: first come, first served. */
  readonly interleaving?: number
  /**
   * How long a request takes, there and back, milliseconds if a number; a list gives each request in turn its
   * own, over and over. Default 0.
   */
  readonly latency?: Duration.DurationInput | ReadonlyArray<number>
  /** The same for events on their way to the bot. They stay in order. */
  readonly gatewayLatency?: Duration.DurationInput | ReadonlyArray<number>
  /** Text channels of the guild. Default `general`, `tryouts`, `mod-log`. */
  readonly channels?: ReadonlyArray<string>
  /**
   * How far time may go while the test waits for a message or an outcome: where the bot's next timer is further away
   * than this from what happened last (an event, a request, an outcome, a log line), it is a deadlock. So it has to
   * be longer than the bot's own waits and deadlines that such a test wants to see end. It limits neither the test's
   * sleeps nor what `runToIdle` waits for, where that has a deadline. Default 1 hour.
   */
  readonly horizon?: Duration.DurationInput
  /**
   * A fault plan that the sandbox follows while the test runs, as a value or as text (`error 2%; drop 1%`, `storm`). A text that
   * is no plan is a defect. `kit.sandbox.faults.running()` tells what it did. A `zombie` without an end is found only
   * by heartbeats, which `sandbox: { heartbeatInterval: 41_250 }` switches on.
   */
  readonly faults?: string | Plan.Plan
}

/** Virtual time, as a test moves it. */
export interface Clock {
  /** Lets time pass, and everything happen that happens until then. */
  readonly advance: (duration: Duration.DurationInput) => Effect.Effect<void>
  /**
   * Lets time pass until the bot has nothing to do or to wait for any more, and no sleep of the test's own is
   * left. Heartbeats and other housekeeping never keep it going.
   */
  readonly runToIdle: Effect.Effect<void>
  /** Lets everything happen that can happen without time passing. */
  readonly settle: Effect.Effect<void>
  /** Virtual milliseconds since the run began. */
  readonly now: Effect.Effect<number>
}

/** What a test has in hand. */
export interface Kit {
  /** Owner of the guild. */
  readonly ada: Member.Member
  /** A moderator. */
  readonly ben: Member.Member
  /** A member by name; one who is not there yet joins, with the roles named. */
  readonly member: (name: string, options?: { readonly roles?: ReadonlyArray<string> }) => Member.Member
  readonly clock: Clock
  /** What is still there, by name: fibers, waits, deadlines, live buttons, unanswered interactions, requests. */
  readonly leftovers: Effect.Effect<ReadonlyArray<string>>
  readonly roster: Effect.Effect<ReadonlyArray<Roster.Entry>>
  readonly guild: Guild
  readonly sandbox: Sandbox
  readonly world: Sandbox["world"]
  /** Asks the bot to stop: running commands have the grace, then are ended and their users told. */
  readonly shutdown: (grace?: Duration.DurationInput) => Effect.Effect<void>
  /** What has happened so far, a line for each thing. */
  readonly transcript: Effect.Effect<ReadonlyArray<string>>
}

/** Why a run ended without the test's own doing. */
export type Failure = VirtualClock.Deadlock | VirtualClock.Outstanding

/** What a test need not bring along. */
export type Provided = Services | Scope.Scope

type Body<A, E, R> = (kit: Kit) => Effect.Effect<A, E, R>
type Given<A, E, R> = readonly [Body<A, E, R>] | readonly [Options, Body<A, E, R>]

/**
 * Runs a test against features. Fails with what the test or the features' layer fails with, or with `Failure`.
 * Interruption ends the run and throws its bot away.
 */
export const run: {
  <F, FE, A, E, R>(
    features: Layer.Layer<F, FE, Services>,
    body: Body<A, E, R>,
  ): Effect.Effect<A, E | FE | Failure, Exclude<R, F | Provided>>
  <F, FE, A, E, R>(
    features: Layer.Layer<F, FE, Services>,
    options: Options,
    body: Body<A, E, R>,
  ): Effect.Effect<A, E | FE | Failure, Exclude<R, F | Provided>>
} = <F, FE, A, E, R>(
  features: Layer.Layer<F, FE, Services>,
  ...rest: Given<A, E, R>
): Effect.Effect<A, E | FE | Failure, Exclude<R, F | Provided>> => {
  const [options, body] = rest.length === 1 ? [{}, rest[0]] : rest
  return Effect.contextWithEffect((outer: Context.Context<Exclude<R, F | Provided>>) =>
    Effect.async<A, E | FE | Failure>((resume) => {
      const stop = new AbortController()
      void execute(features, options, body, outer, stop.signal).then(
        (exit) => resume(exit),
        (defect: unknown) => resume(isOutstanding(defect) ? Effect.fail(defect) : Effect.die(defect)),
      )
      return Effect.sync(() => stop.abort())
    }),
  )
}

/** The same as a promise, for a plain `it`. Rejects with the error itself. */
export const runPromise: {
  <F, FE, A, E>(features: Layer.Layer<F, FE, Services>, body: Body<A, E, F | Provided>): Promise<A>
  <F, FE, A, E>(
    features: Layer.Layer<F, FE, Services>,
    options: Options,
    body: Body<A, E, F | Provided>,
  ): Promise<A>
} = async <F, FE, A, E>(
  features: Layer.Layer<F, FE, Services>,
  ...rest: Given<A, E, F | Provided>
): Promise<A> => {
  const [options, body] = rest.length === 1 ? [{}, rest[0]] : rest
  const exit = await execute(features, options, body, Context.empty(), undefined)
  if (Exit.isFailure(exit)) throw Cause.squash(exit.cause)
  return exit.value
}

/** Ends the bots that are kept for further runs. Only a process that ends by itself needs it. */
export const close = async (): Promise<void> => {
  const rigs = [...shelf.values()].flat()
  shelf.clear()
  for (const rig of rigs) await rig.stop()
}

// ---------------------------------------------------------------------------------------------------------
// Rigs that are kept
// ---------------------------------------------------------------------------------------------------------

/** By patience: bots and sandboxes with options of their own are not kept. */
const shelf = new Map<number | undefined, Array<Rig>>()

const isPlain = ({ bot, sandbox }: Options): boolean => bot === undefined && sandbox === undefined

const take = async (options: Options): Promise<Rig> =>
  (isPlain(options) ? shelf.get(options.patience)?.pop() : undefined) ?? Rig.start(options)

const give = (rig: Rig, { patience }: Options): void => {
  const rigs = shelf.get(patience)
  if (rigs === undefined) shelf.set(patience, [rig])
  else rigs.push(rig)
}

// ---------------------------------------------------------------------------------------------------------
// One run
// ---------------------------------------------------------------------------------------------------------

const execute = async <F, FE, A, E, R>(
  features: Layer.Layer<F, FE, Services>,
  options: Options,
  body: Body<A, E, R>,
  outer: Context.Context<Exclude<R, F | Provided>>,
  signal: AbortSignal | undefined,
): Promise<Exit.Exit<A, E | FE | Failure>> => {
  const rig = await take(options)
  await rig.begin()
  const run = new Run(rig, options)
  const scope = Effect.runSync(Scope.make())
  const built = await run.build(features, scope)
  let exit: Exit.Exit<A, E | FE | Failure>
  if (Exit.isFailure(built)) exit = Exit.failCause(built.cause)
  else {
    run.deploy()
    const context = Context.mergeAll(outer, built.value, Context.make(Scope.Scope, scope))
    exit = await run.test(body, context as Context.Context<R>, signal)
  }
  exit = Exit.mapErrorCause(exit, (cause) => told(cause, rig))
  const clean = await run.end(scope)
  if (clean && isPlain(options) && !rig.isWorn()) give(rig, options)
  else await rig.stop()
  return exit
}

class Run {
  private readonly guild: Guild
  private readonly leftovers: Leftovers
  private readonly waiting = new Waiting()
  private readonly members = new Map<string, Member.Member>()
  private stopped = false

  constructor(
    private readonly rig: Rig,
    private readonly options: Options,
  ) {
    this.leftovers = new Leftovers(rig)
    this.guild = harbour(rig, options.channels ?? ["general", "tryouts", "mod-log"])
  }

  /** The features, with the bot's services, in a scope of their own. */
  async build<F, FE>(
    features: Layer.Layer<F, FE, Services>,
    scope: Scope.Scope,
  ): Promise<Exit.Exit<Context.Context<F | Services>, FE>> {
    const { leftovers, options, rig } = this
    rig.session.set(options)
    const fork = Runtime.runFork(rig.runtime(rig.services, leftovers.fibers))
    const exit = await rig.finish(fork(Layer.buildWithScope(features, scope)))
    return Exit.map(exit, (built) => Context.merge(rig.services, built))
  }

  /** Gives the commands to the sandbox, unless they are the former run's. */
  deploy(): void {
    const { rig } = this
    const all = Context.get(rig.services, Commands.Commands).all()
    if (!sameAs(rig, all)) SandboxCommands.overwrite(rig.sandbox.world, null, Deploy.payloads(all))
    deployed.set(rig, all)
  }

  /** Runs the test itself. */
  async test<A, E, R>(
    body: Body<A, E, R>,
    context: Context.Context<R>,
    signal: AbortSignal | undefined,
  ): Promise<Exit.Exit<A, E | Failure>> {
    const { leftovers, options, rig } = this
    const { session } = rig
    rig.link.rest = latency(options.latency)
    rig.link.gateway = latency(options.gatewayLatency)
    await session.drive(() => true)
    if (options.faults !== undefined) rig.sandbox.faults.follow(planned(options.faults))
    leftovers.begin()
    const horizon = Duration.toMillis(options.horizon ?? "1 hour")
    let happened = -1
    let happenedAt = rig.now()
    let passed: number | undefined
    session.stuck = () => {
      leftovers.findHung()
      if (session.agenda.foreground > 0 || rig.transcript.size !== happened) {
        happened = rig.transcript.size
        happenedAt = rig.now()
      }
      const next = (session.agenda.next() ?? Infinity) - session.agenda.now + rig.now()
      if (session.agenda.foreground > 0 || next - happenedAt <= horizon) return false
      if (session.isAwaitingQuiet() && leftovers.isEnding()) return false
      if (leftovers.isAhead()) passed = horizon
      return true
    }
    const fiber = Runtime.runFork(session.runtime(context))(Effect.suspend(() => body(this.kit())))
    const onAbort = () => fiber.unsafeInterruptAsFork(fiber.id())
    signal?.addEventListener("abort", onAbort)
    const ended = await session.drive(() => fiber.unsafePoll() !== null || signal?.aborted === true)
    signal?.removeEventListener("abort", onAbort)
    session.stuck = () => false
    const exit = fiber.unsafePoll()
    if (exit !== null && exit !== undefined) return exit
    this.stopped = true
    const waiting = [...this.waiting.list(), ...leftovers.waiting()]
    fiber.unsafeInterruptAsFork(fiber.id())
    session.drain()
    return ended
      ? Exit.interrupt(fiber.id())
      : Exit.fail(
          new VirtualClock.Deadlock({
            at: happenedAt,
            waiting,
            ...(passed === undefined ? {} : { horizon: passed }),
          }),
        )
  }

  /** Takes everything back. False where something of it is left, so that the rig is of no further use. */
  async end(scope: Scope.CloseableScope): Promise<boolean> {
    const { leftovers, rig } = this
    const { session } = rig
    this.waiting.end()
    rig.calm()
    const supervisor = Context.get(rig.services, Supervisor)
    const cancelled = leftovers.entries()
    for (const { id } of cancelled) Effect.runSync(supervisor.cancel(id, "shutdown"))
    if (cancelled.length > 0 || leftovers.isBusy()) {
      const over = session.quiet(() => !leftovers.isBusy())
      await rig.exec(Effect.timeoutOption(over, "1 minute"))
    }
    const over = !leftovers.isBusy()
    await rig.exec(Scope.close(scope, Exit.void))
    rig.sandbox.forget(this.guild)
    await session.drive(() => true)
    return (
      over && !this.stopped && rig.isConnected() && leftovers.isClean() && session.agenda.foreground === 0
    )
  }

  private kit(): Kit {
    const { guild, leftovers, rig } = this
    const { session } = rig
    const shutdown = Context.get(rig.services, Shutdown)
    const settle = session.quiet(() => true)
    return {
      ada: this.member("ada"),
      ben: this.member("ben"),
      member: (name, options) => this.member(name, options?.roles),
      clock: {
        advance: (duration) => Effect.zipRight(Effect.sleep(duration), settle),
        runToIdle: session.quiet(() => session.agenda.foreground === 0 && !leftovers.isBusy()),
        settle,
        now: Effect.sync(() => rig.now()),
      },
      leftovers: Effect.zipRight(
        settle,
        Effect.sync(() => leftovers.list()),
      ),
      roster: Effect.sync(() => leftovers.entries()),
      guild,
      sandbox: rig.sandbox,
      world: rig.sandbox.world,
      shutdown: (grace = 0) =>
        Effect.suspend(() => {
          this.stopped = true
          return Effect.asVoid(shutdown.run(grace))
        }),
      transcript: Effect.sync(() => rig.transcript.lines()),
    }
  }

  private member(name: string, roles: ReadonlyArray<string> = []): Member.Member {
    const known = this.members.get(name)
    if (known !== undefined) return known
    const { guild, rig } = this
    const { world } = rig.sandbox
    const there = [...guild.members.keys()].find((id) => world.users.get(id)?.username === name)
    const id = there ?? Guilds.addUser(world, { username: name, globalName: shownName(name) }).id
    const membership = there === undefined ? Guilds.join(world, guild, id) : guild.members.get(id)
    for (const wanted of roles) {
      const role = [...guild.roles.values()].find((one) => one.name.toLowerCase() === wanted.toLowerCase())
      membership?.roles.push((role ?? Guilds.addRole(world, guild, { name: wanted })).id)
    }
    const actor = Effect.runSync(orDie(rig.sandbox.actor(id, guild.id)))
    const member = Member.make(rig, this.waiting, actor, guild.id)
    this.members.set(name, member)
    return member
  }
}

const orDie = <A>(effect: Effect.Effect<A, UnknownActor>): Effect.Effect<A> => Effect.orDie(effect)

const shownName = (name: string): string => name.slice(0, 1).toUpperCase() + name.slice(1)

const deployed = new WeakMap<Rig, ReturnType<Commands.Commands["all"]>>()

const sameAs = (rig: Rig, all: ReturnType<Commands.Commands["all"]>): boolean => {
  const before = deployed.get(rig)
  return before?.length === all.length && before.every((command, index) => command === all[index])
}

/** A guild with an owner, a moderator, and the bot above both roles. */
const harbour = (rig: Rig, channels: ReadonlyArray<string>): Guild => {
  const { world } = rig.sandbox
  const ada = Guilds.addUser(world, { username: "ada", globalName: "Ada" })
  const ben = Guilds.addUser(world, { username: "ben", globalName: "Ben" })
  world.ownerId = ada.id
  const guild = Guilds.create(world, { name: "Harbour", ownerId: ada.id, channels, memberIds: [ben.id] })
  const moderator = Guilds.addRole(world, guild, {
    name: "Moderator",
    permissions: Bit.BanMembers | Bit.KickMembers | Bit.ModerateMembers | Bit.ManageMessages,
  })
  guild.members.get(ben.id)?.roles.push(moderator.id)
  const own = [...guild.roles.values()].find((role) => role.managed)
  if (own !== undefined) own.position = moderator.position + 1
  return guild
}

const latency = (given: Options["latency"]): (() => number) => {
  if (given === undefined) return () => 0
  if (!Array.isArray(given)) {
    const millis = Duration.toMillis(given as Duration.DurationInput)
    return () => millis
  }
  const list = given as ReadonlyArray<number>
  let at = 0
  return () => (list.length === 0 ? 0 : (list[at++ % list.length] ?? 0))
}

const planned = (given: string | Plan.Plan): Plan.Plan =>
  typeof given === "string" ? Either.getOrThrowWith(Plan.parse(given), (error) => error) : given

const isOutstanding = (defect: unknown): defect is VirtualClock.Outstanding =>
  defect instanceof VirtualClock.Outstanding

/** What a failing test prints ends with the transcript. */
const told = <E>(cause: Cause.Cause<E>, rig: Rig): Cause.Cause<E> => {
  if (Cause.isInterruptedOnly(cause)) return cause
  const text = `\n\n${rig.transcript.toString()}`
  const error = Cause.squash(cause)
  if (!(error instanceof Error)) return Cause.sequential(cause, Cause.die(new Error(text.trim())))
  const message = error.message + text
  Object.defineProperty(error, "message", { value: message, configurable: true, writable: true })
  return cause
}
