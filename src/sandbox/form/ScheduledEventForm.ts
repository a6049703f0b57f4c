/**
 * Reads what a guild plans, and refuses what breaks Discord's rules (50035).
 *
 * Source: Discord Developer Docs, "Guild Scheduled Event": names 1–100, descriptions 1–1,000, places 1–100
 * characters; elsewhere (3) needs a place and an end and has no channel, the others need a channel; 1 → 2 → 3 and
 * 1 → 4 are the only ways of the status.
 *
 * @module
 */
import { Form } from "./Form.js"
import * as ImageForm from "./ImageForm.js"
import type { Json, ScheduledEvent } from "../model/Model.js"
import * as Pictures from "../world/Pictures.js"
import * as Time from "../model/Time.js"

/** What an event is to be. */
export type Draft = Pick<
  ScheduledEvent,
  "name" | "description" | "channelId" | "location" | "startsAt" | "endsAt" | "entityType" | "recurrence"
> & { readonly status?: number; readonly image?: ImageForm.Image | null }

/** Discord: how far ahead something may be planned. */
const furthest = 5 * 365 * 86_400_000

/** Reads a body; `event` is the one that it changes. `now` is in milliseconds since 1970. */
export const read = (body: Json, now: number, event?: ScheduledEvent): Draft => {
  const form = Form.make()
  const given = (field: string) => body[field] !== undefined
  const need = (field: string) => {
    if (event === undefined && (body[field] === undefined || body[field] === null)) form.at(field).required()
  }
  for (const field of ["name", "privacy_level", "scheduled_start_time", "entity_type"]) need(field)
  const name = form.at("name").text(body["name"], { min: 1, max: 100 }) ?? event?.name ?? ""
  const description = form.at("description").text(body["description"], { max: 1000 })
  form.at("privacy_level").oneOf(body["privacy_level"] as number, [2])
  const entityType =
    form.at("entity_type").oneOf(body["entity_type"] as number, [1, 2, 3]) ?? event?.entityType ?? 0
  const elsewhere = entityType === 3
  const starts = time(form, "scheduled_start_time", body)
  const startsAt = starts ?? event?.startsAt ?? 0
  const ends = time(form, "scheduled_end_time", body)
  const endsAt = given("scheduled_end_time") ? (ends ?? null) : (event?.endsAt ?? null)
  const status = form.at("status").oneOf(body["status"] as number, after(event))
  if (starts !== undefined && starts !== event?.startsAt && starts <= now) {
    form
      .at("scheduled_start_time")
      .fail("GUILD_SCHEDULED_EVENT_SCHEDULE_PAST", "Cannot schedule event in the past.")
  }
  if (startsAt > now + furthest) {
    form
      .at("scheduled_start_time")
      .fail(
        "GUILD_SCHEDULED_EVENT_SCHEDULE_TOO_FAR",
        "Cannot schedule event more than 5 years in the future.",
      )
  }
  if (endsAt !== null && endsAt <= startsAt) {
    form
      .at("scheduled_end_time")
      .fail("GUILD_SCHEDULED_EVENT_END_BEFORE_START", "Cannot schedule event to end before start time.")
  }
  const metadata = form.at("entity_metadata").object(body["entity_metadata"]) ?? {}
  const where = form.at("entity_metadata", "location").text(metadata["location"], { min: 1, max: 100 })
  const channel = form.at("channel_id").snowflake(body["channel_id"])
  const channelId = given("channel_id") ? (channel ?? null) : (event?.channelId ?? null)
  const location = elsewhere ? (where ?? event?.location ?? null) : null
  if (elsewhere) {
    if (location === null) form.at("entity_metadata").required()
    if (endsAt === null) form.at("scheduled_end_time").required()
    if (channelId !== null)
      form.at("channel_id").fail("CHANNEL_ID_MUST_BE_NULL", "Channel id must be null for external events.")
  } else if (channelId === null && entityType !== 0) form.at("channel_id").required()
  const image = ImageForm.read(form.at("image"), body["image"], Pictures.imageLimit)
  const recurrence = given("recurrence_rule")
    ? readRecurrence(form.at("recurrence_rule"), body["recurrence_rule"])
    : (event?.recurrence ?? null)
  form.done()
  return {
    name,
    description: given("description") ? (description ?? null) : (event?.description ?? null),
    channelId,
    location,
    startsAt,
    endsAt,
    entityType,
    recurrence,
    ...(status === undefined ? {} : { status }),
    ...(image === undefined ? {} : { image }),
  }
}

/** What the status may become, itself among it. */
const after = (event: ScheduledEvent | undefined): ReadonlyArray<number> =>
  event === undefined ? [1] : event.status === 1 ? [1, 2, 4] : [2, 3]

const time = (form: Form, field: string, body: Json): number | undefined => {
  const at = form.at(field)
  const text = at.text(body[field], { max: 64 })
  const millis = text === undefined ? undefined : Date.parse(text)
  if (millis === undefined || !Number.isNaN(millis)) return millis
  at.fail("DATE_TIME_TYPE_PARSE", `Could not parse ${text}. Should be ISO8601.`)
  return undefined
}

/** How often it comes again; told, never acted upon. Its end and its count are not anybody's to set. */
const readRecurrence = (form: Form, value: unknown): Json | null => {
  const rule = form.object(value)
  if (rule === undefined) return null
  for (const field of ["start", "frequency", "interval"])
    if (rule[field] === undefined || rule[field] === null) form.at(field).required()
  const start = time(form, "start", rule)
  const frequency = form.at("frequency").oneOf(rule["frequency"] as number, [0, 1, 2, 3])
  const within = (at: Form, found: unknown, min: number, max: number): number | undefined => {
    if (found === undefined || found === null) at.required()
    return at.integer(found, min, max)
  }
  const numbers = (field: string, min: number, max: number) => {
    const at = form.at(field)
    return at.items(rule[field], max)?.map((one, n) => within(at.at(n), one, min, max)) ?? null
  }
  return {
    start: start === undefined ? null : Time.iso(start),
    end: null,
    frequency,
    interval: form.at("interval").integer(rule["interval"], 1, frequency === 2 ? 2 : 1),
    by_weekday: numbers("by_weekday", 0, 6),
    by_n_weekday:
      form.at("by_n_weekday").each(rule["by_n_weekday"], 1, (at, one) => ({
        n: within(at.at("n"), one["n"], 1, 5),
        day: within(at.at("day"), one["day"], 0, 6),
      })) ?? null,
    by_month: numbers("by_month", 1, 12),
    by_month_day: numbers("by_month_day", 1, 31),
    by_year_day: null,
    count: null,
  }
}
