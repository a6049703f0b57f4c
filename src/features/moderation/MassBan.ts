/**
 * `/massban`: bans up to 1,000 people at once.
 *
 * What was understood is shown, and confirmed, before anybody is touched. The calls go out one after the other,
 * with a message that tells how far they are and has a button to stop before the next one. The whole is one case,
 * which has what became of each person.
 *
 * Nobody is told by direct message: a thousand of those would look like spam to Discord.
 *
 * Failure modes: `NobodyNamed`, `TooManyNamed`, `ListUnreadable` and `Unchecked`, each before anybody was touched.
 * After that it ends with a list of what became of whom, whatever fails (see `Bulk`). Where the command is
 * interrupted, the call that is under way is settled by what Discord tells, and the rest is `skipped`.
 *
 * @module
 */
import { ButtonStyle, ComponentType, PermissionFlagsBits } from "discord-api-types/v10"
import { Clock, Effect, Exit, Ref, type Scope } from "effect"
import * as Command from "../../command/Command.js"
import * as Param from "../../command/Param.js"
import * as Policy from "../../command/Policy.js"
import * as Prompt from "../../conversation/Prompt.js"
import type { Interaction } from "../../interaction/Interaction.js"
import * as Md from "../../interaction/Md.js"
import * as Reply from "../../interaction/Reply.js"
import * as Wait from "../../wait/Wait.js"
import * as Act from "./Act.js"
import * as Bulk from "./Bulk.js"
import * as ListFile from "./ListFile.js"
import type { Outcome, Status, Subject } from "./Model.js"
import { NobodyNamed, TooManyNamed } from "./ModerationError.js"
import * as ModLog from "./ModLog.js"
import { audit, reasonParam, deleteDaysParam } from "./Params.js"
import * as Standing from "./Standing.js"
import { CaseStore } from "./Store.js"
import * as Targets from "./Targets.js"

/** People in one go. */
export const MOST = 1_000

export const massban = Command.make(
  "massban",
  {
    description: "Bans many people at once, by ids and mentions",
    in: "guild",
    category: "Moderation",
    permissions: PermissionFlagsBits.BanMembers | PermissionFlagsBits.ManageGuild,
    params: {
      users: Param.optional(Param.string("Ids and mentions, with anything between them")),
      file: Param.optional(Param.attachment("A text file with more of them: at most 1,000 people in all")),
      reason: reasonParam,
      delete_days: deleteDaysParam,
    },
  },
  Effect.fnUntraced(function* ({ delete_days, file, reason, users }, interaction) {
    const { guild, guildId, member, user } = interaction
    const listed = file === undefined ? "" : yield* ListFile.read(file)
    const targets = Targets.parse(`${users ?? ""}\n${listed}`)
    const { ids, unread } = targets
    if (ids.length === 0) return yield* new NobodyNamed({ unread })
    if (ids.length > MOST) return yield* new TooManyNamed({ count: ids.length, most: MOST })
    yield* interaction.defer()
    const standing = yield* Standing.of(guild, member, ids)
    const { fresh } = standing
    const understood = understoodText(targets, standing)
    if (fresh.length === 0) return listing(`${understood}\nThere is nobody to ban.`, subjectsOf(standing), guildId)
    const sure = yield* Prompt.confirm(
      `${understood}\nBan ${people(fresh.length)}${delete_days === 0 ? "" : `, and delete what they wrote in the last ${days(delete_days)}`}?`,
      { within: "2 minutes", yes: "Ban them", no: "No", danger: true, cancel: false },
    )
    if (!sure) return Reply.text("Nobody was banned.")

    const store = yield* CaseStore
    const decided = yield* Ref.make<ReadonlyMap<string, Outcome>>(new Map())
    const opened = yield* store.open(
      {
        guildId,
        kind: "massban",
        userId: null,
        moderatorId: user.id,
        reason: reason ?? null,
        at: yield* Clock.currentTimeMillis,
        until: null,
      },
      subjectsOf(standing),
    )
    /** Settles what nothing was heard of, then the case, and notes it. */
    const close = (reasons: ReadonlyArray<string>, interrupted: boolean) =>
      Effect.gen(function* () {
        const known = yield* Ref.get(decided)
        const rest = fresh.filter((id) => !known.has(id))
        const skipped = rest.map((userId): Subject => ({ userId, outcome: "skipped" }))
        if (skipped.length > 0) yield* store.decide(guildId, opened.number, skipped)
        const subjects = subjectsOf(standing, new Map([...known, ...skipped.map((one) => [one.userId, one.outcome] as const)]))
        const detail = [
          summary(subjects).join(", "),
          ...(interrupted ? ["I was stopped midway."] : []),
          ...reasons,
        ].join("\n")
        const settled = yield* Effect.orDie(store.settle(guildId, opened.number, statusOf(subjects), detail))
        yield* Act.within("10 seconds", ModLog.post(settled, [fileOf(opened.number, subjects)]))
        return subjects
      })

    const progress = yield* Progress.open(interaction, fresh.length)
    const running = Bulk.run({
      guildId,
      userIds: fresh,
      reason: audit(user, reason),
      deleteMessages: `${delete_days} days`,
      isStopped: progress.isStopped,
      decided: (subjects) =>
        Effect.gen(function* () {
          yield* Ref.update(decided, (all) => new Map([...all, ...subjects.map((one) => [one.userId, one.outcome] as const)]))
          yield* store.decide(guildId, opened.number, subjects)
        }),
    })
    return yield* Effect.uninterruptibleMask((restore) => Effect.gen(function* () {
      const reporting = Effect.forkScoped(restore(progress.follow(Effect.map(Ref.get(decided), (all) => all.size))))
      yield* reporting
      const exit = yield* Effect.exit(restore(running))
      const subjects = yield* close(Exit.isSuccess(exit) ? exit.value : [], Exit.isFailure(exit))
      yield* progress.close(subjects)
      if (Exit.isFailure(exit)) return yield* Effect.failCause(exit.cause)
      return listing([`**Mass ban: case ${opened.number}**`, ...summary(subjects), ...exit.value].join("\n"), subjects, guildId)
    }))
  }),
)
