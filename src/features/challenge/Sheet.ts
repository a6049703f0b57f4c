/**
 * A challenge as a JSON file: for people to keep, to read, and to move it elsewhere.
 *
 * @module
 */
import { Either, Predicate, Schema } from "effect"
import * as Document from "../../resource/Document.js"
import * as Offload from "../../resource/Offload.js"
import * as Calendar from "./Calendar.js"
import type { Book, Challenge } from "./Model.js"
import * as Stake from "./Stake.js"

const Positive = Schema.Int.pipe(Schema.greaterThanOrEqualTo(1))
const Id = Schema.String.pipe(
  Schema.pattern(/^\d{17,20}$/u, { message: () => "must be the id of a user, as text" }),
)

/** A year has no more. */
const PERIODS = 366

const isNumbers = (given: unknown): given is ReadonlyArray<number> =>
  Array.isArray(given) && given.every(Predicate.isNumber)

const Span = Schema.Struct({ from: Positive, until: Schema.NullOr(Positive) })

const Member = Schema.Struct({
  userId: Id,
  name: Schema.String.pipe(Schema.maxLength(100)),
  /** Periods, from 1 to that of the year's end: `until` is the first one without them, null while they take part. */
  spans: Schema.NonEmptyArray(Span).pipe(Schema.maxItems(PERIODS)),
  /** The periods that were logged. There may be very many in a file: `mistake` looks at each, and no schema. */
  done: Schema.declare(isNumbers, { description: "a list of numbers" }).pipe(Schema.maxItems(PERIODS)),
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
}).pipe(Schema.filter((sheet) => mistake(sheet)))
export type Sheet = typeof Sheet.Type

/** What no single field shows: the first that is wrong. */
const mistake = (sheet: {
  readonly every: "day" | "week"
  readonly year: number
  readonly members: ReadonlyArray<typeof Member.Type>
}): Schema.FilterIssue | undefined => {
  const last = Calendar.length(sheet.every, sheet.year)
  const ids = new Set<string>()
  for (const [index, { done, spans, userId }] of sheet.members.entries()) {
    const wrong = (message: string, ...path: ReadonlyArray<string | number>): Schema.FilterIssue => ({
      path: ["members", index, ...path],
      message,
    })
    if (ids.has(userId)) return wrong("is there twice", "userId")
    ids.add(userId)
    const open = new Set<number>()
    for (const [at, { from, until }] of spans.entries()) {
      const before = spans[at - 1]
      if (from > last || (until !== null && until > last + 1))
        return wrong(`must lie within 1 to ${last}`, "spans", at)
      if (until !== null && until <= from) return wrong("must end after it begins", "spans", at)
      if (before !== undefined && (before.until === null || before.until >= from))
        return wrong("must begin after the one before it", "spans", at)
      for (let period = from; period < (until ?? last + 1); period++) open.add(period)
    }
    const logged = new Set<number>()
    for (const [at, period] of done.entries()) {
      if (logged.has(period)) return wrong("is there twice", "done", at)
      logged.add(period)
      if (!open.has(period)) return wrong("must lie within one of the spans", "done", at)
    }
  }
  return undefined
}

/** What `parse` reads. */
export const of = ({ challenge, members }: Book): Sheet => ({
  name: challenge.name,
  every: challenge.every,
  stake: `${Math.trunc(challenge.cents / 100)}.${String(challenge.cents % 100).padStart(2, "0")}`,
  currency: challenge.currency,
  year: challenge.year,
  members: members.flatMap(({ done, name, spans, userId }) => {
    const [first, ...more] = spans
    return first === undefined ? [] : [{ userId, name, spans: [first, ...more], done }]
  }),
})

/** Left says where it is wrong. */
export const parse = (text: string): Either.Either<Sheet, string> => Document.parse(Sheet, text)

/** `parse` in a worker. What comes back was checked over there: here it would hold up the event loop. */
export const parsing = Offload.task("sheet", {
  file: new URL("./Sheet.worker.js", import.meta.url),
  input: Schema.String,
  output: Schema.Union(
    Schema.Struct({ wrong: Schema.String }),
    Schema.Struct({ sheet: Schema.declare((given): given is Sheet => Predicate.isRecord(given)) }),
  ),
})

export const bookOf = (
  { currency, every, members, name, stake, year }: Sheet,
  about: Pick<Challenge, "id" | "guildId" | "createdAt" | "createdBy">,
): Book => ({
  challenge: { ...about, name, every, currency, year, cents: Stake.parse(stake)?.cents ?? 0 },
  members,
})
