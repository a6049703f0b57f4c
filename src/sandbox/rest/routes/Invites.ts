/**
 * Routes of invites.
 *
 * @module
 */
import type { Guild } from "../../model/Model.js"
import * as Invites from "../../world/Invites.js"
import * as Permissions from "../../world/Permissions.js"
import { make, object, ok, type Route, yes } from "../Route.js"
import type { World } from "../../world/World.js"

const { Bit } = Permissions

const may = (world: World, guild: Guild, bit: bigint): boolean =>
  Permissions.has(Permissions.inGuild(guild, world.self(guild), world.now()), bit)

export const routes: ReadonlyArray<Route> = [
  make("GET", "/channels/:channel/invites", (call) => {
    const { channel, guild } = call.world.place(call.params.channel)
    call.world.needIn(channel, Bit.ManageChannels)
    const here = Invites.list(call.world, guild).filter((one) => one.channelId === channel.id)
    return ok(here.map((one) => Invites.wireFull(call.world, guild, one)))
  }),
  make("POST", "/channels/:channel/invites", (call) => {
    const { channel, guild } = call.world.place(call.params.channel)
    call.world.needIn(channel, Bit.CreateInstantInvite)
    const invite = Invites.create(call.world, guild, channel, call.world.bot.id, object(call), call.reason)
    return ok(Invites.wireFull(call.world, guild, invite))
  }),
  make("GET", "/guilds/:guild/invites", (call) => {
    const guild = call.world.guild(call.params.guild)
    const manages = may(call.world, guild, Bit.ManageGuild)
    if (!manages) call.world.need(guild, Bit.ViewAuditLog)
    const show = manages ? Invites.wireFull : Invites.wire
    return ok(Invites.list(call.world, guild).map((one) => show(call.world, guild, one)))
  }),
  make("GET", "/invites/:code", (call) => {
    const { guild, invite } = Invites.get(call.world, call.params.code)
    call.world.needAvailable(guild.id)
    return ok(Invites.wire(call.world, guild, invite, { counts: yes(call.query, "with_counts") }))
  }),
  make("DELETE", "/invites/:code", (call) => {
    const { guild, invite } = Invites.get(call.world, call.params.code)
    if (!may(call.world, call.world.guild(guild.id), Bit.ManageGuild))
      call.world.needIn(call.world.channel(invite.channelId), Bit.ManageChannels)
    Invites.revoke(call.world, guild, invite, call.reason)
    return ok(Invites.wire(call.world, guild, invite))
  }),
]
