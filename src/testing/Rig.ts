/**
 * One bot over one sandbox, in this process and in virtual time, used for many runs.
 *
 * What takes time to make is made once: the sandbox, the edges, the discord.js Client. Each run gets a guild and
 * people of its own, builds its features afresh, and leaves nothing behind; a rig on which something was left
 * is thrown away.
 *
 * @module
 */
import {
  Cause,
  Context,
  Duration,
  Effect,
  Exit,
  type Fiber,
  FiberId,
  FiberRef,
  FiberRefs,
  HashSet,
  Inspectable,
  Layer,
  Logger,
  Redacted,
  Runtime,
  Scope,
  type Supervisor as Watch,
} from "effect"
import * as Bot from "../Bot.js"
import { Client } from "../discord/Client.js"
import * as GatewayTransport from "../gateway/Transport.js"
import * as RestTransport from "../rest/Transport.js"
import type { Response } from "../sandbox/rest/Rest.js"
import * as Sandbox from "../sandbox/Sandbox.js"
import * as Outcomes from "./Outcomes.js"
import * as Screen from "./Screen.js"
import { Transcript } from "./Transcript.js"
import * as VirtualClock from "./VirtualClock.js"

/** What a test can use besides what its features give. */
export type Services = Bot.Bot | Bot.Services | Sandbox.Sandbox

export interface Options {
  /** Options of the bot, but for those that the kit owns. */
  readonly bot?: Omit<Partial<Bot.Options>, "token" | "apiUrl" | "onOutcome">
  /** Options of the sandbox. There are no heartbeats unless `heartbeatInterval` says so. */
  readonly sandbox?: Omit<Sandbox.Options, "seed" | "token">
  /** Real milliseconds for which work outside virtual time is waited for. Default 5,000. */
  readonly patience?: number
}

/** How long requests and events are on their way. Milliseconds. */
export interface Link {
  /** Asked for each request; half of it passes before the sandbox has it. */
  rest: () => number
  /** Asked for each event; events stay in order. */
  gateway: () => number
}

const TOKEN = "token-of-the-test-kit"
/** Longer than all the runs of one bot. */
const NEVER_BEATS = Duration.toMillis("36500 days")
/** Every run begins at the same hour of the same day of the week, so that it is the same whichever runs came before. */
const WEEK = Duration.toMillis("1 week")
/** Not so many that the year would be odd. */
const MOST_RUNS = 1_000

export class Rig {
  readonly link: Link = { rest: none, gateway: none }
  readonly transcript: Transcript
  readonly outcomes: Outcomes.Outcomes
  readonly session: VirtualClock.Session
  /** Requests and events that are on their way. */
  traffic = 0
  /** From a press or a submitted form to what it answers: the interaction or message before it. */
  readonly parents = new Map<string, string>()
  /** Messages that show a question of a conversation's, live or closed, with how it opens. */
  readonly asked = new Map<string, string | undefined>()
  private readonly scope = Effect.runSync(Scope.make())
  private built: Context.Context<Services> | undefined
  private runs = 0
  private readonly background: Runtime.Runtime<never>

  private constructor(readonly options: Options) {
    this.session = new VirtualClock.Session(options)
    this.transcript = new Transcript(() => this.session.agenda.now)
    this.background = this.runtime(Context.empty())
    this.outcomes = new Outcomes.Outcomes(({ name, outcome }, hung) =>
      this.transcript.add({ _tag: "Outcome", name, outcome, hung }),
    )
  }

  /** A connected bot without features. */
  static async start(options: Options): Promise<Rig> {
    const rig = new Rig(options)
    const exit = await rig.exec(Layer.buildWithScope(rig.layer(), rig.scope))
    if (Exit.isFailure(exit)) throw Cause.squash(exit.cause)
    rig.built = exit.value
    rig.sandbox.world.onSight((sight) => {
      if (sight._tag !== "MessageShown" && sight._tag !== "MessageEdited") return
      const { message } = sight
      const opening = Screen.opening(message)
      if (Screen.waited(message).length > 0) rig.asked.set(message.id, opening)
      else if (rig.asked.get(message.id) !== opening) rig.asked.delete(message.id)
    })
    // They run on real time, and would keep the process alive.
    const { rest } = Context.get(exit.value, Client).discordJs
    rest.clearHandlerSweeper()
    rest.clearHashSweeper()
    return rig
  }

  get services(): Context.Context<Services> {
    if (this.built === undefined) throw new Error("the bot is not connected yet")
    return this.built
  }

  get sandbox(): Sandbox.Sandbox {
    return Context.get(this.services, Sandbox.Sandbox)
  }

  /** Milliseconds since the run began. */
  now(): number {
    return this.session.agenda.now - this.startedAt
  }
  private startedAt = 0

  /** Makes it ready for a run: time goes on to the next full week, and what was recorded is forgotten. */
  async begin(): Promise<void> {
    const { agenda } = this.session
    if (this.runs > 0) {
      let reached = false
      agenda.after(WEEK - (agenda.now % WEEK), () => {
        reached = true
      })
      await this.session.drive(() => reached)
    }
    this.runs++
    this.startedAt = agenda.now
    this.calm()
    this.outcomes.clear()
    this.parents.clear()
    this.asked.clear()
    this.transcript.begin()
  }

  /** Whether it is to be replaced. */
  isWorn(): boolean {
    return this.runs >= MOST_RUNS
  }

  /** How many listeners the Client has, by event. */
  listeners(): ReadonlyMap<string, number> {
    const { discordJs } = Context.get(this.services, Client)
    return new Map(discordJs.eventNames().map((name) => [String(name), discordJs.listenerCount(name)]))
  }

  /** Whether the bot has its one session, as after the start. */
  isConnected(): boolean {
    const sessions = this.sandbox.sessions()
    return sessions.length === 1 && sessions[0]?.connected === true
  }

  /** Nothing is late, nothing goes wrong, and everything has its order. */
  calm(): void {
    this.link.rest = none
    this.link.gateway = none
    this.session.set({})
    this.sandbox.faults.clear()
  }

  /** Runs an effect to its end, whatever its end. */
  async exec<A, E>(effect: Effect.Effect<A, E>): Promise<Exit.Exit<A, E>> {
    return this.finish(Runtime.runFork(this.background)(effect))
  }

  /** Lets a fiber come to its end. */
  async finish<A, E>(fiber: Fiber.RuntimeFiber<A, E>): Promise<Exit.Exit<A, E>> {
    await this.session.drive(() => fiber.unsafePoll() !== null)
    return fiber.unsafePoll() ?? Exit.die(new VirtualClock.Deadlock({ at: this.now(), waiting: [] }))
  }

  /** Ends the bot and the sandbox. */
  async stop(): Promise<void> {
    await this.exec(Scope.close(this.scope, Exit.void))
  }

  /** Log lines go into the transcript, and nowhere else. */
  private readonly logger = Logger.make<unknown, void>(({ cause, logLevel, message }) => {
    const text = (Array.isArray(message) ? message : [message])
      .map((part: unknown) => (typeof part === "string" ? part : Inspectable.toStringUnknown(part, 0)))
      .join(" ")
    const why = Cause.isEmpty(cause) ? "" : `: ${Cause.pretty(cause).split("\n")[0] ?? ""}`
    this.transcript.add({ _tag: "Log", level: logLevel.label, text: text + why })
  })

  /** What a bot's program runs with: its sleeps are no reason to wait, and its fibers may be watched. */
  runtime<R>(services: Context.Context<R>, watch?: Watch.Supervisor<unknown>): Runtime.Runtime<R> {
    return this.session.runtime(services, this.session.agenda.background, (refs) => {
      const fiberId = FiberId.none
      const logging = FiberRefs.updateAs(refs, {
        fiberId,
        fiberRef: FiberRef.currentLoggers,
        value: HashSet.make(this.logger),
      })
      return watch === undefined
        ? logging
        : FiberRefs.updateAs(logging, { fiberId, fiberRef: FiberRef.currentSupervisor, value: watch })
    })
  }

  private layer(): Layer.Layer<Services, unknown> {
    const { bot, sandbox } = this.options
    const options: Bot.Options = {
      grace: 0,
      ...bot,
      token: Redacted.make(TOKEN),
      apiUrl: "http://127.0.0.1/api",
      onOutcome: this.outcomes.record,
    }
    const edges = Effect.map(Sandbox.Sandbox, (there) =>
      Bot.over(Layer.empty, options).pipe(
        Layer.provide(GatewayTransport.layerFrom((url, listener) => this.connect(there, url, listener))),
        Layer.provide(
          Layer.succeed(RestTransport.Transport, {
            send: (request, onResponse, onFailure) => this.handle(there, request, onResponse, onFailure),
          }),
        ),
      ),
    )
    return Layer.unwrapEffect(edges).pipe(
      Layer.provideMerge(
        Sandbox.layer({ heartbeatInterval: NEVER_BEATS, ...sandbox, seed: { harbour: false } }),
      ),
    )
  }

  /** A gateway connection whose events take their time, in order, and are recorded. */
  private connect(there: Sandbox.Sandbox, url: string, listener: Sandbox.Listener): Sandbox.Socket {
    const { agenda } = this.session
    const queue: Array<() => void> = []
    let last = 0
    const arrive = (task: () => void): void => {
      const delay = this.link.gateway()
      if (delay <= 0 && queue.length === 0) return task()
      last = Math.max(last, agenda.now + delay)
      queue.push(task)
      this.traffic++
      agenda.after(last - agenda.now, () => {
        this.traffic--
        queue.shift()?.()
      })
    }
    return there.connect(url, {
      onText: (frame) =>
        arrive(() => {
          if (isEvent(frame)) this.transcript.add({ _tag: "Event", frame })
          listener.onText(frame)
        }),
      onClose: (code, reason) => arrive(() => listener.onClose(code, reason)),
    })
  }

  /** A request that takes its time, there and back, and is recorded. */
  private handle(
    there: Sandbox.Sandbox,
    request: RestTransport.Request,
    onResponse: (response: RestTransport.Response) => void,
    onFailure: (failure: RestTransport.Failure) => void,
  ): () => void {
    const { agenda } = this.session
    const delay = this.link.rest()
    this.transcript.add({ _tag: "Call", request })
    const answer = (response: Response): void => {
      // As a socket tells it: whatever arrived of the answer is of no use.
      if (response.cut !== undefined) return onFailure({ code: "ECONNRESET", sent: true, cause: undefined })
      this.transcript.add({ _tag: "Answer", request, response })
      onResponse(response)
    }
    if (delay <= 0) return there.handle(request, answer)
    this.traffic++
    let over = false
    const end = (): void => {
      if (!over) this.traffic--
      over = true
    }
    let cancel = agenda.after(delay / 2, () => {
      cancel = there.handle(request, (response) => {
        cancel = agenda.after(delay - delay / 2, () => {
          end()
          answer(response)
        })
      })
    })
    return () => {
      end()
      cancel()
    }
  }
}

const none = (): number => 0

/** Housekeeping of the connection is no event. The sandbox puts the opcode first. */
const isEvent = (frame: string): boolean => frame.startsWith('{"op":0,')
