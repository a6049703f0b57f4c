/**
 * The questions of a try-out: values, and the small language that managers write them in.
 *
 * ```
 * What is your name? (text 2-40); How old are you? (number 13-99);
 * Position? (choice goalkeeper, striker, sweeper); A clip? (file image/* video/*)
 * ```
 *
 * A question ends at a semicolon. What stands in brackets at its end says what kind of answer it takes; without
 * brackets any text of up to 1,000 characters will do.
 *
 * @module
 */
import { Data, Either, Schema } from "effect"
import * as Md from "../../interaction/Md.js"

const prompt = { prompt: Schema.String }

/** One question, and what it takes for an answer. Plain data. */
export const Question = Schema.Union(
  /** Lengths in characters. */
  Schema.TaggedStruct("Text", { ...prompt, min: Schema.Number, max: Schema.Number }),
  Schema.TaggedStruct("Number", {
    ...prompt,
    min: Schema.optionalWith(Schema.Number, { exact: true }),
    max: Schema.optionalWith(Schema.Number, { exact: true }),
  }),
  Schema.TaggedStruct("Choice", { ...prompt, choices: Schema.Array(Schema.String) }),
  /** `types`: content types such as `image/*`; none means any. */
  Schema.TaggedStruct("File", { ...prompt, types: Schema.Array(Schema.String) }),
)
export type Question = typeof Question.Type

/** What a person has answered. Plain data. */
export const Answer = Schema.Union(
  Schema.TaggedStruct("Text", { text: Schema.String }),
  Schema.TaggedStruct("Number", { value: Schema.Number }),
  Schema.TaggedStruct("Choice", { choice: Schema.String }),
  Schema.TaggedStruct("File", { name: Schema.String, url: Schema.String }),
)
export type Answer = typeof Answer.Type

/** The most questions that a try-out can have, so that all answers fit on one card. */
const MOST_QUESTIONS = 10
const LONGEST_PROMPT = 200
const LONGEST_TEXT = 1_000
/** A select menu has at most 25 options (Discord); one of up to 80 characters also fits on a button. */
const MOST_CHOICES = 25
const LONGEST_CHOICE = 80

const KINDS =
  "`(text 2-40)`, `(number 13-99)`, `(choice red, green)` or `(file image/* video/*)`, or nothing for any text"

/** Reads the language. Left names the first question that is wrong, and what is accepted instead. */
export const parse = (text: string): Either.Either<ReadonlyArray<Question>, QuestionInvalid> =>
  Either.gen(function* () {
    const parts = text
      .split(";")
      .map((part) => part.trim())
      .filter((part) => part !== "")
    if (parts.length === 0 || parts.length > MOST_QUESTIONS) {
      return yield* Either.left(
        new QuestionInvalid({
          question: undefined,
          reason: `there must be 1 to ${MOST_QUESTIONS} questions with a semicolon between them, there are ${parts.length}`,
        }),
      )
    }
    const questions: Array<Question> = []
    for (const [index, part] of parts.entries()) {
      questions.push(
        yield* Either.mapLeft(
          one(part),
          (reason) => new QuestionInvalid({ question: { number: index + 1, text: part }, reason }),
        ),
      )
    }
    return questions
  })

/** The same question in the language: `parse` reads it back. */
export const print = (question: Question): string => `${question.prompt} (${kindOf(question)})`

const kindOf = (question: Question): string => {
  switch (question._tag) {
    case "Text":
      return `text ${question.min}-${question.max}`
    case "Number":
      return question.min === undefined ? "number" : `number ${question.min} to ${question.max}`
    case "Choice":
      return `choice ${question.choices.join(", ")}`
    case "File":
      return `file ${question.types.join(" ")}`.trim()
  }
}

/** An answer as Markdown. */
export const show = (answer: Answer): string => {
  switch (answer._tag) {
    case "Text":
      return Md.text`${answer.text}`
    case "Number":
      return Md.text`${answer.value}`
    case "Choice":
      return Md.text`${answer.choice}`
    case "File":
      return `[${Md.text`${answer.name}`}](${answer.url})`
  }
}

/** An answer as it was typed, for a text file. */
export const plain = (answer: Answer): string => {
  switch (answer._tag) {
    case "Text":
      return answer.text
    case "Number":
      return String(answer.value)
    case "Choice":
      return answer.choice
    case "File":
      return `${answer.name} ${answer.url}`
  }
}

// ---------------------------------------------------------------------------------------------------------
// Parsing
// ---------------------------------------------------------------------------------------------------------

const one = (part: string): Either.Either<Question, string> => {
  const [, before = part, inside] = /^(.*?)\s*\(([^()]*)\)$/su.exec(part) ?? []
  const prompt = before.trim()
  if (prompt === "") return Either.left("there is no question before the brackets")
  if (prompt.length > LONGEST_PROMPT)
    return Either.left(`it has ${prompt.length} characters; at most ${LONGEST_PROMPT} are taken`)
  if (inside === undefined) return Either.right({ _tag: "Text", prompt, min: 1, max: LONGEST_TEXT })
  const [, kind = "", rest = ""] = /^\s*(\S*)\s*(.*?)\s*$/su.exec(inside) ?? []
  switch (kind.toLowerCase()) {
    case "text":
      return textOf(prompt, rest)
    case "number":
      return numberOf(prompt, rest)
    case "choice":
      return choiceOf(prompt, rest)
    case "file":
      return fileOf(prompt, rest)
    default:
      return Either.left(`"${kind}" is no kind of answer. Write ${KINDS}`)
  }
}

const textOf = (prompt: string, rest: string): Either.Either<Question, string> => {
  if (rest === "") return Either.right({ _tag: "Text", prompt, min: 1, max: LONGEST_TEXT })
  const [min, max] = rangeOf(rest) ?? (/^\d{1,9}$/u.test(rest) ? [1, Number(rest)] : [0, 0])
  return Number.isInteger(min) && Number.isInteger(max) && min >= 1 && min <= max && max <= LONGEST_TEXT
    ? Either.right({ _tag: "Text", prompt, min, max })
    : Either.left(
        `"${rest}" is no length. Write \`(text 2-40)\` or \`(text 40)\`, at least 1 and at most ${LONGEST_TEXT}`,
      )
}

const numberOf = (prompt: string, rest: string): Either.Either<Question, string> => {
  if (rest === "") return Either.right({ _tag: "Number", prompt })
  const range = rangeOf(rest)
  return range !== undefined && range[0] <= range[1]
    ? Either.right({ _tag: "Number", prompt, min: range[0], max: range[1] })
    : Either.left(`"${rest}" is no range. Write \`(number 13-99)\`, the smaller one first, or \`(number)\``)
}

const choiceOf = (prompt: string, rest: string): Either.Either<Question, string> => {
  const choices = rest
    .split(",")
    .map((choice) => choice.trim())
    .filter((choice) => choice !== "")
  const names = new Set(choices.map((choice) => choice.toLowerCase()))
  if (choices.length < 2 || choices.length > MOST_CHOICES)
    return Either.left(
      `there must be 2 to ${MOST_CHOICES} choices with a comma between them, as in \`(choice red, green)\``,
    )
  if (names.size < choices.length) return Either.left("two of its choices are the same")
  const long = choices.find((choice) => choice.length > LONGEST_CHOICE)
  return long === undefined
    ? Either.right({ _tag: "Choice", prompt, choices })
    : Either.left(`the choice "${long.slice(0, 20)}…" has more than ${LONGEST_CHOICE} characters`)
}

const fileOf = (prompt: string, rest: string): Either.Either<Question, string> => {
  const types = rest
    .toLowerCase()
    .split(/[\s,]+/u)
    .filter((type) => type !== "")
  const wrong = types.find((type) => !/^[a-z]+\/(?:\*|[a-z0-9.+-]+)$/u.test(type))
  return wrong === undefined
    ? Either.right({ _tag: "File", prompt, types })
    : Either.left(
        `"${wrong}" is no type of file. Write \`(file)\`, or types such as \`image/*\` and \`video/mp4\``,
      )
}

/** `2-40`, `-5 to 10`, `1.5..2`. */
const rangeOf = (text: string): readonly [min: number, max: number] | undefined => {
  const found = /^(-?\d{1,9}(?:\.\d{1,6})?)\s*(?:-|–|to|\.\.)\s*(-?\d{1,9}(?:\.\d{1,6})?)$/u.exec(text)
  return found === null ? undefined : [Number(found[1]), Number(found[2])]
}

// ---------------------------------------------------------------------------------------------------------
// Errors
// ---------------------------------------------------------------------------------------------------------

/** The questions are not in the language. */
export class QuestionInvalid extends Data.TaggedError("QuestionInvalid")<{
  /** Undefined where it is about all of them. */
  readonly question: { readonly number: number; readonly text: string } | undefined
  readonly reason: string
}> {
  override get message() {
    return this.question === undefined
      ? `questions: ${this.reason}`
      : `question ${this.question.number}: ${this.reason}`
  }
  get userText() {
    if (this.question === undefined) return `\`questions\`: ${this.reason}.`
    const { number, text } = this.question
    return `Question ${number} (${Md.code(text.slice(0, 60)).markdown}): ${this.reason}.`
  }
}
