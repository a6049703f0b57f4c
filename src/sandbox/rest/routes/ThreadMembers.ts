/**
 * Routes of who is in a thread.
 *
 * @module
 */
import { ChannelType } from "discord-api-types/v10"
import * as ApiError from "../../model/ApiError.js"
import { Form } from "../../form/Form.js"
import type { Channel, Json } from "../../model/Model.js"
import * as Permissions from "../../world/Permissions.js"
import { type Call, make, nothing, ok, type Route, yes } from "../Route.js"
import * as Snowflake from "../../model/Snowflake.js"
import * as ThreadMembers from "../../world/ThreadMembers.js"
import * as Threads from "../../world/Threads.js"
import * as Wire from "../../world/Wire.js"
import type { World } from "../../world/World.js"

const { Bit } = Permissions

const threadOf = (call: Call<"channel">) => Threads.of(call.world.channel(call.params.channel))

const member = (world: World, channel: Channel, id: string, whole: boolean): Json => {
  const one = channel.guildId === null ? undefined : world.guilds.get(channel.guildId)?.members.get(id)
  return {
    ...Wire.threadMember(channel, id),
    ...(whole && one !== undefined ? { member: Wire.member(world, one) } : {}),
  }
}

export const routes: ReadonlyArray<Route> = [
  make("GET", "/channels/:channel/thread-members", (call) => {
    const channel = threadOf(call)
    if (!call.world.privilegedIntents.members) throw ApiError.missingAccess()
    const whole = yes(call.query, "with_member")
    const form = Form.make()
    const limit = form.at("limit").integer(call.query.get("limit") ?? undefined, 1, 100) ?? 100
    const after = form.at("after").snowflake(call.query.get("after")) ?? "0"
    form.done()
    const ids = [...channel.thread.members.keys()].sort(Snowflake.compare)
    // Pages are for the list with members alone; the other one is whole.
    const shown = whole ? ids.filter((id) => Snowflake.compare(id, after) > 0).slice(0, limit) : ids
    return ok(shown.map((id) => member(call.world, channel, id, whole)))
  }),
  make("GET", "/channels/:channel/thread-members/:user", (call) => {
    const channel = threadOf(call)
    const id = call.params.user === "@me" ? call.world.bot.id : call.params.user
    if (!channel.thread.members.has(id)) throw ApiError.unknownMember()
    return ok(member(call.world, channel, id, yes(call.query, "with_member")))
  }),
  make("PUT", "/channels/:channel/thread-members/@me", (call) => {
    const channel = threadOf(call)
    Threads.needActive(channel)
    ThreadMembers.add(call.world, channel, [call.world.bot.id])
    return nothing
  }),
  make("DELETE", "/channels/:channel/thread-members/@me", (call) => {
    const channel = threadOf(call)
    Threads.needActive(channel)
    ThreadMembers.remove(call.world, channel, [call.world.bot.id])
    return nothing
  }),
  make("PUT", "/channels/:channel/thread-members/:user", (call) => {
    const { world } = call
    const channel = threadOf(call)
    Threads.needActive(channel)
    if (!ThreadMembers.mayAdd(world, channel, world.bot.id)) throw ApiError.missingPermissions()
    const { userId } = world.member(world.guild(channel.guildId ?? ""), call.params.user)
    Threads.invite(world, channel, world.bot.id, userId)
    return nothing
  }),
  make("DELETE", "/channels/:channel/thread-members/:user", (call) => {
    const { world } = call
    const channel = threadOf(call)
    Threads.needActive(channel)
    const own = channel.type === ChannelType.PrivateThread && channel.thread.ownerId === world.bot.id
    if (!own) world.needIn(channel, Bit.ManageThreads)
    if (!channel.thread.members.has(call.params.user)) throw ApiError.unknownMember()
    Threads.expel(world, channel, world.bot.id, call.params.user)
    return nothing
  }),
]
