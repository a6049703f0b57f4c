/**
 * Interactions and their callbacks, and webhooks.
 *
 * @module
 */
import { Effect } from "effect"
import type { Guide, Stop } from "./Guide.js"

/** Registers a command, runs it, and gives the paths that answer it. */
const run = ({ ada, app, go, guild, sandbox }: Guide) =>
  Effect.gen(function* () {
    yield* go("PUT", app(`/guilds/${guild.id}/commands`), [{ name: "go", description: "Go" }])
    const { id } = yield* ada.slash("general", "go")
    const token = sandbox.interactions.find(id)?.token ?? ""
    return {
      callback: `/interactions/${id}/${token}/callback`,
      webhook: `/webhooks/${sandbox.world.bot.id}/${token}`,
    }
  })

const callbacks: Stop = (guide) =>
  Effect.gen(function* () {
    const { ada, bot, go } = guide
    const button = { type: 1, components: [{ type: 2, style: 1, custom_id: "b", label: "B" }] }
    const first = yield* run(guide)
    yield* go("POST", `${first.callback}?with_response=true`, {
      type: 4,
      data: { content: "Here", components: [button] },
    })
    const original = `${first.webhook}/messages/@original`
    const { id } = yield* go("GET", original)
    yield* go("PATCH", original, { content: "There" })
    const more = yield* go("POST", `${first.webhook}?wait=true`, { content: "More", flags: 64 })
    yield* go("PATCH", `${first.webhook}/messages/${more.id}`, { content: "Even more" })
    yield* go("GET", `${first.webhook}/messages/${more.id}`)
    yield* go("DELETE", `${first.webhook}/messages/${more.id}`)
    const pressed = yield* ada.press(id, "B")
    const token = guide.sandbox.interactions.find(pressed.id)?.token ?? ""
    yield* go("POST", `/interactions/${pressed.id}/${token}/callback?with_response=true`, { type: 6 })
    yield* go("GET", `/webhooks/${bot}/${token}/messages/@original`)
    const again = yield* ada.press(id, "B")
    const form = guide.sandbox.interactions.find(again.id)?.token ?? ""
    const field = {
      type: 18,
      label: "Name",
      component: { type: 4, custom_id: "n", style: 1 },
    }
    yield* go("POST", `/interactions/${again.id}/${form}/callback?with_response=true`, {
      type: 9,
      data: { custom_id: "m", title: "Who?", components: [field] },
    })
    const modal = ada.modals()[0]
    if (modal === undefined) return yield* Effect.dieMessage("No modal was shown")
    yield* ada.submit(modal, { n: "Ada" })
    const second = yield* run(guide)
    yield* go("POST", `${second.callback}?with_response=true`, { type: 5 })
    yield* go("PATCH", `${second.webhook}/messages/@original`, { content: "Done" })
    yield* go("DELETE", `${second.webhook}/messages/@original`)
    const third = yield* run(guide)
    return yield* go("POST", third.callback, { type: 4, data: { content: "Quietly" } })
  })

const asking: Stop = ({ ada, app, go, guild, in: below }) =>
  Effect.gen(function* () {
    const kinds = [
      { type: 6, name: "who", description: "Who" },
      { type: 7, name: "where", description: "Where" },
      { type: 8, name: "rank", description: "Rank" },
      { type: 9, name: "any", description: "Any" },
      { type: 4, name: "many", description: "Many" },
      { type: 10, name: "part", description: "Part" },
      { type: 5, name: "sure", description: "Sure" },
      { type: 11, name: "file", description: "File" },
    ]
    yield* go("PUT", app(`/guilds/${guild.id}/commands`), [
      {
        name: "mix",
        description: "Mix",
        options: [{ type: 1, name: "all", description: "All", options: kinds }],
      },
      {
        name: "find",
        description: "Find",
        options: [{ type: 3, name: "what", description: "What", autocomplete: true }],
      },
      { name: "Inspect", type: 2 },
      { name: "Quote", type: 3 },
    ])
    yield* go("PUT", app("/commands"), [{ name: "go", description: "Go" }])
    yield* ada.slash("general", "mix all", {
      who: "cleo",
      where: "#general",
      rank: "Moderator",
      any: "ben",
      many: "3",
      part: "0.5",
      sure: "true",
      file: { name: "a.txt", bytes: new TextEncoder().encode("cargo") },
    })
    yield* ada.slash("dm", "go")
    yield* ada.autocomplete("general", "find", "what", { what: "bo" })
    yield* ada.userMenu("general", "Inspect", "ben")
    const said = yield* ada.say("general", "words")
    yield* ada.messageMenu("Quote", said.id)
    const { id } = yield* go("POST", below("/messages"), {
      content: "Choose",
      components: [
        { type: 1, components: [{ type: 3, custom_id: "s", options: [{ label: "One", value: "1" }] }] },
        { type: 1, components: [{ type: 5, custom_id: "u" }] },
        { type: 1, components: [{ type: 6, custom_id: "r" }] },
        { type: 1, components: [{ type: 7, custom_id: "m" }] },
        { type: 1, components: [{ type: 8, custom_id: "c" }] },
      ],
    })
    yield* ada.select(id, "s", ["One"])
    yield* ada.select(id, "u", ["ben"])
    yield* ada.select(id, "r", ["Moderator"])
    yield* ada.select(id, "m", ["cleo"])
    yield* ada.select(id, "c", ["general"])
  })

const webhooks: Stop = ({ at, go, in: below }) =>
  Effect.gen(function* () {
    const hook = yield* go("POST", below("/webhooks"), { name: "Crier" })
    yield* go("GET", below("/webhooks"))
    yield* go("GET", at("/webhooks"))
    const [own, foreign] = [`/webhooks/${hook.id}`, `/webhooks/${hook.id}/${hook.token}`]
    yield* go("GET", own)
    yield* go("GET", foreign)
    yield* go("PATCH", own, { name: "Town crier" })
    yield* go("PATCH", foreign, { name: "Crier" })
    yield* go("POST", foreign, { content: "Hear!" })
    const { id } = yield* go("POST", `${foreign}?wait=true`, { content: "Hear, hear!", username: "Bell" })
    yield* go("GET", `${foreign}/messages/${id}`)
    yield* go("PATCH", `${foreign}/messages/${id}`, { content: "Hush" })
    yield* go("DELETE", `${foreign}/messages/${id}`)
    yield* go("DELETE", foreign)
    const other = yield* go("POST", below("/webhooks"), { name: "Drum" })
    yield* go("DELETE", `/webhooks/${other.id}`)
  })

export const stops: Readonly<Record<string, Stop>> = { callbacks, asking, webhooks }
