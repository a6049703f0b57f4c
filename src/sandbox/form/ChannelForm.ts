/**
 * What a body says of a channel, a forum's tags or permission overwrites, checked as Discord checks it (50035).
 *
 * Source: Discord Developer Docs, "Guild Resource" (Create Guild Channel) and "Channels Resource" (Modify Channel).
 *
 * @module
 */
import { ChannelFlags, ChannelType } from "discord-api-types/v10"
import { Form } from "./Form.js"
import type { Fields } from "../world/Channels.js"
import type { Channel, Forum, Guild, Json, Overwrite, Tag, Voice } from "../model/Model.js"

/** Minutes, as Discord offers them. */
export const durations = [60, 1_440, 4_320, 10_080]
/** Discord: six hours of slow mode. */
export const slowest = 21_600
/** Discord: overwrites in a channel. */
const overwriteLimit = 1_000

const spoken: ReadonlyArray<number> = [ChannelType.GuildVoice, ChannelType.GuildStageVoice]

/**
 * A channel's fields. `type` is what it is or becomes, `former` what it was (`null`: it is new, and needs a name);
 * `newId` makes ids for tags that are new.
 */
export const read = (
  body: Json,
  type: number,
  guild: Guild,
  newId: () => string,
  former: Channel | null,
): Fields => {
  const form = Form.make()
  const within = (name: string, min: number, max: number) => form.at(name).integer(body[name], min, max)
  const bounds = { min: 1, max: 100 }
  const name =
    former === null
      ? form.at("name").requiredText(body["name"], bounds)
      : form.at("name").text(body["name"], bounds)
  const topic = form.at("topic").text(body["topic"], { max: type === ChannelType.GuildForum ? 4096 : 1024 })
  const position = within("position", 0, 2_147_483_647)
  const nsfw = form.at("nsfw").boolean(body["nsfw"])
  const parentId = form.at("parent_id").snowflake(body["parent_id"])
  const slow = within("rate_limit_per_user", 0, slowest)
  const slowThreads = within("default_thread_rate_limit_per_user", 0, slowest)
  const archive = form
    .at("default_auto_archive_duration")
    .oneOf(body["default_auto_archive_duration"] as number, durations)
  const flags = within("flags", 0, 2_147_483_647)
  const voice = spoken.includes(type) ? voiceOf(form, body, type) : undefined
  const forum =
    type === ChannelType.GuildForum ? forumOf(form, body, newId, former?.forum?.tags ?? []) : undefined
  const overwrites =
    "permission_overwrites" in body
      ? overwritesOf(form.at("permission_overwrites"), guild, body["permission_overwrites"])
      : undefined
  form.done()
  return {
    ...(name === undefined ? {} : { name }),
    ...("topic" in body ? { topic: topic === undefined || topic === "" ? null : topic } : {}),
    ...(position === undefined ? {} : { position }),
    ...(nsfw === undefined ? {} : { nsfw }),
    ...("parent_id" in body ? { parentId: parentId ?? null } : {}),
    ...(slow === undefined ? {} : { rateLimitPerUser: slow }),
    ...(slowThreads === undefined ? {} : { defaultThreadRateLimit: slowThreads }),
    ...("default_auto_archive_duration" in body ? { defaultAutoArchive: archive ?? null } : {}),
    // All that a bot sets of a channel's flags; the rest is Discord's.
    ...(flags === undefined ? {} : { flags: flags & ChannelFlags.RequireTag }),
    ...(voice === undefined ? {} : { voice }),
    ...(forum === undefined ? {} : { forum }),
    ...(overwrites === undefined ? {} : { overwrites }),
  }
}

const voiceOf = (form: Form, body: Json, type: number): Partial<Voice> => {
  // Discord: without boosts 96 kbit/s, on a stage 64.
  const stage = type === ChannelType.GuildStageVoice
  const bitrate = form.at("bitrate").integer(body["bitrate"], 8_000, stage ? 64_000 : 96_000)
  const userLimit = form.at("user_limit").integer(body["user_limit"], 0, stage ? 10_000 : 99)
  const region = form.at("rtc_region").text(body["rtc_region"], { max: 100 })
  const videoQuality = form.at("video_quality_mode").oneOf(body["video_quality_mode"] as number, [1, 2])
  return {
    ...(bitrate === undefined ? {} : { bitrate }),
    ...(userLimit === undefined ? {} : { userLimit }),
    ...("rtc_region" in body ? { region: region ?? null } : {}),
    ...(videoQuality === undefined ? {} : { videoQuality }),
  }
}

const forumOf = (form: Form, body: Json, newId: () => string, known: ReadonlyArray<Tag>): Partial<Forum> => {
  const tags = tagsOf(form.at("available_tags"), body["available_tags"], newId, known)
  const sortOrder = form.at("default_sort_order").oneOf(body["default_sort_order"] as number, [0, 1])
  const layout = form.at("default_forum_layout").oneOf(body["default_forum_layout"] as number, [0, 1, 2])
  const at = form.at("default_reaction_emoji")
  const asked = at.object(body["default_reaction_emoji"])
  const reaction = asked === undefined ? null : emojiOf(at, asked)
  return {
    ...("available_tags" in body ? { tags } : {}),
    ...("default_sort_order" in body ? { sortOrder: sortOrder ?? null } : {}),
    ...(layout === undefined ? {} : { layout }),
    ...("default_reaction_emoji" in body ? { defaultReaction: reaction } : {}),
  }
}

const emojiOf = (form: Form, one: Json) => {
  const emojiId = form.at("emoji_id").snowflake(one["emoji_id"]) ?? null
  const emojiName = form.at("emoji_name").text(one["emoji_name"], { max: 100 }) ?? null
  // A custom emoji has its id alone, any other its name alone.
  if (emojiId !== null && emojiName !== null)
    form.fail("FORUM_EMOJI_INVALID", "Only one of emoji_id and emoji_name may be set")
  return { emojiId, emojiName }
}

/** Tags as they are to be: one that names a known tag is that tag, whatever else has an id is new, as on Discord. */
const tagsOf = (
  form: Form,
  value: unknown,
  newId: () => string,
  known: ReadonlyArray<Tag>,
): ReadonlyArray<Tag> => {
  const left = new Set(known.map(({ id }) => id))
  const tags = form.each(value, 20, (at, one) => {
    const id = at.at("id").snowflake(one["id"])
    return {
      id: id !== undefined && left.delete(id) ? id : newId(),
      name: at.at("name").requiredText(one["name"], { min: 1, max: 20 }),
      moderated: at.at("moderated").boolean(one["moderated"]) ?? false,
      ...emojiOf(at, one),
    }
  })
  return tags ?? []
}

/** Overwrites; one without a type has that of the thing whose id it has. */
export const overwritesOf = (form: Form, guild: Guild, value: unknown): ReadonlyArray<Overwrite> =>
  form.each(value, overwriteLimit, (at, one) => {
    if (one["id"] === undefined || one["id"] === null) at.at("id").required()
    const id = at.at("id").snowflake(one["id"]) ?? ""
    return {
      id,
      type: typeOf(at.at("type"), one["type"]) ?? (guild.roles.has(id) ? 0 : 1),
      allow: at.at("allow").bits(one["allow"]) ?? 0n,
      deny: at.at("deny").bits(one["deny"]) ?? 0n,
    }
  }) ?? []

const typeOf = (form: Form, value: unknown): 0 | 1 | undefined => {
  if (value === "role" || value === "0") return 0
  if (value === "member" || value === "1") return 1
  return form.oneOf(value as 0 | 1, [0, 1])
}
