/**
 * What a moderator reads of a mass ban: what was understood, how far it is, what became of whom.
 *
 * @module
 */
import * as Md from "../../interaction/Md.js"
import * as Reply from "../../interaction/Reply.js"
import type { Outcome, Status, Subject } from "./Model.js"
import type { Standing } from "./Standing.js"
import type { Targets } from "./Targets.js"

/** Names in one line; the rest is in the file. */
const NAMES = 10
/** Characters of what could not be read. */
const WORD = 30

const outcomeText: Readonly<Record<Outcome, string>> = {
  banned: "Banned",
  already: "Already banned",
  denied: "Not allowed",
  failed: "Failed",
  unknown: "Unknown whether banned",
  skipped: "Not done",
  pending: "Under way",
}

export const NOT_NOTED = "I could not note this in the mod log."

/** What was read, and what of it can be done. */
export const understood = ({ repeated, unread }: Targets, { already, denied, fresh }: Standing): string =>
  [
    `To be banned: ${people(fresh.length)}.`,
    ...(already.length === 0 ? [] : [`Already banned: ${named(already)}.`]),
    ...(denied.length === 0
      ? []
      : [`Not allowed: ${some(denied.map(({ userId, why }) => `${mention(userId)} (${why})`))}.`]),
    ...(repeated === 0 ? [] : [`Named more than once: ${repeated}.`]),
    ...(unread.length === 0
      ? []
      : [`I could not read: ${some(unread.map((one) => Md.escape(one.slice(0, WORD))))}.`]),
  ].join("\n")

export const question = (count: number, deleteDays: number): string => {
  const written =
    deleteDays === 0
      ? ""
      : `, and delete what they wrote in the last ${deleteDays === 1 ? "day" : `${deleteDays} days`}`
  return `Ban ${people(count)}${written}?`
}

export const progress = (done: number, all: number): string => `Banning: ${done} of ${all}…`

/** A line for each outcome that there is, with names where they are few. */
export const summary = (subjects: ReadonlyArray<Subject>): ReadonlyArray<string> =>
  order.flatMap((outcome) => {
    const of = subjects.filter((one) => one.outcome === outcome).map(({ userId }) => userId)
    if (of.length === 0) return []
    return [`${outcomeText[outcome]}: ${of.length}${of.length > NAMES ? "" : ` (${named(of)})`}`]
  })

const order: ReadonlyArray<Outcome> = ["banned", "already", "denied", "failed", "unknown", "skipped"]

/** How the whole went. */
export const statusOf = (subjects: ReadonlyArray<Subject>): Exclude<Status, "pending"> => {
  const has = (outcome: Outcome) => subjects.some((one) => one.outcome === outcome)
  if (has("unknown")) return "unknown"
  if (has("skipped")) return "stopped"
  if (has("failed") && !has("banned")) return "failed"
  return "done"
}

/** Everybody with what became of them. */
export const file = (name: string, subjects: ReadonlyArray<Subject>): Reply.File => ({
  name,
  contentType: "text/plain",
  data: new TextEncoder().encode(
    subjects.map(({ outcome, userId }) => `${userId} ${outcomeText[outcome].toLowerCase()}\n`).join(""),
  ),
})

/** With the file where not everybody can be named. */
export const reply = (content: string, subjects: ReadonlyArray<Subject>): Reply.Message =>
  Reply.make({
    content: Md.cut(content, 2_000),
    ...(subjects.length > NAMES ? { files: [file("massban.txt", subjects)] } : {}),
  })

const people = (count: number): string => (count === 1 ? "1 person" : `${count} people`)

const mention = (userId: string): string => Md.user(userId).markdown

const named = (ids: ReadonlyArray<string>): string => some(ids.map(mention))

const some = (all: ReadonlyArray<string>): string =>
  all.length <= NAMES ? all.join(", ") : `${all.slice(0, NAMES).join(", ")} and ${all.length - NAMES} more`
