/**
 * Welcomes new members: a message, roles, and a note in the mod log. `/welcome set`, `test` and `off`.
 *
 * Joins come with the Server Members Intent alone (`GuildMembers`): the bot has to ask for it, and it has to be
 * switched on at Discord's developer page. Without it the commands work, and say that nobody will be welcomed.
 *
 * @module
 */
import { ChannelType, GatewayIntentBits, PermissionFlagsBits } from "discord-api-types/v10"
import { type GuildMember, IntentsBitField, type Role } from "discord.js"
import { Effect, Layer } from "effect"
import * as Command from "../../command/Command.js"
import * as Param from "../../command/Param.js"
import { Client } from "../../discord/Client.js"
import * as Listener from "../../discord/Listener.js"
import * as Reply from "../../interaction/Reply.js"
import { Stored } from "../guild/Stored.js"
import * as Check from "./Check.js"
import * as Greeting from "./Greeting.js"
import { type Welcome, WelcomeStore } from "./Store.js"
import * as Template from "./Template.js"
import { WelcomeOff } from "./WelcomeError.js"

const set = Command.make(
  "set",
  {
    description: "Says how new members are welcomed",
    in: "guild",
    ephemeral: true,
    permissions: PermissionFlagsBits.ManageGuild,
    params: {
      channel: Param.channel("Where the message is posted", {
        types: [ChannelType.GuildText, ChannelType.GuildAnnouncement],
      }),
      message: Param.string("With {member}, {server} and {count} in it; \\n begins a new line", {
        min: 1,
        max: 2_000,
      }),
      role: Param.optional(Param.role("What new members are given")),
      role_2: Param.optional(Param.role("Another role")),
      role_3: Param.optional(Param.role("And another")),
    },
  },
  Effect.fnUntraced(function* ({ channel, message, role, role_2, role_3 }, { guild, guildId, member }) {
    const text = yield* Template.parse(message)
    const roles = unique([role, role_2, role_3])
    yield* Check.channel(channel, guild)
    for (const one of roles) yield* Check.role(one, guild, member)
    const welcome: Welcome = { channelId: channel.id, message: text, roleIds: roles.map(({ id }) => id) }
    const store = yield* WelcomeStore
    yield* store.set(guildId, welcome)
    const given = roles.length === 0 ? "" : ` and get ${roles.map(({ id }) => `<@&${id}>`).join(" ")}`
    const { content = "" } = Greeting.messageOf(member, welcome)
    return Reply.ephemeral(
      Reply.make({
        content: [`New members are welcomed in <#${channel.id}>${given}.`, ...(yield* caveat)].join("\n"),
        embeds: [{ title: "What it looks like", description: content }],
      }),
    )
  }),
)

const unique = (given: ReadonlyArray<Role | undefined>): ReadonlyArray<Role> => [
  ...new Map(given.flatMap((role) => (role === undefined ? [] : [[role.id, role] as const]))).values(),
]

const test = Command.make(
  "test",
  {
    description: "Welcomes you, as if you had just joined",
    in: "guild",
    ephemeral: true,
    permissions: PermissionFlagsBits.ManageGuild,
  },
  Effect.fnUntraced(function* (_, { guildId, member }) {
    const store = yield* WelcomeStore
    const welcome = (yield* store.of(guildId)) ?? (yield* new WelcomeOff())
    const parts = yield* Greeting.greet(member, welcome)
    return Reply.ephemeral(
      Reply.text(
        [
          ...parts.map(({ name, ok, text }) => `${ok ? "✓" : "✗"} The ${name}: ${text}`),
          ...(yield* caveat),
        ].join("\n"),
      ),
    )
  }),
)

const off = Command.make(
  "off",
  {
    description: "Welcomes nobody any more",
    in: "guild",
    ephemeral: true,
    permissions: PermissionFlagsBits.ManageGuild,
  },
  Effect.fnUntraced(function* (_, { guildId }) {
    const store = yield* WelcomeStore
    if (!(yield* store.off(guildId))) return yield* new WelcomeOff()
    return Reply.ephemeral(Reply.text("New members are not welcomed any more."))
  }),
)

/** What is said where the bot does not hear of joins. */
const caveat = Effect.map(Client, ({ discordJs }): ReadonlyArray<string> =>
  new IntentsBitField(discordJs.options.intents).has(GatewayIntentBits.GuildMembers)
    ? []
    : [
        "But I do not hear of new members, so nobody will be welcomed: the Server Members Intent has to be switched on at Discord's developer page (Applications → your app → Bot → Privileged Gateway Intents), and I have to be started again.",
      ],
)

const joined = (member: GuildMember) =>
  Effect.gen(function* () {
    const store = yield* WelcomeStore
    const welcome = yield* store.of(member.guild.id)
    if (welcome !== undefined) yield* Greeting.greet(member, welcome)
  })

/** Of people it keeps nothing. */
const kept = Layer.scopedDiscard(
  Effect.gen(function* () {
    const store = yield* WelcomeStore
    yield* (yield* Stored).register({
      name: "welcome",
      exportUser: () => Effect.succeed([]),
      eraseUser: () => Effect.succeed({ erased: 0 }),
      forgetGuild: (guildId) => Effect.asVoid(store.off(guildId)),
      guilds: store.guilds,
    })
  }),
)

const group = Command.group("welcome", { description: "How new members are welcomed" }, [set, test, off])

/** Needs `Store.layer`, or another `WelcomeStore`. */
export const layer = Layer.mergeAll(
  Command.layer(group),
  Listener.layer("guildMemberAdd", joined, { name: "welcome" }),
  kept,
)
