/**
 * Variables that look as if they were meant for the bot, and that nothing reads.
 *
 * Told apart from those of other programs: the name is nearly that of a variable that is read and that is not
 * set. What it is set to is not looked at.
 *
 * @module
 */
import { names, type Variables } from "./Settings.js"

/** One line for each, with the name that may be meant. */
export const find = (variables: Variables): ReadonlyArray<string> =>
  Object.keys(variables).flatMap((name) => {
    if (names.includes(name)) return []
    const meant = names.find(
      (known) => (variables[known] ?? "") === "" && isNear(name.toUpperCase(), known, slips(known)),
    )
    return meant === undefined ? [] : [`${name} is set, but nothing reads it. Is ${meant} meant?`]
  })

/** More than one letter of a short name makes another word. */
const slips = (known: string): number => (known.length < 10 ? 1 : 2)

/** Whether so few letters are wrong, missing, too many, or in the other order. */
const isNear = (a: string, b: string, most: number): boolean => {
  if (Math.abs(a.length - b.length) > most) return false
  let start = 0
  while (start < a.length && a[start] === b[start]) start++
  if (start === a.length && start === b.length) return true
  if (most === 0) return false
  const [x, y] = [a.slice(start), b.slice(start)]
  return (
    isNear(x.slice(1), y.slice(1), most - 1) ||
    isNear(x.slice(1), y, most - 1) ||
    isNear(x, y.slice(1), most - 1) ||
    (x[0] === y[1] && x[1] === y[0] && isNear(x.slice(2), y.slice(2), most - 1))
  )
}
