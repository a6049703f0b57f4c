import { Effect } from "effect"
import * as Command from "bosun/Command"
import * as Discord from "bosun/Discord"
import * as Param from "bosun/Param"
import * as Reply from "bosun/Reply"

/** Everything of discord.js is at hand: `Discord.use` makes its promises typed, abortable effects. */
export const nick = Command.make(
  "nick",
  {
    description: "Gives a member a nickname",
    in: "guild",
    permissions: 1n << 27n, // MANAGE_NICKNAMES
    params: { member: Param.member("Whom"), name: Param.string("The new name", { max: 32 }) },
  },
  ({ member, name }) =>
    Discord.use(() => member.setNickname(name)).pipe(
      Effect.as(Reply.ephemeral(Reply.text("Done."))),
      // What is not caught here is told by its own user text.
      Effect.catchTag("MissingPermissions", () =>
        Effect.succeed(Reply.ephemeral(Reply.text("That member stands above me."))),
      ),
    ),
)
