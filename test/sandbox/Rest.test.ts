import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, Layer, TestClock } from "effect"
import * as Guilds from "../../src/sandbox/world/Guilds.js"
import type { World } from "../../src/sandbox/world/World.js"
import * as SandboxModule from "../../src/sandbox/Sandbox.js"
import { Sandbox } from "../../src/sandbox/Sandbox.js"
import * as Server from "../../src/sandbox/Server.js"
import * as InProcess from "./InProcess.js"

const harbour = (world: World) => {
  const guild = [...world.guilds.values()].find((one) => one.name === "Harbour")
  const general = [...(guild?.channels.values() ?? [])].find((one) => one.name === "general")
  if (guild === undefined || general === undefined) throw new Error("no Harbour")
  const id = (name: string) => world.findUser(name)?.id ?? ""
  return { guild, general, id }
}

const setUp = Effect.map(Sandbox, (sandbox) => ({
  sandbox,
  ...harbour(sandbox.world),
  call: (method: string, path: string, body?: unknown) => InProcess.call(sandbox, method, path, body),
}))

const provided = Effect.provide(SandboxModule.layer({ rateLimits: false }))
const codeOf = ({ body, status }: InProcess.Answer) => [status, (body as { code?: number } | null)?.code]

const ids = ({ body }: InProcess.Answer) =>
  Object.fromEntries((body as ReadonlyArray<{ name: string; id: string }>).map((one) => [one.name, one.id]))

describe("Rest", () => {
  it.scoped("wants a version that it speaks, an authorization, JSON, and a route", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* setUp
      const raw = (path: string, headers = {}, body: string | null = null, method = "GET") =>
        Effect.async<number>((resume) =>
          Effect.sync(
            sandbox.handle({ method, path, headers, body }, ({ status }) => resume(Effect.succeed(status))),
          ),
        )
      const authorization = { authorization: "Bot x" }
      expect(yield* raw("/api/gateway")).toBe(200)
      expect(yield* raw("/api/v10/users/@me", authorization)).toBe(200)
      expect(yield* raw("/api/v10/users/@me")).toBe(401)
      expect(yield* raw("/api/v10/users/@me", { authorization: "Bearer x" })).toBe(401)
      expect(yield* raw("/api/v9/users/@me", authorization)).toBe(400)
      expect(yield* raw("/elsewhere")).toBe(404)
      expect(yield* raw("/api/users/@me/channels", authorization, "{", "POST")).toBe(400)
      const { body, status } = yield* InProcess.call(sandbox, "GET", "/stage-instances/1")
      expect([status, body]).toEqual([
        501,
        { code: 0, message: "The sandbox does not implement GET /stage-instances/1" },
      ])
    }).pipe(provided),
  )

  it.scoped("moderates by rank: not the owner, not above, else with an event", () =>
    Effect.gen(function* () {
      const { call, guild, id, sandbox } = yield* setUp
      const path = `/guilds/${guild.id}`
      expect(codeOf(yield* call("DELETE", `${path}/members/${id("ada")}`))).toEqual([403, 50013])
      const until = "2026-01-02T00:00:00.000Z"
      const timedOut = yield* call("PATCH", `${path}/members/${id("cleo")}`, {
        communication_disabled_until: until,
        nick: "Cee",
      })
      expect(timedOut.body).toMatchObject({
        nick: "Cee",
        communication_disabled_until: "2026-01-02T00:00:00.000000+00:00",
      })
      const cleo = yield* sandbox.actor("cleo")
      expect(yield* Effect.flip(cleo.say("general", "hm"))).toMatchObject({ _tag: "NotAllowed" })
      yield* TestClock.adjust("25 hours")
      expect((yield* cleo.say("general", "back")).content).toBe("back")
      const connection = InProcess.connect(sandbox)
      InProcess.identify(connection)
      yield* InProcess.settle
      const far = yield* call("PATCH", `${path}/members/${id("cleo")}`, {
        communication_disabled_until: "2027-01-01T00:00:00Z",
      })
      expect(codeOf(far)).toEqual([400, 50035])
      expect((yield* call("PUT", `${path}/bans/${id("dan")}`, { delete_message_seconds: 0 })).status).toBe(
        204,
      )
      expect(codeOf(yield* call("GET", `${path}/members/${id("dan")}`))).toEqual([404, 10007])
      expect((yield* call("GET", `${path}/bans`)).body).toMatchObject([{ user: { username: "dan" } }])
      expect((yield* call("DELETE", `${path}/bans/${id("dan")}`)).status).toBe(204)
      expect(codeOf(yield* call("GET", `${path}/bans/${id("dan")}`))).toEqual([404, 10026])
      // A role above the bot's own puts its holder out of reach.
      const captain = Guilds.addRole(sandbox.world, guild, { name: "Captain" })
      captain.position = 99
      guild.members.get(id("ben"))?.roles.push(captain.id)
      expect(codeOf(yield* call("DELETE", `${path}/members/${id("ben")}`))).toEqual([403, 50013])
      expect(codeOf(yield* call("PUT", `${path}/members/${id("cleo")}/roles/${captain.id}`))).toEqual([
        403, 50013,
      ])
      yield* InProcess.settle
      const types = connection.events().map((frame) => frame.t)
      expect(types.filter((type) => type?.startsWith("GUILD_BAN") === true)).toEqual([
        "GUILD_BAN_ADD",
        "GUILD_BAN_REMOVE",
      ])
      expect(types).toContain("GUILD_MEMBER_REMOVE")
    }).pipe(provided),
  )

  it.scoped("sends a message once for a nonce, and honours allowed mentions", () =>
    Effect.gen(function* () {
      const { call, general, id, sandbox } = yield* setUp
      const path = `/channels/${general.id}/messages`
      const body = {
        content: `<@${id("ada")}> @everyone`,
        nonce: "n1",
        enforce_nonce: true,
        allowed_mentions: { parse: [] },
      }
      const [first, second] = yield* Effect.all([call("POST", path, body), call("POST", path, body)])
      expect(first.body).toMatchObject({ mentions: [], mention_everyone: false })
      expect((second.body as { id: string }).id).toBe((first.body as { id: string }).id)
      const ada = yield* sandbox.actor("ada")
      expect(yield* ada.history("general")).toHaveLength(1)
      const loud = yield* call("POST", path, { content: body.content })
      expect(loud.body).toMatchObject({ mentions: [{ username: "ada" }], mention_everyone: true })
    }).pipe(provided),
  )

  it.scoped("pages through messages, and deletes in bulk", () =>
    Effect.gen(function* () {
      const { call, general, sandbox } = yield* setUp
      const ada = yield* sandbox.actor("ada")
      const sent = yield* Effect.forEach(["a", "b", "c", "d", "e"], (text) => ada.say("general", text))
      const path = `/channels/${general.id}/messages`
      const read = (query: string) =>
        Effect.map(call("GET", `${path}?${query}`), ({ body }) =>
          (body as ReadonlyArray<{ content: string }>).map((one) => one.content).join(""),
        )
      expect(yield* read("limit=2")).toBe("ed")
      expect(yield* read(`before=${sent[2]?.id}`)).toBe("ba")
      expect(yield* read(`after=${sent[1]?.id}&limit=2`)).toBe("dc")
      expect(yield* read(`around=${sent[2]?.id}&limit=3`)).toBe("dcb")
      expect(codeOf(yield* call("POST", `${path}/bulk-delete`, { messages: [sent[0]?.id] }))).toEqual([
        400, 50016,
      ])
      expect(
        (yield* call("POST", `${path}/bulk-delete`, { messages: sent.slice(0, 4).map((one) => one.id) }))
          .status,
      ).toBe(204)
      expect(yield* read("limit=50")).toBe("e")
      expect(codeOf(yield* call("PATCH", `${path}/${sent[4]?.id}`, { content: "x" }))).toEqual([403, 50005])
      yield* TestClock.adjust("15 days")
      const late = yield* call("POST", `${path}/bulk-delete`, { messages: [sent[4]?.id, sent[3]?.id] })
      expect(codeOf(late)).toEqual([400, 50034])
    }).pipe(provided),
  )

  it.scoped("checks commands, and keeps the ids of those that stay", () =>
    Effect.gen(function* () {
      const { call, sandbox } = yield* setUp
      const path = `/applications/${sandbox.world.bot.id}/commands`
      const bad = yield* call("PUT", path, [
        { name: "Loud", description: "" },
        { name: "ok", description: "d", options: [{ type: 3, name: "x" }] },
      ])
      expect(bad.body).toMatchObject({
        code: 50035,
        errors: {
          "0": {
            name: { _errors: [{ code: "APPLICATION_COMMAND_INVALID_NAME" }] },
            description: { _errors: [{ code: "BASE_TYPE_BAD_LENGTH" }] },
          },
          "1": { options: { "0": { description: { _errors: [{ code: "BASE_TYPE_REQUIRED" }] } } } },
        },
      })
      const before = ids(
        yield* call("PUT", path, [
          { name: "a", description: "d" },
          { name: "b", description: "d" },
        ]),
      )
      const after = ids(
        yield* call("PUT", path, [
          { name: "b", description: "new" },
          { name: "c", description: "d" },
        ]),
      )
      expect(after["b"]).toBe(before["b"])
      expect(Object.keys(ids(yield* call("GET", path)))).toEqual(["b", "c"])
      expect(codeOf(yield* call("GET", `${path}/${before["a"]}`))).toEqual([404, 10063])
    }).pipe(provided),
  )

  it.scoped("delays, hangs and cans answers on request, in virtual time", () =>
    Effect.gen(function* () {
      const { call, sandbox } = yield* setUp
      const { faults } = sandbox
      faults.answerNext({
        path: "/users",
        status: 503,
        body: { message: "down" },
        headers: { "retry-after": "2" },
        times: 2,
      })
      const canned = yield* call("GET", "/users/@me")
      expect([canned.status, canned.headers["retry-after"]]).toEqual([503, "2"])
      expect((yield* call("GET", "/gateway/bot")).status).toBe(200)
      expect((yield* call("GET", "/users/@me")).status).toBe(503)
      expect((yield* call("GET", "/users/@me")).status).toBe(200)
      faults.delayAnswers(1_000)
      const slow = yield* Effect.fork(call("GET", "/users/@me"))
      yield* TestClock.adjust(999)
      expect(slow.unsafePoll()).toBe(null)
      yield* TestClock.adjust(1)
      expect((yield* Fiber.join(slow)).status).toBe(200)
      faults.clear()
      const release = faults.hang({ method: "GET", path: /@me$/ })
      const hanging = yield* Effect.fork(call("GET", "/users/@me"))
      yield* TestClock.adjust("1 hour")
      expect([hanging.unsafePoll(), sandbox.pendingRequests()]).toEqual([null, 1])
      release()
      expect((yield* Fiber.join(hanging)).status).toBe(200)
      expect(sandbox.pendingRequests()).toBe(0)
    }).pipe(provided),
  )

  it.scoped("keeps uploaded files and serves them", () =>
    Effect.gen(function* () {
      const { general, sandbox } = yield* setUp
      const parts = [
        "--x",
        'content-disposition: form-data; name="payload_json"',
        "",
        '{"content":"see"}',
        "--x",
        'content-disposition: form-data; name="files[0]"; filename="log.txt"',
        "content-type: text/plain",
        "",
        "cargo",
        "--x--",
        "",
      ]
      const send = (request: Parameters<Sandbox["handle"]>[0]) =>
        Effect.async<string>((resume) =>
          Effect.sync(
            sandbox.handle(request, ({ body }) => resume(Effect.succeed(Buffer.from(body).toString()))),
          ),
        )
      const sent = JSON.parse(
        yield* send({
          method: "POST",
          path: `/api/v10/channels/${general.id}/messages`,
          headers: { authorization: "Bot x", "content-type": "multipart/form-data; boundary=x" },
          body: parts.join("\r\n"),
        }),
      ) as { content: string; attachments: ReadonlyArray<{ filename: string; size: number; url: string }> }
      expect(sent).toMatchObject({
        content: "see",
        attachments: [{ filename: "log.txt", size: 5, content_type: "text/plain" }],
      })
      const path = new URL(sent.attachments[0]?.url ?? "").pathname
      expect(yield* send({ method: "GET", path, headers: {}, body: null })).toBe("cargo")
    }).pipe(provided),
  )

  it.scoped("refuses beyond 50 requests a second, and lets go on after it", () =>
    Effect.gen(function* () {
      const { call } = yield* setUp
      const answers = yield* Effect.all(
        Array.from({ length: 60 }, (_, n) => call("GET", n % 2 === 0 ? "/users/@me" : "/gateway/bot")),
      )
      expect(answers.filter((answer) => answer.status === 200)).toHaveLength(50)
      expect(answers.at(-1)).toMatchObject({
        status: 429,
        headers: { "x-ratelimit-global": "true" },
        body: { global: true },
      })
      yield* TestClock.adjust("11 seconds")
      expect((yield* call("GET", "/users/@me")).status).toBe(200)
    }).pipe(Effect.provide(SandboxModule.layer())),
  )
})

describe("Server", () => {
  it.live("says that a port is taken, and frees its own", () =>
    Effect.gen(function* () {
      const base = SandboxModule.layer()
      const port = yield* Effect.scoped(
        Effect.gen(function* () {
          const server = yield* Server.make({ port: 0 })
          const taken = yield* Effect.flip(Layer.build(Server.layer({ port: server.port })))
          expect(taken).toMatchObject({ _tag: "ServerError", reason: "PortInUse" })
          expect(taken.message).toContain(String(server.port))
          return server.port
        }),
      ).pipe(Effect.provide(base))
      yield* Effect.scoped(Server.make({ port })).pipe(Effect.provide(base))
    }),
  )
})
