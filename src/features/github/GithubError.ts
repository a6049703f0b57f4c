/**
 * What can go wrong with GitHub besides what can with any upstream.
 *
 * @module
 */
import { Data } from "effect"
import type { HttpError } from "../../resource/HttpError.js"

/** GitHub knows nothing of that name, or nothing that everybody may see. */
export class NotOnGithub extends Data.TaggedError("NotOnGithub")<{
  readonly what: "account" | "repository"
  readonly name: string
}> {
  override get message() {
    return `GitHub knows no ${this.what} ${this.name}`
  }
  get userText() {
    return `GitHub knows no ${this.what} \`${this.name}\`, or does not show it to everybody.`
  }
}

/** The token that the bot was given is not, or no longer, valid. */
export class TokenRefused extends Data.TaggedError("TokenRefused")<{}> {
  override get message() {
    return "GitHub refuses the token"
  }
  get userText() {
    return "GitHub refuses the token that I was given. Whoever runs me has to replace it."
  }
}

export type GithubError = HttpError | NotOnGithub | TokenRefused
