/**
 * What GitHub says of people and repositories, as far as it is shown, and how they are named.
 *
 * @module
 */
import { ParseResult, Schema } from "effect"

/** How GitHub names an account: letters, digits and hyphens (and `_` where an enterprise manages it), 39 at most. */
export const Login = Schema.Trim.pipe(
  Schema.pattern(/^[a-z\d][a-z\d_-]{0,38}$/iu, { message: () => "a name of GitHub's, such as `octocat`" }),
)

/** `owner/name`, or the address of its page. */
export const FullName = Schema.transformOrFail(
  Schema.String,
  Schema.Struct({ owner: Schema.String, name: Schema.String }),
  {
    strict: true,
    decode: (text, _, ast) => {
      const found =
        /^(?:https?:\/\/(?:www\.)?github\.com\/)?([a-z\d][a-z\d_-]{0,38})\/([\w.-]{1,100}?)(?:\.git)?\/?$/iu.exec(
          text.trim(),
        )
      const [, owner, name] = found ?? []
      return owner === undefined || name === undefined || name === "." || name === ".."
        ? ParseResult.fail(
            new ParseResult.Type(ast, text, "a repository as `owner/name`, such as `octocat/hello-world`"),
          )
        : ParseResult.succeed({ owner, name })
    },
    encode: ({ name, owner }) => ParseResult.succeed(`${owner}/${name}`),
  },
)
export type FullName = typeof FullName.Type

export const Account = Schema.Struct({
  login: Schema.String,
  name: Schema.NullishOr(Schema.String),
  public_repos: Schema.Number,
})
export type Account = typeof Account.Type

export const Repository = Schema.Struct({
  full_name: Schema.String,
  html_url: Schema.String,
  description: Schema.NullishOr(Schema.String),
  language: Schema.NullishOr(Schema.String),
  license: Schema.NullishOr(Schema.Struct({ spdx_id: Schema.NullishOr(Schema.String), name: Schema.String })),
  topics: Schema.optionalWith(Schema.Array(Schema.String), { default: () => [] }),
  stargazers_count: Schema.Number,
  forks_count: Schema.Number,
  open_issues_count: Schema.Number,
  archived: Schema.optionalWith(Schema.Boolean, { default: () => false }),
  fork: Schema.Boolean,
  pushed_at: Schema.NullishOr(Schema.DateFromString),
})
export type Repository = typeof Repository.Type
