import { describe, expect, it } from "@effect/vitest"
import { Duration, Effect, Layer, Redacted } from "effect"
import * as Api from "../../src/features/github/Api.js"
import * as Github from "../../src/features/github/Github.js"
import * as Http from "../../src/resource/Http.js"
import { HttpLimited, HttpUnreachable } from "../../src/resource/HttpError.js"
import * as HttpTransport from "../../src/resource/http/Transport.js"
import * as RateStore from "../../src/resource/RateStore.js"
import * as Kit from "../../src/testing/Kit.js"
import type { Shown } from "../../src/testing/Screen.js"
import * as VirtualClock from "../../src/testing/VirtualClock.js"
import * as GithubStandIn from "./GithubStandIn.js"

/** Sockets under a virtual clock: no time passes while a request is on its way. */
const sockets = Http.layerOver.pipe(
  Layer.provide(
    Layer.map(HttpTransport.layerUndici(), (context) => context).pipe(
      Layer.flatMap((context) =>
        Layer.effect(
          HttpTransport.Transport,
          Effect.map(
            Effect.provide(HttpTransport.Transport, context),
            ({ send }): HttpTransport.Transport => ({
              send: (request) => VirtualClock.outside(send(request), "a request to GitHub"),
            }),
          ),
        ),
      ),
    ),
  ),
  Layer.provide(RateStore.layerMemory),
)

/** The feature against the stand-in, over real HTTP. */
const play = <A, E>(
  body: (kit: Kit.Kit, github: GithubStandIn.StandIn) => Effect.Effect<A, E>,
  options: Github.Options = {},
) =>
  Effect.scoped(
    Effect.flatMap(GithubStandIn.serve, (github) =>
      Kit.run(Layer.provide(Github.layer({ baseUrl: github.url, ...options }), sockets), (kit) =>
        body(kit, github),
      ),
    ),
  )

const repos = (member: Kit.Member, user: string) => member.slash("github repos", { user })
const repo = (member: Kit.Member, name: string) => member.slash("github repo", { name })

const textOf = (shown: Shown | undefined): string =>
  shown === undefined ? "" : [shown.content, JSON.stringify(shown.embeds)].join(" ")

const told = (turn: Kit.Turn) =>
  Effect.map(turn.outcome, ({ _tag, replies }) => [_tag, textOf(replies.at(-1))] as const)

describe("/github", () => {
  it.live("lists somebody's repositories with pages, and asks for each hundred once", () =>
    play(({ ada, clock, leftovers }, github) =>
      Effect.gen(function* () {
        const turn = yield* repos(ada, "ada")
        const first = yield* turn.nextMessage
        expect(textOf(first)).toContain("Repositories of Ada \\\\*L\\\\*")
        expect(textOf(first)).toContain("[boat-1](https://github.com/ada/boat-1)** · ★ 1 — Boat number 1")
        expect(textOf(first)).toContain("boat-10")
        expect(textOf(first)).not.toContain("boat-11")
        expect(first.buttons).toEqual(["Next", "Last", "Close"])
        yield* ada.click("Next")
        yield* clock.settle
        expect(textOf((yield* turn.replies).at(-1))).toContain("boat-20")
        yield* ada.click("Last")
        yield* clock.settle
        expect(textOf((yield* turn.replies).at(-1))).toContain("boat-234")
        yield* ada.click("First")
        yield* clock.settle
        yield* ada.click("Close")
        expect((yield* turn.outcome)._tag).toBe("Completed")
        const pages = "/users/ada/repos?sort=pushed&per_page=100&page="
        expect(github.answers).toEqual(["/users/ada 200", `${pages}1 200`, `${pages}3 200`])
        expect(yield* leftovers).toEqual([])
      }),
    ),
  )

  it.live("shows a repository, by its name or its address, and what was typed there as it was typed", () =>
    play(({ ada, ben }, github) =>
      Effect.gen(function* () {
        github.descriptions.set("ben/boat-2", "@everyone [free](https://evil.example)\n# *boats*")
        const [tag, text] = yield* told(yield* repo(ada, "ben/boat-2"))
        expect(tag).toBe("Completed")
        expect(text).toContain('"title":"ben/boat-2"')
        expect(text).toContain(
          "\\\\@everyone \\\\[free\\\\]\\\\(https\\\\://evil.example\\\\) \\\\# \\\\*boats\\\\*",
        )
        expect(text).toContain("archived")
        expect((yield* told(yield* repo(ben, "https://github.com/ben/boat-2.git")))[1]).toContain("boat-2")
        // Nothing has changed: GitHub was asked whether, and said so.
        expect(github.answers).toEqual(["/repos/ben/boat-2 200", "/repos/ben/boat-2 304"])
        github.descriptions.set("ben/boat-2", "other")
        expect((yield* told(yield* repo(ada, "ben/boat-2")))[1]).toContain("other")
      }),
    ),
  )

  it.live("says what there is not", () =>
    play(({ ada }) =>
      Effect.gen(function* () {
        expect((yield* told(yield* repos(ada, "nobody")))[1]).toContain("GitHub knows no account `nobody`")
        expect((yield* told(yield* repo(ada, "ada/yacht")))[1]).toContain("knows no repository `ada/yacht`")
        expect((yield* told(yield* repos(ada, "cleo")))[1]).toContain("There are no more.")
      }),
    ),
  )

  it.live("follows a repository to its new name", () =>
    play(({ ada }) =>
      Effect.gen(function* () {
        expect((yield* told(yield* repo(ada, "ada/dinghy")))[1]).toContain('"title":"ada/boat-1"')
      }),
    ),
  )

  it.live("does not ask for what cannot be a name", () =>
    play(({ ada }, github) =>
      Effect.gen(function* () {
        for (const user of ["../ada", "-ada", "a/b", "a?b", "ä"])
          expect((yield* told(yield* repos(ada, user)))[1]).toContain("a name of GitHub's")
        for (const name of ["ada", "ada/..", "ada/b/c", "ada/b?c", "https://evil.example/a/b"])
          expect((yield* told(yield* repo(ada, name)))[1]).toContain("`owner/name`")
        expect(github.answers).toEqual([])
      }),
    ),
  )

  it.live("keeps to GitHub's limit, and says when to come back", () =>
    play(({ ada, clock }, github) =>
      Effect.gen(function* () {
        const now = yield* Effect.clockWith((one) => one.currentTimeMillis)
        const until = Math.ceil(now / 1_000) * 1_000 + 600_000
        github.mood = { _tag: "LastOne", until }
        expect((yield* told(yield* repo(ada, "ben/boat-1")))[0]).toBe("Completed")
        github.mood = { _tag: "Willing" }
        const [tag, text] = yield* told(yield* repo(ada, "ben/boat-2"))
        expect(tag).toBe("Failed")
        expect(text).toContain(`The limit of GitHub is used up. Try again <t:${until / 1_000}:R>.`)
        expect(github.answers).toHaveLength(1)
        yield* clock.advance("10 minutes")
        expect((yield* told(yield* repo(ada, "ben/boat-2")))[0]).toBe("Completed")
        github.mood = { _tag: "UsedUp", until: until + 900_000 }
        expect((yield* told(yield* repo(ada, "ben/boat-3")))[1]).toContain(
          `<t:${(until + 900_000) / 1_000}:R>`,
        )
        expect((yield* told(yield* repo(ada, "ben/boat-3")))[1]).toContain("The limit of GitHub is used up")
        expect(github.answers).toHaveLength(3)
      }),
    ),
  )

  it.live("keeps to a secondary limit, whether it says how long or not", () =>
    play(({ ada, clock }, github) =>
      Effect.gen(function* () {
        for (const seconds of [30, undefined]) {
          github.mood = { _tag: "TooFast", seconds }
          expect((yield* told(yield* repo(ada, "ben/boat-1")))[1]).toContain("The limit of GitHub is used up")
          github.mood = { _tag: "Willing" }
          expect((yield* told(yield* repo(ada, "ben/boat-1")))[0]).toBe("Failed")
          yield* clock.advance("1 minute")
          expect((yield* told(yield* repo(ada, "ben/boat-1")))[0]).toBe("Completed")
        }
      }),
    ),
  )

  it.live("says that GitHub has trouble, or that what it sends cannot be read", () =>
    play(({ ada, clock }, github) =>
      Effect.gen(function* () {
        github.mood = { _tag: "Broken" }
        expect((yield* told(yield* repo(ada, "ben/boat-1")))[1]).toContain("answered with an error (502)")
        github.mood = { _tag: "Nonsense" }
        expect((yield* told(yield* repo(ada, "ben/boat-1")))[1]).toContain("could not be read")
        github.mood = { _tag: "Broken" }
        yield* told(yield* repo(ada, "ben/boat-1"))
        yield* told(yield* repo(ada, "ben/boat-1"))
        const before = github.answers.length
        expect((yield* told(yield* repo(ada, "ben/boat-1")))[1]).toContain(
          "has not been answering. Try again <t:",
        )
        expect(github.answers).toHaveLength(before)
        github.mood = { _tag: "Willing" }
        yield* clock.advance("30 seconds")
        expect((yield* told(yield* repo(ada, "ben/boat-1")))[0]).toBe("Completed")
      }),
    ),
  )

  it.live("uses its token, says where that is refused, and shows it to nobody", () =>
    play(
      ({ ada, transcript }, github) =>
        Effect.gen(function* () {
          github.token = "ghp_secret"
          expect((yield* told(yield* repo(ada, "ben/boat-1")))[0]).toBe("Completed")
          github.token = "another"
          expect((yield* told(yield* repo(ada, "ben/boat-2")))[1]).toContain("GitHub refuses the token")
          expect((yield* transcript).join("\n")).not.toContain("ghp_secret")
        }),
      { token: Redacted.make("ghp_secret") },
    ),
  )
})

describe("GitHub's API over real time", () => {
  it.live("gives up on a GitHub that takes the question and never answers", () =>
    Effect.gen(function* () {
      const github = yield* GithubStandIn.serve
      github.mood = { _tag: "Silent" }
      const layer = Api.layer({ baseUrl: github.url, within: "100 millis" }).pipe(
        Layer.provide(Http.layer()),
        Layer.provide(RateStore.layerMemory),
      )
      const ask = Effect.flatMap(Api.Api, (api) => api.repository({ owner: "ada", name: "boat-1" }))
      const [took, error] = yield* Effect.timed(Effect.provide(Effect.flip(ask), layer))
      expect(error._tag).toBe("HttpTimeout")
      expect(Duration.toMillis(took)).toBeLessThan(5_000)
    }).pipe(Effect.scoped),
  )
})

/** An `Http` whose every call ends in the same way. */
const stub = (get: Http.Upstream["get"]) =>
  Layer.succeed(Http.Http, {
    upstream: ({ baseUrl, name }) =>
      Effect.succeed({
        name,
        get,
        request: (_, path, options) => get(path, options),
        status: () => ({ name, baseUrl, breaker: "closed", running: 0, waiting: 0 }),
      }),
    upstreams: () => [],
  })

describe("/github without a network", () => {
  const ends = [
    [
      new HttpUnreachable({ upstream: "GitHub", reason: "ECONNREFUSED" }),
      "GitHub cannot be reached just now",
    ],
    [new HttpLimited({ upstream: "GitHub", retryAt: 90_000 }), "Try again <t:90:R>"],
  ] as const
  for (const [error, words] of ends) {
    it.effect(`says so: ${error._tag}`, () =>
      Kit.run(
        Layer.provide(
          Github.layer(),
          stub(() => Effect.fail(error)),
        ),
        ({ ada, leftovers }) =>
          Effect.gen(function* () {
            for (const turn of [yield* repos(ada, "ada"), yield* repo(ada, "ada/boat-1")])
              expect((yield* told(turn))[1]).toContain(words)
            expect(yield* leftovers).toEqual([])
          }),
      ),
    )
  }

  it.effect("does not hang where GitHub never answers", () =>
    Kit.run(
      Layer.provide(
        Github.layer({ within: "5 seconds" }),
        Http.layerOver.pipe(
          Layer.provide(Layer.succeed(HttpTransport.Transport, { send: () => Effect.never })),
          Layer.provide(RateStore.layerMemory),
        ),
      ),
      ({ ada, clock, leftovers }) =>
        Effect.gen(function* () {
          const started = yield* clock.now
          const [tag, text] = yield* told(yield* repo(ada, "ada/boat-1"))
          expect([tag, text.includes("GitHub did not answer in time")]).toEqual(["Failed", true])
          expect((yield* clock.now) - started).toBe(5_000)
          expect(yield* leftovers).toEqual([])
        }),
    ),
  )
})
