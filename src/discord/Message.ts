/**
 * A message to be sent: a value, rendered to Discord's format when it goes out.
 *
 * Mentions notify nobody unless the message says whom.
 *
 * @module
 */
import {
  type APIAllowedMentions,
  type APIEmbed,
  type APIMessageTopLevelComponent,
  MessageFlags,
} from "discord-api-types/v10"
import { dual } from "effect/Function"

/** A file to attach. At most 10 MiB each unless the interaction says more (Discord, `attachment_size_limit`). */
export interface File {
  readonly name: string
  readonly data: Uint8Array
  readonly contentType?: string
}

/** A value, or a discord.js builder of one. */
export type Built<A> = A | { readonly toJSON: () => A }

export interface Fields {
  /** At most 2,000 characters (Discord). */
  readonly content?: string
  /** At most 10, and 6,000 characters over all of them (Discord). */
  readonly embeds?: ReadonlyArray<Built<APIEmbed>>
  readonly components?: ReadonlyArray<Built<APIMessageTopLevelComponent>>
  readonly files?: ReadonlyArray<File>
  /** In the answer to an interaction: only the person who ran it sees it. Elsewhere it has no meaning. */
  readonly ephemeral?: boolean
  /** Whom it may notify. Default: nobody. */
  readonly mentions?: APIAllowedMentions
  /** Further message flags, for instance `MessageFlags.IsComponentsV2`. */
  readonly flags?: number
}

export interface Message extends Fields {
  readonly _tag: "Message"
}

export const make = (fields: Fields): Message => ({ _tag: "Message", ...fields })

/** Text in Discord's Markdown. Put what users typed through `Md.text`. */
export const text = (content: string): Message => ({ _tag: "Message", content })

/** One embed. */
export const embed = (value: Built<APIEmbed>): Message => ({ _tag: "Message", embeds: [value] })

/** The same, seen only by the person who ran the command. */
export const ephemeral = (self: Message): Message => ({ ...self, ephemeral: true })

/** The same, allowed to notify the given users and roles. */
export const mentioning: {
  (mentions: APIAllowedMentions): (self: Message) => Message
  (self: Message, mentions: APIAllowedMentions): Message
} = dual(2, (self: Message, mentions: APIAllowedMentions): Message => ({ ...self, mentions }))

/** The same, with files attached. */
export const withFiles: {
  (...files: ReadonlyArray<File>): (self: Message) => Message
} =
  (...files) =>
  (self) => ({ ...self, files: [...(self.files ?? []), ...files] })

const nobody: APIAllowedMentions = { parse: [] }

/** The message as Discord's API takes it. */
export interface Body {
  readonly content?: string
  readonly embeds?: ReadonlyArray<APIEmbed>
  readonly components?: ReadonlyArray<APIMessageTopLevelComponent>
  readonly allowed_mentions: APIAllowedMentions
  readonly flags?: number
  readonly attachments?: ReadonlyArray<{ readonly id: number; readonly filename: string }>
}

const built = <A>(value: Built<A>): A =>
  typeof value === "object" && value !== null && "toJSON" in value ? value.toJSON() : (value as A)

/** Renders to Discord's format. */
export const body = (self: Message): Body => {
  const flags = (self.flags ?? 0) | (self.ephemeral === true ? MessageFlags.Ephemeral : 0)
  const body: Mutable = { allowed_mentions: self.mentions ?? nobody }
  if (self.content !== undefined) body.content = self.content
  if (self.embeds !== undefined) body.embeds = self.embeds.map(built)
  if (self.components !== undefined) body.components = self.components.map(built)
  if (flags !== 0) body.flags = flags
  if (self.files !== undefined) {
    body.attachments = self.files.map((file, id) => ({ id, filename: file.name }))
  }
  return body
}

/** A message as it goes out. */
export interface Rendered {
  readonly body: Body
  /** The body as JSON. */
  readonly json: string
  readonly files: ReadonlyArray<File> | undefined
  /** Whether only the person who ran the command sees it, by `ephemeral` or by its flag. */
  readonly ephemeral: boolean
}

/** Renders a message whole. Throws what a builder in it throws: an incomplete select menu, for instance. */
export const render = (self: Message): Rendered => {
  const rendered = body(self)
  return {
    body: rendered,
    json: JSON.stringify(rendered),
    files: self.files,
    ephemeral: ((rendered.flags ?? 0) & MessageFlags.Ephemeral) !== 0,
  }
}

type Mutable = { -readonly [K in keyof Body]: Body[K] }
