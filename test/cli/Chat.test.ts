import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import * as Chat from "../../src/cli/Chat.js"
import * as Commands from "../../src/command/Commands.js"
import * as SandboxModule from "../../src/sandbox/Sandbox.js"
import { Sandbox } from "../../src/sandbox/Sandbox.js"

const setUp = Effect.gen(function* () {
  const sandbox = yield* Sandbox
  const said: Array<string> = []
  const note = (line: string) => {
    said.push(line)
  }
  const screen = {
    out: note,
    err: note,
    around: (write: () => void) => write(),
    typing: () => {},
    gone: Effect.never,
  }
  const chat = yield* Chat.make({ sandbox, screen, json: false, echo: false })
  const guild = [...sandbox.world.guilds.values()][0]!
  /** What the screen says to a line. */
  const type = (line: string) => Effect.map(chat.submit(line), () => said.splice(0, said.length).join("\n"))
  return { guild, type, world: sandbox.world }
})

const provided = Effect.provide(Layer.merge(SandboxModule.layer(), Commands.layer({ prefix: "!" })))

describe("Chat", () => {
  it.scoped("lets people come and go, and says why not", () =>
    Effect.gen(function* () {
      const { guild, type, world } = yield* setUp
      expect(yield* type("join @dora")).toBe("")
      expect(guild.members.has(world.findUser("dora")?.id ?? "")).toBe(true)
      expect(yield* type("join @dora")).toBe("join @dora: dora is in Harbour already")
      expect(yield* type("leave @dora")).toBe("")
      expect(yield* type("leave @zoe")).toContain(
        "leave @zoe: Nobody here is called zoe. There are: ada, ben",
      )
      expect(yield* type("leave @ada")).toContain("ada owns Harbour, and an owner cannot leave")
      expect(yield* type("zoe> hi")).toContain("Nobody here is called zoe")
      expect(yield* type("dora> hi")).toBe("dora> hi: dora is not in Harbour")
      expect(yield* type("dora #nowhere> hi")).toContain("dora is not in Harbour")
      expect(yield* type("cleo #nowhere> hi")).toContain("There is no channel nowhere")
      expect(yield* type("join us")).toBe("")
    }).pipe(provided),
  )

  it.scoped("floods a channel, in order", () =>
    Effect.gen(function* () {
      const { guild, type } = yield* setUp
      const general = [...guild.channels.values()].find(({ name }) => name === "general")!
      const written = () => [...general.messages.values()].map(({ content }) => content)
      yield* type("cleo> flood 250")
      expect(written()).toEqual(Array.from({ length: 250 }, (_, n) => `flood ${n + 1}`))
      yield* type('flood 2 "buy @cleo"')
      expect(
        written()
          .slice(-2)
          .every((text) => /^buy <@\d+>$/u.test(text)),
      ).toBe(true)
      expect(yield* type("flood 0")).toBe("flood 0: A flood has 1 to 20000 messages")
      expect(yield* type("zoe> flood 5")).toContain("Nobody here is called zoe")
    }).pipe(provided),
  )

  it.scoped("puts the bot out, whose commands are then gone", () =>
    Effect.gen(function* () {
      const { guild, type, world } = yield* setUp
      expect(yield* type("leave @Bosun")).toBe("")
      expect(guild.members.has(world.bot.id)).toBe(false)
      expect(yield* type("leave @bosun")).toContain("Bosun is not in Harbour")
      expect(yield* type("/ping")).toContain("There is no command ping")
      expect(yield* type("join @Bosun")).toBe("")
      expect(guild.members.has(world.bot.id)).toBe(true)
    }).pipe(provided),
  )

  it.scoped("tells in its help what else there is", () =>
    Effect.gen(function* () {
      const { type } = yield* setUp
      const help = yield* type("help")
      for (const word of ["join @dora", "leave @Bosun", "flood 1000"]) expect(help).toContain(word)
    }).pipe(provided),
  )
})
