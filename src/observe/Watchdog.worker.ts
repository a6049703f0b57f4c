/**
 * The thread beside the main thread that notices when its heartbeat stands still, and then asks where it is.
 *
 * It attaches to the main thread's inspector only then, pauses it, reads the call frames, lets it go on and
 * detaches: 5–23 ms of the main thread's time. A pause that does not come within a second (native code that
 * cannot be interrupted) is given up. It has no dependencies, so that it costs little.
 *
 * @module
 */
import { readFileSync } from "node:fs"
import { type Debugger, Session } from "node:inspector"
import { SourceMap } from "node:module"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { parentPort, workerData } from "node:worker_threads"
import type { Cells, Frame, Sample, Start } from "./Watchdog.js"

const { blockAfter, cells } = workerData as Start
/** Of `cells`; the module that names them would bring its dependencies here. */
const at: Cells = { beatAt: 0, beats: 1, debugging: 2, sampling: 3 }
const now = (): number => Number(process.hrtime.bigint() / 1_000n)
const read = (cell: number): number => Number(Atomics.load(cells, cell))

/** Milliseconds between two samples. */
const RATE = 1_000
/** How long a pause may be waited for, in milliseconds. */
const PATIENCE = 1_000
/** A thread that wakes this much late was not given the CPU itself. */
const STARVED = Math.max(50, blockAfter / 2)

const main = async (): Promise<void> => {
  let sampledAt = -Infinity
  for (;;) {
    const before = now()
    const rest = Math.max(1, blockAfter - (before - read(at.beatAt)) / 1_000)
    await sleep(rest)
    const late = (now() - before) / 1_000 - rest
    const beat = read(at.beats)
    if (now() - read(at.beatAt) < blockAfter * 1_000) continue
    const standstill = late > STARVED
    if (!standstill && read(at.debugging) === 0 && now() - sampledAt >= RATE * 1_000) {
      sampledAt = now()
      Atomics.store(cells, at.sampling, BigInt(beat))
      post({ beat, standstill, frames: await sample() })
    } else if (standstill) {
      Atomics.store(cells, at.sampling, BigInt(beat))
      post({ beat, standstill, frames: [] })
    }
    // Until the main thread beats again it is the same block.
    while (read(at.beats) === beat) await sleep(Math.max(5, blockAfter / 10))
  }
}

const post = (sample: Sample): void => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- A port, not a window.
  parentPort?.postMessage(sample)
}

/** The main thread's call frames, innermost first; none where it could not be paused. */
const sample = async (): Promise<ReadonlyArray<Frame>> => {
  const session = new Session()
  const scripts = new Map<string, Script>()
  try {
    session.connectToMainThread()
    session.on("Debugger.scriptParsed", ({ params }) => {
      scripts.set(params.scriptId, { url: params.url, map: params.sourceMapURL ?? "" })
    })
    const paused = new Promise<ReadonlyArray<Debugger.CallFrame>>((resolve) => {
      session.once("Debugger.paused", ({ params }) => {
        resolve(params.callFrames)
        session.post("Debugger.resume")
      })
    })
    session.post("Debugger.enable")
    session.post("Debugger.pause")
    const frames = await Promise.race([paused, sleep(PATIENCE, [])])
    return frames.slice(0, 30).map((frame) => located(frame, scripts))
  } catch {
    return []
  } finally {
    session.disconnect()
  }
}

interface Script {
  readonly url: string
  /** Where its source map is; empty where it has none. */
  readonly map: string
}

const located = (frame: Debugger.CallFrame, scripts: ReadonlyMap<string, Script>): Frame => {
  const { columnNumber, lineNumber, scriptId } = frame.location
  const script = scripts.get(scriptId) ?? { url: frame.url, map: "" }
  const plain: Frame = {
    name: frame.functionName === "" ? "(anonymous)" : frame.functionName,
    file: pathOf(script.url),
    line: lineNumber + 1,
    column: (columnNumber ?? 0) + 1,
  }
  if (script.map === "") return plain
  try {
    const base = script.url.startsWith("/") ? `file://${script.url}` : script.url
    const entry = sourceMap(scriptId, base, script.map).findEntry(lineNumber, columnNumber ?? 0)
    if (!("originalSource" in entry)) return plain
    return {
      ...plain,
      file: pathOf(new URL(entry.originalSource, base).href),
      line: entry.originalLine + 1,
      column: entry.originalColumn + 1,
    }
  } catch {
    return plain
  }
}

/** By script: each is read once. */
const known = new Map<string, SourceMap>()

const sourceMap = (scriptId: string, base: string, map: string): SourceMap => {
  const found = known.get(scriptId)
  if (found !== undefined) return found
  const text = map.startsWith("data:")
    ? Buffer.from(map.slice(map.indexOf(",") + 1), map.includes(";base64,") ? "base64" : "utf8").toString(
        "utf8",
      )
    : readFileSync(new URL(map, base), "utf8")
  const made = new SourceMap(JSON.parse(text) as ConstructorParameters<typeof SourceMap>[0])
  known.set(scriptId, made)
  return made
}

const pathOf = (url: string): string => (url.startsWith("file:") ? fileURLToPath(url) : url)

// oxlint-disable-next-line unicorn/prefer-top-level-await -- It never ends, and the thread's load must.
void main()
