/**
 * How the interruption of a fiber reaches a request that discord.js makes on its behalf.
 *
 * Methods of discord.js's structures take no `AbortSignal`; the signal travels beside the call, in an
 * `AsyncLocalStorage`, and the edge picks it up when discord.js asks it to send.
 *
 * @module
 */
import { AsyncLocalStorage } from "node:async_hooks"

const storage = new AsyncLocalStorage<AbortSignal>()

/** Runs `f`; every request that is made in it, or in what it awaits, is aborted when `signal` is. */
export const run = <A>(signal: AbortSignal, f: () => A): A => storage.run(signal, f)

/** The signal of the call that is going on, if any. */
export const current = (): AbortSignal | undefined => storage.getStore()
