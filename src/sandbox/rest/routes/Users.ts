/**
 * Routes of users: the bot's own, and others.
 *
 * @module
 */
import * as ApiError from "../../model/ApiError.js"
import * as Application from "../../world/Application.js"
import { Form } from "../../form/Form.js"
import { make, object, ok, type Route } from "../Route.js"
import * as Wire from "../../world/Wire.js"

export const routes: ReadonlyArray<Route> = [
  make("GET", "/users/@me", (call) => ok(Application.self(call.world))),
  make("PATCH", "/users/@me", (call) => {
    Application.changeSelf(call.world, object(call))
    return ok(Application.self(call.world))
  }),
  make("POST", "/users/@me/channels", (call) => {
    const form = Form.make()
    const asked = object(call)["recipient_id"]
    if (asked === undefined || asked === null) form.at("recipient_id").required()
    const id = form.at("recipient_id").snowflake(asked) ?? ""
    form.done()
    const user = call.world.user(id)
    if (user.bot) throw ApiError.cannotMessageUser()
    return ok(Wire.channel(call.world, call.world.directMessage(user)))
  }),
  make("GET", "/users/:user", (call) => ok(Wire.user(call.world.user(call.params.user)))),
]
