/**
 * Routes of a guild's stickers. The packs that Discord itself sells are not here.
 *
 * @module
 */
import * as ApiError from "../../model/ApiError.js"
import * as AuditLog from "../../world/AuditLog.js"
import type { Guild, Sticker } from "../../model/Model.js"
import * as Permissions from "../../world/Permissions.js"
import { type Call, created, make, nothing, object, ok, type Route } from "../Route.js"
import * as Stickers from "../../world/Stickers.js"

const { Action } = AuditLog
const { Bit } = Permissions
const stickers = "/guilds/:guild/stickers" as const
const one = `${stickers}/:sticker` as const

/** A sticker that the bot may change: one's own take less than those of others. */
const changeable = (
  call: Call<"guild" | "sticker">,
): { readonly guild: Guild; readonly sticker: Sticker } => {
  const guild = call.world.guild(call.params.guild)
  const sticker = Stickers.get(guild, call.params.sticker)
  const held = Permissions.inGuild(guild, call.world.self(guild), call.world.now())
  const own = sticker.userId === call.world.bot.id && Permissions.has(held, Bit.CreateGuildExpressions)
  if (!own && !Permissions.has(held, Bit.ManageGuildExpressions)) throw ApiError.missingPermissions()
  return { guild, sticker }
}

export const routes: ReadonlyArray<Route> = [
  make("GET", "/stickers/:sticker", ({ params, world }) =>
    ok(Stickers.wireAlone(Stickers.known(world, params.sticker))),
  ),
  make("GET", stickers, ({ params, world }) =>
    ok([...world.guild(params.guild).stickers.values()].map((each) => Stickers.wire(world, each))),
  ),
  make("POST", stickers, (call) => {
    const { files, params, reason, world } = call
    const guild = world.guild(params.guild)
    world.need(guild, Bit.CreateGuildExpressions)
    const sticker = Stickers.create(world, guild, world.bot.id, object(call), files[0])
    const changes = AuditLog.changes(null, Stickers.wireAlone(sticker))
    AuditLog.note(world, guild, Action.StickerCreate, sticker.id, reason, { changes })
    return created(Stickers.wire(world, sticker))
  }),
  make("GET", one, ({ params, world }) =>
    ok(Stickers.wire(world, Stickers.get(world.guild(params.guild), params.sticker))),
  ),
  make("PATCH", one, (call) => {
    const { guild, sticker } = changeable(call)
    const before = Stickers.wireAlone(sticker)
    Stickers.change(call.world, guild, sticker, object(call))
    const changes = AuditLog.changes(before, Stickers.wireAlone(sticker))
    AuditLog.note(call.world, guild, Action.StickerUpdate, sticker.id, call.reason, { changes })
    return ok(Stickers.wire(call.world, sticker))
  }),
  make("DELETE", one, (call) => {
    const { guild, sticker } = changeable(call)
    Stickers.remove(call.world, guild, sticker)
    const changes = AuditLog.changes(Stickers.wireAlone(sticker), null)
    AuditLog.note(call.world, guild, Action.StickerDelete, sticker.id, call.reason, { changes })
    return nothing
  }),
]
