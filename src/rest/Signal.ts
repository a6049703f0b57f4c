/**
 * How the interruption of a fiber reaches a request that discord.js makes on its behalf, and which fiber's
 * context it was: that of a trace, perhaps.
 *
 * Methods of discord.js's structures take no `AbortSignal`; the signal travels beside the call, in an
 * `AsyncLocalStorage`, and the edge picks it up when discord.js asks it to send.
 *
 * @module
 */
import { AsyncLocalStorage } from "node:async_hooks"
import { type Context, Fiber, Option } from "effect"

interface Going {
  readonly signal: AbortSignal
  readonly context: Context.Context<never> | undefined
}

const storage = new AsyncLocalStorage<Going>()

/** Runs `f`; every request that is made in it, or in what it awaits, is aborted when `signal` is. */
export const run = <A>(signal: AbortSignal, f: () => A): A =>
  storage.run({ signal, context: Option.getOrUndefined(Fiber.getCurrentFiber())?.currentContext }, f)

/** The signal of the call that is going on, if any. */
export const current = (): AbortSignal | undefined => storage.getStore()?.signal

/** The context of the fiber that makes the call that is going on, if any. */
export const context = (): Context.Context<never> | undefined => storage.getStore()?.context
