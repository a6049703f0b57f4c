import { readdirSync, readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, Redacted, Schedule } from "effect"
import * as berth from "../../docs/examples/berth.js"
import * as harbour from "../../docs/examples/harbour.js"
import * as host from "../../docs/examples/host.js"
import * as restAlone from "../../docs/examples/rest-alone.js"
import * as structures from "../../docs/examples/structures.js"
import * as Command from "../../src/command/Command.js"
import * as CommandError from "../../src/command/CommandError.js"
import * as Deploy from "../../src/command/Deploy.js"
import * as ConversationError from "../../src/conversation/ConversationError.js"
import * as DiscordError from "../../src/DiscordError.js"
import * as CustomId from "../../src/interaction/CustomId.js"
import * as Response from "../../src/interaction/Response.js"
import * as Signer from "../../src/interaction/Signer.js"
import * as Routes from "../../src/command/Routes.js"
import * as Otlp from "../../src/observe/Otlp.js"
import * as Ops from "../../src/ops/Ops.js"
import * as Database from "../../src/resource/Database.js"
import * as Document from "../../src/resource/Document.js"
import * as HttpAddress from "../../src/resource/http/Address.js"
import * as HttpError from "../../src/resource/HttpError.js"
import * as Offload from "../../src/resource/Offload.js"
import * as Resource from "../../src/resource/Resource.js"
import * as Calendar from "../../src/supervise/job/Calendar.js"
import * as Door from "../../src/supervise/Door.js"
import * as Job from "../../src/supervise/Job.js"
import * as Jobs from "../../src/supervise/Jobs.js"
import * as Shutdown from "../../src/supervise/Shutdown.js"
import * as Supervisor from "../../src/supervise/Supervisor.js"
import * as WorkerFile from "../../src/WorkerFile.js"
import * as WaitError from "../../src/wait/WaitError.js"
import * as ActorError from "../../src/sandbox/people/ActorError.js"
import * as CommandInput from "../../src/sandbox/people/CommandInput.js"
import * as Plan from "../../src/sandbox/fault/Plan.js"
import type { State } from "../../src/sandbox/world/Interactions.js"
import * as Sandbox from "../../src/sandbox/Sandbox.js"
import * as Server from "../../src/sandbox/Server.js"
import * as VirtualClock from "../../src/testing/VirtualClock.js"
import * as Harbour from "../bot/Harbour.js"

const root = new URL("../../", import.meta.url)
const read = (path: string) => readFileSync(new URL(path, root), "utf8")
const pages = [
  "README.md",
  ...readdirSync(new URL("docs/", root))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
]

const isErrorClass = (value: unknown): boolean =>
  typeof value === "function" && value.prototype instanceof Error

const settled = (name: string, command: string, values: Record<string, string | number>) =>
  Effect.gen(function* () {
    const sandbox = yield* Sandbox.Sandbox
    const actor = yield* sandbox.actor(name)
    const turn = yield* actor.slash("general", command, values)
    const state = yield* turn.settled
    return state._tag === "Responded" ? state.messages.map(({ content }) => content).join("\n") : state._tag
  })

describe("the documentation", () => {
  it.each(pages)("%s shows its examples as they are", (page) => {
    const blocks = read(page).matchAll(/```\w+ file=(\S+)\n([\s\S]*?)```/gu)
    for (const [, file, shown] of blocks) expect(shown, file).toBe(read(`docs/${file}`))
  })

  it.each(pages)("%s links only to what is there", (page) => {
    const base = new URL(page, root)
    for (const [, target] of read(page).matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/gu)) {
      expect(() => readFileSync(new URL(target!, base)), `${page} → ${target}`).not.toThrow()
    }
  })

  it("explains every error", () => {
    const page = read("docs/errors.md")
    const modules = [
      ActorError,
      CommandError,
      CommandInput,
      ConversationError,
      Calendar,
      CustomId,
      Database,
      DiscordError,
      Document,
      Door,
      HttpAddress,
      HttpError,
      Job,
      Jobs,
      Offload,
      Ops,
      Otlp,
      Plan,
      Resource,
      Response,
      Routes,
      Server,
      Shutdown,
      Signer,
      Supervisor,
      WaitError,
      WorkerFile,
    ]
    const names = modules.flatMap((module) =>
      Object.entries(module).flatMap(([name, value]) => (isErrorClass(value) ? [name] : [])),
    )
    expect(names.length).toBeGreaterThan(50)
    for (const name of names) expect(page, name).toContain(`\`${name}\``)
  })

  it("gives each dependency its reason", () => {
    const { dependencies, devDependencies, peerDependencies } = JSON.parse(read("package.json")) as Record<
      string,
      Record<string, string>
    >
    const page = read("docs/dependencies.md")
    const own = { ...dependencies, ...devDependencies, ...peerDependencies }
    for (const name of Object.keys(own).filter((name) => !name.startsWith("@types/"))) {
      expect(page, name).toContain(`\`${name}\``)
    }
  })
})

describe("the examples", () => {
  it.live("berth: books until the harbour is full", () =>
    Effect.gen(function* () {
      yield* Deploy.apply()
      expect(yield* settled("cleo", "berth", { boat: "Elly", nights: 2 })).toBe(
        "Elly lies at berth 1 of Harbour for 2 nights.",
      )
      expect(yield* settled("cleo", "berth", { boat: "Elly 2" })).toBe(
        "`boat` must be a name without digits, not `Elly 2`.",
      )
      yield* settled("dan", "berth", { boat: "Mary" })
      yield* settled("dan", "berth", { boat: "Ann" })
      expect(yield* settled("dan", "berth", { boat: "Sue" })).toBe("All 3 berths are taken.")
    }).pipe(Effect.provide(Harbour.overSockets(berth.layer))),
  )

  it.live("harbour: groups, menus, deadlines, faults and files", () =>
    Effect.gen(function* () {
      yield* Deploy.apply()
      const sandbox = yield* Sandbox.Sandbox
      const ada = yield* sandbox.actor("ada")
      const shown = (turn: { readonly settled: Effect.Effect<State> }) =>
        Effect.map(turn.settled, (state) => (state._tag === "Responded" ? state.messages : []))
      expect(yield* settled("ada", "harbour log", { boat: "Elly" })).toBe("Elly sailed at dawn.")
      expect(yield* settled("ada", "harbour log", { boat: "Ghost" })).toMatch(/reported as `/u)
      const [hello] = yield* Effect.flatMap(ada.userMenu("general", "Say hello", "cleo"), shown)
      expect(hello?.mentions).toHaveLength(1)
      const said = yield* ada.say("general", "ahoy")
      const [quoted] = yield* Effect.flatMap(ada.messageMenu("Quote", said.id), shown)
      expect(quoted?.embeds).toMatchObject([{ description: "ahoy", footer: { text: "said by ada" } }])
      const chart = yield* ada.slash("general", "chart", {})
      const done = yield* chart.when((state) => state._tag === "Responded")
      expect(done._tag === "Responded" && done.messages[0]?.attachments).toHaveLength(1)
    }).pipe(Effect.provide(Harbour.overSockets(harbour.layer))),
  )

  it("harbour: answers a deadline in the author's words", async () => {
    const { exit } = await VirtualClock.run(
      Effect.zipRight(Deploy.apply(), settled("ada", "harbour wait", {})).pipe(
        Effect.provide(Harbour.inProcess(harbour.layer)),
      ),
    )
    expect(exit).toEqual(Exit.succeed("No tide in 5 seconds."))
  })

  it.live("structures: calls discord.js, and tells what Discord refuses", () =>
    Effect.gen(function* () {
      yield* Deploy.apply()
      expect(yield* settled("ada", "nick", { member: "cleo", name: "Captain" })).toBe("Done.")
      expect(yield* settled("ada", "nick", { member: "ada", name: "Admiral" })).toBe(
        "That member stands above me.",
      )
    }).pipe(Effect.provide(Harbour.overSockets(Command.layer(structures.nick)))),
  )

  it.live("rest-alone: sends without a gateway", () =>
    Effect.gen(function* () {
      const { url } = yield* Server.Server
      const sandbox = yield* Sandbox.Sandbox
      const options = { token: Redacted.make("t"), apiUrl: url }
      const general = [...sandbox.world.channels.values()].find(({ name }) => name === "general")!
      yield* restAlone.announce(general.id, options)
      expect(sandbox.sessions()).toEqual([])
      expect([...general.messages.values()].at(-1)?.content).toBe("The harbour opens at nine.")
    }).pipe(Effect.provide(Layer.provideMerge(Server.layer({ port: 0 }), Sandbox.layer()))),
  )

  it.live("host: a foreign server runs effects of the bot, and ends with it", () =>
    Effect.gen(function* () {
      const { url } = yield* Server.Server
      const port = 40_000 + (process.pid % 20_000)
      const get = Effect.promise(async () => (await fetch(`http://127.0.0.1:${port}/`)).text())
      const fiber = yield* Effect.fork(
        Layer.launch(host.layer({ token: Redacted.make("t"), apiUrl: url, port })),
      )
      const text = yield* Effect.retry(Effect.sandbox(get), {
        times: 200,
        schedule: Schedule.spaced("20 millis"),
      }).pipe(Effect.orDie)
      expect(text).toBe("1 guilds\n")
      yield* Fiber.interrupt(fiber)
      expect((yield* Effect.exit(get))._tag).toBe("Failure")
    }).pipe(Effect.provide(Layer.provideMerge(Server.layer({ port: 0 }), Sandbox.layer()))),
  )
})
