/**
 * A text as it is sent: `:anchor:` is the emoji of that name, but in code. The sandbox takes a text that begins with
 * a slash for a command that was meant; one blank before it says that it is not.
 *
 * @module
 */
import { common } from "../message/CommonEmoji.js"
import { guild, type Store } from "../Store.js"

export const sent = (store: Store, text: string): string => {
  const content = expanded(store, text.trim())
  return content.startsWith("/") && /^\s/.test(text) ? ` ${content}` : content
}

/** Code, custom emoji and mentions stay as they are. */
const expanded = (store: Store, text: string): string =>
  text.replaceAll(
    /```[^]*?```|``[^]*?``|`[^`]*`|<[^<>\s]*>|https?:\S+|:([\w+-]+):/g,
    (whole: string, name: string | undefined) => (name === undefined ? whole : (named(store, name) ?? whole)),
  )

const named = (store: Store, name: string): string | undefined => {
  const own = guild(store)?.emojis.find((one) => one.name === name)
  if (own !== undefined) return `<${own.animated ? "a" : ""}:${own.name}:${own.id}>`
  return common.find(([, each]) => each === name.toLowerCase())?.[0]
}
