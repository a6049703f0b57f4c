/**
 * What completes the word that is being typed: people and roles behind `@`, channels behind `#`, emoji behind `:`.
 *
 * @module
 */
import { common } from "../message/CommonEmoji.js"
import * as Items from "../message/Items.js"
import { guild, type Store } from "../Store.js"
import type { Row } from "./Listbox.js"

export interface Completion extends Row {
  /** What stands in the text instead. */
  readonly text: string
}

export interface Completions {
  readonly label: string
  /** Where the word begins. */
  readonly from: number
  readonly rows: ReadonlyArray<Completion>
}

const limit = 8

/** Completions for the word before the caret. */
export const find = (store: Store, text: string, caret: number): Completions | undefined => {
  const [, sign = "", word = ""] = /(?:^|\s)([@#:])([\p{L}\p{N}_-]*)$/u.exec(text.slice(0, caret)) ?? []
  if (sign === "" || (sign === ":" && word.length < 2)) return undefined
  const wanted = word.toLowerCase()
  const rows = offered(store, sign)
    .filter(({ description, label }) =>
      `${label.replace(/^[@#]/, "")} ${description ?? ""}`
        .toLowerCase()
        .split(" ")
        .some((part) => part.replaceAll(":", "").startsWith(wanted)),
    )
    .slice(0, limit)
  if (rows.length === 0) return undefined
  const label = sign === "@" ? "People" : sign === "#" ? "Channels" : "Emoji"
  return { label, from: caret - word.length - 1, rows }
}

const offered = (store: Store, sign: string): ReadonlyArray<Completion> => {
  switch (sign) {
    case "@":
      return [
        ...Items.people(store).map((item) => ({ ...item, text: `<@${item.value}>` })),
        ...Items.roles(store).map((item) => ({ ...item, text: `<@&${item.value}>` })),
        { label: "@everyone", text: "@everyone" },
        { label: "@here", text: "@here" },
      ]
    case "#":
      return Items.channels(store).map((item) => ({ ...item, text: `<#${item.value}>` }))
    default:
      return [
        ...(guild(store)?.emojis ?? []).map(({ animated, id, name, url }) => ({
          label: `:${name}:`,
          sign: url,
          text: `<${animated ? "a" : ""}:${name}:${id}>`,
        })),
        ...common.map(([emoji, name]) => ({ label: `:${name}:`, sign: emoji, text: emoji })),
      ]
  }
}
