/**
 * `/guard set` and `/guard show`: what a server wants done about spam. For those who manage the server.
 *
 * @module
 */
import { PermissionFlagsBits } from "discord-api-types/v10"
import { Data, Effect } from "effect"
import * as Command from "../../command/Command.js"
import * as Param from "../../command/Param.js"
import * as Reply from "../../interaction/Reply.js"
import type { Rules } from "./Model.js"
import { Rulebook } from "./Rulebook.js"
import { SHORT } from "./Score.js"

const options = {
  in: "guild",
  ephemeral: true,
  permissions: PermissionFlagsBits.ManageGuild,
  category: "Moderation",
} as const

/** `/guard set` without anything to set. */
export class NothingGiven extends Data.TaggedError("NothingGiven") {
  get userText() {
    return "Say what to change, such as `/guard set mode:delete`."
  }
}

const set = Command.make(
  "set",
  {
    ...options,
    description: "Changes what is given, and leaves the rest",
    params: {
      mode: Param.optional(
        Param.string("What is done about spam", {
          choices: {
            nothing: "off",
            "report it": "log",
            "report and delete it": "delete",
            "report and delete it, and time its author out": "timeout",
          },
        }),
      ),
      rate: Param.optional(
        Param.integer("From how many messages of one person within 10 seconds on", { min: 2, max: 100 }),
      ),
      duplicates: Param.optional(
        Param.integer("From how many times the same text within a minute on", { min: 2, max: 100 }),
      ),
      mentions: Param.optional(
        Param.integer("From how many people and roles mentioned in one message on", { min: 1, max: 100 }),
      ),
      invites: Param.optional(Param.boolean("Whether an invitation to a server is spam by itself")),
      timeout_minutes: Param.optional(
        Param.integer("How long a time-out is, in minutes", { min: 1, max: 40_320 }),
      ),
    },
  },
  Effect.fnUntraced(function* ({ timeout_minutes, ...given }, { guildId }) {
    const all = { ...given, timeoutMinutes: timeout_minutes }
    const changes: Partial<Rules> = Object.fromEntries(
      Object.entries(all).filter(([, value]) => value !== undefined),
    )
    if (Object.keys(changes).length === 0) return yield* new NothingGiven()
    const rulebook = yield* Rulebook
    return Reply.ephemeral(Reply.text(told(yield* rulebook.change(guildId, changes))))
  }),
)

const show = Command.make(
  "show",
  { ...options, description: "Shows what is done about spam" },
  Effect.fnUntraced(function* (_, { guildId }) {
    const rulebook = yield* Rulebook
    return Reply.ephemeral(Reply.text(told(yield* rulebook.of(guildId))))
  }),
)

const modes: Readonly<Record<Rules["mode"], string>> = {
  off: "Spam is left alone.",
  log: "Spam is reported.",
  delete: "Spam is reported and deleted.",
  timeout: "Spam is reported and deleted, and its author is timed out.",
}

const told = ({ duplicates, invites, mentions, mode, rate, timeoutMinutes }: Rules): string =>
  [
    modes[mode],
    "Spam by itself, from one person:",
    `- ${rate} messages within 10 seconds`,
    `- the same text, of ${SHORT} characters or more, ${duplicates} times within a minute`,
    mentions === 1
      ? "- a message that mentions anybody"
      : `- a message that mentions ${mentions} people and roles`,
    ...(invites ? ["- an invitation to a server"] : []),
    "- a link to a known scam",
    "What comes close to several of these is spam as well. What was said before the limit was reached stays.",
    `A time-out is ${timeoutMinutes === 1 ? "1 minute" : `${timeoutMinutes} minutes`} long.`,
    "Staff is left alone: the owner, and whoever may manage the server or its messages.",
  ].join("\n")

export const layer = Command.layer(
  Command.group("guard", { description: "What is done about spam", category: "Moderation" }, [set, show]),
)
