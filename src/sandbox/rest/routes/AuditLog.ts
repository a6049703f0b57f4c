/**
 * The route of a guild's audit log.
 *
 * @module
 */
import * as AuditLog from "../../world/AuditLog.js"
import { Form } from "../../form/Form.js"
import * as Page from "../Page.js"
import * as Permissions from "../../world/Permissions.js"
import { make, ok, type Route } from "../Route.js"
import * as Snowflake from "../../model/Snowflake.js"

export const routes: ReadonlyArray<Route> = [
  make("GET", "/guilds/:guild/audit-logs", (call) => {
    const guild = call.world.guild(call.params.guild)
    call.world.need(guild, Permissions.Bit.ViewAuditLog)
    const asked = (name: string) => call.query.get(name) ?? undefined
    const form = Form.make()
    const action = form.at("action_type").integer(asked("action_type"), 1, 1_000)
    const user = form.at("user_id").snowflake(asked("user_id"))
    const target = form.at("target_id").snowflake(asked("target_id"))
    const after = form.at("after").snowflake(asked("after"))
    const before = form.at("before").snowflake(asked("before"))
    form.done()
    const limit = Page.limit(call.query, 100, 50)
    const found = guild.auditLog.filter(
      (one) =>
        (action === undefined || one.action === action) &&
        (user === undefined || one.userId === user) &&
        (target === undefined || one.targetId === target) &&
        (after === undefined || Snowflake.compare(one.id, after) > 0) &&
        (before === undefined || Snowflake.compare(one.id, before) < 0),
    )
    // Newest first; counted upwards from `after` the other way round, as Discord does.
    const page = after === undefined ? found.slice(-limit).toReversed() : found.slice(0, limit)
    return ok(AuditLog.wire(call.world, guild, page))
  }),
]
