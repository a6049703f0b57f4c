/**
 * `/case list`, `show` and `note`: what was done, and remarks on it.
 *
 * @module
 */
import { PermissionFlagsBits } from "discord-api-types/v10"
import { Clock, Effect } from "effect"
import * as Command from "../../command/Command.js"
import * as Param from "../../command/Param.js"
import * as Paginator from "../../conversation/Paginator.js"
import * as Md from "../../interaction/Md.js"
import * as Reply from "../../interaction/Reply.js"
import * as Lists from "./Lists.js"
import { type Case, kindText, type Note, statusText } from "./Model.js"
import * as ModLog from "./ModLog.js"
import { CaseStore } from "./Store.js"

const shared = {
  in: "guild",
  ephemeral: true,
  permissions: PermissionFlagsBits.ModerateMembers,
} as const

/** The newest that are listed. */
const MOST = 500
const LONGEST_NOTE = 500
/** Notes under a case; the newest. */
const NOTES = 10

const list = Command.make(
  "list",
  {
    ...shared,
    description: "Lists cases, the newest first",
    params: { user: Param.optional(Param.user("Only those about this person")) },
  },
  Effect.fnUntraced(function* ({ user }, { guildId }) {
    const store = yield* CaseStore
    const cases = yield* store.list(guildId, { userId: user?.id, limit: MOST })
    yield* Paginator.show(
      Paginator.items(cases, 10, (some) => some.map(line).join("\n")),
      {
        within: "2 minutes",
        ephemeral: true,
        empty: user === undefined ? "There is no case yet." : `There is no case about <@${user.id}>.`,
      },
    )
    return Reply.silent
  }),
)

const line = ({ at, kind, moderatorId, number, reason, status, userId }: Case): string => {
  const whom = userId === null ? "" : ` of <@${userId}>`
  const why = reason === null ? "" : `: ${Md.escape(reason.slice(0, 60))}`
  const how = status === "done" ? "" : ` (${statusText[status]})`
  return `**${number}** ${kindText[kind]}${whom} by <@${moderatorId}> ${Md.time(at, "R").markdown}${how}${why}`
}

const show = Command.make(
  "show",
  {
    ...shared,
    description: "Shows a case with its notes",
    params: { id: Param.integer("Its number", { min: 1 }) },
  },
  Effect.fnUntraced(function* ({ id }, { guildId }) {
    const store = yield* CaseStore
    const found = yield* store.find(guildId, id)
    const notes = yield* store.notes(guildId, id)
    const subjects = yield* store.subjects(guildId, id)
    return Reply.ephemeral(
      Reply.make({
        embeds: [
          {
            ...ModLog.embed(found),
            ...(notes.length === 0
              ? {}
              : { description: Md.cut(notes.slice(-NOTES).map(remark).join("\n"), 2_000) }),
          },
        ],
        ...(subjects.length === 0 ? {} : { files: [Lists.file(`case-${id}.txt`, subjects)] }),
      }),
    )
  }),
)

const remark = ({ at, authorId, text }: Note): string =>
  `${authorId === null ? "Somebody" : `<@${authorId}>`} ${Md.time(at, "R").markdown}: ${Md.escape(text)}`

const note = Command.make(
  "note",
  {
    ...shared,
    description: "Adds a note to a case",
    params: {
      id: Param.integer("Its number", { min: 1 }),
      text: Param.string("What there is to remark", { min: 1, max: LONGEST_NOTE }),
    },
  },
  Effect.fnUntraced(function* ({ id, text }, { guildId, user }) {
    const store = yield* CaseStore
    yield* store.note(guildId, id, { authorId: user.id, text, at: yield* Clock.currentTimeMillis })
    return Reply.ephemeral(Reply.text(`Noted on case ${id}.`))
  }),
)

export const cases = Command.group("case", { description: "Cases of moderation", category: "Moderation" }, [
  list,
  show,
  note,
])
