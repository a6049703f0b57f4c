/**
 * A guild, its channels, roles, members and bans.
 *
 * @module
 */
import { Effect } from "effect"
import type { Stop } from "./Guide.js"

const guilds: Stop = ({ at, cleo, general, go }) =>
  Effect.gen(function* () {
    yield* go("GET", at("?with_counts=true"))
    yield* go("GET", at("/preview"))
    yield* go("PATCH", at(), { name: "New Harbour" })
    yield* go("PUT", at("/incident-actions"), { invites_disabled_until: null, dms_disabled_until: null })
    yield* go("PATCH", at("/widget"), { enabled: true, channel_id: general.id })
    yield* go("GET", at("/widget"))
    yield* go("GET", at("/widget.json"))
    const [rules, updates] = [general.id, general.id]
    const community = { features: ["COMMUNITY"], rules_channel_id: rules, public_updates_channel_id: updates }
    yield* go("PATCH", at(), community)
    const channels = [{ channel_id: general.id, description: "Talk", emoji_name: "⚓" }]
    yield* go("PATCH", at("/welcome-screen"), {
      enabled: true,
      description: "Hi",
      welcome_channels: channels,
    })
    yield* go("GET", at("/welcome-screen"))
    const option = { title: "Crew", role_ids: [], channel_ids: [general.id], emoji_name: "⚓" }
    const prompts = [{ id: "0", title: "Who are you?", options: [option] }]
    yield* go("PUT", at("/onboarding"), { prompts, default_channel_ids: [general.id] })
    yield* go("GET", at("/onboarding"))
    yield* go("GET", at("/vanity-url"))
    yield* go("GET", at("/integrations"))
    yield* cleo.say("general", "the tide")
    yield* go("GET", at("/messages/search?content=tide&limit=5"))
    yield* go("GET", at("/audit-logs"))
  })

const channels: Stop = ({ ada, at, go, in: below }) =>
  Effect.gen(function* () {
    yield* go("GET", at("/channels"))
    yield* go("GET", below())
    const category = yield* go("POST", at("/channels"), { name: "Docks", type: 4 })
    const made: Array<string> = []
    for (const type of [0, 2, 5, 13, 15]) {
      const one = yield* go("POST", at("/channels"), {
        name: `kind-${type}`,
        type,
        parent_id: category.id,
        ...(type === 15 ? { available_tags: [{ name: "News", emoji_name: "📰" }] } : {}),
        ...(type === 2 ? { bitrate: 64_000, user_limit: 5 } : {}),
      })
      yield* go("GET", `/channels/${one.id}`)
      yield* go("PATCH", `/channels/${one.id}`, { name: `sort-${type}` })
      made.push(one.id)
    }
    yield* go("PATCH", at("/channels"), [{ id: made[0], position: 3 }])
    const overwrite = `/channels/${made[0]}/permissions/${ada.user.id}`
    yield* go("PUT", overwrite, { type: 1, allow: "1024", deny: "2048" })
    yield* go("DELETE", overwrite)
    for (const id of made) yield* go("DELETE", `/channels/${id}`)
  })

const roles: Stop = ({ at, cleo, go }) =>
  Effect.gen(function* () {
    yield* go("GET", at("/roles"))
    yield* go("GET", at("/roles/member-counts"))
    const role = yield* go("POST", at("/roles"), { name: "Sailor", color: 0x11_22_33, hoist: true })
    yield* go("GET", at(`/roles/${role.id}`))
    yield* go("PATCH", at(`/roles/${role.id}`), { name: "Mate", mentionable: true })
    yield* go("PATCH", at("/roles"), [{ id: role.id, position: 1 }])
    yield* go("PUT", at(`/members/${cleo.user.id}/roles/${role.id}`))
    yield* go("DELETE", at(`/members/${cleo.user.id}/roles/${role.id}`))
    yield* go("DELETE", at(`/roles/${role.id}`))
  })

const members: Stop = ({ at, cleo, go, refused, world }) =>
  Effect.gen(function* () {
    yield* refused("GET", at("/voice-states/@me"), 10065)
    yield* go("GET", at("/members?limit=10"))
    yield* go("GET", at("/members/search?query=c"))
    yield* go("PATCH", at("/members/@me"), { nick: "Bo" })
    yield* go("GET", at(`/members/${cleo.user.id}`))
    const until = new Intl.DateTimeFormat("sv", { dateStyle: "short", timeZone: "UTC" }).format(
      world.now() + 86_400_000,
    )
    yield* go("PATCH", at(`/members/${cleo.user.id}`), {
      nick: "Clio",
      communication_disabled_until: `${until}T00:00:00.000Z`,
    })
    yield* go("GET", at("/prune?days=7"))
    yield* go("POST", at("/prune"), { days: 7 })
    yield* go("DELETE", at(`/members/${cleo.user.id}`))
    yield* go("GET", at("/audit-logs"))
  })

const bans: Stop = ({ at, cleo, dan, go }) =>
  Effect.gen(function* () {
    yield* go("PUT", at(`/bans/${cleo.user.id}`), { delete_message_seconds: 60 })
    yield* go("GET", at("/bans"))
    yield* go("GET", at(`/bans/${cleo.user.id}`))
    yield* go("DELETE", at(`/bans/${cleo.user.id}`))
    yield* go("POST", at("/bulk-ban"), { user_ids: [dan.user.id] })
    yield* go("GET", at("/audit-logs"))
  })

export const stops: Readonly<Record<string, Stop>> = { guilds, channels, roles, members, bans }
