/**
 * An empty project with the packed package installed in it, as a user's is after `npm install bosun`.
 *
 * The package is packed from a copy of the sources: packing builds it, and what it builds must not take the place
 * of what other tests run. What the sources do not bring along comes from the npm registry or its cache.
 *
 * @module
 */
import { Command, type CommandExecutor, FileSystem, Path } from "@effect/platform"
import type { PlatformError } from "@effect/platform/Error"
import { NodeContext } from "@effect/platform-node"
import { Context, Data, Effect, Layer, Stream } from "effect"
import { fileURLToPath } from "node:url"

/** What of a package.json is looked at. */
export interface Manifest {
  readonly name: string
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
  readonly peerDependencies: Readonly<Record<string, string>>
}

export interface Project {
  readonly directory: string
  /** The installed package's own. */
  readonly manifest: Manifest
  /** Writes a file into the project. */
  readonly write: (name: string, text: string) => Effect.Effect<void, PlatformError>
  readonly read: (name: string) => Effect.Effect<string, PlatformError>
  /** The folders below node_modules with this name, at any depth. */
  readonly copiesOf: (name: string) => Effect.Effect<ReadonlyArray<string>, PlatformError>
  /** Runs Node in the project; the result is its standard output. */
  readonly node: (...args: ReadonlyArray<string>) => Effect.Effect<string, PlatformError | RunFailed>
  /** Runs a binary that was installed with a package; the result is its standard output. */
  readonly bin: (
    name: string,
    ...args: ReadonlyArray<string>
  ) => Effect.Effect<string, PlatformError | RunFailed>
  /** Runs Node in the project, with something to read on standard input. */
  readonly piped: (
    input: string,
    ...args: ReadonlyArray<string>
  ) => Effect.Effect<string, PlatformError | RunFailed>
  /** Runs Node in the project until the scope closes. */
  readonly start: (
    environment: Readonly<Record<string, string>>,
    ...args: ReadonlyArray<string>
  ) => Effect.Effect<CommandExecutor.Process, PlatformError, import("effect").Scope.Scope>
}

export const Project = Context.GenericTag<Project>("bosun/test/package/Project")

const root = fileURLToPath(new URL("../..", import.meta.url))
/** What packing needs. */
const sources = [
  "src",
  "scripts",
  "package.json",
  "tsconfig.json",
  "tsconfig.browser.json",
  "tsconfig.build.json",
  "LICENSE",
  "README.md",
]

const make = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const executor = yield* Effect.context<CommandExecutor.CommandExecutor>()
  const top = yield* files.makeTempDirectoryScoped({ prefix: "bosun-pack-" })
  const copy = path.join(top, "copy")
  const directory = path.join(top, "project")
  yield* files.makeDirectory(copy)
  yield* files.makeDirectory(directory)
  for (const name of sources) yield* files.copy(path.join(root, name), path.join(copy, name))
  yield* files.symlink(path.join(root, "node_modules"), path.join(copy, "node_modules"))

  yield* run(copy, "npm", "pack", "--pack-destination", top)
  const tarball = (yield* files.readDirectory(top)).find((name) => name.endsWith(".tgz")) ?? "none"
  const own = JSON.parse(yield* files.readFileString(path.join(copy, "package.json"))) as Manifest
  const peers = Object.keys(own.peerDependencies).map((name) => `${name}@${own.devDependencies[name]}`)
  yield* files.writeFileString(
    path.join(directory, "package.json"),
    JSON.stringify({ name: "project", private: true, type: "module" }),
  )
  yield* run(
    directory,
    "npm",
    "install",
    "--no-audit",
    "--no-fund",
    "--prefer-offline",
    path.join(top, tarball),
    ...peers,
  )

  const modules = path.join(directory, "node_modules")
  const copiesOf = (name: string) =>
    Effect.map(files.readDirectory(modules, { recursive: true }), (all) =>
      all
        .filter((one) => one.endsWith(path.join(name, "package.json")))
        .map((one) => path.dirname(one))
        .filter((one) => one === name || one.endsWith(path.join("node_modules", name))),
    )
  const manifest = JSON.parse(
    yield* files.readFileString(path.join(modules, own.name, "package.json")),
  ) as Manifest
  return Project.of({
    directory,
    manifest,
    copiesOf,
    write: (name, text) => files.writeFileString(path.join(directory, name), text),
    read: (name) => files.readFileString(path.join(directory, name)),
    node: (...args) => Effect.provide(run(directory, process.execPath, ...args), executor),
    bin: (name, ...args) =>
      Effect.provide(run(directory, path.join(modules, ".bin", name), ...args), executor),
    piped: (input, ...args) =>
      Effect.provide(
        finished(Command.feed(Command.make(process.execPath, ...args), input), directory),
        executor,
      ),
    start: (environment, ...args) =>
      Command.make(process.execPath, ...args).pipe(
        Command.workingDirectory(directory),
        Command.env(environment),
        Command.stderr("inherit"),
        Command.start,
        Effect.provide(executor),
      ),
  })
})

/** Packs and installs once; everything is removed with the scope. */
export const layer = Layer.scoped(Project, make).pipe(Layer.provide(NodeContext.layer), Layer.orDie)

const run = (directory: string, command: string, ...args: ReadonlyArray<string>) =>
  finished(Command.make(command, ...args), directory)

const finished = Effect.fnUntraced(function* (command: Command.Command, directory: string) {
  const child = yield* Command.start(Command.workingDirectory(command, directory))
  const [out, err, code] = yield* Effect.all([text(child.stdout), text(child.stderr), child.exitCode], {
    concurrency: 3,
  })
  if (code !== 0) {
    return yield* new RunFailed({
      command: Command.flatten(command)
        .map((one) => [one.command, ...one.args].join(" "))
        .join(" | "),
      code,
      output: `${out}\n${err}`.trim(),
    })
  }
  return out
}, Effect.scoped)

const text = <E>(stream: Stream.Stream<Uint8Array, E>) => Stream.mkString(Stream.decodeText(stream))

/** A process ended with another code than 0. */
export class RunFailed extends Data.TaggedError("RunFailed")<{
  readonly command: string
  readonly code: number
  readonly output: string
}> {
  override get message() {
    return `${this.command} ended with ${this.code}:\n${this.output}`
  }
}
