import { createServer } from "node:net"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { GatewayIntentBits } from "discord-api-types/v10"
import { beforeAll, describe, expect, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Exit, Scope } from "effect"
import * as Program from "./Program.js"

let parrot = ""

/** The last word of a program that could not do its work: one line on standard error, and nothing else. */
const refusal = ({ code, stderr, stdout }: Program.Ended): string => {
  expect(stdout).toBe("")
  expect(stderr).toMatch(/^bosun: [^\n]+\n$/u)
  expect(code).toBeGreaterThan(0)
  return stderr
}

/** Somebody who takes connections and never says a word. */
const silence = Effect.gen(function* () {
  const visited = yield* Deferred.make<void>()
  const server = yield* Effect.acquireRelease(
    Effect.sync(() => createServer(() => Deferred.unsafeDone(visited, Effect.void))),
    (server) => Effect.sync(() => server.close()),
  )
  const port = yield* Effect.async<number>((resume) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : 0))
    })
  })
  return { url: `http://127.0.0.1:${port}/api`, visited: Deferred.await(visited) }
})

const folder = (env: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const path = mkdtempSync(join(tmpdir(), "bosun-cli-"))
      writeFileSync(join(path, ".env"), env)
      return path
    }),
    (path) => Effect.sync(() => rmSync(path, { recursive: true })),
  )

beforeAll(async () => {
  const built = await Program.parrot("cli")
  parrot = built.bin
  return built.remove
})

describe.concurrent("a pipe to the sandbox", () => {
  it.live("is answered in order, wrong lines aside, and ends", () =>
    Effect.gen(function* () {
      const { code, stderr, stdout } = yield* Program.run(["start"], {
        input: "/ping text:one\nzed> hi\n/nope\n/ping frob:1\n!ping two\ncleo> /userinfo (user)\nhelp\n",
      })
      expect(stdout).toMatch(
        /^ada> \/ping text:one\nBosun → ada: Pong! one\n[^]*ada> !ping two\nBosun → ada: Pong! two\n[^]*cleo> \/userinfo \(user\)\nBosun → cleo:\n {2}\| Cleo\n[^]*\/ping \[text:\]/u,
      )
      expect(stderr.split("\n").slice(2)).toEqual([
        "zed> hi: Nobody here is called zed. There are: ada, ben, cleo, dan",
        expect.stringMatching(/^\/nope: There is no command nope\. There are: ping, help, userinfo, /u),
        "/ping frob:1: /ping, frob: there is no such option. Accepted: text",
        "",
      ])
      expect(stderr).toMatch(/^bosun: DISCORD_TOKEN is not set, so this is the sandbox/u)
      expect(code).toBe(0)
    }),
  )

  it.live("is answered with one object an event where JSON is asked for", () =>
    Effect.gen(function* () {
      const { code, stdout } = yield* Program.run(["--json"], { input: "/ping text:one\nzed> hi\n" })
      const [first, second, ...rest] = stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown)
      expect(first).toEqual({
        event: "message",
        from: "Bosun",
        to: "ada",
        private: false,
        channel: "general",
        id: expect.stringMatching(/^\d+$/u),
        content: expect.stringMatching(/^Pong! one\n/u),
        embeds: [],
        components: [],
        attachments: [],
        reactions: [],
        title: null,
        reason: null,
      })
      expect(second).toEqual({
        event: "refused",
        line: "zed> hi",
        reason: "Nobody here is called zed. There are: ada, ben, cleo, dan",
      })
      expect(rest).toEqual([])
      expect(code).toBe(0)
    }),
  )

  it.live(
    "shows what is private, what can be pressed, and what breaks; a command that died ends it with 1",
    () =>
      Effect.gen(function* () {
        const { code, stderr, stdout } = yield* Program.run([], {
          bin: parrot,
          input:
            "/secret\n/ask\n[no]\n[Maybe]\n[colour] green\n/say tone:loud text:a b: c\n/quote (message)\n/boom\n#dm> /secret\n",
        })
        expect(stdout).toMatch(
          /Bosun → ada \(only you\): for your eyes\nada> \/ask\nBosun → ada: Sure\?\n {2}\[Yes\] \[No\] \(off\)\n {2}\[Colour: Red, Blue\]\n[^]*Bosun → ada: A B: C\n[^]*Bosun → ada: “A B: C”\n/u,
        )
        expect(stdout).toMatch(
          /\(only you\): Something in me broke[^\n]*\nada #dm> \/secret\nBosun → ada \(direct message\)/u,
        )
        expect(stdout).not.toContain("a secret cause")
        expect(stderr).toContain("There is no [Maybe] on any message in #general")
        expect(stderr).toContain("a secret cause")
        expect(code).toBe(1)
      }),
  )

  it.live("is led through a form, a thread and a direct message, each line after what it asks for", () =>
    Effect.gen(function* () {
      const { code, stderr, stdout } = yield* Program.run([], {
        bin: parrot,
        input: [
          "cleo> /apply",
          'cleo> click "Fill in"',
          'submit name:"x"',
          'cleo> submit age:"1"',
          'cleo> submit your-name:"Cleo" proof:"papers.png"',
          'dan> pick "Ghost"',
          "cleo> dms off",
          'cleo> pick menu:"Boat" "Ghost"',
          "cleo #try-out-of-cleo> aye",
          'cleo> say "look" file:notes.txt',
          'cleo> click "Nothing"',
          "cleo> dms on",
          "cleo> /apply",
          "help",
        ].join("\n"),
      })
      expect(stdout.split("\n").slice(0, 15)).toEqual([
        "cleo> /apply",
        "Bosun → cleo: Ready?",
        "  [Fill in]",
        'cleo> click "Fill in"',
        "Bosun → cleo (only you): a form Apply",
        "  Your name",
        "  name: …",
        "  Proof",
        '  cleo> submit name:"…" proof:"…"',
        'ada> submit name:"x"',
        'cleo> submit age:"1"',
        'cleo> submit your-name:"Cleo" proof:"papers.png"',
        "Bosun → cleo (only you): Thanks, Cleo (papers.png)",
        "Bosun #Try-out-of-Cleo: (added @cleo)",
        "Bosun #Try-out-of-Cleo: Which?",
      ])
      expect(stdout).toContain("You sail ghost")
      expect(stdout).toContain("Bosun → cleo #Try-out-of-Cleo: Your direct messages are closed.")
      expect(stdout).toContain('submit name:"…"')
      expect(stdout).toContain("#mod-log #Try-out-of-Cleo #dm")
      expect(stderr.split("\n").slice(2)).toEqual([
        'submit name:"x": No form is open for ada. One is open for: @cleo',
        'cleo> submit age:"1": There is no field age. There are: name, proof',
        'dan> pick "Ghost": There is no menu on any message in #general or elsewhere',
        "[Boat] is in #Try-out-of-Cleo",
        'cleo> click "Nothing": There is no [Nothing] on any message in #general or elsewhere. There are: [Fill in]',
        "",
      ])
      expect(code).toBe(0)
    }),
  )

  it.live("can react, delete, and be shown what is suggested", () =>
    Effect.gen(function* () {
      const { code, stderr, stdout } = yield* Program.run([], {
        bin: parrot,
        input: [
          "/say text:one",
          "/say text:two",
          "cleo> react 👍",
          'react 👎 "ONE"',
          'react 👎 "three"',
          "cleo> delete",
          "delete",
          'delete "one"',
          "cleo> suggest /buy fruit:ap",
          "suggest /buy much:1 fruit:",
          "suggest /buy fruit:x",
          "suggest /buy much:1",
          "suggest /say text:a",
        ].join("\n"),
      })
      expect(stdout.split("\n").filter((line) => !/^\w+> /u.test(line))).toEqual([
        "Bosun → ada: one",
        "Bosun → ada: two",
        "Reactions: 👍 1",
        "Reactions: 👎 1",
        "Bosun → ada (deleted): two",
        "Bosun → ada (deleted): one",
        "Bosun → cleo (only you) suggests: apple, apricot",
        "Bosun → ada (only you) suggests: apple, apricot, pear",
        "Bosun → ada (only you) suggests: nothing",
        "",
      ])
      expect(stderr.split("\n").slice(2)).toEqual([
        'react 👎 "three": There is no message with “three” in #general yet',
        "cleo> delete: cleo may not delete messages in #general",
        "suggest /buy much:1: It must end with an option for which the bot suggests values: fruit:…",
        "suggest /say text:a: /say has no option for which the bot suggests values",
        "",
      ])
      expect(code).toBe(0)
    }),
  )

  it.live("finds lean caches and the names of classes in the bundle too", () =>
    Effect.gen(function* () {
      const { stdout } = yield* Program.run([], {
        bin: parrot,
        input: "hi\nhello\n/say text:one\n/caches\n",
      })
      expect(stdout).toContain("GuildMessageManager 0, GuildManager 1")
    }),
  )

  it.live("stays up without a line, says where it listens, and ends on a signal", () =>
    Effect.gen(function* () {
      const program = yield* Program.start([], { input: null })
      yield* program.said("listens on")
      expect(program.stdout()).toBe("")
      yield* program.signal("SIGINT")
      expect(yield* program.code).toBe(0)
      expect(program.stderr().trimEnd().split("\n")).toHaveLength(2)
    }).pipe(Effect.scoped),
  )

  it.live("ends quietly when its reader has gone", () =>
    Effect.gen(function* () {
      const program = yield* Program.start([])
      yield* program.write("/ping text:one\n")
      yield* program.said("Pong! one")
      yield* program.leave
      yield* program.write("/ping text:two\n")
      expect(yield* program.code).toBe(0)
      expect(program.stderr().trimEnd().split("\n")).toHaveLength(2)
    }).pipe(Effect.scoped),
  )

  it.live("reads a .env file; what is set already wins", () =>
    Effect.gen(function* () {
      const cwd = yield* folder('BOSUN_PREFIX="?"\nLOG_LEVEL=loud\n')
      const { code, stdout } = yield* Program.run([], {
        cwd,
        env: { LOG_LEVEL: "info" },
        input: "?ping yo\n",
      })
      expect(stdout).toContain("Pong! yo")
      expect(code).toBe(0)
    }).pipe(Effect.scoped),
  )
})

describe.concurrent("a start that cannot be", () => {
  const cases: ReadonlyArray<
    readonly [string, ReadonlyArray<string>, Record<string, string>, string, number]
  > = [
    ["production without a token", [], { NODE_ENV: "production" }, "NODE_ENV is production", 1],
    ["a bad token", [], { DISCORD_TOKEN: "sec ret" }, "DISCORD_TOKEN has white space inside", 1],
    ["a bad URL", [], { DISCORD_API_URL: "discord.com" }, "DISCORD_API_URL is not a URL", 1],
    ["a bad level", [], { LOG_LEVEL: "loud" }, 'LOG_LEVEL is "loud". Accepted: all', 1],
    ["no such job", ["frob"], {}, "There is no “frob”", 2],
    ["a bad port", ["sandbox", "--port", "x"], {}, "--port takes a whole number", 2],
    ["a bad guild", ["deploy", "--guild", "12"], {}, "17 to 20 digits", 2],
    ["deploying without a token", ["deploy"], {}, "DISCORD_TOKEN is not set", 1],
    ["--json against Discord", ["--json"], { DISCORD_TOKEN: "a" }, "--json is for the sandbox", 1],
  ]
  for (const [title, args, env, words, code] of cases) {
    it.live(`${title}: one line`, () =>
      Effect.gen(function* () {
        const ended = yield* Program.run(args, { env })
        expect(refusal(ended)).toContain(words)
        expect(ended.stderr).not.toContain("sec ret")
        expect(ended.code).toBe(code)
      }),
    )
  }

  it.live("names every bad variable", () =>
    Effect.gen(function* () {
      const { code, stderr } = yield* Program.run([], {
        env: { BOSUN_GRACE: "soon", LOG_FORMAT: "xml", BOSUN_PREFIX: "" },
      })
      expect(stderr.match(/^bosun: \w+/gmu)).toEqual([
        "bosun: BOSUN_PREFIX",
        "bosun: BOSUN_GRACE",
        "bosun: LOG_FORMAT",
      ])
      expect(code).toBe(1)
    }),
  )

  it.live("a token that Discord does not know: one line without it", () =>
    Effect.gen(function* () {
      const { env } = yield* Program.discord({ token: "another" })
      for (const args of [[], ["deploy"]]) {
        const words = refusal(yield* Program.run(args, { env }))
        expect(words).toContain("Discord refused the token (401)")
        expect(words).not.toContain(env.DISCORD_TOKEN)
      }
    }).pipe(Effect.scoped),
  )

  it.live("no session starts left: one line", () =>
    Effect.gen(function* () {
      const { env } = yield* Program.discord({ identifyLimit: 0 })
      expect(refusal(yield* Program.run([], { env }))).toContain("session starts")
    }).pipe(Effect.scoped),
  )

  it.live("nobody there: one line within 15 seconds", () =>
    Effect.gen(function* () {
      const env = yield* Effect.scoped(Effect.map(Program.discord(), ({ env }) => env))
      const [took, ended] = yield* Effect.timed(Program.run([], { env }))
      expect(refusal(ended)).toContain(`Could not reach ${env.DISCORD_API_URL} in 5 attempts`)
      expect(Duration.toMillis(took)).toBeLessThan(15_000)
    }),
  )

  it.live("a signal ends a start that hangs, with 0", () =>
    Effect.gen(function* () {
      const { url, visited } = yield* silence
      const program = yield* Program.start([], {
        input: null,
        env: { DISCORD_TOKEN: "a", DISCORD_API_URL: url },
      })
      yield* visited
      yield* program.signal("SIGTERM")
      expect(yield* program.code).toBe(0)
      expect(program.stderr()).toBe("")
    }).pipe(Effect.scoped),
  )
})

describe.concurrent("a bot with a token", () => {
  it.live("is switched off visibly where an intent is; other bots beside it stay", () =>
    Effect.gen(function* () {
      const { env, sandbox } = yield* Program.discord({ privilegedIntents: { messageContent: false } })
      const programs = yield* Effect.all(
        [Program.start([], { env, input: null }), Program.start([], { env, input: null })],
        { concurrency: 2 },
      )
      for (const program of programs) {
        yield* program.said("Message Content Intent is not switched on")
        yield* program.said("Connected to")
      }
      expect(sandbox.sessions().filter(({ connected }) => connected)).toHaveLength(2)
      yield* programs[0].signal("SIGTERM")
      expect(yield* programs[0].code).toBe(0)
      expect(sandbox.sessions().filter(({ connected }) => connected)).toHaveLength(1)
      yield* programs[1].signal("SIGINT")
      expect(yield* programs[1].code).toBe(0)
    }).pipe(Effect.scoped),
  )

  it.live("does not start without an intent that it needs: one line", () =>
    Effect.gen(function* () {
      const { env } = yield* Program.discord({ privilegedIntents: { members: false } })
      const { code, stderr, stdout } = yield* Program.run([], {
        bin: parrot,
        env: { ...env, PARROT_INTENTS: String(GatewayIntentBits.GuildMembers) },
      })
      expect(stderr).toMatch(/^parrot: [^\n]*Server Members Intent[^\n]*Asked for: GuildMembers[^\n]*\n$/u)
      expect([stdout, code]).toEqual(["", 1])
    }).pipe(Effect.scoped),
  )

  it.live("ends with what Discord ended it for, never silently", () =>
    Effect.gen(function* () {
      const { env, sandbox } = yield* Program.discord()
      const program = yield* Program.start([], { env: { ...env, LOG_LEVEL: "none" }, input: null })
      yield* Effect.repeat(Effect.sleep("20 millis"), {
        until: () => sandbox.sessions().some(({ sequence }) => sequence > 1),
      })
      sandbox.faults.closeSockets(4014, "Disallowed intent(s).")
      expect(yield* program.code).toBe(1)
      expect(program.stderr()).toMatch(
        /^bosun: Discord refused the intents \(4014\)[^\n]*Privileged Gateway Intents[^\n]*\n$/u,
      )
    }).pipe(Effect.scoped),
  )

  it.live("connects again to a Discord that was gone", () =>
    Effect.gen(function* () {
      const first = yield* Scope.make()
      const { env, server } = yield* Scope.extend(Program.discord(), first)
      const program = yield* Program.start([], { env, input: null })
      yield* program.said("Connected to")
      yield* Scope.close(first, Exit.void)
      const { sandbox } = yield* Program.discord({}, server.port)
      yield* Effect.repeat(Effect.sleep("50 millis"), {
        until: () => sandbox.sessions().some(({ connected }) => connected),
      })
      yield* program.signal("SIGTERM")
      expect(yield* program.code).toBe(0)
    }).pipe(Effect.scoped),
  )

  it.live("waits for what runs, and ends at once when asked again", () =>
    Effect.gen(function* () {
      const { env, sandbox } = yield* Program.discord()
      expect((yield* Program.run(["deploy"], { env, bin: parrot })).code).toBe(0)
      const program = yield* Program.start([], { env, bin: parrot, input: null })
      yield* program.said("Connected to")
      const ada = yield* sandbox.actor("ada")
      const turn = yield* ada.slash("general", "hang")
      yield* turn.firstResponse
      yield* program.signal("SIGTERM")
      yield* Effect.sleep("400 millis")
      yield* program.signal("SIGTERM")
      expect(yield* program.code).toBe(143)
    }).pipe(Effect.scoped),
  )
})

describe.concurrent("deploy", () => {
  it.live("says what changes, changes it once, and then has nothing to do", () =>
    Effect.gen(function* () {
      const { env, sandbox } = yield* Program.discord()
      const names = Effect.flatMap(sandbox.actor("ada"), (ada) =>
        Effect.map(ada.commands("general"), (all) => all.map(({ name }) => name)),
      )
      const dry = yield* Program.run(["deploy", "--dry-run"], { env })
      expect(dry.stdout).toMatch(
        /^Commands everywhere [^\n]*\n {2}create {4}\/ping\n[^]*Dry run: nothing was changed\.\n$/u,
      )
      expect(yield* names).toEqual([])
      expect((yield* Program.run(["deploy"], { env })).stdout).toMatch(/Applied\.\n$/u)
      expect(yield* names).toEqual(expect.arrayContaining(["ping", "help", "userinfo", "userinfo", "tryout"]))
      const again = yield* Program.run(["deploy"], { env })
      expect(again.stdout).toMatch(/ {2}unchanged \/ping\n[^]*Nothing to do\.\n$/u)
      expect([dry.code, again.code, dry.stderr, again.stderr]).toEqual([0, 0, "", ""])
    }).pipe(Effect.scoped),
  )

  it.live("tells of a guild that the bot is not in", () =>
    Effect.gen(function* () {
      const { env } = yield* Program.discord()
      const guild = "999999999999999999"
      expect(refusal(yield* Program.run(["deploy", "--guild", guild], { env }))).toContain(
        `The bot is not in a guild ${guild}`,
      )
    }).pipe(Effect.scoped),
  )
})

describe.concurrent("the sandbox alone", () => {
  it.live("prints its address, refuses a port that is taken, and ends on a signal", () =>
    Effect.gen(function* () {
      const program = yield* Program.start(["sandbox"], { input: null })
      yield* program.said("listens")
      const port = /^http:\/\/127\.0\.0\.1:(\d+)\/api\n$/u.exec(program.stdout())?.[1] ?? "none"
      expect(refusal(yield* Program.run(["sandbox", "--port", port]))).toContain(`Port ${port}`)
      yield* program.signal("SIGTERM")
      expect(yield* program.code).toBe(0)
    }).pipe(Effect.scoped),
  )
})

describe.concurrent("help", () => {
  it.live("is plain text, for the whole and for each job", () =>
    Effect.gen(function* () {
      const whole = yield* Program.run(["--help"])
      expect(whole.stdout).toMatch(/^Usage: bosun \[start\]/u)
      expect(whole.stdout).not.toContain("\u001b")
      const settings = readFileSync(`${Program.root}src/cli/Settings.ts`, "utf8").matchAll(
        /get(?:<[^>]*(?:<[^>]*>)?[^>]*>)?\("(\w+)"/gu,
      )
      const names = Array.from(settings, ([, name]) => name!)
      expect(names).toContain("BOSUN_SECRET")
      for (const name of names) expect(whole.stdout).toContain(`  ${name} `)
      expect((yield* Program.run(["deploy", "--help"])).stdout).toMatch(/^Usage: bosun deploy \[--dry-run\]/u)
      expect((yield* Program.run(["--version"], { bin: parrot })).stdout).toBe("9.9.9\n")
    }),
  )
})
