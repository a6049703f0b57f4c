/**
 * What an interaction's response sends of its own accord, and the bodies of first responses, as JSON.
 *
 * @module
 */
import { InteractionResponseType, MessageFlags } from "discord-api-types/v10"
import * as Message from "../discord/Message.js"
import * as ChannelMessage from "./ChannelMessage.js"
import type * as Reply from "./Reply.js"

/** Shown in place of an answer that Discord refused. */
export const refusedForm = Message.render(
  Message.ephemeral(
    Message.text("The answer could not be shown: Discord refused its form. This was reported."),
  ),
)
export const later = Message.render(
  Message.text("This takes longer. I will answer you in a message of its own."),
)
export const elsewhere = Message.render(Message.text("Answered privately."))
export const done = Message.render(Message.ephemeral(Message.text("Done.")))

export const deferPublicly = JSON.stringify({
  type: InteractionResponseType.DeferredChannelMessageWithSource,
})
export const deferPrivately = JSON.stringify({
  type: InteractionResponseType.DeferredChannelMessageWithSource,
  data: { flags: MessageFlags.Ephemeral },
})
export const accepted = JSON.stringify({ type: InteractionResponseType.DeferredMessageUpdate })

export const firstAnswer = ({ json }: Message.Rendered): string =>
  `{"type":${InteractionResponseType.ChannelMessageWithSource},"data":${json}}`
export const firstUpdate = (message: Message.Rendered): string =>
  JSON.stringify({ type: InteractionResponseType.UpdateMessage, data: ChannelMessage.replacing(message) })

/** Throws what a builder in it throws. */
export const rendered = (outcome: Reply.Reply): Message.Rendered =>
  outcome._tag === "Silent" ? done : Message.render(outcome._tag === "Update" ? outcome.message : outcome)
