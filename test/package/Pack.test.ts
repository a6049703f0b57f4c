import { expect, layer } from "@effect/vitest"
import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { Effect, Layer, Schedule } from "effect"
import { fileURLToPath } from "node:url"
import * as Sandbox from "../../src/sandbox/Sandbox.js"
import * as Server from "../../src/sandbox/Server.js"
import * as Project from "./Project.js"

const fiveLines = fileURLToPath(new URL("five-lines.ts", import.meta.url))
const documented = fileURLToPath(new URL("../../docs/examples/five-lines.ts", import.meta.url))
const compiler = fileURLToPath(new URL("../../node_modules/typescript/bin/tsc", import.meta.url))
const entries = ({ exports, name }: Project.Manifest) =>
  Object.keys(exports)
    .filter((entry) => entry !== "./package.json")
    .map((entry) => `${name}${entry.slice(1)}`)

const discord = Server.layer({ port: 0 }).pipe(Layer.provideMerge(Sandbox.layer()))

/**
 * Compiles what imports the package as a user would, with the strictest settings; the result is next to each file. All
 * at once, since most of the time goes into the types that they share.
 */
const compiled = Layer.effectDiscard(
  Effect.gen(function* () {
    const project = yield* Project.Project
    const files = yield* FileSystem.FileSystem
    yield* project.write("five-lines.ts", yield* files.readFileString(fiveLines))
    yield* project.write("documented.ts", yield* files.readFileString(documented))
    yield* project.write(
      "types.ts",
      entries(project.manifest)
        .flatMap((name, n) => [
          `import * as Entry${n} from ${JSON.stringify(name)}`,
          // Without types the whole module would be \`any\`, which takes this.
          `// @ts-expect-error -- it has no such export`,
          `export const none${n} = Entry${n}.noSuchExport`,
        ])
        .join("\n"),
    )
    yield* project.node(
      compiler,
      ...["--module", "nodenext", "--target", "es2022", "--strict", "--exactOptionalPropertyTypes"],
      ...["--skipLibCheck", "--types", "node"],
      ...["types.ts", "five-lines.ts", "documented.ts"],
    )
  }),
)

const packed = Layer.provideMerge(Layer.orDie(compiled), Layer.merge(Project.layer, NodeContext.layer))

layer(packed, { timeout: 180_000, excludeTestServices: true })("the packed package", (it) => {
  it.effect("leaves effect, @effect/platform and discord.js to the project, where each exists once", () =>
    Effect.gen(function* () {
      const { copiesOf, manifest } = yield* Project.Project
      const shared = ["@effect/platform", "discord.js", "effect"]
      // Beside them only what is optional.
      expect(Object.keys(manifest.peerDependencies).toSorted()).toEqual(["@effect/opentelemetry", ...shared])
      for (const name of shared) {
        expect(Object.keys(manifest.dependencies)).not.toContain(name)
        expect(yield* copiesOf(name)).toEqual([name])
      }
    }),
  )

  it.effect(
    "has every entry, as a module that can be imported",
    () =>
      Effect.gen(function* () {
        const project = yield* Project.Project
        const names = entries(project.manifest)
        yield* project.write(
          "entries.mjs",
          `const counts = {}
           for (const name of ${JSON.stringify(names)}) counts[name] = Object.keys(await import(name)).length
           console.log(JSON.stringify(counts))`,
        )
        const counts = JSON.parse(yield* project.node("entries.mjs")) as Record<string, number>
        expect(Object.keys(counts)).toEqual(names)
        expect(names).toContain("bosun/Command")
        for (const name of names) expect(counts[name], name).toBeGreaterThan(0)
      }),
    30_000,
  )

  it.effect("has the types of every entry", () =>
    Effect.gen(function* () {
      expect(yield* (yield* Project.Project).read("types.js")).toContain("Entry0.noSuchExport")
    }),
  )

  it.scoped(
    "runs a bot of five lines that answers a ping",
    () =>
      Effect.gen(function* () {
        const project = yield* Project.Project
        const sandbox = yield* Sandbox.Sandbox
        const { url } = yield* Server.Server
        yield* Effect.promise(() =>
          fetch(`${url}/v10/applications/${sandbox.world.bot.id}/commands`, {
            method: "PUT",
            headers: { authorization: "Bot any", "content-type": "application/json" },
            body: JSON.stringify([{ name: "ping", description: "Answers" }]),
          }),
        )
        yield* project.start({ DISCORD_API_URL: url }, "five-lines.js")
        const ada = yield* sandbox.actor("Ada")
        const turn = yield* ada
          .slash("general", "ping")
          .pipe(Effect.retry(Schedule.intersect(Schedule.spaced("20 millis"), Schedule.recurs(1_000))))
        const state = yield* turn.settled
        expect(state._tag === "Responded" && state.messages.map((message) => message.content)).toEqual([
          "Pong!",
        ])
      }).pipe(Effect.provide(discord)),
    60_000,
  )

  it.effect(
    "opens the sandbox for the bot of the documentation, and answers what is piped into it",
    () =>
      Effect.gen(function* () {
        const project = yield* Project.Project
        expect(yield* project.piped("/ping\n", "documented.js")).toBe("ada> /ping\nBosun → ada: Pong!\n")
      }),
    60_000,
  )

  it.effect("has a binary that runs by its name", () =>
    Effect.gen(function* () {
      const project = yield* Project.Project
      expect(yield* project.bin("bosun", "--version")).toMatch(/^\S+\n$/u)
    }),
  )

  it.effect(
    "loads neither the sandbox nor the command line in a small bot",
    () =>
      Effect.gen(function* () {
        const project = yield* Project.Project
        yield* project.write(
          "hooks.mjs",
          `import { appendFileSync } from "node:fs"
           export const load = (url, context, next) => {
             appendFileSync("loaded.txt", url + "\\n")
             return next(url, context)
           }`,
        )
        yield* project.write(
          "small.mjs",
          `import { register } from "node:module"
           register("./hooks.mjs", import.meta.url)
           for (const name of ["bosun/Bot", "bosun/Command", "bosun/Reply"]) await import(name)`,
        )
        yield* project.node("small.mjs")
        const loaded = (yield* project.read("loaded.txt")).split("\n")
        expect(loaded.filter((url) => url.endsWith("/bosun/dist/Bot.js"))).toHaveLength(1)
        expect(
          loaded.filter((url) => /bosun\/dist\/(sandbox|cli|testing|features|bin)\//u.test(url)),
        ).toEqual([])
        expect(loaded.filter((url) => /@effect\/(cli|printer|sql|cluster|rpc|workflow)/u.test(url))).toEqual(
          [],
        )
      }),
    30_000,
  )
})
