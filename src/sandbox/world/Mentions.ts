/**
 * Whom a message mentions: what its text names, as far as its allowed mentions and its author's permissions go.
 *
 * @module
 */
import { ComponentType, MessageFlags } from "discord-api-types/v10"
import type { AllowedMentions, Draft } from "../form/MessageForm.js"
import { isObject } from "../form/Form.js"
import type { Channel, Json, Message } from "../model/Model.js"
import * as Permissions from "./Permissions.js"
import type { World } from "./World.js"

/** What a message mentions. */
export type Found = Pick<Message, "mentions" | "mentionRoles" | "mentionEveryone">

const everything: AllowedMentions = {
  parse: ["users", "roles", "everyone"],
  users: [],
  roles: [],
  repliedUser: true,
}

const nobody: Found = { mentions: [], mentionRoles: [], mentionEveryone: false }

/** `webhook`: a webhook may mention everyone and every role. */
export const find = (
  world: World,
  channel: Channel,
  authorId: string,
  draft: Draft,
  original: Message | undefined,
  webhook = false,
): Found => {
  const text = textOf(draft)
  const names = text.includes("<@") || text.includes("@everyone") || text.includes("@here")
  if (!names && original === undefined) return nobody
  const allowed = draft.allowedMentions ?? everything
  const mentions = new Set<string>()
  if (original !== undefined && original.webhook === null && allowed.repliedUser)
    mentions.add(original.authorId)
  if (!names) return { ...nobody, mentions: [...mentions] }
  const may = (): boolean =>
    webhook || Permissions.has(world.permissions(authorId, channel), Permissions.Bit.MentionEveryone)
  for (const [, id = ""] of text.matchAll(/<@!?(\d{17,19})>/g)) {
    if (world.users.has(id) && (allowed.parse.includes("users") || allowed.users.includes(id)))
      mentions.add(id)
  }
  const roles = new Set<string>()
  const guild = channel.guildId === null ? undefined : world.guilds.get(channel.guildId)
  for (const [, id = ""] of text.matchAll(/<@&(\d{17,19})>/g)) {
    const role = guild?.roles.get(id)
    if (role === undefined || !(allowed.parse.includes("roles") || allowed.roles.includes(id))) continue
    if (role.mentionable || may()) roles.add(id)
  }
  const mentionEveryone =
    /@(everyone|here)\b/.test(text) && allowed.parse.includes("everyone") && guild !== undefined && may()
  return { mentions: [...mentions], mentionRoles: [...roles], mentionEveryone }
}

const textOf = (draft: Draft): string => {
  const { components, content } = draft
  if (components === undefined || (draft.flags & MessageFlags.IsComponentsV2) === 0) return content ?? ""
  const texts: Array<string> = []
  collect(components, texts)
  return texts.join("\n")
}

const collect = (components: ReadonlyArray<unknown>, texts: Array<string>): void => {
  for (const component of components) {
    if (!isObject(component)) continue
    const { components: children, content, type }: Json = component
    if (type === ComponentType.TextDisplay && typeof content === "string") texts.push(content)
    if (Array.isArray(children)) collect(children, texts)
  }
}
