/**
 * Routes of the application itself, of what it sells (nothing), and of the gateway's address.
 *
 * @module
 */
import * as ApiError from "../../model/ApiError.js"
import * as Application from "../../world/Application.js"
import { type Call, make, object, ok, type Route } from "../Route.js"

const own = (call: Call<"app">): void => {
  if (call.params.app !== call.world.bot.id) throw ApiError.notThisApplication()
}

const none = (call: Call<"app">) => {
  own(call)
  return ok([])
}

const regions = ["rotterdam", "us-east", "singapore"].map((id, n) => ({
  id,
  name: id,
  custom: false,
  deprecated: false,
  optimal: n === 0,
}))

export const routes: ReadonlyArray<Route> = [
  make("GET", "/gateway", (call) => ok({ url: call.gatewayUrl }), { authorized: false }),
  make("GET", "/gateway/bot", (call) =>
    ok({ url: call.gatewayUrl, shards: call.gateway.shards, session_start_limit: call.gateway.startLimit }),
  ),
  make("GET", "/applications/@me", (call) => ok(Application.wire(call.world))),
  make("PATCH", "/applications/@me", (call) => {
    Application.change(call.world, object(call))
    return ok(Application.wire(call.world))
  }),
  make("GET", "/oauth2/applications/@me", (call) => ok(Application.wire(call.world))),
  make("GET", "/applications/:app/skus", none),
  make("GET", "/applications/:app/entitlements", none),
  make("GET", "/voice/regions", () => ok(regions)),
]
