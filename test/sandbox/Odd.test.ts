import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "effect/FastCheck"
import { routes } from "../../src/sandbox/rest/Rest.js"
import * as Scene from "./Scene.js"

/** Names that forms know, and such as a careless reader falls over. */
const names = [
  ..."name type options choices value description required min_value max_length channel_types contexts nsfw".split(
    " ",
  ),
  ..."name_localizations description_localizations default_member_permissions content embeds components".split(
    " ",
  ),
  ..."attachments id flags poll question answers message_reference allowed_mentions users parse nonce".split(
    " ",
  ),
  ..."sticker_ids data messages user_ids roles permissions colors primary_color position available_tags".split(
    " ",
  ),
  ..."default_reaction_emoji emoji_id permission_overwrites allow deny topic bitrate applied_tags message".split(
    " ",
  ),
  ..."trigger_type event_type trigger_metadata presets keyword_filter actions metadata exempt_roles".split(
    " ",
  ),
  ..."entity_type entity_metadata recurrence_rule by_n_weekday scheduled_start_time privacy_level".split(" "),
  ..."features avatar username image days include_roles recipient_id custom_id title min_values".split(" "),
  ...["__proto__", "constructor", "toString", "valueOf", "_errors", "length", "then"],
]

const list = (items: ReadonlyArray<string>) => `[${items.join(",")}]`
const record = (fields: ReadonlyArray<readonly [string, string]>) =>
  `{${fields.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(",")}}`

const deep = (open: string, close: string, levels: number) => open.repeat(levels) + "1" + close.repeat(levels)
const plain = fc.oneof(
  fc.constantFrom('"x"', "1", "4", "3", '"4"', "1e309", "-0", "1.5", "null", "true", '""', '["1024"]', "[3]"),
  fc.constantFrom('{"toString":1,"valueOf":1}', '{"__proto__":"x"}', '"2030-01-01T00:00:00Z"', "1e400"),
  fc.constantFrom(deep("[", "]", 20_000), deep('{"options":', "}", 20_000), deep('{"a":[', "]}", 200)),
  fc.jsonValue({ maxDepth: 3 }).map((one) => JSON.stringify(one)),
)
/** JSON as text: so it may have names that an object cannot be given. */
const { odd } = fc.letrec<{ odd: string; fields: string }>((tie) => ({
  odd: fc.oneof({ maxDepth: 4 }, plain, tie("fields"), fc.array(tie("odd"), { maxLength: 3 }).map(list)),
  fields: fc.array(fc.tuple(fc.constantFrom(...names), tie("odd")), { maxLength: 8 }).map(record),
}))
const id = fc.oneof(
  fc.constantFrom("0", "%", "%00", "%2e%2e", "__proto__", "constructor", "1e5", "99999999999999999999", "-1"),
  fc.string({ maxLength: 20 }).map((text) => encodeURIComponent(text.replace(/[\uD800-\uDFFF]/gu, ""))),
)
/** Those last that take away what others need. */
const ordered = routes.toSorted((a, b) => Number(a.method === "DELETE") - Number(b.method === "DELETE"))

describe("what nobody sends", () => {
  it.effect.prop(
    "is answered by every route, in order, and leaves nothing behind in the language itself",
    [fc.array(fc.tuple(odd, id), { minLength: routes.length, maxLength: routes.length })],
    ([asked]) =>
      Effect.gen(function* () {
        const { call, general, guild, id: idOf, role, world } = yield* Scene.make()
        const made = (method: string, path: string, body?: unknown) =>
          Effect.map(call(method, path, body), (answer) => String(Scene.bodyOf(answer)["id"]))
        const message = yield* made("POST", `/channels/${general.id}/messages`, { content: "Ahoy" })
        const app = `/applications/${world.bot.id}`
        const known: Readonly<Record<string, string>> = {
          guild: guild.id,
          channel: general.id,
          user: idOf("cleo"),
          app: world.bot.id,
          role: [...guild.roles.values()].find(({ managed }) => !managed)?.id ?? role("").id,
          message,
          command: yield* made("POST", `${app}/commands`, { name: "ping", description: "Pings" }),
          webhook: yield* made("POST", `/channels/${general.id}/webhooks`, { name: "Herald" }),
          target: guild.id,
          emoji: "%F0%9F%91%8D",
        }
        const before = Object.getOwnPropertyNames(Object.prototype).join()
        for (const [n, { method, pattern }] of ordered.entries()) {
          const [body, text] = asked[n] ?? ["", ""]
          const real = pattern.replaceAll(/:(\w+)/gu, (_, name: string) => known[name] ?? text)
          const strange = pattern.replaceAll(/:\w+/gu, text)
          for (const path of [real, strange]) {
            const { status } = yield* call(method, path, method === "GET" ? undefined : body)
            const shown = body.slice(0, 400)
            expect({ method, path, shown, failed: status === 500 }).toMatchObject({ failed: false })
          }
        }
        expect(Object.getOwnPropertyNames(Object.prototype).join()).toBe(before)
      }).pipe(Scene.provided, Effect.scoped),
    { fastCheck: { numRuns: 25, interruptAfterTimeLimit: 6_000, endOnFailure: true }, timeout: 20_000 },
  )
})
