/** What a person does is neither lost, doubled nor misdirected where hands are quick and machines slow. */
import type { Page } from "playwright-core"
import { expect, it } from "vitest"
import { become, message, patience, suite, type } from "./Chromium.js"

suite("quick hands", (bot) => {
  const never = /(?!)/u
  /** Holds requests back until they are released; those that are like `refused` are refused then. */
  const hold = async (page: Page, path: string, like = /^/u, refused = never) => {
    const held: Array<string> = []
    let release = () => {}
    const released = new Promise<void>((resolve) => (release = resolve))
    await page.route(`**/page/${path}*`, async (route) => {
      const body = route.request().postData() ?? ""
      if (!like.test(body)) return route.fallback()
      held.push(body)
      await released
      if (refused.test(body)) await route.fulfill({ status: 403, json: { error: "Not today." } })
      else await route.continue().catch(() => {})
    })
    return { held, release }
  }
  const box = (page: Page) => page.getByRole("textbox", { name: /^Message / })
  const says = async (page: Page, text: string) => {
    await expect.poll(() => box(page).inputValue(), patience).toBe(text)
  }
  const go = async (page: Page, name: string) => {
    await page.getByRole("navigation", { name: "Channels" }).getByRole("link", { name }).first().click()
    await page.getByRole("textbox", { name: `Message ${name}` }).waitFor()
  }
  /** Done by somebody, faster than by hand. */
  const act = (page: Page, as: string, deed: object) =>
    page.evaluate<string>(`(async () => {
      const answer = await fetch("/page/act?as=${as}", {
        method: "POST",
        headers: { "content-type": "application/json", "x-sandbox-page": "1" },
        body: ${JSON.stringify(JSON.stringify(deed))},
      })
      return (await answer.json()).person
    })()`)

  it("takes the next line while a command is on its way; what is refused comes back beside it", async () => {
    const page = await bot.window("Ada")
    const commands = await hold(page, "commands")
    const slash = await hold(page, "act", /"Slash"/u, /refuse me/u)
    await type(page, "/ping text:once")
    await page.keyboard.press("Enter")
    await type(page, "/ping text:other")
    await page.keyboard.type("meanwhile")
    commands.release()
    await expect.poll(() => slash.held.length, patience).toBe(1)
    await says(page, "meanwhile")
    await page.keyboard.press("Enter")
    await type(page, "/ping text:refuse me")
    await page.keyboard.type("and then")
    slash.release()
    const form = page.getByRole("form", { name: "Command ping" })
    await form.getByRole("alert").filter({ hasText: "Not today." }).waitFor()
    expect(await form.getByRole("combobox", { name: "text" }).inputValue()).toBe("refuse me")
    await page.keyboard.type(" more")
    await form.getByRole("button", { name: "Cancel" }).click()
    await says(page, "and then more")
    await message(page, "meanwhile").waitFor()
    await message(page, "once").waitFor()
    await message(page, "other").waitFor()
    expect(slash.held.filter((body) => body.includes("once"))).toHaveLength(1)
  })

  it("keeps what is begun in its channel, and for its person, whatever is on its way", async () => {
    const page = await bot.window("Cleo")
    const say = await hold(page, "act", /"Say"|"Slash"|"Thread"/u, /never mind/u)
    await type(page, "never mind one")
    await type(page, "never mind two")
    await type(page, "/ping text:never mind")
    await go(page, "#tryouts")
    await box(page).fill("another draft")
    say.release()
    await page.getByRole("alert").filter({ hasText: "Not today." }).waitFor()
    await says(page, "another draft")
    await go(page, "#general")
    await says(page, "never mind one\nnever mind two")

    const later = await hold(page, "act", /"Say"|"Thread"/u)
    await type(page, "on its way")
    await type(page, "waits one")
    await type(page, "waits two")
    await page.getByRole("button", { name: "Start a thread" }).click()
    const dialog = page.getByRole("dialog")
    await dialog.getByRole("textbox", { name: "Name" }).fill("Elsewhere")
    await dialog.getByRole("button", { name: "Start" }).click()
    await expect.poll(() => later.held.length, patience).toBe(2)
    await page.keyboard.press("Escape")
    await go(page, "#tryouts")
    await page.reload()
    await says(page, "another draft")
    await become(page, "Dan")
    await become(page, "Cleo")
    await says(page, "another draft")
    await go(page, "#general")
    await says(page, "on its way\nwaits one\nwaits two")
  })

  it("goes back to what was begun before an edit; takes a file along that is still being read", async () => {
    const page = await bot.window("Dan")
    await type(page, "to be edtied")
    await message(page, "to be edtied").waitFor()
    await page
      .getByLabel("Attach files")
      .setInputFiles({ name: "note.txt", mimeType: "text/plain", buffer: Buffer.from("note") })
    const attached = page.getByRole("button", { name: "Remove note.txt" })
    await attached.waitFor()
    await box(page).fill("half a thought")
    await message(page, "to be edtied").hover()
    await message(page, "to be edtied").getByRole("button", { name: "Edit", exact: true }).click()
    await says(page, "to be edtied")
    await type(page, "to be edited")
    await message(page, "to be edited").waitFor()
    await says(page, "half a thought")
    await attached.click()
    // One who pastes and presses Enter.
    await page.evaluate<void>(`(() => {
      const area = document.querySelector("page-composer textarea")
      const clipboardData = new DataTransfer()
      clipboardData.items.add(new File(["x".repeat(4_000_000)], "large.txt", { type: "text/plain" }))
      area.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }))
      area.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }))
    })()`)
    await message(page, "half a thought").getByText("large.txt").first().waitFor()
    expect(await page.getByRole("button", { name: /^Remove / }).count()).toBe(0)
    // One who pastes and begins an edit.
    await page.evaluate<void>(`(async () => {
      const area = document.querySelector("page-composer textarea")
      const clipboardData = new DataTransfer()
      const file = new File(["x".repeat(4_000_000)], "other.txt", { type: "text/plain" })
      clipboardData.items.add(file)
      area.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }))
      area.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowUp", bubbles: true, cancelable: true }))
      const later = new FileReader()
      await new Promise((resolve) => {
        later.addEventListener("load", resolve)
        later.readAsDataURL(file)
      })
    })()`)
    await says(page, "half a thought")
    await box(page).press("Escape")
    await page.getByRole("button", { name: "Remove other.txt" }).waitFor()
  })

  it("waits for all files of a command", async () => {
    const page = await bot.window("Ada")
    await page.evaluate<void>(`(() => {
      const { page } = document.querySelector("page-composer")
      const form = document.createElement("page-command")
      const tryAct = async ({ values }) => ((form.title = Object.keys(values).join()), {})
      const field = { description: "", type: 11, required: true, autocomplete: false, choices: [], channelTypes: [] }
      const fields = ["one", "two"].map((name) => ({ ...field, name }))
      const leaf = { name: "files", description: "", fields }
      Object.assign(form, { page: { ...page, tryAct }, leaf, texts: {}, hasty: false, channelId: "1" })
      document.querySelector("main").prepend(form)
      fields.forEach(({ name }, n) => {
        const input = form.querySelector('input[type=file][data-field="' + name + '"]')
        const files = new DataTransfer()
        files.items.add(new File(["x".repeat(n === 0 ? 4_000_000 : 1)], name + ".txt"))
        input.files = files.files
        input.dispatchEvent(new Event("change", { bubbles: true }))
      })
      form.querySelector("form").requestSubmit()
    })()`)
    await expect.poll(() => page.getByTitle("one,two", { exact: true }).count(), patience).toBe(1)
  })

  it("does once what is pressed twice, and leaves whoever went on where they are", async () => {
    const page = await bot.window("Ada")
    const acts = await hold(page, "act", /"Person"|"Advance"|"Thread"/u)
    await page.getByRole("button", { name: "Start a thread" }).click()
    const dialog = page.getByRole("dialog")
    await dialog.getByRole("textbox", { name: "Name" }).fill("Elsewhere")
    await dialog.getByRole("button", { name: "Start" }).click()
    await expect.poll(() => acts.held.length, patience).toBe(1)
    await page.keyboard.press("Escape")
    await dialog.waitFor({ state: "detached" })
    await go(page, "#tryouts")
    await page.getByRole("button", { name: "Developer", exact: true }).click()
    await page.getByRole("tab", { name: "Clock" }).click()
    await page.getByRole("button", { name: "+10 s" }).evaluate((button: { click: () => void }) => {
      button.click()
      button.click()
    })
    await page.getByRole("button", { name: /change who you are/u }).click()
    await dialog.getByRole("textbox", { name: "New person" }).fill("Zoe")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Enter")
    await expect.poll(() => acts.held.length, patience).toBeGreaterThanOrEqual(3)
    acts.release()
    await dialog
      .getByRole("link", { name: /^Zoe @/u })
      .first()
      .waitFor()
    await page.keyboard.press("Escape")
    await page.getByRole("link", { name: /Elsewhere/u }).waitFor()
    expect(acts.held).toHaveLength(3)
    await page.getByRole("textbox", { name: "Message #tryouts" }).waitFor()
  })

  it("takes what was pointed at, though the list changes; opens no menu over what is being written", async () => {
    const page = await bot.window("Ada")
    const [, guild = ""] = new URL(page.url()).hash.split("/")
    const [yan, zed] = [
      await act(page, "", { _tag: "Person", name: "Cyan" }),
      await act(page, "", { _tag: "Person", name: "Czed" }),
    ]
    for (const one of [yan, zed]) await act(page, one, { _tag: "Join", guild })
    const commands = await hold(page, "commands")
    await type(page, "what there is to do")
    const said = message(page, "what there is to do")
    await said.hover()
    await said.getByRole("button", { name: "More" }).click()
    await expect.poll(() => commands.held.length, patience).toBe(1)
    await box(page).press("/")
    commands.release()
    await page.getByRole("listbox", { name: "Commands" }).waitFor()
    expect(await page.getByRole("menu").count()).toBe(0)

    await page.keyboard.type("userinfo member:c")
    const rows = page.getByRole("listbox", { name: "Choices for member" }).getByRole("option")
    await rows.filter({ hasText: "Czed" }).waitFor()
    const selected = rows.and(page.getByRole("option", { selected: true }))
    while (!(await selected.innerText()).includes("Czed")) await page.keyboard.press("ArrowDown")
    await act(page, yan, { _tag: "Leave", guild })
    await expect.poll(async () => (await rows.allInnerTexts()).at(-1), patience).toContain("Cyan")
    await page.keyboard.press("Enter")
    expect(await page.getByRole("combobox", { name: "member" }).inputValue()).toBe("Czed")

    // A menu of a message, whose list may change at any time.
    await page.evaluate<void>(`(() => {
      const item = (value) => ({ value, label: value })
      const menu = document.createElement("page-select")
      Object.assign(menu, { label: "Fruit", max: 2, items: ["apple", "fig", "pear"].map(item) })
      menu.addEventListener("choose", ({ detail }) => (menu.title = detail.join()))
      menu.addEventListener("shrink", () => (menu.items = ["fig", "pear"].map(item)))
      document.querySelector("main").prepend(menu)
    })()`)
    const menu = page.getByRole("combobox", { name: "Fruit" })
    await menu.press("a")
    await menu.press("Enter")
    await menu.press("p")
    await page.locator("page-select").first().dispatchEvent("shrink")
    await menu.press("Enter")
    await menu.press("Tab")
    await page.getByTitle("pear", { exact: true }).waitFor()
  })
})
