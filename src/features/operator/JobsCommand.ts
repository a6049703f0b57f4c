/**
 * `/jobs`: what the bot does by itself, when it is due, how it went last. For the bot's owner.
 *
 * @module
 */
import { Effect } from "effect"
import * as Command from "../../command/Command.js"
import * as Param from "../../command/Param.js"
import * as Policy from "../../command/Policy.js"
import * as Paginator from "../../conversation/Paginator.js"
import * as Md from "../../interaction/Md.js"
import * as Reply from "../../interaction/Reply.js"
import { Jobs, type Listed } from "../../supervise/Jobs.js"

const CATEGORY = "Operator"
const PER_PAGE = 8

const options = { ephemeral: true, category: CATEGORY } as const

const name = Param.string("Its name", { min: 1, max: 100 }).pipe(
  Param.autocomplete((typed) =>
    Effect.gen(function* () {
      const wanted = typed.toLowerCase()
      return (yield* (yield* Jobs).list)
        .map((job) => job.name)
        .filter((one) => one.toLowerCase().includes(wanted))
    }),
  ),
)

const list = Command.make(
  "list",
  { ...options, description: "Lists the jobs: when each is due, and how it went last" },
  Effect.fnUntraced(function* () {
    const jobs = yield* (yield* Jobs).list
    if (jobs.length === 0) return Reply.ephemeral(Reply.text("There are no jobs."))
    yield* Paginator.show(
      Paginator.items(jobs, PER_PAGE, (some) => some.map(line).join("\n")),
      { within: "5 minutes", ephemeral: true },
    )
    return Reply.silent
  }),
)

const run = Command.make(
  "run",
  {
    ...options,
    description: "Runs a job now, besides its schedule, and waits for its end",
    params: { name },
  },
  Effect.fnUntraced(function* (given) {
    const jobs = yield* Jobs
    yield* jobs.run(given.name)
    return yield* told(given.name)
  }),
)

const pause = Command.make(
  "pause",
  { ...options, description: "Holds a job until it is resumed, over restarts too", params: { name } },
  Effect.fnUntraced(function* (given) {
    const jobs = yield* Jobs
    yield* jobs.pause(given.name)
    return yield* told(given.name)
  }),
)

const resume = Command.make(
  "resume",
  { ...options, description: "Lets a job go on that was paused", params: { name } },
  Effect.fnUntraced(function* (given) {
    const jobs = yield* Jobs
    yield* jobs.resume(given.name)
    return yield* told(given.name)
  }),
)

export const command = Command.group(
  "jobs",
  { description: "What the bot does by itself", category: CATEGORY },
  [list, run, pause, resume],
).pipe(Policy.ownerOnly)

/** How it stands with a job now. */
const told = (name: string) =>
  Effect.map(
    Effect.flatMap(Jobs, (jobs) => jobs.list),
    (all) => {
      const job = all.find((one) => one.name === name)
      return Reply.ephemeral(Reply.text(job === undefined ? Md.text`${name} is gone.` : line(job)))
    },
  )

const line = ({ failures, last, lastEndedAt, name, nextAt, schedule, state }: Listed): string =>
  [
    Md.text`**${Md.raw(Md.cut(Md.escape(name), 80))}**: ${Md.raw(Md.cut(Md.escape(schedule), 100))}`,
    state,
    nextAt === undefined ? undefined : `next ${Md.time(nextAt, "R").markdown}`,
    last === undefined
      ? "never run yet"
      : `last ${last}${lastEndedAt === undefined ? "" : ` ${Md.time(lastEndedAt, "R").markdown}`}`,
    failures === 0 ? undefined : `${failures} failure${failures === 1 ? "" : "s"} in a row`,
  ]
    .filter((part) => part !== undefined)
    .join(" · ")
