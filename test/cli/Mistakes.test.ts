/**
 * What people do wrong at a terminal, and whether they are told what it was and what to do.
 */
import { spawn } from "node:child_process"
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
} from "node:fs"
import { createServer, type RequestListener } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { beforeAll, describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer, Redacted, TestClock } from "effect"
import * as fc from "effect/FastCheck"
import * as CommandLine from "../../src/cli/CommandLine.js"
import * as Deployment from "../../src/cli/Deployment.js"
import * as Doctor from "../../src/cli/Doctor.js"
import * as Misspelt from "../../src/cli/Misspelt.js"
import * as Settings from "../../src/cli/Settings.js"
import * as Program from "./Program.js"

let parrot = ""

beforeAll(async () => {
  const built = await Program.parrot("mistakes")
  parrot = built.bin
  return built.remove
})

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "bosun-mistakes-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true })),
)

/** Somebody at an address who is not Discord. */
const stranger = (listener: RequestListener) =>
  Effect.gen(function* () {
    const server = yield* Effect.acquireRelease(
      Effect.sync(() => createServer(listener)),
      (server) =>
        Effect.sync(() => {
          server.closeAllConnections()
          server.close()
        }),
    )
    const port = yield* Effect.async<number>((resume) => {
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : 0))
      })
    })
    return `http://127.0.0.1:${port}/api`
  })

const quiet = { out: () => {}, err: () => {}, around: () => {}, typing: () => {}, gone: Effect.never }

describe("options", () => {
  const said = (args: ReadonlyArray<string>) =>
    Effect.map(
      Effect.flip(CommandLine.parse({ name: "bosun", version: "1", args })),
      ({ message }) => message,
    )

  it.effect.each([
    [["start", "--faults"], "--faults needs a value after it"],
    [["--port"], "--port needs a value after it"],
    [["sandbox", "--port="], "--port needs a value after it"],
    [["deploy", "--dry-run", "--guild"], "--guild needs a value after it"],
    [["start", "--port=0", "--port=4"], "--port is there twice"],
    [["deploy", "--port"], "Received unknown argument: '--port'"],
    [["backup", "copy.db", "--guild"], "Received unknown argument: '--guild'"],
  ] as const)("%j", ([args, words]) =>
    Effect.map(said(args), (message) =>
      expect(message).toBe(`${words}. \`bosun --help\` tells what there is`),
    ),
  )

  it.effect("there is no wizard: it would ask instead of saying what is wrong", () =>
    Effect.map(said(["start", "--wizard"]), (message) =>
      expect(message).toBe("Received unknown argument: '--wizard'. `bosun --help` tells what there is"),
    ),
  )

  it.live("--version beside a job is the version", () =>
    Effect.gen(function* () {
      for (const args of [
        ["--version", "start"],
        ["start", "--version"],
      ])
        expect((yield* Program.run(args, { bin: parrot })).stdout).toBe("9.9.9\n")
    }),
  )
})

describe("misspelt variables", () => {
  const long = fc.constantFrom(...Settings.names.filter((name) => name.length >= 10))

  it.prop(
    "with a letter that is missing, or two in the other order, are told with what is meant",
    { name: long, at: fc.nat(), swap: fc.boolean() },
    ({ at, name, swap }) => {
      const i = at % (name.length - 1)
      const [before, a, b, after] = [name.slice(0, i), name[i], name[i + 1], name.slice(i + 2)]
      const typed = `${before}${swap ? `${b}${a}` : b}${after}`
      const found = Misspelt.find({ [typed]: "sec ret" })
      if (typed === name) expect(found).toEqual([])
      else {
        expect(found).toEqual([
          expect.stringMatching(`^${typed} is set, but nothing reads it\\. Is \\w+ meant\\?$`),
        ])
        expect(found.join("")).not.toContain("sec ret")
      }
    },
  )

  it("of other programs, and beside the right ones, are left alone", () => {
    expect(
      Misspelt.find({
        PATH: "x",
        NODENV: "x",
        HOME: "x",
        LOG_FILE: "x",
        DATABASE_HOST: "x",
        BOSUN_DATA: "x",
      }),
    ).toEqual([])
    expect(Misspelt.find({ DISCORD_TOKEN: "x", DISCORD_TOKEN2: "x" })).toEqual([])
    expect(Misspelt.find({ discord_token: "x" })).toEqual([
      "discord_token is set, but nothing reads it. Is DISCORD_TOKEN meant?",
    ])
  })

  it("are looked for among all that are read", () => {
    for (const name of Settings.names) expect(Misspelt.find({ [`${name}S`]: "x" })[0]).toContain(name)
  })

  it.live("are told at a start", () =>
    Effect.gen(function* () {
      const { code, stderr } = yield* Program.run([], {
        bin: parrot,
        env: { DISCORD_TOKN: "sec ret" },
        input: "hi\n",
      })
      expect(stderr).toContain("DISCORD_TOKN is set, but nothing reads it. Is DISCORD_TOKEN meant?")
      expect(stderr).not.toContain("sec ret")
      expect(code).toBe(0)
    }),
  )
})

describe("an address where Discord is not", () => {
  it.live("is told in one line, with what to look at", () =>
    Effect.gen(function* () {
      const url = yield* stranger((_, response) => {
        response.writeHead(404, { "content-type": "text/html" })
        response.end("<html>\n  <h1>Not\n  here</h1>\n</html>")
      })
      for (const args of [[], ["deploy"]]) {
        const env = { DISCORD_TOKEN: "sec.ret", DISCORD_API_URL: url }
        const { code, stderr } = yield* Program.run(args, { bin: parrot, env })
        expect(stderr).toBe(
          `parrot: ${url} does not answer as Discord does (GET /${args.length === 0 ? "gateway/bot" : "applications/@me"} answered 404: an HTML page). Check the network, a proxy, and DISCORD_API_URL\n`,
        )
        expect(code).toBe(1)
      }
    }).pipe(Effect.scoped),
  )

  it.live("is told where everything is answered with JSON of another kind", () =>
    Effect.gen(function* () {
      for (const body of ["{}", ""]) {
        const url = yield* stranger((_, response) => {
          response.writeHead(200, { "content-type": "application/json" })
          response.end(body)
        })
        for (const args of [[], ["deploy"]]) {
          const env = { DISCORD_TOKEN: "sec.ret", DISCORD_API_URL: url }
          const { code, stderr } = yield* Program.run(args, { bin: parrot, env })
          expect(stderr).toBe(
            `parrot: ${url} does not answer as Discord does (GET /${args.length === 0 ? "gateway/bot" : "applications/@me"} answered 200: ${body === "" ? "nothing" : body}). Check the network, a proxy, and DISCORD_API_URL\n`,
          )
          expect(code).toBe(1)
        }
      }
    }).pipe(Effect.scoped),
  )

  it.live("is told by a deployment also where nobody listens", () =>
    Effect.gen(function* () {
      const url = yield* Effect.scoped(stranger(() => {}))
      const env = { DISCORD_TOKEN: "sec.ret", DISCORD_API_URL: url }
      const { code, stderr } = yield* Program.run(["deploy"], { bin: parrot, env })
      expect(stderr).toMatch(
        /^parrot: http:[^\n]* does not answer as Discord does \([^\n]*ECONNREFUSED\)\)\. Check the network, a proxy, and DISCORD_API_URL\n$/u,
      )
      expect(code).toBe(1)
    }),
  )

  it.scoped("ends a deployment within 30 seconds where nobody says a word", () =>
    Effect.gen(function* () {
      const visited = yield* Deferred.make<void>()
      const url = yield* stranger(() => Deferred.unsafeDone(visited, Effect.void))
      const running = yield* Deployment.run({
        features: Layer.empty,
        options: {},
        name: "bosun",
        screen: quiet,
        token: Redacted.make("sec.ret"),
        apiUrl: url,
        dryRun: true,
        guildId: undefined,
      }).pipe(Effect.flip, Effect.fork)
      yield* Deferred.await(visited)
      yield* TestClock.adjust("30 seconds")
      expect((yield* Fiber.join(running)).message).toContain(`${url} does not answer as Discord does`)
    }),
  )
})

describe("a directory", () => {
  it.scopedLive("that stands where .env should is told as one", () =>
    Effect.gen(function* () {
      const cwd = yield* folder
      mkdirSync(join(cwd, ".env"))
      const { code, stderr } = yield* Program.run([], { bin: parrot, cwd })
      expect(stderr).toBe(
        "parrot: .env could not be read (EISDIR: it is a directory). Accepted: a text file of NAME=value lines, or none\n",
      )
      expect(code).toBe(1)
    }),
  )

  it.scopedLive(
    "as standard input has no lines, which is told; the sandbox goes on until it is stopped",
    () =>
      Effect.gen(function* () {
        const data = yield* folder
        const directory = yield* Effect.acquireRelease(
          Effect.sync(() => openSync("/", "r")),
          (file) => Effect.sync(() => closeSync(file)),
        )
        const ended = yield* Effect.async<{ readonly code: number | null; readonly stderr: string }>(
          (resume) => {
            const child = spawn(process.execPath, [parrot, "start", "--port", "0"], {
              env: { PATH: process.env["PATH"] ?? "", BOSUN_DATA: data },
              stdio: [directory, "ignore", "pipe"],
            })
            let stderr = ""
            child.stderr?.on("data", (bytes) => {
              stderr += String(bytes)
              if (stderr.includes("a directory")) child.kill("SIGTERM")
            })
            child.on("close", (code) => resume(Effect.succeed({ code, stderr })))
            return Effect.sync(() => child.kill("SIGKILL"))
          },
        )
        expect(ended.stderr).toContain("Standard input is a directory: there are no lines to be run.\n")
        expect(ended.code).toBe(0)
      }),
  )
})

describe.skipIf(!existsSync("/dev/full"))("a disk that is full", () => {
  it.scopedLive("is told where the output goes to it, and counts as a failure", () =>
    Effect.gen(function* () {
      const full = yield* Effect.acquireRelease(
        Effect.sync(() => openSync("/dev/full", "w")),
        (file) => Effect.sync(() => closeSync(file)),
      )
      const ended = yield* Effect.async<{ readonly code: number | null; readonly stderr: string }>(
        (resume) => {
          const child = spawn(process.execPath, [parrot], {
            env: { PATH: process.env["PATH"] ?? "" },
            stdio: ["pipe", full, "pipe"],
          })
          let stderr = ""
          child.stderr?.on("data", (bytes) => (stderr += String(bytes)))
          child.on("close", (code) => resume(Effect.succeed({ code, stderr })))
          child.stdin?.end("/say text:one\n/say text:two\n")
          return Effect.sync(() => child.kill("SIGKILL"))
        },
      )
      expect(ended.stderr).toContain(
        "parrot: Standard output cannot be written to (ENOSPC): its disk is full.",
      )
      expect(ended.code).toBe(1)
    }),
  )
})

describe("the doctor", () => {
  const findings = (variables: Settings.Variables, misspelt: ReadonlyArray<string> = []) =>
    Effect.gen(function* () {
      const lines: Array<string> = []
      const code = yield* Doctor.run({
        settings: yield* Effect.merge(Settings.read(variables)),
        features: Layer.empty,
        misspelt,
        options: {},
        name: "bosun",
        screen: { ...quiet, out: (line) => lines.push(line) },
        upstreams: [],
      })
      return { code, text: lines.join("\n") }
    })

  it.scopedLive("finds a secret that the bot would not start with", () =>
    Effect.gen(function* () {
      const data = yield* folder
      const secret = join(data, "secret")
      writeFileSync(secret, "a secret that nobody guesses\n", { mode: 0o600 })
      const well = yield* findings({ BOSUN_DATA: data })
      expect(well.text).toContain(`ok   secret       ${secret} can be used`)
      expect(well.text).not.toContain("nobody guesses")
      chmodSync(secret, 0o644)
      const open = yield* findings({ BOSUN_DATA: data })
      expect(open.text).toMatch(
        /fail secret {7}The secret .* is open to others on this machine \(mode 644\)/u,
      )
      expect(open.code).toBe(1)
      writeFileSync(secret, "short")
      chmodSync(secret, 0o600)
      expect((yield* findings({ BOSUN_DATA: data })).text).toMatch(
        /fail secret .* has a secret of 5 characters/u,
      )
      // Not read where the settings have one.
      const given = yield* findings({ BOSUN_DATA: data, BOSUN_SECRET: "another one, of the settings" })
      expect(given.text).not.toContain("secret  ")
    }),
  )

  it.scopedLive("says of a file that it is no directory, and of misspelt variables what is meant", () =>
    Effect.gen(function* () {
      const file = join(yield* folder, "file")
      writeFileSync(file, "")
      for (const data of [file, join(file, "below")])
        expect((yield* findings({ BOSUN_DATA: data })).text).toContain(
          `fail data         ${file} is no directory: set BOSUN_DATA to one`,
        )
      const { text } = yield* findings({}, ["DISCORD_TOKN is set, but nothing reads it."])
      expect(text).toContain("warn variables    DISCORD_TOKN is set, but nothing reads it.")
    }),
  )
})
