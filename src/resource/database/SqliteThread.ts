/**
 * SQLite in a file, in a thread of its own: a statement that takes long keeps the database busy, never the bot.
 *
 * What many fibers ask for in one go travels in one message, and so do the answers. A stream is read through a
 * connection of its own, chunk by chunk as it is asked for, and sees the data as it was when it began.
 *
 * Failure modes: a thread that dies fails all that wait for it, and the transaction that was open, with
 * `ThreadLost`; the next statement starts another. Of a plain statement that is interrupted after it was sent it is
 * not known whether it was carried out. A statement that never ends cannot be stopped: it keeps all others waiting, and the
 * database from being closed.
 *
 * @module
 */
import { closeSync, mkdirSync, openSync } from "node:fs"
import { dirname } from "node:path"
import { Worker } from "node:worker_threads"
import { SqlError } from "@effect/sql/SqlError"
import { Chunk, Effect, Either, Option, Queue, Stream } from "effect"
import * as WorkerFile from "../../WorkerFile.js"
import { DatabaseUnusable, ThreadLost } from "./DatabaseError.js"
import * as Resource from "../Resource.js"
import { SqliteFailure, type Statement } from "./Sqlite.js"
import * as SqliteClient from "./SqliteClient.js"

// ---------------------------------------------------------------------------------------------------------
// What travels
// ---------------------------------------------------------------------------------------------------------

/** What the thread is started with. */
export interface Start {
  readonly file: string
  /** Whether to find out at once that it can be written, waiting for others' locks. */
  readonly writes: boolean
}

/** A message to the thread is an array of these. They are answered in their order. */
export type Request =
  | { readonly id: number; readonly _tag: "Run"; readonly statement: Statement }
  /** Begins a stream; `alone`: on a connection of its own. */
  | { readonly id: number; readonly _tag: "Open"; readonly statement: Statement; readonly alone: boolean }
  /** The next chunk of the stream that was opened as this; the last one is empty. */
  | { readonly id: number; readonly _tag: "Next"; readonly stream: number }
  | { readonly id: number; readonly _tag: "Close"; readonly stream: number }
  | { readonly id: number; readonly _tag: "End" }

/** A message from the thread is an array of these. The first answers the start, with the id 0. */
export type Reply =
  | { readonly id: number; readonly rows: ReadonlyArray<unknown> }
  | { readonly id: number; readonly failure: Failure }

/** A `SqliteFailure` on its way. */
export interface Failure {
  readonly reason: string
  readonly code: string
  readonly extended: number
}

type Body = Request extends infer R ? (R extends Request ? Omit<R, "id"> : never) : never

// ---------------------------------------------------------------------------------------------------------
// A thread
// ---------------------------------------------------------------------------------------------------------

type Answer = Either.Either<ReadonlyArray<unknown>, SqlError>

/** One thread, from its start to its end. */
class Thread {
  #waiting = new Map<number, (answer: Answer) => void>()
  #outbox: Array<Request> = []
  #count = 0
  #lost: SqlError | undefined
  #isEnding = false
  readonly #worker: Worker
  readonly #onLost: (reason: string) => void

  constructor(worker: Worker, started: (answer: Answer) => void, onLost: (reason: string) => void) {
    this.#worker = worker
    this.#onLost = onLost
    this.#waiting.set(0, started)
    worker.on("message", (replies: ReadonlyArray<Reply>) => {
      for (const reply of replies) this.#hear(reply)
    })
    worker.on("error", (error) => this.#lose(error instanceof Error ? error.message : String(error)))
    worker.on("messageerror", (error) => this.#lose(error.message))
    worker.on("exit", (code) => this.#lose(`it exited with the code ${code}`))
  }

  get isLost() {
    return this.#lost !== undefined
  }

  /** What is returned takes it back, where it has not left yet. */
  send(body: Body, answer: (answer: Answer) => void): () => void {
    const refused = this.#lost ?? (this.#isEnding ? ending : undefined)
    if (refused !== undefined) {
      answer(Either.left(refused))
      return () => {}
    }
    if (body._tag === "End") this.#isEnding = true
    const id = ++this.#count
    const request = { ...body, id } as Request
    this.#waiting.set(id, answer)
    this.#outbox.push(request)
    // All that is asked for before the fibers pause goes together.
    if (this.#outbox.length === 1) queueMicrotask(() => this.#flush())
    return () => {
      const at = this.#outbox.indexOf(request)
      if (at >= 0) this.#outbox.splice(at, 1)
      this.#waiting.delete(id)
    }
  }

  /** The id of the request that was made last: names a stream. */
  get last() {
    return this.#count
  }

  /**
   * Has it end after what was sent before. It is never cut: the driver would take the whole process with it where a
   * statement is running.
   */
  readonly end: Effect.Effect<void> = Effect.suspend(() =>
    Effect.zipRight(Effect.ignore(ask(this, { _tag: "End" })), this.ended),
  )

  readonly ended: Effect.Effect<void> = Effect.async((resume) => {
    if (this.#worker.threadId === -1) resume(Effect.void)
    else this.#worker.once("exit", () => resume(Effect.void))
  })

  #flush() {
    const requests = this.#outbox
    if (requests.length === 0) return
    this.#outbox = []
    try {
      this.#worker.postMessage(requests, [])
    } catch (cause) {
      this.#flushEach(requests, cause)
    }
  }

  /** A parameter that cannot travel, such as a function, fails its own statement alone. */
  #flushEach(requests: ReadonlyArray<Request>, cause: unknown) {
    for (const request of requests)
      try {
        this.#worker.postMessage([request], [])
      } catch {
        const answer = this.#waiting.get(request.id)
        this.#waiting.delete(request.id)
        answer?.(Either.left(SqliteClient.errorOf(cause)))
      }
  }

  #hear(reply: Reply) {
    const answer = this.#waiting.get(reply.id)
    this.#waiting.delete(reply.id)
    if ("rows" in reply) answer?.(Either.right(reply.rows))
    else {
      const error = SqliteClient.errorOf(new SqliteFailure(reply.failure))
      answer?.(Either.left(error))
      // It did not start: nothing else will be answered.
      if (reply.id === 0) this.#lose(error.message, error)
    }
  }

  #lose(reason: string, error: SqlError = SqliteClient.errorOf(new ThreadLost({ reason }))) {
    if (this.#lost !== undefined) return
    this.#lost = error
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    this.#outbox = []
    this.#onLost(reason)
    for (const answer of waiting) answer(Either.left(error))
  }
}

const ending = SqliteClient.errorOf(new ThreadLost({ reason: "the database is being closed" }))

const ask = (thread: Thread, body: Body) =>
  Effect.async<ReadonlyArray<unknown>, SqlError>((resume) => Effect.sync(thread.send(body, resume)))

const session = (thread: Thread): SqliteClient.Session => ({
  send: (statement, answer) => thread.send({ _tag: "Run", statement }, answer),
  stream: (statement, alone) =>
    Stream.unwrapScoped(
      Effect.gen(function* () {
        let stream = 0
        const opened = yield* Effect.acquireRelease(
          Effect.sync(() => {
            let found: Answer | undefined
            let tell = () => {}
            thread.send({ _tag: "Open", statement, alone }, (answer) => {
              found = answer
              tell()
            })
            stream = thread.last
            return Effect.async<ReadonlyArray<unknown>, SqlError>((resume) => {
              if (found !== undefined) resume(found)
              else tell = () => found !== undefined && resume(found)
            })
          }),
          () => Effect.sync(() => thread.send({ _tag: "Close", stream }, () => {})),
        )
        yield* opened
        return Stream.repeatEffectChunkOption(
          Effect.flatMap(Effect.mapError(ask(thread, { _tag: "Next", stream }), Option.some), (rows) =>
            rows.length === 0 ? Effect.fail(Option.none()) : Effect.succeed(Chunk.unsafeFromArray(rows)),
          ),
        )
      }),
    ),
})

// ---------------------------------------------------------------------------------------------------------
// The client
// ---------------------------------------------------------------------------------------------------------

export interface Options {
  /** Absolute. Its directory is made. */
  readonly file: string
  /** The variable that says where it is, for advice. */
  readonly variable?: string
  /** How a thread is started: for tests. */
  readonly spawn?: (file: URL, start: Start) => Worker
}

/** Opens the file, for the scope. */
export const make = ({ file, spawn = spawned, variable }: Options) =>
  Effect.gen(function* () {
    const another = `name another${variable === undefined ? "" : ` in ${variable}`}`
    const unusable = (reason: string) => new DatabaseUnusable({ location: file, reason })
    const worker = yield* Effect.mapError(
      WorkerFile.resolve(new URL("./Sqlite.worker.js", import.meta.url)),
      ({ message }) => unusable(message),
    )
    yield* Effect.try({
      // Others have no business in it.
      try: () => mkdirSync(dirname(file), { recursive: true, mode: 0o700 }),
      catch: (cause) =>
        unusable(`its directory cannot be made (${told(cause)}). Make it yourself, or ${another}`),
    })
    // SQLite would make it for all to read, and its other files have its rights. One that is there is never touched:
    // to close it would take away the locks that this process has on it. What is wrong with it is for SQLite to say.
    yield* Effect.ignore(Effect.try(() => closeSync(openSync(file, "wx", 0o600))))
    const losses = yield* Queue.unbounded<string>()
    let isReleased = false
    const begin = (started: (answer: Answer) => void) =>
      new Thread(spawn(worker, { file, writes: true }), started, (reason) => {
        if (!isReleased) losses.unsafeOffer(reason)
      })
    const first = Effect.async<Thread, DatabaseUnusable>((resume) => {
      const thread = begin((answer) =>
        resume(
          Either.isRight(answer)
            ? Effect.succeed(thread)
            : Effect.zipRight(thread.ended, Effect.fail(unusable(advice(answer.left.cause, another)))),
        ),
      )
    })
    const held = yield* Resource.make({
      name: `the database ${file}`,
      key: file,
      acquire: Effect.map(first, (thread) => ({ thread })),
      release: ({ thread }: { readonly thread: Thread }) => {
        isReleased = true
        return thread.end
      },
    })
    yield* Queue.take(losses).pipe(
      Effect.flatMap((reason) =>
        Effect.logWarning(`The database's thread ended: ${reason}. The next statement starts another`),
      ),
      Effect.forever,
      Effect.forkScoped,
    )
    return yield* SqliteClient.make(() => {
      if (held.thread.isLost && !isReleased) held.thread = begin(() => {})
      return session(held.thread)
    })
  })

/** Carries out one statement in a thread of its own. */
export const once = (file: string, statement: Statement, { spawn = spawned }: Pick<Options, "spawn"> = {}) =>
  Effect.scoped(
    Effect.gen(function* () {
      const worker = yield* Effect.orDie(WorkerFile.resolve(new URL("./Sqlite.worker.js", import.meta.url)))
      const thread = yield* Effect.acquireRelease(
        Effect.sync(
          () =>
            new Thread(
              spawn(worker, { file, writes: false }),
              () => {},
              () => {},
            ),
        ),
        ({ end }) => end,
      )
      return yield* ask(thread, { _tag: "Run", statement })
    }),
  )

const spawned = (file: URL, start: Start) => new Worker(file, { workerData: start, name: "database" })

/** What to do about a file that cannot be opened. */
const advice = (cause: unknown, another: string): string => {
  const reason = told(cause)
  switch (cause instanceof SqliteFailure ? cause.code : "") {
    case "SQLITE_NOTADB":
      return `the file is no SQLite database. Move it away, or ${another}`
    case "SQLITE_CORRUPT":
      return `it is damaged (${reason}). Put a copy in its place`
    case "SQLITE_CANTOPEN":
      return "it cannot be opened or made there. Check that it is a file, and that this user may read and write it and its directory"
    case "SQLITE_READONLY":
      return "it cannot be written. Check that this user may write it and its directory"
    case "SQLITE_BUSY":
      return "another program holds it locked. End that program, or wait until it has finished"
    case "SQLITE_FULL":
      return "the disk is full"
    default:
      return reason
  }
}

const told = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause))
