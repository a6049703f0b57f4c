/**
 * What the log lines of a fiber are about: every line that a command, a job or another task (or a fiber it
 * started) logs carries these, without an annotation having been set.
 *
 * @module
 */
import { Context, Effect, FiberRef, FiberRefs, HashMap, Logger, Option } from "effect"

/** The call of a command or a route. */
export interface Subject {
  readonly interactionId: string
  readonly command: string
  readonly userId: string
  readonly guildId: string | undefined
}

export const Subject = Context.GenericTag<Subject>("bosun/observe/Subject")

/** What has a name and is no call: `job sync`, `inbox guard`, `listener welcome`. */
export interface Task {
  readonly task: string
  readonly userId?: string | undefined
  readonly guildId?: string | undefined
}

export const Task = Context.GenericTag<Task>("bosun/observe/Task")

/** Runs an effect as a task. The call that has started it, if one has, is in the lines as well. */
export const task =
  (task: Task) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, Exclude<R, Task>> =>
    Effect.provideService(effect, Task, task)

/** The logger, with the fields of subject and task as annotations of each line. */
export const annotated = <Message, Output>(
  self: Logger.Logger<Message, Output>,
): Logger.Logger<Message, Output> =>
  Logger.mapInputOptions(self, (options) => {
    const context = FiberRefs.getOrDefault(options.context, FiberRef.currentContext) as Context.Context<never>
    const subject = Option.getOrUndefined(Context.getOption(context, Subject))
    const task = Option.getOrUndefined(Context.getOption(context, Task))
    if (subject === undefined && task === undefined) return options
    const fields: Record<string, unknown> = {}
    if (task !== undefined) {
      fields["task"] = task.task
      if (task.userId !== undefined) fields["user"] = task.userId
      if (task.guildId !== undefined) fields["guild"] = task.guildId
    }
    if (subject !== undefined) {
      fields["command"] = subject.command
      fields["interaction"] = subject.interactionId
      fields["user"] = subject.userId
      fields["guild"] = subject.guildId ?? "-"
    }
    return {
      ...options,
      annotations: HashMap.union(options.annotations, HashMap.fromIterable(Object.entries(fields))),
    }
  })
