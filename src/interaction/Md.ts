/**
 * Text in Discord's Markdown, with what users typed kept from being markup.
 *
 * @module
 */

/** Markdown that is meant: `Md.text` puts it in as it is. */
export class Raw {
  constructor(readonly markdown: string) {}
}

/** Marks a string as Markdown that the author wrote, not a user. */
export const raw = (markdown: string): Raw => new Raw(markdown)

/**
 * A template whose interpolated values show as they were typed:
 *
 * ```ts
 * Md.text`Book ${boat} for ${nights} nights?` // a boat named *Elly* shows its stars
 * ```
 */
export const text = (
  parts: TemplateStringsArray,
  ...values: ReadonlyArray<string | number | Raw>
): string => {
  let result = parts[0] ?? ""
  values.forEach((value, index) => {
    result += value instanceof Raw ? value.markdown : escape(String(value))
    result += parts[index + 1] ?? ""
  })
  return result
}

/** Puts a backslash before everything that Discord would read as markup, a mention or an emoji. */
export const escape = (typed: string): string =>
  typed
    .replace(/[\\*_~`|<>[\]()#@:]/gu, (found) => `\\${found}`)
    .replace(/^(\s*)([-+]|\d+\.)(?=\s)/gmu, (_, space: string, marker: string) => `${space}\\${marker}`)

/** At most so many characters, not ended in the midst of a mention, of an escape, or of a surrogate pair. */
export const cut = (markdown: string, most: number): string =>
  markdown.length <= most
    ? markdown
    : `${markdown
        .slice(0, most - 1)
        .replace(/(?:<[@#:at][^<>\s]*|[\uD800-\uDBFF])$/u, "")
        .replace(/\\+$/u, "")}…`

/** A user, shown by name; it notifies only where the reply allows mentions. */
export const user = (id: string): Raw => new Raw(`<@${id}>`)

/** A channel, shown as a link. */
export const channel = (id: string): Raw => new Raw(`<#${id}>`)

/** A role, shown by name. */
export const role = (id: string): Raw => new Raw(`<@&${id}>`)

/** Inline code. Backticks inside are replaced by look-alikes, since Discord has no way to escape them. */
export const code = (typed: string): Raw => new Raw(`\`${typed.replace(/`/gu, "ˋ") || " "}\``)

/** A point in time, shown in the reader's own zone. `epochMillis` is rounded down to the second. */
export const time = (epochMillis: number, style: "t" | "T" | "d" | "D" | "f" | "F" | "R" = "f"): Raw =>
  new Raw(`<t:${Math.floor(epochMillis / 1000)}:${style}>`)
