/**
 * What a conversation can end with besides its answer and the ends of a wait: on one page.
 *
 * @module
 */
import { Data } from "effect"

/** The person ended the conversation: by its button, or by the word "cancel". */
export class Cancelled extends Data.TaggedError("Cancelled")<{ readonly by: "word" | "button" }> {
  override get message() {
    return `The person cancelled (${this.by})`
  }
  get userText() {
    return "Cancelled."
  }
}

/**
 * A question, form or menu breaks a rule of Discord's, or of its own declaration. Thrown where it is declared; of
 * what is known only when it is asked, a defect.
 */
export class InvalidDeclaration extends Data.TaggedError("InvalidDeclaration")<{
  /** Where: `form "Apply" → field "age" → label`. */
  readonly place: string
  readonly reason: string
}> {
  override get message() {
    return `${this.place}: ${this.reason}`
  }
}

/** None of the answers that the person was allowed was valid. */
export class InvalidAnswer extends Data.TaggedError("InvalidAnswer")<{
  /** What was wrong with the last one: `must be a whole number`. */
  readonly reason: string
  readonly attempts: number
}> {
  override get message() {
    return `None of ${this.attempts} answers was valid; the last one ${this.reason}`
  }
  get userText() {
    return `I stopped: your answer ${this.reason}.`
  }
}
