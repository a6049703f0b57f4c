import { describe, expect, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import type { Channel, Guild, Member } from "../../src/sandbox/model/Model.js"
import * as Permissions from "../../src/sandbox/world/Permissions.js"
import * as Snowflake from "../../src/sandbox/model/Snowflake.js"

const { Bit } = Permissions
const bits = [
  Bit.ViewChannel,
  Bit.SendMessages,
  Bit.ReadMessageHistory,
  Bit.ManageMessages,
  Bit.BanMembers,
  Bit.Administrator,
]
const mask = fc.subarray(bits).map((chosen) => chosen.reduce((sum, bit) => sum | bit, 0n))
const overwrite = fc.option(fc.record({ allow: mask, deny: mask }), { nil: undefined })

const plan = fc.record({
  everyone: mask,
  roles: fc.array(fc.record({ permissions: mask, held: fc.boolean(), overwrite }), { maxLength: 4 }),
  forEveryone: overwrite,
  own: overwrite,
  owner: fc.boolean(),
  timedOut: fc.boolean(),
})
type Plan = typeof plan extends fc.Arbitrary<infer A> ? A : never

const role = (id: string, permissions: bigint, position: number) =>
  [
    id,
    { id, name: id, permissions, position, color: 0, hoist: false, mentionable: false, managed: false },
  ] as const

const build = ({ everyone, forEveryone, own, owner, roles, timedOut }: Plan) => {
  const member: Member = {
    userId: "me",
    nick: null,
    roles: roles.flatMap(({ held }, n) => (held ? [`r${n}`] : [])),
    joinedAt: 0,
    timeoutUntil: timedOut ? 100 : null,
  }
  const guild = {
    id: "g",
    ownerId: owner ? "me" : "other",
    roles: new Map([
      role("g", everyone, 0),
      ...roles.map(({ permissions }, n) => role(`r${n}`, permissions, n + 1)),
    ]),
  } as unknown as Guild
  const overwrites = new Map<string, unknown>()
  const put = (id: string, one: { allow: bigint; deny: bigint } | undefined) =>
    one !== undefined && overwrites.set(id, { id, ...one })
  put("g", forEveryone)
  roles.forEach((one, n) => put(`r${n}`, one.overwrite))
  put("me", own)
  return { guild, member, channel: { overwrites } as unknown as Channel }
}

/** The rules one bit at a time, as Discord's page tells them. */
const oracle = ({ everyone, forEveryone, own, owner, roles, timedOut }: Plan, bit: bigint): boolean => {
  if (owner) return true
  const held = roles.filter((role) => role.held)
  const base = (one: bigint) =>
    [everyone, ...held.map((role) => role.permissions)].some((permissions) => (permissions & one) !== 0n)
  if (base(Bit.Administrator)) return true
  const resolve = (one: bigint): boolean => {
    let answer = base(one)
    if (forEveryone !== undefined && (forEveryone.deny & one) !== 0n) answer = false
    if (forEveryone !== undefined && (forEveryone.allow & one) !== 0n) answer = true
    if (held.some((role) => ((role.overwrite?.deny ?? 0n) & one) !== 0n)) answer = false
    if (held.some((role) => ((role.overwrite?.allow ?? 0n) & one) !== 0n)) answer = true
    if (((own?.deny ?? 0n) & one) !== 0n) answer = false
    if (((own?.allow ?? 0n) & one) !== 0n) answer = true
    return answer
  }
  if (!resolve(Bit.ViewChannel)) return false
  if (timedOut && bit !== Bit.ViewChannel && bit !== Bit.ReadMessageHistory) return false
  return resolve(bit)
}

describe("Permissions", () => {
  it("agrees with Discord's rules told one bit at a time", () => {
    fc.assert(
      fc.property(plan, (one) => {
        const { channel, guild, member } = build(one)
        const held = Permissions.inChannel(guild, channel, member, 50)
        for (const bit of bits) expect([bit, Permissions.has(held, bit)]).toEqual([bit, oracle(one, bit)])
      }),
      { numRuns: 2_000 },
    )
  })

  it("ranks by the highest role, the owner above all, nobody above themselves", () => {
    fc.assert(
      fc.property(plan, plan, (one, other) => {
        const a = build(one)
        const b = build({ ...other, owner: false })
        expect(Permissions.outranks(a.guild, a.member, a.member)).toBe(false)
        expect(Permissions.rank(a.guild, a.member) === Number.POSITIVE_INFINITY).toBe(one.owner)
        const positions = b.member.roles.map((id) => b.guild.roles.get(id)?.position ?? 0)
        expect(Permissions.rank(b.guild, b.member)).toBe(Math.max(0, ...positions))
      }),
    )
  })
})

describe("Snowflake", () => {
  it("only grows, keeps its time, and has 17 to 19 digits", () => {
    const start = 1_767_225_600_000
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -5_000, max: 5_000 }), { minLength: 2, maxLength: 50 }),
        (offsets) => {
          const ids = Snowflake.make()
          let latest = 0
          let previous = "0"
          for (const offset of offsets) {
            const id = ids.next(start + offset)
            latest = Math.max(latest, start + offset)
            expect(Snowflake.is(id)).toBe(true)
            expect(BigInt(id) > BigInt(previous)).toBe(true)
            expect(Snowflake.timestamp(id)).toBe(latest)
            previous = id
          }
        },
      ),
    )
  })
})
