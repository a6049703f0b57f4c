/** The whole of it as somebody sees it who has just typed `npm start`: the bot, its sandbox, and a browser. */
import { expect, it } from "vitest"
import { become, message, suite, type } from "./Chromium.js"

suite("the page", (bot) => {
  it("runs a slash command that is picked, filled in with suggestions, and run by the keyboard alone", async () => {
    const page = await bot.window("Ada")
    const box = page.getByRole("textbox", { name: "Message #general" })
    await box.press("/")
    await page.getByRole("listbox", { name: "Commands" }).waitFor()
    await page.keyboard.type("jobs run")
    await page.keyboard.press("Tab")
    await page.getByRole("combobox", { name: "name" }).pressSequentially("clean")
    const suggestions = page.getByRole("option", { name: "clean-up" })
    await suggestions.waitFor()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Enter")
    await message(page, "clean-up").waitFor()
    await page.getByRole("note", { name: "Ada used /jobs run" }).waitFor()
  })

  it("says at the field what an option needs before anything is sent", async () => {
    const page = await bot.window("Ada")
    await type(page, "/purge count:5000")
    await page.getByRole("alert").filter({ hasText: /100/u }).first().waitFor()
    expect(await page.getByRole("log", { name: "Messages" }).getByText("/purge").count()).toBe(0)
  })

  it("presses a button in time; once its time is over, there is none to press", async () => {
    const page = await bot.window("Cleo")
    await type(page, "/privacy erase")
    await message(page, "Erase everything").getByRole("button", { name: "Keep it" }).click()
    await message(page, "Nothing was erased").waitFor()
    await type(page, "/privacy erase")
    const question = message(page, "Erase everything")
    await question.getByRole("button", { name: "Erase it" }).waitFor()
    await page.getByRole("button", { name: "Developer", exact: true }).click()
    await page.getByRole("tab", { name: "Clock" }).click()
    await page.getByRole("button", { name: "+15 min" }).click()
    await question.getByRole("button", { name: "Erase it" }).waitFor({ state: "detached" })
    await message(page, /time/iu).waitFor()
  })

  it("plays a try-out of two people in two windows, with a form filled in wrongly, then rightly", async () => {
    const ada = await bot.window("Ada")
    await type(
      ada,
      "/tryout open name:Keepers channel:#tryouts role:@Player deadline:10 minutes questions:Your name? (text 2-40); Position? (choice keeper, striker)",
    )
    await message(ada, "is open").waitFor()
    const cleo = await bot.window("Cleo")
    await type(cleo, "/tryout apply name:Keepers")
    await cleo
      .getByRole("navigation", { name: "Channels" })
      .getByRole("link", { name: /keepers/iu })
      .click()
    await message(cleo, "Your name?").waitFor()
    await type(cleo, "C")
    await message(cleo, /must be 2 to 40/u).waitFor()
    await type(cleo, "Cleo Keen")
    await message(cleo, "Position?").getByRole("button", { name: "striker" }).click()
    await message(cleo, "Cleo Keen").getByRole("button", { name: "Send" }).click()

    await ada.getByRole("navigation", { name: "Channels" }).getByRole("link", { name: "#tryouts" }).click()
    const card = message(ada, "Cleo Keen")
    const dialog = ada.getByRole("dialog")
    const again = card.getByRole("button", { name: "Ask again" })
    await again.click()
    // It is gone at the first press, and the second one breaks nothing.
    await dialog.getByRole("button", { name: "Cancel" }).dblclick()
    await dialog.waitFor({ state: "detached" })
    expect(await ada.getByRole("alert").filter({ hasText: /\w/u }).count()).toBe(0)
    await again.click()
    await dialog.getByRole("button", { name: "Submit" }).click()
    await dialog
      .getByText(/required/iu)
      .first()
      .waitFor()
    await dialog.getByRole("textbox").fill("Which club?")
    let release = () => {}
    const released = new Promise<void>((resolve) => (release = resolve))
    await ada.route(/page\/act/u, async (route) => {
      await released
      await route.continue()
    })
    await dialog.getByRole("button", { name: "Submit" }).click()
    // Put away while it is on its way, it stays away.
    await ada.keyboard.press("Escape")
    await dialog.waitFor({ state: "detached" })
    release()
    await cleo
      .getByRole("navigation", { name: "Servers" })
      .getByRole("link", { name: "Direct messages" })
      .click()
    await message(cleo, "Which club?").waitFor()
    expect(await dialog.count()).toBe(0)
  })

  it("ends a running command from the roster, and its person is told", async () => {
    const page = await bot.window("Dan")
    await type(page, "/privacy erase")
    await message(page, "Erase everything").waitFor()
    await page.getByRole("button", { name: "Developer", exact: true }).click()
    await page.getByRole("tab", { name: "Roster" }).click()
    const roster = page.frameLocator("iframe")
    const row = roster.getByRole("row").filter({ hasText: "/privacy erase" }).filter({ hasText: "Dan" })
    await row.waitFor()
    expect(await row.textContent()).toContain("waiting")
    await row.getByRole("button", { name: /Cancel/u }).click()
    await row.waitFor({ state: "detached" })
    await message(page, /administrator|stopped|cancelled/iu).waitFor()
  })

  it("copes with a fault that is switched on, and shows both in the traffic", async () => {
    const page = await bot.window("Ada")
    await page.getByRole("button", { name: "Developer", exact: true }).click()
    await page.getByRole("tab", { name: "Faults" }).click()
    await page.getByRole("button", { name: "Drop the socket" }).click()
    await page.getByRole("button", { name: "Unavailable (503)" }).click()
    await type(page, "/ping text:still there")
    await message(page, "still there").waitFor()
    await page.getByRole("tab", { name: "Traffic" }).click()
    const traffic = page.getByRole("tabpanel")
    await traffic.getByText("503").first().waitFor()
    await traffic.getByText("RESUMED").or(traffic.getByText("INTERACTION_CREATE")).first().waitFor()
    await page.getByRole("tab", { name: "Faults" }).click()
    await page.getByRole("textbox", { name: "Fault plan" }).fill("latency 5ms; nonsense 3%")
    await page.getByRole("button", { name: "Put to work" }).click()
    // Of what is wrong in a plan nothing is put to work.
    await page
      .getByRole("alert")
      .filter({ hasText: /nonsense/u })
      .waitFor()
    await page.getByText("None at work.").waitFor()
  })

  it("keeps its place over a reload, and goes back and forth", async () => {
    const page = await bot.window("Ben")
    await page.getByRole("navigation", { name: "Channels" }).getByRole("link", { name: "#mod-log" }).click()
    await page.getByRole("textbox", { name: "Message #mod-log" }).waitFor()
    await page.reload()
    await page.getByRole("textbox", { name: "Message #mod-log" }).waitFor()
    await page.getByRole("region", { name: "You" }).getByText("Ben", { exact: true }).waitFor()
    await page.goBack()
    await page.getByRole("textbox", { name: "Message #general" }).waitFor()
    await become(page, "Dan")
    expect(new URL(page.url()).searchParams.get("as")).not.toBeNull()
  })

  it("is what one chose to be, also after a reload", async () => {
    const page = await bot.window("Cleo")
    const status = page.getByRole("combobox", { name: "Your status" })
    await status.selectOption("idle")
    await page.getByRole("region", { name: "You" }).getByTitle("Idle").waitFor()
    // Whoever is away for longer than a reload takes is offline, and comes back.
    await page.goto("about:blank")
    await page.waitForTimeout(2000)
    await page.goBack()
    await page.getByRole("region", { name: "You" }).getByTitle("Idle").waitFor()
    expect(await status.inputValue()).toBe("idle")
    await status.selectOption("online")
  })

  it("tries again to load a channel where that failed", async () => {
    const page = await bot.window("Ada")
    await page.route(/page\/messages/u, (route) =>
      route.fulfill({ status: 404, json: { error: "Not just now." } }),
    )
    await page.getByRole("navigation", { name: "Channels" }).getByRole("link", { name: "#mod-log" }).click()
    const again = page.getByRole("button", { name: "Try again" })
    await again.waitFor()
    await page.unroute(/page\/messages/u)
    await page.getByText("This is the beginning of #mod-log.").or(page.getByRole("article")).first().waitFor()
    await again.waitFor({ state: "detached" })
    expect(await page.getByText("Loading…").count()).toBe(0)
  })

  it("says a refusal in the dialog that lies on top of everything else", async () => {
    const page = await bot.window("Ada")
    await page.getByRole("button", { name: /change who you are/u }).click()
    const dialog = page.getByRole("dialog")
    await page.route(/page\/act/u, (route) => route.fulfill({ status: 403, json: { error: "Not today." } }))
    await dialog.getByRole("checkbox", { name: "Takes direct messages" }).click()
    await dialog.getByRole("alert").filter({ hasText: "Not today." }).waitFor()
    await dialog.getByRole("button", { name: "Dismiss" }).click()
    await dialog.getByText("Not today.").waitFor({ state: "detached" })
    expect(await dialog.isVisible()).toBe(true)
  })

  it("shows what is private to its person alone, and what is said to everybody at once", async () => {
    const [ada, ben] = [await bot.window("Ada"), await bot.window("Ben")]
    await type(ada, "/settings show")
    await message(ada, /Only you can see this/u).waitFor()
    await type(ben, "**bold** <script>alert(1)</script> and ||hidden||")
    await message(ada, "bold").waitFor()
    expect(await message(ada, "bold").textContent()).toContain("<script>alert(1)</script>")
    expect(await ben.getByText(/Only you can see this/u).count()).toBe(0)
  })

  it("works in a narrow window and in the dark", async () => {
    const page = await bot.window("Ada", { colorScheme: "dark" })
    await page.setViewportSize({ width: 390, height: 780 })
    await type(page, "/ping text:narrow")
    await message(page, "narrow").waitFor()
    const wide = await page.evaluate<number>("document.documentElement.scrollWidth")
    expect(wide).toBeLessThanOrEqual(390)
    const background = await page.evaluate<string>("getComputedStyle(document.body).backgroundColor")
    expect(Number(/\d+/u.exec(background)?.[0])).toBeLessThan(100)
  })
})
