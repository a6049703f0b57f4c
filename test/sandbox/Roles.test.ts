import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "effect/FastCheck"
import { Bit } from "../../src/sandbox/world/Permissions.js"
import * as Roles from "../../src/sandbox/world/Roles.js"
import { bodyOf, codeOf, listOf, make, provided, wrongOf } from "./Scene.js"

describe("Roles", () => {
  it.scoped("come in above @everyone and push the others up, which is told", () =>
    Effect.gen(function* () {
      const { call, guild, own, path, role, told } = yield* make()
      const before = [role("Player"), role("Moderator"), own]
      guild.settings.features = ["ENHANCED_ROLE_COLORS"]
      const made = bodyOf(
        yield* call("POST", `${path}/roles`, {
          name: "Mate",
          permissions: String(Bit.EmbedLinks),
          colors: { primary_color: 255, secondary_color: 16, tertiary_color: null },
          hoist: true,
        }),
      )
      expect(made).toMatchObject({
        name: "Mate",
        position: 1,
        color: 255,
        colors: { primary_color: 255, secondary_color: 16 },
        hoist: true,
        permissions: String(Bit.EmbedLinks),
        managed: false,
      })
      const events = (yield* told).filter(({ t }) => t?.startsWith("GUILD_ROLE") === true)
      expect(events.map(({ d, t }) => [t, (d["role"] as { id: string }).id])).toEqual([
        ["GUILD_ROLE_CREATE", made["id"]],
        ...before.map(({ id }) => ["GUILD_ROLE_UPDATE", id]).toReversed(),
      ])
      expect(before.map(({ position }) => position)).toEqual([2, 3, 4])
      // A bit that is no permission means nothing.
      const odd = bodyOf(
        yield* call("POST", `${path}/roles`, { permissions: String(Bit.EmbedLinks | (1n << 62n)) }),
      )
      expect(odd["permissions"]).toBe(String(Bit.EmbedLinks))
      const plain = bodyOf(yield* call("POST", `${path}/roles`))
      const everyone = guild.roles.get(guild.id)?.permissions
      expect(plain).toMatchObject({ name: "new role", permissions: String(everyone) })
      expect(bodyOf(yield* call("GET", `${path}/roles/${own.id}`))).toMatchObject({
        managed: true,
        tags: { bot_id: expect.any(String) as string },
      })
    }).pipe(provided),
  )

  it.scoped("move below the bot only", () =>
    Effect.gen(function* () {
      const { call, guild, own, path, role, types, world } = yield* make()
      const [player, moderator] = [role("Player"), role("Moderator")]
      const mate = Roles.add(world, guild, { name: "Mate" })
      const order = () =>
        [...guild.roles.values()].toSorted((a, b) => a.position - b.position).map(({ name }) => name)
      expect(order()).toEqual(["@everyone", "Mate", "Player", "Moderator", "Bosun"])
      const move = (...moves: ReadonlyArray<readonly [string, number]>) =>
        call(
          "PATCH",
          `${path}/roles`,
          moves.map(([id, position]) => ({ id, position })),
        )
      const told = (yield* types).length
      const answer = yield* move([mate.id, 3])
      expect(listOf(answer)).toHaveLength(5)
      expect(order()).toEqual(["@everyone", "Player", "Moderator", "Mate", "Bosun"])
      expect((yield* types).slice(told)).toEqual(Array.from({ length: 3 }, () => "GUILD_ROLE_UPDATE"))
      expect(codeOf(yield* move([player.id, 4]))).toEqual([403, 50013])
      expect(codeOf(yield* move([own.id, 1]))).toEqual([403, 50013])
      expect(codeOf(yield* move([guild.id, 2]))).toEqual([400, 50028])
      expect(codeOf(yield* move(["123456789012345678", 2]))).toEqual([404, 10011])
      expect(order()).toEqual(["@everyone", "Player", "Moderator", "Mate", "Bosun"])
      // A gap, as a deletion leaves one, is no move.
      yield* call("DELETE", `${path}/roles/${player.id}`)
      expect((yield* move([mate.id, 1])).status).toBe(200)
      expect(order()).toEqual(["@everyone", "Mate", "Moderator", "Bosun"])
      expect(moderator.position).toBe(2)
    }).pipe(provided),
  )

  it("stand in an order without gaps whatever is moved, and what is not moved keeps its own", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.array(fc.tuple(fc.nat({ max: 7 }), fc.integer({ min: 1, max: 10 })), { maxLength: 4 }),
        (size, asked) => {
          const roles = new Map(
            Array.from({ length: size + 1 }, (_, n) => [`r${n}`, Roles.make(`r${n}`, `r${n}`, 0n, n)]),
          )
          const guild = { id: "r0", roles } as unknown as Parameters<typeof Roles.ordered>[0]
          const moves = asked.map(([n, position]) => ({ id: `r${(n % size) + 1}`, position }))
          const order = Roles.ordered(guild, moves).map(({ id }) => id)
          expect(order.toSorted()).toEqual([...roles.keys()].slice(1).toSorted())
          const still = (ids: ReadonlyArray<string>) =>
            ids.filter((id) => !moves.some((move) => move.id === id))
          expect(still(order)).toEqual(still([...roles.keys()].slice(1)))
          // One alone goes exactly where it is wanted, or to the top.
          const [only] = moves
          if (only !== undefined && new Set(moves.map(({ id }) => id)).size === 1) {
            const last = moves.at(-1)?.position ?? 0
            expect(order.indexOf(only.id)).toBe(Math.min(last, size) - 1)
          }
        },
      ),
    )
  })

  it.scoped("are changed and given within the bot's own bounds", () =>
    Effect.gen(function* () {
      const { call, guild, own, path, role, world } = yield* make()
      const player = `${path}/roles/${role("Player").id}`
      expect(wrongOf(yield* call("PATCH", player, { name: "x".repeat(101), color: -1 }))).toEqual([
        "color",
        "name",
      ])
      const grant = (bit: bigint) => call("PATCH", player, { permissions: String(bit) })
      expect((yield* grant(Bit.KickMembers)).status).toBe(200)
      expect(codeOf(yield* grant(Bit.Administrator))).toEqual([403, 50013])
      // What the role has already may stay.
      role("Player").permissions |= Bit.ManageWebhooks
      expect((yield* grant(Bit.ManageWebhooks)).status).toBe(200)
      expect(codeOf(yield* call("PATCH", player, { unicode_emoji: "⚓" }))).toEqual([403, 50101])
      expect(codeOf(yield* call("PATCH", `${path}/roles/${own.id}`, { name: "x" }))).toEqual([403, 50013])
      const everyone = yield* call("PATCH", `${path}/roles/${guild.id}`, { name: "all", permissions: "1024" })
      expect(bodyOf(everyone)).toMatchObject({ name: "@everyone", permissions: "1024" })
      expect(codeOf(yield* call("DELETE", `${path}/roles/${guild.id}`))).toEqual([400, 50028])
      while (guild.roles.size < 250) Roles.add(world, guild, { name: "x" })
      expect(codeOf(yield* call("POST", `${path}/roles`, { name: "x" }))).toEqual([400, 30005])
    }).pipe(provided),
  )

  it.scoped("are counted, and go from everybody with their end", () =>
    Effect.gen(function* () {
      const { call, guild, id, last, path, role } = yield* make()
      const player = role("Player").id
      for (const name of ["cleo", "dan"]) yield* call("PUT", `${path}/members/${id(name)}/roles/${player}`)
      const counts = bodyOf(yield* call("GET", `${path}/roles/member-counts`))
      expect(counts).toMatchObject({ [player]: 2, [role("Moderator").id]: 1 })
      expect(counts).not.toHaveProperty(guild.id)
      yield* call("DELETE", `${path}/roles/${player}`)
      expect(yield* last("GUILD_ROLE_DELETE")).toEqual({ guild_id: guild.id, role_id: player })
      expect(guild.members.get(id("cleo"))?.roles).toEqual([])
    }).pipe(provided),
  )
})
