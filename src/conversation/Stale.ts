/**
 * A question with nobody behind it: it was left by a process that was killed, or Discord took it without saying so.
 * Nothing tells the bot of it but a press.
 *
 * @module
 */
import { type APIMessage, type APIMessageTopLevelComponent, ComponentType } from "discord-api-types/v10"
import * as Reply from "../interaction/Reply.js"
import { PREFIX } from "../wait/Waits.js"
import * as Screen from "./Screen.js"

/** What it says from then on. */
const LINE = "No longer in use."

/**
 * Such a question, as a press has brought it, without what was live in it; undefined where nothing of a question is.
 * Whatever else is in it stays: links, routes.
 */
export const closed = (message: APIMessage | undefined): Reply.Message | undefined => {
  const { components = [], content, embeds = [], flags } = message ?? {}
  const rest = components.flatMap((one): ReadonlyArray<APIMessageTopLevelComponent> => {
    if (one.type !== ComponentType.ActionRow) return [one]
    const kept = one.components.filter((part) => !("custom_id" in part && part.custom_id.startsWith(PREFIX)))
    return kept.length === 0 ? [] : [{ ...one, components: kept }]
  })
  if (JSON.stringify(rest) === JSON.stringify(components)) return undefined
  const written = embeds.filter(({ type }) => type === "rich")
  return Screen.withLine(
    Reply.make({
      components: rest,
      ...(content === undefined || content === "" ? {} : { content }),
      ...(written.length === 0 ? {} : { embeds: written }),
      ...(flags === undefined ? {} : { flags }),
    }),
    LINE,
  )
}
