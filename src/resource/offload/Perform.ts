/**
 * What a worker does with a task, in a thread and in a process alike: loads its file, calls the function that it
 * exports under the task's name, and says how that went.
 *
 * @module
 */
import { inspect } from "node:util"

/** A task as it goes to a worker. */
export interface Request {
  /** The URL of a file that this Node can load. */
  readonly file: string
  readonly name: string
  readonly input: unknown
}

/** How it went, as far as the worker can say. */
export type Answer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: "threw" | "file"; readonly detail: string }

/** What a process says before it begins with a task; then it is this task that ends it. */
export const BEGUN = "begun"

/** Never rejects. */
export const perform = async ({ file, input, name }: Request): Promise<Answer> => {
  let work: unknown
  try {
    work = ((await import(file)) as Readonly<Record<string, unknown>>)[name]
  } catch (error) {
    return { ok: false, reason: "file", detail: `${file} could not be loaded: ${detailOf(error)}` }
  }
  return typeof work === "function"
    ? called(work as (input: unknown) => unknown, input)
    : { ok: false, reason: "file", detail: `${file} exports no function named ${name}` }
}

/** Calls the function, and waits for what it promises. Never rejects. */
export const called = async (work: (input: unknown) => unknown, input: unknown): Promise<Answer> => {
  try {
    return { ok: true, value: await work(input) }
  } catch (error) {
    return { ok: false, reason: "threw", detail: detailOf(error) }
  }
}

const LONGEST = 4_000

/** An error's message and stack, or whatever else was thrown. */
export const detailOf = (error: unknown): string =>
  (error instanceof Error ? (error.stack ?? error.message) : inspect(error)).slice(0, LONGEST)
