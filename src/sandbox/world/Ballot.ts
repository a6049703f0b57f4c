/**
 * A poll by itself: its votes, its result, and what the wire shows of it.
 *
 * @module
 */
import type { Json, Poll, PollAnswer } from "../model/Model.js"
import type * as PollForm from "../form/PollForm.js"
import * as Time from "../model/Time.js"

const hour = 3_600_000

/** A poll that begins `now`, in milliseconds since 1970. */
export const open = (draft: PollForm.Draft, now: number): Poll => ({
  question: draft.question,
  answers: draft.answers,
  multiple: draft.multiple,
  endsAt: now + draft.duration * hour,
  ended: false,
  votes: new Map(),
  cancel: () => {},
})

/** Who voted for an answer. */
export const voters = (poll: Poll, answerId: number): ReadonlySet<string> =>
  poll.votes.get(answerId) ?? nobody

const nobody: ReadonlySet<string> = new Set()

/** All votes, by answer's count. */
export const total = (poll: Poll): number => {
  let sum = 0
  for (const users of poll.votes.values()) sum += users.size
  return sum
}

/** The answer with most votes; `undefined` where there is none, or more than one. */
export const winner = (poll: Poll): PollAnswer | undefined => {
  const most = Math.max(0, ...poll.answers.map(({ id }) => voters(poll, id).size))
  const best = poll.answers.filter(({ id }) => voters(poll, id).size === most)
  return most === 0 || best.length !== 1 ? undefined : best[0]
}

/** As the wire shows it to `viewerId`. */
export const wire = (poll: Poll, viewerId: string): Json => ({
  question: { text: poll.question },
  answers: poll.answers.map(({ emoji, id, text }) => ({
    answer_id: id,
    poll_media: {
      ...(text === null ? {} : { text }),
      ...(emoji === null ? {} : { emoji }),
    },
  })),
  expiry: Time.iso(poll.endsAt),
  allow_multiselect: poll.multiple,
  layout_type: 1,
  results: {
    is_finalized: poll.ended,
    answer_counts: poll.answers
      .filter(({ id }) => voters(poll, id).size > 0)
      .map(({ id }) => ({
        id,
        count: voters(poll, id).size,
        me_voted: voters(poll, id).has(viewerId),
      })),
  },
})

/** The embed of the message that tells the result. */
export const result = (poll: Poll): Json => {
  const won = winner(poll)
  const most = Math.max(0, ...poll.answers.map(({ id }) => voters(poll, id).size))
  const fields: Array<readonly [string, string]> = [
    ["poll_question_text", poll.question],
    ["victor_answer_votes", String(most)],
    ["total_votes", String(total(poll))],
  ]
  if (won !== undefined) {
    fields.push(["victor_answer_id", String(won.id)])
    if (won.text !== null) fields.push(["victor_answer_text", won.text])
    if (won.emoji?.id != null) fields.push(["victor_answer_emoji_id", won.emoji.id])
    if (won.emoji?.name != null) fields.push(["victor_answer_emoji_name", won.emoji.name])
  }
  return {
    type: "poll_result",
    fields: fields.map(([name, value]) => ({ name, value, inline: false })),
  }
}
