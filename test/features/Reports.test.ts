import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Ref } from "effect"
import { GuildSettings } from "../../src/features/guild/GuildSettings.js"
import * as ReportLines from "../../src/features/guild/ReportLines.js"
import * as Retention from "../../src/features/guild/Retention.js"
import * as GuildStore from "../../src/features/guild/Store.js"
import { Stored, layer as storedLayer } from "../../src/features/guild/Stored.js"
import * as Reports from "../../src/features/reports/Reports.js"
import * as ReportStore from "../../src/features/reports/Store.js"
import * as Database from "../../src/resource/Database.js"
import * as Guilds from "../../src/sandbox/world/Guilds.js"
import { Bit } from "../../src/sandbox/world/Permissions.js"
import { Jobs } from "../../src/supervise/Jobs.js"
import * as JobStore from "../../src/supervise/JobStore.js"
import * as Kit from "../../src/testing/Kit.js"

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** Milliseconds to the next time of day (UTC, in hours): a run begins at any. */
const until = (hours: number) =>
  Effect.clockWith((clock) =>
    Effect.map(clock.currentTimeMillis, (now) => ((((hours - now / HOUR) % 24) + 24) % 24) * HOUR),
  )

const below = Layer.mergeAll(
  GuildStore.layer,
  ReportStore.layer,
  JobStore.layerMemory,
  Retention.layer,
  ReportLines.layer,
  storedLayer,
).pipe(Layer.provideMerge(Database.layerMemory))

const features = Reports.layer.pipe(Layer.provideMerge(below))

const answer = (turn: Kit.Turn) =>
  Effect.map(turn.outcome, ({ _tag, replies }) => ({
    _tag,
    text: replies.map(({ content }) => content).join("\n"),
  }))

/** What the bot has posted in a channel, oldest first: the titles of the embeds, and when. */
const posted = ({ guild, world }: Kit.Kit, channel: string) => {
  const found = [...world.channels.values()].find((one) => one.guildId === guild.id && one.name === channel)!
  return [...found.messages.values()]
    .filter(({ authorId }) => authorId === world.bot.id)
    .map(({ content, embeds, id }) => ({
      id,
      content,
      titles: embeds.map((one) => one["title"]),
      text: JSON.stringify(embeds),
    }))
}

const channelId = ({ guild, world }: Kit.Kit, name: string): string =>
  [...world.channels.values()].find((one) => one.guildId === guild.id && one.name === name)!.id

const titles = (kit: Kit.Kit, channel: string) =>
  // The first word in a channel has none.
  posted(kit, channel).flatMap((one) => (one.titles.some((title) => title !== undefined) ? [one.titles] : []))

describe("/report", () => {
  it.effect(
    "comes at 9, 14 and 19 by the server's clocks, daily at 9, until it is paused",
    () =>
      Kit.run(features, (kit) =>
        Effect.gen(function* () {
          const { ada, clock } = kit
          // 00:30 in Tokyo.
          yield* clock.advance(yield* until(15.5))
          const scheduled = yield* answer(
            yield* ada.slash("report schedule", { channel: channelId(kit, "mod-log"), zone: "asia/tokyo" }),
          )
          expect(scheduled._tag).toBe("Completed")
          expect(scheduled.text).toContain("by the clocks of Asia/Tokyo. The next:")
          expect(scheduled.text).toMatch(/09\\:00 .*\n.*14\\:00 .*\n.*19\\:00/u)
          expect(posted(kit, "mod-log").map(({ text }) => text)).toEqual([
            expect.stringContaining("Reports on this server will be posted here."),
          ])
          yield* clock.advance("8 hours")
          expect(titles(kit, "mod-log")).toEqual([])
          yield* clock.advance("31 minutes")
          expect(titles(kit, "mod-log")).toEqual([["Daily report", "Status"]])
          yield* clock.advance("23 hours")
          expect(titles(kit, "mod-log")).toEqual([["Daily report", "Status"], ["Status"], ["Status"]])
          expect((yield* answer(yield* ada.slash("report pause"))).text).toContain("No more reports come.")
          expect((yield* answer(yield* ada.slash("report pause"))).text).toContain("are paused already")
          yield* clock.advance("1 day")
          expect(titles(kit, "mod-log")).toHaveLength(3)
          // What fell into the pause is over.
          yield* ada.slash("report schedule")
          yield* clock.advance("30 minutes")
          expect(titles(kit, "mod-log")).toHaveLength(3)
          yield* clock.advance("1 hour")
          expect(titles(kit, "mod-log").at(-1)).toEqual(["Daily report", "Status"])
          expect(yield* kit.leftovers).toEqual([])
        }),
      ),
    60_000,
  )

  it.effect(
    "goes by a zone from the moment on at which it was changed",
    () =>
      Kit.run(features, (kit) =>
        Effect.gen(function* () {
          const { ada, clock, guild } = kit
          const settings = yield* GuildSettings
          yield* clock.advance(yield* until(8 + 50 / 60))
          yield* ada.slash("report schedule", { channel: channelId(kit, "mod-log") })
          yield* clock.advance("12 minutes")
          expect(titles(kit, "mod-log")).toEqual([["Daily report", "Status"]])
          // 10:02 in Berlin (in January): its 9 o'clock is behind, its 14 o'clock is at 13 UTC.
          yield* settings.change(guild.id, { zone: "Europe/Berlin" })
          yield* clock.advance(230 * MINUTE)
          expect(titles(kit, "mod-log")).toHaveLength(1)
          yield* clock.advance("10 minutes")
          expect(titles(kit, "mod-log")).toHaveLength(2)
          // 15:10 in Berlin is 9:10 in New York: what was due there ten minutes ago was before the change.
          yield* clock.advance("70 minutes")
          yield* settings.change(guild.id, { zone: "America/New_York" })
          yield* clock.advance("3 hours")
          expect(titles(kit, "mod-log")).toHaveLength(2)
        }),
      ),
    60_000,
  )

  it.effect("says what the features have to tell, and leaves out what fails", () =>
    Kit.run(features, (kit) =>
      Effect.gen(function* () {
        const { ada, guild, world } = kit
        yield* ReportLines.register({
          name: "cases",
          lines: (guildId, since) => Effect.succeed([`cases of ${guildId} since ${since}`]),
        })
        yield* ReportLines.register({ name: "broken", lines: () => Effect.die("no disk") })
        // Nobody has said where: here.
        const turn = yield* ada.slash("report now")
        expect((yield* answer(turn)).text).toBe(`The report is in <#${channelId(kit, "general")}>.`)
        const [report] = posted(kit, "general").filter(({ titles: all }) => all.includes("Report"))
        expect(report?.text).toContain(`cases of ${guild.id} since`)
        expect(report?.text).toContain("broken: could not be read")
        expect(report?.text).toContain(`Members: ${guild.members.size}`)
        // Where reports go.
        yield* answer(yield* ada.slash("report schedule", { channel: channelId(kit, "mod-log") }))
        yield* answer(yield* ada.slash("report now"))
        expect(titles(kit, "mod-log")).toEqual([["Report"]])
        const denied = [...world.channels.values()].find((one) => one.id === channelId(kit, "tryouts"))!
        // Reports are embeds.
        for (const deny of [Bit.SendMessages, Bit.EmbedLinks]) {
          Guilds.setOverwrite(world, denied, { id: world.bot.id, type: 1, allow: 0n, deny })
          const refused = yield* answer(yield* ada.slash("report schedule", { channel: denied.id }))
          expect(refused).toMatchObject({
            _tag: "Failed",
            text: expect.stringContaining("I cannot post reports in"),
          })
        }
        expect((yield* (yield* GuildSettings).of(guild.id)).reportChannelId).toBe(channelId(kit, "mod-log"))
      }),
    ),
  )

  it.effect("takes no zone that is none, and needs a channel", () =>
    Kit.run(features, ({ ada, guild }) =>
      Effect.gen(function* () {
        expect((yield* answer(yield* ada.slash("report schedule"))).text).toContain(
          "Nobody has said yet where",
        )
        expect((yield* answer(yield* ada.slash("report pause"))).text).toContain("Nobody has said yet where")
        expect((yield* answer(yield* ada.slash("report schedule", { zone: "Atlantis" })))._tag).toBe(
          "Refused",
        )
        expect(yield* (yield* GuildSettings).all).toEqual([])
        expect((yield* Stored).parts().map(({ name }) => name)).toEqual(["reports"])
        yield* Effect.forEach((yield* Stored).parts(), (part) => part.forgetGuild(guild.id))
      }),
    ),
  )
})

describe("the jobs behind", () => {
  it.effect("clean up every hour, as each server keeps things, whatever fails", () =>
    Kit.run(features, ({ clock, guild }) =>
      Effect.gen(function* () {
        const pruned = yield* Ref.make<ReadonlyArray<string>>([])
        yield* Retention.register({ name: "broken", prune: () => Effect.fail("no disk") })
        yield* Retention.register({
          name: "stats",
          prune: (guildId, { statsDays }) =>
            Effect.as(
              Ref.update(pruned, (all) => [...all, `${guildId === guild.id} ${statsDays}`]),
              3,
            ),
        })
        yield* (yield* GuildSettings).change(guild.id, { statsDays: 7 })
        yield* clock.advance(121 * MINUTE)
        expect((yield* Ref.get(pruned)).filter((one) => one === "true 7")).toHaveLength(2)
        const jobs = yield* (yield* Jobs).list
        expect(jobs.map(({ last, name, schedule }) => [name, schedule, last])).toEqual([
          ["clean-up", "every 1 hour", "failed"],
          ["health", "every 5 minutes", "completed"],
          ["reports", "every 15 minutes", "completed"],
        ])
      }),
    ),
  )
})
