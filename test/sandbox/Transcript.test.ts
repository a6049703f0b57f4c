import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Transcript from "../../src/sandbox/Transcript.js"
import * as InProcess from "./InProcess.js"
import * as Virtual from "./Virtual.js"

const connected = Virtual.connected()

describe("Transcript", () => {
  it("tells what went to and fro, in order, without tokens, and keeps the newest", () => {
    const text = Virtual.run(
      Effect.gen(function* () {
        const { ada, connection, sandbox } = yield* connected
        const bot = sandbox.world.bot.id
        yield* InProcess.call(sandbox, "PUT", `/applications/${bot}/commands`, [
          { name: "ping", description: "Pings" },
        ])
        yield* Effect.sleep(250)
        yield* ada.slash("general", "ping")
        yield* InProcess.settle
        const { id, token } = connection.events().at(-1)?.d ?? {}
        sandbox.faults.delayAnswers(30)
        const body = { type: 4, data: { content: "pong" } }
        yield* InProcess.call(sandbox, "POST", `/interactions/${String(id)}/${String(token)}/callback`, body)
        yield* InProcess.call(sandbox, "GET", `/webhooks/${bot}/${String(token)}/messages/@original`)
        const entries = sandbox.transcript()
        expect(JSON.stringify(entries)).not.toContain(String(token))
        return { bot, id: String(id), lines: entries.map(Transcript.line), entries }
      }),
      { transcript: 4 },
    )
    expect(text.entries).toMatchObject([
      { _tag: "Event", type: "INTERACTION_CREATE", at: 250, shard: 0, data: { id: text.id, type: 2 } },
      {
        _tag: "Request",
        method: "POST",
        path: `/interactions/${text.id}/…/callback`,
        body: { type: 4, data: { content: "pong" } },
        at: 250,
        answeredAt: 280,
        status: 204,
      },
      { _tag: "Event", type: "MESSAGE_CREATE", at: 250, data: { content: "pong" } },
      {
        method: "GET",
        path: `/webhooks/${text.bot}/…/messages/@original`,
        status: 200,
        answer: { content: "pong" },
      },
    ])
    expect(text.lines[1]).toBe(
      `     250 ms  ← POST /interactions/${text.id}/…/callback: 204 after 30 ms {"type":4,"data":{"content":"pong"}}`,
    )
  })

  it.live("holds no body above 16 KiB, and of a form with files its JSON", () =>
    Effect.gen(function* () {
      setFlagsFromString("--expose-gc")
      const collect = runInNewContext("gc") as () => void
      const transcript = new Transcript.Transcript(10, () => 0)
      const form = (json: string) =>
        Buffer.from(
          `--x\r\nContent-Disposition: form-data; name="payload_json"\r\n\r\n${json}\r\n--x\r\n` +
            `Content-Disposition: form-data; name="files[0]"; filename="a"\r\n\r\n${"a".repeat(40_000)}\r\n--x--`,
        )
      const note = (status: number, sent: Buffer, got: Buffer) => {
        const headers = { "content-type": "multipart/form-data; boundary=x" }
        const answered = transcript.request({ method: "POST", path: "/api/v10/x", headers, body: sent })
        answered({ status, headers: {}, body: got })
        return [new WeakRef(sent), new WeakRef(got)]
      }
      const bodies = [
        ...note(200, form('{"content":"hi"}'), Buffer.alloc(8 * 1024 * 1024, " ")),
        ...note(201, form(`"${"b".repeat(20_000)}"`), Buffer.alloc(16 * 1024 + 1, " ")),
      ]
      // What a reference was made to stays until the end of its turn.
      yield* Effect.sleep("1 millis")
      collect()
      expect(bodies.filter((body) => body.deref() !== undefined).length).toBe(0)
      expect(transcript.entries).toMatchObject([
        { status: 200, body: { content: "hi" }, answer: undefined },
        { status: 201, body: undefined, answer: undefined },
      ])
    }),
  )

  it("is empty unless it is asked for", () => {
    expect(
      Virtual.run(
        Effect.gen(function* () {
          const { ada, sandbox } = yield* connected
          yield* ada.say("general", "hi")
          return sandbox.transcript()
        }),
      ),
    ).toEqual([])
  })
})
