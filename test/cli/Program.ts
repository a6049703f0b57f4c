/**
 * The built binary as a process of its own, with what it says.
 */
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { Deferred, Effect, Layer, type Scope } from "effect"
import type { BuildOptions } from "esbuild"
import * as Sandbox from "../../src/sandbox/Sandbox.js"
import * as Server from "../../src/sandbox/Server.js"

export const root = fileURLToPath(new URL("../..", import.meta.url))

export interface Options {
  /** Standard input; left open where undefined, and empty where null. */
  readonly input?: string | null
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Another bot's bundle. */
  readonly bin?: string
}

export interface Program {
  readonly stdout: () => string
  readonly stderr: () => string
  /** Completes when either stream has had the text. */
  readonly said: (text: string) => Effect.Effect<void>
  readonly signal: (signal: NodeJS.Signals) => Effect.Effect<void>
  readonly write: (text: string) => Effect.Effect<void>
  /** Closes standard output on this side. */
  readonly leave: Effect.Effect<void>
  /** The exit code; null after a signal that was not caught. */
  readonly code: Effect.Effect<number | null>
}

/** What a finished program leaves. */
export interface Ended {
  readonly stdout: string
  readonly stderr: string
  readonly code: number | null
}

/** The bundle of the bot for the tests, built afresh for one test file, and how to take it away. */
export const parrot = async (
  name: string,
): Promise<{ readonly bin: string; readonly remove: () => void }> => {
  const folder = `${root}node_modules/.cache/bosun-${name}-test/${process.pid}`
  const { build } = await import("esbuild")
  const { options } = (await import(pathToFileURL(`${root}scripts/build.mjs`).href)) as {
    readonly options: BuildOptions
  }
  await build({
    ...options,
    sourcemap: false,
    entryPoints: { parrot: "test/cli/Parrot.ts" },
    outdir: `${folder}/bin`,
  })
  return { bin: `${folder}/bin/parrot.js`, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** Where those keep what they keep that are not told otherwise: nothing of it outlives the tests. */
const data = mkdtempSync(join(tmpdir(), "bosun-cli-data-"))
process.on("exit", () => rmSync(data, { recursive: true, force: true }))

/** Starts it; the end of the scope kills it. */
export const start = (
  args: ReadonlyArray<string>,
  { bin = `${root}dist/bin/bosun.js`, cwd = root, env = {}, input }: Options = {},
): Effect.Effect<Program, never, Scope.Scope> =>
  Effect.gen(function* () {
    const ended = yield* Deferred.make<number | null>()
    const child = yield* Effect.acquireRelease(
      Effect.sync(() =>
        spawn(process.execPath, [bin, ...args], {
          cwd,
          env: { PATH: process.env["PATH"] ?? "", BOSUN_DATA: data, ...env },
          stdio: [input === null ? "ignore" : "pipe", "pipe", "pipe"],
        }),
      ),
      (child) => Effect.sync(() => child.kill("SIGKILL")),
    )
    const texts = { stdout: "", stderr: "" }
    const waiting = new Set<() => void>()
    for (const name of ["stdout", "stderr"] as const) {
      child[name]?.setEncoding("utf8").on("data", (chunk: string) => {
        texts[name] += chunk
        for (const look of waiting) look()
      })
    }
    child.on("close", (code) => Deferred.unsafeDone(ended, Effect.succeed(code)))
    child.stdin?.on("error", () => {})
    if (typeof input === "string") child.stdin?.end(input)
    return {
      stdout: () => texts.stdout,
      stderr: () => texts.stderr,
      said: (text) =>
        Effect.async<void>((resume) => {
          const look = () => {
            if (!texts.stdout.includes(text) && !texts.stderr.includes(text)) return
            waiting.delete(look)
            resume(Effect.void)
          }
          waiting.add(look)
          look()
          return Effect.sync(() => waiting.delete(look))
        }),
      signal: (signal) => Effect.sync(() => child.kill(signal)),
      write: (text) => Effect.sync(() => child.stdin?.write(text)),
      leave: Effect.sync(() => {
        child.stdout?.destroy()
      }),
      code: Deferred.await(ended),
    }
  })

/** Runs it to its end. */
export const run = (args: ReadonlyArray<string>, options: Options = {}): Effect.Effect<Ended> =>
  Effect.gen(function* () {
    const program = yield* start(args, { input: null, ...options })
    const code = yield* program.code
    return { stdout: program.stdout(), stderr: program.stderr(), code }
  }).pipe(Effect.scoped)

/** A sandbox in this process, over sockets, and the environment of a bot that is to use it. */
export const discord = (options: Sandbox.Options = {}, port = 0) =>
  Effect.gen(function* () {
    const built = yield* Layer.build(Sandbox.layer(options))
    const { sandbox, server } = yield* Effect.all({
      sandbox: Sandbox.Sandbox,
      server: Server.make({ port }),
    }).pipe(Effect.provide(built))
    return { sandbox, server, env: { DISCORD_TOKEN: "abc.def", DISCORD_API_URL: server.url } }
  })
