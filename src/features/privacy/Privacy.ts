/**
 * `/privacy`: everybody can see what is stored about them, and have it erased. A server that the bot has left is
 * forgotten by every feature (see `Departures`).
 *
 * It reaches what features have entered in `Stored`. One part that fails leaves the others: the person is told
 * which, and the operator why.
 *
 * Failure modes: an erasure that was begun goes on to its end, also where the command is cancelled; what came of it
 * stands in a message of its own. Until then, while that message is on its way, a cancellation is the end of it.
 *
 * @module
 */
import { Clock, DateTime, Effect, Exit, Layer, Option } from "effect"
import * as Command from "../../command/Command.js"
import * as Policy from "../../command/Policy.js"
import * as Prompt from "../../conversation/Prompt.js"
import type { Interaction } from "../../interaction/Interaction.js"
import * as Md from "../../interaction/Md.js"
import * as Reply from "../../interaction/Reply.js"
import type { Alarm } from "../../supervise/Alarm.js"
import { Stored } from "../guild/Stored.js"
import * as Attempt from "./Attempt.js"
import * as Departures from "./Departures.js"
import * as Export from "./Export.js"
import * as TryoutsPart from "./TryoutsPart.js"

const CATEGORY = "Privacy"

const show = Command.make(
  "export",
  { description: "Gives you everything that is stored about you", ephemeral: true, category: CATEGORY },
  Effect.fnUntraced(function* (_, { user }) {
    const at = yield* Clock.currentTimeMillis
    const found: Array<Export.Found> = []
    const failed: Array<string> = []
    for (const part of (yield* Stored).parts()) {
      const exit = yield* Attempt.of(part, { name: "export", run: part.exportUser(user.id), next: AGAIN })
      if (Exit.isFailure(exit)) failed.push(part.name)
      else if (exit.value.length > 0) found.push({ part: part.name, records: exit.value })
    }
    const without =
      failed.length === 0 ? "" : Md.text`\nI could not read: ${failed.join(", ")}. Try again later.`
    const count = found.reduce((sum, { records }) => sum + records.length, 0)
    if (count === 0) return Reply.ephemeral(Reply.text(`Nothing is stored about you.${without}`))
    const { files, left } = Export.filesOf(found, {
      userId: user.id,
      at: DateTime.formatIso(DateTime.unsafeMake(at)),
    })
    const beyond =
      left === 0
        ? ""
        : `\nThat is more than Discord lets me send: ${left} of them are missing. Ask whoever runs me for the rest.`
    return Reply.ephemeral(
      Reply.withFiles(...files)(
        Reply.text(
          Md.text`${counted(count)} about you, of: ${found.map(({ part }) => part).join(", ")}.` +
            beyond +
            without,
        ),
      ),
    )
  }),
).pipe(Policy.concurrency({ per: "user" }))

const erase = Command.make(
  "erase",
  { description: "Erases what is stored about you, in all servers", ephemeral: true, category: CATEGORY },
  Effect.fnUntraced(function* (_, interaction) {
    const sure = yield* Prompt.confirm(
      "Erase everything that is stored about you, in all servers where I am? It cannot be brought back. `/privacy export` gives you a copy first.",
      { within: "5 minutes", ephemeral: true, yes: "Erase it", no: "Keep it", danger: true },
    )
    if (!sure) return Reply.ephemeral(Reply.text("Nothing was erased."))
    return yield* erasing(interaction)
  }),
).pipe(Policy.concurrency({ per: "user" }))

/** After a cancellation there is no reply: so what came of it stands in a message that was there before. */
const erasing = (
  interaction: Pick<Interaction, "ask" | "user">,
): Effect.Effect<Reply.Reply, never, Alarm | Stored> =>
  // Half an erasure nobody would be told of.
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      // Nothing has begun yet; and what they have said yes to does not hang on a message.
      const shown = yield* Effect.option(restore(interaction.ask(Reply.ephemeral(Reply.text("Erasing…")))))
      const result = Reply.text(yield* erased(interaction.user.id))
      const edited = yield* Effect.option(Effect.flatMap(shown, ({ edit }) => edit(result)))
      return Option.isNone(edited) ? Reply.ephemeral(result) : Reply.silent
    }),
  )

/** Erases all parts; what came of each, as the person is told. */
const erased = (userId: string): Effect.Effect<string, never, Alarm | Stored> =>
  Effect.gen(function* () {
    const lines: Array<string> = []
    for (const part of (yield* Stored).parts()) {
      const exit = yield* Attempt.of(part, { name: "erase", run: part.eraseUser(userId), next: AGAIN })
      if (Exit.isFailure(exit)) {
        lines.push(Md.text`- ${part.name}: I could not erase it. Whoever runs me was told; try again later.`)
        continue
      }
      const { erased, kept } = exit.value
      if (erased === 0 && kept === undefined) continue
      lines.push(
        Md.text`- ${part.name}: ${counted(erased)} erased.` +
          (kept === undefined ? "" : Md.text` Kept: ${kept}`),
      )
    }
    return lines.length === 0 ? "Nothing was stored about you." : Md.cut(lines.join("\n"), LONGEST)
  })

const commands = Command.layer(
  Command.group("privacy", { description: "What is stored about you", category: CATEGORY }, [show, erase]),
)

/** What the operator is to do. */
const AGAIN = "See the log, then try again"

/** Discord: 2,000 characters in a message. */
const LONGEST = 2_000

const counted = (count: number): string => `${count} record${count === 1 ? "" : "s"}`

/** With the part of the try-outs; the other features enter theirs themselves. */
export const layer = Layer.mergeAll(commands, Departures.layer, TryoutsPart.layer)
