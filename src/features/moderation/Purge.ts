/**
 * `/purge`: deletes the newest messages of a channel, or those of one person among them.
 *
 * Discord deletes in bulk what is younger than two weeks only; older messages stay, and the answer says so. What
 * is deleted is what was there when the command was called.
 *
 * Failure modes: where a call fails or is given up, those before it are done, and the case says how many. Whoever
 * loses the permission before their Yes deletes nothing (`NotAnyMore`).
 *
 * @module
 */
import { PermissionFlagsBits } from "discord-api-types/v10"
import { Array as Arr, Effect } from "effect"
import * as Command from "../../command/Command.js"
import * as Param from "../../command/Param.js"
import * as Policy from "../../command/Policy.js"
import * as Prompt from "../../conversation/Prompt.js"
import { Discord } from "../../discord/Discord.js"
import { isUncertain, type RestError } from "../../DiscordError.js"
import * as Md from "../../interaction/Md.js"
import * as Reply from "../../interaction/Reply.js"
import { timestampOf } from "../../interaction/Snowflake.js"
import * as Act from "./Act.js"
import * as Caller from "./Caller.js"
import { STOPPED } from "./Model.js"
import * as Params from "./Params.js"

/** Discord: two weeks, less the time that the calls take. */
const OLDEST = 14 * 86_400_000 - 60_000
/** Messages in one page and in one call (Discord). */
const PAGE = 100
/** Pages that are looked through for one person's messages. */
const PAGES = 20
/** More than so many are confirmed. */
const UNASKED = 20

const NEEDED = PermissionFlagsBits.ManageMessages

export const purge = Command.make(
  "purge",
  {
    description: "Deletes the newest messages here; none older than two weeks",
    in: "guild",
    category: "Moderation",
    ephemeral: true,
    permissions: NEEDED,
    params: {
      count: Param.integer("How many", { min: 1, max: 1_000 }),
      user: Param.optional(Param.user("Only what this person wrote")),
      reason: Params.reason,
    },
  },
  Effect.fnUntraced(function* ({ count, reason, user: author }, interaction) {
    const { channelId, createdAt, guildId, id, user } = interaction
    const { found, tooOld } = yield* messages(channelId, id, count, author?.id, createdAt - OLDEST)
    const older = tooOld ? " What is older than two weeks cannot be deleted this way." : ""
    if (found.length === 0) return Reply.ephemeral(Reply.text(`There is nothing to delete.${older}`))
    if (found.length > UNASKED) {
      const whose = author === undefined ? "" : Md.text` of ${Md.user(author.id)}`
      const sure = yield* Prompt.confirm(`Delete ${found.length} messages${whose} here?${older}`, {
        within: "1 minute",
        ephemeral: true,
        danger: true,
        yes: "Delete",
        no: "Keep",
        cancel: false,
      })
      if (!sure) return Reply.ephemeral(Reply.text("Nothing was deleted."))
      yield* Caller.still(interaction, NEEDED)
    }
    const discord = yield* Discord
    let gone = 0
    yield* Act.perform({
      guildId,
      kind: "purge",
      userId: author?.id ?? null,
      moderatorId: user.id,
      reason: reason ?? null,
      until: null,
      word: undefined,
      run: Effect.as(
        Effect.forEach(
          Arr.chunksOf(found, PAGE),
          (some) =>
            Effect.map(discord.deleteMessages(channelId, some, Params.audit(user, reason)), () => {
              gone += some.length
            }),
          { discard: true },
        ),
        `${counted(found.length)} in <#${channelId}>.`,
      ),
      check: undefined,
      explain: (error) => {
        const known = error !== undefined && !isUncertain(error)
        return `${known ? "" : "At least "}${gone} of ${counted(found.length)} were deleted. ${error?.userText ?? STOPPED}`
      },
    })
    return Reply.ephemeral(Reply.text(`Deleted ${counted(found.length)}.${older}`))
  }),
).pipe(Policy.botPermissions(NEEDED | PermissionFlagsBits.ReadMessageHistory))

/** Ids of the newest that fit, from before the command, and whether older ones were met. */
const messages = Effect.fnUntraced(function* (
  channelId: string,
  before: string,
  count: number,
  authorId: string | undefined,
  since: number,
): Effect.fn.Return<{ readonly found: ReadonlyArray<string>; readonly tooOld: boolean }, RestError, Discord> {
  const discord = yield* Discord
  const found: Array<string> = []
  let last = before
  for (let page = 0; page < PAGES; page++) {
    const some = yield* discord.fetchMessages(channelId, { before: last, limit: PAGE })
    for (const { author, id } of some) {
      if (timestampOf(id) < since) return { found, tooOld: true }
      if (authorId === undefined || author.id === authorId) found.push(id)
      if (found.length === count) return { found, tooOld: false }
    }
    if (some.length < PAGE) break
    last = some.at(-1)?.id ?? last
  }
  return { found, tooOld: false }
})

const counted = (count: number): string => (count === 1 ? "1 message" : `${count} messages`)
