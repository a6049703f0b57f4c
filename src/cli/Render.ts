/**
 * What the bot does, as text for people and as JSON for programs.
 *
 * With `--json` each event is one object on a line of its own:
 *
 * | field | |
 * |---|---|
 * | `event` | `message`, `edit`, `delete`, `reactions`, `thinking`, `modal`, `suggestions`, `failed` |
 * | `from` | the bot's name |
 * | `to` | who asked, or whose direct messages these are; null where nobody did |
 * | `private` | whether only `to` sees it |
 * | `channel` | the name of the channel or thread; `dm` for direct messages |
 * | `id` | of the message; null where there is none |
 * | `content`, `embeds`, `components`, `attachments` | as Discord has them; of suggestions one on a line of `content` |
 * | `reactions` | `[{ "emoji": "👍", "count": 1 }]` |
 * | `title` | of a modal; else null |
 * | `reason` | why it failed; else null |
 *
 * A line that could not be carried out is `{ "event": "refused", "line": …, "reason": … }`; a button or menu that
 * was found in another channel than where the line looks first is `{ "event": "found", "control": …, "channel": … }`.
 *
 * @module
 */
import { ComponentType, MessageType } from "discord-api-types/v10"
import { fieldsOf } from "../sandbox/people/ComponentInput.js"
import type { World } from "../sandbox/world/World.js"
import type { Message } from "../sandbox/model/Model.js"
import type { Audience, Sight } from "../sandbox/world/View.js"

import * as Line from "./Line.js"

type Json = Readonly<Record<string, unknown>>

/** One thing that the bot did. */
export interface Event {
  readonly event:
    | "message"
    | "edit"
    | "delete"
    | "reactions"
    | "thinking"
    | "modal"
    | "suggestions"
    | "failed"
  readonly from: string
  readonly to: string | null
  readonly private: boolean
  readonly channel: string
  readonly id: string | null
  readonly content: string
  readonly embeds: ReadonlyArray<Json>
  readonly components: ReadonlyArray<Json>
  readonly attachments: ReadonlyArray<Json>
  readonly reactions: ReadonlyArray<{ readonly emoji: string; readonly count: number }>
  readonly title: string | null
  readonly reason: string | null
}

/** Makes events of sights. It remembers which "thinking…" are still open, so that an answer is no edit. */
export const make = (world: World): ((sight: Sight, audience: Audience) => Event | undefined) => {
  const thinking = new Set<string>()

  const event = (
    kind: Event["event"],
    channelId: string,
    message: Message | null,
    more: Partial<Event> = {},
  ): Event => {
    const channel = world.channels.get(channelId)
    const asker =
      message === null
        ? undefined
        : (message.interaction?.userId ??
          askedBy(message) ??
          channel?.recipients.find((id) => id !== world.bot.id))
    return {
      event: kind,
      from: world.bot.username,
      to: asker === undefined ? null : nameOf(asker),
      private: message !== null && message.ephemeralFor !== null,
      channel: channel === undefined || channel.guildId === null ? "dm" : channel.name,
      id: message?.id ?? null,
      content: message === null ? "" : (notice(message) ?? message.content),
      embeds: message?.embeds ?? [],
      components: message?.components ?? [],
      attachments: message?.attachments ?? [],
      reactions: Array.from(message?.reactions.values() ?? [], ({ emoji, users }) => ({
        emoji: emoji.name,
        count: users.size,
      })),
      title: null,
      reason: null,
      ...more,
    }
  }
  const nameOf = (id: string): string => world.users.get(id)?.username ?? id
  const askedBy = (message: Message): string | undefined =>
    message.ephemeralFor ??
    (message.reference === null || message.reference.messageId === null
      ? undefined
      : world.channels.get(message.reference.channelId)?.messages.get(message.reference.messageId)?.authorId)
  const onlyFor = (audience: Audience): Partial<Event> =>
    audience === "channel" ? {} : { to: nameOf(audience.only), private: true }
  const own = (message: Message): boolean => message.authorId === world.bot.id

  return (sight, audience) => {
    switch (sight._tag) {
      case "MessageShown":
        // It only says where the thread was started from, which everybody has just seen.
        if (sight.message.type === MessageType.ThreadStarterMessage) return undefined
        return own(sight.message) ? event("message", sight.channelId, sight.message) : undefined
      case "MessageEdited": {
        if (!own(sight.message)) return undefined
        const kind = thinking.delete(sight.message.id) ? "message" : "edit"
        return event(kind, sight.channelId, sight.message)
      }
      case "MessageDeleted":
        thinking.delete(sight.message.id)
        return own(sight.message) ? event("delete", sight.channelId, sight.message) : undefined
      case "ReactionsChanged":
        return event("reactions", sight.channelId, sight.message)
      case "Thinking":
        if (sight.message === null) return undefined
        thinking.add(sight.message.id)
        return event("thinking", sight.channelId, sight.message)
      case "ModalShown":
        return event("modal", sight.channelId, null, {
          ...onlyFor(audience),
          title: sight.modal.title,
          components: sight.modal.components,
        })
      case "InteractionFailed":
        return event("failed", sight.channelId, null, {
          ...onlyFor(audience),
          reason: sight.reason,
        })
      case "ChoicesShown":
        return event("suggestions", sight.channelId, null, {
          ...onlyFor(audience),
          content: sight.choices.map(({ name }) => name).join("\n"),
        })
      case "InteractionStarted":
      case "Typing":
        return undefined
    }
  }
}

/**
 * An event as lines of text. `read` makes mentions readable; `usual` is the channel that need not be named.
 */
export const text = (
  event: Event,
  read: (text: string) => string = (text) => text,
  usual = "general",
): string => {
  const whom = event.to === null ? "" : ` → ${event.to}`
  const where =
    event.channel === usual ? "" : event.channel === "dm" ? " (direct message)" : ` ${hash(event.channel)}`
  const note = event.private ? " (only you)" : ""
  const says = `${event.from}${whom}${where}${note}`
  switch (event.event) {
    case "message":
      return block(`${says}:`, body(event, read))
    case "edit":
      return block(`${says} (edited):`, body(event, read))
    case "delete":
      return block(`${says} (deleted):`, body(event, read).slice(0, 1))
    case "thinking":
      return `${says}: thinking…`
    case "reactions": {
      const all = event.reactions.map(({ count, emoji }) => `${emoji} ${count}`).join("  ")
      return block(`Reactions${where}:`, [all === "" ? "none" : all])
    }
    case "modal":
      return block(`${says}: a form`, [
        event.title ?? "",
        ...event.components.flatMap((one) => component(one, read)),
        howToSubmit(event),
      ])
    case "suggestions":
      return `${says} suggests: ${event.content === "" ? "nothing" : event.content.split("\n").join(", ")}`
    case "failed":
      return `${says}: ${event.reason ?? "failed"}`
  }
}

/** The name of a channel or thread as it can be typed. */
export const hash = (name: string): string => `#${name.replace(/\s+/gu, "-")}`

/** What a message of the system says, which has no words of its own. */
const notice = (message: Message): string | undefined => {
  const whom = message.mentions.map((id) => `<@${id}>`).join(" ")
  switch (message.type) {
    case MessageType.RecipientAdd:
      return `(added ${whom})`
    case MessageType.RecipientRemove:
      return `(removed ${whom})`
    case MessageType.ChannelNameChange:
      return `(is now called ${message.content})`
    case MessageType.ThreadCreated:
      return `(started the thread ${hash(message.content)})`
    default:
      return undefined
  }
}

/** The line that fills in a form. */
const howToSubmit = ({ components, to }: Event): string => {
  const fields = fieldsOf({ interactionId: "", customId: "", title: "", components })
  const names = fields.map(({ customId, label }) => `${Line.fieldName(customId, label)}:"…"`)
  return `${to === null ? "" : `${to}> `}submit ${names.join(" ")}`
}

/** The first line beside who says it, the others below it. */
const block = (first: string, lines: ReadonlyArray<string>): string => {
  const [head = "", ...rest] = lines
  return [`${first} ${head}`.trimEnd(), ...rest.map((line) => `  ${line}`.trimEnd())].join("\n")
}

const body = (event: Event, read: (text: string) => string): ReadonlyArray<string> => {
  const lines = [
    ...(event.content === "" ? [] : read(event.content).split("\n")),
    ...event.embeds.flatMap((one) => embed(one, read)),
    ...event.components.flatMap((one) => component(one, read)),
    ...event.attachments.map((one) => `(file ${String(one["filename"])}, ${String(one["size"])} bytes)`),
  ]
  // An embed under the head reads better than one that begins beside it.
  return event.content === "" && lines.length > 1 ? ["", ...lines] : lines
}

const embed = (json: Json, read: (text: string) => string): ReadonlyArray<string> => {
  const part = (value: unknown): ReadonlyArray<string> =>
    typeof value === "string" && value !== "" ? read(value).split("\n") : []
  const name = (value: unknown, key: string): unknown => (isObject(value) ? value[key] : undefined)
  const lines = [
    ...part(name(json["author"], "name")),
    ...part(json["title"]),
    ...part(json["description"]),
    ...objects(json["fields"]).flatMap((field) => {
      const [first = "", ...rest] = part(field["value"])
      return [`${read(String(field["name"]))}: ${first}`, ...rest.map((line) => `  ${line}`)]
    }),
    ...part(name(json["image"], "url")),
    ...part(name(json["footer"], "text")),
  ]
  return lines.map((line) => `| ${line}`)
}

/** Buttons and menus in brackets, a row on a line; text as it is. */
const component = (json: Json, read: (text: string) => string): ReadonlyArray<string> => {
  const inner = objects(json["components"])
  switch (json["type"]) {
    case ComponentType.ActionRow:
      return [inner.flatMap((one) => component(one, read)).join(" ")]
    case ComponentType.Button: {
      const emoji = isObject(json["emoji"]) ? json["emoji"]["name"] : undefined
      const label = String(json["label"] ?? emoji ?? "button")
      const url = typeof json["url"] === "string" ? ` ${json["url"]}` : ""
      return [`[${label}${url}]${json["disabled"] === true ? " (off)" : ""}`]
    }
    case ComponentType.StringSelect:
    case ComponentType.UserSelect:
    case ComponentType.RoleSelect:
    case ComponentType.MentionableSelect:
    case ComponentType.ChannelSelect: {
      const choices = objects(json["options"]).map(({ label }) => String(label))
      const title = String(json["placeholder"] ?? json["custom_id"])
      return [`[${title}${choices.length === 0 ? "" : `: ${choices.join(", ")}`}]`]
    }
    case ComponentType.TextInput:
      return [`${String(json["label"] ?? json["custom_id"])}: …`]
    case ComponentType.Label:
      return [
        String(json["label"]),
        ...(isObject(json["component"]) ? component(json["component"], read) : []),
      ]
    default: {
      const content = json["content"]
      return [
        ...(typeof content === "string" ? read(content).split("\n") : []),
        ...inner.flatMap((one) => component(one, read)),
        ...(isObject(json["accessory"]) ? component(json["accessory"], read) : []),
      ]
    }
  }
}

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const objects = (value: unknown): ReadonlyArray<Json> => (Array.isArray(value) ? value.filter(isObject) : [])
