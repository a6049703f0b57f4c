/**
 * `@cleo`, `@Moderator` and `#tryouts` as people type them, and `<@1>`, `<@&2>` and `<#3>` as Discord sends
 * them.
 *
 * @module
 */
import { DateTime } from "effect"

/** Something that can be mentioned. */
export interface Mentionable {
  /** With its sign: `@cleo`, `#tryouts`. */
  readonly name: string
  /** `<@1>`. */
  readonly mention: string
}

/** Turns the names in a text into mentions. The longest name that fits wins; case counts not. */
export const encode = (text: string, known: ReadonlyArray<Mentionable>): string => {
  const byLength = known.toSorted((a, b) => b.name.length - a.name.length)
  let result = ""
  let at = 0
  while (at < text.length) {
    const char = text[at] as string
    const found =
      (char === "@" || char === "#") && !isWord(text[at - 1]) && text[at - 1] !== "<"
        ? byLength.find(({ name }) => fits(text, at, name))
        : undefined
    result += found?.mention ?? char
    at += found?.name.length ?? 1
  }
  return result
}

const fits = (text: string, at: number, name: string): boolean =>
  text.slice(at, at + name.length).toLowerCase() === name.toLowerCase() && !isWord(text[at + name.length])

const isWord = (char: string | undefined): boolean => char !== undefined && /[\p{L}\p{N}_]/u.test(char)

/** Turns mentions into names, Discord's times into dates, and what is escaped into itself, for reading. */
export const decode = (text: string, known: ReadonlyArray<Mentionable>): string =>
  text
    .replace(/<(?:@[!&]?|#)\d+>/gu, (mention) => {
      const plain = mention.replace("<@!", "<@")
      return known.find((one) => one.mention === plain)?.name ?? mention
    })
    .replace(
      /<t:(-?\d{1,12})(?::([a-zA-Z]))?>/gu,
      (whole, seconds: string, style: string | undefined) => time(Number(seconds) * 1000, style) ?? whole,
    )
    // In code a backslash is a backslash.
    .replace(
      /(`+)[^]*?\1|\\([!-/:-@[-`{-~])/gu,
      (whole, _: string, escaped: string | undefined) => escaped ?? whole,
    )

/** The years 1 to 9999, which are written with four digits: milliseconds. */
const FIRST = -62_135_596_800_000
const LAST = 253_402_300_799_000

const time = (millis: number, style: string | undefined): string | undefined => {
  if (millis < FIRST || millis > LAST) return undefined
  const iso = DateTime.formatIso(DateTime.unsafeMake(millis))
  if (style === "d" || style === "D") return iso.slice(0, 10)
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`
}
