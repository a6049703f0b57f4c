/**
 * What the log lines of a running command are about: every line that a command (or a fiber it started) logs
 * carries these, without an annotation having been set.
 *
 * @module
 */
import { Context, FiberRef, FiberRefs, HashMap, Logger, Option } from "effect"

export interface Subject {
  readonly interactionId: string
  readonly command: string
  readonly userId: string
  readonly guildId: string | undefined
}

export const Subject = Context.GenericTag<Subject>("bosun/observe/Subject")

/** The logger, with the subject's fields as annotations of each line. */
export const annotated = <Message, Output>(
  self: Logger.Logger<Message, Output>,
): Logger.Logger<Message, Output> =>
  Logger.mapInputOptions(self, (options) => {
    const context = FiberRefs.getOrDefault(options.context, FiberRef.currentContext)
    const subject = Context.getOption(context as Context.Context<Subject>, Subject)
    if (Option.isNone(subject)) return options
    const { command, guildId, interactionId, userId } = subject.value
    return {
      ...options,
      annotations: options.annotations.pipe(
        HashMap.set<string, unknown>("command", command),
        HashMap.set<string, unknown>("interaction", interactionId),
        HashMap.set<string, unknown>("user", userId),
        HashMap.set<string, unknown>("guild", guildId ?? "-"),
      ),
    }
  })
