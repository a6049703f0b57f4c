import { describe, expect, it } from "@effect/vitest"
import { loadImage } from "@napi-rs/canvas"
import { Effect } from "effect"
import * as fc from "effect/FastCheck"
import * as Chart from "../../src/features/chart/Chart.js"
import * as Offload from "../../src/resource/Offload.js"

const sizeOf = (png: Uint8Array) =>
  Effect.map(
    Effect.promise(() => loadImage(Buffer.from(png))),
    ({ height, width }) => ({ height, width }),
  )

const bars = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ label: `Bar ${index}`, value: index }))

describe("a chart", () => {
  it.live("is drawn elsewhere, as high as it has bars", () =>
    Effect.gen(function* () {
      const draw = (count: number) =>
        Effect.flatMap(Chart.draw({ title: "Of bars", series: bars(count) }), sizeOf)
      expect(yield* draw(0)).toEqual({ width: 900, height: 184 })
      expect(yield* draw(1)).toEqual({ width: 900, height: 146 })
      expect(yield* draw(24)).toEqual({ width: 900, height: 84 + 24 * 36 + 26 })
      const most = yield* draw(Chart.MOST)
      // What is too much becomes one.
      expect(yield* draw(Chart.MOST + 500)).toEqual(most)
      const line = yield* Chart.draw({ title: "A line", unit: "boats", kind: "line", series: bars(500) })
      expect(yield* sizeOf(line)).toEqual({ width: 900, height: 106 + 356 })
    }).pipe(Effect.provide(Offload.layer({ threads: 1 }))),
  )

  it.effect.prop(
    "is drawn of whatever there is",
    {
      spec: fc.record(
        {
          title: fc.string({ unit: "binary", maxLength: 200 }),
          unit: fc.string({ unit: "grapheme", maxLength: 100 }),
          kind: fc.constantFrom("bars" as const, "line" as const),
          series: fc.array(
            fc.record(
              {
                label: fc.string({ unit: "binary", maxLength: 300 }),
                value: fc.oneof(
                  fc.integer({ min: -1000, max: 1000 }),
                  fc.double({ noNaN: true, noDefaultInfinity: true }),
                  fc.constantFrom(0, -0, Number.MAX_VALUE, -Number.MAX_VALUE, Number.MIN_VALUE),
                ),
                text: fc.string({ maxLength: 50 }),
              },
              { requiredKeys: ["label", "value"] },
            ),
            { maxLength: 60 },
          ),
        },
        { requiredKeys: ["title", "series"] },
      ),
    },
    ({ spec }) =>
      Effect.gen(function* () {
        const { height, width } = yield* Effect.flatMap(Chart.draw(spec), sizeOf)
        expect(width).toBe(900)
        expect(height).toBeGreaterThan(100)
        expect(height).toBeLessThan(2_000)
      }).pipe(Effect.provide(Offload.layerInline)),
    { fastCheck: { numRuns: 40 }, timeout: 60_000 },
  )

  it.live("of what is no number is refused", () =>
    Effect.gen(function* () {
      const wrong = { title: "x", series: [{ label: "y", value: Number.NaN }] }
      expect(yield* Effect.flip(Chart.draw(wrong))).toMatchObject({ _tag: "OffloadFailed", reason: "input" })
    }).pipe(Effect.provide(Offload.layer())),
  )
})
