/**
 * Where the file of a worker thread or process is, whatever the program runs from.
 *
 * A worker is named as it is called after the build: `new URL("./Chart.worker.js", import.meta.url)`. From the
 * library and from the bundle that is the file, so it stands in the folder of the module that names it. From the sources, under a test runner, there is only the
 * TypeScript beside it, which Node's threads cannot load on every version that is supported: it is bundled on
 * the way, by the esbuild that test runners bring along.
 *
 * @module
 */
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs"
import { createRequire } from "node:module"
import { basename, dirname, join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import type * as Esbuild from "esbuild"
import { Data, Effect } from "effect"

/** The file to give to a worker. Fails with `WorkerFileMissing`. */
export const resolve = (file: URL): Effect.Effect<URL, WorkerFileMissing> =>
  Effect.suspend(() => {
    const found = find(file)
    if (typeof found !== "string") return found
    return Effect.tryPromise({
      try: () => {
        const made = bundles.get(found) ?? bundled(found)
        bundles.set(found, made)
        return made
      },
      catch: (cause) => notBundled(found, cause),
    })
  })

/** The same without waiting, at the cost of a thread that stands still where it has to be bundled. */
export const resolveSync = (file: URL): Effect.Effect<URL, WorkerFileMissing> =>
  Effect.suspend(() => {
    const found = find(file)
    if (typeof found !== "string") return found
    return Effect.try({
      try: () => {
        const made = bundledHere.get(found) ?? bundledNow(found)
        bundledHere.set(found, made)
        return made
      },
      catch: (cause) => notBundled(found, cause),
    })
  })

/** The file itself, or the path of its source. */
const find = (file: URL): Effect.Effect<URL, WorkerFileMissing> | string => {
  const path = fileURLToPath(file)
  if (existsSync(path) && !path.endsWith(".ts")) return Effect.succeed(file)
  const source = path.replace(/\.js$/u, ".ts")
  return existsSync(source)
    ? source
    : Effect.fail(new WorkerFileMissing({ file: path, reason: "it is not there" }))
}

/**
 * By source: each is bundled once in a process. Promises, since an effect that is kept would keep the interruption
 * of whoever came first.
 */
const bundles = new Map<string, Promise<URL>>()
const bundledHere = new Map<string, URL>()

const bundled = async (source: string): Promise<URL> => {
  const { build } = await import("esbuild")
  const { options, target } = prepared(source)
  await build(options)
  return target
}

const bundledNow = (source: string): URL => {
  const { buildSync } = createRequire(import.meta.url)("esbuild") as typeof Esbuild
  const { options, target } = prepared(source)
  buildSync(options)
  return target
}

const prepared = (source: string) => {
  const directory = cache(dirname(source))
  mkdirSync(directory, { recursive: true })
  sweep(directory)
  const tag = createHash("sha256").update(source).digest("hex").slice(0, 12)
  const outfile = join(directory, `${basename(source, ".ts")}-${tag}-${process.pid}.js`)
  return {
    target: pathToFileURL(outfile),
    options: {
      entryPoints: [source],
      outfile,
      bundle: true,
      packages: "external",
      format: "esm",
      platform: "node",
      target: "node20",
      logLevel: "silent",
    } satisfies Esbuild.BuildOptions,
  }
}

const notBundled = (source: string, cause: unknown) =>
  new WorkerFileMissing({
    file: source,
    reason: `it is TypeScript, and could not be bundled (${cause instanceof Error ? cause.message : String(cause)}). Compile it, or install esbuild`,
  })

/** Removes what processes that have ended have left. */
const sweep = (directory: string): void => {
  for (const name of readdirSync(directory)) {
    const pid = Number(/-(\d+)\.js$/u.exec(name)?.[1])
    if (Number.isInteger(pid) && !isAlive(pid)) rmSync(join(directory, name), { force: true })
  }
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Another user's is alive too.
    return (error as NodeJS.ErrnoException).code === "EPERM"
  }
}

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
