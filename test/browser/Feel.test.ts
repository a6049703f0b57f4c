/** What makes the page feel like a chat client that one knows: it says where one is, and keeps one's place. */
import type { Locator, Page } from "playwright-core"
import { expect, it } from "vitest"
import { message, patience, suite, type } from "./Chromium.js"

suite("the page's feel", (bot) => {
  const channel = (page: Page, name: string) =>
    page.getByRole("navigation", { name: "Channels" }).getByRole("link", { name }).first().click()
  /** Says so many lines in the open channel, faster than one types. */
  const fill = (page: Page, count: number) =>
    page.evaluate<void>(`(async () => {
      const { hash, search } = location
      for (let n = 0; n < ${count}; n++)
        await fetch("/page/act" + search, {
          method: "POST",
          headers: { "content-type": "application/json", "x-sandbox-page": "1" },
          body: JSON.stringify({ _tag: "Say", channel: hash.split("/")[2], content: "line " + n + "." }),
        })
    })()`)
  /** The first line that is seen. */
  const top = (page: Page) =>
    page.locator("page-log").evaluate((log) => {
      const { top } = log.getBoundingClientRect()
      const rows = [...log.querySelectorAll("[role=article]")]
      return /line \d+\./u.exec(
        rows.find((row) => row.getBoundingClientRect().bottom > top + 1)?.textContent ?? "",
      )?.[0]
    })
  const shows = async (page: Page, line: string | undefined) => {
    await expect.poll(() => top(page), patience).toBe(line)
  }

  it("says what it is and who one is, where nothing was said yet", async () => {
    const page = await bot.window("Ada")
    const log = page.getByRole("log", { name: "Messages" })
    await log.getByText(/This is a sandbox[^]*You are\s+Ada/u).waitFor()
    expect(await log.textContent()).toContain("commands")
  })

  it("shows the commands again after they were put away", async () => {
    const page = await bot.window("Ada")
    const box = page.getByRole("textbox", { name: "Message #general" })
    const list = page.getByRole("listbox", { name: "Commands" })
    await box.press("/")
    await list.waitFor()
    await page.keyboard.press("Escape")
    await list.waitFor({ state: "detached" })
    await page.keyboard.press("Backspace")
    await box.press("/")
    await list.waitFor()
    expect(await list.getByRole("option").count()).toBeGreaterThan(5)
  })

  it("makes a form of a command that was typed before the commands were there", async () => {
    const page = await bot.window("Ada")
    let answer = () => {}
    const asked = new Promise<void>((resolve) => (answer = resolve))
    await page.route(/page\/commands/u, async (route) => {
      await asked
      await route.continue()
    })
    await page.getByRole("textbox", { name: "Message #general" }).pressSequentially("/jobs run cl")
    answer()
    const field = page.getByRole("combobox", { name: "name" })
    await field.waitFor()
    await page.keyboard.type("ean")
    expect(await field.inputValue()).toBe("clean")
  })

  it("says what went wrong where it covers neither messages nor the line that one writes", async () => {
    const page = await bot.window("Ada")
    await fill(page, 30)
    await message(page, "line 29.").waitFor()
    await page.route(/page\/act/u, (route) => route.fulfill({ status: 403, json: { error: "Not today." } }))
    await type(page, "hello")
    const notice = page.getByRole("alert").filter({ hasText: "Not today." })
    const top = (await notice.boundingBox())?.y ?? 0
    const bottom = async (part: Locator) => {
      const box = await part.boundingBox()
      return (box?.y ?? Infinity) + (box?.height ?? 0)
    }
    for (const part of [message(page, "line 29."), page.locator("page-composer")])
      await expect.poll(() => bottom(part), patience).toBeLessThanOrEqual(top)
    // In full view still.
    await message(page, "line 29.").click({ trial: true })
  })

  it("sends what is written while the line before is still on its way, in order; what is refused stays", async () => {
    const page = await bot.window("Dan")
    let answer = () => {}
    const asked = new Promise<void>((resolve) => (answer = resolve))
    await page.route(/page\/act/u, async (route) => {
      const said = route.request().postData() ?? ""
      if (said.includes("swift one")) await asked
      if (said.includes("swift two")) await route.fulfill({ status: 403, json: { error: "Not today." } })
      else await route.continue()
    })
    await type(page, "swift one")
    await type(page, "swift two")
    await type(page, "swift three")
    await page.getByRole("textbox", { name: /^Message / }).fill("swift fo")
    answer()
    await message(page, "swift three").waitFor()
    expect(await page.getByRole("article").filter({ hasText: "swift" }).allInnerTexts()).toEqual([
      expect.stringContaining("swift one"),
      expect.stringContaining("swift three"),
    ])
    expect(await page.getByRole("textbox", { name: /^Message / }).inputValue()).toBe("swift two\nswift fo")
  })

  it("says that the bot suggests nothing", async () => {
    const page = await bot.window("Ada")
    await page.getByRole("textbox", { name: "Message #general" }).press("/")
    await page.getByRole("listbox", { name: "Commands" }).waitFor()
    await page.keyboard.type("jobs run ")
    await page.getByRole("combobox", { name: "name" }).pressSequentially("nonsense")
    await page.getByText("The bot suggests nothing").waitFor()
    expect(await page.getByRole("option", { name: "clean-up" }).count()).toBe(0)
  })

  it("keeps what one looks back at, over a reload and another channel, and leads to the newest", async () => {
    const page = await bot.window("Ben")
    await channel(page, "#tryouts")
    await page.getByRole("textbox", { name: "Message #tryouts" }).waitFor()
    await fill(page, 110)
    await message(page, "line 109.").waitFor()
    await page.reload()
    await message(page, "line 109.").waitFor()
    // What grows just then moves it too: one turns the wheel until one is there.
    const scroll = async (to: number, goal: Locator) => {
      const turn = async () => {
        await page.locator("page-log").evaluate((it, to) => it.scrollTo(0, to), to)
        return goal.count()
      }
      await expect.poll(turn, patience).toBeGreaterThan(0)
    }
    // What was older comes above.
    await scroll(0, message(page, "line 30."))
    const newest = page.getByRole("button", { name: /newest messages/u })
    await scroll(400, newest)
    const line = await top(page)
    await page.reload()
    await shows(page, line)
    await channel(page, "#general")
    await page.getByRole("textbox", { name: "Message #general" }).waitFor()
    await channel(page, "#tryouts")
    await shows(page, line)
    await newest.click()
    await newest.waitFor({ state: "detached" })
    await type(page, "the last word")
    expect(
      await message(page, "the last word")
        .boundingBox()
        .then((box) => box !== null),
    ).toBe(true)
    await page.reload()
    await message(page, "the last word").waitFor()
    expect(await newest.count()).toBe(0)
  })

  it("begins a thread with the message that it was started from", async () => {
    const page = await bot.window("Cleo")
    await type(page, "what is to be talked about")
    await message(page, "talked about").focus()
    await page.keyboard.press("Enter")
    await page.getByRole("menuitem", { name: "Start thread" }).click()
    await page.getByRole("textbox", { name: "Name of the thread" }).fill("Talk")
    await page.keyboard.press("Enter")
    await page.getByRole("textbox", { name: "Message #Talk" }).waitFor()
    await message(page, "what is to be talked about").waitFor()
    expect(await page.getByRole("article").count()).toBe(1)
  })

  it("shows the pictures that the bot gives: a sticker, the server's icon, avatars, an emoji", async () => {
    const page = await bot.window("Ada")
    const [, guildId, channelId] = new URL(page.url()).hash.split("/")
    const picture = Buffer.from(await (await fetch(`${bot.origin}/embed/avatars/3.png`)).arrayBuffer())
    const image = `data:image/png;base64,${picture.toString("base64")}`
    const call = async (method: string, path: string, body: object): Promise<Record<string, string>> => {
      const headers = { authorization: "Bot any", "content-type": "application/json" }
      const init = {
        method,
        ...(body instanceof FormData ? { body } : { body: JSON.stringify(body), headers }),
      }
      const answer = await fetch(`${bot.origin}/api/v10${path}`, {
        headers: { authorization: "Bot any" },
        ...init,
      })
      const text = await answer.text()
      expect([path, answer.ok, text]).toEqual([path, true, text])
      return (text === "" ? {} : JSON.parse(text)) as Record<string, string>
    }
    const form = new FormData()
    for (const [name, value] of Object.entries({ name: "anchor", description: "", tags: "anchor" }))
      form.append(name, value)
    form.append("file", new Blob([picture], { type: "image/png" }), "anchor.png")
    const sticker = await call("POST", `/guilds/${guildId}/stickers`, form)
    await call("PATCH", `/guilds/${guildId}`, { icon: image })
    await call("PATCH", "/users/@me", { avatar: image })
    const emoji = await call("POST", `/guilds/${guildId}/emojis`, { name: "buoy", image })
    const sent = await call("POST", `/channels/${channelId}/messages`, { sticker_ids: [sticker["id"]] })
    const forwarded = { type: 1, message_id: sent["id"], channel_id: channelId }
    await call("POST", `/channels/${channelId}/messages`, { message_reference: forwarded })
    await call("POST", `/channels/${channelId}/messages`, { content: `see <:buoy:${emoji["id"]}>` })
    const hook = await call("POST", `/channels/${channelId}/webhooks`, { name: "Crier", avatar: image })
    const write = (body: object) => call("POST", `/webhooks/${hook["id"]}/${hook["token"]}?wait=true`, body)
    await write({ content: "as the crier" })
    await write({ content: "as the town", username: "Town" })
    await message(page, "as the town").getByText("Town", { exact: true }).waitFor()
    const log = page.getByRole("log", { name: "Messages" })
    const seen = async (one: Locator) => {
      const width = () => one.evaluate((it) => (it as unknown as { naturalWidth: number }).naturalWidth)
      await expect.poll(width, patience).toBe(64)
      return new URL(String(await one.getAttribute("src")), bot.origin).pathname.split("/")[1]
    }
    for (const where of [log, log.getByRole("group", { name: "Forwarded message" })])
      expect(await seen(where.getByRole("img", { name: "Sticker: anchor" }).first())).toBe("stickers")
    expect(await seen(page.getByRole("navigation", { name: "Servers" }).locator("img"))).toBe("icons")
    expect(await seen(page.getByRole("complementary", { name: "Members" }).locator("img[src^='/']"))).toBe(
      "avatars",
    )
    expect(await seen(message(page, "see").getByRole("img", { name: ":buoy:" }))).toBe("emojis")
    expect(await seen(message(page, "as the crier").getByRole("img", { name: "Crier" }))).toBe("avatars")
  })

  it.for(["light", "dark"] as const)("can be read in the %s: times too", async (colorScheme) => {
    const page = await bot.window("Dan", { colorScheme })
    await type(page, "when?")
    const time = message(page, "when?").locator(".discord-message-timestamp").first()
    const ink = await time.evaluate(
      (it) =>
        (
          globalThis as unknown as { getComputedStyle: (it: unknown) => { readonly color: string } }
        ).getComputedStyle(it).color,
    )
    const ground = await page.evaluate<string>("getComputedStyle(document.body).backgroundColor")
    expect(contrast(ink, ground)).toBeGreaterThanOrEqual(4.5)
  })
})

/** WCAG: of `rgb(…)` colours. */
const contrast = (one: string, other: string): number => {
  const luminance = (color: string) => {
    const [red = 0, green = 0, blue = 0] = (color.match(/[\d.]+/gu) ?? []).map((part) => {
      const share = Number(part) / 255
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a)
  return (light + 0.05) / (dark + 0.05)
}
