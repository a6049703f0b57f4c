/**
 * Routes of emojis: a guild's and the application's.
 *
 * @module
 */
import * as ApiError from "../../model/ApiError.js"
import * as AuditLog from "../../world/AuditLog.js"
import * as Emojis from "../../world/Emojis.js"
import type { Emoji, Guild } from "../../model/Model.js"
import * as Permissions from "../../world/Permissions.js"
import { type Call, created, make, nothing, object, ok, type Route } from "../Route.js"
import * as Wire from "../../world/Wire.js"

const { Bit } = Permissions

const ofGuild = (call: Call<"guild" | "emoji">): { readonly guild: Guild; readonly emoji: Emoji } => {
  const guild = call.world.guild(call.params.guild)
  const emoji = guild.emojis.get(call.params.emoji)
  if (emoji === undefined) throw ApiError.unknownGuildEmoji()
  return { guild, emoji }
}

/** One's own emojis take less than those of others. */
const needToChange = ({ world }: Call, guild: Guild, emoji: Emoji): void => {
  const held = Permissions.inGuild(guild, world.self(guild), world.now())
  const own = emoji.userId === world.bot.id && Permissions.has(held, Bit.CreateGuildExpressions)
  if (!own && !Permissions.has(held, Bit.ManageGuildExpressions)) throw ApiError.missingPermissions()
}

const needApplication = ({ params, world }: Call<"app">): void => {
  if (params.app !== world.bot.id && params.app !== "@me") throw ApiError.unknownApplication()
}

const ofApplication = (call: Call<"app" | "emoji">): Emoji => {
  needApplication(call)
  const emoji = call.world.emojis.get(call.params.emoji)
  if (emoji === undefined) throw ApiError.unknownGuildEmoji()
  return emoji
}

export const routes: ReadonlyArray<Route> = [
  make("GET", "/guilds/:guild/emojis", ({ params, world }) =>
    ok([...world.guild(params.guild).emojis.values()].map((emoji) => Wire.emoji(world, emoji))),
  ),
  make("POST", "/guilds/:guild/emojis", (call) => {
    const { params, reason, world } = call
    const guild = world.guild(params.guild)
    world.need(guild, Bit.CreateGuildExpressions)
    const emoji = Emojis.create(world, guild, world.bot.id, object(call))
    const changes = [{ key: "name", new: emoji.name }]
    AuditLog.note(world, guild, AuditLog.Action.EmojiCreate, emoji.id, reason, { changes })
    return created(Wire.emoji(world, emoji))
  }),
  make("GET", "/guilds/:guild/emojis/:emoji", (call) => ok(Wire.emoji(call.world, ofGuild(call).emoji))),
  make("PATCH", "/guilds/:guild/emojis/:emoji", (call) => {
    const { emoji, guild } = ofGuild(call)
    needToChange(call, guild, emoji)
    const before = Wire.emojiAlone(emoji)
    Emojis.change(call.world, guild, emoji, object(call))
    const changes = AuditLog.changes(before, Wire.emojiAlone(emoji))
    AuditLog.note(call.world, guild, AuditLog.Action.EmojiUpdate, emoji.id, call.reason, { changes })
    return ok(Wire.emoji(call.world, emoji))
  }),
  make("DELETE", "/guilds/:guild/emojis/:emoji", (call) => {
    const { emoji, guild } = ofGuild(call)
    needToChange(call, guild, emoji)
    Emojis.remove(call.world, guild, emoji)
    const changes = [{ key: "name", old: emoji.name }]
    AuditLog.note(call.world, guild, AuditLog.Action.EmojiDelete, emoji.id, call.reason, { changes })
    return nothing
  }),
  make("GET", "/applications/:app/emojis", (call) => {
    needApplication(call)
    return ok({ items: [...call.world.emojis.values()].map((emoji) => Wire.emoji(call.world, emoji)) })
  }),
  make("POST", "/applications/:app/emojis", (call) => {
    needApplication(call)
    const { world } = call
    return created(Wire.emoji(world, Emojis.create(world, null, world.bot.id, object(call))))
  }),
  make("GET", "/applications/:app/emojis/:emoji", (call) => ok(Wire.emoji(call.world, ofApplication(call)))),
  make("PATCH", "/applications/:app/emojis/:emoji", (call) =>
    ok(Wire.emoji(call.world, Emojis.change(call.world, null, ofApplication(call), object(call)))),
  ),
  make("DELETE", "/applications/:app/emojis/:emoji", (call) => {
    Emojis.remove(call.world, null, ofApplication(call))
    return nothing
  }),
]
