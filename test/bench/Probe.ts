/**
 * What a measured bot tells about itself: CPU time, memory, and that it is connected.
 *
 * It answers the benchmark over the channel that `fork` opens. A bot that was spawned without one (the start is
 * measured from outside) carries no probe at all.
 *
 * @module
 */

/** What the benchmark may ask. */
export type Question =
  | "cpu"
  | "memory"
  /** Waits for a message of each of so many users; nobody of them will write. */
  | { readonly _tag: "Wait"; readonly channelId: string; readonly count: number }
  /** Waits for a message of this user, and answers when it has come. */
  | { readonly _tag: "Marker"; readonly channelId: string; readonly userId: string }

/** Microseconds of CPU so far, and bytes. */
export interface Figures {
  readonly cpu: number
  readonly rss: number
  readonly heap: number
}

/** Begins to wait for a message of each of these users in a channel. */
export type Await = (
  channelId: string,
  userIds: ReadonlyArray<string>,
  done: (userId: string) => void,
) => void

/** Answers questions until the benchmark is gone or has enough, and then ends the process. */
export const listen = (wait?: Await): void => {
  if (process.send === undefined) return
  process.on("disconnect", () => process.exit(0))
  process.on("SIGTERM", () => process.exit(0))
  const report = (): void => {
    const { system, user } = process.cpuUsage()
    const { heapUsed, rss } = process.memoryUsage()
    process.send?.({ cpu: user + system, rss, heap: heapUsed } satisfies Figures)
  }
  process.on("message", (question: Question) => {
    if (typeof question === "object") {
      if (question._tag === "Marker") return wait?.(question.channelId, [question.userId], report)
      const users = Array.from({ length: question.count }, (_, index) => String(2e18 + index * 1_024))
      wait?.(question.channelId, users, () => {})
      return report()
    }
    if (question === "memory") for (let round = 0; round < 4; round++) globalThis.gc?.()
    report()
  })
}

/** Where the sandbox is: REST base without the version. */
export const apiUrl = process.env["DISCORD_API_URL"] ?? "http://127.0.0.1:4010/api"

/** Gateway intents as a bit field; 1 is that of guilds. */
export const intents = Number(process.env["BENCH_INTENTS"] ?? "1")
