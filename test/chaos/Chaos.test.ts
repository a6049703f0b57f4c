import { writeFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Conformance from "../sandbox/spec/Conformance.js"
import * as Crowd from "./Crowd.js"
import * as Plans from "./Plans.js"
import * as Storm from "./Storm.js"

/** `npm run chaos` sets these: which seeds, how many steps each, and where the figures go. */
const { BOSUN_CHAOS_FROM, BOSUN_CHAOS_OUT, BOSUN_CHAOS_SEEDS, BOSUN_CHAOS_STEPS } = process.env
const from = Number(BOSUN_CHAOS_FROM ?? 1)
const count = Number(BOSUN_CHAOS_SEEDS ?? 6)
const steps = Number(BOSUN_CHAOS_STEPS ?? 40)
const seeds = Array.from({ length: count }, (_, n) => from + n)
const runs: Array<Storm.Figures> = []

describe("the whole bot, while a crowd uses all of it and faults come", () => {
  it.live.each(seeds)(
    "seed %i: one outcome or a reason for everything, nothing twice, nothing left, and it lives",
    (seed) =>
      Effect.map(Storm.run(seed, { steps }), (figures) => {
        runs.push(figures)
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
      }),
    120_000,
  )

  it.live(
    "without faults: an outcome for everything, and whatever comes is as Discord describes it",
    () =>
      Effect.gen(function* () {
        const { answer, event, take } = Conformance
        const { alive, doubled, leftovers, lost, sorry } = yield* Storm.run(from, {
          calm: true,
          steps,
          look: { answer, event },
        })
        const { "deleted before it was answered": _, ...unanswered } = sorry
        expect({ alive, doubled, leftovers, lost, unanswered, differs: take() }).toEqual({
          alive: true,
          doubled: [],
          leftovers: [],
          lost: [],
          unanswered: {},
          differs: [],
        })
      }),
    120_000,
  )

  /** Over few seeds something may be missing by chance. */
  const few = count < 6 || count * steps < 150
  it.skipIf(few)(
    "over the seeds the crowd has done and run all that there is, and every fault has come",
    () => {
      const never = (
        wanted: ReadonlyArray<string>,
        counts: ReadonlyArray<Readonly<Record<string, number>>>,
      ) => wanted.filter((one) => counts.every((all) => (all[one] ?? 0) === 0))
      const ran = runs.map(({ commands }) => commands)
      expect({
        deeds: never(
          Crowd.DEEDS,
          runs.map(({ deeds }) => deeds),
        ),
        done: never(
          Storm.DONE,
          runs.map(({ done }) => done),
        ),
        faults: Plans.KINDS.filter((kind) =>
          runs.every(({ faults }) => !Object.keys(faults).some((name) => name.startsWith(kind))),
        ),
        commands: never([...new Set(runs.flatMap(({ unused }) => unused))], ran),
      }).toEqual({ deeds: [], done: [], faults: [], commands: [] })
    },
  )
})
