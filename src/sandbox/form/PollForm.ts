/**
 * Reads polls, and refuses what breaks Discord's limits.
 *
 * Numbers: Discord Developer Docs, "Poll": 300 characters of question, 10 answers of 55, 32 days.
 *
 * @module
 */
import * as EmojiText from "../model/EmojiText.js"
import type { Form } from "./Form.js"
import type { Json, PollAnswer } from "../model/Model.js"

/** A poll as it was asked for. */
export interface Draft {
  readonly question: string
  readonly answers: ReadonlyArray<PollAnswer>
  readonly multiple: boolean
  /** Hours. */
  readonly duration: number
}

/** Discord: 32 days, in hours. */
export const longest = 32 * 24

export const read = (form: Form, value: unknown): Draft | undefined => {
  const poll = form.object(value)
  if (poll === undefined) return undefined
  const question = form.at("question").object(poll["question"])
  if (question === undefined) form.at("question").required()
  const answers = form.at("answers").each(poll["answers"], Number.POSITIVE_INFINITY, readAnswer) ?? []
  const length = Array.isArray(poll["answers"]) ? poll["answers"].length : 0
  if (poll["answers"] === undefined || poll["answers"] === null) form.at("answers").required()
  else if (length < 1 || length > 10)
    form.at("answers").fail("BASE_TYPE_BAD_LENGTH", "Must be between 1 and 10 in length.")
  form.at("layout_type").oneOf(poll["layout_type"] as number, [1])
  return {
    question:
      question === undefined
        ? ""
        : form.at("question", "text").requiredText(question["text"], { min: 1, max: 300 }),
    answers: answers.map((answer, index) => ({ id: index + 1, ...answer })),
    multiple: form.at("allow_multiselect").boolean(poll["allow_multiselect"]) ?? false,
    duration: form.at("duration").integer(poll["duration"], 1, longest) ?? 24,
  }
}

const readAnswer = (form: Form, answer: Json): Omit<PollAnswer, "id"> => {
  const media = form.at("poll_media").object(answer["poll_media"])
  if (media === undefined) {
    form.at("poll_media").required()
    return { text: null, emoji: null }
  }
  const text = form.at("poll_media", "text").text(media["text"], { min: 1, max: 55 })
  const emoji = readEmoji(form.at("poll_media", "emoji"), media["emoji"])
  if (text === undefined && emoji === null) form.at("poll_media", "text").required()
  return { text: text ?? null, emoji }
}

const readEmoji = (form: Form, value: unknown): PollAnswer["emoji"] => {
  const emoji = form.object(value)
  if (emoji === undefined) return null
  const id = form.at("id").snowflake(emoji["id"])
  const name = form.at("name").text(emoji["name"], { max: 32 })
  if (id === undefined && (name === undefined || !EmojiText.isUnicode(name))) {
    form.at("name").fail("POLL_INVALID_EMOJI", "Invalid emoji")
    return null
  }
  return { id: id ?? null, name: name ?? null }
}
