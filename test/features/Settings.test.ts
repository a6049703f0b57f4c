import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Option } from "effect"
import { GuildSettings } from "../../src/features/guild/GuildSettings.js"
import * as Settings from "../../src/features/guild/Settings.js"
import * as Stored from "../../src/features/guild/Stored.js"
import * as Store from "../../src/features/guild/Store.js"
import * as Zone from "../../src/features/guild/Zone.js"
import * as Guilds from "../../src/sandbox/world/Guilds.js"
import { Bit } from "../../src/sandbox/world/Permissions.js"
import * as Kit from "../../src/testing/Kit.js"

const features = Settings.layer.pipe(Layer.provideMerge(Layer.merge(Store.layerMemory, Stored.layer)))

const answer = (turn: Kit.Turn) =>
  Effect.map(turn.outcome, ({ _tag, replies }) => ({
    _tag,
    text: replies.map(({ content }) => content).join("\n"),
  }))

describe("/settings", () => {
  it.effect("shows the defaults, and what was changed with what was before", () =>
    Kit.run(features, ({ ada, guild, world }) =>
      Effect.gen(function* () {
        const log = [...world.channels.values()].find(
          (one) => one.guildId === guild.id && one.name === "mod-log",
        )!
        const first = yield* answer(yield* ada.slash("settings show"))
        expect(first._tag).toBe("Completed")
        expect(first.text).toContain("- Time zone: UTC\n")
        expect(first.text).toContain("the channel `mod-log`, where there is one")
        expect(first.text).toContain("It is Thu 00\\:00 in this server's zone.")
        const changed = yield* answer(
          yield* ada.slash("settings set", {
            zone: "asia/tokyo",
            modlog: log.id,
            reports: log.id,
            stats_days: 1,
            case_days: 90,
          }),
        )
        expect(changed).toEqual({
          _tag: "Completed",
          text: [
            "- Time zone: Asia/Tokyo (before: UTC)",
            `- Acts of moderation are noted in: <#${log.id}> (before: the channel \`mod-log\`, where there is one)`,
            `- Reports go to: <#${log.id}> (before: nowhere)`,
            "- Statistics are kept: for 1 day (before: for 30 days)",
            "- Cases are kept: for 90 days (before: for ever)",
          ].join("\n"),
        })
        expect((yield* answer(yield* ada.slash("settings show"))).text).toContain("It is Thu 09\\:00")
        const forever = yield* answer(yield* ada.slash("settings set", { case_days: 0, stats_days: 1 }))
        expect(forever.text).toBe(
          "- Statistics are kept: for 1 day, as before\n- Cases are kept: for ever (before: for 90 days)",
        )
        const back = yield* answer(yield* ada.slash("settings reset", { setting: "zone" }))
        expect(back.text).toBe("- Time zone: UTC (before: Asia/Tokyo)")
        expect(yield* (yield* GuildSettings).of(guild.id)).toMatchObject({ zone: "UTC", statsDays: 1 })
      }),
    ),
  )

  it.effect("takes no zone that is none, and says which was meant", () =>
    Kit.run(features, ({ ada, guild }) =>
      Effect.gen(function* () {
        const wrong = yield* answer(yield* ada.slash("settings set", { zone: "Berlin" }))
        expect(wrong._tag).toBe("Refused")
        expect(wrong.text).toContain("a time zone such as Europe")
        expect(wrong.text).toContain("Berlin?")
        const offset = yield* answer(yield* ada.slash("settings set", { zone: "+02:00" }))
        expect(offset._tag).toBe("Refused")
        const nothing = yield* answer(yield* ada.slash("settings set"))
        expect(nothing).toMatchObject({ _tag: "Failed", text: expect.stringContaining("Say what to change") })
        expect(yield* (yield* GuildSettings).all).toEqual([])
        expect((yield* (yield* GuildSettings).of(guild.id)).zone).toBe("UTC")
      }),
    ),
  )

  it.effect("takes no channel that the bot cannot write in", () =>
    Kit.run(features, ({ ada, guild, world }) =>
      Effect.gen(function* () {
        const log = [...world.channels.values()].find(
          (one) => one.guildId === guild.id && one.name === "mod-log",
        )!
        const deny = Bit.SendMessages | Bit.EmbedLinks
        Guilds.setOverwrite(world, log, { id: world.bot.id, type: 1, allow: 0n, deny })
        const refused = yield* answer(yield* ada.slash("settings set", { modlog: log.id, stats_days: 3 }))
        expect(refused).toEqual({
          _tag: "Failed",
          text: `I cannot write in <#${log.id}>. Give me there: Send Messages, Embed Links.`,
        })
        // Nothing of it was set.
        expect((yield* (yield* GuildSettings).of(guild.id)).statsDays).toBe(30)
      }),
    ),
  )

  it.effect("is for those who manage the server", () =>
    Kit.run(features, ({ member }) =>
      Effect.gen(function* () {
        const tried = yield* Effect.either(member("cleo").slash("settings show"))
        // Discord does not offer it to them.
        expect(tried._tag).toBe("Left")
      }),
    ),
  )
})

describe("zones", () => {
  it("are found whatever their case, former names too, and no offsets", () => {
    expect(Zone.find("europe/berlin")).toEqual(Option.some("Europe/Berlin"))
    expect(Zone.find(" America/new york ")).toEqual(Option.some("America/New_York"))
    expect(Zone.find("utc")).toEqual(Option.some("UTC"))
    expect(Option.isSome(Zone.find("US/Pacific"))).toBe(true)
    for (const none of ["", "Berlin", "+02:00", "-1", "Europe/Nowhere", "Europe/Berlin; DROP", "🦆"])
      expect(Option.isNone(Zone.find(none)), none).toBe(true)
  })

  it("are offered by city first, and each of those offered is one", () => {
    expect(Zone.suggest("berl")[0]).toBe("Europe/Berlin")
    expect(Zone.suggest("new york")).toContain("America/New_York")
    expect(Zone.suggest("zzz")).toEqual([])
    for (const name of Zone.suggest("")) expect(Zone.find(name), name).toEqual(Option.some(name))
  })
})
