import { describe, expect, it } from "@effect/vitest"
import { ChannelType } from "discord-api-types/v10"
import { Effect, TestClock } from "effect"
import * as DefaultAvatar from "../../../src/sandbox/rest/DefaultAvatar.js"
import * as Screen from "../../../src/sandbox/page/Screen.js"
import * as Attachments from "../../../src/sandbox/rest/routes/Attachments.js"
import * as Threads from "../../../src/sandbox/world/Threads.js"
import * as Scene from "../Scene.js"

const image = `data:image/png;base64,${Buffer.from(DefaultAvatar.of("1") ?? []).toString("base64")}`

describe("the place on a screen", () => {
  it.scoped("has each channel's newest archived threads that the person sees, and who writes wakes one", () =>
    Effect.gen(function* () {
      const { general, id, sandbox, world } = yield* Scene.make()
      const cleo = yield* sandbox.actor("cleo")
      const ownerId = id("ada")
      const archive = (name: string, type: ChannelType) =>
        Effect.gen(function* () {
          const thread = Threads.open(world, general, { name, ownerId, type })
          yield* TestClock.adjust("1 second")
          Threads.change(world, thread, ownerId, { archived: true })
          return thread
        })
      const names: Array<string> = []
      for (let n = 0; n < 51; n++) {
        names.push(`thread ${n}`)
        yield* archive(`thread ${n}`, ChannelType.PublicThread)
      }
      const hidden = yield* archive("hidden", ChannelType.PrivateThread)
      const threads = () =>
        Screen.place(sandbox, cleo.user).guilds.flatMap(({ channels }) =>
          channels.filter(({ parentId }) => parentId === general.id),
        )
      expect(threads().map(({ name }) => name)).toEqual(names.slice(1).toReversed())
      expect(threads().every(({ archived, closed }) => archived && closed === null)).toBe(true)
      expect(threads().map((one) => one.id)).not.toContain(hidden.id)
      const oldest = threads().at(-1)
      yield* cleo.say(oldest?.id ?? "", "again")
      expect(threads().find((one) => one.id === oldest?.id)).toMatchObject({ archived: false })
    }).pipe(Scene.provided),
  )

  it.scoped("says which tags a post was given, and who is in a private thread", () =>
    Effect.gen(function* () {
      const { call, general, guild, id, path, sandbox, world } = yield* Scene.make()
      const cleo = yield* sandbox.actor("cleo")
      const ownerId = cleo.user.id
      const made = yield* call("POST", `${path}/channels`, {
        name: "ideas",
        type: ChannelType.GuildForum,
        available_tags: [{ name: "new" }, { name: "done" }],
      })
      const forum = guild.channels.get(String(Scene.bodyOf(made)["id"]))
      const [, done] = forum?.forum?.tags ?? []
      const post = yield* cleo.post("ideas", { name: "an idea", content: "this", tags: [done?.id ?? ""] })
      const within = Threads.open(world, general, {
        name: "between",
        ownerId,
        type: ChannelType.PrivateThread,
      })
      const channels = Screen.place(sandbox, cleo.user).guilds.flatMap((one) => one.channels)
      const shown = (channelId: string) => channels.find((one) => one.id === channelId)
      expect(shown(post.id)?.tags).toEqual([{ id: done?.id, name: "done" }])
      expect(shown(forum?.id ?? "")?.tags.map(({ name }) => name)).toEqual(["new", "done"])
      expect(shown(within.id)?.memberIds).toContain(id("cleo"))
      expect(shown(general.id)?.memberIds).toBe(null)
    }).pipe(Scene.provided),
  )

  it.scoped("says where pictures are, as long as they are there", () =>
    Effect.gen(function* () {
      const { call, guild, path, sandbox, world } = yield* Scene.make()
      const cleo = yield* sandbox.actor("cleo")
      guild.settings.features = ["ROLE_ICONS"]
      const place = () => Screen.place(sandbox, cleo.user)
      const shown = () => ({
        guild: place().guilds[0]?.icon,
        bot: place().people.find(({ bot }) => bot)?.avatar,
        member: place().guilds[0]?.members.find(({ userId }) => userId === world.bot.id)?.avatar,
        roles: place().guilds[0]?.roles.flatMap(({ icon, name }) => (icon === null ? [] : [[name, icon]])),
      })
      expect(shown()).toEqual({ guild: null, bot: null, member: null, roles: [] })
      expect((yield* call("PATCH", path, { icon: image })).status).toBe(200)
      yield* call("PATCH", "/users/@me", { avatar: image })
      yield* call("PATCH", `${path}/members/@me`, { avatar: image })
      yield* call("POST", `${path}/roles`, { name: "Mate", icon: image })
      yield* call("POST", `${path}/roles`, { name: "Cook", unicode_emoji: "🍲" })
      const { bot, guild: icon, member, roles } = shown()
      const [mate, cook] = roles ?? []
      expect(cook).toEqual(["Cook", "🍲"])
      const all = [icon, bot, member, mate?.[1]]
      const folders = [`icons/${guild.id}`, `avatars/${world.bot.id}`]
      folders.push(`guilds/${guild.id}/users/${world.bot.id}/avatars`, "role-icons/\\d+")
      all.forEach((url, n) => expect(url).toMatch(new RegExp(`^/${folders[n]}/\\w+\\.png$`, "u")))
      for (const url of all)
        expect(Attachments.find(world, url ?? "")?.headers["content-type"]).toBe("image/png")
      world.uploads.clear()
      expect(shown()).toEqual({ guild: null, bot: null, member: null, roles: [["Cook", "🍲"]] })
    }).pipe(Scene.provided),
  )

  it.scoped("shows a webhook's message with its own picture, and none of another host", () =>
    Effect.gen(function* () {
      const { call, general, sandbox, world } = yield* Scene.make()
      const cleo = yield* sandbox.actor("cleo")
      const made = Scene.bodyOf(
        yield* call("POST", `/channels/${general.id}/webhooks`, { name: "Crier", avatar: image }),
      )
      const send = (body: object) => call("POST", `/webhooks/${made["id"]}/${made["token"]}`, body)
      const pictures = () =>
        Screen.history(world, cleo.user, general, null).messages.map(({ avatar }) => avatar)
      yield* send({ content: "its own" })
      yield* send({ content: "from here", avatar_url: `${world.origin}/embed/avatars/2.png` })
      yield* send({ content: "from elsewhere", avatar_url: "https://example.org/a.png" })
      const own = `/avatars/${made["id"]}/${made["avatar"]}.png`
      expect(pictures()).toEqual([own, "/embed/avatars/2.png", null])
      world.uploads.clear()
      expect(pictures()).toEqual([null, "/embed/avatars/2.png", null])
    }).pipe(Scene.provided),
  )
})
