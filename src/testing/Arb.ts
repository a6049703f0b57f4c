/**
 * Arbitraries for what a bot meets: times, people, messages, parameters, faults, orders of arrival.
 *
 * They are fast-check's, for `it.effect.prop`, `Explore` and `fc.property` alike. Each shrinks towards what is
 * plain: no delay, a short word, no fault, the order in which things were named.
 *
 * @module
 */
import * as fc from "effect/FastCheck"
import type { Param, Params } from "../command/Param.js"
import type { Command } from "../command/Spec.js"
import * as Expected from "../interaction/Expected.js"
import type { Given } from "./Member.js"

/** Milliseconds, both ends included and often drawn. */
export const millis = (min: number, max: number): fc.Arbitrary<number> =>
  fc.oneof(
    { arbitrary: fc.integer({ min, max }), weight: 4 },
    { arbitrary: fc.constantFrom(min, max), weight: 1 },
  )

/** Milliseconds at, just before and just after each of the given moments, and anywhere up to `max`. */
export const around = (moments: ReadonlyArray<number>, max: number): fc.Arbitrary<number> => {
  const near = moments.flatMap((moment) => [moment, moment - 1, moment + 1]).filter((at) => at >= 0)
  return near.length === 0
    ? millis(0, max)
    : fc.oneof({ arbitrary: millis(0, max), weight: 1 }, { arbitrary: fc.constantFrom(...near), weight: 1 })
}

/** How long a request takes: mostly none or little, sometimes up to `max` milliseconds. Default 2,000. */
export const latency = (max = 2_000): fc.Arbitrary<number> =>
  fc.oneof(
    { arbitrary: fc.constant(0), weight: 2 },
    { arbitrary: fc.integer({ min: 0, max: Math.min(200, max) }), weight: 2 },
    { arbitrary: fc.integer({ min: 0, max }), weight: 1 },
  )

/** One for each request in turn: for the option `latency` of `Kit.run`. */
export const latencies = (max = 2_000): fc.Arbitrary<ReadonlyArray<number>> =>
  fc.array(latency(max), { maxLength: 8 })

/** A time to wait for a person, in milliseconds: a second to an hour. */
export const deadline = (min = 1_000, max = 3_600_000): fc.Arbitrary<number> => millis(min, max)

/** A seed for the option `interleaving`; undefined keeps the order in which things came. */
export const interleaving: fc.Arbitrary<number | undefined> = fc.option(fc.nat(), { nil: undefined })

/** A username as Discord takes it (2–32 lower-case letters, digits, `_` and `.`), nobody of the kit's. */
export const memberName: fc.Arbitrary<string> = fc
  .string({
    unit: fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz0123456789_"),
    minLength: 2,
    maxLength: 32,
  })
  .map((name) => `${name.slice(0, 30)}_${name.length % 10}`)

const nasty = [
  "**bold** _it_ ~~no~~ ||spoiler||",
  "`code` ```block```",
  "> quote\n# head\n- list",
  "[link](https://example.org)",
  "@everyone @here",
  "<@123456789012345678> <@&123456789012345678> <#123456789012345678>",
  "<:emoji:123456789012345678> <t:0:R>",
  "\\*escaped\\* \\\\",
  "\u202Eright to left\u202C",
  "zero\u200Bwidth",
  "e\u0301 \u{1F468}\u200D\u{1F469}\u200D\u{1F467} \u{1F3F4}",
  "Z\u0351\u036Ba\u0353lgo",
  "line\r\nbreak\ttab",
  "%s {} $1 ${x} <script>",
  "'; DROP TABLE berths; --",
  "cancel",
  "!",
]

/** What people write: plain words, and what breaks bots. 1 to `max` UTF-16 units (Discord: 2,000), not blank. */
export const messageText = (max = 2_000): fc.Arbitrary<string> =>
  fc
    .oneof(
      fc.string({ minLength: 1, maxLength: Math.min(max, 60) }),
      fc.string({ unit: "grapheme", minLength: 1, maxLength: Math.min(max, 60) }),
      fc.array(fc.constantFrom(...nasty), { minLength: 1, maxLength: 4 }).map((parts) => parts.join(" ")),
      fc.constant("x".repeat(max)),
    )
    // A cut may not leave half of a pair.
    .map((text) => text.slice(0, max).replace(/[\uD800-\uDBFF]$/u, ""))
    .filter((text) => text.trim() !== "")

/**
 * Values that Discord's own client would let through for a command's parameters, left out where they may be. A
 * Schema on top may still refuse them. People and roles are those of the kit's guild; files are small; throws for
 * a `message` parameter, which only a test can choose.
 */
export const params = <P extends Params, E, R>(command: Command<string, P, E, R>): fc.Arbitrary<Given<P>> => {
  if (command.body._tag === "Group") throw new Error(`${command.name} is a group: give one of its commands`)
  const entries = Object.entries(command.body.params).map(([name, param]) => {
    const value = valueOf(name, param)
    return [name, param.optional ? fc.option(value, { nil: undefined }) : value] as const
  })
  return fc.record(Object.fromEntries(entries)) as unknown as fc.Arbitrary<Given<P>>
}

/** Whole numbers within ±2^53 (Discord). */
const LARGEST = 2 ** 53 - 1

const valueOf = (name: string, { choices, kind, max, min }: Param<unknown>): fc.Arbitrary<unknown> => {
  if (choices !== undefined) return fc.constantFrom(...choices.map(({ value }) => value))
  switch (kind) {
    case "string":
      return fc.oneof(
        fc.string({ minLength: min ?? 0, maxLength: max ?? 100 }),
        messageText(max ?? 100).filter((text) => Expected.characters(text) >= (min ?? 0)),
      )
    case "integer":
      return fc.integer({ min: min ?? -LARGEST, max: max ?? LARGEST })
    case "number":
      return fc.double({ min: min ?? -1e15, max: max ?? 1e15, noNaN: true })
    case "boolean":
      return fc.boolean()
    case "user":
    case "member":
    case "mentionable":
      return fc.constantFrom("ada", "ben")
    case "channel":
      return fc.constantFrom("general", "tryouts", "mod-log")
    case "role":
      return fc.constant("Moderator")
    case "attachment":
      return fc.record({ name: fc.constantFrom("a.png", "b.txt"), bytes: fc.uint8Array({ maxLength: 64 }) })
    case "message":
      throw new Error(`${name} is a message: choose one in the test`)
  }
}

/** Something that happens at a time. */
export interface Arrival<out What extends string> {
  readonly what: What
  /** Milliseconds from now. */
  readonly at: number
}

/**
 * Each of the named things once, or not at all, in any order and at any time: for `Explore.play`. Times at, just
 * before and just after the moments of `near` come often, and so do ties.
 */
export const arrivals = <const What extends string>(
  things: ReadonlyArray<What>,
  options: { readonly within: number; readonly near?: ReadonlyArray<number> },
): fc.Arbitrary<ReadonlyArray<Arrival<What>>> =>
  fc
    .shuffledSubarray([...things])
    .chain((chosen) =>
      fc.tuple(
        ...chosen.map((what) =>
          around(options.near ?? [], options.within).map((at): Arrival<What> => ({ what, at })),
        ),
      ),
    )
    .map((some) => [...some].sort((a, b) => a.at - b.at))

/**
 * A way in which Discord, or the way to it, goes wrong.
 *
 * - `drop`: every socket breaks. `reconnect`: Discord asks for a new connection. `forget`: the session is gone.
 * - `slow`: answers take `millis` from now on. `refuse`: the next request is answered 500.
 * - `lose`: the next request is carried out, and its answer lost in a 500.
 */
export interface Fault {
  readonly fault: "drop" | "reconnect" | "forget" | "slow" | "refuse" | "lose"
  readonly at: number
  readonly millis: number
}

/** Up to four faults within so many milliseconds: for `Explore.sabotage`. */
export const faultPlan = (within: number): fc.Arbitrary<ReadonlyArray<Fault>> =>
  fc
    .array(
      fc.record({
        fault: fc.constantFrom<Fault["fault"]>("slow", "refuse", "lose", "reconnect", "drop", "forget"),
        at: millis(0, within),
        millis: latency(),
      }),
      { maxLength: 4 },
    )
    .map((plan) => [...plan].sort((a, b) => a.at - b.at))
