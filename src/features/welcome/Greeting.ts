/**
 * Welcomes one member: the message, the roles and the note in the mod log at the same time, each to its own end.
 *
 * What fails is said in the log and, where there is one, in the mod log. Bots are noted, and no more.
 *
 * @module
 */
import { ChannelType } from "discord-api-types/v10"
import type { Guild, GuildMember } from "discord.js"
import { Cause, Effect, Exit, Option } from "effect"
import type { RestError } from "../../DiscordError.js"
import { Discord } from "../../discord/Discord.js"
import * as Md from "../../interaction/Md.js"
import { timestampOf } from "../../interaction/Snowflake.js"
import * as Reply from "../../interaction/Reply.js"
import * as Group from "../../supervise/Group.js"
import type { Supervisor } from "../../supervise/Supervisor.js"
import { GuildSettings } from "../guild/GuildSettings.js"
import * as Check from "./Check.js"
import type { Welcome } from "./Store.js"
import * as Template from "./Template.js"
import { RolesNotGiven } from "./WelcomeError.js"

/** What became of a part. */
export interface Part {
  readonly name: "message" | "roles" | "note"
  readonly ok: boolean
  /** What a manager is told: Markdown. */
  readonly text: string
}

/** Never fails; interruption ends what is under way. */
export const greet: (
  member: GuildMember,
  welcome: Welcome,
) => Effect.Effect<ReadonlyArray<Part>, never, Discord | GuildSettings | Supervisor> = Effect.fnUntraced(
  function* (member, welcome) {
    const { bot } = member.user
    const modLog = yield* modLogOf(member.guild)
    const { message, note, roles } = yield* Group.collect({
      message: bot ? Effect.succeed("bots get none") : send(member, welcome),
      roles: bot ? Effect.succeed("bots get none") : give(member, welcome.roleIds),
      note: enter(member, modLog),
    })
    const parts = [yield* part("message", message), yield* part("roles", roles), yield* part("note", note)]
    const failed = parts.filter(({ ok }) => !ok)
    if (failed.length > 0) yield* report(member, failed, modLog)
    return parts
  },
)

/** The message that a member gets. It notifies them, and nobody else. */
export const messageOf = ({ guild, id }: GuildMember, { message }: Pick<Welcome, "message">): Reply.Message =>
  Reply.mentioning(
    Reply.text(Template.render(message, { memberId: id, server: guild.name, count: guild.memberCount })),
    { users: [id] },
  )

const send = (member: GuildMember, welcome: Welcome) =>
  Effect.gen(function* () {
    const discord = yield* Discord
    yield* discord.send(welcome.channelId, messageOf(member, welcome))
    return `sent in <#${welcome.channelId}>`
  })

const give = ({ guild, id }: GuildMember, roleIds: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const discord = yield* Discord
    const ends = yield* Effect.forEach(
      roleIds,
      (roleId) => {
        const role = guild.roles.cache.get(roleId)
        // It may have become so since `/welcome set`.
        if (role !== undefined && Check.isPowerful(role))
          return Effect.succeed([{ roleId, reason: POWERFUL }])
        return Effect.match(discord.addRole(guild.id, id, roleId, "Welcomed"), {
          onSuccess: () => [],
          onFailure: ({ userText }) => [{ roleId, reason: userText }],
        })
      },
      { concurrency: "unbounded" },
    )
    const missing = ends.flat()
    if (missing.length > 0) return yield* new RolesNotGiven({ missing })
    return roleIds.length === 0 ? "there are none to give" : roleIds.map((id) => `<@&${id}>`).join(" ")
  })

const POWERFUL = "It lets people moderate or manage the server by now, so I give it to nobody who joins."

const enter = ({ guild, id, user }: GuildMember, modLog: string | undefined) =>
  Effect.gen(function* () {
    if (modLog === undefined) return "there is no channel for it"
    const discord = yield* Discord
    yield* discord.send(
      modLog,
      Reply.text(
        Md.text`${Md.user(id)} (${user.username}, ${id}) has joined: member ${guild.memberCount}, account made ${Md.time(timestampOf(id), "R")}.`,
      ),
    )
    return `entered in <#${modLog}>`
  })

/** The channel that the server has set for it, or else its channel `mod-log`; undefined where there is neither. */
const modLogOf = (guild: Guild) =>
  Effect.gen(function* () {
    const settings = yield* GuildSettings
    const { modLogId } = yield* settings.of(guild.id)
    return (
      modLogId ??
      guild.channels.cache.find(({ name, type }) => name === "mod-log" && type === ChannelType.GuildText)?.id
    )
  }).pipe(
    Effect.catchAllDefect((defect) =>
      Effect.as(Effect.logError("The settings of the server could not be read", defect), undefined),
    ),
  )

const part = <E extends RestError | RolesNotGiven>(name: Part["name"], exit: Exit.Exit<string, E>) =>
  Exit.match(exit, {
    onSuccess: (text) => Effect.succeed<Part>({ name, ok: true, text }),
    onFailure: (cause) =>
      Option.match(Cause.failureOption(cause), {
        onSome: ({ userText }) => Effect.succeed<Part>({ name, ok: false, text: userText }),
        onNone: () =>
          Effect.as(Effect.logError(`The ${name} of a welcome failed`, cause), {
            name,
            ok: false,
            text: "It could not be done, and the log says why.",
          }),
      }),
  })

/** Says in the log and in the mod log what did not work. */
const report = Effect.fnUntraced(function* (
  { guild, id }: GuildMember,
  failed: ReadonlyArray<Part>,
  modLog: string | undefined,
) {
  const texts = failed.map(({ name, text }) => `the ${name}: ${text}`)
  yield* Effect.logWarning(`Member ${id} of ${guild.id} was not welcomed in full: ${texts.join(" ")}`)
  if (modLog === undefined) return
  const discord = yield* Discord
  yield* discord
    .send(
      modLog,
      Reply.text(Md.cut(`${Md.user(id).markdown} was not welcomed in full. ${texts.join(" ")}`, 2_000)),
    )
    .pipe(
      Effect.catchAll((error) =>
        Effect.logWarning(`That could not be said in the mod log: ${error.message}`),
      ),
    )
})
