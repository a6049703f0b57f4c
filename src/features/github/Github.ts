/**
 * `/github repos` and `/github repo`: what GitHub knows of somebody's repositories, with pages.
 *
 * ```ts
 * Github.layer({ token: Redacted.make("…") })
 * ```
 *
 * GitHub's limits are kept to. Where it cannot be reached, or has been asked too often, the person is told, and when
 * to come back: nothing hangs.
 *
 * @module
 */
import { Effect, Layer } from "effect"
import * as Command from "../../command/Command.js"
import * as Param from "../../command/Param.js"
import * as Paginator from "../../conversation/Paginator.js"
import * as Reply from "../../interaction/Reply.js"
import { Api, type Options, layer as apiLayer, PER_PAGE } from "./Api.js"
import type { GithubError } from "./GithubError.js"
import { Account, FullName, Login, type Repository } from "./Model.js"
import * as Page from "./Page.js"

export type { Options } from "./Api.js"

const repos = Command.make(
  "repos",
  {
    description: "Lists somebody's public repositories on GitHub",
    from: ["slash", "message"],
    params: { user: Param.string("Their name on GitHub", { min: 1, max: 60 }).pipe(Param.decode(Login)) },
  },
  Effect.fnUntraced(function* ({ user }) {
    const github = yield* Api
    const account = yield* github.account(user)
    yield* Paginator.show(yield* pagesOf(github, account), {
      within: "5 minutes",
      empty: Page.list(account, []),
    })
    return Reply.silent
  }),
)

/** GitHub's pages are asked for when they are turned to, each once. */
const pagesOf = (github: Api, account: Account) =>
  Effect.sync(() => {
    const read = new Map<number, Effect.Effect<ReadonlyArray<Repository>, GithubError>>()
    const chunk = Effect.fnUntraced(function* (index: number) {
      const known = read.get(index)
      if (known !== undefined) return yield* known
      const fresh = yield* github.repositories(account.login, index)
      read.set(index, Effect.succeed(fresh))
      return fresh
    })
    return Paginator.make(Math.ceil(account.public_repos / Page.LINES), (index) => {
      const start = index * Page.LINES
      return Effect.map(chunk(Math.floor(start / PER_PAGE)), (some) =>
        Page.list(account, some.slice(start % PER_PAGE, (start % PER_PAGE) + Page.LINES)),
      )
    })
  })

const repo = Command.make(
  "repo",
  {
    description: "Shows a public repository on GitHub",
    from: ["slash", "message"],
    params: { name: Param.string("As owner/name", { min: 3, max: 200 }).pipe(Param.decode(FullName)) },
  },
  Effect.fnUntraced(function* ({ name }) {
    const github = yield* Api
    return Page.card(yield* github.repository(name))
  }),
)

const group = Command.group("github", { description: "What is on GitHub" }, [repos, repo])

/** The commands, on an upstream of their own. */
export const layer = (options?: Options) => Layer.provide(Command.layer(group), apiLayer(options))
