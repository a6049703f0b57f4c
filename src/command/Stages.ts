/**
 * The stages between a call and its handler, in their fixed order, however the policies were piped:
 *
 * place, permissions, role → parameters → owner → hierarchy → cooldown → concurrency → deadline → before → retry
 * → handler → after
 *
 * Made once for each command, from its own settings, its groups' and the bot's. A stage that turns a call away
 * fails with a refusal, which no error handling of the command's sees: it stands outside of it.
 *
 * Drawback: cooldown and concurrency are counted in this process, and forgotten with it.
 *
 * @module
 */
import type { APIApplication } from "discord-api-types/v10"
import { Duration, Effect } from "effect"
import type { RestError } from "../DiscordError.js"
import type { Live } from "../interaction/Packet.js"
import * as Reply from "../interaction/Reply.js"
import * as Metrics from "../observe/Metrics.js"
import * as Rest from "../rest/Rest.js"
import * as Timers from "../supervise/Timers.js"
import * as Admission from "./stages/Admission.js"
import type { CommandTimeout, Refusal } from "./CommandError.js"
import * as Concurrency from "./stages/Concurrency.js"
import * as Cooldown from "./stages/Cooldown.js"
import * as Hierarchy from "./stages/Hierarchy.js"
import * as Hooks from "./stages/Hooks.js"
import * as Owner from "./stages/Owner.js"
import type { Policies, Resolved } from "./Spec.js"

/** What the stages may ask and do of the call that they stand before. */
export interface Passage {
  readonly interaction: Live
  /** The handler's deadline begins now. To be called once, when nothing has to be waited for any more. */
  readonly admitted: () => void
  /** Ends this call because a newer one takes its place. */
  readonly replace: () => void
}

/** The stages of one command, made once. */
export interface Stages {
  /** Milliseconds that the handler has. */
  readonly deadline: number
  /** Whether a "thinking…" is private. */
  readonly ephemeral: boolean
  /** What the author does about the deadline; undefined where the user is just told. */
  readonly onTimeout: ((timeout: CommandTimeout) => Effect.Effect<Reply.Reply, unknown>) | undefined
  /** Place, permissions of caller and bot, role. */
  readonly check: (interaction: Live) => Refusal | undefined
  /** Everything between the parameters and the handler; undefined where there is nothing. */
  readonly around:
    | ((
        passage: Passage,
        params: Readonly<Record<string, unknown>>,
        handler: Effect.Effect<Reply.Reply, unknown>,
      ) => Effect.Effect<Reply.Reply, unknown>)
    | undefined
}

/** What the stages of all commands share. */
export interface Bench {
  /** The bot's own settings: `Policy.defaults`. */
  readonly policies: Policies
  readonly timers: Timers.Timers
  /** Where calls wait for their turn, each as long as its command says. */
  readonly patience: Timers.Lane
  /** The application as Discord knows it. */
  readonly application: Effect.Effect<APIApplication, RestError>
}

/** One call on its way through the stages. */
export interface Call {
  readonly passage: Passage
  readonly params: Readonly<Record<string, unknown>>
  /** Whether it got as far as the handler. */
  began: boolean
}

/** One stage: turns the call away, or goes on with what comes after it. */
export type Stage = (
  call: Call,
  next: Effect.Effect<Reply.Reply, unknown>,
) => Effect.Effect<Reply.Reply, unknown>

/** What a stage is made with. */
export interface Site {
  /** The command's full name. */
  readonly command: string
  readonly timers: Timers.Timers
  readonly patience: Timers.Lane
  readonly metrics: Metrics.PolicyMetrics
}

/** Of commands that have no deadline: below the 15 minutes that an interaction's token lives (Discord). */
const DEFAULT_DEADLINE = Duration.minutes(14)

/** What is shared, from the bot's options. */
export const bench = (options: {
  readonly policies?: Policies
}): Effect.Effect<Bench, never, Rest.Rest | Timers.Timers> =>
  Effect.gen(function* () {
    const rest = yield* Rest.Rest
    const timers = yield* Timers.Timers
    return {
      policies: options.policies ?? {},
      timers,
      patience: timers.heap(),
      application: yield* Owner.application(rest),
    }
  })

/** The stages of one command. */
export const make = (resolved: Resolved, { application, patience, policies, timers }: Bench): Stages => {
  const settings: Policies = { ...policies, ...resolved.policies }
  const { leaf, name } = resolved
  const site: Site = { command: name, timers, patience, metrics: Metrics.forPolicies(name) }
  const ephemeral = settings.ephemeral ?? leaf.ephemeral
  // The registered runtime has what it requires.
  const onTimeout = leaf.onTimeout as Stages["onTimeout"]
  // The bot's hooks stand outside of all others.
  const before = [...(policies.before ?? []), ...leaf.before]
  const after = [...(policies.after ?? []), ...leaf.after]
  const waits: ReadonlyArray<Stage> = [
    ...(settings.ownerOnly === true ? [Owner.stage(site, application)] : []),
    ...(settings.hierarchy === undefined ? [] : [Hierarchy.stage(site, settings.hierarchy)]),
    ...(settings.cooldown === undefined ? [] : [Cooldown.stage(site, settings.cooldown)]),
    ...(settings.concurrency === undefined ? [] : [Concurrency.stage(site, settings.concurrency)]),
  ]
  const stages: ReadonlyArray<Stage> = [
    ...(settings.ephemeral === true ? [privately] : []),
    ...waits,
    ...(waits.length === 0 ? [] : [admit]),
    ...(before.length === 0 && after.length === 0 ? [] : [Hooks.stage(before, after)]),
    ...(settings.cooldown === undefined ? [] : [begin]),
  ]
  return {
    deadline: Duration.toMillis(settings.deadline ?? DEFAULT_DEADLINE),
    ephemeral,
    onTimeout:
      onTimeout === undefined || settings.ephemeral !== true
        ? onTimeout
        : (timeout) => Effect.map(onTimeout(timeout), hidden),
    check: Admission.make(resolved, settings, site.metrics),
    around:
      stages.length === 0
        ? undefined
        : (passage, params, handler) => {
            const call: Call = { passage, params, began: false }
            return stages.reduceRight((next, stage) => stage(call, next), handler)
          },
  }
}

const admit: Stage = (call, next) =>
  Effect.suspend(() => {
    call.passage.admitted()
    return next
  })

const begin: Stage = (call, next) =>
  Effect.suspend(() => {
    call.began = true
    return next
  })

const privately: Stage = (_, next) => Effect.map(next, hidden)

/** An update too: where nothing was shown before, it is the first message. */
const hidden = (reply: Reply.Reply): Reply.Reply => {
  switch (reply._tag) {
    case "Message":
      return Reply.ephemeral(reply)
    case "Update":
      return Reply.update(Reply.ephemeral(reply.message))
    case "Silent":
      return reply
  }
}
