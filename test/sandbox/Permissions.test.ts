import { describe, expect, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import type { Channel, Guild, Member } from "../../src/sandbox/model/Model.js"
import * as Permissions from "../../src/sandbox/world/Permissions.js"
import * as Roles from "../../src/sandbox/world/Roles.js"
import * as Snowflake from "../../src/sandbox/model/Snowflake.js"

const { Bit } = Permissions
const bits = [
  Bit.ViewChannel,
  Bit.SendMessages,
  Bit.SendMessagesInThreads,
  Bit.EmbedLinks,
  Bit.MentionEveryone,
  Bit.ReadMessageHistory,
  Bit.ManageMessages,
  Bit.ManageThreads,
  Bit.BanMembers,
  Bit.Connect,
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
  spoken: fc.boolean(),
  thread: fc.constantFrom("public", "private", "joined"),
})
type Plan = typeof plan extends fc.Arbitrary<infer A> ? A : never

const role = (id: string, permissions: bigint, position: number) =>
  [id, Roles.make(id, id, permissions, position)] as const

const build = ({ everyone, forEveryone, own, owner, roles, spoken, thread, timedOut }: Plan) => {
  const member: Member = {
    userId: "me",
    nick: null,
    avatar: null,
    banner: null,
    roles: roles.flatMap(({ held }, n) => (held ? [`r${n}`] : [])),
    joinedAt: 0,
    timeoutUntil: timedOut ? 100 : null,
    flags: 0,
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
  const members = new Map(thread === "joined" ? [["me", 0]] : [])
  return {
    guild,
    member,
    channel: { overwrites, type: spoken ? 2 : 0, thread: null } as unknown as Channel,
    thread: { type: thread === "public" ? 11 : 12, thread: { members } } as unknown as Channel,
  }
}

/** The rules one bit at a time, as Discord's page tells them. */
const oracle = (one: Plan, bit: bigint, inThread: boolean): boolean => {
  const { everyone, forEveryone, own, owner, roles, spoken, thread, timedOut } = one
  if (owner) return true
  const held = roles.filter((role) => role.held)
  const base = (one: bigint) =>
    [everyone, ...held.map((role) => role.permissions)].some((permissions) => (permissions & one) !== 0n)
  if (base(Bit.Administrator)) return true
  if (bit === Bit.Administrator) return false
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
  if (inThread && thread === "private" && !resolve(Bit.ManageThreads)) return false
  if (spoken && !resolve(Bit.Connect)) return bit === Bit.ViewChannel
  if (timedOut && bit !== Bit.ViewChannel && bit !== Bit.ReadMessageHistory) return false
  const writing = inThread ? Bit.SendMessagesInThreads : Bit.SendMessages
  if ((bit === Bit.EmbedLinks || bit === Bit.MentionEveryone) && !resolve(writing)) return false
  return resolve(bit)
}

describe("Permissions", () => {
  it("agrees with Discord's rules told one bit at a time, in channels and in threads", () => {
    fc.assert(
      fc.property(plan, (one) => {
        const { channel, guild, member, thread } = build(one)
        const here = Permissions.inChannel(guild, channel, member, 50)
        const below = Permissions.inThread(guild, channel, thread, member, 50)
        for (const bit of bits) {
          expect([bit, Permissions.has(here, bit)]).toEqual([bit, oracle(one, bit, false)])
          expect([bit, Permissions.has(below, bit)]).toEqual([bit, oracle(one, bit, true)])
        }
      }),
      { numRuns: 2_000 },
    )
  })

  it("a time-out holds until it ends, and neither owner nor administrator", () => {
    fc.assert(
      fc.property(plan, fc.integer({ min: 0, max: 200 }), (one, now) => {
        const { guild, member } = build(one)
        const whole = Permissions.has(Permissions.inGuild(guild, member, now), Bit.Administrator)
        expect(Permissions.isTimedOut(guild, member, now)).toBe(one.timedOut && now < 100 && !whole)
      }),
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
