/**
 * A crowd that uses whatever the bot offers: its members run every command with values that fit its options, type
 * into what completes itself, press what can be pressed, fill in forms, write, react, come and go.
 *
 * It knows no feature: it reads what the application has registered and what is on its screens, as people do. What
 * Discord does not let a person do is no matter.
 */
import {
  ApplicationCommandOptionType as Kind,
  ApplicationCommandType as CommandType,
  ComponentType,
} from "discord-api-types/v10"
import { Effect } from "effect"
import type * as Actor from "../../src/sandbox/people/Actor.js"
import type * as CommandInput from "../../src/sandbox/people/CommandInput.js"
import { flatten } from "../../src/sandbox/people/ComponentInput.js"
import type { Channel, Command, Json, Message } from "../../src/sandbox/model/Model.js"
import type * as Kit from "../../src/testing/Kit.js"
import type { Draw } from "./Draw.js"
import { tally } from "./Tally.js"

/** What members do. */
export const DEEDS = [
  "command",
  "suggestions",
  "press",
  "select",
  "form sent",
  "form closed",
  "message",
  "prefix command",
  "message in a thread",
  "press in a thread",
  "reaction",
  "leave",
  "join",
] as const
export type Deed = (typeof DEEDS)[number]

/** One interaction that the crowd has started. */
export interface Started {
  readonly turn: Actor.Turn
  readonly actor: Actor.Actor
  /** `/mod ban`, `press Confirm`. */
  readonly what: string
  readonly isCommand: boolean
  /** Virtual milliseconds. */
  readonly at: number
  /** What was pressed, or what opened the form that was sent. */
  readonly source: Message | undefined
  readonly isForm: boolean
  /** The interaction that opened the form that was sent. */
  readonly opener: string | undefined
}

export interface Crowd {
  readonly started: Array<Started>
  /** Prefix commands. */
  readonly written: Array<Message>
  /** How often each deed was done. */
  readonly did: () => Readonly<Record<string, number>>
  /** One member goes on for so many steps. */
  readonly live: (member: Kit.Member, steps: number) => Effect.Effect<void>
  /** One member bans several at once, and confirms it: in a crowd alone that comes too seldom. */
  readonly massBan: (member: Kit.Member) => Effect.Effect<void>
  /** One member has the cards of applications posted again. */
  readonly repost: (member: Kit.Member) => Effect.Effect<void>
}

export interface Options {
  readonly kit: Kit.Kit
  readonly draw: Draw
  /** People whom moderation may befall. */
  readonly victims: ReadonlyArray<string>
  readonly channels: ReadonlyArray<string>
  /** How the commands begin that somebody runs more often than others, by username. */
  readonly duties: ReadonlyMap<string, ReadonlyArray<string>>
  /** Where somebody uses what can be used before they do anything else: a channel, by username. */
  readonly desks: ReadonlyMap<string, string>
}

/** All that can be run of some commands: `tryout open`, `menu Report`. */
export const leavesOf = (commands: ReadonlyArray<Command>): ReadonlyArray<Leaf> =>
  commands.flatMap(({ name, raw, type }): ReadonlyArray<Leaf> => {
    if (type !== CommandType.ChatInput) return [{ type, name, path: `menu ${name}`, options: [] }]
    return below(raw).map(({ options, path }) => ({ type, name, path, options }))
  })

export interface Leaf {
  readonly type: number
  readonly name: string
  readonly path: string
  readonly options: ReadonlyArray<Json>
}

const below = (command: Json): ReadonlyArray<Pick<Leaf, "options" | "path">> => {
  const name = String(command["name"])
  const options = (command["options"] ?? []) as ReadonlyArray<Json>
  const deeper = options.filter(({ type }) => type === Kind.Subcommand || type === Kind.SubcommandGroup)
  if (deeper.length === 0) return [{ path: name, options }]
  return deeper.flatMap((one) =>
    below(one).map(({ options, path }) => ({ path: `${name} ${path}`, options })),
  )
}

/** Who was banned, timed out or has left can do nothing: that is not the bot's business. */
const attempt = <A>(effect: Effect.Effect<A, Actor.Failure>): Effect.Effect<A | undefined> =>
  Effect.orElseSucceed(effect, () => undefined)

export const make = ({ channels, desks, draw, duties, kit, victims }: Options): Crowd => {
  const started: Array<Started> = []
  const written: Array<Message> = []
  const deeds: Array<Deed> = []
  /** How often each leaf was run. */
  const ran = new Map<string, number>()
  const everyone = ["ada", "ben", "cleo", "dan", ...victims]

  const note = (
    actor: Actor.Actor,
    what: string,
    deed: Deed,
    turn: Actor.Turn | undefined,
    source?: Message,
    opener?: string,
  ) => {
    if (turn === undefined) return
    deeds.push(deed)
    const isThread = source !== undefined && kit.guild.threads.has(source.channelId)
    if (deed === "press" && isThread) deeds.push("press in a thread")
    const at = kit.world.now()
    started.push({
      turn,
      actor,
      what,
      isCommand: deed === "command",
      at,
      source,
      isForm: deed === "form sent",
      opener,
    })
  }

  const text = (name: string): string => {
    if (/for|duration|deadline|time|within|every|after|window|last/u.test(name))
      return draw.one(["10 minutes", "1 hour", "2 days", "90 seconds"])
    if (/questions/u.test(name))
      return draw.one(["Your name? (text 2-40); Position? (choice keeper, striker)", "Why?"])
    if (/stake/u.test(name)) return draw.one(["2.50", "3 €", "a cake"])
    if (/users|members|targets|people|who/u.test(name))
      return [draw.one(victims), draw.one(victims)].map((victim) => kit.member(victim).mention).join(" ")
    if (/date|day|from|until|to$/u.test(name)) return draw.one(["1970-01-01", "today", "2026-02-30"])
    if (/zone/u.test(name)) return draw.one(["Europe/Berlin", "Nowhere/Land"])
    if (/owner|user|login/u.test(name)) return "ada"
    return draw.one(["Keepers", "Boat", "because", "hello there", "ada/boat", "3", "*", "<@1> @everyone"])
  }

  const value = (option: Json): CommandInput.Value => {
    const name = String(option["name"])
    const choices = option["choices"]
    if (Array.isArray(choices) && choices.length > 0) {
      return (draw.one(choices) as { readonly value: string | number }).value
    }
    const [min, max] = [Number(option["min_value"] ?? 0), Number(option["max_value"] ?? 50)]
    switch (option["type"]) {
      case Kind.Integer:
        return Math.floor(draw.between(min, Math.min(max, min + 20) + 0.99))
      case Kind.Number:
        return draw.between(min, max)
      case Kind.Boolean:
        return draw.chance(50)
      case Kind.User:
      case Kind.Mentionable: {
        const banned = victims.filter((name) => kit.guild.bans.has(kit.member(name).id))
        return kit.member(draw.one(banned.length > 0 && draw.chance(50) ? banned : victims)).id
      }
      case Kind.Role:
        return draw.one(["Moderator", "Player"])
      case Kind.Channel:
        return draw.one(channels)
      case Kind.Attachment:
        return {
          name: "log.csv",
          contentType: "text/csv",
          bytes: new TextEncoder().encode("day,amount\n1970-01-01,3\n"),
        }
      default:
        return text(name).slice(0, Number(option["max_length"] ?? 200))
    }
  }

  /** Of those that somebody can run: of their duties, one that was run least, or any. */
  const choose = (actor: Actor.Actor, all: ReadonlyArray<Leaf>): Leaf => {
    const own = duties.get(actor.user.username) ?? []
    const duty = all.filter(({ path }) => own.some((one) => path === one || path.startsWith(`${one} `)))
    if (duty.length > 0 && draw.chance(40)) return draw.one(duty)
    if (draw.chance(60)) return draw.one(all)
    const least = Math.min(...all.map(({ path }) => ran.get(path) ?? 0))
    return draw.one(all.filter(({ path }) => (ran.get(path) ?? 0) === least))
  }

  const command = (actor: Actor.Actor, where: string) =>
    Effect.gen(function* () {
      const all = leavesOf((yield* attempt(actor.commands(where))) ?? [])
      if (all.length === 0) return
      const { name, options, path, type } = choose(actor, all)
      const run = (turn: Actor.Turn | undefined) => {
        if (turn !== undefined) ran.set(path, (ran.get(path) ?? 0) + 1)
        note(actor, path, "command", turn)
      }
      if (type === CommandType.User)
        return run(yield* attempt(actor.userMenu(where, name, draw.one(everyone))))
      if (type === CommandType.Message) {
        const there = (yield* attempt(actor.history(where))) ?? []
        if (there.length === 0) return
        return run(yield* attempt(actor.messageMenu(name, draw.one(there).id)))
      }
      const values: Record<string, CommandInput.Value> = {}
      for (const option of options) {
        if (option["required"] !== true && draw.chance(60)) continue
        const key = String(option["name"])
        values[key] = value(option)
        if (option["autocomplete"] !== true) continue
        const { [key]: typed, ...before } = values
        const asked = yield* attempt(actor.autocomplete(where, path, key, { ...before, [key]: "" }))
        if (asked === undefined) continue
        note(actor, `suggestions for ${path}`, "suggestions", asked)
        const state = yield* asked.settled
        if (state._tag !== "ChoicesShown" || state.choices.length === 0) values[key] = typed ?? ""
        else values[key] = draw.one(state.choices).value
      }
      return run(yield* attempt(actor.slash(where, path, values)))
    })

  /** What can be pressed or chosen on a message of the bot's. */
  const live = (message: Message): ReadonlyArray<Json> =>
    message.authorId !== kit.world.bot.id
      ? []
      : flatten(message.components).filter(
          (one) => typeof one["custom_id"] === "string" && one["disabled"] !== true,
        )

  const use = (actor: Actor.Actor, message: Message, component: Json) =>
    Effect.gen(function* () {
      const id = String(component["custom_id"])
      if (component["type"] === ComponentType.Button) {
        const what = `press ${String(component["label"] ?? "a button")}`
        note(actor, what, "press", yield* attempt(actor.press(message.id, id)), message)
        // Some click twice, most of them at once.
        const isAsked =
          message.interaction?.userId === actor.user.id || kit.guild.threads.has(message.channelId)
        if (!draw.chance(isAsked ? 40 : 10)) return
        yield* Effect.sleep(draw.below(draw.chance(70) ? 200 : 1_500))
        return note(actor, what, "press", yield* attempt(actor.press(message.id, id)), message)
      }
      const options = component["options"]
      const values =
        Array.isArray(options) && options.length > 0
          ? [String((draw.one(options) as Json)["value"])]
          : [draw.one(component["type"] === ComponentType.ChannelSelect ? channels : victims)]
      return note(actor, "select", "select", yield* attempt(actor.select(message.id, id, values)), message)
    })

  const press = (actor: Actor.Actor, where: string) =>
    Effect.gen(function* () {
      const there = (yield* attempt(actor.history(where))) ?? []
      const usable = there
        .slice(-60)
        .flatMap((message) => live(message).map((component) => ({ message, component })))
        .slice(-24)
      if (usable.length === 0) return
      const { component, message } = draw.one(usable)
      return yield* use(actor, message, component)
    })

  /** The threads that somebody is in, and where they are asked something. */
  const threadsOf = ({ user }: Actor.Actor): ReadonlyArray<Channel> =>
    [...kit.guild.threads.values()].filter(
      ({ messages, thread }) =>
        thread?.archived === false &&
        thread.members.has(user.id) &&
        [...messages.values()].some((message) => live(message).length > 0),
    )

  /** Answers what the bot asks in a thread: by what it offers there, else in words. */
  const talk = (actor: Actor.Actor, where: string) =>
    Effect.gen(function* () {
      const there = (yield* attempt(actor.history(where))) ?? []
      const asked = there.findLast((message) => live(message).length > 0)
      if (asked !== undefined && !draw.chance(15)) {
        const offered = live(asked).filter(({ label }) => label !== "Cancel" || draw.chance(5))
        if (offered.length > 0) return yield* use(actor, asked, draw.one(offered))
      }
      const content = draw.one(["Ada Lovelace", "keeper", "17", "yes"])
      if ((yield* attempt(actor.say(where, content))) !== undefined) deeds.push("message in a thread")
    })

  const form = (actor: Actor.Actor) =>
    Effect.gen(function* () {
      const modal = actor.modals().at(-1)
      if (modal === undefined) return
      if (draw.chance(15)) {
        deeds.push("form closed")
        return yield* attempt(actor.dismissModal(modal))
      }
      const source = kit.sandbox.interactions.find(modal.interactionId)?.source
      const fields = Object.fromEntries(
        // A label has one field.
        flatten(modal.components.map((one) => (one["component"] ?? one) as Json))
          .filter((one) => typeof one["custom_id"] === "string")
          .map((one) => {
            const options = one["options"]
            return [
              String(one["custom_id"]),
              Array.isArray(options) && options.length > 0
                ? [String((draw.one(options) as Json)["value"])]
                : draw.one(["Ada Lovelace", "17", "keeper", "1 hour", "x"]),
            ]
          }),
      )
      const turn = yield* attempt(actor.submit(modal, fields))
      return note(actor, "submit", "form sent", turn, source, modal.interactionId)
    })

  const massBan = (actor: Actor.Actor) =>
    Effect.gen(function* () {
      const users = [1, 2, 3].map(() => kit.member(draw.one(victims)).mention).join(" ")
      const turn = yield* attempt(actor.slash(draw.one(channels), "massban", { users }))
      note(actor, "massban", "command", turn)
      if (turn === undefined) return
      for (let looks = 0; looks < 30; looks++) {
        const state = turn.state()
        const shown = state._tag === "Responded" ? state.messages : []
        const found = shown
          .flatMap((message) => live(message).map((component) => ({ message, component })))
          .find(({ component }) => component["label"] === "Ban them")
        if (found !== undefined) return yield* use(actor, found.message, found.component)
        yield* Effect.sleep("1 second")
      }
    })

  const write = (actor: Actor.Actor, where: string) =>
    Effect.gen(function* () {
      const content = draw.one([
        "hello",
        "Ada Lovelace",
        "keeper",
        "17",
        "free nitro https://steamcommunlty.example/gift",
        "@everyone look https://a.example https://b.example https://c.example",
        "!ping hello",
        "!help",
        "yes",
      ])
      const message = yield* attempt(actor.say(where, content))
      if (message === undefined) return
      deeds.push(content.startsWith("!") ? "prefix command" : "message")
      if (content.startsWith("!")) written.push(message)
    })

  const react = (actor: Actor.Actor, where: string) =>
    Effect.gen(function* () {
      const there = (yield* attempt(actor.history(where))) ?? []
      if (there.length === 0) return
      const done = Effect.as(actor.react(draw.one(there.slice(-8)).id, draw.one(["👍", "⚓"])), true)
      if ((yield* attempt(done)) === true) deeds.push("reaction")
    })

  const comeAndGo = (actor: Actor.Actor) =>
    Effect.gen(function* () {
      if ((yield* attempt(Effect.as(actor.leave, true))) === true) deeds.push("leave")
      yield* Effect.sleep("5 seconds")
      if ((yield* attempt(Effect.as(actor.join, true))) === true) deeds.push("join")
    })

  const step = (actor: Actor.Actor): Effect.Effect<unknown> => {
    const where = draw.chance(12) ? "dm" : draw.one(channels)
    const drawn = draw.below(100)
    if (actor.modals().length > 0 && drawn < 90) return form(actor)
    const threads = threadsOf(actor)
    if (threads.length > 0 && drawn < 85) return talk(actor, draw.one(threads).id)
    const desk = desks.get(actor.user.username)
    if (desk !== undefined && drawn < 40) return press(actor, desk)
    if (drawn < 45 || (desk !== undefined && drawn < 70)) return command(actor, where)
    if (drawn < 75) return press(actor, where)
    if (drawn < 92) return write(actor, where)
    if (drawn < 97) return react(actor, where)
    return comeAndGo(actor)
  }

  return {
    started,
    written,
    did: () => tally(deeds),
    massBan: ({ actor }) => massBan(actor),
    repost: ({ actor }) =>
      Effect.map(attempt(actor.slash("general", "tryout review", { again: true })), (turn) =>
        note(actor, "tryout review", "command", turn),
      ),
    live: ({ actor }, steps) =>
      Effect.gen(function* () {
        for (let n = 0; n < steps; n++) {
          yield* Effect.sleep(20 + draw.below(8_000))
          yield* step(actor)
        }
      }),
  }
}
