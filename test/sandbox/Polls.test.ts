import { describe, expect, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import * as Messages from "../../src/sandbox/world/Messages.js"
import * as Polls from "../../src/sandbox/world/Polls.js"
import * as InProcess from "./InProcess.js"
import { bodyOf, codeOf, faults, idOf, provided, setUp } from "./Harbour.js"

const answer = (text: string) => ({ poll_media: { text } })
const poll = (more: object = {}) => ({
  poll: { question: { text: "Where to?" }, answers: [answer("North"), answer("South")], ...more },
})
const sentence = (length: number) => "x".repeat(length)

describe("Polls", () => {
  it.scoped.each([
    [
      "question",
      300,
      (n: number) => ({ question: { text: sentence(n) } }),
      "question.text: BASE_TYPE_BAD_LENGTH",
    ],
    [
      "answer",
      55,
      (n: number) => ({ answers: [answer(sentence(n))] }),
      "answers.0.poll_media.text: BASE_TYPE_BAD_LENGTH",
    ],
    [
      "number of answers",
      10,
      (n: number) => ({ answers: Array.from({ length: n }, () => answer("a")) }),
      "answers: BASE_TYPE_BAD_LENGTH",
    ],
    ["duration in hours", 768, (n: number) => ({ duration: n }), "duration: NUMBER_TYPE_MAX"],
  ] as const)("have a %s up to the limit, and no more", ([, limit, make, fault]) =>
    Effect.gen(function* () {
      const { send } = yield* setUp
      expect((yield* send(poll(make(limit - 1)))).status).toBe(200)
      expect((yield* send(poll(make(limit)))).status).toBe(200)
      expect(faults(yield* send(poll(make(limit + 1))))).toEqual([`poll.${fault}`])
    }).pipe(provided),
  )

  it.scoped("say what is missing", () =>
    Effect.gen(function* () {
      const { send } = yield* setUp
      expect(faults(yield* send({ poll: { answers: [{}, { poll_media: {} }] } }))).toEqual([
        "poll.question: BASE_TYPE_REQUIRED",
        "poll.answers.0.poll_media: BASE_TYPE_REQUIRED",
        "poll.answers.1.poll_media.text: BASE_TYPE_REQUIRED",
      ])
    }).pipe(provided),
  )

  it.scoped("count votes, tell of each, and show who voted", () =>
    Effect.gen(function* () {
      const { call, general, id, messages, send, told, world } = yield* setUp
      const message = idOf(yield* send(poll()))
      yield* told
      const vote = (name: string, ...answers: ReadonlyArray<number>) =>
        Polls.vote(world, general, Messages.find(general, message), id(name), answers)
      vote("ada", 1)
      vote("ben", 2)
      vote("ben", 1)
      vote("ada")
      expect((yield* told).map(({ d, t }) => [t, d["user_id"], d["answer_id"]])).toEqual([
        ["MESSAGE_POLL_VOTE_ADD", id("ada"), 1],
        ["MESSAGE_POLL_VOTE_ADD", id("ben"), 2],
        ["MESSAGE_POLL_VOTE_ADD", id("ben"), 1],
        ["MESSAGE_POLL_VOTE_REMOVE", id("ben"), 2],
        ["MESSAGE_POLL_VOTE_REMOVE", id("ada"), 1],
      ])
      expect(() => vote("ada", 1, 2)).toThrow("50035")
      expect(() => vote("ada", 3)).toThrow("50035")
      const path = `/channels/${general.id}/polls/${message}/answers`
      expect((yield* call("GET", `${path}/1`)).body).toMatchObject({ users: [{ username: "ben" }] })
      expect((yield* call("GET", `${path}/2`)).body).toEqual({ users: [] })
      expect((yield* call("GET", `${messages}/${message}`)).body).toMatchObject({
        poll: {
          expiry: "2026-01-02T00:00:00.000000+00:00",
          results: { is_finalized: false, answer_counts: [{ id: 1, count: 1, me_voted: false }] },
        },
      })
      expect(codeOf(yield* call("PATCH", `${messages}/${message}`, { content: "c" }))).toEqual([400, 520003])
    }).pipe(provided),
  )

  it.scoped("end by themselves, with their result, and take no vote then", () =>
    Effect.gen(function* () {
      const { call, general, id, messages, sandbox, send, world } = yield* setUp
      const message = idOf(yield* send(poll({ duration: 1 })))
      Polls.vote(world, general, Messages.find(general, message), id("ada"), [2])
      yield* TestClock.adjust("59 minutes")
      // A bot that is there at the end; one without heartbeats is not for long.
      const late = InProcess.connect(sandbox)
      InProcess.identify(late)
      yield* InProcess.settle
      const seen = late.events().length
      expect((yield* call("GET", messages)).body).toHaveLength(1)
      yield* TestClock.adjust("1 minute")
      yield* InProcess.settle
      const [update, result] = late.events().slice(seen)
      expect([update?.t, update?.d]).toMatchObject([
        "MESSAGE_UPDATE",
        { id: message, poll: { results: { is_finalized: true } } },
      ])
      expect(result?.d).toMatchObject({ type: 46, message_reference: { message_id: message } })
      const [embed] = (result?.d["embeds"] ?? []) as ReadonlyArray<{
        type: string
        fields: ReadonlyArray<{ name: string; value: string }>
      }>
      expect(embed?.type).toBe("poll_result")
      expect(Object.fromEntries((embed?.fields ?? []).map(({ name, value }) => [name, value]))).toEqual({
        poll_question_text: "Where to?",
        victor_answer_votes: "1",
        total_votes: "1",
        victor_answer_id: "2",
        victor_answer_text: "South",
      })
      expect(() => Polls.vote(world, general, Messages.find(general, message), id("ben"), [1])).toThrow(
        "520001",
      )
      expect(codeOf(yield* call("POST", `/channels/${general.id}/polls/${message}/expire`))).toEqual([
        400, 520001,
      ])
      expect((yield* call("GET", messages)).body).toHaveLength(2)
    }).pipe(provided),
  )

  it.scoped("are ended by who asked them, and only polls are", () =>
    Effect.gen(function* () {
      const { call, general, messages, send } = yield* setUp
      const expire = (message: string) => call("POST", `/channels/${general.id}/polls/${message}/expire`)
      expect(codeOf(yield* expire(idOf(yield* send({ content: "c" }))))).toEqual([400, 520006])
      const message = idOf(yield* send(poll()))
      const ended = bodyOf(yield* expire(message))
      expect(ended).toMatchObject({ poll: { results: { is_finalized: true, answer_counts: [] } } })
      // Its time is taken back: no second result comes a day later.
      yield* TestClock.adjust("2 days")
      const all = (yield* call("GET", messages)).body as ReadonlyArray<{ readonly type: number }>
      expect(all.map(({ type }) => type)).toEqual([46, 0, 0])
    }).pipe(provided),
  )

  it.scoped("that are deleted never end", () =>
    Effect.gen(function* () {
      const { call, messages, send } = yield* setUp
      const message = idOf(yield* send(poll()))
      yield* call("DELETE", `${messages}/${message}`)
      yield* TestClock.adjust("2 days")
      expect((yield* call("GET", messages)).body).toEqual([])
    }).pipe(provided),
  )

  it.scoped("leave no time behind where their channel, thread or guild goes", () =>
    Effect.gen(function* () {
      const { call, general, guild, sandbox, world } = yield* setUp
      let running = 0
      const after = world.after
      world.after = (millis, task) => {
        const cancel = after(millis, task)
        running++
        return () => {
          running--
          cancel()
        }
      }
      const channel = idOf(yield* call("POST", `/guilds/${guild.id}/channels`, { name: "c" }))
      const thread = idOf(yield* call("POST", `/channels/${general.id}/threads`, { name: "t", type: 11 }))
      for (const place of [channel, thread, general.id]) {
        yield* call("POST", `/channels/${place}/messages`, poll())
        expect(running).toBe(1)
        if (place === general.id) sandbox.forget(guild)
        else yield* call("DELETE", `/channels/${place}`)
        expect(running).toBe(0)
      }
    }).pipe(provided),
  )
})
