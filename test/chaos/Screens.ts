/** What people saw of all that they did: whether it fits. */
import type { Message } from "../../src/sandbox/model/Model.js"
import type * as Kit from "../../src/testing/Kit.js"
import * as Screen from "../../src/testing/Screen.js"
import type * as Crowd from "./Crowd.js"
import { tally } from "./Tally.js"
import type { Seen, Witness } from "./Witness.js"

export interface Verdict {
  /** How often what they saw was an answer, a form, suggestions, an acknowledgement. */
  readonly outcomes: Readonly<Record<string, number>>
  /** How often they saw nothing, with why: never delivered, or what the bot has logged. */
  readonly sorry: Readonly<Record<string, number>>
  readonly lost: ReadonlyArray<string>
  readonly doubled: ReadonlyArray<string>
}

/** How long after a press that is only acknowledged what it does is seen. Milliseconds. */
const SOON = 60_000

export const judge = (
  kit: Kit.Kit,
  crowd: Crowd.Crowd,
  witness: Witness,
  log: ReadonlyArray<string>,
): Verdict => {
  const outcomes: Array<string> = []
  const sorry: Array<string> = []
  const lost: Array<string> = []
  const arrived = witness.arrived()
  const reasons = reasonsOf(log)
  const seen = witness.seen()
  const changes = new Map(seen.map((one) => [one.message.id, one]))
  const answered = tally(seen.flatMap(({ message }) => message.interaction?.id ?? []))
  const missed = (what: string, id: string, at: number, opener?: string): void => {
    const why = arrived.has(id)
      ? (reasons.get(id) ?? reasons.get(opener ?? ""))
      : witness.isExcused(at)
        ? "never delivered"
        : undefined
    if (why === undefined) lost.push(`${what}${arrived.has(id) ? "" : ", which never reached the bot"}`)
    else sorry.push(why)
  }
  for (const { actor, at, opener, source, turn, what } of crowd.started) {
    const { _tag } = turn.state()
    const told = `${what} of ${actor.user.username} (${turn.id}): ${_tag}`
    if (_tag === "Failed") missed(told, turn.id, at)
    else if (_tag === "Waiting" || _tag === "Deferred") lost.push(told)
    else if (
      _tag === "Acknowledged" &&
      !isFollowed(changes.get(source?.id ?? ""), at, answered[turn.id] ?? 0)
    )
      missed(`${told}, and nothing came of it`, turn.id, at, opener)
    else outcomes.push(_tag)
  }
  const replies = tally(
    seen.flatMap(({ message }) => (message.interaction === null ? (message.reference?.messageId ?? []) : [])),
  )
  const doubled = [...twice(crowd, witness)]
  for (const { channelId, content, id, sentAt } of crowd.written) {
    const times = replies[id] ?? 0
    const isThere = kit.world.channels.get(channelId)?.messages.has(id) === true
    if (times === 0 && !isThere) sorry.push("deleted before it was answered")
    else if (times === 0) missed(`${content} (${id})`, id, sentAt)
    else outcomes.push("reply to a message")
    if (times > 1) doubled.push(`${content} (${id}) was answered ${times} times`)
  }
  return { outcomes: tally(outcomes), sorry: tally(sorry), lost, doubled }
}

/**
 * Errors that the log gives for what was not shown, by the id of the interaction or message; and by that of the form or
 * press by which it would have been shown.
 */
const reasonsOf = (log: ReadonlyArray<string>): ReadonlyMap<string, string> =>
  new Map(
    log.flatMap((line): ReadonlyArray<readonly [string, string]> => {
      const found = /\((\d{15,})\) (?:was|were|could) not .*?: ([A-Z][A-Za-z]+)/u.exec(line)
      if (found === null) return []
      const [, id = "", tag = ""] = found
      const by = /\/interactions\/(\d+)\//u.exec(line)?.[1] ?? id
      return [
        [id, tag],
        [by, tag],
      ]
    }),
  )

/** Whether what was pressed was changed or taken away after that, or a message came of it. */
const isFollowed = (pressed: Seen | undefined, at: number, messages: number): boolean =>
  messages > 0 || pressed?.changedAt.some((time) => time >= at && time <= at + SOON) === true

/**
 * Final answers to one thing that somebody did: the last word, not the questions on the way there. What was
 * pressed on a question belongs to whatever asked.
 */
const twice = (crowd: Crowd.Crowd, witness: Witness): ReadonlyArray<string> => {
  const parents = new Map<string, string>()
  const names = new Map<string, string>()
  for (const { actor, isForm, source, turn, what } of crowd.started) {
    names.set(turn.id, `${what} of ${actor.user.username}`)
    const state = turn.state()
    const goesOn =
      isForm ||
      state._tag === "ModalShown" ||
      (state._tag === "Responded" && state.messages.some(({ id }) => id === source?.id))
    const parent = source?.interaction?.id ?? source?.reference?.messageId ?? undefined
    if (source !== undefined && parent !== undefined && goesOn && witness.wasQuestion(source.id))
      parents.set(turn.id, parent)
  }
  const rootOf = (id: string): string => {
    const parent = parents.get(id)
    return parent === undefined || parent === id ? id : rootOf(parent)
  }
  const finals = new Map<string, Array<Seen>>()
  for (const seen of witness.seen()) {
    const { isQuestion, message } = seen
    if (message.interaction === null || isQuestion || Screen.isThinking(message)) continue
    // What a mass ban says of its progress, closed.
    if (/^(?:Case \d+ is closed|Stopped\.$|Nothing was begun\.$)/u.test(message.content)) continue
    // Said beside what was shown until then.
    if (message.content === "This was stopped by an administrator.") continue
    // Says what is under way. Where Discord's answer to it was lost nobody can take it back, since it is private.
    if (message.content === "Erasing…") continue
    // The bot cannot tell whether what it says this of was shown.
    if (message.content.startsWith("Discord answered something that I do not understand")) continue
    const root = rootOf(message.interaction.id)
    finals.set(root, [...(finals.get(root) ?? []), seen])
  }
  return [...finals]
    .map(([id, all]) => [id, all.filter((one) => !isTakenBack(one, all))] as const)
    .filter(([, seen]) => seen.length > 1)
    .map(
      ([id, seen]) =>
        `${names.get(id) ?? id} (${id}) has ${seen.length} answers: ${seen.map(({ message }) => faceOf(message)).join(" and ")}`,
    )
}

/** Whether it was taken away before another was shown. */
const isTakenBack = (one: Seen, all: ReadonlyArray<Seen>): boolean =>
  all.some((other) => other !== one && one.goneAt <= other.shownAt)

const faceOf = ({ attachments, components, content, embeds }: Message): string =>
  JSON.stringify([content, embeds, attachments.length, components.length]).slice(0, 200)
