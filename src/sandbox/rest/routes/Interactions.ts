/**
 * Routes of an interaction's life: its first response, `@original`, and follow-ups.
 *
 * The token in the path is the authorization, so no header is needed. First responses count against no limit.
 *
 * @module
 */
import * as MessageForm from "../../form/MessageForm.js"
import { make, nothing, object, ok, type Route } from "../Route.js"
import * as Wire from "../../world/Wire.js"

const unlimited = {
  authorized: false,
  global: false,
  limit: { count: Number.POSITIVE_INFINITY, millis: 1_000 },
}
/** Seen on Discord: 5 in 2 seconds for one token. */
const webhook = { authorized: false, global: false, limit: { count: 5, millis: 2_000 } }

export const routes: ReadonlyArray<Route> = [
  make(
    "POST",
    "/interactions/:id/:token/callback",
    (call) => {
      const shown = call.interactions.respond(call.params.id, call.params.token, object(call), call.files)
      return call.query.get("with_response") === "true" ? ok(shown) : nothing
    },
    unlimited,
  ),
  make(
    "POST",
    "/webhooks/:app/:token",
    (call) => {
      const interaction = call.interactions.answered(call.params.app, call.params.token)
      const draft = MessageForm.read(object(call), { files: call.files.length > 0 })
      return ok(Wire.message(call.world, call.interactions.followUp(interaction, draft, call.files)))
    },
    webhook,
  ),
  make(
    "GET",
    "/webhooks/:app/:token/messages/:message",
    (call) => {
      const interaction = call.interactions.answered(call.params.app, call.params.token)
      return ok(Wire.message(call.world, call.interactions.message(interaction, call.params.message)))
    },
    webhook,
  ),
  make(
    "PATCH",
    "/webhooks/:app/:token/messages/:message",
    (call) => {
      const interaction = call.interactions.answered(call.params.app, call.params.token)
      const message = call.interactions.message(interaction, call.params.message)
      const draft = MessageForm.read(object(call), { edit: true, files: call.files.length > 0 })
      return ok(Wire.message(call.world, call.interactions.edit(interaction, message, draft, call.files)))
    },
    webhook,
  ),
  make(
    "DELETE",
    "/webhooks/:app/:token/messages/:message",
    (call) => {
      const interaction = call.interactions.answered(call.params.app, call.params.token)
      call.interactions.remove(interaction, call.interactions.message(interaction, call.params.message))
      return nothing
    },
    webhook,
  ),
]
