/**
 * `/privacy`: everybody can see what is stored about them, and have it erased. A server that the bot has left is
 * forgotten by every feature.
 *
 * It reaches what features have entered in `Stored`. One part that fails leaves the others: the person is told
 * which, and the operator why.
 *
 * Failure modes: a server that the bot left while it did not run is not noticed, and stays stored until the bot
 * joins it again and leaves.
 *
 * @module
 */
import { type Cause, Clock, DateTime, Effect, Exit, Layer } from "effect"
import * as Command from "../../command/Command.js"
import * as Policy from "../../command/Policy.js"
import * as Prompt from "../../conversation/Prompt.js"
import * as Listener from "../../discord/Listener.js"
import * as Md from "../../interaction/Md.js"
import * as Reply from "../../interaction/Reply.js"
import { Alarm } from "../../supervise/Alarm.js"
import { type Part, Stored } from "../guild/Stored.js"
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
      const exit = yield* attempt(part, "export", part.exportUser(user.id))
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
  Effect.fnUntraced(function* (_, { user }) {
    const sure = yield* Prompt.confirm(
      "Erase everything that is stored about you, in all servers where I am? It cannot be brought back. `/privacy export` gives you a copy first.",
      { within: "5 minutes", ephemeral: true, yes: "Erase it", no: "Keep it", danger: true },
    )
    if (!sure) return Reply.ephemeral(Reply.text("Nothing was erased."))
    const lines: Array<string> = []
    for (const part of (yield* Stored).parts()) {
      // Half an erasure nobody would be told of.
      const exit = yield* Effect.uninterruptible(attempt(part, "erase", part.eraseUser(user.id)))
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
    return Reply.ephemeral(
      Reply.text(lines.length === 0 ? "Nothing was stored about you." : Md.cut(lines.join("\n"), LONGEST)),
    )
  }),
).pipe(Policy.concurrency({ per: "user" }))

const commands = Command.layer(
  Command.group("privacy", { description: "What is stored about you", category: CATEGORY }, [show, erase]),
)

/** Discord: 2,000 characters in a message. */
const LONGEST = 2_000

const counted = (count: number): string => `${count} record${count === 1 ? "" : "s"}`

/** That a server cannot be reached for a while (`guildUnavailable`) is no departure. */
const departures = Listener.layer(
  "guildDelete",
  ({ id }) =>
    Effect.flatMap(Stored, (stored) =>
      Effect.forEach(
        stored.parts(),
        (part) => attempt(part, `forgetting of server ${id}`, part.forgetGuild(id)),
        {
          discard: true,
        },
      ),
    ),
  { name: "departure" },
)

/** With the part of the try-outs; the other features enter theirs themselves. */
export const layer = Layer.mergeAll(commands, departures, TryoutsPart.layer)

/** How it ended; where it failed the operator is told. */
const attempt = <A>(
  part: Part,
  what: string,
  effect: Effect.Effect<A>,
): Effect.Effect<Exit.Exit<A>, never, Alarm> =>
  Effect.tap(Effect.exit(effect), (exit) =>
    Exit.isFailure(exit) ? report(part, what, exit.cause) : Effect.void,
  )

const report = (part: Part, what: string, cause: Cause.Cause<unknown>) =>
  Effect.flatMap(Alarm, (alarm) =>
    alarm.raise({
      about: `privacy ${part.name}`,
      text: `The ${what} of “${part.name}” failed: what it has stored is still there. See the log, then try again`,
      cause,
    }),
  )
