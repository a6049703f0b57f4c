/**
 * `/help`: every command with its usage, by category.
 *
 * @module
 */
import { Array, Effect } from "effect"
import * as Command from "../command/Command.js"
import { Commands } from "../command/Commands.js"
import * as Param from "../command/Param.js"
import * as Spec from "../command/Spec.js"
import * as Md from "../interaction/Md.js"
import * as Reply from "../interaction/Reply.js"

const help = Command.make(
  "help",
  {
    description: "Lists the commands, or explains one",
    from: ["slash", "message"],
    ephemeral: true,
    params: { command: Param.optional(Param.string("The name of one command")) },
  },
  Effect.fnUntraced(function* ({ command }) {
    const commands = yield* Commands
    const list = yield* commands.list
    const prefix = commands.prefix()
    if (command === undefined) return overview(list, prefix)
    const typed = prefix !== undefined && command.startsWith(prefix) ? command.slice(prefix.length) : command
    const wanted = typed.toLowerCase().replace(/^\//u, "")
    const found = list.filter(({ name }) => name === wanted || name.startsWith(`${wanted} `))
    if (found.length === 0) {
      return Reply.ephemeral(Reply.text(Md.text`There is no command ${command}. \`/help\` lists them all.`))
    }
    return Reply.ephemeral(
      found.length === 1
        ? Reply.embed(details(found[0]!, prefix))
        : Reply.embed({ title: wanted, description: fitted(lines(found, prefix), DESCRIPTION) }),
    )
  }),
)

export const layer = Command.layer(help)

/** Discord takes 25 fields of 1,024 characters in an embed, 4,096 in its description, and 6,000 in all. */
const FIELDS = 25
const FIELD = 1_024
const DESCRIPTION = 4_000
const ALL = 5_500

const overview = (list: ReadonlyArray<Spec.Resolved>, prefix: string | undefined): Reply.Message => {
  const fields: Array<{ readonly name: string; readonly value: string }> = []
  let room = ALL
  for (const [name, commands] of Object.entries(Array.groupBy(list, ({ category }) => category))) {
    const most = Math.min(FIELD, room - name.length)
    if (fields.length === FIELDS || most < 100) break
    const value = fitted(lines(commands, prefix), most)
    fields.push({ name, value })
    room -= name.length + value.length
  }
  return Reply.ephemeral(
    Reply.embed({
      title: "Commands",
      description: [
        prefix === undefined ? "Prefix commands are switched off." : "",
        "`/help command:` explains one.",
      ]
        .join(" ")
        .trim(),
      fields,
    }),
  )
}

const lines = (list: ReadonlyArray<Spec.Resolved>, prefix: string | undefined): ReadonlyArray<string> =>
  list.map((resolved) => `${ways(resolved, prefix)[0]} ${resolved.description}`)

/** As many lines as fit, and how many more there are. */
const fitted = (all: ReadonlyArray<string>, most: number): string => {
  const kept: Array<string> = []
  let length = 0
  for (const line of all) {
    if (length + line.length + 1 > most - 20) {
      return [...kept, `… and ${all.length - kept.length} more`].join("\n")
    }
    kept.push(line)
    length += line.length + 1
  }
  return kept.join("\n")
}

/** How a command can be called, the usual way first; at least one. */
const ways = (resolved: Spec.Resolved, prefix: string | undefined): ReadonlyArray<string> => {
  const { from } = resolved.leaf
  const all = [
    ...(from.includes("slash") ? [Md.code(Spec.usage(resolved)).markdown] : []),
    ...(from.includes("message") && prefix !== undefined
      ? [Md.code(Spec.usage(resolved, prefix)).markdown]
      : []),
    ...(from.includes("userMenu") ? [`right click on a person → Apps → ${resolved.name}`] : []),
    ...(from.includes("messageMenu") ? [`right click on a message → Apps → ${resolved.name}`] : []),
  ]
  return all.length === 0 ? [`${resolved.name} (switched off)`] : all
}

const details = (resolved: Spec.Resolved, prefix: string | undefined) => ({
  title: resolved.name,
  description: [resolved.description, "", ...ways(resolved, prefix)].join("\n"),
  fields: Spec.ordered(resolved.leaf.params).map(([name, param]) => ({
    name: param.optional ? `${name} (optional)` : name,
    // 25 of them fit into the 6,000 characters of an embed.
    value: `${param.description}: ${param.expected}`.slice(0, 180),
  })),
})
