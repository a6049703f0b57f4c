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
import type { Json, Message } from "../../src/sandbox/model/Model.js"
import type * as Kit from "../../src/testing/Kit.js"
import type { Draw } from "./Draw.js"

/** One interaction that the crowd has started. */
export interface Started {
  readonly turn: Actor.Turn
  readonly actor: Actor.Actor
  /** `/mod ban`, `press Confirm`. */
  readonly what: string
  readonly isCommand: boolean
}

export interface Crowd {
  readonly started: Array<Started>
  /** Prefix commands. */
  readonly written: Array<Message>
  /** One member goes on for so many steps. */
  readonly live: (member: Kit.Member, steps: number) => Effect.Effect<void>
}

export interface Options {
  readonly kit: Kit.Kit
  readonly draw: Draw
  /** People whom moderation may befall. */
  readonly victims: ReadonlyArray<string>
  readonly channels: ReadonlyArray<string>
}

/** Who was banned, timed out or has left can do nothing: that is not the bot's business. */
const attempt = <A>(effect: Effect.Effect<A, Actor.Failure>): Effect.Effect<A | undefined> =>
  Effect.orElseSucceed(effect, () => undefined)

export const make = ({ channels, draw, kit, victims }: Options): Crowd => {
  const started: Array<Started> = []
  const written: Array<Message> = []
  const everyone = ["ada", "ben", "cleo", "dan", ...victims]

  const note = (actor: Actor.Actor, what: string, isCommand: boolean, turn: Actor.Turn | undefined) => {
    if (turn !== undefined) started.push({ turn, actor, what, isCommand })
  }

  const text = (name: string): string => {
    if (/for|duration|deadline|time|within|every|after|window|last/u.test(name))
      return draw.one(["10 minutes", "1 hour", "2 days", "90 seconds"])
    if (/questions/u.test(name)) return "Your name? (text 2-40); Position? (choice keeper, striker)"
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
      case Kind.Mentionable:
        return draw.one(victims)
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

  /** The path of a random leaf, and its options. */
  const leaf = (command: Json): { readonly path: string; readonly options: ReadonlyArray<Json> } => {
    const options = (command["options"] ?? []) as ReadonlyArray<Json>
    const below = options.filter(({ type }) => type === Kind.Subcommand || type === Kind.SubcommandGroup)
    if (below.length === 0) return { path: String(command["name"]), options }
    const next = leaf(draw.one(below))
    return { path: `${String(command["name"])} ${next.path}`, options: next.options }
  }

  const command = (actor: Actor.Actor, where: string) =>
    Effect.gen(function* () {
      const all = (yield* attempt(actor.commands(where))) ?? []
      if (all.length === 0) return
      const { name, raw, type } = draw.one(all)
      if (type === CommandType.User) {
        const turn = yield* attempt(actor.userMenu(where, name, draw.one(everyone)))
        return note(actor, `menu ${name}`, true, turn)
      }
      if (type === CommandType.Message) {
        const there = (yield* attempt(actor.history(where))) ?? []
        if (there.length === 0) return
        return note(actor, `menu ${name}`, true, yield* attempt(actor.messageMenu(name, draw.one(there).id)))
      }
      const { options, path } = leaf(raw)
      const values: Record<string, CommandInput.Value> = {}
      for (const option of options) {
        if (option["required"] !== true && draw.chance(60)) continue
        const key = String(option["name"])
        values[key] = value(option)
        if (option["autocomplete"] !== true) continue
        const { [key]: typed, ...before } = values
        const asked = yield* attempt(actor.autocomplete(where, path, key, { ...before, [key]: "" }))
        if (asked === undefined) continue
        note(actor, `suggestions for /${path}`, false, asked)
        const state = yield* asked.settled
        if (state._tag !== "ChoicesShown" || state.choices.length === 0) values[key] = typed ?? ""
        else values[key] = draw.one(state.choices).value
      }
      return note(actor, `/${path}`, true, yield* attempt(actor.slash(where, path, values)))
    })

  const press = (actor: Actor.Actor, where: string) =>
    Effect.gen(function* () {
      const there = (yield* attempt(actor.history(where))) ?? []
      const live = there
        .filter(({ authorId }) => authorId === kit.world.bot.id)
        .slice(-12)
        .flatMap((message) =>
          flatten(message.components)
            .filter((one) => typeof one["custom_id"] === "string" && one["disabled"] !== true)
            .map((component) => ({ message, component })),
        )
      if (live.length === 0) return
      const { component, message } = draw.one(live)
      const id = String(component["custom_id"])
      if (component["type"] === ComponentType.Button) {
        const what = `press ${String(component["label"] ?? "a button")}`
        return note(actor, what, false, yield* attempt(actor.press(message.id, id)))
      }
      const options = component["options"]
      const values =
        Array.isArray(options) && options.length > 0
          ? [String((draw.one(options) as Json)["value"])]
          : [draw.one(component["type"] === ComponentType.ChannelSelect ? channels : victims)]
      return note(actor, "select", false, yield* attempt(actor.select(message.id, id, values)))
    })

  const form = (actor: Actor.Actor) =>
    Effect.gen(function* () {
      const modal = actor.modals().at(-1)
      if (modal === undefined) return
      if (draw.chance(20)) return yield* attempt(actor.dismissModal(modal))
      const fields = Object.fromEntries(
        flatten(modal.components)
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
      return note(actor, "submit", false, yield* attempt(actor.submit(modal, fields)))
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
      if (message !== undefined && content.startsWith("!")) written.push(message)
    })

  const react = (actor: Actor.Actor, where: string) =>
    Effect.gen(function* () {
      const there = (yield* attempt(actor.history(where))) ?? []
      if (there.length > 0) yield* attempt(actor.react(draw.one(there.slice(-8)).id, draw.one(["👍", "⚓"])))
    })

  const step = (actor: Actor.Actor): Effect.Effect<unknown> => {
    const where = draw.chance(12) ? "dm" : draw.one(channels)
    const drawn = draw.below(100)
    if (actor.modals().length > 0 && drawn < 60) return form(actor)
    if (drawn < 45) return command(actor, where)
    if (drawn < 75) return press(actor, where)
    if (drawn < 92) return write(actor, where)
    if (drawn < 97) return react(actor, where)
    return Effect.zipRight(
      attempt(actor.leave),
      Effect.zipRight(Effect.sleep("5 seconds"), attempt(actor.join)),
    )
  }

  return {
    started,
    written,
    live: ({ actor }, steps) =>
      Effect.gen(function* () {
        for (let n = 0; n < steps; n++) {
          yield* Effect.sleep(20 + draw.below(8_000))
          yield* step(actor)
        }
      }),
  }
}
