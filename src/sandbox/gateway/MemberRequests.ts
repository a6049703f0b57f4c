/**
 * Request Guild Members (op 8): the chunks that answer it.
 *
 * The whole list needs the members intent, and may be asked for once in 30 seconds for each guild and session;
 * beyond that comes RATE_LIMITED. By name up to 100 members are given, by id up to 100 may be named.
 *
 * Source: Discord Developer Docs, "Gateway Events", "Request Guild Members" and "Rate Limited".
 *
 * @module
 */
import { GatewayIntentBits as Intent, GatewayOpcodes as Op } from "discord-api-types/v10"
import type { Guild, Json, Member } from "../model/Model.js"
import * as Presences from "../world/Presences.js"
import * as Wire from "../world/Wire.js"
import type { World } from "../world/World.js"
import type { Session } from "./Session.js"

/** Discord: 1,000 members in a chunk. */
const chunkSize = 1_000
/** Discord: at most 100 by name or by id. */
const most = 100
/** Discord: 30 seconds. */
const listWindow = 30_000

/** Answers one request. Discord stays silent to what it cannot answer, as about another shard's guild. */
export const answer = (world: World, session: Session, data: Json): void => {
  const named = data["guild_id"]
  const guild = world.guilds.get(String(Array.isArray(named) ? named[0] : named))
  if (guild === undefined || guild.available === false) return
  if (!session.isHome(guild.id) || !guild.members.has(world.bot.id)) return
  const ids = idsOf(data["user_ids"])
  const query = data["query"]
  if (ids === undefined && typeof query !== "string") return
  const limit = typeof data["limit"] === "number" ? data["limit"] : 0
  const nonce = nonceOf(data["nonce"])
  const whole = ids === undefined && query === "" && limit === 0
  if (whole) {
    if ((session.intents & Intent.GuildMembers) === 0) return
    const last = session.listed.get(guild.id)
    const now = world.now()
    if (last !== undefined && now - last < listWindow) {
      const meta = { guild_id: guild.id, ...nonce }
      const limited = {
        opcode: Op.RequestGuildMembers,
        retry_after: (last + listWindow - now) / 1_000,
        meta,
      }
      return session.dispatch("RATE_LIMITED", JSON.stringify(limited))
    }
    session.listed.set(guild.id, now)
  }
  const found =
    ids === undefined
      ? begun(world, guild, String(query).toLowerCase())
      : ids.slice(0, most).flatMap((id) => guild.members.get(id) ?? [])
  const chosen = whole ? found : found.slice(0, limit > 0 ? Math.min(limit, most) : most)
  const shows = data["presences"] === true && (session.intents & Intent.GuildPresences) !== 0
  const count = Math.max(1, Math.ceil(chosen.length / chunkSize))
  for (let index = 0; index < count; index++) {
    const members = chosen.slice(index * chunkSize, (index + 1) * chunkSize)
    session.dispatch(
      "GUILD_MEMBERS_CHUNK",
      JSON.stringify({
        guild_id: guild.id,
        members: members.map((member) => Wire.member(world, member)),
        chunk_index: index,
        chunk_count: count,
        ...(ids === undefined ? {} : { not_found: ids.filter((id) => !guild.members.has(id)) }),
        ...(shows ? { presences: Presences.list(world, members) } : {}),
        ...nonce,
      }),
    )
  }
}

const begun = (world: World, guild: Guild, query: string): ReadonlyArray<Member> =>
  [...guild.members.values()].filter(({ nick, userId }) => {
    const { globalName, username } = world.user(userId)
    return [username, globalName ?? "", nick ?? ""].some((name) => name.toLowerCase().startsWith(query))
  })

const idsOf = (value: unknown): ReadonlyArray<string> | undefined => {
  if (value === undefined || value === null) return undefined
  return (Array.isArray(value) ? (value as ReadonlyArray<unknown>) : [value]).map(String)
}

/** Discord: at most 32 bytes; a longer one is left out. */
const nonceOf = (value: unknown): Json =>
  typeof value === "string" && Buffer.byteLength(value) <= 32 ? { nonce: value } : {}
