import { describe, expect, it } from "@effect/vitest"
import {
  type ButtonInteraction,
  ButtonStyle,
  ChannelType,
  type Client,
  ComponentType,
  Events,
  type Guild,
  type TextChannel,
} from "discord.js"
import { Effect, Fiber } from "effect"
import { Sandbox } from "../../src/sandbox/Sandbox.js"
import { Server } from "../../src/sandbox/Server.js"
import { png } from "./Harbour.js"
import * as Stock from "./Stock.js"

const setUp = Effect.gen(function* () {
  const sandbox = yield* Sandbox
  const client: Client<true> = yield* Stock.login()
  const guild = client.guilds.cache.find(({ name }) => name === "Harbour") as Guild
  const general = guild.channels.cache.find(({ name }) => name === "general") as TextChannel
  const forum = yield* Stock.use(() =>
    guild.channels.create({ name: "help", type: ChannelType.GuildForum, availableTags: [{ name: "sail" }] }),
  )
  return { sandbox, client, guild, general, forum, tag: forum.availableTags[0]?.id ?? "" }
})

const row = (name: string) => ({
  type: ComponentType.ActionRow as const,
  components: [
    { type: ComponentType.Button as const, style: ButtonStyle.Primary as const, label: name, customId: name },
  ],
})

const code = <A>(run: () => Promise<A>) =>
  Effect.flip(Stock.use(run)).pipe(Effect.map(({ code: json, status }) => [status, json]))

describe("a stock discord.js client", () => {
  it.live("names itself, leaves a thread and joins it again", () =>
    Effect.gen(function* () {
      const { client, general, guild } = yield* setUp
      expect((yield* Stock.use(() => guild.members.editMe({ nick: "Bo" }))).nickname).toBe("Bo")
      const thread = yield* Stock.use(() => general.threads.create({ name: "Deck" }))
      const members = () => Stock.use(() => thread.members.fetch())
      yield* Stock.use((): Promise<unknown> => thread.leave())
      expect((yield* members()).size).toBe(0)
      yield* Stock.use((): Promise<unknown> => thread.join())
      expect([...(yield* members()).keys()]).toEqual([client.user.id])
      expect(yield* code(() => guild.voiceStates.fetch("@me"))).toEqual([404, 10065])
    }).pipe(Effect.scoped, Effect.provide(Stock.layer())),
  )

  it.live("counts and places the messages of threads and posts", () =>
    Effect.gen(function* () {
      const { forum, general, tag } = yield* setUp
      const post = yield* Stock.use(() =>
        forum.threads.create({ name: "Leak", message: { content: "Help!" }, appliedTags: [tag] }),
      )
      expect([post.messageCount, post.totalMessageSent, post.appliedTags]).toEqual([0, 0, [tag]])
      expect((yield* Stock.use(() => post.fetchStarterMessage()))?.position).toBe(0)
      expect((yield* Stock.use(() => post.send("one"))).position).toBe(1)
      const second = yield* Stock.use(() => post.send("two"))
      const pinned = yield* Stock.use(() => second.pin())
      const notice = (yield* Stock.use(() => pinned.channel.messages.fetch({ limit: 1 }))).first()
      yield* Stock.use(() => notice?.delete() ?? Promise.reject(new Error("no notice of the pin")))
      const now = yield* Stock.use(() => post.fetch(true))
      expect([now?.messageCount, now?.totalMessageSent]).toEqual([2, 2])
      yield* Stock.use(() => second.delete())
      const then = yield* Stock.use(() => post.fetch(true))
      expect([then?.messageCount, then?.totalMessageSent]).toEqual([1, 2])
      expect((yield* Stock.use(() => general.send("elsewhere"))).position).toBeNull()
    }).pipe(Effect.scoped, Effect.provide(Stock.layer())),
  )

  it.live("starts a post with tags by a webhook", () =>
    Effect.gen(function* () {
      const { forum, tag } = yield* setUp
      const webhook = yield* Stock.use(() => forum.createWebhook({ name: "Crier" }))
      const post = (appliedTags: ReadonlyArray<string>) =>
        webhook.send({ content: "Oyez", threadName: "News", appliedTags: [...appliedTags] })
      const { channelId } = yield* Stock.use(() => post([tag]))
      expect((yield* Stock.use(() => forum.threads.fetch(channelId)))?.appliedTags).toEqual([tag])
      expect(yield* code(() => post(["1"]))).toEqual([404, 10087])
    }).pipe(Effect.scoped, Effect.provide(Stock.layer())),
  )

  it.live("takes the embeds from another's message, and nothing else", () =>
    Effect.gen(function* () {
      const { general, sandbox } = yield* setUp
      const ada = yield* sandbox.actor("ada")
      const said = yield* ada.say("general", "look: https://example.com")
      const message = yield* Stock.use(() => general.messages.fetch(said.id))
      expect((yield* Stock.use(() => message.suppressEmbeds(true))).flags.bitfield).toBe(4)
      expect(yield* code(() => general.messages.edit(said.id, { content: "mine" }))).toEqual([403, 50005])
      expect(yield* code(() => general.messages.edit(said.id, { flags: 4, content: "mine" }))).toEqual([
        403, 50005,
      ])
    }).pipe(Effect.scoped, Effect.provide(Stock.layer())),
  )

  it.live("finds a spoiler by its name", () =>
    Effect.gen(function* () {
      const { general } = yield* setUp
      const file = (name: string) => ({ attachment: Buffer.from("x"), name })
      const sent = yield* Stock.use(() =>
        general.send({ files: [file("SPOILER_end.txt"), file("start.txt")] }),
      )
      expect(sent.attachments.map(({ spoiler }) => spoiler)).toEqual([true, false])
    }).pipe(Effect.scoped, Effect.provide(Stock.layer())),
  )

  it.live("shows the pictures that it sets, from the CDN that it is told of", () =>
    Effect.gen(function* () {
      const { url } = yield* Server
      const { origin } = new URL(url)
      const client = yield* Stock.login({ rest: { api: url, cdn: origin } })
      const guild = client.guilds.cache.find(({ name }) => name === "Harbour") as Guild
      const picture = Buffer.from(png(64, 64))
      const shown = (address: string | null | undefined) =>
        Effect.promise(async () => Buffer.from(await (await fetch(address ?? "")).arrayBuffer()))
      yield* Stock.use(() => guild.setIcon(picture))
      expect(guild.iconURL()).toMatch(`${origin}/icons/${guild.id}/`)
      expect(yield* shown(guild.iconURL())).toEqual(picture)
      yield* Stock.use(() => client.user.setAvatar(picture))
      expect(yield* shown(client.user.avatarURL({ size: 64 }))).toEqual(picture)
      const me = yield* Stock.use(() => guild.members.editMe({ avatar: picture }))
      expect(yield* shown(me.avatarURL({ extension: "png" }))).toEqual(picture)
    }).pipe(Effect.scoped, Effect.provide(Stock.layer())),
  )

  it.live("makes a sticker, sends it, renames it and deletes it", () =>
    Effect.gen(function* () {
      const { general, guild } = yield* setUp
      const file = { attachment: Buffer.from(png(320, 320)), name: "anchor.png" }
      const made = yield* Stock.use(() => guild.stickers.create({ file, name: "anchor", tags: "anchor" }))
      expect([made.name, made.format, made.tags]).toEqual(["anchor", 1, "anchor"])
      const sent = yield* Stock.use(() => general.send({ stickers: [made] }))
      expect(sent.stickers.map(({ id, name }) => [id, name])).toEqual([[made.id, "anchor"]])
      expect((yield* Stock.use(() => made.edit({ name: "kedge" }))).name).toBe("kedge")
      yield* Stock.use((): Promise<unknown> => made.delete())
      expect((yield* Stock.use(() => guild.stickers.fetch())).size).toBe(0)
    }).pipe(Effect.scoped, Effect.provide(Stock.layer())),
  )

  it.live("sets up a widget, a welcome screen and an onboarding, and looks at them", () =>
    Effect.gen(function* () {
      const { client, general, guild, sandbox } = yield* setUp
      yield* Stock.use(() => guild.setWidgetSettings({ enabled: true, channel: general }))
      expect((yield* Stock.use(() => guild.fetchWidgetSettings())).channel?.id).toBe(general.id)
      expect((yield* Stock.use(() => client.fetchGuildWidget(guild.id))).name).toBe("Harbour")
      sandbox.world.guild(guild.id).settings.features = ["COMMUNITY"]
      const welcomeChannels = [{ channel: general, description: "Talk", emoji: "⚓" }]
      yield* Stock.use(() => guild.editWelcomeScreen({ enabled: true, description: "Ahoy", welcomeChannels }))
      const shown = yield* Stock.use(() => guild.fetchWelcomeScreen())
      expect([
        shown.description,
        shown.welcomeChannels.map(({ channelId, emoji }) => [channelId, emoji.name]),
      ]).toEqual(["Ahoy", [[general.id, "⚓"]]])
      const options = [{ title: "Deck", channels: [general], emoji: "⚓" }]
      const prompts = [{ title: "Where to?", options }]
      yield* Stock.use(() => guild.editOnboarding({ prompts, defaultChannels: [general] }))
      const { defaultChannels, prompts: asked } = yield* Stock.use(() => guild.fetchOnboarding())
      expect([...defaultChannels.keys()]).toEqual([general.id])
      expect(asked.map(({ options: each, title }) => [title, each.map((one) => one.emoji?.name)])).toEqual([
        ["Where to?", ["⚓"]],
      ])
    }).pipe(Effect.scoped, Effect.provide(Stock.layer())),
  )

  it.live("is refused what takes boosts on a role", () =>
    Effect.gen(function* () {
      const { guild, sandbox } = yield* setUp
      const icon = Buffer.from(png(64, 64))
      expect(yield* code(() => guild.roles.create({ icon }))).toEqual([403, 50101])
      const colors = { primaryColor: 1, secondaryColor: 2 } as const
      expect(yield* code(() => guild.roles.create({ colors }))).toEqual([403, 50101])
      sandbox.world.guild(guild.id).settings.features = ["ENHANCED_ROLE_COLORS"]
      expect((yield* Stock.use(() => guild.roles.create({ colors }))).colors).toMatchObject(colors)
      expect(yield* code(() => guild.roles.create({ colors: { ...colors, tertiaryColor: 3 } }))).toEqual([
        400, 670008,
      ])
    }).pipe(Effect.scoped, Effect.provide(Stock.layer())),
  )

  it.live("answers in a poll, under the message whose button was pressed, and follows up under that", () =>
    Effect.gen(function* () {
      const { client, general, sandbox } = yield* setUp
      const ada = yield* sandbox.actor("ada")
      const shown = yield* Stock.use(() =>
        general.send({ content: "Vote?", components: [row("vote"), row("talk")] }),
      )
      const pressed = (label: string, answer: (interaction: ButtonInteraction) => Promise<unknown>) =>
        Effect.gen(function* () {
          const heard = yield* Stock.event(client, Events.InteractionCreate).pipe(
            Effect.flatMap(([interaction]) => Stock.use(() => answer(interaction as ButtonInteraction))),
            Effect.fork,
          )
          yield* Effect.yieldNow()
          yield* ada.press(shown.id, label)
          yield* Fiber.join(heard)
          return yield* ada.history("general")
        })
      const poll = { question: { text: "Where to?" }, answers: [{ text: "North" }], duration: 1 }
      const asked = yield* pressed("vote", async (interaction) => {
        await interaction.deferReply()
        await interaction.editReply({ poll: { ...poll, allowMultiselect: false } })
      })
      expect(asked.at(-1)).toMatchObject({
        type: 19,
        reference: { messageId: shown.id },
        mentions: [],
        poll: { question: "Where to?", ended: false },
      })
      const said = yield* pressed("talk", async (interaction) => {
        await interaction.reply("first")
        await interaction.followUp("second")
      })
      expect(said.slice(-2)).toMatchObject([
        { content: "first", type: 19, reference: { messageId: shown.id } },
        { content: "second", type: 19, reference: { messageId: said.at(-2)?.id } },
      ])
    }).pipe(Effect.scoped, Effect.provide(Stock.layer())),
  )
})
