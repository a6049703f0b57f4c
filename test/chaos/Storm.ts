/**
 * The whole bot, a crowd that uses everything that it offers, and a plan of faults: what is left of it in the end.
 *
 * All of it is in virtual time and depends on the seed alone. The faults end before the crowd's last words have
 * been answered, so that whatever can come to an end does.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { GatewayIntentBits } from "discord-api-types/v10"
import { Data, Effect, Layer } from "effect"
import * as Features from "../../src/features/Features.js"
import * as Database from "../../src/resource/Database.js"
import * as Http from "../../src/resource/Http.js"
import * as HttpTransport from "../../src/resource/http/Transport.js"
import * as Offload from "../../src/resource/Offload.js"
import * as RateStore from "../../src/resource/RateStore.js"
import type { Plan } from "../../src/sandbox/fault/Plan.js"
import * as Roles from "../../src/sandbox/world/Roles.js"
import { Bit } from "../../src/sandbox/world/Permissions.js"
import * as Kit from "../../src/testing/Kit.js"
import * as Aftermath from "./Aftermath.js"
import * as Crowd from "./Crowd.js"
import * as Draw from "./Draw.js"
import * as Ledger from "./Ledger.js"
import * as Plans from "./Plans.js"
import * as Screens from "./Screens.js"
import * as Posts from "./Posts.js"
import * as Told from "./Told.js"
import { tally } from "./Tally.js"
import * as Upstream from "./Upstream.js"
import * as Witness from "./Witness.js"

/** What one seed came to. All lists but `sorry` are to be empty. */
export interface Figures {
  readonly seed: number
  readonly plan: Plan
  readonly interactions: number
  readonly messages: number
  /** How often each command was run: `tryout open`. */
  readonly commands: Readonly<Record<string, number>>
  /** Commands that are there, and that nobody has run. */
  readonly unused: ReadonlyArray<string>
  /** How often members did what: pressed, chose, filled in a form, came. */
  readonly deeds: Readonly<Record<string, number>>
  /** How often the bot did what: banned somebody, gave a role. */
  readonly done: Readonly<Record<string, number>>
  readonly faults: Readonly<Record<string, number>>
  /** How often what people saw was an answer, a form, suggestions, an acknowledgement. */
  readonly outcomes: Readonly<Record<string, number>>
  /** Interactions that Discord told people were not answered, with why: never delivered, or what the bot logged. */
  readonly sorry: Readonly<Record<string, number>>
  /** Without an outcome and without a reason; noted and not done, or done and not noted. */
  readonly lost: ReadonlyArray<string>
  readonly doubled: ReadonlyArray<string>
  readonly leftovers: ReadonlyArray<string>
  /** Whether the bot answers after it all. */
  readonly alive: boolean
}

const CHANNELS = ["general", "tryouts", "mod-log"]
const PEOPLE = ["cleo", "dan", "hana", "ivo", "joy"]
const MANAGERS = ["kim"]
const MODERATORS = ["eve", "finn", "gus"]
const VICTIMS = Array.from({ length: 12 }, (_, n) => `hand${n}`)

/** What some people run more often than others. */
const DUTIES = new Map<string, ReadonlyArray<string>>([
  ["ada", ["tasks", "jobs", "health", "report", "settings", "guard", "welcome", "massban"]],
  ["kim", ["tryout review", "challenge", "report", "settings"]],
  ...["ben", ...MODERATORS].map((name) => [name, ["ban", "unban", "kick", "timeout"]] as const),
  ...PEOPLE.map((name) => [name, ["tryout apply"]] as const),
  ...VICTIMS.map((name) => [name, ["challenge join", "challenge log"]] as const),
])

/** Where applications are decided on. */
const DESKS = new Map([...MANAGERS, "ada"].map((name) => [name, "tryouts"]))

/** When people come who have not been there, one after the other; and when the owner bans several, the one after that. */
const NEWCOMERS = [1_000, 1_000, 2_000, 3_000, 4_000, 8_000, 10_000]
const MASS_BANS = [12_000, 40_000, 40_000]
/** When cards are posted again. */
const REPOSTS = [45_000, 30_000, 30_000, 30_000, 30_000]

const ALL = { concurrency: "unbounded", discard: true } as const

/** What a server sets up before people come. */
const PRELUDE: ReadonlyArray<readonly [command: string, values: Record<string, string>]> = [
  [
    "tryout open",
    {
      name: "Keepers",
      channel: "tryouts",
      role: "Player",
      questions:
        "Your name? (text 2-40); Side? (choice left, right); Position? (choice keeper, striker, sweeper, libero, winger, captain, coach)",
      deadline: "10 minutes",
    },
  ],
  ["challenge create", { name: "Boat", stake: "2.50" }],
  ["welcome set", { channel: "general", message: Posts.WELCOME }],
]

/** What the bot does for the crowd, over some seeds: that all of it is reached. */
export const DONE = [
  "ban",
  "unban",
  "kick",
  "timeout",
  "application pending",
  "application approved",
  "application rejected",
  "role given",
]

/** Real time, however busy the machine is. Where nothing goes on, the Kit says so by itself. */
const PATIENCE = "100 seconds"

/** Something goes on and on. What it prints ends with what happened last. */
export class Hung extends Data.TaggedError("Hung")<{
  readonly seed: number
  readonly lines: ReadonlyArray<string>
}> {
  override get message() {
    return [`seed ${this.seed} goes on and on`, ...this.lines].join("\n")
  }
}

export interface Options {
  /** Each member's steps. Default 40. */
  readonly steps?: number
  /** Whether no faults come. Default false. */
  readonly calm?: boolean
  /** Is shown all that the bot is sent. */
  readonly look?: Witness.Look
}

/** Runs one seed. */
export const run = (seed: number, options: Options = {}): Effect.Effect<Figures> =>
  Effect.acquireUseRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "chaos-"))),
    (directory) => Effect.orDie(through(seed, options, directory)),
    (directory) => Effect.sync(() => rmSync(directory, { recursive: true, force: true })),
  )

const through = (seed: number, given: Options, directory: string) => {
  const draw = Draw.make(seed)
  let kit: Kit.Kit | undefined
  const outside = Layer.succeed(
    HttpTransport.Transport,
    Upstream.make(() => kit!.world, Draw.make(seed + 1)),
  )
  const features = Features.layer({ archive: directory, githubUrl: "https://api.github.com" }).pipe(
    Layer.provideMerge(Offload.layerInline),
    Layer.provideMerge(Http.layerOver.pipe(Layer.provide(Layer.merge(outside, RateStore.layerMemory)))),
    Layer.provideMerge(Database.layerMemory),
  )
  // A session that is lost is found out by its heartbeats, as it is anywhere.
  const options: Kit.Options = {
    seed,
    // As the binary asks for them: without it nobody is welcomed.
    bot: { intents: { optional: GatewayIntentBits.GuildMembers } },
    sandbox: { heartbeatInterval: 41_250, identifyLimit: 1_000_000 },
    horizon: "2 days",
  }
  const whole = Kit.run(features, options, (one) => {
    kit = one
    return storm(one, draw, seed, given, directory)
  })
  const happened = Effect.suspend(() => kit?.transcript ?? Effect.succeed([]))
  return Effect.timeoutTo(whole, {
    duration: PATIENCE,
    onSuccess: (figures) => Effect.succeed(figures),
    onTimeout: () => Effect.flatMap(happened, (lines) => new Hung({ seed, lines: lines.slice(-120) })),
  }).pipe(Effect.flatten)
}

const storm = (kit: Kit.Kit, draw: Draw.Draw, seed: number, given: Options, directory: string) =>
  Effect.gen(function* () {
    const { calm = false, look, steps = 40 } = given
    const { ada, ben, clock, guild, sandbox, world } = kit
    Roles.add(world, guild, { name: "Player" })
    Roles.add(world, guild, { name: "Manager", permissions: Bit.ManageGuild | Bit.ManageRoles })
    const witness = Witness.make(kit, look)
    const channels = CHANNELS
    const crowd = Crowd.make({ kit, draw, victims: VICTIMS, channels, duties: DUTIES, desks: DESKS })
    const plan = calm ? { seed, rules: [] } : Plans.of(seed)
    const members = [
      ada,
      ben,
      ...MANAGERS.map((name) => kit.member(name, { roles: ["Manager"] })),
      ...MODERATORS.map((name) => kit.member(name, { roles: ["Moderator"] })),
      ...[...PEOPLE, ...VICTIMS].map((name) => kit.member(name)),
    ]
    for (const [command, values] of PRELUDE) {
      const { _tag } = yield* Effect.flatMap(ada.slash(command, values), ({ outcome }) => outcome)
      if (_tag !== "Completed") return yield* Effect.dieMessage(`/${command} ended as ${_tag}`)
    }
    const since = world.now()
    const weather = sandbox.faults.follow(plan)
    const come = Effect.forEach(NEWCOMERS, (after, n) =>
      Effect.delay(
        Effect.sync(() => kit.member(`new${n}`)),
        after,
      ),
    )
    const ban = Effect.forEach(MASS_BANS, (after) => Effect.delay(crowd.massBan(ada), after))
    const repost = Effect.forEach(REPOSTS, (after) => Effect.delay(crowd.repost(ada), after))
    yield* Effect.all(
      [come, ban, repost, Effect.forEach(members, (member) => crowd.live(member, steps), ALL)],
      ALL,
    )
    const faults = weather.counts()
    weather.stop()
    yield* clock.advance("20 minutes")
    yield* clock.runToIdle
    const late = [...(yield* Aftermath.welcome(kit, witness)), ...(yield* Aftermath.report(kit, witness))]
    const last = yield* ada.slash("ping", {}).pipe(Effect.flatMap((turn) => turn.outcome))
    yield* clock.runToIdle
    const lines = yield* kit.transcript
    const log = lines.filter((line) => /^\s*[\d.]+ {2}log /u.test(line))
    const screens = Screens.judge(kit, crowd, witness, log)
    const erased = crowd.started
      .filter(({ what }) => what === "press Erase it")
      .map(({ actor }) => actor.user.id)
    const ledger = yield* Ledger.judge(kit, witness, lines, new Set(erased))
    const posts = yield* Posts.judge({ kit, crowd, witness, log, lines, since, erased: new Set(erased) })
    const told = yield* Told.judge({ kit, crowd, witness, lines })
    const left = yield* Aftermath.erase(
      [...PEOPLE, ...MANAGERS].map((name) => kit.member(name)),
      directory,
    )
    const commands = tally(crowd.started.filter(({ isCommand }) => isCommand).map(({ what }) => what))
    const all = Crowd.leavesOf(yield* ada.actor.commands("general")).map(({ path }) => path)
    return {
      seed,
      plan,
      interactions: crowd.started.length,
      messages: crowd.written.length,
      commands,
      unused: all.filter((path) => commands[path] === undefined),
      deeds: crowd.did(),
      done: ledger.done,
      faults,
      outcomes: screens.outcomes,
      sorry: screens.sorry,
      lost: [...screens.lost, ...witness.givenUp(), ...ledger.undone, ...posts.missing, ...told, ...late],
      doubled: [...screens.doubled, ...ledger.doubled, ...posts.doubled],
      leftovers: [...withoutServices(yield* kit.leftovers), ...left],
      alive: last._tag === "Completed" && world.guilds.has(guild.id),
    } satisfies Figures
  })

/**
 * A service that the crowd has cancelled begins anew, as it should: it is no more left over than before. By what
 * discord.js listens while it fetches members, it goes on to do so for 11 seconds of real time.
 */
const withoutServices = (all: ReadonlyArray<string>): ReadonlyArray<string> => {
  const leftovers = all.filter(
    (one) => !/more listener of (?:raw|guildMembersChunk) on the Client$/u.test(one),
  )
  const isService = (one: string) => /^(?:background job|service) /u.test(one)
  const isFiber = (one: string) => one.startsWith("fiber ")
  const fibers = leftovers.filter(isFiber).slice(leftovers.filter(isService).length)
  return [...leftovers.filter((one) => !isService(one) && !isFiber(one)), ...fibers]
}
