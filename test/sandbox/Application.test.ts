import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as SandboxModule from "../../src/sandbox/Sandbox.js"
import { Sandbox } from "../../src/sandbox/Sandbox.js"
import { bodyOf, png, setUp } from "./Harbour.js"
import * as InProcess from "./InProcess.js"

const provided = Effect.provide(SandboxModule.layer({ rateLimits: false }))

describe("the application", () => {
  it.scoped("changes its description, and refuses what is too long", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      const call = (method: string, path: string, body?: unknown) =>
        InProcess.call(sandbox, method, path, body)
      expect(
        (yield* call("PATCH", "/applications/@me", { description: "A bot", tags: ["sea"] })).body,
      ).toMatchObject({
        id: sandbox.world.bot.id,
        description: "A bot",
        tags: ["sea"],
      })
      expect((yield* call("GET", "/applications/@me")).body).toMatchObject({ description: "A bot" })
      const wrong = { description: "x".repeat(401), tags: ["a", "b", "c", "d", "e", "f"], icon: "no picture" }
      expect((yield* call("PATCH", "/applications/@me", wrong)).body).toMatchObject({
        code: 50035,
        errors: { description: {}, tags: {}, icon: {} },
      })
      const app = `/applications/${sandbox.world.bot.id}`
      expect((yield* call("GET", `${app}/skus`)).body).toEqual([])
      expect((yield* call("GET", `${app}/entitlements`)).body).toEqual([])
      expect((yield* call("GET", "/voice/regions")).body).toMatchObject([{ optimal: true }, {}, {}])
      expect((yield* call("GET", `${app}/role-connections/metadata`)).status).toBe(501)
    }).pipe(provided),
  )

  it.scoped("has one picture twice, and keeps it until neither is it any more", () =>
    Effect.gen(function* () {
      const { call, fetch, world } = yield* setUp
      const [first, second] = [png(64, 64), png(32, 32)].map(
        (bytes) => `data:image/png;base64,${Buffer.from(bytes).toString("base64")}`,
      )
      const change = (body: object) =>
        Effect.map(call("PATCH", "/applications/@me", body), (answer) => bodyOf(answer))
      const served = (hash: unknown) =>
        Effect.map(
          fetch(`${world.origin}/app-icons/${world.bot.id}/${String(hash)}.png`),
          ({ status }) => status,
        )
      const { cover_image: same } = yield* change({ icon: first, cover_image: first })
      yield* change({ icon: null })
      expect(yield* served(same)).toBe(200)
      const { icon: other } = yield* change({ icon: second })
      const { cover_image: cover, icon } = yield* change({ icon: first, cover_image: second })
      expect([icon, cover]).toEqual([same, other])
      expect([yield* served(icon), yield* served(cover)]).toEqual([200, 200])
      yield* change({ icon: null, cover_image: null })
      expect([yield* served(icon), yield* served(cover)]).toEqual([404, 404])
    }).pipe(provided),
  )

  it.scoped("changes its bot's name and picture, and tells of it", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      const connection = InProcess.connect(sandbox)
      InProcess.identify(connection)
      yield* InProcess.settle
      const avatar = `data:image/png;base64,${Buffer.from(png(64, 64)).toString("base64")}`
      const changed = yield* InProcess.call(sandbox, "PATCH", "/users/@me", { username: "Mate", avatar })
      expect(changed).toMatchObject({
        status: 200,
        body: { username: "Mate", avatar: expect.stringMatching(/^[0-9a-f]{32}$/u) },
      })
      yield* InProcess.settle
      expect(connection.events().at(-1)).toMatchObject({ t: "USER_UPDATE", d: { username: "Mate" } })
      const { id } = sandbox.world.bot
      expect((yield* InProcess.call(sandbox, "GET", `/users/${id}`)).body).toMatchObject({ username: "Mate" })
      expect((yield* InProcess.call(sandbox, "PATCH", "/users/@me", { username: "M" })).body).toMatchObject({
        code: 50035,
        errors: { username: {} },
      })
      expect((yield* InProcess.call(sandbox, "GET", "/users/1")).body).toMatchObject({ code: 10013 })
    }).pipe(provided),
  )

  it.scoped("lists its guilds in pages", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      const ids = (query: string) =>
        Effect.map(InProcess.call(sandbox, "GET", `/users/@me/guilds${query}`), ({ body }) =>
          (body as ReadonlyArray<{ readonly id: string }>).map(({ id }) => id),
        )
      const all = yield* ids("")
      expect(all).toHaveLength(4)
      expect(yield* ids("?limit=2")).toEqual(all.slice(0, 2))
      expect(yield* ids(`?after=${all[1]}`)).toEqual(all.slice(2))
      expect(yield* ids(`?before=${all[3]}&limit=2`)).toEqual(all.slice(1, 3))
    }).pipe(
      Effect.provide(
        SandboxModule.layer({ rateLimits: false, seed: { more: { guilds: 3, channels: 1, members: 2 } } }),
      ),
    ),
  )
})
