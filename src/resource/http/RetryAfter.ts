/**
 * The header `Retry-After`: so many seconds, or a date.
 *
 * @module
 */

/** Epoch milliseconds; undefined where the header is missing or makes no sense, not before `now` otherwise. */
export const parse = (value: string | undefined, now: number): number | undefined => {
  const text = value?.trim() ?? ""
  if (/^\d{1,10}$/u.test(text)) return now + Number(text) * 1_000
  // A date has a name of a day or a month in it; anything else is read too generously.
  const at = /[a-z]{3}/iu.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? undefined : Math.max(now, at)
}
