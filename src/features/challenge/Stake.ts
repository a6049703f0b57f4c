/**
 * Amounts of money as people write them: `2.50`, `2,50 €`, `$3`. Kept as whole cents, since fractions of a cent are
 * how sums go wrong.
 *
 * @module
 */
import { ParseResult, Schema } from "effect"

export interface Stake {
  readonly cents: number
  readonly currency: string
}

const EXPECTED = "an amount from 0.01 to 99,999.99 such as `2.50`, `2,50 €` or `$3`"

/** Undefined where it is none. */
export const parse = (text: string): Stake | undefined => {
  const found =
    /^(?<before>[^\d\s.,+-]{1,4})?\s*(?<whole>\d{1,5})(?:[.,](?<part>\d{1,2}))?\s*(?<after>[^\d\s.,+-]{1,4})?$/u.exec(
      text.trim(),
    )?.groups
  if (found === undefined || (found["before"] !== undefined && found["after"] !== undefined)) return undefined
  const cents = Number(found["whole"]) * 100 + Number((found["part"] ?? "").padEnd(2, "0"))
  return cents === 0 ? undefined : { cents, currency: found["before"] ?? found["after"] ?? "€" }
}

/** As a parameter. */
export const FromText = Schema.transformOrFail(
  Schema.String,
  Schema.Struct({ cents: Schema.Int, currency: Schema.String }),
  {
    strict: true,
    decode: (text, _, ast) => {
      const stake = parse(text)
      return stake === undefined
        ? ParseResult.fail(new ParseResult.Type(ast, text, EXPECTED))
        : ParseResult.succeed(stake)
    },
    encode: ({ cents, currency }) => ParseResult.succeed(`${cents / 100} ${currency}`),
  },
)
