/**
 * Makes the pictures of the README and the docs: the bot in its sandbox, played in a real browser.
 *
 *   npm run pictures
 *
 * Needs Chromium, at its usual place or where CHROMIUM says.
 */
import { spawn } from "node:child_process"
import { existsSync, mkdirSync } from "node:fs"
import { join } from "node:path"
import { env, execPath, exit, stderr } from "node:process"
import { chromium } from "playwright-core"
import { root } from "./build.mjs"

const executablePath = [env["CHROMIUM"], "/usr/bin/chromium", "/usr/bin/chromium-browser"].find(
  (path) => path !== undefined && existsSync(path),
)
if (executablePath === undefined) {
  stderr.write("There is no Chromium: apt-get install chromium, or set CHROMIUM to where it is\n")
  exit(1)
}

const directory = join(root, "docs", "pictures")
mkdirSync(directory, { recursive: true })
const bot = spawn(execPath, [join(root, "dist", "bin", "bosun.js"), "start", "--port", "0"], {
  stdio: ["ignore", "ignore", "pipe"],
})
const origin = await new Promise((resolve, reject) => {
  let said = ""
  bot.stderr.on("data", (chunk) => {
    said += String(chunk)
    const found = /Open (http:\/\/\S+?) in a browser/u.exec(said)?.[1]
    if (found !== undefined) resolve(found)
  })
  bot.once("exit", () => reject(new Error(said)))
})
const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--disable-dev-shm-usage", "--font-render-hinting=none"],
})

const window = async (as, options) => {
  const page = await browser.newPage({ viewport: { width: 1440, height: 800 }, ...options })
  await page.goto(origin)
  const you = page.getByRole("region", { name: "You" })
  await you.waitFor()
  if ((await you.getByText(as, { exact: true }).count()) === 0) {
    await you.getByRole("button", { name: /change who you are/u }).click()
    await page
      .getByRole("dialog")
      .getByRole("link", { name: new RegExp(`^${as} @`, "u") })
      .click()
    await you.getByText(as, { exact: true }).waitFor()
  }
  return page
}
const type = async (page, line) => {
  const box = page.getByRole("textbox", { name: /^Message / })
  await box.fill(line)
  await box.press("Enter")
}
const shows = (page, text) =>
  page.getByRole("log", { name: "Messages" }).getByRole("article").filter({ hasText: text }).last()
const shoot = async (page, name) => {
  // What moves comes to rest.
  await page.waitForTimeout(400)
  await page.screenshot({ path: join(directory, `${name}.png`) })
}

try {
  const ada = await window("Ada")
  await type(
    ada,
    "/tryout open name:Keepers channel:#tryouts role:@Player deadline:10 minutes questions:Your name? (text 2-40); Position? (choice goalkeeper, striker)",
  )
  await shows(ada, "is open").waitFor()

  const cleo = await window("Cleo", { colorScheme: "dark" })
  await type(cleo, "Ahoy! **Where** does one apply? :anchor:")
  await type(cleo, "/tryout apply name:Keepers")
  await cleo
    .getByRole("navigation", { name: "Channels" })
    .getByRole("link", { name: /keepers/iu })
    .click()
  await shows(cleo, "Your name?").waitFor()
  await type(cleo, "Cleo Keen")
  await shows(cleo, "Position?").getByRole("button", { name: "striker" }).waitFor()
  await cleo.getByRole("button", { name: "Developer", exact: true }).click()
  await cleo.getByRole("tab", { name: "Roster" }).click()
  await cleo.frameLocator("iframe").getByRole("row").filter({ hasText: "Cleo" }).first().waitFor()
  await shoot(cleo, "roster")
  await cleo.getByRole("button", { name: "Developer", exact: true }).click()
  await shows(cleo, "Position?").getByRole("button", { name: "striker" }).click()
  await shows(cleo, "Cleo Keen").getByRole("button", { name: "Send" }).click()

  await type(ada, "/userinfo member:@cleo")
  await shows(ada, /Cleo/u).waitFor()
  await ada.getByRole("navigation", { name: "Channels" }).getByRole("link", { name: "#tryouts" }).click()
  await shows(ada, "Cleo Keen").waitFor()
  await shoot(ada, "chat")
  await ada.getByRole("textbox", { name: /^Message / }).fill("/")
  await ada.getByRole("listbox", { name: "Commands" }).waitFor()
  await shoot(ada, "commands")
  await ada.getByRole("textbox", { name: /^Message / }).fill("")

  const ben = await window("Ben")
  await ben.getByRole("button", { name: "Developer", exact: true }).click()
  await ben.getByRole("tab", { name: "Faults" }).click()
  await ben.getByRole("button", { name: "flaky" }).click()
  await ben.getByRole("button", { name: "Put to work" }).click()
  await type(ben, "/ping text:still there")
  await shows(ben, "still there").waitFor()
  await shoot(ben, "faults")
} finally {
  await browser.close()
  bot.kill("SIGTERM")
}
