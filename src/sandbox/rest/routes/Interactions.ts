/**
 * Routes of an interaction's life: its first response, `@original`, and follow-ups.
 *
 * The token in the path is the authorization, so no header is needed. First responses count against no limit.
 * Paths that name a webhook instead are answered by `Webhooks`.
 *
 * @module
 */
import * as MessageForm from "../../form/MessageForm.js"
import { make, nothing, object, ok, type Route, yes } from "../Route.js"
import * as Webhooks from "./Webhooks.js"
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
      return yes(call.query, "with_response") ? ok(shown) : nothing
    },
    unlimited,
  ),
  make(
    "POST",
    "/webhooks/:app/:token",
    (call) => {
      const own = Webhooks.execute(call, call.params.app, call.params.token)
      if (own !== undefined) return own
      const interaction = call.interactions.answered(call.params.app, call.params.token)
      const draft = MessageForm.read(object(call), { files: call.files })
      return ok(Wire.message(call.world, call.interactions.followUp(interaction, draft, call.files)))
    },
    webhook,
  ),
  make(
    "GET",
    "/webhooks/:app/:token/messages/:message",
    (call) => {
      const own = Webhooks.show(call, call.params.app, call.params.token, call.params.message)
      if (own !== undefined) return own
      const interaction = call.interactions.answered(call.params.app, call.params.token)
      return ok(Wire.message(call.world, call.interactions.message(interaction, call.params.message)))
    },
    webhook,
  ),
  make(
    "PATCH",
    "/webhooks/:app/:token/messages/:message",
    (call) => {
      const own = Webhooks.edit(call, call.params.app, call.params.token, call.params.message)
      if (own !== undefined) return own
      const interaction = call.interactions.answered(call.params.app, call.params.token)
      const message = call.interactions.message(interaction, call.params.message)
      const draft = MessageForm.read(object(call), { edit: true, message, files: call.files })
      return ok(Wire.message(call.world, call.interactions.edit(interaction, message, draft, call.files)))
    },
    webhook,
  ),
  make(
    "DELETE",
    "/webhooks/:app/:token/messages/:message",
    (call) => {
      const own = Webhooks.remove(call, call.params.app, call.params.token, call.params.message)
      if (own !== undefined) return own
      const interaction = call.interactions.answered(call.params.app, call.params.token)
      call.interactions.remove(interaction, call.interactions.message(interaction, call.params.message))
      return nothing
    },
    webhook,
  ),
]
