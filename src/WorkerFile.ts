/**
 * Where the file of a worker thread or process is, whatever the program runs from.
 *
 * A worker is named as it is called after the build: `new URL("./Chart.worker.js", import.meta.url)`. From the
 * library and from the bundle that is the file. From the sources, under a test runner, there is only the
 * TypeScript beside it, which Node's threads cannot load on every version that is supported: it is bundled on
 * the way, by the esbuild that test runners bring along.
 *
 * @module
 */
import { createHash } from "node:crypto"
import { existsSync, mkdirSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { Data, Effect } from "effect"

/** The file to give to a worker. Fails with `WorkerFileMissing`. */
export const resolve = (file: URL): Effect.Effect<URL, WorkerFileMissing> =>
  Effect.suspend(() => {
    const path = fileURLToPath(file)
    if (existsSync(path) && !path.endsWith(".ts")) return Effect.succeed(file)
    const source = path.replace(/\.js$/u, ".ts")
    if (!existsSync(source)) return Effect.fail(new WorkerFileMissing({ file: path, reason: "it is not there" }))
    const known = bundles.get(source)
    if (known !== undefined) return known
    const made = Effect.runSync(Effect.cached(bundled(source)))
    bundles.set(source, made)
    return made
  })

/** By source: each is bundled once in a process. */
const bundles = new Map<string, Effect.Effect<URL, WorkerFileMissing>>()

const bundled = (source: string): Effect.Effect<URL, WorkerFileMissing> =>
  Effect.tryPromise({
    try: async () => {
      const { build } = await import("esbuild")
      const directory = cache(dirname(source))
      mkdirSync(directory, { recursive: true })
      const tag = createHash("sha256").update(source).digest("hex").slice(0, 12)
      const target = join(directory, `${basename(source, ".ts")}-${tag}-${process.pid}.js`)
      await build({
        entryPoints: [source],
        outfile: target,
        bundle: true,
        packages: "external",
        format: "esm",
        platform: "node",
        target: "node20",
        logLevel: "silent",
      })
      return pathToFileURL(target)
    },
    catch: (cause) =>
      new WorkerFileMissing({
        file: source,
        reason: `it is TypeScript, and could not be bundled (${cause instanceof Error ? cause.message : String(cause)}). Compile it, or install esbuild`,
      }),
  })

/** Inside the project, so that the bundle finds the same packages. */
const cache = (from: string): string => {
  for (let at = from; ; at = dirname(at)) {
    const modules = join(at, "node_modules")
    if (existsSync(modules)) return join(modules, ".cache", "bosun")
    if (dirname(at) === at) return join(from, ".cache", "bosun")
  }
}

/** There is no file for a worker to load. */
export class WorkerFileMissing extends Data.TaggedError("WorkerFileMissing")<{
  readonly file: string
  readonly reason: string
}> {
  override get message() {
    return `The worker's file ${this.file} cannot be used: ${this.reason}`
  }
}
