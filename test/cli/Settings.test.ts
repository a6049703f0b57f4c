import { describe, expect, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import * as Settings from "../../src/cli/Settings.js"

describe("Settings", () => {
  it.effect("takes off what people paste around a token", () =>
    Effect.gen(function* () {
      const { token } = yield* Settings.read({ DISCORD_TOKEN: ' "Bot abc.def" ' })
      expect(token === undefined ? undefined : Redacted.value(token)).toBe("abc.def")
    }),
  )

  it.effect("takes a new secret and the former ones, and shows neither", () =>
    Effect.gen(function* () {
      const settings = yield* Settings.read({ BOSUN_SECRET: "the new secret of it, the former secret" })
      expect(settings.secrets?.map(Redacted.value)).toEqual(["the new secret of it", "the former secret"])
      expect(JSON.stringify(settings)).not.toContain("secret of it")
    }),
  )

  it.effect(
    "tells what is wrong with the features' own variables beside the rest, and of a ratio without a collector",
    () =>
      Effect.gen(function* () {
        const own = ({ TIDE }: Settings.Variables) => (TIDE === "high" ? [] : ["TIDE is low. Accepted: high"])
        const variables = { LOG_LEVEL: "loud", BOSUN_TRACE_RATIO: "0.5", TIDE: "low" }
        const { problems } = yield* Effect.flip(Settings.read(variables, own))
        expect(problems).toEqual([
          expect.stringContaining("LOG_LEVEL is"),
          expect.stringContaining("BOSUN_TRACE_RATIO needs BOSUN_OTLP_URL"),
          "TIDE is low. Accepted: high",
        ])
        yield* Settings.read({ TIDE: "high" }, own)
      }),
  )

  it.effect.each([
    ["DISCORD_TOKEN", "sec ret"],
    ["DISCORD_TOKEN", '"Bot "'],
    ["DISCORD_API_URL", "discord.com"],
    ["DISCORD_API_URL", "https://discord.com/api/v10"],
    ["BOSUN_PREFIX", ""],
    ["BOSUN_PREFIX", "/"],
    ["BOSUN_GRACE", "soon"],
    ["BOSUN_SECRET", "sec ret"],
    ["BOSUN_SECRET", "0123456789abcdef, "],
    ["BOSUN_DATA", " "],
    ["DATABASE_URL", "mysql://ada:sec ret@db/bosun"],
    ["BOSUN_OPS_PORT", "70000"],
    ["BOSUN_OPS_HOST", "here and there"],
    ["BOSUN_OPS_TOKEN", "sec ret"],
    ["BOSUN_STATSD", "127.0.0.1"],
    ["BOSUN_OTLP_URL", "http://ada:sec ret@collector"],
    ["BOSUN_TRACE_RATIO", "all"],
    ["BOSUN_IPV4_ONLY", "perhaps"],
    ["LOG_LEVEL", "loud"],
    ["LOG_FORMAT", "xml"],
  ] as const)("names %s and what it accepts", ([name, value]) =>
    Effect.gen(function* () {
      const { problems } = yield* Effect.flip(Settings.read({ [name]: value }))
      expect(problems).toHaveLength(1)
      expect(problems[0]).toMatch(new RegExp(`^${name} .*Accepted: `, "u"))
      expect(problems[0]).not.toContain("sec ret")
      expect(problems[0]).not.toContain("0123456789")
    }),
  )
})
