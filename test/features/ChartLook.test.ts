import { writeFileSync } from "node:fs"
import { it } from "@effect/vitest"
import { Effect } from "effect"
import * as Chart from "../../src/features/chart/Chart.js"
import * as Offload from "../../src/resource/Offload.js"
it.live("look", () => Effect.gen(function* () {
  const save = (n: string, s: Chart.Spec) => Effect.map(Chart.draw(s), (b) => writeFileSync(`/tmp/chart-${n}.png`, b))
  yield* save("a", { title: "Morning run 2026", unit: "€ to pay for the year", series: [
    { label: "Ada Lovelace", value: 12.5, text: "12.50 €" }, { label: "Benjamin with a very very long name indeed, cut", value: 52, text: "52.00 €" },
    { label: "cleo", value: 0, text: "0.00 €" }, { label: "dan", value: 31.25, text: "31.25 €" }, { label: "Ёлка Жуковская", value: 104, text: "104.00 €" } ] })
  yield* save("b", { title: "Balance", series: Array.from({ length: 12 }, (_, i) => ({ label: `Member ${i}`, value: Math.round(Math.sin(i) * 1000) / 10 })) })
  yield* save("c", { title: "Messages by hour", unit: "messages", kind: "line", series: Array.from({ length: 24 }, (_, i) => ({ label: `${i}:00`, value: Math.round(500 + 480 * Math.sin(i / 3)) })) })
  yield* save("d", { title: "Messages by day", kind: "line", series: Array.from({ length: 300 }, (_, i) => ({ label: `2026-01-${i}`, value: Math.round(500 * Math.sin(i / 30) + 40 * Math.sin(i)) })) })
  yield* save("e", { title: "Many", series: Array.from({ length: 250 }, (_, i) => ({ label: `Member ${i}`, value: 250 - i })) })
  yield* save("f", { title: "Nothing", unit: "x", series: [] })
}).pipe(Effect.provide(Offload.layer())), 60_000)
