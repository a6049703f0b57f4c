/**
 * What a body says of a thread that is to be or to change, checked as Discord checks it (50035).
 *
 * Source: Discord Developer Docs, "Channels Resource" (Start Thread, Modify Channel).
 *
 * @module
 */
import { ChannelFlags } from "discord-api-types/v10"
import { durations, slowest } from "./ChannelForm.js"
import { Form } from "./Form.js"
import { appliedLimit } from "../world/Forums.js"
import type { Json } from "../model/Model.js"
import type { Changes } from "../world/Threads.js"

/** A thread's fields; a new one needs a name. */
export const read = (body: Json, named: "required" | "optional"): Changes => {
  const form = Form.make()
  const bounds = { min: 1, max: 100 }
  const name =
    named === "required"
      ? form.at("name").requiredText(body["name"], bounds)
      : form.at("name").text(body["name"], bounds)
  const autoArchive = form
    .at("auto_archive_duration")
    .oneOf(body["auto_archive_duration"] as number, durations)
  const slow = form.at("rate_limit_per_user").integer(body["rate_limit_per_user"], 0, slowest)
  const invitable = form.at("invitable").boolean(body["invitable"])
  const archived = form.at("archived").boolean(body["archived"])
  const locked = form.at("locked").boolean(body["locked"])
  const flags = form.at("flags").integer(body["flags"], 0, 2_147_483_647)
  const tags = form.at("applied_tags").snowflakes(body["applied_tags"], appliedLimit)
  form.done()
  return {
    ...(name === undefined ? {} : { name }),
    ...(autoArchive === undefined ? {} : { autoArchive }),
    ...(slow === undefined ? {} : { rateLimitPerUser: slow }),
    ...(invitable === undefined ? {} : { invitable }),
    ...(archived === undefined ? {} : { archived }),
    ...(locked === undefined ? {} : { locked }),
    ...(flags === undefined ? {} : { flags: flags & ChannelFlags.Pinned }),
    ...(tags === undefined ? {} : { tags }),
  }
}
