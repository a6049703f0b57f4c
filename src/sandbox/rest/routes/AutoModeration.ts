/**
 * Routes of auto-moderation's rules.
 *
 * @module
 */
import * as AutoModeration from "../../world/AutoModeration.js"
import type { Guild } from "../../model/Model.js"
import * as Permissions from "../../world/Permissions.js"
import { type Call, make, nothing, object, ok, type Route } from "../Route.js"

const rules = "/guilds/:guild/auto-moderation/rules" as const
const one = `${rules}/:rule` as const

/** The guild, for who may manage it. */
const managed = (call: Call<"guild">): Guild => {
  const guild = call.world.guild(call.params.guild)
  call.world.need(guild, Permissions.Bit.ManageGuild)
  return guild
}

export const routes: ReadonlyArray<Route> = [
  make("GET", rules, (call) =>
    ok([...call.world.autoModeration.of(managed(call)).values()].map(AutoModeration.wire)),
  ),
  make("POST", rules, (call) =>
    ok(AutoModeration.wire(AutoModeration.create(call.world, managed(call), object(call), call.reason))),
  ),
  make("GET", one, (call) =>
    ok(AutoModeration.wire(AutoModeration.get(call.world, managed(call), call.params.rule))),
  ),
  make("PATCH", one, (call) => {
    const guild = managed(call)
    const rule = AutoModeration.get(call.world, guild, call.params.rule)
    AutoModeration.change(call.world, guild, rule, object(call), call.reason)
    return ok(AutoModeration.wire(rule))
  }),
  make("DELETE", one, (call) => {
    const guild = managed(call)
    const rule = AutoModeration.get(call.world, guild, call.params.rule)
    AutoModeration.remove(call.world, guild, rule, call.reason)
    return nothing
  }),
]
