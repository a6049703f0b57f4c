/**
 * The thread of `SqliteThread`: opens the file that it is started with, and answers in the order of the requests.
 *
 * @module
 */
import { parentPort, workerData } from "node:worker_threads"
import { open, type Sqlite, SqliteFailure, type Statement } from "./Sqlite.js"
import type { Failure, Reply, Request, Start } from "./SqliteThread.js"

/** Rows in a chunk of a stream. */
const CHUNK = 256

/** Replies in a message: what was asked first does not wait for all that was asked with it. */
const REPLIES = 64

interface Open {
  readonly rows: Iterator<unknown>
  readonly close: () => void
}

const port = parentPort
const { file, writes } = workerData as Start
const streams = new Map<number, Open>()

/** Connections for streams, kept for the next one: the driver closes none before all that it has prepared is collected. */
const readers: Array<Sqlite> = []

const begin = (db: Sqlite, statement: Statement, alone: boolean): Open => {
  const reader = alone ? (readers.pop() ?? open(file, { queryOnly: true })) : db
  const giveBack = () => {
    if (alone) readers.push(reader)
  }
  try {
    const rows = reader.iterate(statement)
    return {
      rows,
      close: () => {
        try {
          rows.return?.()
        } finally {
          giveBack()
        }
      },
    }
  } catch (failure) {
    giveBack()
    throw failure
  }
}

const chunk = (rows: Iterator<unknown> | undefined): ReadonlyArray<unknown> => {
  const found: Array<unknown> = []
  if (rows === undefined) return found
  for (let next = rows.next(); next.done !== true; next = rows.next()) {
    found.push(next.value)
    if (found.length === CHUNK) break
  }
  return found
}

const carryOut = (db: Sqlite, request: Request): ReadonlyArray<unknown> => {
  switch (request._tag) {
    case "Run":
      return db.run(request.statement)
    case "Open":
      streams.set(request.id, begin(db, request.statement, request.alone))
      return []
    case "Next":
      return chunk(streams.get(request.stream)?.rows)
    case "Close":
      streams.get(request.stream)?.close()
      streams.delete(request.stream)
      return []
    case "End":
      for (const { close } of streams.values()) close()
      for (const one of [...readers, db]) one.close()
      return []
  }
}

const failureOf = (cause: unknown): Failure =>
  cause instanceof SqliteFailure
    ? { reason: cause.reason, code: cause.code, extended: cause.extended }
    : { reason: String(cause), code: "SQLITE_ERROR", extended: 1 }

const replyTo = (id: number, act: () => ReadonlyArray<unknown>): Reply => {
  try {
    return { id, rows: act() }
  } catch (cause) {
    return { id, failure: failureOf(cause) }
  }
}

const serve = (db: Sqlite) => {
  port?.on("message", (requests: ReadonlyArray<Request>) => {
    let replies: Array<Reply> = []
    for (const request of requests) {
      replies.push(replyTo(request.id, () => carryOut(db, request)))
      if (replies.length < REPLIES) continue
      port.postMessage(replies)
      replies = []
    }
    if (replies.length > 0) port.postMessage(replies)
    if (requests.at(-1)?._tag === "End") port.close()
  })
}

port?.postMessage([
  replyTo(0, () => {
    serve(open(file, { writes }))
    return []
  }),
])
