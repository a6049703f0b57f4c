/**
 * Bosun, a stock discord.js bot and a bare script side by side, each in a process of its own, against
 * sandboxes in another process. Prints ratios: the stock bot is 1.00.
 *
 *   npm run bench -- [--only cpu|latency|start|memory|waits|testing|sandbox] [--quick] [--check] [--json FILE] [--profile DIR]
 *
 * Each figure is the median over rounds in which every bot has its turn, one after the other and in another
 * order each time, so that whatever else the machine does falls on all of them. An interaction that is not
 * answered exactly once ends the run with an error. With `--check` it also ends with an error when a target
 * is missed. `--profile` leaves a CPU profile of each bot of the CPU measurement in a folder, which distorts it.
 */
import { execPath, argv, exit, pid, stdout, stderr } from "node:process"
import { fork, spawn } from "node:child_process"
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { cpus } from "node:os"
import { performance } from "node:perf_hooks"
import { dirname, join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { build } from "esbuild"

const { values: given } = parseArgs({
  args: argv.slice(2),
  options: {
    only: { type: "string", multiple: true },
    quick: { type: "boolean", default: false },
    check: { type: "boolean", default: false },
    json: { type: "string" },
    profile: { type: "string" },
  },
})
const quick = given.quick
const kinds = ["cpu", "latency", "start", "memory", "waits", "testing", "sandbox"]
const wanted = given.only ?? kinds
for (const kind of wanted) {
  if (!kinds.includes(kind)) {
    stderr.write(`--only takes ${kinds.join(", ")}; not ${kind}\n`)
    exit(2)
  }
}

/** No bot runs longer than this without an answer: milliseconds. */
const PATIENCE = 30_000
const root = dirname(dirname(fileURLToPath(import.meta.url)))
// Inside the project, so that what stays outside a bundle is found.
const out = join(root, "node_modules", ".cache", `bosun-bench-${pid}`)

// ---------------------------------------------------------------------------------------------------------
// The bots
// ---------------------------------------------------------------------------------------------------------

const optional = ["zlib-sync", "bufferutil", "utf-8-validate"]
const common = {
  platform: "node",
  target: "node20",
  format: "esm",
  legalComments: "none",
  logLevel: "error",
}
const bundle = (name) =>
  build({
    ...common,
    entryPoints: [join(root, "test/bench", `${name}.ts`)],
    outfile: join(out, `${name}.mjs`),
    bundle: true,
    // The text of a program stays in memory. Short lines, for whoever reads where a bot broke.
    minifySyntax: true,
    minifyWhitespace: true,
    lineLimit: 160,
    external: optional,
    // discord.js and undici are CommonJS inside, which asks for `require`.
    banner: {
      js: 'import { createRequire as $require } from "node:module"; const require = $require(import.meta.url);',
    },
  })

/** The stock bot as its users run it: their own file compiled, everything else from node_modules. */
const unbundled = (name) =>
  build({
    ...common,
    entryPoints: [join(root, "test/bench", `${name}.ts`)],
    outfile: join(out, `${name}.plain.mjs`),
    bundle: true,
    packages: "external",
  })

const raw = { name: "discord.js", file: "RawBot.plain.mjs" }
const rawBundled = { name: "discord.js, one bundle", file: "RawBot.mjs" }
const bare = { name: "bare script", file: "BareBot.mjs" }
const bosun = { name: "Bosun", file: "BosunBot.mjs" }
const rawWaits = { name: "discord.js", file: "RawWaits.plain.mjs" }
const bosunWaits = { name: "Bosun", file: "BosunWaits.mjs" }
const touching = { name: "Bosun, structure touched", file: "TouchingBot.mjs" }

// ---------------------------------------------------------------------------------------------------------
// Processes
// ---------------------------------------------------------------------------------------------------------

const children = new Set()
/** A process that ends by itself ends the run. */
const died = new AbortController()
const keep = (child, name) => {
  children.add(child)
  child.on("exit", (code) => {
    children.delete(child)
    if (!child.killed) died.abort(new Error(`${name} ended with ${code ?? "a signal"}`))
  })
  return child
}
const end = async (child, signal = "SIGKILL") => {
  if (!children.has(child)) return
  const gone = new Promise((resolve) => child.once("exit", resolve))
  child.kill(signal)
  await gone
}

/** Sends a message to a child and waits for the next one of it. */
const ask = (child, message) =>
  new Promise((resolve, reject) => {
    const over = () => {
      clearTimeout(timer)
      child.off("message", answered)
      died.signal.removeEventListener("abort", ended)
    }
    const answered = (answer) => {
      over()
      resolve(answer)
    }
    const ended = () => {
      over()
      reject(died.signal.reason)
    }
    const timer = setTimeout(() => {
      over()
      reject(new Error(`No answer to ${JSON.stringify(message)} within ${PATIENCE} ms`))
    }, PATIENCE)
    child.on("message", answered)
    if (died.signal.aborted) return ended()
    died.signal.addEventListener("abort", ended)
    child.send(message)
  })

let discord
const order = (message) => ask(discord, message)

/** A bot in a process of its own, connected to a sandbox of its own. */
const launch = async (bot, { guilds = 0, intents = 1, node = [] } = {}) => {
  const { port, url } = await order({ _tag: "Open", guilds })
  const child = keep(
    fork(join(out, bot.file), [], {
      execArgv: node,
      env: { PATH: process.env.PATH, DISCORD_API_URL: url, BENCH_INTENTS: String(intents) },
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    }),
    bot.name,
  )
  await order({ _tag: "Connected", port })
  return { bot, child, port }
}
const stop = async ({ child, port }, signal) => {
  await end(child, signal)
  await order({ _tag: "Close", port })
}

/** Asks a bot so many times; fails unless each was answered exactly once. */
const question = async ({ bot, port }, times, atOnce, delay = 0) => {
  const report = await order({ _tag: "Ask", port, times, atOnce, delay })
  if (report.wrong.length > 0) {
    throw new Error(
      `${bot.name}: ${report.wrong.length} of ${times} interactions went wrong:\n${report.wrong.slice(0, 5).join("\n")}`,
    )
  }
  return report
}

// ---------------------------------------------------------------------------------------------------------
// What is measured
// ---------------------------------------------------------------------------------------------------------

/** The list, begun at another place for each round. */
const turned = (list, round) => list.map((_, index) => list[(index + round) % list.length])

const median = (list) => {
  const sorted = [...list].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** By bot: the median value, and the ratios to the first bot, and to the bare script, in the same round. */
const summary = (bots, rounds) =>
  bots.map((bot) => {
    const ratios = rounds.map((round) => round.get(bot) / round.get(bots[0]))
    return {
      toBare: median(rounds.map((round) => round.get(bot) / (round.get(bare) ?? Number.NaN))),
      name: bot.name,
      value: median(rounds.map((round) => round.get(bot))),
      ratio: median(ratios),
      least: Math.min(...ratios),
      most: Math.max(...ratios),
    }
  })

/** Runs something with each bot in each round. */
const rounds = async (count, bots, measure) => {
  const list = []
  for (let round = 0; round < count; round++) {
    const values = new Map()
    for (const bot of turned(bots, round)) values.set(bot, await measure(bot))
    list.push(values)
  }
  return list
}

/**
 * CPU of the bot's whole process for one interaction and its answer, in microseconds: with REST answers at once,
 * and with many at once and REST answers that take their time, as Discord's do.
 */
const cpu = async () => {
  const bots = [raw, bare, bosun, touching]
  const settings = [
    { atOnce: 32, delay: 0 },
    { atOnce: 128, delay: 50 },
  ]
  const times = quick ? 1_536 : 3_072
  const running = new Map()
  for (const bot of bots) {
    const name = `--cpu-prof-name=${bot.file}.cpuprofile`
    const node = given.profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${given.profile}`, name]
    running.set(bot, await launch(bot, { node }))
  }
  const figures = []
  for (const { atOnce, delay } of settings) {
    // Compiled code, open connections.
    for (const bot of bots) await question(running.get(bot), quick ? 3_072 : 6_144, atOnce, delay)
    const measured = await rounds(quick ? 5 : 11, bots, async (bot) => {
      const one = running.get(bot)
      const before = await ask(one.child, "cpu")
      await question(one, times, atOnce, delay)
      const after = await ask(one.child, "cpu")
      return (after.cpu - before.cpu) / times
    })
    figures.push({
      unit: "µs",
      title: `CPU per interaction and reply: ${atOnce} at once, REST takes ${delay} ms`,
      rows: summary(bots, measured),
    })
  }
  // A profile is written at an orderly end.
  for (const one of running.values()) await stop(one, given.profile === undefined ? "SIGKILL" : "SIGTERM")
  return figures
}

/** Answers per second with REST answers held back for 50 ms. */
const latency = async () => {
  const bots = [raw, bare, bosun]
  const running = new Map()
  for (const bot of bots) running.set(bot, await launch(bot))
  const atOnce = 200
  for (const bot of bots) await question(running.get(bot), 1_000, atOnce, 50)
  const times = quick ? 1_000 : 3_000
  const measured = await rounds(quick ? 3 : 5, bots, async (bot) => {
    const { millis } = await question(running.get(bot), times, atOnce, 50)
    return (times / millis) * 1_000
  })
  for (const one of running.values()) await stop(one)
  return {
    unit: "/s",
    title: `Answers side by side, REST takes 50 ms, ${atOnce} at once`,
    rows: summary(bots, measured),
  }
}

/** From the spawn of a bot that only knows ping to its first answer, in milliseconds. */
const start = async () => {
  const bots = [raw, rawBundled, bare, bosun]
  const measure = async (bot) => {
    const { port, url } = await order({ _tag: "Open", guilds: 0 })
    const startedAt = performance.timeOrigin + performance.now()
    const child = keep(
      spawn(execPath, [join(out, bot.file)], {
        env: { PATH: process.env.PATH, DISCORD_API_URL: url },
        stdio: ["ignore", "ignore", "inherit"],
      }),
      bot.name,
    )
    await order({ _tag: "Connected", port })
    const { endedAt } = await question({ bot, port }, 1, 1)
    await stop({ child, port })
    return endedAt - startedAt
  }
  // Files into the system's cache.
  await rounds(1, bots, measure)
  return {
    unit: "ms",
    title: "Spawn to first reply",
    rows: summary(bots, await rounds(quick ? 5 : 11, bots, measure)),
  }
}

/** Memory of an idle bot with 1,000 guilds of 20 channels and 50 members, in bytes. */
const memory = async () => {
  const bots = [raw, bare, bosun]
  const heaps = []
  // Guilds and their members.
  const setting = { guilds: 1_000, intents: 3, node: ["--expose-gc"] }
  const resident = await rounds(quick ? 1 : 3, bots, async (bot) => {
    const one = await launch(bot, setting)
    await question(one, 100, 8)
    await sleep(1_000)
    await ask(one.child, "memory")
    await sleep(500)
    const { heap, rss } = await ask(one.child, "memory")
    await stop(one)
    heaps.push({ bot, heap })
    return rss / 2 ** 20
  })
  const heapRounds = resident.map(() => new Map())
  for (const bot of bots) {
    heaps
      .filter((one) => one.bot === bot)
      .forEach((one, round) => heapRounds[round].set(bot, one.heap / 2 ** 20))
  }
  return [
    {
      unit: "MB",
      title: "Idle, 1,000 guilds × 20 channels × 50 members, default caches: resident",
      rows: summary(bots, resident),
    },
    { unit: "MB", title: "The same: heap in use", rows: summary(bots, heapRounds) },
  ]
}

/**
 * CPU for one message that nobody waits for while so many waits are outstanding, in microseconds; and the heap that
 * a wait takes above its fiber, in bytes.
 */
const waits = async () => {
  // Guilds, their messages, and what is in them.
  const intents = 33_281
  const measured = [bosunWaits, rawWaits].flatMap((bot) =>
    [0, 1_000, 10_000, 50_000]
      .filter((count) => bot === bosunWaits || count <= 10_000)
      .map((count) => ({
        bot,
        count,
        name: `${bot.name}, ${count.toLocaleString("en")}`,
        // Each message takes stock discord.js some microseconds for each wait.
        times: count === 0 || bot === bosunWaits ? 750 : 75_000 / count,
      })),
  )
  const running = new Map()
  for (const one of measured) {
    const { child, port } = await launch(one.bot, { intents })
    const { channelId, userId } = await order({ _tag: "Place", port })
    await ask(child, { _tag: "Wait", channelId, count: one.count })
    running.set(one, { child, port, channelId, userId })
  }
  const say = async ({ channelId, child, port, userId }, times) => {
    const before = await ask(child, "cpu")
    const said = ask(child, { _tag: "Marker", channelId, userId })
    await order({ _tag: "Say", port, times })
    return ((await said).cpu - before.cpu) / times
  }
  for (const one of measured) await say(running.get(one), one.times)
  const list = await rounds(quick ? 3 : 5, measured, (one) => say(running.get(one), one.times))
  for (const one of running.values()) await stop(one)
  const own = measured.filter(({ bot }) => bot === bosunWaits)
  const theirs = measured.filter(({ bot }) => bot === rawWaits)
  return [
    {
      unit: "µs",
      title: "CPU per message, by outstanding waits; Bosun with none = 1.00",
      rows: summary(own, list),
    },
    {
      unit: "µs",
      title: "The same with awaitMessages; discord.js with none = 1.00",
      rows: summary(theirs, list),
    },
    await waitHeap(),
  ]
}

const waitHeap = async () => {
  const child = keep(
    fork(join(out, "WaitHeap.mjs"), [], {
      execArgv: ["--expose-gc"],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    }),
    "the heap of waits",
  )
  const { fiber, wait } = await ask(child, "measure")
  await end(child)
  const row = (name, value) => ({
    name,
    value,
    ratio: value / fiber,
    least: value / fiber,
    most: value / fiber,
  })
  return {
    unit: "B",
    title: "Heap of an outstanding wait; a parked fiber alone = 1.00",
    rows: [
      row("a parked fiber", fiber),
      row("a fiber that waits", wait),
      row("above its fiber", wait - fiber),
    ],
    limits: { "above its fiber": 1_500 },
  }
}

/**
 * Conversations of the test kit per second of CPU, and runs without a bot: by themselves, and by what a fork takes
 * in the same process, since that is what both are made of.
 */
const testing = async () => {
  const settings = [
    { name: "", node: [] },
    { name: ", 64 MB young", node: ["--max-semi-space-size=64"] },
  ]
  const kits = settings.map(({ name, node }) => ({
    name,
    child: keep(
      fork(join(out, "Kit.mjs"), [], { execArgv: node, stdio: ["ignore", "ignore", "inherit", "ipc"] }),
      `the test kit${name}`,
    ),
  }))
  const counts = { conversations: 100, runs: 1_000, forks: 15_000 }
  // Compiled code.
  for (let round = 0; round < 4; round++) await Promise.all(kits.map(({ child }) => ask(child, counts)))
  const measured = await rounds(quick ? 3 : 5, kits, ({ child }) => ask(child, counts))
  for (const { child } of kits) await end(child)
  const rows = (of, kinds) => {
    const list = kits.flatMap((kit) => kinds.map(([kind, name]) => ({ kit, kind, name: name + kit.name })))
    const values = measured.map(
      (round) => new Map(list.map((one) => [one, of(round.get(one.kit), one.kind)])),
    )
    return summary(list, values)
  }
  return [
    {
      unit: "/s",
      title: "Test kit, on one core: whole conversations",
      rows: rows((spent, kind) => 1e6 / spent[kind], [["conversations", "conversations"]]),
    },
    {
      unit: "/s",
      title: "The same: runs without a bot",
      rows: rows((spent, kind) => 1e6 / spent[kind], [["runs", "runSync"]]),
    },
    {
      unit: "µs",
      title: "The same: CPU of one; a fork = 1.00",
      rows: rows(
        (spent, kind) => spent[kind],
        [
          ["forks", "fork"],
          ["runs", "runSync"],
          ["conversations", "conversation"],
        ],
      ),
    },
  ]
}

/** Interactions that the sandbox carries in a second, without a bot: by the clock, and by its CPU time. */
const sandbox = async () => {
  const child = keep(
    fork(join(out, "Sandbox.mjs"), [], { stdio: ["ignore", "ignore", "inherit", "ipc"] }),
    "the sandbox",
  )
  const order = { count: quick ? 2_000 : 10_000, atOnce: 50 }
  // Compiled code.
  for (let round = 0; round < 3; round++) await ask(child, order)
  const measured = []
  for (let round = 0; round < (quick ? 3 : 7); round++) measured.push(await ask(child, order))
  await end(child)
  const row = (name, of) => {
    const values = measured.map(of).toSorted((one, other) => one - other)
    const value = values[Math.floor(values.length / 2)]
    return { name, value, ratio: 1, least: values[0] / value, most: values.at(-1) / value }
  }
  return [
    {
      unit: "/s",
      title: "Sandbox in one process, no bot: interactions from slash to shown message",
      rows: [
        row("by the clock", ({ wall }) => 1e6 / wall),
        row("on one core of its own", ({ cpu }) => 1e6 / cpu),
      ],
    },
    {
      unit: "µs",
      title: "The same: CPU of one",
      rows: [row("interaction", ({ cpu }) => cpu)],
      limits: { interaction: 200 },
    },
  ]
}

// ---------------------------------------------------------------------------------------------------------
// Run and report
// ---------------------------------------------------------------------------------------------------------

/** What the design allows, as ratios to the stock bot. */
const targets = {
  cpu: { Bosun: 0.45, "Bosun, structure touched": 0.55 },
  start: { Bosun: 0.85 },
  memory: { Bosun: 0.8 },
  waits: { "Bosun, 1,000": 1.1, "Bosun, 10,000": 1.1, "Bosun, 50,000": 1.1 },
}

/** `limits` are of ratios, those of a figure itself of its values. */
const print = ({ limits: values, rows, title, unit }, limits = {}) => {
  stdout.write(`\n${title}\n`)
  let held = true
  for (const { least, most, name, ratio, toBare, value } of rows) {
    const limit = values?.[name] ?? limits[name]
    const good = limit === undefined || (values === undefined ? ratio : value) <= limit
    held &&= good
    const verdict = limit === undefined ? "" : good ? `  ≤ ${limit}: held` : `  ≤ ${limit}: MISSED`
    const figure = value >= 100 ? value.toFixed(0) : value.toFixed(1)
    stdout.write(
      `  ${name.padEnd(26)}${ratio.toFixed(2).padStart(6)}  (${least.toFixed(2)}–${most.toFixed(2)})${figure.padStart(9)} ${unit}${toBare > 0 ? `  ${toBare.toFixed(2)} × bare` : ""}${verdict}\n`,
    )
  }
  return held
}

let held = true
const results = {}
const measures = { cpu, latency, start, memory, waits, testing, sandbox }
try {
  mkdirSync(out, { recursive: true })
  await Promise.all([
    ...[
      "RawBot",
      "BareBot",
      "BosunBot",
      "TouchingBot",
      "BosunWaits",
      "WaitHeap",
      "Kit",
      "Sandbox",
      "Discord",
    ].map(bundle),
    unbundled("RawBot"),
    unbundled("RawWaits"),
  ])
  discord = keep(
    fork(join(out, "Discord.mjs"), [], {
      execArgv: ["--max-old-space-size=2048"],
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    }),
    "the sandboxes",
  )
  stdout.write(
    `Node ${process.version}, ${cpus().length} cores. Ratios to discord.js: median of paired rounds (least–most).\n`,
  )
  for (const kind of wanted) {
    const figures = [await measures[kind]()].flat()
    results[kind] = figures
    figures.forEach((one, index) => {
      if (!print(one, index === 0 ? targets[kind] : undefined)) held = false
    })
  }
  if (given.json !== undefined) writeFileSync(given.json, `${JSON.stringify(results, null, 2)}\n`)
} catch (error) {
  stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
} finally {
  for (const child of [...children]) await end(child)
  rmSync(out, { recursive: true, force: true })
}
if (given.check && !held) process.exitCode = 1
