/**
 * Messages, reactions, pins, polls and threads.
 *
 * @module
 */
import { Effect } from "effect"
import type { Stop } from "./Guide.js"

const messages: Stop = ({ ada, at, bot, go, in: below }) =>
  Effect.gen(function* () {
    const first = yield* go("POST", below("/messages"), {
      content: `Hello <@${ada.user.id}>`,
      embeds: [
        {
          title: "Tides",
          description: "High and low",
          color: 255,
          url: "https://example.com/",
          timestamp: "2026-01-01T00:00:00.000Z",
          footer: { text: "Foot" },
          author: { name: "Author" },
          image: { url: "https://example.com/a.png" },
          fields: [{ name: "High", value: "12:00", inline: true }],
        },
      ],
      components: [
        {
          type: 1,
          components: [
            { type: 2, style: 1, custom_id: "a", label: "A", emoji: { name: "⚓" } },
            { type: 2, style: 5, url: "https://example.com/", label: "B" },
          ],
        },
        { type: 1, components: [{ type: 3, custom_id: "s", options: [{ label: "One", value: "1" }] }] },
        { type: 1, components: [{ type: 5, custom_id: "u", max_values: 2 }] },
        { type: 1, components: [{ type: 6, custom_id: "r" }] },
        { type: 1, components: [{ type: 8, custom_id: "c", channel_types: [0] }] },
      ],
      nonce: "n-1",
    })
    yield* go("POST", below("/messages"), {
      flags: 1 << 15,
      components: [
        { type: 10, content: "# Board" },
        {
          type: 17,
          accent_color: 255,
          components: [
            {
              type: 9,
              components: [{ type: 10, content: "Left" }],
              accessory: { type: 2, style: 2, custom_id: "x", label: "X" },
            },
            { type: 14, divider: true, spacing: 2 },
            { type: 12, items: [{ media: { url: "https://example.com/a.png" }, description: "A" }] },
          ],
        },
      ],
    })
    const reply = yield* go("POST", below("/messages"), {
      content: "Re",
      message_reference: { message_id: first.id },
    })
    yield* go("POST", below("/messages"), {
      message_reference: { type: 1, channel_id: below().split("/")[2], message_id: first.id },
    })
    yield* go("GET", below("/messages?limit=5"))
    yield* go("GET", below(`/messages/${reply.id}`))
    yield* go("PATCH", below(`/messages/${reply.id}`), { content: "Re: re" })
    yield* go("DELETE", below(`/messages/${reply.id}`))
    yield* go("POST", below("/typing"))
    const said = [yield* ada.say("general", "one"), yield* ada.say("general", `<@${bot}> two`)]
    yield* ada.say("general", "with a file", {
      attachments: [{ name: "a.txt", bytes: new TextEncoder().encode("cargo") }],
    })
    yield* go("GET", below("/messages"))
    yield* go("POST", below("/messages/bulk-delete"), { messages: said.map(({ id }) => id) })
    const news = yield* go("POST", at("/channels"), { name: "news", type: 5 })
    const { id: here } = yield* go("GET", below())
    yield* go("POST", `/channels/${news.id}/followers`, { webhook_channel_id: here })
    const told = yield* go("POST", `/channels/${news.id}/messages`, { content: "Extra" })
    yield* go("POST", `/channels/${news.id}/messages/${told.id}/crosspost`)
  })

const reactions: Stop = ({ ada, go, in: below }) =>
  Effect.gen(function* () {
    const { id } = yield* go("POST", below("/messages"), { content: "React" })
    const emoji = below(`/messages/${id}/reactions/${encodeURIComponent("👍")}`)
    yield* go("PUT", `${emoji}/@me`)
    yield* ada.react(id, "👍")
    yield* go("GET", emoji)
    yield* go("GET", below(`/messages/${id}`))
    yield* go("DELETE", `${emoji}/@me`)
    yield* go("DELETE", `${emoji}/${ada.user.id}`)
    yield* ada.react(id, "👍")
    yield* go("DELETE", emoji)
    yield* ada.react(id, "👍")
    yield* go("DELETE", below(`/messages/${id}/reactions`))
  })

const pins: Stop = ({ go, in: below }) =>
  Effect.gen(function* () {
    const { id } = yield* go("POST", below("/messages"), { content: "Pin" })
    yield* go("PUT", below(`/pins/${id}`))
    yield* go("GET", below("/pins"))
    yield* go("DELETE", below(`/pins/${id}`))
    yield* go("PUT", below(`/messages/pins/${id}`))
    yield* go("GET", below("/messages/pins"))
    yield* go("DELETE", below(`/messages/pins/${id}`))
    yield* go("GET", below("/messages"))
  })

const polls: Stop = ({ go, in: below }) =>
  Effect.gen(function* () {
    const { id } = yield* go("POST", below("/messages"), {
      poll: {
        question: { text: "Sail?" },
        answers: [{ poll_media: { text: "Aye" } }, { poll_media: { text: "Nay" } }],
        duration: 1,
        allow_multiselect: false,
      },
    })
    yield* go("GET", below(`/polls/${id}/answers/1`))
    yield* go("POST", below(`/polls/${id}/expire`))
    yield* go("GET", below("/messages"))
  })

const threads: Stop = ({ ada, at, cleo, go, in: below }) =>
  Effect.gen(function* () {
    const open = yield* go("POST", below("/threads"), { name: "deck", type: 11 })
    const first = yield* ada.say("general", "Let us talk")
    yield* go("POST", below(`/messages/${first.id}/threads`), { name: "talk" })
    const closed = yield* go("POST", below("/threads"), { name: "hold", type: 12 })
    yield* go("PUT", `/channels/${closed.id}/thread-members/${cleo.user.id}`)
    yield* go("GET", `/channels/${closed.id}/thread-members?with_member=true`)
    yield* go("GET", `/channels/${closed.id}/thread-members/${cleo.user.id}?with_member=true`)
    yield* go("DELETE", `/channels/${closed.id}/thread-members/${cleo.user.id}`)
    yield* go("DELETE", `/channels/${open.id}/thread-members/@me`)
    yield* go("PUT", `/channels/${open.id}/thread-members/@me`)
    yield* go("GET", at("/threads/active"))
    yield* go("GET", `/channels/${open.id}`)
    yield* go("PATCH", `/channels/${open.id}`, { archived: true })
    yield* go("PATCH", `/channels/${closed.id}`, { archived: true })
    yield* go("GET", below("/threads/archived/public"))
    yield* go("GET", below("/threads/archived/private"))
    yield* go("GET", below("/users/@me/threads/archived/private"))
    yield* go("DELETE", `/channels/${open.id}`)
    const forum = yield* go("POST", at("/channels"), { name: "forum", type: 15 })
    yield* go("POST", `/channels/${forum.id}/threads`, { name: "post", message: { content: "Hello" } })
  })

export const stops: Readonly<Record<string, Stop>> = { messages, reactions, pins, polls, threads }
