/**
 * Days and weeks of a year, numbered from 1, in a time zone.
 *
 * Weeks begin on Monday and belong to the year that has their Thursday (ISO 8601), so that none is shorter than
 * another: a year has 52 or 53 of them.
 *
 * @module
 */
import { DateTime } from "effect"
import type { Challenge, Every } from "./Model.js"

export interface Period {
  readonly year: number
  /** From 1: day of the year, or week. */
  readonly number: number
}

const DAY = 86_400_000

const formats = new Map<string, Intl.DateTimeFormat>()

/** The date on the calendar there, as midnight UTC of the same date. */
const dateIn = (zone: string, at: number): number => {
  const format =
    formats.get(zone) ??
    new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      calendar: "gregory",
      year: "numeric",
      month: "numeric",
      day: "numeric",
    })
  formats.set(zone, format)
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]))
  return Date.UTC(parts.get("year") ?? 0, (parts.get("month") ?? 1) - 1, parts.get("day") ?? 1)
}

const yearOf = (date: number): number => DateTime.getPartUtc(DateTime.unsafeMake(date), "year")

const daysSinceMonday = (date: number): number =>
  (DateTime.getPartUtc(DateTime.unsafeMake(date), "weekDay") + 6) % 7

/** Monday of the first week. */
const firstMonday = (year: number): number => {
  const fourth = Date.UTC(year, 0, 4)
  return fourth - daysSinceMonday(fourth) * DAY
}

/** The day or week that a moment (epoch milliseconds) lies in. */
export const periodAt = (every: Every, zone: string, at: number): Period => {
  const date = dateIn(zone, at)
  if (every === "day") {
    const year = yearOf(date)
    return { year, number: (date - Date.UTC(year, 0, 1)) / DAY + 1 }
  }
  const thursday = date + (3 - daysSinceMonday(date)) * DAY
  const year = yearOf(thursday)
  return { year, number: Math.floor((date - firstMonday(year)) / (7 * DAY)) + 1 }
}

/** How many days or weeks a year has. */
export const length = (every: Every, year: number): number =>
  every === "day"
    ? (Date.UTC(year + 1, 0, 1) - Date.UTC(year, 0, 1)) / DAY
    : (firstMonday(year + 1) - firstMonday(year)) / (7 * DAY)

/** The period that goes on: 0 before the challenge's year, one more than there are after it. */
export const current = (
  { every, year }: Pick<Challenge, "every" | "year">,
  zone: string,
  at: number,
): number => {
  const now = periodAt(every, zone, at)
  return now.year < year ? 0 : now.year > year ? length(every, year) + 1 : now.number
}

const dayText = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", day: "numeric", month: "long" })

/** `12 March`, or `week 11 (9 March to 15 March)`. */
export const text = ({ every, year }: Pick<Challenge, "every" | "year">, period: number): string => {
  if (every === "day") return dayText.format(Date.UTC(year, 0, 1) + (period - 1) * DAY)
  const monday = firstMonday(year) + (period - 1) * 7 * DAY
  return `week ${period} (${dayText.format(monday)} to ${dayText.format(monday + 6 * DAY)})`
}
