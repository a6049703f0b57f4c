/**
 * The calling thread as a `Runner`: for tests in virtual time, which does not see threads.
 *
 * Files are loaded without waiting, since virtual time would go on meanwhile. What does not wait for a promise
 * cannot be stopped.
 *
 * @module
 */
import { createRequire } from "node:module"
import { fileURLToPath } from "node:url"
import { Either } from "effect"
import { type Answer, called, detailOf, type Request } from "./Perform.js"
import type { Runner } from "./Runner.js"

export const make = (): Runner => ({
  start: (request, ended, free) => {
    let over = false
    const end = (then: () => void) => {
      if (over) return
      over = true
      free()
      then()
    }
    void perform(request).then((answer) => end(() => ended(answer)))
    return () => end(() => undefined)
  },
  close: () => Promise.resolve(),
})

const load = createRequire(import.meta.url)

const perform = ({ file, input, name }: Request): Promise<Answer> => {
  const loaded = Either.try({
    try: () => {
      const work = (load(fileURLToPath(file)) as Readonly<Record<string, unknown>>)[name]
      if (typeof work !== "function") throw new Error(`${file} exports no function named ${name}`)
      return work as (input: unknown) => unknown
    },
    catch: detailOf,
  })
  if (Either.isLeft(loaded)) return Promise.resolve({ ok: false, reason: "file", detail: loaded.left })
  // As it would arrive elsewhere: a copy.
  return called(loaded.right, structuredClone(input))
}
