/**
 * Rules about who may call a command, how often, and how long it runs: piped onto a command, or onto a group for
 * all in it, or given to the bot with `defaults`.
 *
 * ```ts
 * dredge.pipe(Policy.permissions(PermissionFlagsBits.ManageChannels), Policy.cooldown({ per: "guild", window: "1 hour" }))
 * ```
 *
 * The order in which they are looked at is fixed, whatever the order of the pipe (see `Stages`). Of one policy
 * set twice the nearest to the command counts: its own before its group's before the bot's; piped twice onto the
 * same, the later. Hooks add up instead. A call that a policy turns away is told why, and when to come back; this
 * is no error of the handler's, and cannot be caught there.
 *
 * Each throws `InvalidCommand` for a value that makes no sense.
 *
 * @module
 */
import type { GuildMember, User } from "discord.js"
import { Duration, Effect, type Exit, Option, Predicate, Schedule, type Scope } from "effect"
import type { Interaction } from "../interaction/Interaction.js"
import type { Live } from "../interaction/Packet.js"
import type { Reply } from "../interaction/Reply.js"
import * as Metrics from "../observe/Metrics.js"
import * as Command from "./Command.js"
import { type CommandTimeout, InvalidCommand } from "./CommandError.js"
import type * as Concurrency from "./stages/Concurrency.js"
import type { Param, Params } from "./Param.js"
import type { Per } from "./stages/Per.js"
import type { Leaf, Policies } from "./Spec.js"

export type { Per } from "./stages/Per.js"
export type { Policies } from "./Spec.js"

/** A policy that changes nothing of a command's type. */
export interface Policy {
  <Name extends string, P extends Params, E, R>(
    self: Command.Command<Name, P, E, R>,
  ): Command.Command<Name, P, E, R>
}

// ---------------------------------------------------------------------------------------------------------
// Who
// ---------------------------------------------------------------------------------------------------------

/**
 * Permission bits that the caller needs in this channel, besides those of the command's own declaration. Slash
 * commands are also hidden from others by Discord. In direct messages there are no permissions. Refuses with
 * `NotPermitted`.
 */
export const permissions = (bits: bigint): Policy => set("permissions", () => ({ permissions: bits }))

/** Permission bits that the bot itself needs in this channel. Refuses with `BotNotPermitted`. */
export const botPermissions = (bits: bigint): Policy =>
  set("botPermissions", () => ({ botPermissions: bits }))

/**
 * For members who have one of these roles, by id or by name; an administrator needs it too. There are no roles in
 * direct messages. Refuses with `RoleNeeded`.
 */
export const role = (...roles: readonly [string, ...ReadonlyArray<string>]): Policy =>
  set("role", (place) => {
    if (roles.length === 0) fail(place, "must name at least one role")
    return { roles }
  })

/**
 * For the owner of the bot's application, or its team. Refuses with `NotOwner`, or with `OwnerUnknown` where
 * Discord could not be asked; what it said is kept for ten minutes.
 */
export const ownerOnly: Policy = (self) => Command.withPolicies(self, { ownerOnly: true })

/**
 * Caller and bot must stand above the member (or user) that this parameter names, by the order of roles; nobody
 * stands above the server's owner or themselves. A parameter that was left out, and a user who is no member of
 * the server, are let through. Refuses with `Outranked`.
 */
export const hierarchy =
  <const K extends string>(param: K) =>
  <Name extends string, P extends { readonly [N in K]: Param<User | GuildMember | undefined> }, E, R>(
    self: Command.Command<Name, P, E, R>,
  ): Command.Command<Name, P, E, R> => {
    const { body, name } = self
    const kind = body._tag === "Leaf" ? body.params[param]?.kind : undefined
    if (kind !== "user" && kind !== "member") {
      fail(`command "${name}" → hierarchy`, `"${param}" must be a param of kind user or member`)
    }
    return Command.withPolicies(self, { hierarchy: param })
  }

// ---------------------------------------------------------------------------------------------------------
// How often
// ---------------------------------------------------------------------------------------------------------

/**
 * At most `uses` (default 1) within any `window`, counted for each command, and `per` user, channel, guild or all
 * together. A use counts from its beginning; with `clearOnFailure` one that ends in anything but a reply does not
 * count any more, and one whose handler never began never does. Refuses with `OnCooldown`, which says when to
 * come back. Not kept over a restart.
 */
export const cooldown = (options: {
  readonly per: Per
  readonly window: Duration.DurationInput
  readonly uses?: number
  readonly clearOnFailure?: boolean
}): Policy =>
  set("cooldown", (place) => ({
    cooldown: {
      per: options.per,
      window: Duration.toMillis(time(`${place} → window`, options.window)),
      uses: count(`${place} → uses`, options.uses ?? 1, 1),
      clearOnFailure: options.clearOnFailure ?? false,
    },
  }))

/**
 * At most `limit` (default 1) calls at a time, counted for each command, and `per` user, channel, guild or all
 * together. `whenFull` says what becomes of one more:
 *
 * - `"reject"` (default): it is refused with `TooManyCalls`.
 * - `{ queue, within }`: it waits for its turn, first come, first served; refused if as many as `queue` wait
 *   already, or if its turn has not come `within` that time (default: its deadline, which begins anew with its
 *   turn).
 * - `"replace"`: the oldest is cancelled and its user told; the new one begins when that has really ended.
 *
 * A call has ended when what it acquired is released.
 */
export const concurrency = (options: {
  readonly per: Per
  readonly limit?: number
  readonly whenFull?: WhenFull
}): Policy =>
  set("concurrency", (place) => ({
    concurrency: {
      per: options.per,
      limit: count(`${place} → limit`, options.limit ?? 1, 1),
      full: fullOf(`${place} → whenFull`, options.whenFull ?? "reject"),
    },
  }))

/** What becomes of a call for which there is no place. */
export type WhenFull =
  | "reject"
  | "replace"
  | { readonly queue: number; readonly within?: Duration.DurationInput }

// ---------------------------------------------------------------------------------------------------------
// How it runs
// ---------------------------------------------------------------------------------------------------------

/**
 * The handler must have ended after this time: then the user is told, and the handler is interrupted. Adds
 * `CommandTimeout` to what the command may fail with, so that it can be caught. Its time begins when cooldown and
 * concurrency have let it through.
 *
 * Default for every command: 14 minutes, below the 15 minutes that an interaction's token lives (Discord). What
 * is shown after that comes as messages in the channel. At most 24 hours: what takes longer must outlive the
 * process.
 */
export const deadline =
  (within: Duration.DurationInput) =>
  <Name extends string, P extends Params, E, R>(
    self: Command.Command<Name, P, E, R>,
  ): Command.Command<Name, P, E | CommandTimeout, R> => {
    const place = `command "${self.name}" → deadline`
    const duration = time(place, within)
    if (Duration.greaterThan(duration, LONGEST)) fail(place, `"${String(within)}" must be at most 24 hours`)
    return Command.withPolicies(self, { deadline: duration })
  }

/** Nothing that a restart would lose should take longer. */
const LONGEST = Duration.hours(24)

/**
 * Runs the handler again when it fails with one of these tags, as the schedule says; the last failure is then
 * the command's. What an attempt has acquired is released before the next. Never once the person was shown
 * something. Of two for the same tag, the one nearest to the handler counts. Hooks are not repeated.
 */
export const retry =
  <E, const K extends Exclude<Command.Tags<E>, "CommandTimeout">, R2 = never>(options: {
    readonly schedule: Schedule.Schedule<unknown, unknown, R2>
    readonly tags: ReadonlyArray<K>
  }) =>
  <Name extends string, P extends Params, R>(
    self: Command.Command<Name, P, E, R>,
  ): Command.Command<Name, P, E, R | R2> =>
    Command.mapLeaves(self, (leaf): Leaf<E, R | R2> => {
      const tags: ReadonlySet<string> = new Set(options.tags.filter((tag) => !leaf.retried.has(tag)))
      return {
        ...leaf,
        retried: new Set([...leaf.retried, ...tags]),
        handler: (params, interaction) =>
          retrying(
            Effect.suspend(() => leaf.handler(params, interaction)),
            options.schedule,
            tags,
            // What a command's handler is given.
            interaction as Live,
          ),
      }
    })

const retrying = <E, R, R2>(
  handler: Effect.Effect<Reply, E, R>,
  schedule: Schedule.Schedule<unknown, unknown, R2>,
  tags: ReadonlySet<string>,
  interaction: Live,
): Effect.Effect<Reply, E, R | R2> =>
  Effect.flatMap(Schedule.driver(schedule), (driver) => {
    const attempt: Effect.Effect<Reply, E, R | R2> = Effect.catchAll(Effect.scoped(handler), (error) => {
      const tag = Predicate.hasProperty(error, "_tag") ? String(error._tag) : ""
      const failed = Effect.fail(error)
      if (!tags.has(tag) || interaction.hasShown()) return failed
      return Effect.matchEffect(driver.next(error), {
        onFailure: () => failed,
        onSuccess: () => {
          // What the handler has started may have shown something meanwhile.
          if (interaction.hasShown()) return failed
          Metrics.retried(interaction.command, tag)
          return attempt
        },
      })
    })
    return attempt
  })

/** The reply, an answer to the deadline, and a "thinking…" before it are seen by the caller alone. */
export const ephemeral: Policy = (self) => Command.withPolicies(self, { ephemeral: true })

// ---------------------------------------------------------------------------------------------------------
// Hooks
// ---------------------------------------------------------------------------------------------------------

/**
 * Runs once before the handler, within its deadline and outside of its retries. If it fails, so does the command,
 * and the handler does not run; `Command.catchTag` after it in the pipe handles it. The outermost runs first: the
 * bot's, the group's, then the later in the pipe before the earlier. The call is there as the service
 * `Interaction`.
 */
export const before =
  <E2, R2>(hook: Effect.Effect<unknown, E2, R2>) =>
  <Name extends string, P extends Params, E, R>(
    self: Command.Command<Name, P, E, R>,
  ): Command.Command<Name, P, E | E2, R | R2> =>
    Command.mapLeaves(self, (leaf: Leaf<E | E2, R | R2>) => ({
      ...leaf,
      before: [() => Effect.as(hook, undefined), ...leaf.before],
    }))

/**
 * Runs once after the handler has ended in any way, refusals apart, and sees how. All such hooks run, in the same
 * order as those before. If one fails where the handler did not, so does the command; an earlier failure stays
 * what the user is told. After an interruption each has 10 seconds.
 */
export const after =
  <E2, R2>(hook: (exit: Exit.Exit<Reply, unknown>) => Effect.Effect<unknown, E2, R2>) =>
  <Name extends string, P extends Params, E, R>(
    self: Command.Command<Name, P, E, R>,
  ): Command.Command<Name, P, E | E2, R | R2> =>
    Command.mapLeaves(self, (leaf: Leaf<E | E2, R | R2>) => ({
      ...leaf,
      after: [(exit) => Effect.as(hook(exit), undefined), ...leaf.after],
    }))

// ---------------------------------------------------------------------------------------------------------
// Settings
// ---------------------------------------------------------------------------------------------------------

/**
 * Switches off what a group or the bot has set: `Policy.without("cooldown")`. Permissions of the command's own
 * declaration stay.
 */
export const without = (...names: ReadonlyArray<Exclude<keyof Policies, "before" | "after">>): Policy => {
  const off: Policies = Object.fromEntries(names.map((name) => [name, undefined]))
  return (self) => Command.withPolicies(self, off)
}

/**
 * Policies for every command of a bot, as its option `policies`. Hooks here can need nothing but the interaction;
 * permissions here are checked, but hide nothing in Discord.
 */
export const defaults = (...policies: ReadonlyArray<(self: Blank) => Blank>): Policies => {
  const blank = policies.reduce((command: Blank, policy) => policy(command), blankCommand())
  const { after, before } = blank.body as Leaf<unknown, unknown>
  return { ...blank.policies, before, after }
}

/** Stands for every command. */
type Blank = Command.Command<string, {}, Command.Tellable, Interaction | Scope.Scope>

const blankCommand = (): Blank =>
  Command.make("default", { description: "Stands for every command" }, () => Effect.never)

const set =
  (what: string, policies: (place: string) => Policies): Policy =>
  (self) =>
    Command.withPolicies(self, policies(`command "${self.name}" → ${what}`))

const fail = (place: string, reason: string): never => {
  throw new InvalidCommand({ place, reason })
}

const time = (place: string, given: Duration.DurationInput): Duration.Duration => {
  const duration = Option.getOrUndefined(Duration.decodeUnknown(given))
  return duration !== undefined && Duration.isFinite(duration) && Duration.toMillis(duration) > 0
    ? duration
    : fail(place, `"${String(given)}" must be a time above 0, for instance "30 seconds"`)
}

const count = (place: string, given: number, least: number): number =>
  Number.isSafeInteger(given) && given >= least
    ? given
    : fail(place, `${given} must be a whole number, at least ${least}`)

const fullOf = (place: string, given: WhenFull): Concurrency.Full => {
  if (given === "reject") return { _tag: "Reject" }
  if (given === "replace") return { _tag: "Replace" }
  return {
    _tag: "Queue",
    size: count(`${place} → queue`, given.queue, 1),
    within:
      given.within === undefined ? undefined : Duration.toMillis(time(`${place} → within`, given.within)),
  }
}
