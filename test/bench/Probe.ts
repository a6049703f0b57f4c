/**
 * What a measured bot tells about itself: CPU time, memory, and that it is connected.
 *
 * It answers the benchmark over the channel that `fork` opens. A bot that was spawned without one (the start is
 * measured from outside) carries no probe at all.
 *
 * @module
 */

/** What the benchmark may ask. */
export type Question = "cpu" | "memory"

/** Microseconds of CPU so far, and bytes. */
export interface Figures {
  readonly cpu: number
  readonly rss: number
  readonly heap: number
}

/** Answers questions until the benchmark is gone or has enough, and then ends the process. */
export const listen = (): void => {
  if (process.send === undefined) return
  process.on("disconnect", () => process.exit(0))
  process.on("SIGTERM", () => process.exit(0))
  process.on("message", (question: Question) => {
    if (question === "memory") for (let round = 0; round < 4; round++) globalThis.gc?.()
    const { system, user } = process.cpuUsage()
    const { heapUsed, rss } = process.memoryUsage()
    process.send?.({ cpu: user + system, rss, heap: heapUsed } satisfies Figures)
  })
}

/** Where the sandbox is: REST base without the version. */
export const apiUrl = process.env["DISCORD_API_URL"] ?? "http://127.0.0.1:4010/api"

/** Gateway intents as a bit field; 1 is that of guilds. */
export const intents = Number(process.env["BENCH_INTENTS"] ?? "1")
