import { Context, Effect, Layer, Option, Queue, Stream } from "effect"

// asyncio.Semaphore(2): `async with semaphore` is `withPermits`. (The upstreams of `Http` have one each.)
export const twoAtATime = Effect.map(Effect.makeSemaphore(2), (semaphore) => semaphore.withPermits(1))

// asyncio.Lock and threading.Lock around a counter or a file: a lock that one can forget to take is no lock. A value in
// memory goes into a `SynchronizedRef`, a row into a transaction, a file behind a `Document`: there is no other
// way to it. Where a section has to be alone all the same, it is a semaphore of one.
export const alone = Effect.map(Effect.makeSemaphore(1), (lock) => lock.withPermits(1))

// asyncio.Queue(maxsize=100) between two fibers. Between Discord's events and a consumer there is `Inbox`, which
// says what happens when it is full, and is emptied when the bot stops.
export const throughAQueue = (items: ReadonlyArray<number>) =>
  Effect.scoped(
    Effect.gen(function* () {
      const queue = yield* Queue.bounded<number>(100)
      yield* Effect.forkScoped(queue.offerAll(items))
      return yield* Effect.replicateEffect(queue.take, items.length)
    }),
  )

// An async generator: a stream. It is pulled, so that a slow reader slows the source; leaving it early closes
// what it had open.
export const pages = (last: number, closed: () => void) =>
  Stream.paginateEffect(1, (page) =>
    Effect.succeed([`page ${page}`, page < last ? Option.some(page + 1) : Option.none()] as const),
  ).pipe(Stream.ensuring(Effect.sync(closed)))

// aiohttp.ClientSession, made in the right moment, closed in the right moment: a resource is a layer. Nothing can use it
// before it is there, since whatever uses it has it in its type; it is closed after the last of them, also when
// the start failed half-way.
export class Session extends Context.Tag("Session")<
  Session,
  { readonly get: (path: string) => Effect.Effect<string> }
>() {
  static readonly layer = (log: Array<string>) =>
    Layer.scoped(
      Session,
      Effect.acquireRelease(
        Effect.sync(() => {
          log.push("opened")
          return { get: (path: string) => Effect.succeed(`GET ${path}`) }
        }),
        () => Effect.sync(() => log.push("closed")),
      ),
    )
}
