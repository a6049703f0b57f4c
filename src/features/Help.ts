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
    const wanted = command.toLowerCase().replace(/^[/!]/u, "")
    const found = list.filter(({ name }) => name === wanted || name.startsWith(`${wanted} `))
    return found.length === 0
      ? Reply.ephemeral(Reply.text(Md.text`There is no command ${command}. \`/help\` lists them all.`))
      : Reply.ephemeral(
          Reply.make({ embeds: found.slice(0, 10).map((resolved) => details(resolved, prefix)) }),
        )
  }),
)

export const layer = Command.layer(help)

/** Discord takes 25 fields of 1,024 characters in an embed. */
const FIELDS = 25
const FIELD = 1024

const overview = (list: ReadonlyArray<Spec.Resolved>, prefix: string | undefined): Reply.Message => {
  const fields = Object.entries(Array.groupBy(list, ({ category }) => category)).map(([name, commands]) => ({
    name,
    value: fitted(
      commands.map((resolved) => `${Md.code(Spec.usage(resolved)).markdown} ${resolved.description}`),
    ),
  }))
  return Reply.ephemeral(
    Reply.embed({
      title: "Commands",
      description:
        prefix === undefined
          ? "Prefix commands are switched off."
          : `Some also answer to messages that start with \`${prefix}\`; \`/help command:\` tells how.`,
      fields: fields.slice(0, FIELDS),
    }),
  )
}

const fitted = (lines: ReadonlyArray<string>): string => {
  const kept: Array<string> = []
  let length = 0
  for (const line of lines) {
    if (length + line.length + 1 > FIELD - 20)
      return [...kept, `… and ${lines.length - kept.length} more`].join("\n")
    kept.push(line)
    length += line.length + 1
  }
  return kept.join("\n")
}

const details = (resolved: Spec.Resolved, prefix: string | undefined) => {
  const { from, params } = resolved.leaf
  const ways = [
    ...(from.includes("slash") ? [Md.code(Spec.usage(resolved)).markdown] : []),
    ...(from.includes("message") && prefix !== undefined
      ? [Md.code(Spec.usage(resolved, prefix)).markdown]
      : []),
    ...(from.includes("userMenu") ? [`right click on a person → Apps → ${resolved.name}`] : []),
    ...(from.includes("messageMenu") ? [`right click on a message → Apps → ${resolved.name}`] : []),
  ]
  return {
    title: resolved.name,
    description: [resolved.description, "", ...ways].join("\n"),
    fields: Spec.ordered(params).map(([name, param]) => ({
      name: param.optional ? `${name} (optional)` : name,
      value: `${param.description}: ${param.expected}`.slice(0, FIELD),
    })),
  }
}
