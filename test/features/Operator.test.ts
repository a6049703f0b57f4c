import { describe, expect, it } from "@effect/vitest"
import { TeamMemberMembershipState, TeamMemberRole } from "discord-api-types/v10"
import { Cause, Effect, Layer, Logger } from "effect"
import * as fc from "effect/FastCheck"
import * as Command from "../../src/command/Command.js"
import * as Prompt from "../../src/conversation/Prompt.js"
import { Discord } from "../../src/discord/Discord.js"
import { RequestTimeout } from "../../src/DiscordError.js"
import * as Alarms from "../../src/features/operator/Alarms.js"
import * as Operator from "../../src/features/operator/Operator.js"
import { timestampOf } from "../../src/interaction/Snowflake.js"
import * as Reply from "../../src/interaction/Reply.js"
import { Watchdog } from "../../src/observe/Watchdog.js"
import * as Database from "../../src/resource/Database.js"
import { Http } from "../../src/resource/Http.js"
import * as Offload from "../../src/resource/Offload.js"
import { Rest } from "../../src/rest/Rest.js"
import { Alarm } from "../../src/supervise/Alarm.js"
import * as Job from "../../src/supervise/Job.js"
import * as JobStore from "../../src/supervise/JobStore.js"
import { type Held, Jobs, type Listed } from "../../src/supervise/Jobs.js"
import { Supervisor } from "../../src/supervise/Supervisor.js"
import * as Kit from "../../src/testing/Kit.js"

const work = Command.make("work", { description: "Takes long" }, () =>
  Effect.as(Effect.sleep("10 minutes"), Reply.text("Worked.")),
)
const dig = Command.make("dig", { description: "Cannot be stopped" }, () =>
  Effect.uninterruptible(Effect.as(Effect.sleep("10 minutes"), Reply.text("Dug."))),
)
const ask = Command.make("ask", { description: "Asks" }, () =>
  Effect.map(Prompt.confirm("Sure?", { within: "20 minutes" }), (sure) => Reply.text(String(sure))),
)

const upstream = (name: string, breaker: "closed" | "open") =>
  ({ name, status: () => ({ name, baseUrl: "", breaker, running: 1, waiting: 0 }) }) as const

const http = (breaker: "closed" | "open") =>
  Layer.succeed(Http, {
    upstream: () => Effect.die("not here"),
    upstreams: () => [
      {
        ...upstream("github", breaker),
        request: () => Effect.die("not here"),
        get: () => Effect.die("not here"),
        block: () => Effect.void,
      },
    ],
  })

const needs = (breaker: "closed" | "open" = "closed") =>
  Layer.mergeAll(Database.layerMemory, Offload.layerInline, http(breaker))

const features = Layer.merge(Layer.provide(Operator.layer, needs()), Command.layer(work, dig, ask))

const text = (turn: Kit.Turn) =>
  Effect.map(turn.outcome, ({ replies }) => replies.map(({ content }) => content).join("\n"))

/** What is offered for what somebody has typed. */
const offer = (who: Kit.Member, command: string, option: string, typed: string) =>
  Effect.gen(function* () {
    const turn = yield* who.actor.autocomplete("general", command, option, { [option]: typed })
    const state = yield* turn.when(({ _tag }) => _tag === "ChoicesShown" || _tag === "Failed")
    return state._tag === "ChoicesShown" ? state.choices : state._tag
  })

const idOf = (kit: Kit.Kit, kind: string, name: string) =>
  Effect.map(kit.roster, (all) => all.find((one) => one.kind === kind && one.name.includes(name))!.id)

describe("/tasks", () => {
  it.effect("lists who runs what, and stops it: its person is told", () =>
    Kit.run(features, (kit) =>
      Effect.gen(function* () {
        const { ada, clock, leftovers, member } = kit
        const cleo = member("cleo")
        const turn = yield* cleo.run(work)
        yield* clock.advance("1 minute")
        const shown = yield* (yield* ada.slash("tasks list")).nextMessage
        expect(shown.private).toBe(true)
        const id = yield* idOf(kit, "command", "work")
        expect(shown.content).toContain(`\`${id}\` command **work** · <@${cleo.id}> · server ${kit.guild.id}`)
        expect(shown.content).toContain("running since <t:")
        expect(shown.content).toContain("until <t:")
        expect(shown.content).toContain("**tasks list** (this)")
        const cancelled = yield* ada.slash("tasks cancel", { id })
        expect(yield* text(cancelled)).toBe(
          `command **work** (${id}) has ended. The person who called it is told that it was cancelled.`,
        )
        expect((yield* turn.outcome)._tag).toBe("Cancelled")
        expect(yield* cleo.finalReplies(turn)).toHaveLength(1)
        expect(yield* leftovers).toEqual([])
      }),
    ),
  )

  it.effect("stops a wait, and with it the question", () =>
    Kit.run(features, (kit) =>
      Effect.gen(function* () {
        const { ada, ben, clock } = kit
        const turn = yield* ben.run(ask)
        yield* turn.nextMessage
        const all = yield* kit.roster
        const wait = all.find(({ kind }) => kind === "wait")!
        const cancelled = yield* ada.slash("tasks cancel", { id: wait.id })
        expect(yield* text(cancelled)).toContain("The question is closed")
        yield* clock.runToIdle
        expect((yield* turn.outcome)._tag).toBe("Cancelled")
        expect((yield* turn.replies).every(({ buttons }) => buttons.length === 0)).toBe(true)
      }),
    ),
  )

  it.effect("says so where a task cannot be interrupted, and its person is told all the same", () =>
    Kit.run(features, (kit) =>
      Effect.gen(function* () {
        const { ada, ben, clock } = kit
        const turn = yield* ben.run(dig)
        yield* clock.advance("5 seconds")
        const cancelled = yield* ada.slash("tasks cancel", { id: yield* idOf(kit, "command", "dig") })
        expect(yield* text(cancelled)).toContain("was told to end, and still does")
        expect((yield* turn.outcome)._tag).toBe("Cancelled")
        yield* clock.runToIdle
      }),
    ),
  )

  it.effect("says what a cancelled listener, job or unknown kind means, and that others go on", () =>
    Kit.run(features, (kit) =>
      Effect.gen(function* () {
        const supervisor = yield* Supervisor
        for (const [kind, word] of [
          ["listener", "the next event is handled as ever"],
          ["job", "the job keeps its schedule"],
          ["service", "It is started again, as its policy says"],
          ["inbox", "is given up and counts as failed"],
          ["foreign", "Nobody else is told"],
        ] as const) {
          yield* supervisor.fork({ kind, name: "sleeper" }, Effect.never)
          const turn = yield* kit.ada.slash("tasks cancel", { id: yield* idOf(kit, kind, "sleeper") })
          expect(yield* text(turn)).toContain(word)
        }
        expect((yield* kit.roster).filter(({ name }) => name === "sleeper")).toEqual([])
      }),
    ),
  )

  it.effect("turns away what is no task, itself, and everybody but the owner", () =>
    Kit.run(features, (kit) =>
      Effect.gen(function* () {
        const unknown = yield* kit.ada.slash("tasks cancel", { id: 999_999 })
        expect(yield* text(unknown)).toContain("There is no task 999999")
        const turn = yield* kit.ben.run(work)
        yield* kit.clock.advance("3 seconds")
        const denied = yield* kit.ben.slash("tasks cancel", { id: yield* idOf(kit, "command", "work") })
        expect((yield* denied.outcome)._tag).toBe("Refused")
        expect((yield* turn.outcome)._tag).toBe("Completed")
        for (const name of ["tasks list", "jobs list", "health"])
          expect((yield* (yield* kit.ben.slash(name)).outcome)._tag).toBe("Refused")
      }),
    ),
  )

  it.effect("offers numbers with what they are", () =>
    Kit.run(features, (kit) =>
      Effect.gen(function* () {
        yield* kit.ben.run(work)
        yield* kit.clock.advance("61 seconds")
        const id = yield* idOf(kit, "command", "work")
        const offered = yield* offer(kit.ada, "tasks cancel", "id", "work")
        expect(offered).toEqual([{ name: `${id} · command work · 1 min`, value: id }])
      }),
    ),
  )
})

describe("/jobs", () => {
  const job = (name: string, patch: Partial<Listed>) => {
    let listed: Listed = {
      name,
      schedule: "every 5 minutes",
      state: "waiting",
      nextAt: 300_000,
      lastEndedAt: undefined,
      last: undefined,
      failures: 0,
      ...patch,
    }
    const become = (next: Partial<Listed>) =>
      Effect.sync(() => {
        listed = { ...listed, ...next }
      })
    const held: Held = {
      listed: () => listed,
      runNow: become({ last: "failed", lastEndedAt: 5_000, failures: 2 }),
      pause: become({ state: "paused", nextAt: undefined }),
      resume: become({ state: "waiting", nextAt: 600_000 }),
      begin: Effect.void,
    }
    return Effect.flatMap(Jobs, (jobs) => jobs.enter(name, held))
  }
  const withJobs = Layer.merge(
    features,
    Layer.scopedDiscard(
      Effect.zipRight(job("health check", {}), job("daily *report*", { last: "completed" })),
    ),
  )

  it.effect("lists them, runs one, holds one and lets it go on", () =>
    Kit.run(withJobs, ({ ada }) =>
      Effect.gen(function* () {
        const lines = (yield* text(yield* ada.slash("jobs list"))).split("\n")
        expect(lines).toEqual([
          "**daily \\*report\\***: every 5 minutes · waiting · next <t:300:R> · last completed",
          "**health check**: every 5 minutes · waiting · next <t:300:R> · never run yet",
        ])
        expect(yield* text(yield* ada.slash("jobs run", { name: "health check" }))).toContain(
          "last failed <t:5:R> · 2 failures in a row",
        )
        expect(yield* text(yield* ada.slash("jobs pause", { name: "health check" }))).toContain("· paused ·")
        expect(yield* text(yield* ada.slash("jobs resume", { name: "health check" }))).toContain(
          "next <t:600:R>",
        )
        const unknown = yield* ada.slash("jobs run", { name: "nothing" })
        expect((yield* unknown.outcome)._tag).toBe("Failed")
        expect(yield* text(unknown)).toContain("There is no job")
        const offered = yield* offer(ada, "jobs run", "name", "HEAL")
        expect(offered).toEqual([{ name: "health check", value: "health check" }])
      }),
    ),
  )
})

describe("/jobs on a job", () => {
  it.effect("runs it to its end, and what was paused stays so until it is resumed", () => {
    let runs = 0
    const job = Job.layer({
      name: "sync",
      every: { fixed: "1 hour" },
      run: Effect.delay(
        Effect.sync(() => {
          runs++
        }),
        "10 seconds",
      ),
    }).pipe(Layer.provide(JobStore.layerMemory))
    return Kit.run(Layer.merge(features, job), ({ ada, clock }) =>
      Effect.gen(function* () {
        yield* (yield* Jobs).begin
        const ran = yield* text(yield* ada.slash("jobs run", { name: "sync" }))
        expect(runs).toBe(1)
        expect(ran).toContain("last completed")
        expect(yield* text(yield* ada.slash("jobs pause", { name: "sync" }))).toContain("· paused ·")
        yield* clock.advance("5 hours")
        expect(runs).toBe(1)
        yield* text(yield* ada.slash("jobs resume", { name: "sync" }))
        yield* clock.advance("3 hours")
        expect(runs).toBeGreaterThanOrEqual(3)
      }),
    )
  })
})

describe("/health", () => {
  const fieldsOf = (turn: Kit.Turn) =>
    Effect.map(turn.outcome, ({ replies }) => {
      const embed = replies[0]!.embeds[0]! as unknown as {
        readonly title: string
        readonly fields: ReadonlyArray<{ readonly name: string; readonly value: string }>
      }
      return {
        title: embed.title,
        ...Object.fromEntries(embed.fields.map(({ name, value }) => [name, value])),
      }
    })

  it.effect("shows every part", () =>
    Kit.run(features, ({ ada, clock }) =>
      Effect.gen(function* () {
        yield* (yield* ada.run(work)).outcome
        yield* clock.advance("5 minutes")
        const shown = yield* fieldsOf(yield* ada.slash("health"))
        expect(shown).toMatchObject({
          title: "All is well",
          Gateway: expect.stringMatching(/^shard 0: ready, heartbeat /u),
          "Event loop": "not watched",
          Database: expect.stringMatching(/^sqlite in memory: answers within /u),
          "Worker threads": expect.stringContaining("0 tasks running"),
          "Other services": "github: reachable, 1 calls running, 0 waiting",
          Work: expect.stringContaining("0 waits"),
          Commands: expect.stringContaining("completed"),
          Process: expect.stringMatching(/^up for 15m, \d+ MiB in memory/u),
        })
      }),
    ),
  )

  it.effect("says in its title what is not well, and who held the loop", () =>
    Kit.run(
      Layer.provide(
        Operator.layer,
        Layer.merge(
          needs("open"),
          Layer.succeed(Watchdog, {
            lag: () => ({ p50: 10, p99: 450, max: 900 }),
            blocks: () => 3,
            last: () => ({
              millis: 900,
              endedAt: 0,
              by: { name: "crunch", file: "a.ts", line: 1, column: 1 },
              stack: [],
              standstill: false,
            }),
          }),
        ),
      ),
      ({ ada }) =>
        Effect.gen(function* () {
          const shown = yield* fieldsOf(yield* ada.slash("health"))
          expect(shown).toMatchObject({
            title: "Not well: Event loop, Other services",
            "Event loop":
              "late by 10 ms (half of the time), 450 ms (p99), 900 ms at most; 3 blocks\nThe last: 900 ms, by crunch",
            "Other services": expect.stringContaining("does not answer, and rests"),
          })
        }),
    ),
  )
})

describe("notices", () => {
  const raise = (about: string, text: string) =>
    Effect.flatMap(Alarm, (alarm) => alarm.raise({ about, text }))
  const dms = (kit: Kit.Kit) => Effect.map(kit.ada.at("dm").sees, (all) => all.map(({ content }) => content))

  it.effect("go to the owner at once, and then once in ten minutes with what was held back", () =>
    Kit.run(features, (kit) =>
      Effect.gen(function* () {
        const { clock } = kit
        yield* raise("job sync", "It failed 3 times in a row")
        yield* clock.advance("1 minute")
        for (let n = 4; n <= 9; n++) yield* raise("job sync", `It failed ${n} times in a row`)
        yield* raise("inbox guard", "It loses messages")
        yield* clock.settle
        expect(yield* dms(kit)).toEqual([
          "**job sync**: It failed 3 times in a row",
          "**inbox guard**: It loses messages",
        ])
        yield* clock.advance("9 minutes")
        expect((yield* dms(kit)).at(-1)).toBe(
          "**job sync**: 6 more within 10m. The last: It failed 9 times in a row",
        )
        expect(yield* dms(kit)).toHaveLength(3)
        // Still held back: a message went out just now.
        yield* raise("job sync", "It failed 10 times in a row")
        yield* clock.advance("5 minutes")
        expect(yield* dms(kit)).toHaveLength(3)
        yield* clock.advance("5 minutes")
        expect((yield* dms(kit)).at(-1)).toContain("1 more within 10m")
        yield* clock.advance("10 minutes")
        // Quiet for a whole window: it is told at once again.
        yield* raise("job sync", "It fails again")
        yield* clock.settle
        expect((yield* dms(kit)).at(-1)).toBe("**job sync**: It fails again")
        expect(yield* dms(kit)).toHaveLength(5)
      }),
    ),
  )

  it.effect("go to a channel where one is named", () =>
    Kit.run(features, (kit) =>
      Effect.gen(function* () {
        const log = [...kit.guild.channels.values()].find(({ name }) => name === "mod-log")!
        yield* Effect.provide(
          Effect.zipRight(raise("job *sync*", "It failed for <@1>"), kit.clock.settle),
          Alarms.layer({ channelId: log.id, window: "1 minute" }),
        )
        const seen = yield* kit.ada.at("#mod-log").sees
        expect(seen.map(({ content }) => content)).toEqual(["**job \\*sync\\***: It failed for \\<\\@1\\>"])
      }),
    ),
  )

  it.effect("are a line in the log where the owner cannot be written to", () =>
    Kit.run(features, (kit) =>
      Effect.gen(function* () {
        const lines: Array<string> = []
        const logger = Logger.make<unknown, void>(({ message }) => {
          lines.push(String(message))
        })
        yield* kit.ada.actor.closeDms(true)
        yield* Effect.provide(
          Effect.zipRight(raise("job sync", "It failed"), kit.clock.settle),
          Logger.replace(Logger.defaultLogger, logger),
        )
        expect(lines[0]).toBe("job sync: It failed")
        expect(lines[1]).toContain("The operator could not be told of job sync")
        expect(yield* kit.leftovers).toEqual([])
      }),
    ),
  )

  it.effect("are told later where nobody could be told, the first one too", () =>
    Kit.run(features, (kit) =>
      Effect.gen(function* () {
        const { ada, clock } = kit
        yield* ada.actor.closeDms(true)
        yield* raise("health", "Shard 0 is not connected")
        yield* clock.advance("11 minutes")
        for (let n = 1; n <= 3; n++) yield* raise("health", `Still not, ${n}`)
        yield* clock.advance("10 minutes")
        yield* raise("health", "All is well again")
        yield* ada.actor.closeDms(false)
        yield* clock.advance("10 minutes")
        expect(yield* dms(kit)).toEqual([
          "**health**: Shard 0 is not connected\n**health**: 4 more within 30m. The last: All is well again",
        ])
        yield* clock.advance("11 minutes")
        yield* raise("health", "Shard 0 is not connected")
        yield* clock.settle
        expect((yield* dms(kit)).slice(1)).toEqual(["**health**: Shard 0 is not connected"])
        expect(yield* kit.leftovers).toEqual([])
      }),
    ),
  )

  it.effect.prop(
    "are each told or counted, and never twice about one thing within a window",
    { at: fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 1, maxLength: 12 }) },
    ({ at }) =>
      Kit.run(features, (kit) =>
        Effect.gen(function* () {
          const sorted = [...at].sort((a, b) => a - b)
          let now = 0
          for (const second of sorted) {
            yield* kit.clock.advance(`${second - now} seconds`)
            now = second
            yield* raise("job sync", `at ${second}`)
          }
          yield* kit.clock.advance("20 minutes")
          const seen = yield* kit.ada.at("dm").sees
          const told = seen.map(({ content }) => Number(/: (\d+) more within/u.exec(content)?.[1] ?? 1))
          expect(told.reduce((sum, count) => sum + count, 0)).toBe(at.length)
          const times = seen.map(({ id }) => timestampOf(id))
          for (const [index, time] of times.entries())
            if (index > 0) expect(time - times[index - 1]!).toBeGreaterThanOrEqual(600_000)
          // The last word is of the last notice.
          expect(seen.at(-1)!.content).toContain(`at ${sorted.at(-1)}`)
        }),
      ),
    { fastCheck: { numRuns: 40 } },
  )

  describe("to a team", () => {
    const members = ["1", "2"].map((id) => ({
      user: { id },
      role: "admin",
      membership_state: TeamMemberMembershipState.Accepted,
    }))
    /** Whom a message went to within 45 minutes of one notice. */
    const told = (kit: Kit.Kit, send: (userId: string) => Effect.Effect<unknown, unknown>) =>
      Effect.gen(function* () {
        const sent: Array<string> = []
        const discord = Layer.succeed(Discord, {
          openDm: (userId: string) => Effect.succeed(userId),
          send: (userId: string) => Effect.suspend(() => (sent.push(userId), send(userId))),
        } as unknown as Discord)
        const rest = Layer.succeed(Rest, {
          request: () => Effect.succeed({ json: { team: { owner_user_id: "1", members } } }),
        } as unknown as Rest)
        yield* Effect.provide(
          Effect.zipRight(raise("job sync", "It failed"), kit.clock.advance("45 minutes")),
          Layer.provide(Alarms.layer(), Layer.merge(discord, rest)),
        )
        return sent
      })

    it.effect("are told once where one of them cannot be reached for long", () =>
      Kit.run(Layer.empty, (kit) =>
        Effect.gen(function* () {
          const sent = yield* told(kit, (id) => (id === "1" ? Effect.never : Effect.void))
          expect(sent).toEqual(["1", "2"])
        }),
      ),
    )

    it.effect("are not told again where it is uncertain whether they were, and are where they were not", () =>
      Kit.run(Layer.empty, (kit) =>
        Effect.gen(function* () {
          const lost = new RequestTimeout({ route: "POST /channels/1/messages", after: 1 })
          expect(yield* told(kit, () => Effect.fail(lost))).toEqual(["1", "2"])
          const refused = yield* told(kit, () => Effect.fail(new Cause.NoSuchElementException("closed")))
          expect(refused.length).toBeGreaterThan(2)
        }),
      ),
    )
  })

  it("go to a team's owner and administrators, and not to those who only write its code", () => {
    const user = (id: string) => ({ id, username: id, global_name: null, discriminator: "0", avatar: null })
    const member = (id: string, role: TeamMemberRole, state = TeamMemberMembershipState.Accepted) => ({
      user: user(id),
      role,
      membership_state: state,
      team_id: "9",
      permissions: ["*"] as ["*"],
    })
    const members = [
      member("1", TeamMemberRole.Admin),
      member("2", TeamMemberRole.Admin),
      member("3", TeamMemberRole.Developer),
      member("4", TeamMemberRole.Admin, TeamMemberMembershipState.Invited),
    ]
    const team = { id: "9", name: "Crew", icon: null, members, owner_user_id: "1" }
    expect(Alarms.ownersOf({ team, owner: user("9") })).toEqual(["1", "2"])
    expect(Alarms.ownersOf({ team: null, owner: user("5") })).toEqual(["5"])
    expect(Alarms.ownersOf({ team: null })).toEqual([])
  })
})
