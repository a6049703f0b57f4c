/**
 * A real browser on the page of a bot that runs in a process of its own.
 *
 * Where there is no Chromium its tests are skipped, and say so; with `chromium` in `BOSUN_TEST_REQUIRE` they fail.
 */
import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { isRequired } from "../Required.js"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core"

/** Debian's first. */
const executable = [
  process.env["CHROMIUM"],
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
].find((path): path is string => path !== undefined && existsSync(path))

/** Whether there is a browser, or has to be. */
export const present: boolean = executable !== undefined || isRequired("chromium")

const root = fileURLToPath(new URL("../..", import.meta.url))
/** For what a loaded machine does late, in milliseconds. */
const WITHIN = 15_000
/** The same for a value that is read again and again: `expect.poll(read, patience)`. */
export const patience = { timeout: WITHIN }

export interface Bot {
  readonly origin: string
  /** A window of its own. `as` is somebody's shown name; without it one is whoever comes first. */
  readonly window: (as?: string, options?: BrowserContextOptions) => Promise<Page>
  /** Closes all windows: each has a share in all that is told. */
  readonly closeAll: () => Promise<void>
  /** What went wrong in any window, and what was asked of other hosts: to be empty. */
  readonly troubles: ReadonlyArray<string>
  readonly stop: () => Promise<number | null>
}

/** Starts the bot in its sandbox, and a browser. */
export const start = async (...args: ReadonlyArray<string>): Promise<Bot> => {
  if (executable === undefined) throw new Error("There is no Chromium: apt-get install chromium")
  const { BOSUN_OPS_PORT: _, DATABASE_URL: __, DISCORD_TOKEN: ___, ...env } = process.env
  const child = spawn(process.execPath, ["dist/bin/bosun.js", "start", "--port", "0", ...args], {
    cwd: root,
    env,
    stdio: ["ignore", "ignore", "pipe"],
  })
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve))
  let said = ""
  const origin = await new Promise<string>((resolve, reject) => {
    child.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString()
      const found = /Open (http:\/\/\S+?) in a browser/u.exec(said)?.[1]
      if (found !== undefined) resolve(found)
    })
    void ended.then(() => reject(new Error(`The bot ended: ${said}`)))
  })
  const browser: Browser = await chromium.launch({
    executablePath: executable,
    // Its sandbox needs privileges that a container does not give.
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
  })
  const troubles: Array<string> = []
  /** Of those whom somebody was before, so that a window is loaded once. */
  const ids = new Map<string, string>()
  const watch = (page: Page) => {
    page.setDefaultTimeout(WITHIN)
    page.on("pageerror", (error) => troubles.push(error.message))
    page.on("console", (message) => {
      // What is refused is told by the page itself.
      if (message.type() === "error" && !/status of 4\d\d/u.test(message.text())) {
        troubles.push(message.text())
      }
    })
    page.on("request", (request) => {
      const url = new URL(request.url())
      if (/^https?:$/u.test(url.protocol) && url.hostname !== "127.0.0.1") troubles.push(url.href)
    })
  }
  return {
    origin,
    troubles,
    window: async (as, options = {}) => {
      const context = await browser.newContext({ viewport: { width: 1360, height: 820 }, ...options })
      const page = await context.newPage()
      watch(page)
      const known = ids.get(as ?? "")
      await page.goto(known === undefined ? origin : `${origin}/?as=${known}`)
      await page.getByRole("log", { name: "Messages" }).waitFor()
      if (as === undefined) return page
      await become(page, as)
      ids.set(as, new URL(page.url()).searchParams.get("as") ?? "")
      return page
    },
    closeAll: async () => {
      await Promise.all(browser.contexts().map((context) => context.close()))
    },
    stop: async () => {
      await browser.close()
      child.kill("SIGTERM")
      return ended
    },
  }
}

/**
 * Tests around one bot and browser, skipped where there is no Chromium. Windows are closed after each; at the end
 * nothing may have gone wrong in any, and the bot has to end well.
 */
export const suite = (name: string, tests: (bot: Pick<Bot, "window" | "origin">) => void): void => {
  describe.skipIf(!present)(`${name} (skipped without Chromium)`, { timeout: 60_000 }, () => {
    let bot: Bot
    beforeAll(async () => {
      bot = await start()
    }, 60_000)
    afterEach(() => bot.closeAll())
    afterAll(async () => {
      expect(await bot.stop()).toBe(0)
    }, 30_000)
    tests({
      get origin() {
        return bot.origin
      },
      window: (...given) => bot.window(...given),
    })
    it("broke nothing", () => {
      expect(bot.troubles).toEqual([])
    })
  })
}

/** Chooses who one is. */
export const become = async (page: Page, name: string): Promise<void> => {
  const you = page.getByRole("region", { name: "You" })
  if ((await you.getByText(name, { exact: true }).count()) > 0) return
  await you.getByRole("button", { name: /change who you are/u }).click()
  await page
    .getByRole("dialog")
    .getByRole("link", { name: new RegExp(`^${name} @`, "u") })
    .click()
  await you.getByText(name, { exact: true }).waitFor()
}

/** Types a line into the open channel and sends it; a slash command is run as it is typed. */
export const type = async (page: Page, line: string): Promise<void> => {
  const box = page.getByRole("textbox", { name: /^Message / })
  await box.fill(line)
  await box.press("Enter")
}

/** The newest message with this text. */
export const message = (page: Page, text: string | RegExp) =>
  page.getByRole("log", { name: "Messages" }).getByRole("article").filter({ hasText: text }).last()
