/**
 * What a body says of a guild's onboarding, checked as Discord checks it (50035).
 *
 * Source: Discord's published description, "UpdateGuildOnboardingRequest".
 *
 * @module
 */
import { Form } from "./Form.js"
import type { Guild, Json, Onboarding } from "../model/Model.js"

/** The onboarding that a body makes of the former one; what is new gets its id from `id`. */
export const read = (body: Json, guild: Guild, former: Onboarding, id: () => string): Onboarding => {
  const form = Form.make()
  const enabled = form.at("enabled").boolean(body["enabled"]) ?? former.enabled
  const mode = form.at("mode").oneOf(body["mode"] as number, [0, 1]) ?? former.mode
  const channelIds = idsOf(form.at("default_channel_ids"), body["default_channel_ids"], guild.channels, 500)
  const ids = new Set<unknown>(
    former.prompts.flatMap((one) => [
      one["id"],
      ...(one["options"] as Array<Json>).map((each) => each["id"]),
    ]),
  )
  /** The id of one that is there already; each one once. */
  const same = (given: string | undefined) => (given !== undefined && ids.delete(given) ? given : id())
  const prompts = form.at("prompts").each(body["prompts"], 15, (at, one): Json => {
    if (one["id"] === undefined || one["id"] === null) at.at("id").required()
    const options = at.at("options")
    if (!Array.isArray(one["options"]) || one["options"].length === 0) options.required()
    return {
      id: same(at.at("id").snowflake(one["id"])),
      title: at.at("title").requiredText(one["title"], { min: 1, max: 100 }),
      options:
        options.each(one["options"], 50, (here, option) => readOption(here, option, guild, same)) ?? [],
      single_select: at.at("single_select").boolean(one["single_select"]) ?? false,
      required: at.at("required").boolean(one["required"]) ?? false,
      in_onboarding: at.at("in_onboarding").boolean(one["in_onboarding"]) ?? false,
      type: at.at("type").oneOf(one["type"] as number, [0, 1]) ?? 0,
    }
  })
  form.done()
  return {
    enabled,
    mode,
    channelIds: channelIds ?? former.channelIds,
    prompts: prompts ?? former.prompts,
  }
}

const readOption = (
  form: Form,
  option: Json,
  guild: Guild,
  same: (given: string | undefined) => string,
): Json => ({
  id: same(form.at("id").snowflake(option["id"])),
  title: form.at("title").requiredText(option["title"], { min: 1, max: 50 }),
  description: form.at("description").text(option["description"], { max: 100 }) ?? "",
  emoji: {
    id: form.at("emoji_id").snowflake(option["emoji_id"]) ?? null,
    name: form.at("emoji_name").text(option["emoji_name"], { max: 100 }) ?? null,
    animated: form.at("emoji_animated").boolean(option["emoji_animated"]) ?? false,
  },
  role_ids: idsOf(form.at("role_ids"), option["role_ids"], guild.roles, 50) ?? [],
  channel_ids: idsOf(form.at("channel_ids"), option["channel_ids"], guild.channels, 50) ?? [],
})

/** Ids of what the guild has. */
const idsOf = (
  form: Form,
  value: unknown,
  there: ReadonlyMap<string, unknown>,
  max: number,
): ReadonlyArray<string> | undefined => {
  const ids = form.snowflakes(value, max)
  ids?.forEach((id, n) => {
    if (!there.has(id)) form.at(n).fail("INVALID_ID", "There is no such thing in this guild.")
  })
  return ids
}
