/** Tasks that behave well, and tasks that do not. */
import { Schema } from "effect"
import * as Offload from "../../src/resource/Offload.js"

const declare = <const Name extends string, I, IE, O, OE>(
  name: Name,
  input: Schema.Schema<I, IE>,
  output: Schema.Schema<O, OE>,
) => Offload.task(name, { file: new URL("./Tasks.worker.js", import.meta.url), input, output })

export const double = declare("double", Schema.NumberFromString, Schema.NumberFromString)
/** Milliseconds for which it burns; gives the thread's number. */
export const burn = declare("burn", Schema.Number, Schema.Number)
/** Counts in shared memory, and never ends. */
export const count = declare("count", Schema.instanceOf(SharedArrayBuffer), Schema.Void)
export const fail = declare("fail", Schema.Literal("error", "null", "text", "later"), Schema.Void)
export const exit = declare("exit", Schema.Number, Schema.Void)
export const swell = declare("swell", Schema.Void, Schema.Void)
export const crash = declare("crash", Schema.Void, Schema.Void)
export const bytes = declare("bytes", Schema.Number, Schema.Uint8ArrayFromSelf)
export const lie = declare("lie", Schema.Literal("type", "function"), Schema.Number)
export const lost = declare("lost", Schema.Void, Schema.Void)
export const nowhere = Offload.task("nowhere", {
  file: new URL("./Nowhere.worker.js", import.meta.url),
  input: Schema.Void,
  output: Schema.Void,
})
export const echo = declare("echo", Schema.Unknown, Schema.Unknown)
/** Leaves a process that has its stderr, and tells its number with its last words. */
export const leave = declare("leave", Schema.Void, Schema.Void)
/** Answers, and ends its process before that hears of anything else. */
export const brittle = declare("brittle", Schema.Void, Schema.Number)
export const pid = declare("pid", Schema.Void, Schema.Number)

/** The same, in a process. */
export const apart = <Name extends string, I, IE, O, OE>(
  task: Offload.Task<Name, I, IE, O, OE>,
): Offload.Task<Name, I, IE, O, OE> => ({ ...task, isolation: "process" })
