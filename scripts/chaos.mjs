/**
 * The whole bot in a storm: a crowd that uses everything that it offers, while faults come; many seeds.
 *
 *   npm run chaos -- [--seeds N] [--from N] [--steps N] [--write]
 *
 * Prints what became of the interactions, and which faults were injected. Ends with an error where anything was
 * lost, done twice or left over, or where the bot died. `--write` puts the figures into docs/reliability.md.
 */
import { spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { argv, env, execPath, exit, stdout } from "node:process"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"

const { values: given } = parseArgs({
  args: argv.slice(2),
  options: {
    seeds: { type: "string", default: "50" },
    from: { type: "string", default: "1" },
    steps: { type: "string", default: "40" },
    write: { type: "boolean", default: false },
  },
})
const root = fileURLToPath(new URL("..", import.meta.url))
const directory = mkdtempSync(join(tmpdir(), "chaos-"))
const out = join(directory, "figures.jsonl")

const { status } = spawnSync(
  execPath,
  [join(root, "node_modules", "vitest", "vitest.mjs"), "run", "test/chaos/Chaos.test.ts"],
  {
    cwd: root,
    stdio: "inherit",
    env: {
      ...env,
      BOSUN_CHAOS_SEEDS: given.seeds,
      BOSUN_CHAOS_FROM: given.from,
      BOSUN_CHAOS_STEPS: given.steps,
      BOSUN_CHAOS_OUT: out,
    },
  },
)

const runs = existsSync(out)
  ? readFileSync(out, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line))
  : []
rmSync(directory, { recursive: true, force: true })

const sum = (pick) => runs.reduce((total, run) => total + pick(run), 0)
const merged = (pick) => {
  const total = {}
  for (const run of runs) {
    for (const [key, count] of Object.entries(pick(run))) total[key] = (total[key] ?? 0) + count
  }
  return Object.entries(total).sort(([, a], [, b]) => b - a)
}
const table = (head, rows) =>
  [
    `| ${head.join(" | ")} |`,
    `|${head.map(() => "---").join("|")}|`,
    ...rows.map((row) => `| ${row.join(" | ")} |`),
  ].join("\n")

const interactions = sum((run) => run.interactions)
const faults = merged((run) => run.faults)
const text = [
  `\`npm run chaos -- --seeds ${given.seeds}${given.from === "1" ? "" : ` --from ${given.from}`}${given.steps === "40" ? "" : ` --steps ${given.steps}`}\``,
  "",
  table(
    ["what", "count"],
    [
      ["seeds", runs.length],
      ["interactions", interactions],
      ["different commands", merged((run) => run.commands).length],
      ["commands in messages", sum((run) => run.messages)],
      ["faults injected", faults.reduce((total, [, count]) => total + count, 0)],
      ...merged((run) => run.deeds).map(([deed, count]) => [`what members did: ${deed}`, count]),
      ...merged((run) => run.done).map(([what, count]) => [`what came of it: ${what}`, count]),
      ...merged((run) => run.outcomes).map(([state, count]) => [`what people saw: ${state}`, count]),
      ...merged((run) => run.sorry).map(([why, count]) => [
        why === "never delivered"
          ? "not answered: the event never reached the bot"
          : `not answered, and in the log: ${why}`,
        count,
      ]),
      ["**without an outcome and a reason, or accounts that differ**", sum((run) => run.lost.length)],
      ["**done or answered twice**", sum((run) => run.doubled.length)],
      ["**left over**", sum((run) => run.leftovers.length)],
      ["**bots that died**", runs.filter((run) => !run.alive).length],
    ],
  ),
  "",
  table(["fault", "times"], faults),
].join("\n")
stdout.write(`\n${text}\n`)

const ran = new Set(runs.flatMap((run) => Object.keys(run.commands)))
const unused = [...new Set(runs.flatMap((run) => run.unused))].filter((name) => !ran.has(name))
if (unused.length > 0) stdout.write(`\nNobody has run: ${unused.join(", ")}\n`)

if (given.write) {
  const page = join(root, "docs", "reliability.md")
  const before = readFileSync(page, "utf8")
  writeFileSync(
    page,
    before.replace(
      /<!-- figures -->[\s\S]*<!-- \/figures -->/u,
      `<!-- figures -->\n${text}\n<!-- /figures -->`,
    ),
  )
}
exit(status ?? 1)
