/**
 * The whole bot, a crowd that uses everything that it offers, and a plan of faults: what is left of it in the end.
 *
 * All of it is in virtual time and depends on the seed alone. The faults end before the crowd's last words have
 * been answered, so that whatever can come to an end does.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { AuditLogEvent, GatewayDispatchEvents } from "discord-api-types/v10"
import { Effect, Layer } from "effect"
import * as SqlClient from "@effect/sql/SqlClient"
import { Client } from "../../src/discord/Client.js"
import * as Features from "../../src/features/Features.js"
import * as Database from "../../src/resource/Database.js"
import * as Http from "../../src/resource/Http.js"
import * as HttpTransport from "../../src/resource/http/Transport.js"
import * as Offload from "../../src/resource/Offload.js"
import * as RateStore from "../../src/resource/RateStore.js"
import type { Plan } from "../../src/sandbox/fault/Plan.js"
import type { Message } from "../../src/sandbox/model/Model.js"
import * as Kit from "../../src/testing/Kit.js"
import * as Crowd from "./Crowd.js"
import * as Draw from "./Draw.js"
import * as Plans from "./Plans.js"
import * as Upstream from "./Upstream.js"

/** What one seed came to. All lists but `sorry` are to be empty. */
export interface Figures {
  readonly seed: number
  readonly plan: Plan
  readonly interactions: number
  readonly messages: number
  /** How often each command was run: `/mod ban`. */
  readonly commands: Readonly<Record<string, number>>
  readonly faults: Readonly<Record<string, number>>
  /** How often what people saw was an answer, a form, suggestions, an acknowledgement. */
  readonly outcomes: Readonly<Record<string, number>>
  /** Interactions that Discord told people were not answered, with why: never delivered, or what the bot logged. */
  readonly sorry: Readonly<Record<string, number>>
  /** Without an outcome, and without a reason. */
  readonly lost: ReadonlyArray<string>
  readonly doubled: ReadonlyArray<string>
  readonly leftovers: ReadonlyArray<string>
  /** Whether the bot answers after it all. */
  readonly alive: boolean
}

const CHANNELS = ["general", "tryouts", "mod-log"]
const PEOPLE = ["cleo", "dan"]
const MODERATORS = ["eve", "finn", "gus"]
const VICTIMS = Array.from({ length: 12 }, (_, n) => `hand${n}`)

/** What a server sets up before people come. */
const PRELUDE: ReadonlyArray<readonly [command: string, values: Record<string, string>]> = [
  [
    "tryout open",
    {
      name: "Keepers",
      channel: "tryouts",
      questions: "Your name? (text 2-40); Position? (choice keeper, striker)",
      deadline: "10 minutes",
    },
  ],
  ["challenge create", { name: "Boat", stake: "a cake" }],
]

export interface Options {
  /** Each member's steps. Default 40. */
  readonly steps?: number
}

/** Runs one seed. */
export const run = (seed: number, { steps = 40 }: Options = {}): Effect.Effect<Figures> =>
  Effect.acquireUseRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "chaos-"))),
    (directory) => Effect.orDie(through(seed, steps, directory)),
    (directory) => Effect.sync(() => rmSync(directory, { recursive: true, force: true })),
  )

const through = (seed: number, steps: number, directory: string) => {
  const draw = Draw.make(seed)
  let kit: Kit.Kit | undefined
  const arrived = new Set<string>()
  const outside = Layer.succeed(
    HttpTransport.Transport,
    Upstream.make(() => kit!.world, Draw.make(seed + 1)),
  )
  const features = Layer.merge(
    Features.layer({ archive: directory, githubUrl: "https://api.github.com" }),
    witness(arrived),
  ).pipe(
    Layer.provideMerge(Offload.layerInline),
    Layer.provideMerge(Http.layerOver.pipe(Layer.provide(Layer.merge(outside, RateStore.layerMemory)))),
    Layer.provideMerge(Database.layerMemory),
  )
  // A session that is lost is found out by its heartbeats, as it is anywhere.
  const options: Kit.Options = {
    seed,
    sandbox: { heartbeatInterval: 41_250, identifyLimit: 1_000_000 },
    horizon: "2 days",
  }
  return Kit.run(features, options, (given) =>
    Effect.gen(function* () {
      kit = given
      const { ada, ben, clock, sandbox, world } = given
      const crowd = Crowd.make({ kit: given, draw, victims: VICTIMS, channels: CHANNELS })
      const plan = Plans.of(seed)
      const members = [
        ada,
        ben,
        ...MODERATORS.map((name) => given.member(name, { roles: ["Moderator"] })),
        ...[...PEOPLE, ...VICTIMS].map((name) => given.member(name)),
      ]
      for (const [command, values] of PRELUDE) {
        const turn = yield* ada.slash(command, values)
        yield* turn.outcome
      }
      const storm = sandbox.faults.follow(plan)
      yield* Effect.forEach(members, (member) => crowd.live(member, steps), {
        concurrency: "unbounded",
        discard: true,
      })
      const faults = storm.counts()
      storm.stop()
      yield* clock.advance("20 minutes")
      yield* clock.runToIdle
      const last = yield* ada.slash("ping", {}).pipe(Effect.flatMap((turn) => turn.outcome))
      yield* clock.runToIdle
      const log = (yield* given.transcript).filter((line) => /^\s*[\d.]+ {2}log /u.test(line))
      if (process.env["CHAOS_TRACE"]) process.stderr.write((yield* given.transcript).join("\n")) // CHAOS_TRACE
      const verdict = judge(given, crowd, arrived, log)
      return {
        seed,
        plan,
        interactions: crowd.started.length,
        messages: crowd.written.length,
        commands: tally(crowd.started.filter(({ isCommand }) => isCommand).map(({ what }) => what)),
        faults,
        ...verdict,
        doubled: [...verdict.doubled, ...(yield* twice(given))],
        leftovers: withoutServices(yield* given.leftovers),
        alive: last._tag === "Completed" && world.guilds.has(given.guild.id),
      } satisfies Figures
    }),
  )
}

/** A background job that the crowd has cancelled begins anew, as it should: it is no more left over than before. */
const withoutServices = (leftovers: ReadonlyArray<string>): ReadonlyArray<string> => {
  const services = leftovers.filter((one) => one.startsWith("background job ")).length
  const fibers = leftovers.filter((one) => one.startsWith("fiber ")).slice(services)
  return [...leftovers.filter((one) => !/^(?:background job|fiber) /u.test(one)), ...fibers]
}

const tally = (words: ReadonlyArray<string>): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1
  return counts
}

/** Notes which interactions have reached the bot. */
const witness = (arrived: Set<string>) =>
  Layer.scopedDiscard(
    Effect.flatMap(Client, (client) =>
      Effect.acquireRelease(
        Effect.sync(() =>
          client.watch(GatewayDispatchEvents.InteractionCreate, ({ d }) => {
            arrived.add(d.id)
          }),
        ),
        (stop) => Effect.sync(stop),
      ),
    ),
  )

// ---------------------------------------------------------------------------------------------------------
// What people saw
// ---------------------------------------------------------------------------------------------------------

/** Log lines that say why something was not shown. */
const reason = /(not shown|could not be|did not answer|took too long|failed|died|was lost)/u

const judge = (
  kit: Kit.Kit,
  crowd: Crowd.Crowd,
  arrived: ReadonlySet<string>,
  log: ReadonlyArray<string>,
) => {
  const outcomes: Record<string, number> = {}
  const sorry: Record<string, number> = {}
  const lost: Array<string> = []
  const doubled: Array<string> = []
  const reasons = log.filter((line) => reason.test(line)).map((line) => ({ line, used: false }))
  const answers = answersOf(kit)
  for (const { actor, turn, what } of crowd.started) {
    const state = turn.state()
    const seen = (answers.get(turn.id) ?? []).map(faceOf)
    for (const face of new Set(seen)) {
      const times = seen.filter((one) => one === face).length
      if (times > 1) doubled.push(`${what} of ${actor.user.username} was answered ${times} times: ${face}`)
    }
    if (state._tag !== "Failed" && state._tag !== "Waiting" && state._tag !== "Deferred") {
      outcomes[state._tag] = (outcomes[state._tag] ?? 0) + 1
      continue
    }
    if (!arrived.has(turn.id)) {
      sorry["never delivered"] = (sorry["never delivered"] ?? 0) + 1
      continue
    }
    const name = what.replace(/^(?:\/|menu |suggestions for \/)/u, "")
    const why =
      reasons.find((one) => !one.used && one.line.includes(turn.id)) ??
      reasons.find((one) => !one.used && one.line.includes(name)) ??
      reasons.find((one) => !one.used && /An answer was not shown/u.test(one.line))
    if (why === undefined || state._tag !== "Failed") {
      lost.push(`${what} of ${actor.user.username}: ${state._tag}`)
      continue
    }
    why.used = true
    const tag = /: ([A-Z][A-Za-z]+): /u.exec(why.line)?.[1] ?? "logged"
    sorry[tag] = (sorry[tag] ?? 0) + 1
  }
  return { outcomes, sorry, lost, doubled }
}

const answersOf = (kit: Kit.Kit): ReadonlyMap<string, ReadonlyArray<Message>> => {
  const found = new Map<string, Array<Message>>()
  for (const { messages } of kit.world.channels.values()) {
    for (const message of messages.values()) {
      const id = message.interaction?.id
      if (id === undefined || message.authorId !== kit.world.bot.id) continue
      const known = found.get(id)
      if (known === undefined) found.set(id, [message])
      else known.push(message)
    }
  }
  return found
}

const faceOf = ({ attachments, components, content, embeds }: Message): string =>
  JSON.stringify([content, embeds, attachments.length, components.length]).slice(0, 300)

// ---------------------------------------------------------------------------------------------------------
// What was done
// ---------------------------------------------------------------------------------------------------------

interface Row {
  readonly kind: string
  readonly user_id: string
  readonly count: number
}

/** More of it in Discord's audit log than there are cases; and cases that are noted twice. */
const twice = (kit: Kit.Kit) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const cases = yield* sql<Row>`
      SELECT kind, user_id, COUNT(*) AS count FROM moderation_cases
      WHERE status IN ('done', 'unknown') AND user_id IS NOT NULL GROUP BY kind, user_id`
    const masses = yield* sql<Row>`
      SELECT 'ban' AS kind, user_id, COUNT(*) AS count FROM moderation_subjects
      WHERE outcome IN ('banned', 'unknown') GROUP BY user_id`
    const allowed = new Map<string, number>()
    for (const { count, kind, user_id } of [...cases, ...masses]) {
      const key = `${kind} of ${user_id}`
      allowed.set(key, (allowed.get(key) ?? 0) + Number(count))
    }
    const done = new Map<string, number>()
    for (const { action, targetId, userId } of kit.guild.auditLog) {
      const kind = kinds.get(action)
      if (kind === undefined || userId !== kit.world.bot.id) continue
      const key = `${kind} of ${String(targetId)}`
      done.set(key, (done.get(key) ?? 0) + 1)
    }
    const excess = [...done]
      .filter(([key, times]) => times > (allowed.get(key) ?? 0))
      .map(([key, times]) => `${key} was done ${times} times for ${allowed.get(key) ?? 0} cases`)
    const undone = [...allowed]
      .filter(([key]) => !done.has(key) && !kit.guild.bans.has(key.split(" ").at(-1) ?? ""))
      .filter(([key]) => key.startsWith("kick"))
      .map(([key]) => `${key} is a case, and was never done`)
    const noted = new Map<string, number>()
    for (const channel of kit.guild.channels.values()) {
      for (const { authorId, embeds } of channel.messages.values()) {
        const title = String(embeds[0]?.["title"] ?? "")
        if (authorId !== kit.world.bot.id || !/^Case \d+:/u.test(title) || channel.name !== "mod-log")
          continue
        noted.set(title, (noted.get(title) ?? 0) + 1)
      }
    }
    const repeated = [...noted]
      .filter(([, times]) => times > 1)
      .map(([title, times]) => `${title} was noted ${times} times`)
    return [...excess, ...undone, ...repeated]
  })

const kinds: ReadonlyMap<number, string> = new Map([
  [AuditLogEvent.MemberBanAdd, "ban"],
  [AuditLogEvent.MemberBanRemove, "unban"],
  [AuditLogEvent.MemberKick, "kick"],
])
