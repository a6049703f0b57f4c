/**
 * What else a guild has: invites, emojis, scheduled events, rules of auto-moderation.
 *
 * @module
 */
import { Effect } from "effect"
import * as ScheduledEvents from "../../../../src/sandbox/world/ScheduledEvents.js"
import type { Stop } from "./Guide.js"

const invites: Stop = ({ at, go, in: below }) =>
  Effect.gen(function* () {
    const { code } = yield* go("POST", below("/invites"), { max_age: 3600, max_uses: 2 })
    yield* go("GET", below("/invites"))
    yield* go("GET", at("/invites"))
    yield* go("GET", `/invites/${String(code)}?with_counts=true`)
    yield* go("DELETE", `/invites/${String(code)}`)
    yield* go("POST", below("/invites"), { max_age: 0 })
  })

const dot =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

const emojis: Stop = ({ app, at, go, in: below }) =>
  Effect.gen(function* () {
    const { id } = yield* go("POST", at("/emojis"), { name: "anchor", image: dot })
    yield* go("GET", at("/emojis"))
    yield* go("GET", at(`/emojis/${id}`))
    yield* go("PATCH", at(`/emojis/${id}`), { name: "kedge" })
    const message = yield* go("POST", below("/messages"), { content: `<:kedge:${id}>` })
    yield* go("PUT", below(`/messages/${message.id}/reactions/kedge:${id}/@me`))
    yield* go("GET", below(`/messages/${message.id}`))
    yield* go("DELETE", at(`/emojis/${id}`))
    const own = yield* go("POST", app("/emojis"), { name: "wheel", image: dot })
    yield* go("GET", app("/emojis"))
    yield* go("GET", app(`/emojis/${own.id}`))
    yield* go("PATCH", app(`/emojis/${own.id}`), { name: "helm" })
    yield* go("DELETE", app(`/emojis/${own.id}`))
  })

const stickers: Stop = ({ at, go, in: below }) =>
  Effect.gen(function* () {
    const form = [
      ...Object.entries({ name: "Ahoy", description: "", tags: "wave" }).map(([name, value]) => ({
        head: `name="${name}"`,
        value,
      })),
      {
        head: 'name="file"; filename="ahoy.gif"\r\nContent-Type: image/gif',
        value: "GIF89a\x0a\x00\x14\x00;;",
      },
    ].map(({ head, value }) => `--mark\r\nContent-Disposition: form-data; ${head}\r\n\r\n${value}\r\n`)
    const body = `${form.join("")}--mark--\r\n`
    const { id } = yield* go("POST", at("/stickers"), body, "multipart/form-data; boundary=mark")
    yield* go("GET", at())
    yield* go("GET", at("/stickers"))
    yield* go("GET", at(`/stickers/${id}`))
    yield* go("GET", `/stickers/${id}`)
    yield* go("PATCH", at(`/stickers/${id}`), { name: "Avast", description: "Stop" })
    const message = yield* go("POST", below("/messages"), { sticker_ids: [id] })
    yield* go("GET", below(`/messages/${message.id}`))
    yield* go("DELETE", at(`/stickers/${id}`))
    yield* go("GET", at("/audit-logs"))
  })

const events: Stop = ({ at, cleo, go, guild, world }) =>
  Effect.gen(function* () {
    const base = at("/scheduled-events")
    const { id } = yield* go("POST", base, {
      name: "Regatta",
      privacy_level: 2,
      entity_type: 3,
      entity_metadata: { location: "The bay" },
      scheduled_start_time: "2027-06-01T10:00:00.000Z",
      scheduled_end_time: "2027-06-01T12:00:00.000Z",
      image: dot,
    })
    const voice = yield* go("POST", at("/channels"), { name: "voice", type: 2 })
    const talk = yield* go("POST", base, {
      name: "Talk",
      privacy_level: 2,
      entity_type: 2,
      channel_id: voice.id,
      scheduled_start_time: "2027-06-01T10:00:00.000Z",
    })
    yield* go("GET", `${base}?with_user_count=true`)
    yield* go("GET", `${base}/${id}`)
    yield* go("PATCH", `${base}/${talk.id}`, { description: "Of knots" })
    ScheduledEvents.interest(world, guild, id, cleo.user.id, true)
    yield* go("GET", `${base}/${id}/users?with_member=true`)
    ScheduledEvents.interest(world, guild, id, cleo.user.id, false)
    yield* go("DELETE", `${base}/${id}`)
  })

const rules: Stop = ({ at, cleo, go, in: below }) =>
  Effect.gen(function* () {
    const base = at("/auto-moderation/rules")
    const { id } = yield* go("POST", base, {
      name: "No mutiny",
      event_type: 1,
      trigger_type: 1,
      trigger_metadata: { keyword_filter: ["mutiny"] },
      actions: [
        { type: 1, metadata: { custom_message: "Not here" } },
        { type: 2, metadata: { channel_id: below().split("/")[2] } },
      ],
      enabled: true,
    })
    yield* go("POST", base, {
      name: "Few mentions",
      event_type: 1,
      trigger_type: 5,
      trigger_metadata: { mention_total_limit: 3 },
      actions: [{ type: 1 }],
    })
    yield* go("GET", base)
    yield* go("GET", `${base}/${id}`)
    yield* go("PATCH", `${base}/${id}`, { name: "No mutinies" })
    yield* Effect.ignore(cleo.say("general", "mutiny!"))
    yield* go("DELETE", `${base}/${id}`)
  })

export const stops: Readonly<Record<string, Stop>> = { invites, emojis, stickers, events, rules }
