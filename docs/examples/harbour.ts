import { Context, Data, Effect, Layer } from "effect"
import * as Command from "bosun/Command"
import * as Md from "bosun/Md"
import * as Param from "bosun/Param"
import * as Policy from "bosun/Policy"
import * as Reply from "bosun/Reply"

// A fault of the infrastructure: no user can do anything about it.
class LogbookDown extends Data.TaggedError("LogbookDown")<{ readonly host: string }> {}

class Logbook extends Context.Tag("Logbook")<
  Logbook,
  { readonly read: (boat: string) => Effect.Effect<string, LogbookDown> }
>() {
  static readonly memory = Layer.succeed(Logbook, {
    read: (boat) =>
      boat === "Ghost"
        ? new LogbookDown({ host: "logbook.example" })
        : Effect.succeed(`${boat} sailed at dawn.`),
  })
}

// One command of a group. What it fails with becomes an incident: a reference for the user, the cause for the log.
const log = Command.make(
  "log",
  { description: "Reads a boat's log", params: { boat: Param.string("Its name") } },
  ({ boat }) => Effect.andThen(Logbook, (logbook) => Effect.map(logbook.read(boat), Reply.text)),
).pipe(Command.orIncident)

// Another, with a deadline and the author's own words for it. They have 10 seconds.
const wait = Command.make("wait", { description: "Waits for high tide" }, () => Effect.never).pipe(
  Policy.deadline("5 seconds"),
  Command.catchTag("CommandTimeout", ({ after }) =>
    Effect.succeed(Reply.text(`No tide in ${after / 1000} seconds.`)),
  ),
)

export const harbour = Command.group("harbour", { description: "The harbour's affairs" }, [log, wait])

// Menus: what was picked goes to the first parameter that can take it.
export const greet = Command.make(
  "Say hello",
  { description: "Greets a member", in: "guild", from: ["userMenu"], params: { whom: Param.member("Whom") } },
  ({ whom }) =>
    Effect.succeed(Reply.mentioning(Reply.text(Md.text`Hello ${Md.user(whom.id)}!`), { users: [whom.id] })),
)
export const quote = Command.make(
  "Quote",
  { description: "Repeats a message", from: ["messageMenu"], params: { message: Param.message("What") } },
  ({ message }) =>
    Effect.succeed(
      Reply.ephemeral(
        Reply.embed({ description: message.content, footer: { text: `said by ${message.author.username}` } }),
      ),
    ),
)

// A file made here, attached to its message.
export const chart = Command.make("chart", { description: "The harbour's chart" }, () =>
  Effect.succeed(
    Reply.withFiles({ name: "chart.txt", data: new TextEncoder().encode("~~~ N ~~~\n") })(
      Reply.text("Here it is."),
    ),
  ),
)

export const layer = Command.layer(harbour, greet, quote, chart).pipe(Layer.provide(Logbook.memory))
