/**
 * What people and channels are called, for the roster: from what the Client keeps, else asked of Discord, once.
 *
 * @module
 */
import { Effect } from "effect"
import type { Client } from "../discord/Client.js"

export interface Names {
  /** Asks Discord for those who are not known yet: a few at once, and not for longer than a second. Never fails. */
  readonly learn: (userIds: Iterable<string>) => Effect.Effect<void>
  /** `null` where they are not known. */
  readonly user: (id: string | undefined) => string | null
  /** `null` where it is not known, and for direct messages, which have none. */
  readonly channel: (id: string | undefined) => string | null
  /** A text with names in place of the mentions of those who are known. */
  readonly readable: (text: string) => string
}

/** People who are remembered; the oldest are forgotten first. */
const KEPT = 1_000
const AT_ONCE = 10

export const make = ({ discordJs }: Client): Names => {
  const learnt = new Map<string, string | null>()

  const ask = (id: string) =>
    Effect.tryPromise(() => discordJs.users.fetch(id, { cache: false })).pipe(
      Effect.map(({ displayName }): string | null => displayName),
      Effect.orElseSucceed(() => null),
      Effect.map((name) => {
        learnt.set(id, name)
        const oldest = learnt.keys().next().value
        if (learnt.size > KEPT && oldest !== undefined) learnt.delete(oldest)
      }),
    )

  const user: Names["user"] = (id = "") =>
    discordJs.users.cache.get(id)?.displayName ?? learnt.get(id) ?? null
  const channel: Names["channel"] = (id = "") => {
    const found = discordJs.channels.cache.get(id)
    return found !== undefined && "name" in found ? found.name : null
  }

  return {
    learn: (userIds) =>
      Effect.suspend(() => {
        const unknown = [...new Set(userIds)].filter((id) => user(id) === null && !learnt.has(id))
        return Effect.forEach(unknown.slice(0, AT_ONCE), ask, { concurrency: AT_ONCE, discard: true })
      }).pipe(Effect.timeoutOption("1 second"), Effect.asVoid),
    user,
    channel,
    readable: (text) =>
      text.replace(/<(@!?|#)(\d+)>/gu, (mention, kind: string, id: string) => {
        const name = kind === "#" ? channel(id) : user(id)
        return name === null ? mention : `${kind.charAt(0)}${name}`
      }),
  }
}
