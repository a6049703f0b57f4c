/**
 * The application, its commands, and users.
 *
 * @module
 */
import { Effect } from "effect"
import * as CommandPermissions from "../../../../src/sandbox/world/CommandPermissions.js"
import type { Stop } from "./Guide.js"

const application: Stop = ({ app, go }) =>
  Effect.gen(function* () {
    yield* go("GET", "/gateway")
    yield* go("GET", "/gateway/bot")
    yield* go("GET", "/applications/@me")
    yield* go("PATCH", "/applications/@me", { description: "Keeps the harbour" })
    yield* go("GET", "/oauth2/applications/@me")
    yield* go("GET", app("/skus"))
    yield* go("GET", app("/entitlements"))
    yield* go("GET", "/voice/regions")
  })

const users: Stop = ({ ada, go, guild }) =>
  Effect.gen(function* () {
    yield* go("GET", "/users/@me")
    yield* go("PATCH", "/users/@me", { username: "Boatswain" })
    yield* go("GET", "/users/@me/guilds?with_counts=true")
    yield* go("GET", `/users/${ada.user.id}`)
    const direct = yield* go("POST", "/users/@me/channels", { recipient_id: ada.user.id })
    yield* go("GET", `/channels/${direct.id}`)
    yield* go("POST", `/channels/${direct.id}/messages`, { content: "Hello" })
    yield* go("DELETE", `/users/@me/guilds/${guild.id}`)
  })

const registered = (base: string, { go }: Parameters<Stop>[0]) =>
  Effect.gen(function* () {
    const options = [
      {
        type: 1,
        name: "one",
        description: "One",
        options: [
          { type: 3, name: "text", description: "Text", min_length: 1, max_length: 9, required: true },
          { type: 4, name: "many", description: "Many", min_value: 1, max_value: 9 },
          { type: 10, name: "part", description: "Part", choices: [{ name: "Half", value: 0.5 }] },
          { type: 3, name: "kind", description: "Kind", autocomplete: true },
          { type: 7, name: "where", description: "Where", channel_types: [0, 2] },
        ],
      },
      {
        type: 2,
        name: "group",
        description: "Group",
        options: [{ type: 1, name: "two", description: "Two" }],
      },
    ]
    yield* go("PUT", base, [
      { name: "whole", description: "Whole", options, name_localizations: { de: "ganz" } },
      { name: "Inspect", type: 2 },
      { name: "Quote", type: 3 },
    ])
    yield* go("GET", `${base}?with_localizations=true`)
    const made = yield* go("POST", base, { name: "more", description: "More", nsfw: true })
    yield* go("GET", `${base}/${made.id}`)
    yield* go("PATCH", `${base}/${made.id}`, { description: "Even more" })
    return made.id
  })

const commands: Stop = (guide) =>
  Effect.gen(function* () {
    const { app, go, guild, refused, world } = guide
    const id = yield* registered(app("/commands"), guide)
    yield* go("DELETE", app(`/commands/${id}`))
    const own = app(`/guilds/${guild.id}/commands`)
    const command = yield* registered(own, guide)
    yield* go("GET", `${own}/permissions`)
    // Only with a person's bearer token.
    yield* refused("PUT", `${own}/${command}/permissions`, 20001, {
      permissions: [{ id: guild.id, type: 1, permission: false }],
    })
    CommandPermissions.set(world, guild, command, [{ id: guild.id, type: 1, permission: false }])
    yield* go("GET", `${own}/${command}/permissions`)
    yield* go("DELETE", `${own}/${command}`)
  })

export const stops: Readonly<Record<string, Stop>> = { application, users, commands }
