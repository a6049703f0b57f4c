/**
 * Polls: people vote until one ends, by its author or by itself; then a message of the system tells the result.
 *
 * @module
 */
import { MessageType } from "discord-api-types/v10"
import * as ApiError from "../model/ApiError.js"
import * as Ballot from "./Ballot.js"
import { Form } from "../form/Form.js"
import * as MessageEvents from "./MessageEvents.js"
import type { Channel, Message, Poll } from "../model/Model.js"
import * as Notices from "./Notices.js"
import type { World } from "./World.js"

/** Starts the time that a poll's message has. */
export const start = (world: World, channel: Channel, message: Message): void => {
  const { poll } = message
  if (poll === null) return
  poll.cancel = world.after(Math.max(0, poll.endsAt - world.now()), () =>
    finish(world, channel, message, poll),
  )
}

/** The polls of a channel that is gone end in silence: their times are taken back. */
export const forget = (channel: Channel): void => {
  for (const message of channel.messages.values()) message.poll?.cancel()
}

/** Ends a poll now. Refuses with 520006 where the message is none, with 520001 where it has ended. */
export const end = (world: World, channel: Channel, message: Message): void => {
  const { poll } = message
  if (poll === null) throw ApiError.notAPoll()
  if (poll.ended) throw ApiError.pollExpired()
  poll.cancel()
  poll.endsAt = world.now()
  finish(world, channel, message, poll)
}

/**
 * A person's vote: exactly these answers from now on (none takes it back). Refuses with 520006 where the message is
 * no poll, with 520001 where it has ended, with 50035 answers that are not there or too many.
 */
export const vote = (
  world: World,
  channel: Channel,
  message: Message,
  userId: string,
  answerIds: ReadonlyArray<number>,
): void => {
  const { poll } = message
  if (poll === null) throw ApiError.notAPoll()
  if (poll.ended || world.now() >= poll.endsAt) throw ApiError.pollExpired()
  const form = Form.make()
  const known = poll.answers.map(({ id }) => id)
  answerIds.forEach((id, index) => form.at("answer_ids", index).oneOf(id, known))
  if (!poll.multiple && answerIds.length > 1)
    form.at("answer_ids").fail("BASE_TYPE_MAX_LENGTH", "Must be 1 or fewer in length.")
  form.done()
  for (const id of known) {
    const users = poll.votes.get(id) ?? new Set<string>()
    const wanted = answerIds.includes(id)
    if (users.has(userId) === wanted) continue
    if (wanted) users.add(userId)
    else users.delete(userId)
    poll.votes.set(id, users)
    world.emit({
      type: wanted ? "MESSAGE_POLL_VOTE_ADD" : "MESSAGE_POLL_VOTE_REMOVE",
      guildId: channel.guildId,
      channel,
      data: () => ({
        user_id: userId,
        ...MessageEvents.place(channel),
        message_id: message.id,
        answer_id: id,
      }),
    })
  }
  MessageEvents.showEdited(world, channel, message)
}

const finish = (world: World, channel: Channel, message: Message, poll: Poll): void => {
  poll.ended = true
  MessageEvents.changed(world, channel, message)
  MessageEvents.showEdited(world, channel, message)
  if (message.webhook !== null) return
  Notices.notify(world, {
    channel,
    authorId: message.authorId,
    type: MessageType.PollResult,
    embeds: [Ballot.result(poll)],
    reference: { messageId: message.id, channelId: channel.id },
  })
}
