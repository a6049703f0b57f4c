/**
 * How much a message looks like spam: plain functions from what a person has written lately.
 *
 * Each sign is a share of its limit, which is 1 where it is spam by itself. Shares are squared and added: two signs
 * at seven tenths of their limits are spam together, while several faint ones are not. A message whose score is
 * `SPAM` or more is spam.
 *
 * @module
 */
import { Hash } from "effect"
import * as ScamDomains from "../guild/ScamDomains.js"
import type { Rules } from "./Model.js"

/** The score from which on a message is spam. */
export const SPAM = 100

/** For how long the number of messages counts. Milliseconds. */
export const RATE_WINDOW = 10_000
/** For how long a text counts as the same again. Milliseconds. */
export const DUPLICATE_WINDOW = 60_000
/** How many messages of a person are remembered; more are spam by any limit that can be set. */
const REMEMBERED = 128
/** Shorter texts are said again without harm: “ok”, “thanks”. */
export const SHORT = 8

/** Why a message is spam. */
export type Sign = "rate" | "duplicates" | "mentions" | "everyone" | "invites" | "scam"

/** What is in a message, as far as it matters here. */
export interface Facts {
  /** Epoch milliseconds. */
  readonly at: number
  /** As it is compared: without case, odd spaces and invisible characters. */
  readonly text: string
  readonly mentions: number
  /** It tries to call everyone. */
  readonly everyone: boolean
  readonly invites: number
  /** Links to known scams. */
  readonly scams: number
}

/** What a person has written lately, oldest first; of the texts only a number that equal ones share. */
export type Lately = ReadonlyArray<{ readonly at: number; readonly text: number }>

export interface Verdict {
  /** With this message, to be given for the next. */
  readonly lately: Lately
  readonly score: number
  /** Those that weigh, the heaviest first. */
  readonly signs: ReadonlyArray<Sign>
}

/** What of a message is looked at. */
export interface Written {
  readonly at: number
  readonly content: string
  readonly mentions: number
}

/** Reads a message. `scams`: domains, in lower case; those below them count as well. */
export const facts = (message: Written, scams: ReadonlySet<string>): Facts => {
  const { at, content, mentions } = message
  const hosts = [...content.matchAll(LINK)].map(([, host]) => (host ?? "").toLowerCase())
  return {
    at,
    text: normal(content),
    mentions,
    everyone: EVERYONE.test(content),
    invites: [...content.matchAll(INVITE)].length,
    scams: scams.size === 0 ? 0 : hosts.filter((host) => ScamDomains.includes(scams, host)).length,
  }
}

/** Judges a message by what came before it from the same person. */
export const judge = (before: Lately, message: Facts, rules: Rules): Verdict => {
  const { at, everyone, invites, mentions, scams, text } = message
  const hash = Hash.string(text)
  const lately = [
    ...before.filter((one) => at - one.at < DUPLICATE_WINDOW).slice(1 - REMEMBERED),
    { at, text: hash },
  ]
  const close = lately.filter((one) => at - one.at < RATE_WINDOW).length
  const same = text.length < SHORT ? 1 : lately.filter((one) => one.text === hash).length
  const shares: ReadonlyArray<readonly [Sign, number]> = [
    ["rate", repeated(close, rules.rate)],
    ["duplicates", repeated(same, rules.duplicates)],
    ["mentions", mentions / rules.mentions],
    ["everyone", everyone ? 0.5 : 0],
    ["invites", invites === 0 ? 0 : rules.invites ? 1 : 0.5],
    ["scam", scams === 0 ? 0 : 1],
  ]
  const score = shares.reduce((sum, [, share]) => sum + share ** 2, 0) * SPAM
  const signs = shares
    .filter(([, share]) => share >= 0.5)
    .toSorted(([, a], [, b]) => b - a)
    .map(([sign]) => sign)
  // A sum of fractions that comes to the limit is not to fall short of it.
  return { lately, score: Math.round(score * 1_000) / 1_000, signs }
}

/** The first is no sign of anything; the one at the limit is. */
const repeated = (count: number, limit: number): number => (count - 1) / (limit - 1)

const LINK = /https?:\/\/(?:[^\s/<>@]+@)?([^\s/<>:?#)\]]+)/giu
const INVITE = /(?:discord\.gg|discord(?:app)?\.com\/invite)\/[\w-]+/giu
const EVERYONE = /@(?:everyone|here)\b/u
// What cannot be seen is put between letters so that texts differ.
const INVISIBLE = /\p{Cf}|\u034f/gu

const normal = (content: string): string =>
  content.normalize("NFKC").replace(INVISIBLE, "").replace(/\s+/gu, " ").trim().toLowerCase()
