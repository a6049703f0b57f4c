/**
 * Routes of what a guild shows to those outside, and to those who come in: its widget, its
 * welcome screen and its onboarding.
 *
 * @module
 */
import * as AuditLog from "../../world/AuditLog.js"
import * as Onboarding from "../../world/Onboarding.js"
import * as Permissions from "../../world/Permissions.js"
import { make, object, ok, type Route } from "../Route.js"
import * as WelcomeScreen from "../../world/WelcomeScreen.js"
import * as Widget from "../../world/Widget.js"
import * as Wire from "../../world/Wire.js"

const { Bit } = Permissions

export const routes: ReadonlyArray<Route> = [
  make("GET", "/guilds/:guild/widget", ({ params, world }) => {
    const guild = world.guild(params.guild)
    world.need(guild, Bit.ManageGuild)
    return ok(Widget.settings(guild))
  }),
  make("PATCH", "/guilds/:guild/widget", (call) => {
    const { params, reason, world } = call
    const guild = world.guild(params.guild)
    world.need(guild, Bit.ManageGuild)
    const before = Wire.guild(guild)
    Widget.change(world, guild, object(call))
    const changes = AuditLog.changes(before, Wire.guild(guild))
    if (changes.length > 0)
      AuditLog.note(world, guild, AuditLog.Action.GuildUpdate, guild.id, reason, { changes })
    return ok(Widget.settings(guild))
  }),
  make(
    "GET",
    "/guilds/:guild/widget.json",
    ({ params, world }) => ok(Widget.wire(world, world.guild(params.guild))),
    { authorized: false },
  ),
  make("GET", "/guilds/:guild/welcome-screen", ({ params, world }) => {
    const guild = world.guild(params.guild)
    if (!WelcomeScreen.isShown(guild)) world.need(guild, Bit.ManageGuild)
    return ok(WelcomeScreen.wire(WelcomeScreen.get(guild)))
  }),
  make("PATCH", "/guilds/:guild/welcome-screen", (call) => {
    const guild = call.world.guild(call.params.guild)
    call.world.need(guild, Bit.ManageGuild)
    return ok(WelcomeScreen.wire(WelcomeScreen.change(call.world, guild, object(call))))
  }),
  make("GET", "/guilds/:guild/onboarding", ({ params, world }) =>
    ok(Onboarding.wire(world.guild(params.guild))),
  ),
  make("PUT", "/guilds/:guild/onboarding", (call) => {
    const guild = call.world.guild(call.params.guild)
    call.world.need(guild, Bit.ManageGuild | Bit.ManageRoles)
    Onboarding.change(call.world, guild, object(call), call.reason)
    return ok(Onboarding.wire(guild))
  }),
]
