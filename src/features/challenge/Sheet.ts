/**
 * A challenge as a JSON file: for people to keep, to read, and to move it elsewhere.
 *
 * @module
 */
import { Either, Schema } from "effect"
import * as Document from "../../resource/Document.js"
import * as Calendar from "./Calendar.js"
import type { Book, Challenge } from "./Model.js"
import * as Stake from "./Stake.js"

const Positive = Schema.Int.pipe(Schema.greaterThanOrEqualTo(1))
const Id = Schema.String.pipe(
  Schema.pattern(/^\d{17,20}$/u, { message: () => "must be the id of a user, as text" }),
)

const Span = Schema.Struct({ from: Positive, until: Schema.NullOr(Positive) })

const Member = Schema.Struct({
  userId: Id,
  name: Schema.String.pipe(Schema.maxLength(100)),
  /** Periods, from 1 to that of the year's end: `until` is the first one without them, null while they take part. */
  spans: Schema.NonEmptyArray(Span),
  /** The periods that were logged. */
  done: Schema.Array(Positive),
})

export const Sheet = Schema.Struct({
  name: Schema.Trim.pipe(Schema.minLength(1), Schema.maxLength(50)),
  every: Schema.Literal("day", "week"),
  /** For each missed period: `2.50`. */
  stake: Schema.String.pipe(
    Schema.filter((text) => Stake.parse(text) !== undefined, {
      message: () => "must be an amount such as 2.50",
    }),
  ),
  currency: Schema.String.pipe(Schema.pattern(/^[^\d\s.,+-]{1,4}$/u)),
  year: Schema.Int.pipe(Schema.between(1970, 2100)),
  members: Schema.Array(Member).pipe(Schema.maxItems(5_000)),
}).pipe(Schema.filter((sheet) => mistakes(sheet)))
export type Sheet = typeof Sheet.Type

/** What no single field shows. */
const mistakes = (sheet: {
  readonly every: "day" | "week"
  readonly year: number
  readonly members: ReadonlyArray<typeof Member.Type>
}): ReadonlyArray<Schema.FilterIssue> => {
  const last = Calendar.length(sheet.every, sheet.year)
  const ids = new Set<string>()
  const found: Array<Schema.FilterIssue> = []
  sheet.members.forEach(({ done, spans, userId }, index) => {
    const wrong = (message: string, ...path: ReadonlyArray<string | number>) =>
      found.push({ path: ["members", index, ...path], message })
    if (ids.has(userId)) wrong("is there twice", "userId")
    ids.add(userId)
    spans.forEach(({ from, until }, at) => {
      const before = spans[at - 1]
      if (from > last || (until !== null && until > last + 1))
        wrong(`must lie within 1 to ${last}`, "spans", at)
      if (until !== null && until <= from) wrong("must end after it begins", "spans", at)
      if (before !== undefined && (before.until === null || before.until >= from))
        wrong("must begin after the one before it", "spans", at)
    })
    const logged = new Set<number>()
    done.forEach((period, at) => {
      if (logged.has(period)) wrong("is there twice", "done", at)
      logged.add(period)
      if (!spans.some(({ from, until }) => from <= period && period < (until ?? last + 1)))
        wrong("must lie within one of the spans", "done", at)
    })
  })
  return found.slice(0, 1)
}

/** As bytes that `parse` reads. */
export const of = ({ challenge, done, members }: Book): Sheet => {
  const periods = members.map((): Array<number> => [])
  for (const [member, period] of done) periods[member]?.push(period)
  return {
    name: challenge.name,
    every: challenge.every,
    stake: `${Math.trunc(challenge.cents / 100)}.${String(challenge.cents % 100).padStart(2, "0")}`,
    currency: challenge.currency,
    year: challenge.year,
    members: members.flatMap(({ name, spans, userId }, index) => {
      const [first, ...more] = spans
      return first === undefined
        ? []
        : [{ userId, name, spans: [first, ...more], done: periods[index] ?? [] }]
    }),
  }
}

/** Left says where it is wrong. */
export const parse = (text: string): Either.Either<Sheet, string> => Document.parse(Sheet, text)

export const bookOf = (
  { currency, every, members, name, stake, year }: Sheet,
  about: Pick<Challenge, "id" | "guildId" | "createdAt" | "createdBy">,
): Book => ({
  challenge: { ...about, name, every, currency, year, cents: Stake.parse(stake)?.cents ?? 0 },
  members: members.map(({ name, spans, userId }) => ({ userId, name, spans })),
  done: members.flatMap(({ done }, index) => done.map((period) => [index, period] as const)),
})
