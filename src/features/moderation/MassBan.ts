/**
 * `/massban`: bans up to 1,000 people at once.
 *
 * What was understood is shown, and confirmed, before anybody is touched; after that it is looked again whether the
 * caller still may, and whom, since the question has waited for them. The calls go out one after the other,
 * with a message that tells how far they are and has a button to stop before the next one. The whole is one case,
 * which has what became of each person.
 *
 * Nobody is told by direct message: a thousand of those would look like spam to Discord.
 *
 * Failure modes: `NobodyNamed`, `TooManyNamed`, `AttachmentRefused`, `Unchecked` and `NotAnyMore`, each before anybody was touched.
 * After that it ends with a list of what became of whom, whatever fails (see `Bulk`). Where the command is
 * interrupted, the call that is under way is settled by what Discord tells, and the rest is `skipped`.
 *
 * @module
 */
import { PermissionFlagsBits } from "discord-api-types/v10"
import { Clock, Effect, Exit, Ref } from "effect"
import * as Command from "../../command/Command.js"
import * as Param from "../../command/Param.js"
import * as Policy from "../../command/Policy.js"
import * as Prompt from "../../conversation/Prompt.js"
import * as Reply from "../../interaction/Reply.js"
import * as LastWord from "../../supervise/LastWord.js"
import * as Attachment from "../guild/Attachment.js"
import * as Bulk from "./Bulk.js"
import * as Caller from "./Caller.js"
import * as Lists from "./Lists.js"
import type { Outcome, Subject } from "./Model.js"
import { NobodyNamed, TooManyNamed } from "./ModerationError.js"
import * as ModLog from "./ModLog.js"
import * as Params from "./Params.js"
import * as Progress from "./Progress.js"
import * as Standing from "./Standing.js"
import { CaseStore } from "./Store.js"
import * as Targets from "./Targets.js"

/** People in one go. */
export const MOST = 1_000

/** Bytes of a list: 1,000 ids are 20 kB; the rest is for names and dates beside them. */
const LARGEST = 256 * 1024

const NEEDED = PermissionFlagsBits.BanMembers | PermissionFlagsBits.ManageGuild

export const massban = Command.make(
  "massban",
  {
    description: "Bans many people at once, by ids and mentions",
    in: "guild",
    category: "Moderation",
    permissions: NEEDED,
    params: {
      users: Param.optional(Param.string("Ids and mentions, with anything between them")),
      file: Param.optional(Param.attachment("A text file with more of them: at most 1,000 people in all")),
      reason: Params.reason,
      delete_days: Params.deleteDays,
    },
  },
  Effect.fnUntraced(function* (given, interaction) {
    const { guild, guildId, member, user } = interaction
    const listed = given.file === undefined ? "" : yield* Attachment.read(given.file, LARGEST)
    const targets = Targets.parse(`${given.users ?? ""}\n${listed}`)
    const { ids, unread } = targets
    if (ids.length === 0) return yield* new NobodyNamed({ unread })
    if (ids.length > MOST) return yield* new TooManyNamed({ count: ids.length, most: MOST })
    const standing = yield* Standing.of(guild, member, ids)
    const understood = Lists.understood(targets, standing)
    const nobody = (known: Standing.Standing) =>
      Lists.reply(`${Lists.understood(targets, known)}\nThere is nobody to ban.`, untouched(known))
    if (standing.fresh.length === 0) return nobody(standing)
    const question = Lists.question(standing.fresh.length, given.delete_days)
    const sure = yield* Prompt.confirm(`${understood}\n${question}`, {
      within: "2 minutes",
      yes: "Ban them",
      no: "No",
      danger: true,
      cancel: false,
    })
    if (!sure) return Reply.text("Nobody was banned.")

    const now = yield* Standing.again(guild, yield* Caller.still(interaction, NEEDED), standing)
    const { fresh } = now
    if (fresh.length === 0) return nobody(now)
    const store = yield* CaseStore
    const progress = yield* Progress.open(interaction, Lists.progress(0, fresh.length))
    const settled = yield* Ref.make<ReadonlyMap<string, Outcome>>(new Map())
    return yield* Effect.uninterruptibleMask((restore) =>
      Effect.gen(function* () {
        const pending = fresh.map((userId): Subject => ({ userId, outcome: "pending" }))
        const { number } = yield* store.open(
          {
            guildId,
            kind: "massban",
            userId: null,
            moderatorId: user.id,
            reason: given.reason ?? null,
            at: yield* Clock.currentTimeMillis,
            until: null,
          },
          [...untouched(now), ...pending],
        )
        const decided = (subjects: ReadonlyArray<Subject>) =>
          Effect.zipRight(
            Ref.update(settled, (all) => new Map([...all, ...entries(subjects)])),
            store.decide(guildId, number, subjects),
          )
        const exit = yield* Bulk.run({
          guildId,
          userIds: fresh,
          reason: Params.audit(user, given.reason),
          deleteMessages: `${given.delete_days} days`,
          isStopped: progress.isStopped,
          decided,
          progress: (done) => progress.say(Lists.progress(done, fresh.length)),
        }).pipe(restore, Effect.exit)

        const known = yield* Ref.get(settled)
        const rest = fresh.filter((id) => !known.has(id))
        yield* decided(rest.map((userId) => ({ userId, outcome: "skipped" })))
        const outcomes = yield* Ref.get(settled)
        const subjects = [
          ...untouched(now),
          ...fresh.map((userId): Subject => ({ userId, outcome: outcomes.get(userId) ?? "unknown" })),
        ]
        const reasons = Exit.isSuccess(exit) ? exit.value : ["I was stopped midway."]
        const lines = [...Lists.summary(subjects), ...reasons]
        const closed = yield* Effect.orDie(
          store.settle(guildId, number, Lists.statusOf(subjects), lines.join("\n")),
        )
        const files = [Lists.file(`massban-${number}.txt`, subjects)]
        const interrupted = Exit.isInterrupted(exit)
        const noted = yield* ModLog.note(closed, { files, time: "10 seconds", interrupted })
        yield* LastWord.within("10 seconds", progress.close(`Case ${number} is closed.`))
        if (Exit.isFailure(exit)) return yield* Effect.failCause(exit.cause)
        const unsaid = noted ? [] : [Lists.NOT_NOTED]
        return Lists.reply([`**Mass ban: case ${number}**`, ...lines, ...unsaid].join("\n"), subjects)
      }),
    )
  }),
).pipe(
  Policy.botPermissions(NEEDED),
  // Of two at once each would count those of the other as banned already.
  Policy.concurrency({ per: "guild" }),
)

/** Those who are in the case without being touched. */
const untouched = ({ already, denied }: Standing.Standing): ReadonlyArray<Subject> => [
  ...already.map((userId): Subject => ({ userId, outcome: "already" })),
  ...denied.map(({ userId }): Subject => ({ userId, outcome: "denied" })),
]

const entries = (subjects: ReadonlyArray<Subject>) =>
  subjects.map(({ outcome, userId }) => [userId, outcome] as const)
