/**
 * What a body says of a guild's incident actions, checked as Discord checks it (50035).
 *
 * Source: Discord Developer Docs, "Modify Guild Incident Actions": 24 hours at most.
 *
 * @module
 */
import { Form } from "./Form.js"
import type { Incidents, Json } from "../model/Model.js"

const longest = 86_400_000

/** The actions as they are to be: what is left out stays. `now` is in milliseconds since 1970. */
export const read = (body: Json, former: Incidents | null, now: number): Incidents => {
  const form = Form.make()
  const until = (name: string, old: number | null): number | null => {
    if (!(name in body)) return old
    const text = form.at(name).text(body[name], { max: 64 })
    if (text === undefined) return null
    const millis = Date.parse(text)
    if (Number.isNaN(millis))
      form.at(name).fail("DATE_TIME_TYPE_PARSE", "Could not parse it. Should be ISO8601.")
    else if (millis > now + longest) form.at(name).fail("INVALID_TIMESTAMP", "At most 24 hours from now.")
    return millis
  }
  const invitesUntil = until("invites_disabled_until", former?.invitesUntil ?? null)
  const dmsUntil = until("dms_disabled_until", former?.dmsUntil ?? null)
  form.done()
  return { invitesUntil, dmsUntil }
}
