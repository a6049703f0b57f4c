import type { ServerResponse } from "node:http"
import { describe, expect, it } from "@effect/vitest"
import { PermissionFlagsBits as Bit } from "discord-api-types/v10"
import { Effect, TestClock } from "effect"
import type * as Protocol from "../../../src/sandbox/page/Protocol.js"
import * as DefaultAvatar from "../../../src/sandbox/rest/DefaultAvatar.js"
import * as Screen from "../../../src/sandbox/page/Screen.js"
import * as Stream from "../../../src/sandbox/page/Stream.js"
import type { Sandbox } from "../../../src/sandbox/Sandbox.js"
import * as Guilds from "../../../src/sandbox/world/Guilds.js"
import * as Interactions from "../../../src/sandbox/world/Interactions.js"
import * as Scene from "../Scene.js"

/** A window whose time is the sandbox's, and what it has heard. */
const open = (sandbox: Sandbox, name: string) => {
  const { world } = sandbox
  const user = world.findUser(name)
  if (user === undefined) throw new Error(`no ${name}`)
  const heard: Array<Protocol.Live> = []
  const response = {
    writableLength: 0,
    write: (text: string) => heard.push(JSON.parse(text.slice(6)) as Protocol.Live) > 0,
    end: () => {},
    destroy: () => {},
  }
  const stream = Stream.open(
    sandbox,
    user,
    response as unknown as ServerResponse,
    {
      now: () => world.now(),
      after: (millis, task) => {
        world.after(millis, task)
      },
    },
    (place) => ({ _tag: "Place", place }),
  )
  const contents = () =>
    heard.flatMap((live) => (live._tag === "Message" ? [live.shown.message.content] : []))
  return { user, heard, stream, contents }
}

/** Lets what was marked go out. */
const flush = TestClock.adjust("100 millis")

describe("a window's stream", () => {
  it.scoped("tells without the right to read history only of what came while it was open", () =>
    Effect.gen(function* () {
      const { general, guild, sandbox, world } = yield* Scene.make()
      const [ada, cleo] = yield* Effect.all([sandbox.actor("ada"), sandbox.actor("cleo")])
      const old = yield* ada.say("general", "old")
      const gone = yield* ada.say("general", "gone")
      const deny = Bit.ReadMessageHistory
      Guilds.setOverwrite(world, general, { id: guild.id, type: 0, allow: 0n, deny })
      const window = open(sandbox, "cleo")
      yield* ada.react(old.id, "⚓")
      yield* ada.edit(old.id, "old, changed")
      yield* ada.deleteMessage(gone.id)
      const young = yield* ada.say("general", "new")
      yield* flush
      yield* ada.edit(young.id, "new, changed")
      yield* flush
      expect(window.contents()).toEqual(["new", "new, changed"])
      expect(JSON.stringify(window.heard.slice(1))).not.toContain(gone.id)
      yield* ada.deleteMessage(young.id)
      yield* flush
      expect(window.heard.at(-1)).toEqual({ _tag: "MessageGone", channelId: general.id, id: young.id })
      expect(Screen.history(world, window.user, general, null).messages).toEqual([])
      expect(yield* cleo.history("general")).toEqual([])
    }).pipe(Scene.provided),
  )

  it.scoped("names nothing of a channel that its person does not see", () =>
    Effect.gen(function* () {
      const { guild, sandbox, world } = yield* Scene.make()
      const ada = yield* sandbox.actor("ada")
      const deny = Bit.ViewChannel
      const overwrites = [{ id: guild.id, type: 0 as const, allow: 0n, deny }]
      const bridge = Guilds.addChannel(world, guild, { name: "bridge", overwrites })
      const window = open(sandbox, "cleo")
      const starter = yield* ada.say(bridge.id, "between us")
      const thread = yield* ada.startThread(bridge.id, { name: "plan", message: starter.id })
      yield* ada.say(thread.id, "more")
      const second = yield* ada.say(bridge.id, "again")
      yield* ada.deleteMessage(second.id)
      // What is hidden between the change and the telling is not told any more.
      const deck = Guilds.addChannel(world, guild, { name: "deck" })
      yield* flush
      const before = yield* ada.say(deck.id, "in the open")
      Guilds.setOverwrite(world, deck, { id: guild.id, type: 0, allow: 0n, deny })
      yield* flush
      const told = JSON.stringify(window.heard)
      for (const { id } of [bridge, starter, thread, second, before]) expect(told).not.toContain(id)
    }).pipe(Scene.provided),
  )

  it.scoped("follows a press that was acknowledged in silence as long as its token lives", () =>
    Effect.gen(function* () {
      const { call, connection, general, sandbox } = yield* Scene.make()
      const ada = yield* sandbox.actor("ada")
      const button = { type: 2, style: 1, label: "Ahoy", custom_id: "ahoy" }
      const sent = yield* call("POST", `/channels/${general.id}/messages`, {
        content: "x",
        components: [{ type: 1, components: [button] }],
      })
      open(sandbox, "ada")
      const turn = yield* ada.press(String(Scene.bodyOf(sent)["id"]), "ahoy")
      yield* flush
      const asked = connection.events().findLast(({ t }) => t === "INTERACTION_CREATE")?.d
      yield* call("POST", `/interactions/${String(asked?.["id"])}/${String(asked?.["token"])}/callback`, {
        type: 6,
      })
      expect(turn.state()._tag).toBe("Acknowledged")
      const listeners = sandbox.interactions.find(turn.id)?.listeners
      yield* TestClock.adjust(Interactions.tokenLife - 1_000)
      expect(listeners?.size).toBe(1)
      yield* TestClock.adjust("1 second")
      expect(listeners?.size).toBe(0)
    }).pipe(Scene.provided),
  )

  it.scoped("knows the application's emojis before the message that shows one", () =>
    Effect.gen(function* () {
      const { call, general, sandbox, world } = yield* Scene.make()
      const window = open(sandbox, "cleo")
      const image = `data:image/png;base64,${Buffer.from(DefaultAvatar.of("1") ?? []).toString("base64")}`
      const made = yield* call("POST", `/applications/${world.bot.id}/emojis`, { name: "buoy", image })
      const { id } = Scene.bodyOf(made)
      yield* call("POST", `/channels/${general.id}/messages`, { content: `<:buoy:${String(id)}>` })
      yield* flush
      expect(window.heard.slice(1)).toMatchObject([
        { _tag: "Place", place: { emojis: [{ id, url: `/emojis/${String(id)}.png` }] } },
        { _tag: "Message" },
      ])
    }).pipe(Scene.provided),
  )
})
