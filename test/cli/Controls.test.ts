import { describe, expect, it } from "@effect/vitest"
import { ComponentType } from "discord-api-types/v10"
import { Effect } from "effect"
import * as Controls from "../../src/cli/Controls.js"
import * as SandboxModule from "../../src/sandbox/Sandbox.js"
import { Sandbox } from "../../src/sandbox/Sandbox.js"
import * as InProcess from "../sandbox/InProcess.js"

describe("Controls", () => {
  it.scoped("means what is here before what is elsewhere, the newer one, and what is on", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      const { world } = sandbox
      const id = (name: string) =>
        Array.from(world.channels.values()).find((one) => one.name === name)?.id ?? ""
      const show = (channel: string, customId: string, more: object = {}) =>
        InProcess.call(sandbox, "POST", `/channels/${id(channel)}/messages`, {
          content: "?",
          components: [
            {
              type: ComponentType.ActionRow,
              components: [
                { type: ComponentType.Button, style: 1, label: "Go", custom_id: customId, ...more },
                { type: ComponentType.Button, style: 5, label: "Go", url: "https://a.b" },
              ],
            },
          ],
        })
      yield* show("general", "here, older")
      yield* show("general", "here, newer")
      yield* show("general", "here, off", { disabled: true })
      yield* show("tryouts", "elsewhere")
      yield* show("mod-log", "emoji", { label: undefined, emoji: { name: "👍" } })
      const { user } = yield* sandbox.actor("cleo")
      const found = (name: string, channel?: string) =>
        Controls.named(Controls.reachable(world, user, channel === undefined ? undefined : id(channel)), name)
          ?.customId
      expect(found("go", "general")).toBe("here, newer")
      expect(found("Go", "tryouts")).toBe("elsewhere")
      expect(found("Go")).toBe("elsewhere")
      expect(found("HERE, OFF", "general")).toBe("here, off")
      expect(found("👍", "general")).toBe("emoji")
      expect(found("Stop", "general")).toBeUndefined()
      // The private thread that Cleo is not in has nothing for her.
      const made = yield* InProcess.call(sandbox, "POST", `/channels/${id("general")}/threads`, {
        name: "secret",
      })
      expect(made.status).toBe(201)
      yield* show("secret", "hidden")
      expect(found("hidden")).toBeUndefined()
    }).pipe(Effect.provide(SandboxModule.layer({ rateLimits: false }))),
  )
})
