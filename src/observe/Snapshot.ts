/**
 * Everything that is counted, at one moment, in the shape that monitoring systems share: families of series, each
 * series a name, labels and a number.
 *
 * Names and labels are made fit for Prometheus (`[a-zA-Z_:]`, then digits too); what two of them have in common
 * after that stays apart by the first come: a series is never there twice, a family never of two types. The order
 * is that of the names.
 *
 * @module
 */
import { Metric, MetricKeyType, type MetricPair, MetricState, Option } from "effect"

export type Type = "counter" | "gauge" | "histogram" | "summary"

/** One number. */
export interface Series {
  /** What is added to the family's name: `_bucket`, `_sum`, `_count`, or nothing. */
  readonly suffix: "" | "_bucket" | "_sum" | "_count"
  /** Name and value; names are fit, and there once each. */
  readonly labels: ReadonlyArray<readonly [name: string, value: string]>
  readonly value: number | bigint
}

/** All series of one name. */
export interface Family {
  readonly name: string
  readonly help: string | undefined
  readonly type: Type
  readonly series: ReadonlyArray<Series>
}

/** All of Effect's metrics now, and those of the process. */
export const take = (extra: ReadonlyArray<Family> = []): ReadonlyArray<Family> =>
  families(Metric.unsafeSnapshot(), extra)

/** The families of a snapshot, sorted. */
export const families = (
  pairs: ReadonlyArray<MetricPair.MetricPair.Untyped>,
  extra: ReadonlyArray<Family> = [],
): ReadonlyArray<Family> => {
  const byName = new Map<
    string,
    { help: string | undefined; type: Type; all: Array<MetricPair.MetricPair.Untyped> }
  >()
  // What is first does not depend on the order in which the metrics were used.
  for (const pair of [...pairs].sort(byRawName)) {
    const type = typeOf(pair)
    if (type === undefined) continue
    const fit = nameOf(pair.metricKey.name)
    const taken = byName.get(fit)
    const name = taken === undefined || taken.type === type ? fit : `${fit}_${type}`
    const family = byName.get(name)
    const help = Option.getOrUndefined(pair.metricKey.description)
    if (family === undefined) byName.set(name, { help, type, all: [pair] })
    else if (family.type === type) {
      family.help ??= help
      family.all.push(pair)
    }
  }
  const made = [...byName].map(([name, { all, help, type }]): Family => ({
    name,
    help,
    type,
    series: all.flatMap(seriesOf),
  }))
  const seen = new Set<string>()
  return [...extra, ...made]
    .sort((a, b) => compare(a.name, b.name))
    .map((family) => ({
      ...family,
      series: family.series.filter((one) => {
        const key = keyOf(family, one)
        return !seen.has(key) && seen.add(key)
      }),
    }))
    .filter(({ series }) => series.length > 0)
}

/** Names a series among all others. */
export const keyOf = (family: Family, { labels, suffix }: Series): string =>
  JSON.stringify([family.name + suffix, [...labels].sort(([a], [b]) => compare(a, b))])

/** Letters, digits, underscores and colons; no digit first. */
export const nameOf = (raw: string): string => fit(raw, /[^a-zA-Z0-9_:]/gu)

const fit = (raw: string, foreign: RegExp): string => {
  const name = raw.replace(foreign, "_")
  return /^[a-zA-Z_:]/u.test(name) ? name : `_${name}`
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const byRawName = (a: MetricPair.MetricPair.Untyped, b: MetricPair.MetricPair.Untyped): number =>
  compare(a.metricKey.name, b.metricKey.name) ||
  compare(typeOf(a) ?? "", typeOf(b) ?? "") ||
  compare(tagsOf(a), tagsOf(b))

const tagsOf = ({ metricKey }: MetricPair.MetricPair.Untyped): string =>
  JSON.stringify(metricKey.tags.map(({ key, value }) => [key, value]))

const typeOf = ({ metricKey, metricState }: MetricPair.MetricPair.Untyped): Type | undefined => {
  // One that may go down is none for those who read it.
  if (MetricState.isCounterState(metricState)) {
    return MetricKeyType.isCounterKey(metricKey.keyType) && metricKey.keyType.incremental
      ? "counter"
      : "gauge"
  }
  if (MetricState.isGaugeState(metricState)) return "gauge"
  if (MetricState.isFrequencyState(metricState)) return "counter"
  if (MetricState.isHistogramState(metricState)) return "histogram"
  return MetricState.isSummaryState(metricState) ? "summary" : undefined
}

const seriesOf = (pair: MetricPair.MetricPair.Untyped): ReadonlyArray<Series> => {
  const { metricKey, metricState: state } = pair
  const own = (reserved?: string) => labelsOf(metricKey.tags, reserved)
  if (MetricState.isCounterState(state)) return [{ suffix: "", labels: own(), value: state.count }]
  if (MetricState.isGaugeState(state)) return [{ suffix: "", labels: own(), value: state.value }]
  if (MetricState.isFrequencyState(state)) {
    const labels = own("key")
    return [...state.occurrences]
      .sort(([a], [b]) => compare(a, b))
      .map(([word, value]) => ({ suffix: "", labels: [...labels, ["key", word]], value }))
  }
  if (MetricState.isHistogramState(state)) {
    const labels = own("le")
    return [
      ...state.buckets
        .filter(([bound]) => Number.isFinite(bound))
        .map(([bound, value]): Series => ({
          suffix: "_bucket",
          labels: [...labels, ["le", String(bound)]],
          value,
        })),
      { suffix: "_bucket", labels: [...labels, ["le", "+Inf"]], value: state.count },
      { suffix: "_sum", labels, value: state.sum },
      { suffix: "_count", labels, value: state.count },
    ]
  }
  if (MetricState.isSummaryState(state)) {
    const labels = own("quantile")
    return [
      ...state.quantiles.map(([quantile, value]): Series => ({
        suffix: "",
        labels: [...labels, ["quantile", String(quantile)]],
        value: Option.getOrElse(value, () => Number.NaN),
      })),
      { suffix: "_sum", labels, value: state.sum },
      { suffix: "_count", labels, value: state.count },
    ]
  }
  return []
}

/** `reserved` is a name that the series itself needs. */
const labelsOf = (
  tags: ReadonlyArray<{ readonly key: string; readonly value: string }>,
  reserved: string | undefined,
): ReadonlyArray<readonly [string, string]> => {
  const taken = new Set(reserved === undefined ? [] : [reserved])
  return tags.map(({ key, value }) => {
    let name = fit(key, /[^a-zA-Z0-9_]/gu)
    while (taken.has(name)) name += "_"
    taken.add(name)
    return [name, value]
  })
}
