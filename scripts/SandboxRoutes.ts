/**
 * Writes the page that lists what the sandbox has: its routes by resource, and its gateway events by intent.
 *
 * The routes are the sandbox's own table. An event is listed where its name stands in a source of the sandbox; which
 * intents it needs is asked of the sandbox itself.
 *
 * @module
 */
import { readdirSync, readFileSync } from "node:fs"
import { GatewayDispatchEvents, GatewayIntentBits } from "discord-api-types/v10"
import * as Intents from "../src/sandbox/gateway/Intents.js"
import { routes } from "../src/sandbox/rest/Rest.js"
import type { Route } from "../src/sandbox/rest/Route.js"

/** The first that fits names the section. */
const sections: ReadonlyArray<readonly [RegExp, string]> = [
  [/\/commands\b/u, "Application commands"],
  [/^\/interactions\/|^\/webhooks\/:app\//u, "Interactions"],
  [/\/webhooks\b/u, "Webhooks"],
  [/\/emojis\b/u, "Emojis"],
  [/\/stickers?\b|^\/sticker-packs/u, "Stickers"],
  [/\/invites\b/u, "Invites"],
  [/\/reactions\b/u, "Reactions"],
  [/\/pins\b/u, "Pins"],
  [/\/polls\b/u, "Polls"],
  [/\/thread/u, "Threads"],
  [/\/messages\b|\/typing$/u, "Messages"],
  [/\/auto-moderation\b/u, "Auto-moderation"],
  [/\/scheduled-events\b/u, "Scheduled events"],
  [/\/audit-logs$/u, "Audit log"],
  [/\/bans\b|\/bulk-ban$/u, "Bans"],
  [/\/roles\b(?!.*\/members)|\/roles\/:/u, "Roles"],
  [/\/members\b|\/prune$/u, "Members"],
  [/\/channels\b/u, "Channels"],
  [/^\/guilds\b/u, "Guilds"],
  [/^\/users\b/u, "Users"],
  [/^\/(oauth2\/)?applications\b/u, "Application"],
  [/^\/gateway\b/u, "Gateway"],
  [/./u, "Other"],
]

/** The page's path from the root of the project. */
export const path = "docs/sandbox-routes.md"

/** The page. `root` is the project's. */
export const page = (root: URL): string => {
  const events = eventsIn(root)
  const count = new Set(routes.map(nameOf)).size
  return `# What the sandbox has

${count} routes of REST v10 and ${events.length} events of gateway v10. Every other route answers 501, with the log saying so as a warning: a gap of the sandbox is never taken for Discord's word. Each answer and event of the sandbox's tests is held against Discord's published description (\`discord-api-spec\`).

This page is made from the sandbox's own tables by \`npm run docs\`.

## Routes
${Array.from(bySection(), ([title, found]) => `\n### ${title}\n${found.map((route) => `- \`${nameOf(route)}\``).join("\n")}\n`).join("")}
## Gateway events
${Array.from(byIntent(events), ([intent, found]) => `- ${intent}: ${found.map((name) => `\`${name}\``).join(", ")}`).join("\n")}
`
}

const nameOf = ({ method, pattern }: Route): string => `${method} ${pattern}`

const bySection = (): ReadonlyMap<string, ReadonlyArray<Route>> => {
  const found = new Map<string, Array<Route>>()
  for (const route of routes) {
    const title = sections.find(([pattern]) => pattern.test(route.pattern))?.[1] ?? ""
    const known = found.get(title) ?? []
    // Two families may share a route of the same name.
    if (!known.some((one) => nameOf(one) === nameOf(route))) found.set(title, [...known, route])
  }
  return new Map([...found].toSorted(([one], [other]) => (one < other ? -1 : 1)))
}

const byIntent = (events: ReadonlyArray<string>): ReadonlyMap<string, ReadonlyArray<string>> => {
  const found = new Map<string, Array<string>>()
  for (const name of events) {
    const needed = intentsOf(name)
    for (const intent of needed.length === 0 ? ["without an intent"] : needed)
      found.set(intent, [...(found.get(intent) ?? []), name])
  }
  return found
}

const intentsOf = (type: string): ReadonlyArray<string> => {
  const wants = (bits: number, guildId: string | null) =>
    Intents.wants(bits, { type, guildId, data: () => ({}) }, "")
  const seen = new Set<unknown>()
  return Object.entries(GatewayIntentBits).flatMap(([intent, bit]) => {
    // Some have a former name too, which stands after the newer one.
    if (typeof bit !== "number" || seen.has(bit)) return []
    seen.add(bit)
    const opens = ["1", null].some((guildId) => wants(bit, guildId) && !wants(0, guildId))
    return opens ? [`\`${intent}\``] : []
  })
}

/** The events whose names stand in what makes events. `root` is the project's. */
export const eventsIn = (root: URL): ReadonlyArray<string> => {
  const texts = ["world", "gateway"].flatMap((folder) => {
    const at = new URL(`src/sandbox/${folder}/`, root)
    return readdirSync(at)
      .filter((name) => name !== "Intents.ts")
      .map((name) => readFileSync(new URL(name, at), "utf8"))
  })
  return Object.values(GatewayDispatchEvents)
    .filter((name) => texts.some((text) => new RegExp(`["']${name}["']`, "u").test(text)))
    .toSorted()
}
