/**
 * Routes of the application's commands, global and in a guild, and of who may use them.
 *
 * @module
 */
import * as ApiError from "../../model/ApiError.js"
import * as CommandPermissions from "../../world/CommandPermissions.js"
import * as Commands from "../../world/Commands.js"
import { type Call, created, make, nothing, object, ok, type Route, yes } from "../Route.js"
import type { World } from "../../world/World.js"

type Scoped = Call<"app"> & { readonly params: { readonly guild?: string } }

const own = (world: World, applicationId: string): void => {
  if (applicationId !== world.bot.id) throw ApiError.notThisApplication()
}

/** The scope that a path names: a guild, or `null` for global. */
const scope = (call: Scoped): string | null => {
  own(call.world, call.params.app)
  const guild = call.params.guild
  if (guild === undefined) return null
  if (!call.world.guilds.has(guild)) throw ApiError.missingAccess()
  return guild
}

/** The language for which names and descriptions are shown: `X-Discord-Locale`, then `Accept-Language`. */
const locale = (call: Call): string | null =>
  call.headers["x-discord-locale"] ?? call.headers["accept-language"]?.split(/[,;]/u)[0]?.trim() ?? null

/** The same six routes, global and in a guild. */
const commandRoutes = (
  base: `/applications/:app/commands` | `/applications/:app/guilds/:guild/commands`,
): ReadonlyArray<Route> => [
  make("GET", base, (call) => {
    const localizations = yes(call.query, "with_localizations")
    const how = { localizations, locale: locale(call) }
    return ok(Commands.list(call.world, scope(call)).map((command) => Commands.shown(command, how)))
  }),
  make("PUT", base, (call) =>
    ok(Commands.overwrite(call.world, scope(call), call.body).map(({ raw }) => raw)),
  ),
  make("POST", base, (call) => {
    const { command, created: fresh } = Commands.put(call.world, scope(call), object(call))
    return fresh ? created(command.raw) : ok(command.raw)
  }),
  make("GET", `${base}/:command`, (call) =>
    ok(Commands.get(call.world, scope(call), call.params.command).raw),
  ),
  make("PATCH", `${base}/:command`, (call) => {
    const command = Commands.get(call.world, scope(call), call.params.command)
    return ok(Commands.change(call.world, command, object(call)).raw)
  }),
  make("DELETE", `${base}/:command`, (call) => {
    Commands.remove(call.world, Commands.get(call.world, scope(call), call.params.command))
    return nothing
  }),
]

const inGuild = "/applications/:app/guilds/:guild/commands" as const

export const routes: ReadonlyArray<Route> = [
  // Before those of one command: "permissions" is no id.
  make("GET", `${inGuild}/permissions`, (call) => {
    own(call.world, call.params.app)
    const guild = call.world.guild(call.params.guild)
    const all = [...call.world.commandPermissions.of(guild)]
    return ok(all.map(([id, permissions]) => CommandPermissions.wire(call.world, guild, id, permissions)))
  }),
  ...commandRoutes("/applications/:app/commands"),
  ...commandRoutes(inGuild),
  make("GET", `${inGuild}/:command/permissions`, (call) => {
    own(call.world, call.params.app)
    const guild = call.world.guild(call.params.guild)
    const permissions = CommandPermissions.get(call.world, guild, call.params.command)
    return ok(CommandPermissions.wire(call.world, guild, call.params.command, permissions))
  }),
  // Discord wants the token of a person here, and only bots have one for this API.
  make("PUT", `${inGuild}/:command/permissions`, (call) => {
    own(call.world, call.params.app)
    throw ApiError.botsForbidden()
  }),
]
