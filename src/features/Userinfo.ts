/**
 * `/userinfo`: who a member is. What Discord knows of the account and of the membership is asked at the same
 * time, and a part that fails leaves the rest.
 *
 * @module
 */
import { type APIEmbedField, CDNRoutes, ImageFormat, RouteBases } from "discord-api-types/v10"
import { Effect, Either } from "effect"
import * as Command from "../command/Command.js"
import * as Param from "../command/Param.js"
import { Discord } from "../discord/Discord.js"
import * as Md from "../interaction/Md.js"
import { timestampOf } from "../interaction/Snowflake.js"
import * as Reply from "../interaction/Reply.js"

const userinfo = Command.make(
  "userinfo",
  {
    description: "Shows who a member is",
    in: "guild",
    from: ["slash", "message", "userMenu"],
    params: { member: Param.optional(Param.member("Whom; you if left out")) },
  },
  Effect.fnUntraced(function* ({ member }, interaction) {
    const discord = yield* Discord
    const id = member?.id ?? interaction.user.id
    const { account, membership } = yield* Effect.all(
      {
        account: Effect.either(discord.fetchUser(id)),
        membership: Effect.either(discord.fetchMember(interaction.guildId, id)),
      },
      { concurrency: 2 },
    )
    const name = member?.displayName ?? interaction.user.global_name ?? interaction.user.username
    const fields: Array<APIEmbedField> = [
      { name: "Mention", value: `<@${id}>`, inline: true },
      { name: "Account made", value: Md.time(timestampOf(id), "D").markdown, inline: true },
      ...Either.match(membership, {
        onLeft: (error) => [{ name: "Membership", value: `could not be read: ${error.userText}` }],
        onRight: ({ joined_at, nick, roles }) => [
          ...(joined_at === null
            ? []
            : [{ name: "Joined", value: Md.time(Date.parse(joined_at), "D").markdown, inline: true }]),
          ...(nick == null ? [] : [{ name: "Nickname", value: Md.escape(nick), inline: true }]),
          {
            name: "Roles",
            value:
              roles.length === 0
                ? "none"
                : roles
                    .map((role) => `<@&${role}>`)
                    .join(" ")
                    .slice(0, 1024),
          },
        ],
      }),
    ]
    return Reply.embed({
      title: Md.escape(name),
      fields,
      ...Either.match(account, {
        onLeft: (error) => ({ footer: { text: `The account could not be read: ${error.userText}` } }),
        onRight: ({ accent_color, avatar, username }) => ({
          description: Md.text`@${username}`,
          ...(accent_color == null ? {} : { color: accent_color }),
          ...(avatar === null
            ? {}
            : {
                thumbnail: { url: `${RouteBases.cdn}${CDNRoutes.userAvatar(id, avatar, ImageFormat.PNG)}` },
              }),
        }),
      }),
    })
  }),
)

export const layer = Command.layer(userinfo)
