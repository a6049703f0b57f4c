import { assert, describe, it, vi } from "@effect/vitest"
import { Effect } from "effect"
import * as Doing from "../../../../../src/sandbox/page/browser/message/Doing.js"
import * as Store from "../../../../../src/sandbox/page/browser/Store.js"
import type * as Protocol from "../../../../../src/sandbox/page/Protocol.js"

const press = (customId: string) => ({ _tag: "Press", message: "1", customId }) as const
const state = (state: Protocol.Interaction["state"]): Protocol.Interaction => ({
  id: "9",
  channelId: "2",
  messageId: "1",
  name: null,
  state,
  reason: null,
})

describe("Doing", () => {
  it.effect("takes no second press before the first one's interaction is heard and answered", () =>
    Effect.promise(async () => {
      vi.stubGlobal("setTimeout", () => 0)
      const acts: Array<string> = []
      const store = Store.make()
      const page = {
        store,
        changed: () => {},
        act: async (act: Protocol.Act) => {
          if (act._tag === "Press") acts.push(act.customId)
          return { interaction: "9" }
        },
      } as unknown as Store.Page
      await Doing.use(page, press("pay"))
      await Doing.use(page, press("pay"))
      store.interactions.set("9", state("Waiting"))
      await Doing.use(page, press("other"))
      assert.deepStrictEqual(acts, ["pay"])
      assert.strictEqual(Doing.waiting(store, "1"), "pay")
      store.interactions.set("9", state("Acknowledged"))
      await Doing.use(page, press("other"))
      assert.deepStrictEqual(acts, ["pay", "other"])
      vi.unstubAllGlobals()
    }),
  )

  it("takes the second click of a double click for what the first one hit alone", () => {
    const clicks = [
      [1, "Yes", true],
      [2, "No", false],
      [3, "No", false],
      [1, "Next", true],
      [2, "Next", true],
      [0, "Yes", true],
    ] as const
    for (const [detail, button, meant] of clicks) assert.strictEqual(Doing.isMeant({ detail }, button), meant)
  })
})
