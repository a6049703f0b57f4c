/**
 * A question whose answers do something: buttons, or a select menu where they are many.
 *
 * ```ts
 * const menu = Menu.make("What now?", [
 *   Menu.view("Boats", listOfBoats),           // a page in the menu's place, with a way back to it
 *   Menu.run("Add a boat", addBoat),           // may ask questions of its own; then the menu is shown again
 *   Menu.end("Leave", Effect.succeed("left")), // what the menu gives
 * ])
 * ```
 *
 * The deadline counts from the last press. What an item fails with ends the menu.
 *
 * Numbers from Discord's documentation of components: 25 options of 1–100 characters in a select menu, labels of
 * 1–80 on buttons.
 *
 * @module
 */
import { ButtonStyle, ComponentType } from "discord-api-types/v10"
import { Duration, Effect, type Scope } from "effect"
import type { RestError } from "../DiscordError.js"
import type { Interaction } from "../interaction/Interaction.js"
import * as Md from "../interaction/Md.js"
import type * as Reply from "../interaction/Reply.js"
import type { InteractionEnded } from "../interaction/Response.js"
import type * as Waits from "../wait/Waits.js"
import { InvalidDeclaration } from "./ConversationError.js"
import * as Exchange from "./Exchange.js"

/** What a menu shows: Markdown, or a message without components of its own. */
export type Page = string | Reply.Message

/** One answer, and what it does. */
export interface Item<out A = unknown, out E = unknown, out R = unknown> {
  readonly label: string
  /** Below the label in a select menu; at most 100 characters (Discord). */
  readonly description: string | undefined
  readonly action: Action<A, E, R>
}

export type Action<A, E, R> =
  | { readonly _tag: "View"; readonly page: Effect.Effect<Page, E, R> }
  | { readonly _tag: "Run"; readonly effect: Effect.Effect<unknown, E, R> }
  | { readonly _tag: "End"; readonly effect: Effect.Effect<A, E, R> }

/** A menu that ends with `A`: a plain value, to be shown any number of times. */
export interface Menu<out A, out E = never, out R = never> {
  /** Made anew whenever the menu is shown. */
  readonly question: Effect.Effect<Page, E, R>
  readonly items: ReadonlyArray<Item<A, E, R>>
}

export interface ItemOptions {
  /** Below the label, in a select menu; at most 100 characters (Discord). A menu with any is a select menu. */
  readonly description?: string
}

export interface Options {
  /** How long the person has, from the last press. */
  readonly within: Duration.DurationInput
  /** How long one message of the menu can be used at most, however often it is pressed. Default 1 hour. */
  readonly atMost?: Duration.DurationInput
  /** Whether only the person sees it. Default false. */
  readonly ephemeral?: boolean
  /** Whether there is a Cancel button; the word "cancel" works in any case. Default true. */
  readonly cancel?: boolean
}

/** What a menu can fail with besides what its items do. */
export type Failure = Exchange.Ends | RestError | InteractionEnded

// ---------------------------------------------------------------------------------------------------------
// Making
// ---------------------------------------------------------------------------------------------------------

/** Shows a page in the menu's place, with a button that leads back. */
export function view(label: string, page: Page, options?: ItemOptions): Item<never, never, never>
export function view<E, R>(
  label: string,
  page: Effect.Effect<Page, E, R>,
  options?: ItemOptions,
): Item<never, E, R>
export function view<E, R>(
  label: string,
  page: Page | Effect.Effect<Page, E, R>,
  options: ItemOptions = {},
): Item<never, E, R> {
  return item<never, E, R>(label, options, { _tag: "View", page: toEffect(page) })
}

/** Runs an effect, which may ask questions; when it has ended, the menu is shown again. */
export const run = <E, R>(
  label: string,
  effect: Effect.Effect<unknown, E, R>,
  options: ItemOptions = {},
): Item<never, E, R> => item<never, E, R>(label, options, { _tag: "Run", effect })

/** Ends the menu with what the effect gives. */
export const end = <A, E, R>(
  label: string,
  effect: Effect.Effect<A, E, R>,
  options: ItemOptions = {},
): Item<A, E, R> => item(label, options, { _tag: "End", effect })

const item = <A, E, R>(
  label: string,
  { description }: ItemOptions,
  action: Action<A, E, R>,
): Item<A, E, R> => ({ label, description, action })

/**
 * A menu of 1 to 25 items: buttons up to five, else a select menu. Throws `InvalidDeclaration` where it breaks a
 * rule of Discord's.
 */
export const make = <const Items extends ReadonlyArray<Item>, E = never, R = never>(
  question: Page | Effect.Effect<Page, E, R>,
  items: Items,
): Menu<ItemA<Items[number]>, E | ItemE<Items[number]>, R | ItemR<Items[number]>> => {
  check(items)
  return {
    question: toEffect(question),
    // The types of all items together.
    items: items as ReadonlyArray<Item<ItemA<Items[number]>, ItemE<Items[number]>, ItemR<Items[number]>>>,
  }
}

type ItemA<I> = I extends Item<infer A, infer _E, infer _R> ? A : never
type ItemE<I> = I extends Item<infer _A, infer E, infer _R> ? E : never
type ItemR<I> = I extends Item<infer _A, infer _E, infer R> ? R : never

const toEffect = <E, R>(page: Page | Effect.Effect<Page, E, R>): Effect.Effect<Page, E, R> =>
  Effect.isEffect(page) ? page : Effect.succeed(page)

const check = (items: ReadonlyArray<Item>): void => {
  const fail = (place: string, reason: string): never => {
    throw new InvalidDeclaration({ place, reason })
  }
  const within = (place: string, text: string, max: number): void => {
    if (text.length < 1 || text.length > max)
      fail(place, `must have 1 to ${max} characters, has ${text.length}`)
  }
  if (items.length < 1 || items.length > MOST_ITEMS)
    fail("menu", `must have 1 to ${MOST_ITEMS} items, has ${items.length}`)
  const longest = isSelect(items) ? LONGEST_OPTION : LONGEST_BUTTON
  for (const { description, label } of items) {
    within(`menu → item "${label}" → label`, label, longest)
    if (description !== undefined) within(`menu → item "${label}" → description`, description, LONGEST_OPTION)
  }
}

const MOST_ITEMS = 25
const MOST_BUTTONS = 5
const LONGEST_OPTION = 100
const LONGEST_BUTTON = 80

const isSelect = (items: ReadonlyArray<Item>): boolean =>
  items.length > MOST_BUTTONS || items.some(({ description }) => description !== undefined)

// ---------------------------------------------------------------------------------------------------------
// Showing
// ---------------------------------------------------------------------------------------------------------

/**
 * Shows a menu until one of its ends is chosen, and gives what that gives. Fails with `WaitTimeout` when nothing
 * was pressed for `within`, with `Cancelled`, with `WaitTargetGone`, with what an item fails with, or where nothing
 * can be shown. Interruption takes the buttons away.
 */
export const show = <A, E, R>(
  menu: Menu<A, E, R>,
  options: Options,
): Effect.Effect<A, E | Failure, R | Interaction | Waits.Waits> =>
  Effect.gen(function* () {
    for (;;) {
      const { action } = yield* Effect.scoped(choose(menu, options))
      if (action._tag === "End") return yield* action.effect
      if (action._tag === "Run") yield* action.effect
    }
  })

/** The item chosen that is no page. */
const choose = <A, E, R>(
  { items, question }: Menu<A, E, R>,
  { atMost = "1 hour", cancel = true, ephemeral, within }: Options,
): Effect.Effect<Item<A, E, R>, E | Failure, R | Interaction | Waits.Waits | Scope.Scope> =>
  Effect.gen(function* () {
    const message = (page: Page) => Exchange.messageOf(page, ephemeral)
    const exchange = yield* Exchange.open({
      question: message(yield* question),
      rows: rowsOf(items),
      within: atMost,
      what: WHAT,
      cancel,
    })
    for (;;) {
      const event = yield* exchange.nextWithin(within)
      if (event._tag !== "Pressed") continue
      const { name, press } = event
      const chosen = items[Number(name === SELECT ? press.values[0] : name)]
      if (chosen === undefined) {
        yield* exchange.change(message(yield* question), rowsOf(items), press)
      } else if (chosen.action._tag === "View") {
        yield* exchange.change(message(yield* chosen.action.page), wayBack, press)
      } else {
        yield* exchange.close(Md.text`— ${chosen.label}`, press)
        return chosen
      }
    }
  })

const WHAT = "a choice from the menu"

/** The name of the select menu, and of the button that leads back; items are named by their index. */
const SELECT = "choose"
const MENU = "menu"

const rowsOf =
  (items: ReadonlyArray<Item>): Exchange.Rows =>
  (id) => [
    isSelect(items)
      ? Exchange.row({
          type: ComponentType.StringSelect,
          custom_id: id(SELECT),
          options: items.map(({ description, label }, index) => ({
            label,
            value: String(index),
            ...(description === undefined ? {} : { description }),
          })),
        })
      : Exchange.row(
          ...items.map(({ label }, index) => Exchange.button(id(String(index)), label, ButtonStyle.Primary)),
        ),
  ]

const wayBack: Exchange.Rows = (id) => [Exchange.row(Exchange.button(id(MENU), "Menu"))]
