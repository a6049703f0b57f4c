/**
 * One message that shows one of many pages, with buttons to turn them.
 *
 * Only the person who asked can turn pages. The deadline counts from the last press. At the end the page stays and
 * its buttons go; that is no failure, since who has stopped reading has not cancelled the command. A single page
 * has no buttons, and nothing is waited for.
 *
 * Failure modes: a page that cannot be made ends the paginator with that failure.
 *
 * @module
 */
import { ButtonStyle } from "discord-api-types/v10"
import { Duration, Effect, Option, type Scope, Stream } from "effect"
import type { RestError } from "../DiscordError.js"
import { Interaction } from "../interaction/Interaction.js"
import type * as Reply from "../interaction/Reply.js"
import type { InteractionEnded } from "../interaction/Response.js"
import type * as Waits from "../wait/Waits.js"
import { InvalidDeclaration } from "./ConversationError.js"
import * as Exchange from "./Exchange.js"

/** What is on a page: Markdown, or a message without components of its own. */
export type Page = string | Reply.Message

/** Pages, to be shown any number of times. */
export interface Pages<out E = never, out R = never> {
  /** Begins to read; what that holds is let go with the scope. */
  readonly open: Effect.Effect<Book<E, R>, never, R | Scope.Scope>
}

/** Pages that are being read. */
export interface Book<out E, out R> {
  /** How many there are; undefined while that is not known. */
  readonly count: () => number | undefined
  /** The page at an index from 0; none where there is no such page. */
  readonly at: (index: number) => Effect.Effect<Option.Option<Page>, E, R>
}

export interface Options {
  /** How long the person has, from the last press. */
  readonly within: Duration.DurationInput
  /** How long it can be turned at most, however often it is pressed. Default 1 hour. */
  readonly atMost?: Duration.DurationInput
  /** The index of the first page shown, from 0. Default 0. */
  readonly start?: number
  /** Whether only the person sees it. Default false. */
  readonly ephemeral?: boolean
  /** Shown where there is no page at all. Default "There is nothing to show." */
  readonly empty?: Page
}

// ---------------------------------------------------------------------------------------------------------
// Pages
// ---------------------------------------------------------------------------------------------------------

/** Pages that are all there. */
export const pages = (all: ReadonlyArray<Page>): Pages =>
  make(all.length, (index) => Effect.succeed(all[index] ?? ""))

/** So many pages, each made when it is turned to. */
export const make = <E, R>(
  count: number,
  page: (index: number) => Effect.Effect<Page, E, R>,
): Pages<E, R> => ({
  open: Effect.succeed({
    count: () => count,
    at: (index) =>
      index >= 0 && index < count ? Effect.map(page(index), Option.some) : Effect.succeed(Option.none()),
  }),
})

/**
 * Pages of so many items. Throws `InvalidDeclaration` where `per` is less than 1.
 *
 * ```ts
 * Paginator.items(boats, 10, (some) => some.map(({ name }) => Md.text`- ${name}`).join("\n"))
 * ```
 */
export const items = <A>(
  all: ReadonlyArray<A>,
  per: number,
  page: (items: ReadonlyArray<A>, index: number) => Page,
): Pages => {
  checkPer(per)
  return make(Math.ceil(all.length / per), (index) =>
    Effect.sync(() => page(all.slice(index * per, (index + 1) * per), index)),
  )
}

/**
 * Pages of so many items of a stream, which is read no further than one item beyond the page shown. What was read
 * is kept. Throws `InvalidDeclaration` where `per` is less than 1.
 */
export const stream = <A, E, R>(
  all: Stream.Stream<A, E, R>,
  per: number,
  page: (items: ReadonlyArray<A>, index: number) => Page,
): Pages<E, R> => {
  checkPer(per)
  return {
    open: Effect.map(Stream.toPull(all), (pull) => {
      const read: Array<A> = []
      let ended = false
      const more = Effect.matchEffect(pull, {
        onSuccess: (chunk) =>
          Effect.sync(() => {
            for (const item of chunk) read.push(item)
          }),
        onFailure: Option.match({
          onNone: () =>
            Effect.sync(() => {
              ended = true
            }),
          onSome: Effect.fail,
        }),
      })
      const upTo = (count: number) =>
        Effect.whileLoop({
          while: () => !ended && read.length < count,
          body: () => more,
          step: () => undefined,
        })
      return {
        count: () => (ended ? Math.ceil(read.length / per) : undefined),
        // One more tells whether there is a next page.
        at: (index) =>
          Effect.map(upTo((index + 1) * per + 1), () => {
            const some = read.slice(index * per, (index + 1) * per)
            return some.length === 0 ? Option.none() : Option.some(page(some, index))
          }),
      }
    }),
  }
}

const checkPer = (per: number): void => {
  if (!(Number.isInteger(per) && per >= 1))
    throw new InvalidDeclaration({
      place: "paginator",
      reason: `a page must have at least 1 item, not ${per}`,
    })
}

// ---------------------------------------------------------------------------------------------------------
// Showing
// ---------------------------------------------------------------------------------------------------------

/**
 * Shows the pages and lets the person turn them, until they press Close, say "cancel", delete the message, or press
 * nothing for `within`; succeeds then. Fails where Discord does not show them, or with what a page fails with.
 * Interruption takes the buttons away.
 */
export const show = <E, R>(
  all: Pages<E, R>,
  options: Options,
): Effect.Effect<void, E | RestError | InteractionEnded, R | Interaction | Waits.Waits> =>
  Effect.scoped(
    Effect.gen(function* () {
      const book = yield* all.open
      const at = Math.max(0, options.start ?? 0)
      const first = Option.map(yield* book.at(at), (page) => ({ at, page }))
      const { at: start, page } = yield* Option.match(first, {
        onSome: Effect.succeed,
        onNone: () =>
          Effect.map(book.at(0), (found) => ({
            at: 0,
            page: Option.getOrElse(found, () => options.empty ?? "There is nothing to show."),
          })),
      })
      if ((book.count() ?? 2) > 1) return yield* turn(book, start, page, options)
      const interaction = yield* Interaction
      yield* interaction.show(Exchange.messageOf(page, options.ephemeral))
    }),
  )

const turn = <E, R>(
  book: Book<E, R>,
  start: number,
  first: Page,
  { atMost = "1 hour", ephemeral, within }: Options,
): Effect.Effect<void, E | RestError | InteractionEnded, R | Interaction | Waits.Waits> =>
  Effect.suspend(() => {
    let ended: unknown
    // A page may fail in the same ways, which is a failure.
    const isEnd = (error: unknown): error is Exchange.Ends => error === ended
    const turning = Effect.gen(function* () {
      const exchange = yield* Exchange.open({
        question: Exchange.messageOf(first, ephemeral),
        rows: rowsOf(book, start),
        within: atMost,
        what: WHAT,
        cancel: false,
      })
      let at = start
      for (;;) {
        const event = yield* Effect.tapError(exchange.nextWithin(within), (end) =>
          Effect.sync(() => {
            ended = end
          }),
        )
        if (event._tag !== "Pressed") continue
        const { name, press } = event
        if (name === "close") return yield* exchange.close("Closed.", press)
        const wanted = target(name, at, book.count())
        const page = yield* book.at(wanted)
        if (Option.isNone(page)) {
          press.response.defer(false)
          continue
        }
        at = wanted
        yield* exchange.change(Exchange.messageOf(page.value, ephemeral), rowsOf(book, at), press)
      }
    })
    return Effect.catchAll(Effect.scoped(turning), (error) =>
      isEnd(error) ? Effect.void : Effect.fail(error),
    )
  })

const WHAT = "a turn of the page"

const target = (name: string, at: number, count: number | undefined): number => {
  switch (name) {
    case "first":
      return 0
    case "previous":
      return Math.max(0, at - 1)
    case "last":
      return (count ?? at + 2) - 1
    default:
      return at + 1
  }
}

const rowsOf =
  (book: Book<unknown, unknown>, at: number): Exchange.Rows =>
  (id) => {
    const count = book.count()
    const button = (name: string, label: string, disabled: boolean) => ({
      ...Exchange.button(id(name), label),
      disabled,
    })
    const isLast = count !== undefined && at >= count - 1
    const far = count === undefined || count > 2
    return [
      Exchange.row(
        ...(far ? [button("first", "First", at === 0)] : []),
        button("previous", "Previous", at === 0),
        button("at", `${at + 1}/${count ?? "…"}`, true),
        button("next", "Next", isLast),
        ...(far ? [button("last", "Last", isLast || count === undefined)] : []),
      ),
      Exchange.row(Exchange.button(id("close"), "Close", ButtonStyle.Secondary)),
    ]
  }
