import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "effect/FastCheck"
import type * as Protocol from "../../../src/sandbox/page/Protocol.js"
import { Sandbox } from "../../../src/sandbox/Sandbox.js"
import * as Commands from "../../../src/sandbox/world/Commands.js"
import * as Guilds from "../../../src/sandbox/world/Guilds.js"
import * as InProcess from "../InProcess.js"
import * as Windows from "./Windows.js"

const page = Effect.provide(Windows.layer())

const setUp = Effect.gen(function* () {
  const { world } = yield* Sandbox
  const guild = [...world.guilds.values()][0]
  const general = [...world.channels.values()].find(({ name }) => name === "general")
  if (guild === undefined || general === undefined) return yield* Effect.dieMessage("no Harbour")
  const ada = yield* Windows.open("ada")
  const ben = yield* Windows.open("ben")
  return { world, guild, general: general.id, ada, ben }
})

const withContent = (content: string) => Windows.message(({ message }) => message.content === content)

const interaction = (id: string | undefined, state: Protocol.Interaction["state"]) => (live: Protocol.Live) =>
  live._tag === "Interaction" && live.interaction.id === id && live.interaction.state === state
    ? live.interaction
    : undefined

/** Lets what was begun reach the windows. */
const settle = Effect.sleep("150 millis")

describe("two windows", () => {
  it.scopedLive("begin with the place as each sees it", () =>
    Effect.gen(function* () {
      const { ada, general, guild, world } = yield* setUp
      const [hello] = ada.heard
      expect(hello).toMatchObject({ _tag: "Hello", modals: [], panels: [], clock: { movable: false } })
      const place = ada.place()
      expect(place).toMatchObject({ me: { username: "ada", name: "Ada" }, botOnline: false })
      expect(place.people.map(({ username }) => username)).toEqual(["Bosun", "ada", "ben", "cleo", "dan"])
      expect(place.guilds).toMatchObject([{ id: guild.id, name: "Harbour", ownerId: ada.id }])
      expect(place.guilds[0]?.channels.find(({ id }) => id === general)).toMatchObject({
        name: "general",
        closed: null,
      })
      expect(place.directs).toMatchObject([{ guildId: null, name: "Bosun", closed: null }])
      expect(place.botId).toBe(world.bot.id)
    }).pipe(page),
  )

  it.scopedLive("see the same messages, reactions, edits, and what is gone", () =>
    Effect.gen(function* () {
      const { ada, ben, general } = yield* setUp
      const { message: id = "" } = yield* ada.act({ _tag: "Say", channel: general, content: "ahoy" })
      for (const window of [ada, ben]) yield* window.when(withContent("ahoy"))
      yield* ben.act({ _tag: "React", message: id, emoji: "👍", on: true })
      yield* ben.when(Windows.message(({ reacted }) => reacted.includes("👍")))
      const seen = yield* ada.when(Windows.message(({ message }) => message.reactions?.[0]?.count === 1))
      expect(seen.reacted).toEqual([])
      yield* ada.act({ _tag: "Edit", message: id, content: "ahoy there" })
      yield* ben.when(withContent("ahoy there"))
      yield* ben.act({ _tag: "React", message: id, emoji: "👍", on: false })
      yield* ben.act({ _tag: "Type", channel: general })
      yield* ada.when((live) => (live._tag === "Typing" && live.userId === ben.id ? live : undefined))
      expect(yield* ben.act({ _tag: "Delete", message: id })).toMatchObject({ status: 200 })
      yield* ada.when((live) => (live._tag === "MessageGone" && live.id === id ? live : undefined))
      yield* settle
      expect(ada.messages(general)).toEqual([])
    }).pipe(page),
  )

  it.scopedLive("show an answer for one person to that person alone", () =>
    Effect.gen(function* () {
      const { ada, ben, general } = yield* setUp
      const bot = yield* Windows.bot
      yield* ada.when((live) => (live._tag === "Place" && live.place.botOnline ? live : undefined))
      const asked = yield* ada.act({ _tag: "Slash", channel: general, command: "go", values: { where: "x" } })
      yield* bot.answer(4, { content: "psst", flags: 64 })
      const shown = yield* ada.when(withContent("psst"))
      expect(shown.ephemeral).toBe(true)
      yield* ada.when(interaction(asked.interaction, "Responded"))
      yield* settle
      expect(ben.heard.filter(({ _tag }) => _tag === "Message" || _tag === "Interaction")).toEqual([])
      expect((yield* ada.history(general)).messages.map(({ message }) => message.content)).toEqual(["psst"])
      expect((yield* ben.history(general)).messages).toEqual([])
      const { id } = shown.message
      expect(yield* ben.act({ _tag: "Delete", message: id })).toMatchObject({ status: 404 })
      yield* ada.act({ _tag: "Delete", message: id })
      yield* ada.when((live) => (live._tag === "MessageGone" && live.id === id ? live : undefined))
    }).pipe(page),
  )

  it.scopedLive("follow an interaction through its states, and its modal on every window of its person", () =>
    Effect.gen(function* () {
      const { ada, ben, general } = yield* setUp
      const other = yield* Windows.open("ada")
      expect(yield* ada.act({ _tag: "Slash", channel: general, command: "go", values: {} })).toMatchObject({
        status: 404,
      })
      const bot = yield* Windows.bot
      const slow = yield* ada.act({ _tag: "Slash", channel: general, command: "go", values: {} })
      yield* ada.when(interaction(slow.interaction, "Waiting"))
      const { token } = yield* bot.answer(5)
      yield* ada.when(interaction(slow.interaction, "Deferred"))
      yield* ben.when(Windows.message(({ thinking }) => thinking))
      const sandbox = yield* Sandbox
      yield* InProcess.call(
        sandbox,
        "PATCH",
        `/webhooks/${sandbox.world.bot.id}/${token}/messages/@original`,
        { content: "there" },
      )
      yield* ada.when(interaction(slow.interaction, "Responded"))
      yield* ben.when(withContent("there"))
      expect(ben.messages(general).map(({ thinking }) => thinking)).toEqual([false])

      const form = yield* ada.act({ _tag: "Slash", channel: general, command: "go", values: {} })
      yield* bot.answer(9, {
        custom_id: "m",
        title: "Where to?",
        components: [
          { type: 18, label: "Port", component: { type: 4, custom_id: "port", style: 1, max_length: 5 } },
        ],
      })
      for (const window of [ada, other])
        yield* window.when((live) => (live._tag === "Modal" ? live.modal : undefined))
      const submit = (port: string) =>
        ada.act({ _tag: "Submit", interactionId: form.interaction ?? "", fields: { port } })
      expect(yield* submit("too long")).toMatchObject({
        status: 403,
        error: "The field Port takes 0 to 5 characters.",
      })
      const sent = yield* submit("Kiel")
      yield* bot.answer(4, { content: "to Kiel" })
      for (const window of [ada, other])
        yield* window.when((live) => (live._tag === "ModalGone" ? live.interactionId : undefined))
      yield* other.when(interaction(sent.interaction, "Responded"))
      expect(yield* submit("Kiel")).toMatchObject({ status: 404 })
      expect(ben.heard.some(({ _tag }) => _tag === "Modal")).toBe(false)
    }).pipe(page),
  )

  it.scopedLive("complete an option, and say where the bot does not answer", () =>
    Effect.gen(function* () {
      const { ada, general } = yield* setUp
      const bot = yield* Windows.bot
      const offered = (yield* Windows.get(
        `/page/commands?as=${ada.id}&channel=${general}`,
      )) as Protocol.Offered
      expect(offered.commands.map(({ name }) => name)).toEqual(["go"])
      const typed = yield* ada.act({
        _tag: "Autocomplete",
        channel: general,
        command: "go",
        focused: "where",
        values: { where: "K" },
      })
      yield* bot.answer(8, { choices: [{ name: "Kiel", value: "kiel" }] })
      const choices = yield* ada.when((live) =>
        live._tag === "Choices" && live.interactionId === typed.interaction ? live.choices : undefined,
      )
      expect(choices).toEqual([{ name: "Kiel", value: "kiel" }])
      const lost = yield* ada.act({ _tag: "Slash", channel: general, command: "go", values: {} })
      const failed = yield* ada.when(interaction(lost.interaction, "Failed"))
      expect(failed.reason).toBe("The application did not respond")
    }).pipe(page),
  )

  it.scopedLive("hear of the place again when it changes, and never of what one does not see", () =>
    Effect.gen(function* () {
      const { ada, ben, guild, world } = yield* setUp
      const channelNames = (window: Windows.Window) =>
        window.place().guilds.flatMap(({ channels }) => channels.map(({ name }) => name))
      const hidden = [{ id: guild.id, type: 0 as const, allow: 0n, deny: 1n << 10n }]
      const secret = Guilds.addChannel(world, guild, { name: "bridge", overwrites: hidden })
      yield* ada.when((live) =>
        live._tag === "Place" && channelNames(ada).includes("bridge") ? live : undefined,
      )
      yield* ada.act({ _tag: "Say", channel: secret.id, content: "between us" })
      yield* ada.when(withContent("between us"))
      yield* settle
      expect(channelNames(ben)).toEqual(["general", "tryouts", "mod-log"])
      expect(JSON.stringify(ben.heard)).not.toContain("between us")
      expect(yield* ben.act({ _tag: "Say", channel: secret.id, content: "hm" })).toMatchObject({
        status: 404,
      })
      expect((yield* Windows.ask("GET", `/page/messages?as=${ben.id}&channel=${secret.id}`)).status).toBe(404)

      const { channel = "" } = yield* ben.act({
        _tag: "Thread",
        channel: channelIdOf(ben, "general"),
        name: "Knots",
      })
      for (const window of [ada, ben])
        yield* window.when(({ _tag }) =>
          _tag === "Place" && channelNames(window).includes("Knots") ? true : undefined,
        )
      yield* ada.act({ _tag: "Say", channel, content: "bowline" })
      yield* ben.when(withContent("bowline"))
      const known = ben.heard.findIndex((live) => "place" in live && JSON.stringify(live).includes("Knots"))
      const first = ben.heard.findIndex((live) => live._tag === "Message" && live.channelId === channel)
      expect(known).toBeLessThan(first)

      yield* ben.act({ _tag: "Status", status: "dnd" })
      yield* ada.when((live) =>
        "place" in live &&
        live.place.guilds[0]?.members.some(({ status, userId }) => userId === ben.id && status === "dnd")
          ? true
          : undefined,
      )
      yield* ben.act({ _tag: "Directs", closed: true })
      yield* ben.when((live) => ("place" in live && live.place.directsClosed ? true : undefined))
      const { person = "" } = yield* ada.act({ _tag: "Person", name: "Eve Gale" })
      yield* ben.when((live) =>
        "place" in live && live.place.people.some(({ id }) => id === person) ? true : undefined,
      )
      const eve = yield* Windows.open(person)
      expect(eve.place()).toMatchObject({ me: { username: "evegale", name: "Eve Gale" }, guilds: [] })
      yield* eve.act({ _tag: "Join", guild: guild.id })
      yield* eve.when((live) => ("place" in live && live.place.guilds.length === 1 ? true : undefined))
      yield* eve.act({ _tag: "Leave", guild: guild.id })
      yield* eve.when((live) => (live._tag === "Place" && live.place.guilds.length === 0 ? true : undefined))
      expect(yield* ada.act({ _tag: "Leave", guild: guild.id })).toMatchObject({
        status: 403,
        error: "ada owns Harbour, and an owner cannot leave.",
      })
    }).pipe(page),
  )

  it.scopedLive("say when a time-out closes a channel, and when it opens again", () =>
    Effect.gen(function* () {
      const { ben, general, guild, world } = yield* setUp
      const dan = yield* Windows.open("dan")
      const member = guild.members.get(dan.id)
      if (member === undefined) return yield* Effect.dieMessage("no dan")
      const isClosed = (place: Protocol.Place) =>
        place.guilds[0]?.channels.find(({ id }) => id === general)?.closed
      member.timeoutUntil = world.now() + 2_500
      Guilds.memberChanged(world, guild, member)
      yield* dan.when((live) =>
        "place" in live && /^You are in time-out until \d.* UTC\.$/u.test(isClosed(live.place) ?? "")
          ? true
          : undefined,
      )
      const refused = yield* dan.act({ _tag: "Say", channel: general, content: "let me" })
      expect(refused).toMatchObject({ status: 403 })
      expect(refused.error).toMatch(/^dan may not write in #general: in time-out for another [123] s\.$/u)
      expect(isClosed(ben.place())).toBe(null)
      const told = new Set(dan.heard)
      yield* dan.when((live) =>
        !told.has(live) && "place" in live && isClosed(live.place) === null ? true : undefined,
      )
      expect(yield* dan.act({ _tag: "Say", channel: general, content: "free" })).toMatchObject({
        status: 200,
      })
    }).pipe(page),
  )
})

const channelIdOf = (window: Windows.Window, name: string): string =>
  window.place().guilds[0]?.channels.find((one) => one.name === name)?.id ?? ""

describe("a window", () => {
  it.scopedLive(
    "publish no command that is not there, or that one may not use, unless it is meant as a text",
    () =>
      Effect.gen(function* () {
        const { ada, general, world } = yield* setUp
        const dan = yield* Windows.open("dan")
        const raw = { type: 1, name: "ban", description: "Bans", default_member_permissions: "4" }
        Commands.put(world, null, raw)
        const say = (content: string) => dan.act({ _tag: "Say", channel: general, content })
        expect((yield* say("/nothing now")).error).toMatch(
          /^There is no command \/nothing here\. \/ shows what/u,
        )
        expect((yield* say("/ban dan")).error).toMatch(/^You may not use \/ban here\./u)
        expect((yield* ada.act({ _tag: "Say", channel: general, content: "/ban x" })).error).toMatch(
          /^\/ban cannot/u,
        )
        expect(yield* say(" /nothing now")).toMatchObject({ status: 200 })
        yield* ada.when(withContent("/nothing now"))
      }).pipe(page),
  )

  it.scopedLive("shows files again, from where the sandbox keeps them", () =>
    Effect.gen(function* () {
      const { ada, ben, general } = yield* setUp
      const bytes = Buffer.from("<script>alert(1)</script>")
      yield* ada.act({
        _tag: "Say",
        channel: general,
        content: "",
        files: [{ name: "a.html", contentType: "text/html", base64: bytes.toString("base64") }],
      })
      const { message } = yield* ben.when(Windows.message((shown) => shown.message.attachments.length === 1))
      const [file] = message.attachments
      expect(file).toMatchObject({ filename: "a.html", size: bytes.byteLength })
      const url = new URL(file?.url ?? "")
      const kept = yield* Windows.ask("GET", `${url.pathname}${url.search}`)
      expect(kept).toMatchObject({ status: 200, text: bytes.toString("utf8") })
      // Opened by itself it would be a page of this origin.
      expect(kept.headers).toMatchObject({ "x-content-type-options": "nosniff" })
      expect(String(kept.headers["content-security-policy"])).toContain("sandbox")
    }).pipe(page),
  )

  it.scopedLive("loads what is older, 50 at a time", () =>
    Effect.gen(function* () {
      const { ada, general } = yield* setUp
      const actor = yield* Effect.flatMap(Sandbox, (sandbox) => sandbox.actor("ada"))
      for (let n = 0; n < 120; n++) yield* actor.say("general", String(n))
      const contents = ({ messages }: Protocol.History) =>
        messages.map(({ message }) => Number(message.content))
      const newest = yield* ada.history(general)
      expect(contents(newest)).toEqual(Array.from({ length: 50 }, (_, n) => 70 + n))
      const older = yield* ada.history(general, newest.messages[0]?.message.id)
      const oldest = yield* ada.history(general, older.messages[0]?.message.id)
      expect([newest.more, older.more, oldest.more]).toEqual([true, true, false])
      expect(contents(oldest)).toEqual(Array.from({ length: 20 }, (_, n) => n))
      expect(
        (yield* Windows.ask("GET", `/page/messages?as=${ada.id}&channel=${general}&before=x`)).status,
      ).toBe(400)
    }).pipe(page),
  )

  it.scopedLive("is told of the traffic, requests again with their answers, and of no token", () =>
    Effect.gen(function* () {
      const { ada, general } = yield* setUp
      const bot = yield* Windows.bot
      const { world } = yield* Sandbox
      yield* ada.act({ _tag: "Slash", channel: general, command: "go", values: {} })
      const { token } = yield* bot.answer(4, { content: "hi" })
      const request = yield* ada.when((live) =>
        live._tag === "Traffic"
          ? live.entries.find(({ name, status }) => name.endsWith("/callback") && status !== null)
          : undefined,
      )
      expect(request).toMatchObject({ kind: "request" })
      expect(request.body).toContain('"content":"hi"')
      yield* settle
      const late = yield* Windows.open("cleo")
      const [hello] = late.heard
      const traffic = hello?._tag === "Hello" ? hello.traffic : []
      expect(traffic.map(({ name }) => name)).toContain("INTERACTION_CREATE")
      expect(traffic.map(({ n }) => n)).toEqual([...traffic.map(({ n }) => n)].sort((a, b) => a - b))
      const told = JSON.stringify([ada.heard, late.heard])
      expect(told).not.toContain(token)
      for (const { id } of world.guilds.values()) expect(told).toContain(id)
    }).pipe(page),
  )

  it.scopedLive("switches faults on and off", () =>
    Effect.gen(function* () {
      const { ada, ben } = yield* setUp
      expect(yield* ada.act({ _tag: "Plan", plan: "seed=3; error 100% status=503" })).toEqual({ status: 200 })
      const at = yield* ben.when((live) => (live._tag === "Faults" ? live.faults : undefined))
      expect(at.plan).toBe("seed=3; error 100% status=503")
      expect(Object.keys(at.presets)).toContain("storm")
      const headers = { authorization: "Bot any" }
      const status = Effect.map(
        Windows.ask("GET", "/api/v10/users/@me", { headers }),
        (answer) => answer.status,
      )
      expect(yield* status).toBe(503)
      yield* ben.when((live) =>
        live._tag === "Faults" && live.faults.counts["error"] === 1 ? true : undefined,
      )
      yield* ada.act({ _tag: "Plan", plan: null })
      yield* ben.when((live) => (live._tag === "Faults" && live.faults.plan === null ? true : undefined))
      expect(yield* status).toBe(200)
      expect(yield* ada.act({ _tag: "Fault", rule: "error status=500" })).toEqual({ status: 200 })
      expect(yield* status).toBe(500)
      expect(yield* status).toBe(200)
      // What was done by the plan that is over, and singly.
      yield* ben.when((live) =>
        live._tag === "Faults" && live.faults.counts["error"] === 2 ? true : undefined,
      )
      const mixed = yield* ada.act({ _tag: "Plan", plan: "storm; drop 1%" })
      expect(mixed.error).toMatch(/^A preset stands alone: storm/u)
      for (const act of [
        { _tag: "Plan", plan: "eror 3%" },
        { _tag: "Fault", rule: "error; error" },
      ])
        expect(yield* ada.act(act)).toMatchObject({ status: 400, error: expect.stringMatching(/./u) })
      expect(yield* ada.act({ _tag: "Advance", millis: 1_000 })).toMatchObject({ status: 409 })
    }).pipe(page),
  )

  it.scopedLive("moves the clock where it can be moved", () => {
    const moved: Array<number> = []
    let moving = false
    const clock = {
      advance: (millis: number) =>
        Effect.gen(function* () {
          moving = true
          yield* Effect.sleep("600 millis")
          moving = false
          moved.push(millis)
        }),
      moving: () => moving,
    }
    return Effect.gen(function* () {
      const { ada, ben } = yield* setUp
      expect(ada.heard[0]).toMatchObject({ clock: { movable: true, moving: false } })
      expect(yield* ada.act({ _tag: "Advance", millis: 60_000 })).toEqual({ status: 200 })
      expect(moved).toEqual([60_000])
      yield* ben.when((live) => (live._tag === "Clock" && live.clock.moving ? true : undefined))
      yield* ben.when((live) => (live._tag === "Clock" && !live.clock.moving ? true : undefined))
    }).pipe(Effect.provide(Windows.layer({ clock })))
  })

  it.scopedLive("has been told what history shows afterwards, whatever was done", () =>
    Effect.gen(function* () {
      const { ada, ben, general } = yield* setUp
      const cleo = yield* Windows.open("cleo")
      const windows = [ada, ben, cleo]
      const step = fc.record({
        who: fc.nat(2),
        what: fc.constantFrom("say", "say", "say", "edit", "delete", "react", "unreact", "pin", "thread"),
        which: fc.nat(5),
      })
      const [steps] = fc.sample(fc.array(step, { minLength: 60, maxLength: 60 }), { numRuns: 1, seed: 7 })
      const written: Array<string> = []
      for (const [n, { what, which, who }] of (steps ?? []).entries()) {
        const window = windows[who] ?? ada
        const message = written[written.length - 1 - (which % Math.max(1, written.length))] ?? ""
        switch (what) {
          case "say": {
            const done = yield* window.act({ _tag: "Say", channel: general, content: `word ${n}` })
            if (done.message !== undefined) written.push(done.message)
            break
          }
          case "edit":
            yield* window.act({ _tag: "Edit", message, content: `changed ${n}` })
            break
          case "delete":
            yield* window.act({ _tag: "Delete", message })
            break
          case "pin":
            yield* window.act({ _tag: "Pin", message, on: true })
            break
          case "thread":
            yield* window.act({ _tag: "Thread", channel: general, name: `thread ${n}`, message })
            break
          default:
            yield* window.act({ _tag: "React", message, emoji: "⚓", on: what === "react" })
        }
      }
      yield* ada.act({ _tag: "Say", channel: general, content: "that was all" })
      for (const window of windows) {
        yield* window.when(withContent("that was all"))
        const { messages } = yield* window.history(general)
        expect(messages.length).toBeGreaterThan(10)
        const now = window.messages(general).slice(-messages.length)
        expect(now).toEqual(messages)
      }
    }).pipe(page),
  )

  it.scopedLive("is let go of where it does not read", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      const deaf = yield* Windows.deaf("dan")
      const actor = yield* sandbox.actor("ada")
      const long = "x".repeat(2_000)
      // The system's own buffers take some megabytes before anything waits for the window.
      for (let n = 0; n < 200 && !deaf.isOver(); n++) {
        for (let k = 0; k < 100; k++) yield* actor.say("general", long)
        yield* Effect.sleep("8 millis")
      }
      yield* deaf.over
    }).pipe(page),
  )
})
