import { writeFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Storm from "./Storm.js"

/** `npm run chaos` sets these: which seeds, how many steps each, and where the figures go. */
const { BOSUN_CHAOS_FROM, BOSUN_CHAOS_OUT, BOSUN_CHAOS_SEEDS, BOSUN_CHAOS_STEPS } = process.env
const from = Number(BOSUN_CHAOS_FROM ?? 1)
const count = Number(BOSUN_CHAOS_SEEDS ?? 6)
const steps = Number(BOSUN_CHAOS_STEPS ?? 25)
const seeds = Array.from({ length: count }, (_, n) => from + n)

describe("the whole bot, while a crowd uses all of it and faults come", () => {
  it.live.each(seeds)(
    "seed %i: one outcome or a reason for everything, nothing twice, nothing left, and it lives",
    (seed) =>
      Effect.map(Storm.run(seed, { steps }), (figures) => {
        if (BOSUN_CHAOS_OUT !== undefined)
          writeFileSync(BOSUN_CHAOS_OUT, `${JSON.stringify(figures)}\n`, { flag: "a" })
        const { alive, doubled, leftovers, lost } = figures
        expect({ alive, doubled, leftovers, lost }).toEqual({
          alive: true,
          doubled: [],
          leftovers: [],
          lost: [],
        })
        expect(figures.interactions).toBeGreaterThan(0)
        expect(Object.keys(figures.faults).length).toBeGreaterThan(3)
      }),
    120_000,
  )
})
