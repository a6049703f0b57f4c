import { readFileSync, writeFileSync } from "node:fs"
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as SqlClient from "@effect/sql/SqlClient"
import { describe, expect, it } from "@effect/vitest"
import { GatewayIntentBits, PermissionFlagsBits } from "discord-api-types/v10"
import { Duration, Effect, Layer } from "effect"
import * as Backup from "../../src/cli/Backup.js"
import type { Features } from "../../src/cli/Cli.js"
import * as CommandLine from "../../src/cli/CommandLine.js"
import * as Doctor from "../../src/cli/Doctor.js"
import * as Finding from "../../src/cli/doctor/Finding.js"
import * as Online from "../../src/cli/doctor/Online.js"
import * as Storage from "../../src/cli/doctor/Storage.js"
import type { Screen } from "../../src/cli/Screen.js"
import * as Settings from "../../src/cli/Settings.js"
import * as Command from "../../src/command/Command.js"
import * as Policy from "../../src/command/Policy.js"
import { GuildSettings } from "../../src/features/guild/GuildSettings.js"
import * as GuildStore from "../../src/features/guild/Store.js"
import * as Reply from "../../src/interaction/Reply.js"
import * as Database from "../../src/resource/Database.js"
import * as Migrations from "../../src/resource/Migrations.js"
import type * as Sandbox from "../../src/sandbox/Sandbox.js"
import * as Databases from "../resource/Databases.js"
import * as PostgresServer from "../resource/PostgresServer.js"
import * as Program from "./Program.js"

const TOKEN = "abc.def"

const folder = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "bosun-test-"))),
  (path) => Effect.promise(() => rm(path, { recursive: true, force: true })),
)

const screen = () => {
  const lines: Array<string> = []
  const made: Screen = {
    out: (line) => lines.push(line),
    err: () => {},
    around: (write) => write(),
    typing: () => {},
    gone: Effect.never,
  }
  return { lines, screen: made }
}

const sweep = Command.make("sweep", { description: "Sweeps" }, () =>
  Effect.succeed(Reply.text("Swept.")),
).pipe(Policy.botPermissions(PermissionFlagsBits.BanMembers))

const features: Features<never, Database.DatabaseUnusable> = ({ data, databaseUrl }) =>
  Layer.merge(
    Command.layer(sweep),
    Layer.effectDiscard(GuildSettings).pipe(
      Layer.provide(GuildStore.layer),
      Layer.provide(Database.layer({ data, url: databaseUrl })),
    ),
  )

const examine = (
  variables: Settings.Variables,
  patch: Partial<Doctor.Options<never, Database.DatabaseUnusable>> = {},
) =>
  Effect.gen(function* () {
    const { lines, screen: shown } = screen()
    const settings = yield* Effect.merge(Settings.read(variables))
    const code = yield* Doctor.run({
      settings,
      features,
      options: {},
      name: "bosun",
      screen: shown,
      misspelt: [],
      upstreams: [],
      ...patch,
    })
    return { code, lines, text: lines.join("\n") }
  })

const online = (options: Sandbox.Options = {}) =>
  Effect.gen(function* () {
    const { env, sandbox, server } = yield* Program.discord(options)
    const data = yield* folder
    return { sandbox, server, data, env: { ...env, BOSUN_DATA: data } }
  })

describe("the doctor", () => {
  it.scopedLive("finds a bot well, and has changed nothing", () =>
    Effect.gen(function* () {
      const { data, env, sandbox } = yield* online()
      const { code, text } = yield* examine(env)
      expect(code, text).toBe(0)
      expect(text).toContain("ok   variables    can all be read")
      expect(text).toContain("ok   features     1 command\n")
      expect(text).toMatch(/ok {3}data {9}.* can be written to/u)
      expect(text).toContain(`ok   database     ${data}/bosun.db is made at the start`)
      expect(text).toMatch(/ok {3}token {8}the bot is Bosun \(\d+\)/u)
      expect(text).toContain("ok   intents")
      expect(text).toMatch(/ok {3}gateway {6}ws:.* answers/u)
      expect(text).toContain("session starts left, 1 shard")
      expect(text).toContain("ok   clock")
      expect(text).toMatch(/\d+ ok, \d+ to be looked at, 0 failed$/u)
      expect(yield* Effect.promise(() => readdir(data))).toEqual([])
      expect(sandbox.sessions()).toEqual([])
    }),
  )

  it.scopedLive("looks into a database that is there: its size, its tables, how it is copied", () =>
    Effect.gen(function* () {
      const { data, env } = yield* online()
      const database = Database.layer({ data })
      yield* Effect.provide(GuildSettings, GuildStore.layer).pipe(Effect.provide(database))
      const { code, text } = yield* examine(env)
      expect(code, text).toBe(0)
      expect(text).toMatch(
        /ok {3}database {5}.*bosun\.db answers within .* ms and can be written to, \d+ KiB/u,
      )
      expect(text).toContain("ok   tables       up to date: guild")
      expect(text).toContain("ok   backup       bosun backup FILE, also while the bot runs")
      yield* Effect.provide(
        Migrations.run("guild", [
          ["settings", (sql) => sql`SELECT 1`],
          ["of tomorrow", (sql) => sql`SELECT 1`],
        ]),
        database,
      )
      const newer = yield* examine(env)
      expect(newer.code).toBe(1)
      expect(newer.text).toContain("fail tables       guild is newer than this program")
    }),
  )

  it.scopedLive("hides nothing behind what fails, and says what to do", () =>
    Effect.gen(function* () {
      const { data, server } = yield* online({ token: TOKEN })
      yield* Effect.promise(() =>
        writeFile(join(data, "bosun.db"), "this is no database, but a letter of some length"),
      )
      const wrong = "wrong.secret-token"
      const { code, text } = yield* examine(
        { DISCORD_TOKEN: wrong, DISCORD_API_URL: server.url, BOSUN_DATA: data },
        { upstreams: [{ name: "github", baseUrl: "http://127.0.0.1:9" }] },
      )
      expect(code).toBe(1)
      expect(text).toContain("fail token        Discord does not know this token")
      expect(text).toContain("warn intents      not checked")
      expect(text).toContain("warn gateway      not checked")
      expect(text).toContain("ok   data")
      expect(text).toMatch(/^fail (?:database|variables)/mu)
      expect(text).toContain("warn github       http://127.0.0.1:9:")
      expect(text).not.toContain(wrong)
    }),
  )

  it.scopedLive("says which intents are off", () =>
    Effect.gen(function* () {
      const { env } = yield* online({ privilegedIntents: { members: false, messageContent: false } })
      const { code, text } = yield* examine(env, {
        options: { intents: { required: GatewayIntentBits.GuildMembers } },
      })
      expect(code).toBe(1)
      expect(text).toContain("fail intents      the Server Members Intent is off, and the bot does not start")
      expect(text).toContain("warn intents      the Message Content Intent is off")
    }),
  )

  it.scopedLive(
    "waits five seconds for what does not answer, and no longer",
    () =>
      Effect.gen(function* () {
        const data = yield* folder
        const silent = yield* Effect.acquireRelease(
          Effect.async<ReturnType<typeof createServer>>((resume) => {
            const server = createServer(() => {})
            server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
          }),
          (server) =>
            Effect.sync(() => {
              server.close()
              server.closeAllConnections()
            }),
        )
        const base = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
        const [took, { code, text }] = yield* Effect.timed(
          examine(
            { DISCORD_TOKEN: TOKEN, DISCORD_API_URL: `${base}/api`, BOSUN_DATA: data },
            { upstreams: [{ name: "slow", baseUrl: base }] },
          ),
        )
        expect(code).toBe(1)
        expect(text).toContain("fail token")
        expect(text).toMatch(/warn slow .*3000 ms/u)
        expect(text).toContain("ok   features")
        expect(Duration.toMillis(took)).toBeLessThan(15_000)
      }),
    40_000,
  )

  it.scopedLive("checks what there is without a token, and fails without one in production", () =>
    Effect.gen(function* () {
      const data = yield* folder
      const plain = yield* examine({ BOSUN_DATA: data })
      expect(plain.code).toBe(0)
      expect(plain.text).toContain(
        "warn token        DISCORD_TOKEN is not set: the bot would start in the sandbox",
      )
      expect(plain.text).toContain("ok   database")
      const production = yield* examine({ BOSUN_DATA: data, NODE_ENV: "production" })
      expect(production.code).toBe(1)
      const broken = yield* examine({ BOSUN_GRACE: "soon", LOG_LEVEL: "loud" })
      expect(broken.code).toBe(1)
      expect(broken.lines.filter((line) => line.startsWith("fail variables"))).toHaveLength(2)
    }),
  )

  it.scopedLive("says that features cannot be built, and goes on", () =>
    Effect.gen(function* () {
      const data = yield* folder
      const { code, text } = yield* examine(
        { BOSUN_DATA: data },
        {
          features: () =>
            Layer.fail(new Database.DatabaseUnusable({ location: "of glass", reason: "it is broken" })),
        },
      )
      expect(code).toBe(1)
      expect(text).toContain("fail features     they cannot be built: The database of glass cannot be used")
      expect(text).toContain("ok   data")
    }),
  )
})

describe("a database that is damaged inside", () => {
  it.scopedLive("is found, with what to do", () =>
    Effect.gen(function* () {
      const data = yield* folder
      yield* Effect.provide(GuildSettings, GuildStore.layer).pipe(Effect.provide(Database.layer({ data })))
      yield* Effect.sync(() => {
        const file = join(data, "bosun.db")
        const bytes = readFileSync(file)
        writeFileSync(file, bytes.fill(0xa5, 8_192, 12_288))
      })
      const { code, text } = yield* examine({ BOSUN_DATA: data })
      expect(text).toMatch(/fail database {5}the file is damaged .*put a copy in its place/u)
      expect(code).toBe(1)
    }),
  )
})

describe("features that hang while they are built", () => {
  it.scopedLive(
    "keep neither the other checks nor the end",
    () =>
      Effect.gen(function* () {
        const data = yield* folder
        const gate = yield* Effect.makeLatch()
        yield* Effect.addFinalizer(() => gate.open)
        yield* Effect.provide(GuildSettings, GuildStore.layer).pipe(Effect.provide(Database.layer({ data })))
        const [took, { code, text }] = yield* Effect.timed(
          examine(
            { BOSUN_DATA: data },
            { features: () => Layer.effectDiscard(Effect.uninterruptible(gate.await)) },
          ),
        )
        expect(code).toBe(1)
        expect(text).toContain("fail features     no answer within 10s")
        expect(text).toContain("ok   database")
        expect(text).toContain("warn tables       not compared")
        expect(Duration.toMillis(took)).toBeLessThan(15_000)
      }),
    40_000,
  )
})

describe("its words", () => {
  it("name what is lacking in which server, for which commands", () => {
    const needed = new Map([
      ["ban", PermissionFlagsBits.BanMembers],
      ["purge", PermissionFlagsBits.ManageMessages],
    ])
    const guild = (id: string, permissions: bigint) => ({
      id,
      name: `Guild ${id}`,
      permissions: String(permissions),
    })
    expect(
      Online.permissions(
        [
          guild("1", PermissionFlagsBits.Administrator),
          guild("2", PermissionFlagsBits.BanMembers),
          guild("3", PermissionFlagsBits.BanMembers | PermissionFlagsBits.ManageMessages),
        ],
        needed,
      ),
    ).toEqual([
      {
        level: "warn",
        what: "permissions",
        text: "“Guild 2” (2): the bot lacks Manage Messages for /purge. Give them to its role there",
      },
    ])
    const many = Array.from({ length: 51 }, (_, index) =>
      guild(String(index), PermissionFlagsBits.Administrator),
    )
    expect(Online.permissions(many, needed)[0]!.text).toContain("50 (the first of more) servers")
    expect(Online.permissions([], needed)[0]!.level).toBe("warn")
  })

  it("tell tables of another program from newer and from older ones", () => {
    const steps = (...all: ReadonlyArray<string>) => new Map([["cases", all]])
    expect(Storage.tables(steps("a"), steps("a")).level).toBe("ok")
    expect(Storage.tables(steps("a"), steps("a", "b")).text).toContain("1 step will be run")
    expect(Storage.tables(steps("a", "b"), steps("a")).text).toContain("newer")
    expect(Storage.tables(steps("z"), steps("a", "b")).text).toContain("another program")
    expect(Storage.tables(steps("a"), new Map()).level).toBe("ok")
    expect(Storage.tables(steps("a"), undefined).level).toBe("warn")
  })

  it("cover every secret", () => {
    expect(Finding.line(Finding.fail("database", "no p%40ss, no p@ss"), ["p%40ss", "p@ss"])).toBe(
      "fail database     no …, no …",
    )
  })
})

describe("a copy", () => {
  const settings = (data: string) => Settings.read({ BOSUN_DATA: data })

  it.scopedLive("has all of the database, and takes no other file's place", () =>
    Effect.gen(function* () {
      const [data, target] = [yield* folder, yield* folder]
      const store = (folder: string) =>
        Effect.provide(GuildSettings, Layer.provide(GuildStore.layer, Database.layer({ data: folder })))
      const change = <A, E>(folder: string, f: (store: GuildSettings) => Effect.Effect<A, E>) =>
        Effect.flatMap(GuildSettings, f).pipe(
          Effect.provide(GuildStore.layer.pipe(Layer.provide(Database.layer({ data: folder })))),
        )
      const { lines, screen: shown } = screen()
      const copy = Effect.flatMap(settings(data), (settings) =>
        Backup.run({ settings, file: join(target, "bosun.db"), screen: shown }),
      )
      expect((yield* Effect.flip(copy))._tag).toBe("NoDatabase")
      yield* store(data)
      yield* change(data, (store) => store.change("1", { zone: "Asia/Tokyo" }))
      expect(yield* copy).toBe(0)
      expect(lines[0]).toContain(`was copied to ${target}/bosun.db`)
      expect(yield* change(target, (store) => store.of("1"))).toMatchObject({ zone: "Asia/Tokyo" })
      expect((yield* Effect.flip(copy))._tag).toBe("BackupRefused")
    }),
  )

  it.effect("is asked for with a file, the doctor with nothing", () =>
    Effect.gen(function* () {
      const parse = (...args: ReadonlyArray<string>) =>
        CommandLine.parse({ name: "bosun", version: "1", args })
      expect(yield* Effect.flatten(parse("doctor"))).toEqual({ _tag: "Doctor" })
      expect(yield* Effect.flatten(parse("backup", "copy.db"))).toEqual({ _tag: "Backup", file: "copy.db" })
      expect((yield* Effect.flip(parse("backup")))._tag).toBe("UsageError")
      expect((yield* Effect.flip(parse("doctor", "x")))._tag).toBe("UsageError")
      expect((yield* Effect.flip(parse("doktor"))).message).toContain("deploy, doctor, backup")
    }),
  )
})

describe("secrets", () => {
  it.scopedLive("of a database's address are not printed", () =>
    Effect.gen(function* () {
      const data = yield* folder
      // The second cannot be decoded, and is refused with the variables.
      for (const password of ["hush%40hush", "hush%hush"]) {
        const { text } = yield* examine({
          BOSUN_DATA: data,
          DATABASE_URL: `postgres://bosun:${password}@127.0.0.1:9/bosun`,
          BOSUN_OPS_PORT: "0",
          BOSUN_OPS_TOKEN: "a-token-of-the-port",
        })
        expect(text).toMatch(/^fail (?:database|variables)/mu)
        for (const secret of [password, "hush@hush", "a-token-of-the-port"])
          expect(text).not.toContain(secret)
      }
    }),
  )
})

Databases.onPostgres("the doctor", () => {
  it.scopedLive(
    "looks into a server as into a file, and leaves nothing there",
    () =>
      Effect.gen(function* () {
        const data = yield* folder
        const url = yield* Effect.promise(PostgresServer.address)
        const { code, text } = yield* examine({ BOSUN_DATA: data, DATABASE_URL: url })
        expect(code, text).toBe(0)
        expect(text).toMatch(
          /ok {3}database {5}postgres.* answers within .* ms and can be written to, \d+ MiB/u,
        )
        expect(text).toContain("ok   tables       1 step will be run at the next start")
        expect(text).toContain("ok   backup       pg_dump --format=custom")
        const tables = yield* Effect.flatMap(
          SqlClient.SqlClient,
          (sql) => sql`SELECT tablename FROM pg_tables WHERE tablename LIKE 'bosun%'`,
        ).pipe(Effect.provide(Database.layer({ data, url })))
        expect(tables).toEqual([])
      }),
    40_000,
  )
})
