import { describe, expect, it } from "@effect/vitest"
import {
  ActionRowBuilder,
  ApplicationCommandOptionType,
  ButtonBuilder,
  ButtonStyle,
  ChannelType,
  type ChatInputCommandInteraction,
  Events,
  GatewayIntentBits,
  type Interaction,
  MessageFlags,
  ModalBuilder,
  type TextChannel,
  TextInputBuilder,
  TextInputStyle,
} from "discord.js"
import { Effect, Fiber } from "effect"
import * as Guilds from "../../src/sandbox/world/Guilds.js"
import { Sandbox } from "../../src/sandbox/Sandbox.js"
import { Server } from "../../src/sandbox/Server.js"
import * as Stock from "./Stock.js"

const setUp = (options: Parameters<typeof Stock.login>[0] = {}) =>
  Effect.gen(function* () {
    const sandbox = yield* Sandbox
    const client = yield* Stock.login(options)
    const harbour = client.guilds.cache.find((guild) => guild.name === "Harbour")
    if (harbour === undefined) return yield* Effect.dieMessage("Harbour is not there")
    const general = harbour.channels.cache.find((channel) => channel.name === "general") as TextChannel
    const [ada, ben, cleo] = yield* Effect.all([
      sandbox.actor("ada"),
      sandbox.actor("ben"),
      sandbox.actor("cleo"),
    ])
    return { sandbox, client, harbour, general, ada, ben, cleo }
  })

/** Answers the next interaction with a promise of discord.js, which the scope waits for before it closes. */
const onInteraction = (
  client: Parameters<typeof Stock.event>[0],
  answer: (interaction: Interaction) => Promise<unknown>,
) =>
  Stock.event(client, Events.InteractionCreate).pipe(
    Effect.flatMap(([interaction]) => Stock.use(() => answer(interaction))),
    Effect.fork,
    Effect.tap((fiber) => Effect.addFinalizer(() => Fiber.join(fiber).pipe(Effect.orDie))),
    Effect.tap(() => Effect.yieldNow()),
  )

const slash =
  (answer: (interaction: ChatInputCommandInteraction<"cached">) => Promise<unknown>) =>
  async (interaction: Interaction) => {
    if (!interaction.isChatInputCommand() || !interaction.inCachedGuild())
      throw new Error("not a slash command in a cached guild")
    return answer(interaction)
  }

const code = <A>(run: () => Promise<A>) =>
  Effect.flip(Stock.use(run)).pipe(Effect.map(({ code: json, status }) => [status, json]))

describe("a stock discord.js client", () => {
  it.live("logs in, caches the guild, and fetches its members", () =>
    Effect.gen(function* () {
      const { client, harbour, sandbox } = yield* setUp()
      expect(client.user.username).toBe("Bosun")
      expect(harbour.channels.cache.map((channel) => channel.name)).toEqual(["general", "tryouts", "mod-log"])
      expect(harbour.members.cache.size).toBe(1)
      const members = yield* Stock.use(() => harbour.members.fetch())
      expect(members.map((member) => member.user.username).sort()).toEqual([
        "Bosun",
        "ada",
        "ben",
        "cleo",
        "dan",
      ])
      expect(harbour.members.me?.permissions.has("BanMembers")).toBe(true)
      expect(
        members
          .find((member) => member.user.username === "ben")
          ?.roles.cache.some((role) => role.name === "Moderator"),
      ).toBe(true)
      expect(sandbox.sessions()).toMatchObject([{ connected: true, shard: [0, 1] }])
    }).pipe(Effect.scoped, Effect.provide(Stock.layer())),
  )

  it.live("gets a message and answers it", () =>
    Effect.gen(function* () {
      const { ada, client } = yield* setUp()
      const replied = yield* Stock.event(client, Events.MessageCreate).pipe(
        Effect.flatMap(([message]) =>
          Stock.use(() =>
            message.reply({
              content: `You said ${message.content}`,
              allowedMentions: { repliedUser: false },
            }),
          ),
        ),
        Effect.fork,
      )
      yield* Effect.yieldNow()
      const sent = yield* ada.say("general", "ahoy")
      const answer = yield* ada.message("general", (message) => message.authorId === client.user.id)
      expect(answer.content).toBe("You said ahoy")
      expect(answer.reference?.messageId).toBe(sent.id)
      expect(answer.mentions).toEqual([])
      expect((yield* Fiber.join(replied)).id).toBe(answer.id)
    }).pipe(Effect.scoped, Effect.provide(Stock.layer())),
  )

  it.live("hides content without the intent, but not in direct messages", () =>
    Effect.gen(function* () {
      const { ada, client } = yield* setUp({
        intents: [
          GatewayIntentBits.Guilds,
          GatewayIntentBits.GuildMessages,
          GatewayIntentBits.DirectMessages,
        ],
        partials: [1],
      })
      const seen: Array<string> = []
      client.on(Events.MessageCreate, (message) => void seen.push(message.content))
      const last = yield* Effect.fork(
        Stock.event(client, Events.MessageCreate, (message) => message.content === "direct"),
      )
      yield* Effect.yieldNow()
      yield* ada.say("general", "secret")
      yield* ada.say("general", `<@${client.user.id}> hi`)
      yield* ada.say("dm", "direct")
      yield* Fiber.join(last)
      expect(seen).toEqual(["", `<@${client.user.id}> hi`, "direct"])
    }).pipe(Effect.scoped, Effect.provide(Stock.layer())),
  )

  it.live("answers a slash command with every kind of option", () =>
    Effect.gen(function* () {
      const { ada, client, cleo, harbour } = yield* setUp()
      yield* Stock.use(() =>
        harbour.commands.set([
          {
            name: "mix",
            description: "Mixes",
            options: [
              {
                type: ApplicationCommandOptionType.Subcommand,
                name: "all",
                description: "All of it",
                options: [
                  {
                    type: ApplicationCommandOptionType.User,
                    name: "who",
                    description: "Who",
                    required: true,
                  },
                  { type: ApplicationCommandOptionType.Channel, name: "where", description: "Where" },
                  {
                    type: ApplicationCommandOptionType.Integer,
                    name: "many",
                    description: "Many",
                    minValue: 1,
                    maxValue: 5,
                  },
                  { type: ApplicationCommandOptionType.Attachment, name: "file", description: "A file" },
                ],
              },
            ],
          },
        ]),
      )
      yield* onInteraction(
        client,
        slash(async (interaction) => {
          const { options } = interaction
          const file = options.getAttachment("file", true)
          const text = await (await fetch(file.url)).text()
          return interaction.reply(
            `${options.getSubcommand()} ${options.getMember("who")?.displayName} ${options.getChannel("where", true).name} ${options.getInteger("many")} ${text} ${interaction.memberPermissions.has("Administrator")}`,
          )
        }),
      )
      const turn = yield* ada.slash("general", "mix all", {
        who: "cleo",
        where: "#tryouts",
        many: "3",
        file: { name: "a.txt", bytes: new TextEncoder().encode("cargo") },
      })
      const state = yield* turn.settled
      expect(state).toMatchObject({
        _tag: "Responded",
        messages: [{ content: "all Cleo tryouts 3 cargo true", type: 20 }],
      })
      const refused = yield* Effect.flip(cleo.slash("general", "mix all", { who: "cleo", many: 9 }))
      expect(refused).toMatchObject({
        _tag: "InvalidInput",
        problem: "OutOfBounds",
        accepted: "a whole number from 1 up to 5",
      })
    }).pipe(Effect.scoped, Effect.provide(Stock.layer())),
  )

  it.live("defers, edits, and follows up for one person's eyes only", () =>
    Effect.gen(function* () {
      const { ada, ben, client, harbour } = yield* setUp()
      yield* Stock.use(() => harbour.commands.set([{ name: "slow", description: "Slow" }]))
      const done = yield* onInteraction(
        client,
        slash(async (interaction) => {
          await interaction.deferReply()
          const loading = await interaction.fetchReply()
          if (!loading.flags.has(MessageFlags.Loading)) throw new Error("not loading")
          await interaction.editReply("done")
          await interaction.followUp({ content: "psst", flags: MessageFlags.Ephemeral })
        }),
      )
      const turn = yield* ada.slash("general", "slow")
      expect((yield* turn.settled)._tag).toBe("Responded")
      yield* Fiber.join(done)
      const messages = yield* ada.history("general")
      expect(messages.map((message) => message.content)).toEqual(["done", "psst"])
      expect((yield* ben.history("general")).map((message) => message.content)).toEqual(["done"])
    }).pipe(Effect.scoped, Effect.provide(Stock.layer())),
  )

  it.live("shows a button, a modal, and takes its answer", () =>
    Effect.gen(function* () {
      const { ada, client, general } = yield* setUp()
      const button = new ButtonBuilder().setCustomId("open").setLabel("Open").setStyle(ButtonStyle.Primary)
      const message = yield* Stock.use(() =>
        general.send({
          content: "Form?",
          components: [new ActionRowBuilder<ButtonBuilder>().addComponents(button)],
        }),
      )
      yield* onInteraction(client, async (interaction) => {
        if (!interaction.isButton()) throw new Error("not a button")
        const field = new TextInputBuilder()
          .setCustomId("name")
          .setLabel("Name")
          .setStyle(TextInputStyle.Short)
        await interaction.showModal(
          new ModalBuilder()
            .setCustomId("form")
            .setTitle("Who are you?")
            .addComponents(new ActionRowBuilder<TextInputBuilder>().addComponents(field)),
        )
      })
      const pressed = yield* ada.press(message.id, "Open")
      const shown = yield* pressed.settled
      if (shown._tag !== "ModalShown") return yield* Effect.dieMessage(`No modal but ${shown._tag}`)
      yield* onInteraction(client, async (interaction) => {
        if (!interaction.isModalSubmit() || !interaction.isFromMessage())
          throw new Error("not a modal from a message")
        await interaction.update(`Hello ${interaction.fields.getTextInputValue("name")}`)
      })
      const submitted = yield* ada.submit(shown.modal, { name: "Ada L." })
      expect(yield* submitted.settled).toMatchObject({
        _tag: "Responded",
        messages: [{ id: message.id, content: "Hello Ada L." }],
      })
    }).pipe(Effect.scoped, Effect.provide(Stock.layer())),
  )

  it.live("keeps a private thread, its members, messages and end in its caches", () =>
    Effect.gen(function* () {
      const { ada, ben, client, cleo, general, harbour } = yield* setUp()
      const thread = yield* Stock.use(() =>
        general.threads.create({
          name: "Try-out of Cleo",
          type: ChannelType.PrivateThread,
          invitable: false,
        }),
      )
      expect([thread.joined, thread.parentId, thread.sendable]).toEqual([true, general.id, true])
      const added = yield* Effect.fork(Stock.event(client, Events.ThreadMembersUpdate))
      yield* Effect.yieldNow()
      yield* Stock.use(() => thread.members.add(cleo.user.id))
      yield* Fiber.join(added)
      expect([...(yield* Stock.use(() => thread.members.fetch())).keys()].sort()).toEqual(
        [client.user.id, cleo.user.id].sort(),
      )
      const heard = yield* Effect.fork(
        Stock.event(client, Events.MessageCreate, ({ author }) => author.id === cleo.user.id),
      )
      yield* Effect.yieldNow()
      yield* cleo.say("#try-out-of-cleo", "here I am")
      const [message] = yield* Fiber.join(heard)
      expect([message.content, message.channel.id]).toEqual(["here I am", thread.id])
      yield* Stock.use(() => message.reply("welcome"))
      expect((yield* cleo.history(thread.id)).at(-1)).toMatchObject({ content: "welcome", type: 19 })
      expect((yield* Effect.flip(ben.history(thread.id)))._tag).toBe("NotFound")
      yield* Stock.use((): Promise<unknown> => thread.setArchived(true))
      const active = yield* Stock.use(() => harbour.channels.fetchActiveThreads())
      expect(active.threads.size).toBe(0)
      const gone = yield* Effect.fork(Stock.event(client, Events.ThreadDelete))
      yield* Effect.yieldNow()
      yield* Stock.use((): Promise<unknown> => thread.delete())
      expect((yield* Fiber.join(gone))[0].id).toBe(thread.id)
      yield* ada.closeDms(true)
      expect(yield* code(() => client.users.send(ada.user.id, "hello?"))).toEqual([403, 50007])
    }).pipe(Effect.scoped, Effect.provide(Stock.layer())),
  )

  it.live("completes an option, and runs menu commands", () =>
    Effect.gen(function* () {
      const { ada, client, harbour } = yield* setUp()
      yield* Stock.use(() =>
        harbour.commands.set([
          {
            name: "find",
            description: "Finds",
            options: [
              {
                type: ApplicationCommandOptionType.String,
                name: "what",
                description: "What",
                autocomplete: true,
              },
            ],
          },
          { name: "Inspect", type: 2 },
          { name: "Quote", type: 3 },
        ]),
      )
      yield* onInteraction(client, async (interaction) => {
        if (interaction.isAutocomplete())
          await interaction.respond([{ name: "Boat", value: interaction.options.getFocused() }])
      })
      const typed = yield* ada.autocomplete("general", "find", "what", { what: "bo" })
      expect(yield* typed.settled).toEqual({ _tag: "ChoicesShown", choices: [{ name: "Boat", value: "bo" }] })
      yield* onInteraction(client, async (interaction) => {
        if (interaction.isUserContextMenuCommand()) await interaction.reply(interaction.targetUser.username)
      })
      const inspected = yield* ada.userMenu("general", "Inspect", "@ben")
      expect(yield* inspected.settled).toMatchObject({ messages: [{ content: "ben", type: 23 }] })
      const said = yield* ada.say("general", "words")
      yield* onInteraction(client, async (interaction) => {
        if (interaction.isMessageContextMenuCommand())
          await interaction.reply(interaction.targetMessage.content)
      })
      const quoted = yield* ada.messageMenu("Quote", said.id)
      expect(yield* quoted.settled).toMatchObject({ messages: [{ content: "words" }] })
    }).pipe(Effect.scoped, Effect.provide(Stock.layer())),
  )

  it.live("resumes after a dropped socket with the events of the gap", () =>
    Effect.gen(function* () {
      const { ada, client, sandbox } = yield* setUp()
      const seen: Array<string> = []
      client.on(Events.MessageCreate, (message) => void seen.push(message.content))
      const before = sandbox.sessions()[0]?.id
      const resumed = yield* Effect.fork(Stock.event(client, Events.ShardResume))
      yield* Effect.yieldNow()
      sandbox.faults.dropSockets()
      yield* ada.say("general", "one")
      yield* ada.say("general", "two")
      const [, replayed] = yield* Fiber.join(resumed)
      expect(replayed).toBe(2)
      expect(seen).toEqual(["one", "two"])
      expect(sandbox.sessions().map((session) => session.id)).toEqual([before])
    }).pipe(Effect.scoped, Effect.provide(Stock.layer())),
  )

  it.live("identifies anew after op 9 false", () =>
    Effect.gen(function* () {
      const { client, sandbox } = yield* setUp()
      const before = sandbox.sessions()[0]?.id
      const again = yield* Effect.fork(Stock.event(client, Events.ShardReady))
      yield* Effect.yieldNow()
      sandbox.faults.invalidateSessions(false)
      yield* Fiber.join(again)
      expect(sandbox.sessions()).toHaveLength(1)
      expect(sandbox.sessions()[0]?.id).not.toBe(before)
    }).pipe(Effect.scoped, Effect.provide(Stock.layer())),
  )

  it.live("is refused as Discord would", () =>
    Effect.gen(function* () {
      const { ada, client, general, harbour, sandbox } = yield* setUp()
      expect(yield* code(() => harbour.members.ban(ada.user.id))).toEqual([403, 50013])
      expect(yield* code(() => harbour.members.fetch("100000000000000001"))).toEqual([404, 10013])
      expect(yield* code(() => general.send(""))).toEqual([400, 50006])
      const form = yield* Effect.flip(Stock.use(() => general.send("x".repeat(2001))))
      expect(form.rawError).toEqual({
        code: 50035,
        message: "Invalid Form Body",
        errors: {
          content: {
            _errors: [{ code: "BASE_TYPE_MAX_LENGTH", message: "Must be 2000 or fewer in length." }],
          },
        },
      })
      const guild = sandbox.world.guild(harbour.id)
      Guilds.setOverwrite(sandbox.world, sandbox.world.channel(general.id), {
        id: guild.id,
        type: 0,
        allow: 0n,
        deny: 1n << 10n,
      })
      expect(yield* code(() => general.send("hidden"))).toEqual([403, 50001])
      expect(yield* code(() => client.rest.get("/nothing/like/this"))).toEqual([501, undefined])
    }).pipe(Effect.scoped, Effect.provide(Stock.layer())),
  )

  it.live("is not let in with the wrong token or intents", () =>
    Effect.gen(function* () {
      const { url } = yield* Server
      const refused = yield* Effect.flip(Stock.login({}, "wrong"))
      expect(refused).toMatchObject({ code: "TokenInvalid" })
      const answer = yield* Effect.promise(() => fetch(`${url}/v10/users/@me`))
      expect(answer.status).toBe(401)
      const disallowed = yield* Effect.flip(Stock.login({}, "right"))
      expect(disallowed.reason).toContain("disallowed intents")
    }).pipe(
      Effect.scoped,
      Effect.provide(Stock.layer({ token: "right", privilegedIntents: { messageContent: false } })),
    ),
  )

  it.live("meets rate limits in their headers and as 429", () =>
    Effect.gen(function* () {
      const { general } = yield* setUp()
      const { url } = yield* Server
      const send = Effect.promise(() =>
        fetch(`${url}/v10/channels/${general.id}/messages`, {
          method: "POST",
          headers: { authorization: "Bot any", "content-type": "application/json" },
          body: JSON.stringify({ content: "x" }),
        }),
      )
      const answers = yield* Effect.all(Array.from({ length: 6 }, () => send))
      expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200, 200, 429])
      expect(answers.map((answer) => answer.headers.get("x-ratelimit-remaining"))).toEqual([
        "4",
        "3",
        "2",
        "1",
        "0",
        "0",
      ])
      const body = yield* Effect.promise(() => (answers[5] as Response).json())
      expect(body).toMatchObject({ global: false, message: "You are being rate limited." })
      expect(Number(answers[5]?.headers.get("retry-after"))).toBeGreaterThan(0)
    }).pipe(Effect.scoped, Effect.provide(Stock.layer())),
  )
})
