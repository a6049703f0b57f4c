import { describe, expect, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { defaults } from "../../src/features/guard/Model.js"
import * as Score from "../../src/features/guard/Score.js"

const scams: ReadonlySet<string> = new Set(["free-nitro.example"])

interface Said {
  readonly at: number
  readonly content: string
  readonly mentions?: number
}

/** The verdicts on what one person says. */
const verdicts = (said: ReadonlyArray<Said>, rules = defaults): ReadonlyArray<Score.Verdict> => {
  let lately: Score.Lately = []
  return said.map((one) => {
    const verdict = Score.judge(lately, Score.facts({ mentions: 0, ...one }, scams), rules)
    lately = verdict.lately
    return verdict
  })
}
const isSpam = ({ score }: Score.Verdict): boolean => score >= Score.SPAM
const last = (said: ReadonlyArray<Said>): Score.Verdict => verdicts(said).at(-1)!

const say = (content: string, mentions = 0): Score.Verdict => last([{ at: 0, content, mentions }])

describe("Score", () => {
  it("takes each limit by itself, from the one that reaches it on", () => {
    const quick = Array.from({ length: 8 }, (_, n) => ({ at: n, content: `${n}` }))
    expect(verdicts(quick).map(isSpam)).toEqual([...Array.from({ length: 7 }, () => false), true])
    const same = Array.from({ length: 4 }, (_, n) => ({ at: n * 15_000, content: "buy my things" }))
    expect(verdicts(same).map(isSpam)).toEqual([false, false, false, true])
    expect(isSpam(say("look", 5))).toBe(false)
    expect(isSpam(say("look", 6))).toBe(true)
    expect(say("look", 6).signs).toEqual(["mentions"])
  })

  it("takes links as they are written", () => {
    for (const content of [
      "https://discord.gg/abc",
      "join discord.gg/abc now",
      "HTTPS://DISCORD.COM/invite/abc",
      "discordapp.com/invite/abc-d",
    ])
      expect(say(content).signs).toEqual(["invites"])
    for (const content of [
      "https://free-nitro.example",
      "http://www.FREE-nitro.example/path?x=1",
      "<https://user@a.free-nitro.example:8443/>",
      "[here](https://free-nitro.example)",
    ])
      expect(say(content).signs).toEqual(["scam"])
    for (const content of ["https://not-free-nitro.example", "free nitro", "https://example.com/discord.gg"])
      expect(say(content)).toMatchObject({ score: 0, signs: [] })
  })

  it("lets invitations pass where they are allowed", () => {
    const [verdict] = verdicts([{ at: 0, content: "discord.gg/abc" }], { ...defaults, invites: false })
    expect(isSpam(verdict!)).toBe(false)
  })

  it("knows the same text again however it is dressed", () => {
    const texts = ["Buy my things", "buy  MY things", "b\u200buy my things", "ｂｕｙ my things"]
    expect(verdicts(texts.map((content, n) => ({ at: n * 12_000, content }))).map(isSpam)).toEqual([
      false,
      false,
      false,
      true,
    ])
  })

  it("adds signs up: two strong ones are spam, several faint ones are not", () => {
    const three = Array.from({ length: 3 }, (_, n) => ({
      at: n * 12_000,
      content: "buy my things",
      mentions: 5,
    }))
    expect(verdicts(three).map(isSpam)).toEqual([false, false, true])
    expect(last(three).signs).toEqual(["mentions", "duplicates"])
    expect(isSpam(say("@everyone hello", 2))).toBe(false)
    expect(isSpam(say("@everyone hello discord.gg", 5))).toBe(false)
    expect(
      isSpam(
        last([
          { at: 0, content: "@everyone look here", mentions: 5 },
          { at: 1, content: "@everyone look here", mentions: 5 },
        ]),
      ),
    ).toBe(true)
  })

  const said = fc.record({
    after: fc.integer({ min: 0, max: 20_000 }),
    content: fc.oneof(
      fc.constantFrom("same old text", "hello there", "discord.gg/a", "@here", "ok"),
      fc.string(),
    ),
    mentions: fc.integer({ min: 0, max: 8 }),
  })
  const script = fc.array(said, { maxLength: 40 }).map((all) => {
    let at = 0
    return all.map(({ after, ...one }) => ({ ...one, at: (at += after) }))
  })

  it.prop(
    "never takes for spam what is slow, new, and mentions nobody",
    { gaps: fc.array(fc.integer({ min: 1_500, max: 100_000 })) },
    ({ gaps }) => {
      let at = 0
      const all = gaps.map((gap, n) => ({ at: (at += gap), content: `what I have to say is number ${n}` }))
      expect(verdicts(all).some(isSpam)).toBe(false)
    },
  )

  it.prop(
    "never scores a message lower for one mention more, or for having been written sooner",
    { script, more: fc.integer({ min: 1, max: 9 }), sooner: fc.integer({ min: 0, max: 9_999 }) },
    ({ more, script, sooner }) => {
      if (script.length === 0) return
      const end = script.at(-1)!
      const before = script.at(-2)?.at ?? 0
      const rest = script.slice(0, -1)
      const score = last(script).score
      expect(last([...rest, { ...end, mentions: end.mentions + more }]).score).toBeGreaterThan(score)
      expect(last([...rest, { ...end, at: Math.max(before, end.at - sooner) }]).score).toBeGreaterThanOrEqual(
        score,
      )
    },
  )

  it.prop(
    "stricter rules never let more pass",
    {
      script,
      rate: fc.integer({ min: 2, max: 8 }),
      duplicates: fc.integer({ min: 2, max: 4 }),
      mentions: fc.integer({ min: 1, max: 6 }),
    },
    ({ script, ...stricter }) => {
      const strict = verdicts(script, { ...defaults, ...stricter })
      verdicts(script).forEach(({ score }, n) => expect(strict[n]!.score).toBeGreaterThanOrEqual(score))
    },
  )

  it.prop("forgets after a minute, and remembers no more than it needs", { script }, ({ script }) => {
    const all = verdicts(script)
    for (const { lately } of all) expect(lately.length).toBeLessThanOrEqual(128)
    const at = (script.at(-1)?.at ?? 0) + Score.DUPLICATE_WINDOW
    const later = { at, content: "same old text", mentions: 3 }
    expect(last([...script, later]).score).toBe(last([later]).score)
  })
})
