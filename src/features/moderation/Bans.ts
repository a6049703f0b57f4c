/**
 * Which of many people a server has banned, as Discord tells.
 *
 * Bans are read in pages in the order of ids, from the first of those asked about to the last. A server with tens
 * of thousands of bans in between is asked about each person instead.
 *
 * @module
 */
import { Effect } from "effect"
import { Discord } from "../../discord/Discord.js"
import type { RestError } from "../../DiscordError.js"

/** Bans in one page (Discord). */
const PAGE = 1_000
const PAGES = 10

/** Those of the users who are banned. */
export const among = Effect.fnUntraced(function* (
  guildId: string,
  userIds: ReadonlyArray<string>,
): Effect.fn.Return<ReadonlySet<string>, RestError, Discord> {
  const discord = yield* Discord
  const found = new Set<string>()
  const left = new Set(userIds)
  const [first, last] = bounds(userIds)
  let after: bigint = first - 1n
  for (let page = 0; page < PAGES && after < last; page++) {
    const bans = yield* discord.fetchBans(guildId, { after: String(after), limit: PAGE })
    for (const { user } of bans) if (left.has(user.id)) found.add(user.id)
    const end = bans.at(-1)?.user.id
    after = bans.length < PAGE || end === undefined ? last : BigInt(end)
  }
  for (const id of left) if (BigInt(id) <= after) left.delete(id)
  const others = yield* Effect.filter(left, (id) => isBanned(discord, guildId, id), { concurrency: 5 })
  return new Set([...found, ...others])
})

const isBanned = (discord: Discord, guildId: string, userId: string): Effect.Effect<boolean, RestError> =>
  discord.fetchBan(guildId, userId).pipe(
    Effect.as(true),
    Effect.catchTag("UnknownResource", () => Effect.succeed(false)),
  )

const bounds = (ids: ReadonlyArray<string>): readonly [first: bigint, last: bigint] =>
  ids.reduce<readonly [bigint, bigint]>(
    ([low, high], id) => {
      const one = BigInt(id)
      return [one < low ? one : low, one > high ? one : high]
    },
    [2n ** 64n, 0n],
  )
