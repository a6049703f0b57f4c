/**
 * Try-outs and applications: plain data, as a store keeps it.
 *
 * An application is `writing` until the person sends it, then `pending` until a manager decides. While the role
 * is given it is `approving`, so that nobody else decides meanwhile. A manager who asks again makes it `writing`
 * once more, in the next round. All other states are its end.
 *
 * Ids are those of the interactions that made them: Discord never gives one twice, so that a button from a former
 * life of the bot can never mean another application.
 *
 * @module
 */
import { Schema } from "effect"
import { Answer, Question } from "./Question.js"

/** A call for applications. Times are epoch milliseconds. */
export const Tryout = Schema.Struct({
  id: Schema.String,
  guildId: Schema.String,
  name: Schema.String,
  /** Where applications are posted for review. */
  channelId: Schema.String,
  /** What an approved member is given. */
  roleId: Schema.NullOr(Schema.String),
  where: Schema.Literal("thread", "dm"),
  questions: Schema.Array(Question),
  /** Milliseconds for one question. */
  deadline: Schema.Number,
  openedBy: Schema.String,
  openedAt: Schema.Number,
  closedAt: Schema.NullOr(Schema.Number),
})
export type Tryout = typeof Tryout.Type

export const Status = Schema.Literal(
  "writing",
  "pending",
  "approving",
  "approved",
  "rejected",
  "withdrawn",
  "lapsed",
)
export type Status = typeof Status.Type

/** Where a message is. */
export const MessageAt = Schema.Struct({ channelId: Schema.String, messageId: Schema.String })
export type MessageAt = typeof MessageAt.Type

/** Where an interview is held: a thread, or the person's direct messages. */
export const Meeting = Schema.Struct({ kind: Schema.Literal("thread", "dm"), channelId: Schema.String })
export type Meeting = typeof Meeting.Type

/** As it is named to the person. */
export const meetingText = ({ channelId, kind }: Meeting): string =>
  kind === "dm" ? "your direct messages" : `<#${channelId}>`

/** What one person has handed in, or is about to. Times are epoch milliseconds. */
export const Application = Schema.Struct({
  id: Schema.String,
  tryoutId: Schema.String,
  guildId: Schema.String,
  userId: Schema.String,
  status: Status,
  /** By question; shorter than the questions while the person has not come to the end. */
  answers: Schema.Array(Answer),
  /** 1, and one more for each time a manager asked again. */
  round: Schema.Number,
  /** Who talks: each interview has a number of its own, and only the newest can change anything. */
  talk: Schema.Number,
  meeting: Schema.NullOr(Meeting),
  card: Schema.NullOr(MessageAt),
  startedAt: Schema.Number,
  submittedAt: Schema.NullOr(Schema.Number),
  decidedBy: Schema.NullOr(Schema.String),
  decidedAt: Schema.NullOr(Schema.Number),
  /** What the manager wrote when they rejected, or asked again. */
  reason: Schema.NullOr(Schema.String),
})
export type Application = typeof Application.Type

/** What every application begins with. */
export const blank = {
  status: "writing",
  answers: [],
  round: 1,
  talk: 1,
  meeting: null,
  card: null,
  submittedAt: null,
  decidedBy: null,
  decidedAt: null,
  reason: null,
} as const

/** Whether it still goes on. One person has at most one of these in a server. */
export const isOpen = ({ status }: Application): boolean =>
  status === "writing" || status === "pending" || status === "approving"

/** How long a manager's claim holds, in milliseconds: longer than giving a role takes. */
export const CLAIM = 60_000

/** As it stands at that time (epoch milliseconds): a claim that was lost with its bot counts no more. */
export const asOf = (application: Application, at: number): Application =>
  application.status === "approving" && at - (application.decidedAt ?? at) > CLAIM
    ? { ...application, status: "pending", decidedBy: null, decidedAt: null }
    : application

/** What a status is called. */
export const statusText: { readonly [S in Status]: string } = {
  writing: "not sent yet",
  pending: "waiting for a decision",
  approving: "waiting for a decision",
  approved: "approved",
  rejected: "rejected",
  withdrawn: "withdrawn",
  lapsed: "ended, because the try-out was closed before it was sent",
}

/** Where a person stopped: `stopped at question 3 of 5`. */
export const stoppedAt = ({ questions }: Tryout, { answers }: Application): string =>
  answers.length < questions.length
    ? `you stopped at question ${answers.length + 1} of ${questions.length}`
    : "you have answered everything, but not sent it"

/** `90 minutes`, `2 hours`, `45 seconds`. */
export const timeText = (millis: number): string => {
  const [one, size] = units.find(([, most]) => millis % most === 0) ?? ["second", 1_000]
  const count = Math.round(millis / size)
  return `${count} ${one}${count === 1 ? "" : "s"}`
}

const units = [
  ["hour", 3_600_000],
  ["minute", 60_000],
] as const
