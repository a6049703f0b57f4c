/**
 * A page of a list by ids, as most of Discord's lists are asked for: `limit`, `before`, `after`.
 *
 * @module
 */
import { Form } from "../form/Form.js"
import * as Snowflake from "../model/Snowflake.js"

/** How many are asked for; refuses with 50035 what is not between 1 and `most`. */
export const limit = (query: URLSearchParams, most: number, preset: number): number => {
  const form = Form.make()
  const found = form.at("limit").integer(query.get("limit") ?? undefined, 1, most) ?? preset
  form.done()
  return found
}

/** Oldest first: `after` counts upwards from there, `before` downwards. */
export const byId = <A>(
  query: URLSearchParams,
  all: ReadonlyArray<A>,
  idOf: (one: A) => string,
  most: number,
  preset: number,
): ReadonlyArray<A> => {
  const form = Form.make()
  const before = form.at("before").snowflake(query.get("before"))
  const after = form.at("after").snowflake(query.get("after"))
  form.done()
  const count = limit(query, most, preset)
  const sorted = all.toSorted((a, b) => Snowflake.compare(idOf(a), idOf(b)))
  if (before !== undefined)
    return sorted.filter((one) => Snowflake.compare(idOf(one), before) < 0).slice(-count)
  return sorted
    .filter((one) => after === undefined || Snowflake.compare(idOf(one), after) > 0)
    .slice(0, count)
}
