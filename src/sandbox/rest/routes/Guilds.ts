/**
 * Routes of guilds themselves, and of those that the bot is in.
 *
 * @module
 */
import * as ApiError from "../../model/ApiError.js"
import * as AuditLog from "../../world/AuditLog.js"
import * as GuildForm from "../../form/GuildForm.js"
import * as IncidentsForm from "../../form/IncidentsForm.js"
import * as Guilds from "../../world/Guilds.js"
import type { Guild, Json } from "../../model/Model.js"
import * as Page from "../Page.js"
import * as Permissions from "../../world/Permissions.js"
import * as Presences from "../../world/Presences.js"
import { make, nothing, object, ok, type Route, yes } from "../Route.js"
import * as Wire from "../../world/Wire.js"
import type { World } from "../../world/World.js"

const { Bit } = Permissions

const counts = (world: World, guild: Guild): Json => ({
  approximate_member_count: guild.members.size,
  approximate_presence_count: Presences.count(world, guild),
})

/** A guild as the list of the bot's own shows it. */
const mine = (world: World, guild: Guild): Json => ({
  id: guild.id,
  name: guild.name,
  icon: guild.settings.icon,
  banner: guild.settings.banner,
  owner: guild.ownerId === world.bot.id,
  permissions: String(Permissions.inGuild(guild, world.self(guild), world.now())),
  features: guild.settings.features,
})

export const routes: ReadonlyArray<Route> = [
  make("GET", "/guilds/:guild", (call) => {
    const guild = call.world.guild(call.params.guild)
    const counted = yes(call.query, "with_counts") ? counts(call.world, guild) : {}
    return ok({ ...Wire.guild(guild), ...counted })
  }),
  make("GET", "/guilds/:guild/preview", (call) => {
    const guild = call.world.guild(call.params.guild)
    const { description, discovery_splash, emojis, features, home_header, icon, id, name, splash, stickers } =
      Wire.guild(guild)
    const shown = { id, name, icon, splash, discovery_splash, home_header, emojis, stickers }
    return ok({ ...shown, description, features, ...counts(call.world, guild) })
  }),
  make("PATCH", "/guilds/:guild", (call) => {
    const { world } = call
    const guild = world.guild(call.params.guild)
    world.need(guild, Bit.ManageGuild)
    const changes = GuildForm.read(object(call), guild)
    const { features } = changes
    const community = (list: ReadonlyArray<string>) => list.includes("COMMUNITY")
    // Discord: what is a community is the administrators' to say.
    if (features !== undefined && community(features) !== community(guild.settings.features))
      world.need(guild, Bit.Administrator)
    const before = Wire.guild(guild)
    Guilds.change(world, guild, changes)
    const after = Wire.guild(guild)
    const told = AuditLog.changes(before, after)
    if (told.length > 0)
      AuditLog.note(world, guild, AuditLog.Action.GuildUpdate, guild.id, call.reason, { changes: told })
    return ok(after)
  }),
  make("PUT", "/guilds/:guild/incident-actions", (call) => {
    const { world } = call
    const guild = world.guild(call.params.guild)
    world.need(guild, Bit.ManageGuild)
    const incidents = IncidentsForm.read(object(call), guild.settings.incidents, world.now())
    Guilds.change(world, guild, { incidents })
    return ok(Wire.incidents(incidents))
  }),
  // Nobody here has bought one.
  make("GET", "/guilds/:guild/vanity-url", (call) => {
    call.world.need(call.world.guild(call.params.guild), Bit.ManageGuild)
    return ok({ code: null, uses: 0 })
  }),
  // What is not the bot's own is none of the sandbox's.
  make("GET", "/guilds/:guild/integrations", (call) => {
    call.world.need(call.world.guild(call.params.guild), Bit.ManageGuild)
    return ok([])
  }),
  make("GET", "/users/@me/guilds", (call) => {
    const { query, world } = call
    const own = [...world.guilds.values()].filter(({ members }) => members.has(world.bot.id))
    const counted = yes(query, "with_counts")
    const page = Page.byId(query, own, ({ id }) => id, 200, 200)
    return ok(page.map((guild) => ({ ...mine(world, guild), ...(counted ? counts(world, guild) : {}) })))
  }),
  make("DELETE", "/users/@me/guilds/:guild", (call) => {
    const guild = call.world.guild(call.params.guild)
    if (guild.ownerId === call.world.bot.id) throw ApiError.invalidGuild()
    Guilds.removeBot(call.world, guild)
    return nothing
  }),
]
