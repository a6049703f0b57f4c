import { spawn, spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { beforeAll, describe, expect, it } from "@effect/vitest"

const root = fileURLToPath(new URL("../..", import.meta.url))
const env = { PATH: process.env["PATH"] ?? "" }
const bosun = (args: ReadonlyArray<string>, input: string, more: Record<string, string> = {}) =>
  spawnSync(process.execPath, [`${root}dist/bin/bosun.js`, ...args], {
    input,
    env: { ...env, ...more },
    encoding: "utf8",
    timeout: 16_000,
  })

describe("bosun", () => {
  beforeAll(() => {
    expect(spawnSync(process.execPath, [`${root}scripts/build.mjs`], { cwd: root }).status).toBe(0)
  })

  it("answers the lines of a pipe in order, and ends", () => {
    const { status, stderr, stdout } = bosun(["start"], "/ping text:one\nzed> hi\n!ping two\n")
    expect(stdout).toMatch(/Bosun → ada: Pong! one[^]*Bosun → ada: Pong! two/u)
    expect(stderr).toContain("There are: ada, ben, cleo, dan")
    expect(status).toBe(0)
  })

  it("prints an object an event", () => {
    const { stdout } = bosun(["--json"], "/ping text:one\n")
    expect(JSON.parse(stdout)).toMatchObject({
      event: "message",
      to: "ada",
      private: false,
      channel: "general",
    })
  })

  it("refuses in one line", () => {
    for (const [args, more, word] of [
      [["start"], { NODE_ENV: "production" }, "NODE_ENV"],
      [["start"], { DISCORD_TOKEN: "a b" }, "DISCORD_TOKEN"],
      [["start"], { DISCORD_TOKEN: "a", DISCORD_API_URL: "http://127.0.0.1:9/api" }, "Could not reach"],
      [["frob"], {}, "subcommand"],
      [["deploy"], {}, "DISCORD_TOKEN"],
    ] as const) {
      const { status, stderr } = bosun(args, "", more)
      expect(stderr).toMatch(/^bosun: [^\n]*\n$/u)
      expect(stderr).toContain(word)
      expect(status).toBeGreaterThan(0)
    }
  })

  it("stays up without input, and ends on a signal", async () => {
    const child = spawn(process.execPath, [`${root}dist/bin/bosun.js`], {
      env,
      stdio: ["ignore", "ignore", "pipe"],
    })
    let said = ""
    child.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString()
      if (said.includes("listens on")) child.kill("SIGTERM")
    })
    const code = await new Promise((resolve) => child.on("exit", resolve))
    expect(said.trimEnd().split("\n")).toHaveLength(2)
    expect(code).toBe(0)
  })
})
