import { readFileSync } from "node:fs"
import { availableParallelism } from "node:os"
import { defineConfig } from "vitest/config"

/** The package's own entries, answered from the sources: examples import them by name, as a user does. */
const entries = (
  JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8")) as {
    readonly exports: Readonly<Record<string, string | { readonly default: string }>>
  }
).exports

const shared = [
  "bot",
  "command",
  "conversation",
  "discord",
  "features",
  "gateway",
  "interaction",
  "observe",
  "resource",
  "rest",
  "sandbox",
  "supervise",
  "testing",
  "wait",
  // Not those that watch how long the event loop stands still, and not the stock discord.js that sends files: by an
  // undici of its own, which must not meet another one's in the same process.
].map((folder) => `test/${folder}/**/!(GuardFlood|StockRoutes|Watchdog).test.ts`)

export default defineConfig({
  resolve: {
    alias: Object.entries(entries).flatMap(([name, entry]) =>
      typeof entry === "string"
        ? []
        : [
            {
              find: new RegExp(`^bosun${name.slice(1)}$`, "u"),
              replacement: new URL(
                entry.default.replace("./dist/", "src/").replace(/\.js$/u, ".ts"),
                import.meta.url,
              ).pathname,
            },
          ],
    ),
  },
  test: {
    projects: [
      // These leave nothing behind in their process, so that `npm test` lets many files share one (--no-isolate): loading
      // takes longer than running.
      {
        extends: true,
        test: { name: "shared", include: shared },
      },
      { extends: true, test: { name: "apart", include: ["test/**/*.test.ts"], exclude: shared } },
    ],
    globalSetup: ["test/globalSetup.ts"],
    pool: "forks",
    // Much of the time of a test that runs a process or a server is waiting: one fork for two cores is too few.
    poolOptions: { forks: { maxForks: Math.max(2, availableParallelism() - 1) } },
    testTimeout: 20_000,
    hookTimeout: 20_000,
    reporters: ["default"],
  },
})
