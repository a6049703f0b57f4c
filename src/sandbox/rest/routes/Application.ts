/**
 * Routes of the application, its users and its commands.
 *
 * @module
 */
import * as ApiError from "../../model/ApiError.js"
import * as Commands from "../../world/Commands.js"
import { Form } from "../../form/Form.js"
import * as Guilds from "../../world/Guilds.js"
import * as Permissions from "../../world/Permissions.js"
import { type Call, created, make, nothing, object, ok, type Route } from "../Route.js"
import * as Wire from "../../world/Wire.js"
import type { World } from "../../world/World.js"

const own = (world: World, applicationId: string): void => {
  if (applicationId !== world.bot.id) throw ApiError.unknownApplication()
}

/** The scope that a path names: a guild, or `null` for global. */
const scope = (call: Call<"app"> & { readonly params: { readonly guild?: string } }): string | null => {
  own(call.world, call.params.app)
  const guild = call.params.guild
  if (guild === undefined) return null
  if (!call.world.guilds.has(guild)) throw ApiError.missingAccess()
  return guild
}

const raw = (commands: ReadonlyArray<{ readonly raw: unknown }>) => commands.map((command) => command.raw)

/** The same six routes, global and in a guild. */
const commandRoutes = (
  base: `/applications/:app/commands` | `/applications/:app/guilds/:guild/commands`,
): ReadonlyArray<Route> => [
  make("GET", base, (call) => ok(raw(Commands.list(call.world, scope(call))))),
  make("PUT", base, (call) => ok(raw(Commands.overwrite(call.world, scope(call), call.body)))),
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
    call.world.commands.delete(Commands.get(call.world, scope(call), call.params.command).id)
    return nothing
  }),
]

export const routes: ReadonlyArray<Route> = [
  make("GET", "/gateway", (call) => ok({ url: call.gatewayUrl }), { authorized: false }),
  make("GET", "/gateway/bot", (call) =>
    ok({ url: call.gatewayUrl, shards: 1, session_start_limit: call.gateway.startLimit }),
  ),
  make("GET", "/applications/@me", (call) => ok(Wire.application(call.world))),
  make("GET", "/oauth2/applications/@me", (call) => ok(Wire.application(call.world))),
  make("GET", "/users/@me", (call) =>
    ok({
      ...Wire.user(call.world.bot),
      verified: true,
      mfa_enabled: true,
      locale: "en-US",
      email: null,
      flags: 0,
    }),
  ),
  make("GET", "/users/@me/guilds", (call) =>
    ok(
      [...call.world.guilds.values()].flatMap((guild) => {
        const member = guild.members.get(call.world.bot.id)
        if (member === undefined) return []
        const permissions = String(Permissions.inGuild(guild, member, call.world.now()))
        return [{ id: guild.id, name: guild.name, icon: null, owner: false, permissions, features: [] }]
      }),
    ),
  ),
  make("DELETE", "/users/@me/guilds/:guild", (call) => {
    Guilds.removeBot(call.world, call.world.guild(call.params.guild))
    return nothing
  }),
  make("POST", "/users/@me/channels", (call) => {
    const form = Form.make()
    const id = form.at("recipient_id").requiredText(object(call)["recipient_id"], { max: 20 })
    form.done()
    const user = call.world.user(id)
    if (user.bot) throw ApiError.cannotMessageUser()
    return ok(Wire.channel(call.world, call.world.directMessage(user)))
  }),
  make("GET", "/users/:user", (call) => ok(Wire.user(call.world.user(call.params.user)))),
  ...commandRoutes("/applications/:app/commands"),
  ...commandRoutes("/applications/:app/guilds/:guild/commands"),
]
