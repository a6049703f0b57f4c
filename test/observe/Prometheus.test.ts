import { describe, expect, it } from "@effect/vitest"
import { Metric, MetricBoundaries, MetricKey, MetricLabel, MetricPair, MetricState, Option } from "effect"
import * as fc from "fast-check"
import * as ProcessMetrics from "../../src/observe/ProcessMetrics.js"
import * as Prometheus from "../../src/observe/Prometheus.js"
import * as Snapshot from "../../src/observe/Snapshot.js"

interface Parsed {
  readonly types: ReadonlyMap<string, string>
  readonly help: ReadonlyMap<string, string>
  /** By name and sorted labels. */
  readonly values: ReadonlyMap<string, number>
}

/** A reader of the format, by its description alone. Throws at whatever it does not allow. */
const parse = (text: string): Parsed => {
  const types = new Map<string, string>()
  const help = new Map<string, string>()
  const values = new Map<string, number>()
  const closed = new Set<string>()
  let family: string | undefined
  if (text !== "" && !text.endsWith("\n")) throw new Error("no line feed at the end")
  for (const line of text.split("\n").slice(0, -1)) {
    const comment = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/su.exec(line)
    if (comment !== null) {
      const [, kind, name = "", rest = ""] = comment
      const all = kind === "HELP" ? help : types
      if (all.has(name)) throw new Error(`${kind} twice: ${name}`)
      all.set(name, kind === "HELP" ? unescape(rest) : rest)
      if (name !== family) {
        if (family !== undefined) closed.add(family)
        if (closed.has(name)) throw new Error(`${name} is not in one piece`)
        family = name
      }
      continue
    }
    let at = 0
    const take = (pattern: RegExp): string => {
      const found = new RegExp(pattern.source, "uy")
      found.lastIndex = at
      const match = found.exec(line)
      if (match === null) throw new Error(`at ${at}: ${line}`)
      at += match[0].length
      return match[0]
    }
    const name = take(/[a-zA-Z_:][a-zA-Z0-9_:]*/u)
    const labels: Array<readonly [string, string]> = []
    if (line[at] === "{") {
      at++
      while (line[at] !== "}") {
        if (labels.length > 0) take(/,/u)
        const label = take(/[a-zA-Z_][a-zA-Z0-9_]*/u)
        take(/="/u)
        const value = take(/(?:[^"\\]|\\["\\n])*/u)
        take(/"/u)
        if (labels.some(([known]) => known === label)) throw new Error(`${label} twice: ${line}`)
        labels.push([label, unescape(value)])
      }
      at++
    }
    take(/ /u)
    const word = take(/[^ ]+/u)
    if (at !== line.length) throw new Error(`more after the value: ${line}`)
    const value = word === "+Inf" ? Infinity : word === "-Inf" ? -Infinity : Number(word)
    if (Number.isNaN(value) && word !== "NaN") throw new Error(`no number: ${line}`)
    const base = [name, name.replace(/_(?:bucket|sum|count)$/u, "")].find((one) => one === family)
    if (base === undefined) throw new Error(`outside of its family: ${line}`)
    const key = keyOf(name, labels)
    if (values.has(key)) throw new Error(`twice: ${key}`)
    values.set(key, value)
  }
  return { types, help, values }
}

const unescape = (text: string): string =>
  text.replace(/\\(["\\n])/gu, (_, char: string) => (char === "n" ? "\n" : char))

const keyOf = (name: string, labels: ReadonlyArray<readonly [string, string]>): string =>
  JSON.stringify([name, [...labels].sort(([a], [b]) => (a < b ? -1 : 1))])

const name = fc.oneof(
  fc.stringMatching(/^[a-z][a-z_]{0,6}$/u),
  fc.string({ minLength: 1, maxLength: 8 }),
  fc.string({ unit: "binary", maxLength: 5 }),
)
const labels = fc.array(
  fc.record({
    key: fc.oneof(name, fc.constantFrom("le", "quantile", "key")),
    value: fc.string({ unit: "binary" }),
  }),
  { maxLength: 3 },
)
const number = fc.oneof(fc.double(), fc.integer())
const help = fc.option(fc.string({ unit: "binary" }), { nil: undefined })

const metric = fc.record({ name, labels, help }).chain(({ help, labels, name }) => {
  const described = help === undefined ? {} : { description: help }
  const tagged = <T extends Parameters<typeof MetricKey.taggedWithLabels>[0]>(key: T): T =>
    MetricKey.taggedWithLabels(
      key,
      labels.map(({ key, value }) => MetricLabel.make(key, value)),
    ) as unknown as T
  return fc.oneof(
    fc
      .record({ value: number, incremental: fc.boolean() })
      .map(({ incremental, value }) =>
        MetricPair.make(
          tagged(MetricKey.counter(name, { ...described, incremental })) as never,
          MetricState.counter(value) as never,
        ),
      ),
    number.map((value) =>
      MetricPair.make(tagged(MetricKey.gauge(name, described)) as never, MetricState.gauge(value) as never),
    ),
    fc
      .bigInt()
      .map((value) =>
        MetricPair.make(
          tagged(MetricKey.gauge(name, { ...described, bigint: true })) as never,
          MetricState.gauge(value) as never,
        ),
      ),
    fc
      .dictionary(fc.string({ unit: "binary" }), fc.nat(), { maxKeys: 3 })
      .map((words) =>
        MetricPair.make(
          tagged(MetricKey.frequency(name, described)) as never,
          MetricState.frequency(new Map(Object.entries(words))) as never,
        ),
      ),
    fc.uniqueArray(fc.integer({ min: 1, max: 100 }), { maxLength: 4 }).map((bounds) => {
      const sorted = bounds.sort((a, b) => a - b)
      return MetricPair.make(
        tagged(MetricKey.histogram(name, MetricBoundaries.fromIterable(sorted), help)) as never,
        MetricState.histogram({
          buckets: [...sorted.map((bound, at) => [bound, at] as const), [Infinity, 9] as const],
          count: 9,
          min: 0,
          max: 1,
          sum: 4.5,
        }) as never,
      )
    }),
    fc.option(number, { nil: undefined }).map((half) =>
      MetricPair.make(
        tagged(
          MetricKey.summary({
            name,
            maxAge: "1 minute",
            maxSize: 9,
            error: 0,
            quantiles: [0.5],
            ...described,
          }),
        ) as never,
        MetricState.summary({
          error: 0,
          quantiles: [[0.5, Option.fromNullable(half)]],
          count: 3,
          min: 0,
          max: 1,
          sum: 2,
        }) as never,
      ),
    ),
  )
}) as fc.Arbitrary<MetricPair.MetricPair.Untyped>

describe("Prometheus", () => {
  it("is read back as it was, whatever the metrics are called, and in one order", () => {
    fc.assert(
      fc.property(fc.array(metric, { maxLength: 12 }), fc.infiniteStream(fc.nat()), (pairs, random) => {
        const families = Snapshot.families(pairs)
        const { help, types, values } = parse(Prometheus.text(families))
        expect([...types]).toEqual(families.map(({ name, type }) => [name, type]))
        for (const family of families) {
          expect(help.get(family.name)).toBe(family.help)
          for (const { labels, suffix, value } of family.series) {
            expect(values.get(keyOf(family.name + suffix, labels))).toBe(Number(value) + 0)
          }
        }
        expect(values.size).toBe(families.reduce((all, { series }) => all + series.length, 0))
        // No name is lost: every metric has a family.
        const shuffled = pairs.map((pair) => [random.next().value, pair] as const)
        shuffled.sort(([a], [b]) => a - b)
        const twice =
          new Set(pairs.map(({ metricKey }) => JSON.stringify([metricKey.name, metricKey.tags]))).size <
          pairs.length
        // Two pairs of one key are not what a registry gives.
        if (!twice)
          expect(Prometheus.text(Snapshot.families(shuffled.map(([, pair]) => pair)))).toBe(
            Prometheus.text(families),
          )
      }),
      { numRuns: 500 },
    )
  })

  it("says what Effect has counted", () => {
    const tags = [MetricLabel.make("command", 'say "hi"\\\n')]
    Metric.counter("test_calls_total", { description: "Calls\nof it", incremental: true }).unsafeUpdate(
      3,
      tags,
    )
    Metric.gauge("test.depth").unsafeUpdate(-2.5, [])
    Metric.frequency("test_words").unsafeUpdate("moor", [])
    const took = Metric.histogram("test_took_ms", MetricBoundaries.fromIterable([1, 10]))
    for (const millis of [0.5, 5, 50]) took.unsafeUpdate(millis, [])
    const mine = Prometheus.render()
      .split("\n")
      .filter((line) => /\btest[_.]/u.test(line))
    expect(mine).toEqual([
      "# HELP test_calls_total Calls\\nof it",
      "# TYPE test_calls_total counter",
      'test_calls_total{command="say \\"hi\\"\\\\\\n"} 3',
      "# TYPE test_depth gauge",
      "test_depth -2.5",
      "# TYPE test_took_ms histogram",
      'test_took_ms_bucket{le="1"} 1',
      'test_took_ms_bucket{le="10"} 2',
      'test_took_ms_bucket{le="+Inf"} 3',
      "test_took_ms_sum 55.5",
      "test_took_ms_count 3",
      "# TYPE test_words counter",
      'test_words{key="moor"} 1',
    ])
  })

  it("has what the process takes", () => {
    const { types, values } = parse(Prometheus.text(ProcessMetrics.families()))
    expect(types.get("process_cpu_user_seconds_total")).toBe("counter")
    expect(values.get(keyOf("process_resident_memory_bytes", []))).toBeGreaterThan(10_000_000)
    expect(values.get(keyOf("process_uptime_seconds", []))).toBeGreaterThan(0)
  })
})
