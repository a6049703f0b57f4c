import { Effect } from "effect"
import * as Cli from "bosun/Cli"
import * as Command from "bosun/Command"
import * as Reply from "bosun/Reply"

const ping = Command.make("ping", { description: "Answers" }, () => Effect.succeed(Reply.text("Pong!")))

Cli.run(Command.layer(ping))
