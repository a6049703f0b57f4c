/** A plan of faults for each seed: every kind that a bot can come back from, some more and some less. */
import * as Plan from "../../src/sandbox/fault/Plan.js"
import * as Draw from "./Draw.js"

/** Closes that Discord sends a bot that has done nothing wrong; and those after which it may connect anew. */
const CODES = [4000, 4001, 4002, 4003, 4005, 4007, 4008, 4009]

/** What is seldom asked for, and must be done once all the same: each seed has one of these fail more often than not. */
const AIMS: ReadonlyArray<Plan.Rule> = [
  { kind: "lost", path: "/guilds/*/bans/*" },
  { kind: "lost", path: "/guilds/*/members/*" },
  { kind: "lost", method: "POST", path: "/channels/*/messages" },
  { kind: "error", status: 503, path: "/guilds/*/bans/*" },
  { kind: "error", status: 500, path: "/guilds/*/members/*" },
  { kind: "error", status: 502, method: "POST", path: "/channels/*/messages" },
  { kind: "hang", path: "/guilds/*/members/*", millis: [5_000, 60_000] },
  { kind: "limited", scope: "shared", path: "/guilds/*" },
]

/** Every rule has its turn within so many seeds. */
const SPREAD = 5
const LEAST = 0.002

export const of = (seed: number): Plan.Plan => {
  const draw = Draw.make(seed * 7_919)
  const some = (most: number) => draw.between(0, most)
  const rules: ReadonlyArray<Plan.Rule> = [
    { kind: "latency", rate: some(0.8), millis: [20, 50 + draw.below(850)] },
    { kind: "limited", rate: some(0.03), scope: "user" },
    { kind: "limited", rate: some(0.01), scope: "shared" },
    { kind: "limited", rate: some(0.005), scope: "global" },
    { kind: "limited", rate: some(0.005), scope: "user", bare: true },
    { kind: "cloudflare", rate: some(0.003) },
    ...[500, 502, 503, 504].map((status): Plan.Rule => ({ kind: "error", status, rate: some(0.012) })),
    { kind: "hang", rate: some(0.01), millis: [500, 20_000] },
    { kind: "reset", rate: some(0.01) },
    { kind: "lost", rate: some(0.01) },
    { kind: "malformed", rate: some(0.005) },
    { kind: "oversized", rate: some(0.0005) },
    { kind: "drop", rate: some(0.003) },
    { kind: "zombie", rate: some(0.0005), millis: [30_000, 180_000] },
    { kind: "reconnect", rate: some(0.002) },
    { kind: "invalid", rate: some(0.001), resumable: true },
    { kind: "invalid", rate: some(0.001), resumable: false },
    { kind: "close", rate: some(0.002), code: draw.one(CODES) },
    { kind: "duplicate", rate: some(0.02) },
    { kind: "delay", rate: some(0.1), millis: [10, 20 + draw.below(2_500)] },
    { kind: "reorder", rate: some(0.05) },
    { kind: "garbage", rate: some(0.002) },
    { kind: "huge", rate: some(0.0005) },
    { kind: "unknown", rate: some(0.01) },
    { kind: "slow", rate: some(0.005), millis: [50, 800] },
  ]
  const aim: Plan.Rule = { ...AIMS[seed % AIMS.length]!, rate: draw.between(0.5, 0.9) }
  return {
    seed,
    rules: [
      ...rules.map((rule, index) => {
        // Each is among the more frequent ones of some seeds, so that none is left out by chance.
        const least = (index + seed) % SPREAD === 0 ? LEAST : 0
        return { ...rule, rate: rounded(Math.max(rule.rate ?? 1, least)) }
      }),
      { ...aim, rate: rounded(aim.rate ?? 1) },
    ],
  }
}

const rounded = (rate: number): number => Math.round(rate * 1e5) / 1e5

/** All kinds that come. */
export const KINDS: ReadonlyArray<string> = [...new Set(of(1).rules.map(({ kind }) => kind))]
