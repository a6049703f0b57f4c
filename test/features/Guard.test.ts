import { describe, expect, it } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import * as fc from "effect/FastCheck"
import * as Guard from "../../src/features/guard/Guard.js"
import { defaults as rules } from "../../src/features/guard/Model.js"
import * as Score from "../../src/features/guard/Score.js"
import * as GuardStore from "../../src/features/guard/Store.js"
import { defaults, GuildSettings } from "../../src/features/guild/GuildSettings.js"
import * as ScamDomains from "../../src/features/guild/ScamDomains.js"
import * as Retention from "../../src/features/guild/Retention.js"
import * as SettingsStore from "../../src/features/guild/Store.js"
import * as Stored from "../../src/features/guild/Stored.js"
import * as Database from "../../src/resource/Database.js"
import * as Offload from "../../src/resource/Offload.js"
import { Supervisor } from "../../src/supervise/Supervisor.js"
import { Kit } from "../../src/testing/index.js"
import * as VirtualClock from "../../src/testing/VirtualClock.js"

/** Drawing takes real time. */
const offload = Layer.map(Offload.layerInline, (context) => {
  const inner = Context.get(context, Offload.Offload)
  return Context.make(Offload.Offload, {
    ...inner,
    run: (task, input, options) => VirtualClock.outside(inner.run(task, input, options), task.name),
  } satisfies Offload.Offload)
})

const features = Guard.layer.pipe(
  Layer.provideMerge(
    Layer.mergeAll(
      Layer.orDie(GuardStore.layer),
      SettingsStore.layerMemory,
      Stored.layer,
      Retention.layer,
      ScamDomains.layerMemory(["free-nitro.example"]),
      offload,
    ),
  ),
  Layer.provideMerge(Database.layerMemory),
)

/** Says the same so many times, a tenth of a second apart. */
const repeat = (who: Kit.Member, text: string, times: number, clock: Kit.Clock) =>
  Effect.forEach(
    Array.from({ length: times }),
    () => Effect.zipRight(who.say(text), clock.advance("100 millis")),
    { discard: true },
  )

/** The reports in a channel, by their fields. */
const reports = (who: Kit.Member, place = "#mod-log") =>
  Effect.map(who.at(place).sees, (all) =>
    all
      .flatMap(({ embeds }) => embeds)
      .map((embed) =>
        Object.fromEntries(
          (embed["fields"] as ReadonlyArray<{ name: string; value: string }>).map(({ name, value }) => [
            name,
            value,
          ]),
        ),
      ),
  )
const texts = (who: Kit.Member) => Effect.map(who.sees, (all) => all.map(({ content }) => content))

/** Until every burst is over: they are in the background, and nobody waits for them. */
const over = (clock: Kit.Clock) => Effect.zipRight(clock.advance("15 seconds"), clock.runToIdle)

/** As an administrator does it. */
const cancelBurst = Effect.gen(function* () {
  const supervisor = yield* Supervisor
  const burst = (yield* supervisor.roster).find(({ name }) => name === "burst")
  yield* supervisor.cancel(burst!.id, "admin")
})
const STOPPED = "I was stopped midway."

describe("Guard", () => {
  it.effect("leaves everything alone until it is told otherwise", () =>
    Kit.run(features, ({ ada, clock, leftovers, member }) =>
      Effect.gen(function* () {
        yield* repeat(member("cleo"), "buy my things", 12, clock)
        yield* over(clock)
        expect(yield* texts(ada)).toHaveLength(12)
        expect(yield* reports(ada)).toEqual([])
        expect(yield* leftovers).toEqual([])
      }),
    ),
  )

  it.effect("reports a burst once, and deletes what is spam, and nothing else", () =>
    Kit.run(features, ({ ada, clock, leftovers, member }) =>
      Effect.gen(function* () {
        const set = yield* ada.slash("guard set", { mode: "delete" })
        expect((yield* set.outcome)._tag).toBe("Completed")
        const cleo = member("cleo")
        const dan = member("dan")
        yield* dan.say("good morning to you all")
        yield* repeat(cleo, "buy my things", 30, clock)
        yield* dan.say("what was that, please?")
        yield* over(clock)
        const left = yield* texts(dan)
        // What came before the limit was no spam yet.
        expect(left).toEqual([
          "good morning to you all",
          "buy my things",
          "buy my things",
          "buy my things",
          "what was that, please?",
        ])
        expect(yield* reports(ada)).toEqual([
          {
            Author: `${cleo.mention} (${cleo.id})`,
            Messages: "27",
            Deleted: "27",
            Where: expect.stringMatching(/^<#\d+>$/u) as string,
            Why: "the same again and again, many messages within seconds",
          },
        ])
        expect(yield* leftovers).toEqual([])
      }),
    ),
  )

  it.effect("knows links to scams, and calls for everyone, at the first message", () =>
    Kit.run(features, ({ ada, clock, member }) =>
      Effect.gen(function* () {
        yield* ada.slash("guard set", { mode: "delete" })
        yield* member("cleo").say("**Free things** at https://www.free-nitro.example/now, @everyone")
        yield* member("dan").say("Have a look at https://example.com")
        yield* over(clock)
        expect(yield* texts(member("dan"))).toEqual(["Have a look at https://example.com"])
        expect(yield* reports(ada)).toMatchObject([{ Why: "links to known scams, a call for everyone" }])
      }),
    ),
  )

  it.effect("reports a second burst by itself, and only reports where that is all it may do", () =>
    Kit.run(features, ({ ada, clock, member }) =>
      Effect.gen(function* () {
        yield* ada.slash("guard set", { mode: "log", duplicates: 2 })
        const cleo = member("cleo")
        yield* repeat(cleo, "buy my things", 3, clock)
        yield* clock.advance("2 minutes")
        yield* repeat(cleo, "buy my things", 4, clock)
        yield* over(clock)
        expect(yield* texts(ada)).toHaveLength(8)
        expect((yield* reports(ada)).map(({ Deleted, Messages }) => [Messages, Deleted])).toEqual([
          ["2", "0"],
          ["3", "0"],
        ])
      }),
    ),
  )

  it.effect("times out once a burst, and leaves staff alone", () =>
    Kit.run(features, ({ ada, ben, clock, guild, member }) =>
      Effect.gen(function* () {
        yield* ada.slash("guard set", { mode: "timeout", rate: 3, timeout_minutes: 5 })
        yield* repeat(ben, "all hands on deck", 9, clock)
        yield* repeat(ada, "all hands on deck", 9, clock)
        expect(yield* reports(ada)).toEqual([])
        const cleo = member("cleo")
        yield* Effect.forEach(["one", "two", "three", "four"], (text) => cleo.say(text), { discard: true })
        yield* over(clock)
        const [report] = yield* reports(ada)
        expect(report?.["Acts"]).toMatch(/^Timed out until <t:\d+:f>$/u)
        expect(guild.members.get(cleo.id)?.timeoutUntil).toBeTypeOf("number")
      }),
    ),
  )

  it.effect("does what is left to do at once when the bot stops", () =>
    Kit.run(features, ({ ada, clock, member, shutdown }) =>
      Effect.gen(function* () {
        yield* ada.slash("guard set", { mode: "delete" })
        yield* repeat(member("cleo"), "buy my things", 9, clock)
        const before = yield* clock.now
        yield* shutdown("25 seconds")
        expect((yield* clock.now) - before).toBeLessThan(3_000)
        expect(yield* texts(member("dan"))).toHaveLength(3)
        expect(yield* reports(ada)).toMatchObject([{ Messages: "6", Deleted: "6" }])
      }),
    ),
  )

  it.effect("that is cancelled is reported all the same, with the time-out that it gave", () =>
    Kit.run(features, ({ ada, clock, guild, leftovers, member }) =>
      Effect.gen(function* () {
        yield* ada.slash("guard set", { mode: "timeout", duplicates: 3 })
        const cleo = member("cleo")
        yield* repeat(cleo, "buy my things", 4, clock)
        yield* clock.advance("300 millis")
        yield* cancelBurst
        yield* clock.runToIdle
        expect(guild.members.get(cleo.id)?.timeoutUntil).toBeTypeOf("number")
        const [report, ...more] = yield* reports(ada)
        expect(report?.["Acts"]).toMatch(/^Timed out until <t:\d+:f>\nI was stopped midway/u)
        expect(more).toEqual([])
        expect(yield* leftovers).toEqual([])
      }),
    ),
  )

  it.effect("that is cancelled while it is being reported is reported once, up to date", () =>
    Kit.run(features, ({ ada, clock, guild, leftovers, member, sandbox }) =>
      Effect.gen(function* () {
        yield* ada.slash("guard set", { mode: "delete", duplicates: 3 })
        const log = [...guild.channels.values()].find(({ name }) => name === "mod-log")
        sandbox.faults.slow({ method: "POST", path: `/channels/${log!.id}/messages` }, { answer: 3_000 })
        yield* repeat(member("cleo"), "buy my things", 4, clock)
        yield* clock.advance("1500 millis")
        expect(yield* reports(ada)).toHaveLength(1)
        yield* cancelBurst
        yield* clock.runToIdle
        expect(yield* reports(ada)).toMatchObject([{ Messages: "2", Deleted: "2", Acts: STOPPED }])
        expect(yield* leftovers).toEqual([])
      }),
    ),
  )

  it.effect("that is cancelled says that messages are left only where some are", () =>
    Kit.run(features, ({ ada, clock, member, sandbox }) =>
      Effect.gen(function* () {
        yield* ada.slash("guard set", { mode: "delete", duplicates: 3 })
        yield* repeat(member("cleo"), "buy my things", 4, clock)
        yield* clock.advance("5 seconds")
        yield* cancelBurst
        yield* clock.runToIdle
        sandbox.faults.hang({ method: "DELETE", path: /messages/u })
        yield* repeat(member("dan"), "buy my things", 3, clock)
        yield* cancelBurst
        yield* clock.runToIdle
        expect(yield* reports(ada)).toMatchObject([
          { Deleted: "2", Acts: STOPPED },
          { Deleted: "0", Acts: "I was stopped midway: what I had not deleted yet is still there." },
        ])
      }),
    ),
  )

  it.effect("says in the report what Discord has refused", () =>
    Kit.run(features, ({ ada, clock, member, sandbox }) =>
      Effect.gen(function* () {
        yield* ada.slash("guard set", { mode: "timeout", duplicates: 2 })
        const refusal = { status: 403, body: { code: 50_013, message: "Missing Permissions" }, times: 9 }
        sandbox.faults.answerNext({ ...refusal, method: "PATCH", path: /members/u })
        sandbox.faults.answerNext({ ...refusal, method: "DELETE", path: /messages/u })
        yield* repeat(member("cleo"), "buy my things", 2, clock)
        yield* over(clock)
        const [report] = yield* reports(ada)
        expect(report?.["Acts"]).toMatch(/^I could not time them out: .+\nI could not delete in <#\d+>: .+$/u)
        expect(report).toMatchObject({ Messages: "1", Deleted: "0" })
      }),
    ),
  )

  it.effect(
    "counts every message of a person, by channel and hour, and forgets by settings and by request",
    () =>
      Kit.run(features, ({ ada, clock, guild, member }) =>
        Effect.gen(function* () {
          const store = yield* GuardStore.GuardStore
          const [part] = (yield* Stored.Stored).parts()
          const [kept] = (yield* Retention.Retention).parts()
          const cleo = member("cleo")
          yield* repeat(cleo, "hello", 5, clock)
          yield* cleo.at("#tryouts").say("hello")
          yield* clock.advance("1 hour")
          yield* cleo.say("again")
          yield* clock.advance("11 seconds")
          const counts = Effect.map(store.byHour(guild.id, 0), (all) =>
            all.map(({ messages }) => messages).toSorted(),
          )
          expect(yield* counts).toEqual([1, 6])
          const settings = { ...defaults, statsDays: 1 }
          expect(yield* kept!.prune(guild.id, settings, 86_400_000)).toBe(0)
          const [first] = yield* store.byHour(guild.id, 0)
          expect(yield* kept!.prune(guild.id, settings, first!.hour + 86_400_000 + 1)).toBe(2)
          expect(yield* counts).toEqual([1])
          yield* ada.say("one more")
          yield* clock.settle
          yield* part!.forgetGuild(guild.id)
          yield* clock.advance("1 minute")
          expect(yield* counts).toEqual([])
        }),
      ),
  )

  it.effect("writes what it has counted at shutdown", () =>
    Kit.run(features, ({ clock, guild, member, shutdown }) =>
      Effect.gen(function* () {
        const store = yield* GuardStore.GuardStore
        yield* repeat(member("cleo"), "hello", 5, clock)
        yield* shutdown(0)
        expect((yield* store.byHour(guild.id, 0)).map(({ messages }) => messages)).toEqual([5])
      }),
    ),
  )
})

/** What two people say, and how long after what was said before. Whether a burst is over is clear after each pause. */
const script = fc.array(
  fc.record({
    who: fc.constantFrom("cleo", "dan"),
    text: fc.constantFrom("buy my things", "good morning to you", "discord.gg/raid", "ok"),
    after: fc.constantFrom(0, 50, 900, 4_000, 13_000, 70_000),
  }),
  { maxLength: 25 },
)

it.effect.prop(
  "whoever says whatever whenever: all that is spam goes, nothing else does, and each burst is reported once",
  { script, latency: fc.constantFrom(0, 30) },
  ({ latency, script }) =>
    Kit.run(features, { latency }, ({ ada, clock, leftovers, member }) =>
      Effect.gen(function* () {
        yield* ada.slash("guard set", { mode: "delete" })
        const lately = new Map<string, Score.Lately>()
        const spamAt = new Map<string, Array<number>>()
        const stays: Array<string> = []
        const spam: Array<string> = []
        let at = 0
        for (const { after, text, who } of script) {
          yield* clock.advance(after)
          at += after
          yield* member(who).say(text)
          const facts = Score.facts({ at, content: text, mentions: 0 }, new Set())
          const verdict = Score.judge(lately.get(who) ?? [], facts, rules)
          lately.set(who, verdict.lately)
          if (verdict.score < Score.SPAM) stays.push(text)
          else {
            spam.push(text)
            spamAt.set(who, [...(spamAt.get(who) ?? []), at])
          }
        }
        yield* over(clock)
        expect(yield* texts(member("eve"))).toEqual(stays)
        const bursts = [...spamAt.values()].flatMap((times) =>
          times.filter((time, n) => n === 0 || time - times[n - 1]! >= 12_000),
        )
        const found = yield* reports(ada)
        expect(found).toHaveLength(bursts.length)
        const sum = (field: string) => found.reduce((total, one) => total + Number(one[field]), 0)
        expect([sum("Messages"), sum("Deleted")]).toEqual([spam.length, spam.length])
        expect(yield* leftovers).toEqual([])
      }),
    ),
  { fastCheck: { numRuns: 25 } },
)

describe("/guard", () => {
  it.effect("says what is set, keeps what is left out, and asks for something to set", () =>
    Kit.run(features, ({ ada, clock }) =>
      Effect.gen(function* () {
        yield* ada.slash("guard set", { mode: "timeout", timeout_minutes: 90 })
        yield* ada.slash("guard set", { mentions: 1 })
        const shown = yield* ada.slash("guard show")
        yield* over(clock)
        const [reply] = yield* ada.finalReplies(shown)
        expect(reply?.content).toContain("its author is timed out")
        expect(reply?.content).toContain("a message that mentions anybody")
        expect(reply?.content).toContain("90 minutes")
        const nothing = yield* ada.slash("guard set")
        expect((yield* nothing.outcome)._tag).toBe("Failed")
      }),
    ),
  )

  it.effect("is not for everyone", () =>
    Kit.run(features, ({ member }) =>
      Effect.gen(function* () {
        const refused = yield* Effect.flip(member("cleo").slash("guard set", { mode: "off" }))
        expect(refused._tag).toMatch(/NotFound|NotAllowed/u)
      }),
    ),
  )
})

describe("/stats", () => {
  it.effect("shows numbers and a chart, with what was not written yet", () =>
    Kit.run(features, ({ ada, ben, clock, guild, member }) =>
      Effect.gen(function* () {
        yield* (yield* GuildSettings).change(guild.id, { zone: "Europe/Berlin" })
        yield* repeat(member("cleo"), "hello", 5, clock)
        yield* member("dan").at("#tryouts").say("hello")
        for (const by of ["channel", "hour", "day"]) {
          const turn = yield* ben.slash("stats", { days: 2, by })
          yield* over(clock)
          expect((yield* turn.outcome)._tag).toBe("Completed")
          const [reply] = yield* ada.finalReplies(turn)
          const [embed] = reply!.embeds
          const fields = embed!["fields"] as ReadonlyArray<{ name: string; value: string }>
          expect(fields.slice(0, 2).map(({ value }) => value)).toEqual(["6", "3"])
          expect(fields.at(-1)?.value).toMatch(/^<#\d+>: 5\n<#\d+>: 1$/u)
          expect(embed!["image"]).toMatchObject({
            url: expect.stringMatching(/\/messages\.png/u) as string,
          })
        }
      }),
    ),
  )

  it.effect("says that there is nothing", () =>
    Kit.run(features, ({ ada, clock }) =>
      Effect.gen(function* () {
        const turn = yield* ada.slash("stats")
        yield* over(clock)
        expect((yield* ada.finalReplies(turn)).map(({ content }) => content)).toEqual([
          "Nobody has written anything within 7 days.",
        ])
      }),
    ),
  )
})
