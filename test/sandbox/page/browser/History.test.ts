import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "effect/FastCheck"
import * as History from "../../../../src/sandbox/page/browser/History.js"
import * as Store from "../../../../src/sandbox/page/browser/Store.js"
import type * as Protocol from "../../../../src/sandbox/page/Protocol.js"

const channel = "1"
/** Messages in one answer. */
const size = 4
/** Messages that are kept at the end. */
const kept = 6

/** One channel of a sandbox: it changes, tells of it, and answers, each when it is asked to. */
const sandbox = () => {
  const messages = new Map<string, string>()
  const told: Array<{ readonly id: string; readonly content: string | null }> = []
  const asked: Array<(fails: boolean) => void> = []
  const [failures, pauses]: [Array<string>, Array<() => void>] = [[], []]
  let count = 0

  const show = (id: string, content: string) => ({ message: { id, content } }) as unknown as Protocol.Message
  const nth = (n: number) => [...messages.keys()][messages.size === 0 ? 0 : n % messages.size]
  const put = (id: string, content: string) => {
    messages.set(id, content)
    told.push({ id, content })
  }

  const store = Store.make()
  store.channelId = channel
  const history = History.make(
    store,
    {
      // Read when the request comes, and answered later.
      history: (_channel, before) => {
        const all = [...messages].filter(([id]) => before === undefined || Store.isOlder(id, before))
        const page = all.slice(-size).map(([id, content]) => show(id, content))
        return new Promise((resolve) => {
          asked.push((fails) =>
            resolve(fails ? { error: "No answer." } : { messages: page, more: all.length > size }),
          )
        })
      },
    },
    { changed: () => {}, failed: (reason) => failures.push(reason), after: (_, task) => pauses.push(task) },
    kept,
  )

  return {
    store,
    history,
    say: () => put(String(++count), "new"),
    edit: (n: number) => {
      const id = nth(n)
      if (id !== undefined) put(id, `${messages.get(id)}'`)
    },
    remove: (n: number) => {
      const id = nth(n)
      if (id === undefined) return
      messages.delete(id)
      told.push({ id, content: null })
    },
    /** What was told first is heard. */
    hear: () => {
      const next = told.shift()
      if (next === undefined) return false
      if (next.content === null) history.gone(channel, next.id)
      else history.put(channel, show(next.id, next.content))
      return true
    },
    failures,
    answer: async (fails = false) => {
      const next = asked.shift()
      next?.(fails)
      for (let n = 0; n < 6; n++) await Promise.resolve()
      return next !== undefined
    },
    hide: () => {
      history.only(new Set())
      messages.clear()
      told.length = 0
      put(String(++count), "while hidden")
      told.length = 0
      history.only(new Set([channel]))
      void history.load(channel)
    },
    /** The pause before a load is tried again is over. */
    pass: () => pauses.shift()?.(),
    all: () => [...messages].map(([id, content]) => `${id} ${content}`),
    shown: () => (store.messages.get(channel) ?? []).map(({ message }) => `${message.id} ${message.content}`),
  }
}

type Sandbox = ReturnType<typeof sandbox>

const step: fc.Arbitrary<readonly [name: string, run: (on: Sandbox) => unknown]> = fc.oneof(
  fc.constant(["say", (on: Sandbox) => on.say()] as const),
  fc.nat(20).map((n) => [`edit ${n}`, (on: Sandbox) => on.edit(n)] as const),
  fc.nat(20).map((n) => [`remove ${n}`, (on: Sandbox) => on.remove(n)] as const),
  fc.constant(["hear", (on: Sandbox) => on.hear()] as const),
  fc.constant(["answer", (on: Sandbox) => on.answer()] as const),
  fc.constant(["load", (on: Sandbox) => void on.history.load(channel)] as const),
  fc.constant(["older", (on: Sandbox) => void on.history.older(channel)] as const),
  fc.constant(["stale", (on: Sandbox) => on.history.stale()] as const),
  fc
    .boolean()
    .map((above) => [`above ${above}`, (on: Sandbox) => void (on.store.view.above = above)] as const),
  fc.constant(["refuse", (on: Sandbox) => on.answer(true)] as const),
  fc.constant(["pass", (on: Sandbox) => on.pass()] as const),
  // Hidden, and back: what was said in between is not heard.
  fc.constant(["hide", (on: Sandbox) => on.hide()] as const),
)

const settle = async (on: Sandbox) => {
  while (on.hear() || (await on.answer())) {
    // Until nothing is on its way.
  }
}

describe("History", () => {
  it.effect.prop(
    "shows what the sandbox has, however changes and answers cross",
    { before: fc.nat(10), steps: fc.array(step, { maxLength: 40 }) },
    ({ before, steps }) =>
      Effect.promise(async () => {
        const on = sandbox()
        for (let n = 0; n < before; n++) on.say()
        void on.history.load(channel)
        for (const [, run] of steps) await run(on)
        await settle(on)
        if (on.store.failed.has(channel)) void on.history.load(channel)
        await settle(on)
        // All that was loaded, and, after going back to the beginning, everything.
        const shown = on.shown()
        assert.deepStrictEqual(shown, on.all().slice(-shown.length || Infinity))
        while (on.store.more.has(channel)) {
          const loading = on.history.older(channel)
          await on.answer()
          await loading
        }
        assert.deepStrictEqual(on.shown(), on.all())
      }),
    { fastCheck: { numRuns: 100 } },
  )

  it.effect("asks once for a channel that is opened twice", () =>
    Effect.promise(async () => {
      const on = sandbox()
      on.say()
      void on.history.load(channel)
      void on.history.load(channel)
      assert.isTrue(await on.answer())
      assert.isFalse(await on.answer())
      assert.deepStrictEqual(on.shown(), ["1 new"])
    }),
  )

  it.effect("loads a channel anew that was hidden and came back", () =>
    Effect.promise(async () => {
      const on = sandbox()
      on.say()
      void on.history.load(channel)
      // The answer to what was asked before it was hidden does not count either.
      on.hide()
      while (await on.answer()) {
        // Both of them.
      }
      assert.deepStrictEqual(on.shown(), ["2 while hidden"])
    }),
  )

  it.effect("tries again what failed, by itself and when asked to, and says so once", () =>
    Effect.promise(async () => {
      const on = sandbox()
      on.say()
      void on.history.load(channel)
      await on.answer(true)
      assert.isTrue(on.store.failed.has(channel))
      on.pass()
      await on.answer(true)
      void on.history.load(channel)
      await on.answer()
      assert.deepStrictEqual(on.shown(), ["1 new"])
      assert.isFalse(on.store.failed.has(channel))
      assert.deepStrictEqual(on.failures, ["No answer."])
    }),
  )

  it.effect("keeps the newest of a channel at whose end one is, and everything while one looks back", () =>
    Effect.promise(async () => {
      const on = sandbox()
      on.store.view.above = true
      on.say()
      void on.history.load(channel)
      await on.answer()
      const hear = (count: number) => {
        for (let n = 0; n < count; n++) on.say()
        while (on.hear()) {
          // All of it.
        }
      }
      hear(50)
      assert.lengthOf(on.shown(), 51)
      on.store.view.above = false
      hear(1)
      assert.deepStrictEqual(on.shown(), on.all().slice(-kept))
      assert.isTrue(on.store.more.has(channel))
    }),
  )
})
