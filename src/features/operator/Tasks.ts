/**
 * `/tasks`: who runs what since when, and an end to it. For the bot's owner.
 *
 * What is cancelled ends as by any interruption: what it has acquired is released, and the person whose command or
 * question it was is told.
 *
 * @module
 */
import { Clock, Data, Effect, Option } from "effect"
import * as Command from "../../command/Command.js"
import * as Param from "../../command/Param.js"
import * as Policy from "../../command/Policy.js"
import * as Paginator from "../../conversation/Paginator.js"
import * as Md from "../../interaction/Md.js"
import * as Reply from "../../interaction/Reply.js"
import type * as Roster from "../../supervise/Roster.js"
import { CurrentTask } from "../../supervise/Roster.js"
import { Supervisor } from "../../supervise/Supervisor.js"

const CATEGORY = "Operator"

/** On one page: within Discord's 2,000 characters, whatever they are called. */
const PER_PAGE = 8

const list = Command.make(
  "list",
  {
    description: "Lists what runs now: who started it, since when, until when",
    ephemeral: true,
    category: CATEGORY,
    params: {
      kind: Param.optional(Param.string("Only of this kind, such as command, job or wait", { max: 32 })),
    },
  },
  Effect.fnUntraced(function* ({ kind }) {
    const own = yield* ownId
    const all = yield* (yield* Supervisor).roster
    const shown = all.filter((one) => kind === undefined || one.kind === kind.toLowerCase())
    if (shown.length === 0) {
      const kinds = [...new Set(all.map((one) => one.kind))].sort().join(", ")
      return Reply.ephemeral(
        Reply.text(Md.text`Nothing of the kind ${kind ?? "any"} runs. There is: ${kinds}`),
      )
    }
    yield* Paginator.show(
      Paginator.items(shown, PER_PAGE, (some) => some.map((one) => line(one, own)).join("\n")),
      { within: "5 minutes", ephemeral: true },
    )
    return Reply.silent
  }),
)

/** The number of the command that asks. */
const ownId = Effect.map(Effect.serviceOption(CurrentTask), (task) => Option.getOrUndefined(task)?.id)

/** The task's number, offered with what it is. */
const id = Param.integer("Its number in /tasks list", { min: 1 }).pipe(
  Param.autocomplete((typed) =>
    Effect.gen(function* () {
      const wanted = typed.toLowerCase()
      const now = yield* Clock.currentTimeMillis
      return (yield* (yield* Supervisor).roster)
        .filter((one) => one.kind !== "autocomplete")
        .map((one) => ({
          name: `${one.id} · ${one.kind} ${one.name} · ${ageText(now - one.startedAt)}`,
          value: one.id,
        }))
        .filter(({ name }) => name.toLowerCase().includes(wanted))
    }),
  ),
)

const cancel = Command.make(
  "cancel",
  {
    description: "Stops a task; whoever it was for is told",
    ephemeral: true,
    category: CATEGORY,
    params: { id },
  },
  Effect.fnUntraced(function* (given) {
    const supervisor = yield* Supervisor
    const own = yield* ownId
    const find = Effect.map(supervisor.roster, (all) => all.find((one) => one.id === given.id))
    const task = yield* find
    if (task === undefined) return yield* new NoTask({ id: given.id })
    if (task.id === own) return yield* new OwnTask()
    if (task.state === "delivering") return yield* new TaskOver({ name: task.name })
    yield* supervisor.cancel(task.id, "admin")
    const gone = yield* Effect.repeat(Effect.delay(find, LOOK), {
      until: (found) => found === undefined,
      times: WITHIN / LOOK,
    })
    const how =
      gone === undefined
        ? "has ended"
        : "was told to end, and still does: it lets go of what it has, or cannot be interrupted just now"
    return Reply.ephemeral(
      Reply.text(Md.text`${task.kind} **${task.name}** (${task.id}) ${how}. ${meaning(task.kind)}`),
    )
  }),
)

/** How often and how long it is looked whether the task has ended. Milliseconds. */
const LOOK = 100
const WITHIN = 5_000

export const command = Command.group("tasks", { description: "What runs in the bot", category: CATEGORY }, [
  list,
  cancel,
]).pipe(Policy.ownerOnly)

// ---------------------------------------------------------------------------------------------------------
// Words
// ---------------------------------------------------------------------------------------------------------

/** What it means that one of this kind was cancelled. */
const meaning = (kind: string): string => {
  switch (kind) {
    case "command":
    case "route":
      return "The person who called it is told that it was cancelled."
    case "wait":
      return "The question is closed, and whoever has asked it is told that it was cancelled."
    case "job":
      return "This run counts as interrupted; the job keeps its schedule. `/jobs pause` holds it for longer."
    case "service":
      return "It is started again, as its policy says."
    case "inbox":
      return "What it was working on is given up and counts as failed; what waits is taken at once."
    case "child":
      return "The task that has started it goes on without it, or ends, as it is written."
    case "background":
      return "It may begin anew at once."
    case "listener":
    case "event":
      return "The rest of what it did for this one event is not done; the next event is handled as ever."
    case "alarm":
      return "This notice is not passed on any further; the log has it."
    default:
      return "Nobody else is told."
  }
}

const line = (task: Roster.Entry, own: number | undefined): string => {
  const { deadlineAt, doing, guildId, id, kind, name, ownerId, startedAt, state, userId } = task
  const parts = [
    Md.text`\`${id}\` ${kind} **${Md.raw(Md.cut(Md.escape(name), 80))}**` + (id === own ? " (this)" : ""),
    userId === undefined ? undefined : `<@${userId}>`,
    guildId === undefined ? undefined : `server ${guildId}`,
    `${state} since ${Md.time(startedAt, "R").markdown}`,
    deadlineAt === undefined ? undefined : `until ${Md.time(deadlineAt, "R").markdown}`,
    ownerId === undefined ? undefined : `for ${ownerId}`,
    doing === undefined ? undefined : Md.cut(Md.escape(doing), 60),
  ]
  return parts.filter((part) => part !== undefined).join(" · ")
}

const ageText = (millis: number): string =>
  millis < 60_000 ? `${Math.floor(millis / 1_000)} s` : `${Math.floor(millis / 60_000)} min`

// ---------------------------------------------------------------------------------------------------------
// Errors
// ---------------------------------------------------------------------------------------------------------

/** There is no task of that number; it may have ended meanwhile. */
export class NoTask extends Data.TaggedError("NoTask")<{ readonly id: number }> {
  get userText() {
    return `There is no task ${this.id}: it has ended, or never was. \`/tasks list\` shows those there are.`
  }
}

/** The task is the command that would cancel it. */
export class OwnTask extends Data.TaggedError("OwnTask") {
  get userText() {
    return "That is this very command."
  }
}

/** Its work is over; only its outcome is still on the way. */
export class TaskOver extends Data.TaggedError("TaskOver")<{ readonly name: string }> {
  get userText() {
    return Md.text`${this.name} has ended already; its answer is on the way.`
  }
}
