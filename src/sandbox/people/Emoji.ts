/**
 * Emoji as a person gives them: a character, or a custom one as `<:name:id>`, `name:id`, `:name:` or its id.
 *
 * @module
 */
import { NotFound } from "./ActorError.js"
import type { Outlook } from "./Outlook.js"
import type { Channel, Message } from "../model/Model.js"

/** What was given: for a custom emoji its id or its name. */
export interface Given {
  readonly custom: boolean
  readonly name: string
}

export const parse = (text: string): Given => {
  const marked = /^(?:<a?:)?(\w{2,32}):(\d{17,19})>?$/u.exec(text)
  if (marked?.[2] !== undefined) return { custom: true, name: marked[2] }
  if (/^\d{17,19}$/u.test(text)) return { custom: true, name: text }
  const named = /^:(\w{2,32}):$/u.exec(text)?.[1]
  return named === undefined ? { custom: false, name: text } : { custom: true, name: named }
}

/**
 * The emoji that is meant: one that is on the message already, whoever's it is, or a custom one of the channel's
 * guild. Throws `NotFound`.
 */
export const find = (
  { guildOf, user }: Outlook,
  channel: Channel,
  message: Message,
  text: string,
): { readonly id: string | null; readonly name: string; readonly animated?: boolean } => {
  const { custom, name } = parse(text)
  for (const [key, { emoji }] of message.reactions) if (key === name || emoji.name === name) return emoji
  if (!custom && isEmoji.test(name)) return { id: null, name }
  const guild = guildOf(channel)
  const held = guild?.members.get(user.id)?.roles ?? []
  const usable = [...(guild?.emojis.values() ?? [])].filter(
    ({ roles }) => roles.length === 0 || roles.some((id) => held.includes(id)),
  )
  const found = usable.find((one) => one.id === name || one.name === name)
  if (found === undefined)
    throw new NotFound({ what: "emoji", name: text, known: usable.map((one) => `:${one.name}:`) })
  return { id: found.id, name: found.name, ...(found.animated ? { animated: true } : {}) }
}

/** One pictograph, flag or keycap, and what may follow it in a sequence that is drawn as one. */
const isEmoji =
  /^(?:\p{Extended_Pictographic}|\p{Regional_Indicator}|[#*0-9]\uFE0F?\u20E3)[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}\p{Cf}\uFE0F\u20E3\u{E0020}-\u{E007F}]*$/u
