import { describe, expect, it } from "@effect/vitest"
import { SqlError } from "@effect/sql/SqlError"
import { Effect, Exit, Layer } from "effect"
import * as ScamDomains from "../../src/features/guild/ScamDomains.js"
import * as Sync from "../../src/features/reports/Sync.js"
import * as Http from "../../src/resource/Http.js"
import * as HttpTransport from "../../src/resource/http/Transport.js"
import * as RateStore from "../../src/resource/RateStore.js"
import { Jobs } from "../../src/supervise/Jobs.js"
import * as JobStore from "../../src/supervise/JobStore.js"
import * as VirtualClock from "../../src/testing/VirtualClock.js"
import { life } from "../supervise/JobField.js"

const HOUR = 3_600_000

/** A source in this process: what it answers in turn, the last again and again. */
const source = (answers: ReadonlyArray<string | number | "unreachable">) => {
  const asked: Array<string> = []
  const send: HttpTransport.Transport["send"] = ({ headers, url }) =>
    Effect.suspend(() => {
      asked.push(`${url.href} ${headers["if-none-match"] ?? "-"}`)
      const answer = answers[Math.min(asked.length, answers.length) - 1]
      if (answer === "unreachable")
        return Effect.fail(new HttpTransport.Unanswered({ reason: "connection refused", malformed: false }))
      return Effect.succeed({
        status: typeof answer === "number" ? answer : 200,
        headers:
          typeof answer === "number" ? {} : { "content-type": "application/json", etag: `"${asked.length}"` },
        body: new TextEncoder().encode(typeof answer === "string" ? answer : ""),
      })
    })
  return { asked, send }
}

const list = (...domains: ReadonlyArray<string>) => JSON.stringify(domains)

/** A bot with nothing but the synchronisation, for so long. */
const play = (
  { send }: Pick<ReturnType<typeof source>, "send">,
  millis: number,
  domains: Layer.Layer<ScamDomains.ScamDomains> = ScamDomains.layerMemory(),
) => {
  const { exit } = VirtualClock.runSync(
    Effect.flatMap(JobStore.makeMemory, (store) =>
      life(
        Sync.layer({ url: "https://lists.example/scam.json?kind=all" }).pipe(
          Layer.provideMerge(domains),
          Layer.provide(Http.layerOver),
          Layer.provide(Layer.merge(Layer.succeed(HttpTransport.Transport, { send }), RateStore.layerMemory)),
        ),
        Effect.gen(function* () {
          yield* Effect.sleep(millis)
          const { list: jobs } = yield* Jobs
          const [job] = yield* jobs
          return { last: job?.last, known: [...(yield* (yield* ScamDomains.ScamDomains).all)].sort() }
        }),
        store,
      ),
    ),
  )
  if (Exit.isFailure(exit)) throw new Error(String(exit.cause))
  return exit.value
}

describe("the synchronisation", () => {
  it("pulls when the bot is ready and every hour, and nothing where nothing has changed", () => {
    const outside = source([list("a.example"), 304, list("b.example", "c.example")])
    expect(play(outside, 1_000).known).toEqual(["a.example"])
    const whole = source([list("a.example"), 304, list("b.example", "c.example")])
    expect(play(whole, 2.2 * HOUR)).toEqual({ last: "completed", known: ["b.example", "c.example"] })
    expect(whole.asked).toEqual([
      "https://lists.example/scam.json?kind=all -",
      'https://lists.example/scam.json?kind=all "1"',
      'https://lists.example/scam.json?kind=all "1"',
    ])
  })

  it("tries again where the source cannot be reached, and keeps the former list", () => {
    const gone = source([list("a.example"), "unreachable"])
    expect(play(gone, 1.2 * HOUR)).toEqual({ last: "failed", known: ["a.example"] })
    expect(gone.asked.length).toBeGreaterThan(4)
    const back = source([
      list("a.example"),
      ...Array.from({ length: 4 }, () => "unreachable" as const),
      list("b.example"),
    ])
    expect(play(back, 1.2 * HOUR)).toEqual({ last: "completed", known: ["b.example"] })
  })

  it("does not believe a list without a domain, nor what is none", () => {
    expect(play(source([list("a.example"), list()]), 1.2 * HOUR)).toEqual({
      last: "failed",
      known: ["a.example"],
    })
    expect(play(source([list("a.example"), "<html>"]), 1.2 * HOUR)).toEqual({
      last: "failed",
      known: ["a.example"],
    })
  })

  it("tries again where the store cannot be reached, and not where something else is wrong with it", () => {
    const store = (failures: number, failure: Effect.Effect<never, ScamDomains.DomainsUnreachable>) => {
      let tries = 0
      return Layer.map(
        Layer.effect(
          ScamDomains.ScamDomains,
          Effect.map(ScamDomains.ScamDomains, (below) => ({
            ...below,
            replace: (wanted: ReadonlySet<string>) =>
              Effect.suspend(() => (++tries > 1 && tries <= failures + 1 ? failure : below.replace(wanted))),
          })),
        ).pipe(Layer.provide(ScamDomains.layerMemory())),
        (context) => context,
      )
    }
    const lost = new ScamDomains.DomainsUnreachable({
      cause: new SqlError({ cause: { code: "ECONNRESET" } }),
    })
    const answers = [list("a.example"), list("b.example")]
    expect(play(source(answers), 1.2 * HOUR, store(2, Effect.fail(lost)))).toEqual({
      last: "completed",
      known: ["b.example"],
    })
    expect(play(source(answers), 1.2 * HOUR, store(1, Effect.die("no such table")))).toEqual({
      last: "failed",
      known: ["a.example"],
    })
  })
})
