/**
 * For whoever runs the bot: `/tasks`, `/jobs` and `/health`, and notices of what they have to know.
 *
 * @module
 */
import { Layer } from "effect"
import * as Command from "../../command/Command.js"
import * as Alarms from "./Alarms.js"
import * as Health from "./Health.js"
import * as JobsCommand from "./JobsCommand.js"
import * as Tasks from "./Tasks.js"

/** With options for where notices go. */
export const layerWith = (options: { readonly alarms?: Alarms.Options }) =>
  Layer.mergeAll(
    Command.layer(Tasks.command, JobsCommand.command),
    Health.layer,
    Alarms.layer(options.alarms),
  )

/** Notices go to the owner's direct messages. */
export const layer = layerWith({})
