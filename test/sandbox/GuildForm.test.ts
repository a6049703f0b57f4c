import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "effect/FastCheck"
import { make, provided } from "./Scene.js"

/** Values as careless callers send them. */
const value = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    "",
    "x",
    "123456789012345678",
    "2026-01-01T00:00:00Z",
    -1,
    0,
    1.5,
    5,
    60,
  ),
  fc.string({ maxLength: 40 }),
  fc.integer(),
  fc.jsonValue({ maxDepth: 2 }),
)
const body = (fields: ReadonlyArray<string>) =>
  fc.record(Object.fromEntries(fields.map((name) => [name, value])), { requiredKeys: [] })

const channel = [
  "name",
  "type",
  "topic",
  "position",
  "nsfw",
  "parent_id",
  "rate_limit_per_user",
  "bitrate",
  "user_limit",
  "permission_overwrites",
  "default_auto_archive_duration",
  "default_reaction_emoji",
  "available_tags",
  "default_sort_order",
  "flags",
]
const guild = [
  "name",
  "description",
  "verification_level",
  "afk_channel_id",
  "afk_timeout",
  "system_channel_id",
  "features",
  "preferred_locale",
]
const requests = {
  channel: [channel, "POST", "/channels"],
  voice: [channel, "POST", "/channels", { type: 2 }],
  forum: [channel, "POST", "/channels", { type: 15 }],
  guild: [guild, "PATCH", ""],
  role: [
    ["name", "permissions", "color", "colors", "hoist", "mentionable", "unicode_emoji"],
    "POST",
    "/roles",
  ],
  member: [["nick", "roles", "mute", "communication_disabled_until", "flags"], "PATCH", "/members/cleo"],
  prune: [["days", "include_roles", "compute_prune_count"], "POST", "/prune"],
  ban: [["delete_message_seconds", "delete_message_days"], "PUT", "/bans/dan"],
  bulk: [["user_ids", "delete_message_seconds"], "POST", "/bulk-ban"],
  thread: [
    ["name", "type", "auto_archive_duration", "rate_limit_per_user", "invitable", "applied_tags"],
    "POST",
    "/threads",
  ],
} as const

/** Refusals name these also where the body does not have them. */
const missing = new Set(["name", "user_ids", "rules_channel_id", "public_updates_channel_id"])

/** A body that shows a fault is in the message: one world takes them all, one after the other. */
const sample = <A>(of: fc.Arbitrary<A>) => fc.sample(of, 80)

describe("bodies about a guild", () => {
  for (const [what, [fields, method, where, fixed]] of Object.entries<
    readonly [ReadonlyArray<string>, string, string, object?]
  >(requests)) {
    it.scoped(`of a ${what} are taken or refused by name, whatever is in them`, () =>
      Effect.gen(function* () {
        const { call, general, id, path } = yield* make()
        const target = where.replace(/cleo|dan/u, (name) => id(name))
        const to = what === "thread" ? `/channels/${general.id}${target}` : `${path}${target}`
        for (const asked of sample(body(fields))) {
          const { body: answer, status } = yield* call(method, to, { ...asked, ...fixed })
          const known = [200, 201, 204, 400, 403, 404].includes(status)
          expect({ asked, status, known }).toMatchObject({ known: true })
          const refused = answer as { readonly code?: number; readonly errors?: object } | null
          if (refused?.code !== 50035) continue
          const unasked = Object.keys(refused.errors ?? {}).filter(
            (name) => !(name in asked || name in (fixed ?? {}) || missing.has(name)),
          )
          expect({ asked, unasked }).toMatchObject({ unasked: [] })
        }
      }).pipe(provided),
    )
  }

  it.scoped("of lists of places are taken or refused, whatever is in them", () =>
    Effect.gen(function* () {
      const { call, path } = yield* make()
      const entry = fc.oneof(value, body(["id", "position", "parent_id", "lock_permissions"]))
      for (const asked of sample(fc.oneof(value, fc.array(entry)))) {
        for (const which of ["channels", "roles"]) {
          const { status } = yield* call("PATCH", `${path}/${which}`, JSON.stringify(asked))
          const known = [200, 204, 400, 403, 404].includes(status)
          expect({ asked, which, status, known }).toMatchObject({ known: true })
        }
      }
    }).pipe(provided),
  )
})
