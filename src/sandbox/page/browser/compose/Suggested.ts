/**
 * What is suggested above the text that is being written: commands, or completions of its last word.
 *
 * @module
 */
import type { Store } from "../Store.js"
import * as CommandTree from "./CommandTree.js"
import * as Completion from "./Completion.js"
import type { Row } from "./Listbox.js"

export interface Suggested {
  readonly label: string
  readonly rows: ReadonlyArray<Row>
  readonly choose: (at: number) => void
}

/** What a choice does. */
export interface Take {
  readonly command: (line: CommandTree.Line) => void
  /** The text with the completion in it, and where the caret is then. */
  readonly text: (text: string, caret: number) => void
}

export const find = (
  store: Store,
  text: string,
  caret: number,
  commands: ReadonlyArray<CommandTree.Leaf>,
  take: Take,
): Suggested | undefined => {
  if (text.startsWith("/")) return ofCommands(commands, text, take)
  const found = Completion.find(store, text, caret)
  if (found === undefined) return undefined
  return {
    label: found.label,
    rows: found.rows,
    choose: (at) => {
      const put = `${found.rows[at]?.text ?? ""} `
      take.text(text.slice(0, found.from) + put + text.slice(caret), found.from + put.length)
    },
  }
}

const ofCommands = (
  commands: ReadonlyArray<CommandTree.Leaf>,
  text: string,
  take: Take,
): Suggested | undefined => {
  const line = CommandTree.parse(commands, text)
  const rows = line === undefined ? CommandTree.matching(commands, text) : [line.leaf]
  if (rows.length === 0) return undefined
  return {
    label: "Commands",
    rows: rows.map(({ description, fields, name }) => ({
      label: [`/${name}`, ...fields.map((one) => (one.required ? one.name : `[${one.name}]`))].join(" "),
      description,
    })),
    choose: (at) => {
      const leaf = rows[at]
      if (leaf !== undefined) take.command(line ?? { leaf, texts: {} })
    },
  }
}
