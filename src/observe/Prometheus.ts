/**
 * The metrics as text for Prometheus to fetch (exposition format 0.0.4).
 *
 * Failure modes: none. What the format cannot say is made to fit (see `Snapshot`).
 *
 * @module
 */
import * as ProcessMetrics from "./ProcessMetrics.js"
import * as Snapshot from "./Snapshot.js"

/** What the text is served as. */
export const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

/** All metrics now, those of the process among them, and what the caller adds. */
export const render = (extra: ReadonlyArray<Snapshot.Family> = []): string =>
  text(Snapshot.take([...ProcessMetrics.families(), ...extra]))

/** Families as text: `HELP` and `TYPE` once each, then their series. */
export const text = (families: ReadonlyArray<Snapshot.Family>): string =>
  families
    .map(({ help, name, series, type }) => {
      const head = help === undefined ? "" : `# HELP ${name} ${escaped(help)}\n`
      const lines = series.map(
        ({ labels, suffix, value }) => `${name}${suffix}${labelled(labels)} ${number(value)}\n`,
      )
      return `${head}# TYPE ${name} ${type}\n${lines.join("")}`
    })
    .join("")

const labelled = (labels: Snapshot.Series["labels"]): string =>
  labels.length === 0
    ? ""
    : `{${labels.map(([name, value]) => `${name}="${escaped(value).replaceAll('"', '\\"')}"`).join(",")}}`

const escaped = (value: string): string => value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")

const number = (value: number | bigint): string =>
  value === Infinity ? "+Inf" : value === -Infinity ? "-Inf" : String(value)
