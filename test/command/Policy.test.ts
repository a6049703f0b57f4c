import { describe, expect, it } from "@effect/vitest"
import type { APIApplication } from "discord-api-types/v10"
import { PermissionFlagsBits } from "discord-api-types/v10"
import type { GuildMember } from "discord.js"
import { Cause, Duration, Effect, Exit, FastCheck as fc, Fiber, Schedule } from "effect"
import type * as Bot from "../../src/Bot.js"
import * as Command from "../../src/command/Command.js"
import * as CommandError from "../../src/command/CommandError.js"
import * as Deploy from "../../src/command/Deploy.js"
import * as Owner from "../../src/command/stages/Owner.js"
import * as Param from "../../src/command/Param.js"
import * as Policy from "../../src/command/Policy.js"
import { Interaction } from "../../src/interaction/Interaction.js"
import * as Reply from "../../src/interaction/Reply.js"
import * as Sandbox from "../../src/sandbox/Sandbox.js"
import * as VirtualClock from "../../src/testing/VirtualClock.js"
import * as Harbour from "../bot/Harbour.js"
import { caller, ending, run, type Who } from "./Passages.js"

class Busy {
  readonly _tag = "Busy"
  readonly userText = "busy"
}
class Closed {
  readonly _tag = "Closed"
  readonly userText = "closed"
}
const done = Effect.succeed(Reply.text("done"))
const { ManageChannels, ManageRoles } = PermissionFlagsBits
const ownedBy = (id: string) => Effect.succeed({ owner: { id } } as APIApplication)

/** Everybody's rank by id; the owner's is beyond all. */
const guildOf = (ranks: Readonly<Record<string, number>>, ownerId: string) => {
  const members = new Map(
    Object.entries(ranks).map(([id, rank]) => {
      const highest = { rank, comparePositionTo: (other: { readonly rank: number }) => rank - other.rank }
      return [id, { id, roles: { highest } } as unknown as GuildMember]
    }),
  )
  return { ownerId, members: { cache: members, me: members.get("me") }, roles: { cache: new Map() } }
}

describe("the order of the stages", () => {
  const violations = [
    ["permissions", "NotPermitted"],
    ["role", "RoleNeeded"],
    ["botPermissions", "BotNotPermitted"],
    ["owner", "NotOwner"],
    ["hierarchy", "Outranked"],
    ["cooldown", "OnCooldown"],
    ["concurrency", "TooManyCalls"],
    ["before", "Closed"],
    ["handler", "Busy"],
  ] as const
  type Violation = (typeof violations)[number][0]

  /** The same policies in any order of the pipe: what a second call ends with, and what ran for it. */
  const play = (order: ReadonlyArray<number>, violated: ReadonlySet<Violation>) => {
    let trace: Array<string> = []
    let second = false
    type Piped = Command.Command<
      "dig",
      { readonly whom: Param.Param<GuildMember | undefined, true, never> },
      Busy,
      never
    >
    const pipes: ReadonlyArray<(self: Piped) => Command.Any> = [
      Policy.permissions(ManageChannels),
      Policy.role("777"),
      Policy.botPermissions(ManageRoles),
      Policy.ownerOnly,
      Policy.hierarchy("whom"),
      Policy.cooldown({ per: "user", window: "1 hour" }),
      Policy.concurrency({ per: "global" }),
      Policy.before(
        Effect.suspend(() => {
          trace.push("before")
          return second && violated.has("before") ? Effect.fail(new Closed()) : Effect.void
        }),
      ),
      Policy.after(() => Effect.sync(() => trace.push("after"))),
      Policy.retry({ schedule: Schedule.recurs(1), tags: ["Busy"] }),
      Policy.deadline("1 minute"),
      Policy.ephemeral,
    ]
    const dig = Command.make(
      "dig",
      { description: "d", in: "guild", params: { whom: Param.optional(Param.member("d")) } },
      (_, interaction) =>
        Effect.suspend(() => {
          trace.push("handler")
          if (interaction.user.id === "2") return Effect.as(Effect.sleep("1 minute"), Reply.text("slow"))
          return second && violated.has("handler") ? Effect.fail(new Busy()) : done
        }),
    )
    const command = order.reduce<Command.Any>(
      (self, index) => (pipes[index] as (self: Command.Any) => Command.Any)(self),
      dig as Command.Any,
    )
    return run(
      Effect.gen(function* () {
        let owner = "1"
        const { call, stages } = yield* caller(command, {
          application: Effect.suspend(() => ownedBy(owner)),
        })
        const who = (user: string): Who => {
          const bad = (what: Violation) => second && violated.has(what)
          return {
            user,
            more: {
              userPermissions: bad("permissions") ? 0n : ManageChannels,
              botPermissions: bad("botPermissions") ? 0n : ManageRoles,
              memberRoles: bad("role") ? [] : ["777"],
              guild: guildOf({ 1: 2, me: 2 }, "9"),
              structure: { client: { user: { id: "me" } } },
            },
          }
        }
        if (violated.has("cooldown")) yield* Effect.flatMap(call(who("1")), ending)
        owner = "2"
        if (violated.has("concurrency")) yield* call(who("2"))
        // So that the slow one has begun.
        yield* Effect.sleep("1 second")
        owner = violated.has("owner") ? "9" : "1"
        trace = []
        second = true
        const started = yield* call(who("1"), { whom: violated.has("hierarchy") ? { id: "1" } : undefined })
        const exit = yield* Fiber.await(started.fiber)
        return { ended: yield* ending(started), exit, trace, stages }
      }),
    )
  }

  it("is the same whatever the order of the pipe", () => {
    const all = Array.from({ length: 12 }, (_, index) => index)
    fc.assert(
      fc.property(
        fc.shuffledSubarray(all, { minLength: 12, maxLength: 12 }),
        fc.subarray(violations.map(([name]) => name)),
        (order, violated) => {
          const { ended, exit, stages, trace } = play(order, new Set(violated))
          const first = violations.find(([name]) => violated.includes(name))
          expect(ended).toBe(first?.[1] ?? "done")
          expect(trace).toEqual(
            first === undefined
              ? ["before", "handler", "after"]
              : first[0] === "handler"
                ? ["before", "handler", "handler", "after"]
                : first[0] === "before"
                  ? ["before", "after"]
                  : [],
          )
          if (Exit.isSuccess(exit)) expect(exit.value).toEqual(Reply.ephemeral(Reply.text("done")))
          expect(stages.deadline).toBe(60_000)
          expect(stages.ephemeral).toBe(true)
        },
      ),
      { numRuns: 400 },
    )
  })
})

describe("settings", () => {
  const leaf = Command.make("leaf", { description: "d" }, () => done)
  const settingsOf = (command: Command.Any, bot: Policy.Policies = {}) =>
    run(Effect.map(caller(command, { policies: bot }), ({ stages }) => stages))

  it("resolve bot → group → command: the nearest that is set wins", () => {
    const seconds = fc.option(fc.integer({ min: 1, max: 1_000 }), { nil: undefined })
    fc.assert(
      fc.property(seconds, seconds, seconds, seconds, (bot, outer, inner, own) => {
        const put = (n: number | undefined) => (self: Command.Any) =>
          n === undefined ? self : Policy.deadline(Duration.seconds(n))(self)
        const tree = put(outer)(
          Command.group("g", { description: "d" }, [
            put(inner)(Command.group("h", { description: "d" }, [put(own)(leaf)])),
          ]),
        )
        const defaults = bot === undefined ? {} : Policy.defaults(Policy.deadline(Duration.seconds(bot)))
        const nearest = own ?? inner ?? outer ?? bot ?? 14 * 60
        expect(settingsOf(tree, defaults).deadline).toBe(nearest * 1_000)
      }),
    )
  })

  it("can be switched off nearer to the command", () => {
    const defaults = Policy.defaults(Policy.cooldown({ per: "user", window: "1 hour" }), Policy.ephemeral)
    expect(settingsOf(leaf, defaults).around).toBeDefined()
    expect(settingsOf(leaf, defaults).ephemeral).toBe(true)
    const free = leaf.pipe(Policy.without("cooldown", "ephemeral"))
    expect(settingsOf(free, defaults).around).toBeUndefined()
    expect(settingsOf(free, defaults).ephemeral).toBe(false)
  })

  it("leave a command without any exactly as it was", () => {
    const stages = settingsOf(leaf)
    expect(stages).toMatchObject({ around: undefined, deadline: 14 * 60_000, ephemeral: false })
  })

  it("take a deadline beyond an interaction's life, up to a day", () => {
    expect(settingsOf(leaf.pipe(Policy.deadline("2 hours"))).deadline).toBe(7_200_000)
    expect(() => leaf.pipe(Policy.deadline("25 hours"))).toThrow("at most 24 hours")
    expect(() => leaf.pipe(Policy.deadline(Duration.infinity))).toThrow("must be a time above 0")
  })

  it("hide a command from those who lack its permissions, also a group's", () => {
    const open = Command.make("open", { description: "d" }, () => done)
    const [payload] = Deploy.payloads([
      Command.group("g", { description: "d" }, [
        leaf.pipe(Policy.permissions(ManageChannels | ManageRoles)),
        open,
      ]).pipe(Policy.permissions(ManageChannels)),
    ])
    expect(payload).toMatchObject({ default_member_permissions: String(ManageChannels) })
  })

  it("hold for menus too", () => {
    const menu = Command.make(
      "Greet",
      { description: "d", in: "guild", from: ["userMenu"], params: { whom: Param.member("d") } },
      () => done,
    ).pipe(Policy.cooldown({ per: "user", window: "1 hour" }), Policy.permissions(ManageRoles))
    const ends = run(
      Effect.gen(function* () {
        const { call } = yield* caller(menu)
        const more = { guild: guildOf({}, "9"), userPermissions: ManageRoles }
        return [
          yield* Effect.flatMap(call({ more }), ending),
          yield* Effect.flatMap(call({ more }), ending),
          yield* Effect.flatMap(call({ more: { ...more, userPermissions: 0n } }), ending),
        ]
      }),
    )
    expect(ends).toEqual(["done", "OnCooldown", "NotPermitted"])
    expect(Deploy.payloads([menu])).toMatchObject([{ default_member_permissions: String(ManageRoles) }])
  })
})

describe("Policy.retry", () => {
  const flaky = (failures: number, onTry: (n: number) => void = () => {}) => {
    let tries = 0
    return Command.make("flaky", { description: "d" }, () =>
      Effect.suspend((): Effect.Effect<Reply.Reply, Busy | Closed> => {
        tries++
        onTry(tries)
        return tries <= failures ? Effect.fail(new Busy()) : done
      }),
    )
  }
  const end = (command: Command.Any) =>
    run(
      Effect.flatMap(
        Effect.flatMap(caller(command), ({ call }) => call()),
        ending,
      ),
    )

  it("runs again as often as the schedule says, and then fails with the last error", () => {
    fc.assert(
      fc.property(fc.nat(6), fc.nat(6), (failures, times) => {
        let tries = 0
        const command = flaky(failures, (n) => (tries = n))
        const retried = command.pipe(
          Policy.retry({
            schedule: Schedule.addDelay(Schedule.recurs(times), () => "1 second"),
            tags: ["Busy"],
          }),
        )
        expect(end(retried)).toBe(failures <= times ? "done" : "Busy")
        expect(tries).toBe(Math.min(failures, times) + 1)
      }),
    )
  })

  it("leaves other errors alone", () => {
    let tries = 0
    const command = flaky(5, (n) => (tries = n))
    expect(end(command.pipe(Policy.retry({ schedule: Schedule.recurs(3), tags: ["Closed"] })))).toBe("Busy")
    expect(tries).toBe(1)
  })

  it("stops once anything was shown, whether by the handler or while it waits for the next time", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5_500 }), (shownAt) => {
        let tries = 0
        const command = flaky(10, (n) => (tries = n)).pipe(
          Policy.retry({ schedule: Schedule.spaced("1 second"), tags: ["Busy"] }),
        )
        const ended = run(
          Effect.gen(function* () {
            const { call } = yield* caller(command)
            const started = yield* call()
            yield* Effect.fork(Effect.delay(Effect.sync(started.show), shownAt))
            return yield* ending(started)
          }),
        )
        expect(ended).toBe("Busy")
        // Tries are due at 0, 1, 2, … seconds; at an exact tie either may come first.
        expect(tries).toBeGreaterThanOrEqual(Math.ceil(shownAt / 1_000))
        expect(tries).toBeLessThanOrEqual(Math.floor(shownAt / 1_000) + 1)
      }),
    )
  })

  it("does not wait for the schedule where something was shown before the failure", () => {
    const command = Command.make("flaky", { description: "d" }, () =>
      Effect.zipRight(Effect.sleep("1 second"), Effect.fail(new Busy())),
    ).pipe(Policy.retry({ schedule: Schedule.spaced("1 hour"), tags: ["Busy"] }))
    const endedAt = run(
      Effect.gen(function* () {
        const { call } = yield* caller(command)
        const started = yield* call()
        started.show()
        yield* ending(started)
        return (yield* Effect.clock).unsafeCurrentTimeMillis()
      }),
    )
    expect(endedAt).toBe(1_000)
  })

  it("counts once where a group has one for the same error", () => {
    let tries = 0
    const command = flaky(10, (n) => (tries = n)).pipe(
      Policy.retry({ schedule: Schedule.recurs(1), tags: ["Busy"] }),
    )
    const group = Command.group("g", { description: "d" }, [command]).pipe(
      Policy.retry({ schedule: Schedule.recurs(5), tags: ["Busy"] }),
    )
    expect(end(group)).toBe("Busy")
    expect(tries).toBe(2)
  })

  it("releases what an attempt acquired before the next one, and the reply, come", () => {
    const log: Array<string> = []
    const command = Command.make("flaky", { description: "d" }, () =>
      Effect.gen(function* () {
        yield* Effect.acquireRelease(
          Effect.sync(() => log.push("acquire")),
          () => Effect.sync(() => log.push("release")),
        )
        return log.length < 5 ? yield* Effect.fail(new Busy()) : Reply.text("done")
      }),
    ).pipe(
      Policy.retry({ schedule: Schedule.recurs(5), tags: ["Busy"] }),
      Policy.after(() => Effect.sync(() => log.push("after"))),
    )
    expect(end(command)).toBe("done")
    expect(log).toEqual(["acquire", "release", "acquire", "release", "acquire", "release", "after"])
  })

  it("has the one permit of a semaphore again for the next attempt", () => {
    const crane = Effect.unsafeMakeSemaphore(1)
    let tries = 0
    const command = Command.make("flaky", { description: "d" }, () =>
      Effect.zipRight(
        Effect.acquireRelease(crane.take(1), () => crane.release(1)),
        Effect.suspend(() => (tries++ === 0 ? Effect.fail(new Busy()) : done)),
      ),
    ).pipe(Policy.retry({ schedule: Schedule.recurs(5), tags: ["Busy"] }))
    expect(end(command)).toBe("done")
  })

  it("stands inside of what catches its error", () => {
    const command = flaky(1).pipe(
      Policy.retry({ schedule: Schedule.recurs(1), tags: ["Busy"] }),
      Command.catchTag("Busy", () => Effect.succeed(Reply.text("caught"))),
    )
    expect(end(command)).toBe("done")
  })
})

describe("Policy.ephemeral", () => {
  const late = Command.make("late", { description: "d" }, () => Effect.delay(done, "10 seconds")).pipe(
    Policy.deadline("1 second"),
    Command.catchTag("CommandTimeout", () => Effect.succeed(Reply.text("too late"))),
  )
  const updating = Command.make("updating", { description: "d" }, () =>
    Effect.succeed(Reply.update(Reply.text("updated"))),
  )
  /** What somebody else sees in the channel in the end. */
  const seenByOthers = async (
    options: Partial<Bot.Options>,
    ...commands: ReadonlyArray<Command.Command<string, {}, never, never>>
  ) => {
    const { exit } = await VirtualClock.run(
      Effect.gen(function* () {
        yield* Deploy.apply()
        const sandbox = yield* Sandbox.Sandbox
        const cleo = yield* sandbox.actor("cleo")
        const seen: Array<string> = []
        for (const { name } of commands) {
          const state = yield* (yield* cleo.slash("general", name)).settled
          if (state._tag === "Responded") seen.push(...state.messages.map(({ content }) => content))
        }
        const dan = yield* sandbox.actor("dan")
        return [seen, (yield* dan.history("general")).map(({ content }) => content)]
      }).pipe(Effect.provide(Harbour.inProcess(Command.layer(...commands), options))),
    )
    if (Exit.isFailure(exit)) throw new Error(Cause.pretty(exit.cause))
    return exit.value
  }

  it("also hides the author's answer to the deadline, and an update where nothing was shown before", async () => {
    expect(await seenByOthers({}, late.pipe(Policy.ephemeral), updating.pipe(Policy.ephemeral))).toEqual([
      ["too late", "updated"],
      [],
    ])
    expect(await seenByOthers({ policies: Policy.defaults(Policy.ephemeral) }, late, updating)).toEqual([
      ["too late", "updated"],
      [],
    ])
    expect(await seenByOthers({}, late, updating)).toEqual([
      ["too late", "updated"],
      ["too late", "updated"],
    ])
  })
})

describe("hooks", () => {
  const trace = () => {
    const seen: Array<string> = []
    const note = (text: string) => Effect.sync(() => seen.push(text))
    return { seen, note }
  }
  const play = (command: Command.Any, bot: Policy.Policies = {}) =>
    run(
      Effect.flatMap(
        Effect.flatMap(caller(command, { policies: bot }), ({ call }) => call()),
        ending,
      ),
    )

  it("all run, the outermost first", () => {
    const { note, seen } = trace()
    const leaf = Command.make("leaf", { description: "d" }, () =>
      Effect.as(note("handler"), Reply.text("done")),
    )
    const hooks = (name: string) => (self: Command.Any) =>
      self.pipe(
        Policy.before(note(`before ${name}`)),
        Policy.after(() => note(`after ${name}`)),
      )
    const tree = hooks("group")(
      Command.group("g", { description: "d" }, [hooks("later")(hooks("earlier")(leaf))]),
    )
    const bot = Policy.defaults(
      Policy.before(note("before bot")),
      Policy.after(() => note("after bot")),
    )
    expect(play(tree, bot)).toBe("done")
    const names = ["bot", "group", "later", "earlier"]
    expect(seen).toEqual([
      ...names.map((name) => `before ${name}`),
      "handler",
      ...names.map((name) => `after ${name}`),
    ])
  })

  it("have the call in hand", () => {
    const { note, seen } = trace()
    const leaf = Command.make("leaf", { description: "d" }, () => done).pipe(
      Policy.before(Effect.flatMap(Interaction, ({ command, user }) => note(`${command} by ${user.id}`))),
    )
    play(leaf)
    expect(seen).toEqual(["leaf by 1"])
  })

  it("before it can keep the handler from running, and can be caught", () => {
    const { note, seen } = trace()
    const leaf = Command.make("leaf", { description: "d" }, () =>
      Effect.as(note("handler"), Reply.text("done")),
    ).pipe(Policy.before(Effect.fail(new Closed())))
    expect(play(leaf)).toBe("Closed")
    const caught = leaf.pipe(
      Command.catchTag("Closed", () => Effect.succeed(Reply.text("come back tomorrow"))),
      Command.map((reply) => (reply._tag === "Message" ? Reply.text(`${reply.content}!`) : reply)),
    )
    expect(play(caught)).toBe("come back tomorrow!")
    expect(seen).toEqual([])
  })

  it("after it see every way to end, and never hide an earlier failure", () => {
    const ends: ReadonlyArray<readonly [Effect.Effect<Reply.Reply, Busy>, string]> = [
      [done, "Success"],
      [Effect.fail(new Busy()), "Busy"],
      [Effect.die("a bug"), "Die"],
      [Effect.interrupt, "Interrupt"],
    ]
    for (const [handler, name] of ends) {
      const { note, seen } = trace()
      const word = (exit: Exit.Exit<Reply.Reply, unknown>) =>
        Exit.isSuccess(exit)
          ? "Success"
          : exit.cause._tag === "Fail"
            ? (exit.cause.error as Busy)._tag
            : exit.cause._tag
      const leaf = Command.make("leaf", { description: "d" }, () => handler).pipe(
        Policy.after((exit) => note(word(exit))),
        // The outer one, so it runs first and fails.
        Policy.after(() => Effect.fail(new Closed())),
      )
      const exit = run(
        Effect.flatMap(
          Effect.flatMap(caller(leaf), ({ call }) => call()),
          ({ fiber }) => Fiber.await(fiber),
        ),
      )
      expect(Exit.isFailure(exit) && Cause.pretty(exit.cause)).not.toBe("")
      if (name === "Success") expect(seen).toEqual(["Closed"])
      else expect(seen).toEqual(["Sequential"])
      const failure = Exit.isFailure(exit) ? [...Cause.failures(exit.cause)][0] : undefined
      expect(failure).toEqual(name === "Busy" ? new Busy() : new Closed())
    }
  })

  it("after it run also when the call was cancelled, for ten seconds at most", () => {
    const { note, seen } = trace()
    const leaf = Command.make("leaf", { description: "d" }, () => Effect.never).pipe(
      Policy.after((exit) => note(Exit.isInterrupted(exit) ? "told" : "?")),
      Policy.after(() => Effect.never),
    )
    const took = run(
      Effect.gen(function* () {
        const { call } = yield* caller(leaf)
        const { fiber } = yield* call()
        yield* Effect.sleep("1 second")
        const clock = yield* Effect.clock
        const before = clock.unsafeCurrentTimeMillis()
        yield* Fiber.interrupt(fiber)
        return clock.unsafeCurrentTimeMillis() - before
      }),
    )
    expect(seen).toEqual(["told"])
    expect(took).toBe(10_000)
  })
})

describe("who may", () => {
  const refusal = (command: Command.Any, who: Who, params = {}) =>
    run(
      Effect.gen(function* () {
        const { call } = yield* caller(command, { application: ownedBy("1") })
        const exit = yield* Fiber.await((yield* call(who, params)).fiber)
        if (Exit.isSuccess(exit)) return undefined
        return exit.cause._tag === "Fail" ? (exit.cause.error as Command.Tellable).userText : exit.cause
      }),
    )
  const plain = Command.make("plain", { description: "d" }, () => done)

  it("asks for permissions of caller and bot; an administrator has all, a direct message none", () => {
    const piped = plain.pipe(Policy.permissions(ManageChannels), Policy.botPermissions(ManageRoles))
    const held = (user: bigint, bot: bigint) => ({ more: { userPermissions: user, botPermissions: bot } })
    expect(refusal(piped, held(0n, ManageRoles))).toBe("That needs the permission Manage Channels.")
    expect(refusal(piped, held(ManageChannels, 0n))).toBe(
      "I cannot do that here: I need the permission Manage Roles.",
    )
    const { Administrator } = PermissionFlagsBits
    expect(refusal(piped, held(Administrator, Administrator))).toBeUndefined()
    expect(refusal(piped, { guild: undefined, ...held(0n, 0n) })).toBeDefined()
  })

  it("asks for one of several roles, by id or by name", () => {
    const piped = plain.pipe(Policy.role("123456789012345678", "Harbour *master*"))
    const guild = { roles: { cache: new Map([["5", { name: "Harbour *master*" }]]) } }
    const text = "That needs the role <@&123456789012345678> or Harbour \\*master\\*."
    expect(refusal(piped, { more: { memberRoles: ["4"], guild } })).toBe(text)
    expect(refusal(piped, { more: { memberRoles: undefined, guild: undefined } })).toBe(text)
    expect(refusal(piped, { more: { memberRoles: ["5"], guild } })).toBeUndefined()
    expect(refusal(piped, { more: { memberRoles: ["123456789012345678"], guild } })).toBeUndefined()
  })

  it("knows the owner, and a team's members who may do more than read", () => {
    expect(refusal(plain.pipe(Policy.ownerOnly), { user: "2" })).toBe("Only my owner can do that.")
    expect(refusal(plain.pipe(Policy.ownerOnly), { user: "1" })).toBeUndefined()
    const member = (id: string, membership_state: number, role: string) => ({
      user: { id },
      membership_state,
      role,
    })
    const team = {
      owner_user_id: "1",
      members: [
        member("2", 2, "admin"),
        member("3", 1, "admin"),
        member("4", 2, "read_only"),
        member("5", 2, "developer"),
      ],
    }
    const ids = Owner.idsOf({ owner: { id: "99" }, team } as unknown as APIApplication)
    expect([...ids]).toEqual(["1", "2", "5"])
  })

  it("lets only those act who stand above, by the order of roles", () => {
    const ban = Command.make(
      "ban",
      { description: "d", in: "guild", params: { whom: Param.optional(Param.user("d")) } },
      () => done,
    ).pipe(Policy.hierarchy("whom"))
    const texts = {
      self: "You cannot do that to yourself.",
      me: "I cannot do that to myself.",
      owner: "Nobody can do that to the owner of the server.",
      caller: "You can do that only to members whose highest role is below yours.",
      bot: "I can do that only to members whose highest role is below mine.",
    }
    const id = fc.constantFrom("1", "2", "me", "owner")
    const rank = fc.nat(3)
    fc.assert(
      fc.property(id, id, rank, rank, rank, (user, target, one, two, bot) => {
        fc.pre(user !== "me")
        const ranks = { 1: one, 2: two, me: bot, owner: 0 }
        const told = refusal(
          ban,
          { user, more: { guild: guildOf(ranks, "owner"), structure: { client: { user: { id: "me" } } } } },
          { whom: { id: target } },
        )
        const expected =
          target === user
            ? texts.self
            : target === "me"
              ? texts.me
              : target === "owner"
                ? texts.owner
                : user !== "owner" && ranks[user as "1"] <= ranks[target as "1"]
                  ? texts.caller
                  : bot <= ranks[target as "1"]
                    ? texts.bot
                    : undefined
        expect(told).toBe(expected)
      }),
    )
    expect(refusal(ban, { more: { guild: guildOf({}, "owner") } })).toBeUndefined()
  })
})

it("every refusal counts as one", () => {
  // Whatever is added to the type has to be added to the list.
  const all: { readonly [Tag in CommandError.Refusal["_tag"]]: true } = {
    ParamInvalid: true,
    ParamUnresolved: true,
    TooManyWords: true,
    WrongPlace: true,
    NotPermitted: true,
    BotNotPermitted: true,
    RoleNeeded: true,
    NotOwner: true,
    OwnerUnknown: true,
    Outranked: true,
    OnCooldown: true,
    TooManyCalls: true,
  }
  expect(CommandError.refusals.toSorted()).toEqual(Object.keys(all).toSorted())
})
