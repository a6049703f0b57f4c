import { assert, describe, it } from "@effect/vitest"
import * as Hear from "../../../../src/sandbox/page/browser/Hear.js"
import * as Store from "../../../../src/sandbox/page/browser/Store.js"
import type * as Protocol from "../../../../src/sandbox/page/Protocol.js"

const { place } = Store.make()
const hello = (...urls: ReadonlyArray<string>): Protocol.Live => ({
  _tag: "Hello",
  place,
  modals: [],
  traffic: [],
  faults: { plan: null, counts: {}, presets: {} },
  clock: { now: 0, movable: false, moving: false },
  panels: urls.map((url) => ({ title: "Roster", url })),
})
const entry = (n: number): Protocol.Traffic => ({
  n,
  at: 0,
  kind: "event",
  name: "READY",
  status: null,
  took: null,
  body: "",
  answer: "",
})

const window = () => {
  const store = Store.make()
  const done: Array<string> = []
  const hear = Hear.make({
    store,
    history: {
      load: async () => {},
      older: async () => {},
      put: () => {},
      gone: () => {},
      stale: () => {},
      only: (ids) => done.push(`only ${[...ids].join()}`),
    },
    unread: { look: () => {}, heard: () => {} },
    changed: () => done.push("drawn"),
    moved: () => {},
    arrived: () => {},
    reload: () => done.push("reloaded"),
  })
  return { store, hear, done }
}

describe("Hear", () => {
  it("loads the page anew where a panel moved to another origin, which the old document may not show", () => {
    const { hear, done } = window()
    hear(hello("http://127.0.0.1:1/roster"))
    hear(hello("http://127.0.0.1:1/other"))
    assert.notInclude(done, "reloaded")
    hear(hello("http://127.0.0.1:2/roster"))
    assert.include(done, "reloaded")
  })

  it("forgets the messages of every channel that is not seen any more", () => {
    const { hear, done } = window()
    const directs = [{ id: "7" }] as unknown as Protocol.Place["directs"]
    hear({ _tag: "Place", place: { ...place, directs } })
    hear({ _tag: "Place", place })
    assert.deepStrictEqual(
      done.filter((what) => what.startsWith("only")),
      ["only 7", "only "],
    )
  })

  it("draws for traffic only while its tab is open", () => {
    const { store, hear, done } = window()
    hear({ _tag: "Traffic", entries: [entry(1)] })
    store.view.tool = "clock"
    hear({ _tag: "Traffic", entries: [entry(2)] })
    assert.deepStrictEqual(done, [])
    // A panel that is gone gives way to the traffic.
    for (const tool of ["traffic", "panel:Roster"]) {
      store.view.tool = tool
      hear({ _tag: "Traffic", entries: [entry(3)] })
    }
    assert.deepStrictEqual(done, ["drawn", "drawn"])
    assert.lengthOf(store.traffic, 3)
  })

  it("shows a modal again after a break, and none that was open before the window was", () => {
    const { store, hear } = window()
    const modal = (interactionId: string) => ({ interactionId }) as unknown as Protocol.Modal
    const greeted = (...ids: ReadonlyArray<string>) => {
      const live = hello()
      if (live._tag === "Hello") hear({ ...live, modals: ids.map(modal) })
      return store.modals.map(({ interactionId }) => interactionId)
    }
    assert.deepStrictEqual(greeted("1"), [])
    hear({ _tag: "Modal", modal: modal("2") })
    assert.deepStrictEqual(greeted("1", "2"), ["2"])
    assert.deepStrictEqual(greeted("1", "3"), ["3"])
  })

  it("keeps the suggestions of the last questions, not of all", () => {
    const { store, hear } = window()
    for (let n = 0; n < 100; n++) hear({ _tag: "Choices", interactionId: `${n}`, choices: [] })
    assert.isAtMost(store.choices.size, 20)
    assert.isTrue(store.choices.has("99"))
  })
})
