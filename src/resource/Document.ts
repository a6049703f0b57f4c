/**
 * A JSON file behind a typed door: for what people want to read and edit by hand.
 *
 * Every change is `modify`: read, change and write as one, one after the other between fibers, threads and
 * processes. The file is replaced whole, by a rename, after its bytes are on the disk, so that a crash leaves the
 * old one or the new one.
 *
 * A file that is torn or is not what its schema says is set aside under another name, and reported; it is never
 * written over. The door then gives `DocumentInvalid` until somebody has mended it or taken it away.
 *
 * @module
 */
import { Data, type Effect, type Schema } from "effect"

export interface Options<A, I> {
  /** The path of the file. Its directory is made where there is none. */
  readonly file: string
  readonly schema: Schema.Schema<A, I>
  /** What it is while there is no file. */
  readonly initial: A
}

export interface Document<A> {
  readonly file: string
  /** What the file says now. */
  readonly read: Effect.Effect<A, DocumentError>
  /**
   * Changes it: what `f` fails with leaves the file as it is. Of two at the same time one sees what the other has written. Interruption leaves the old file or
   * the new one.
   */
  readonly modify: <B, E, R>(
    f: (value: A) => Effect.Effect<readonly [result: B, next: A], E, R>,
  ) => Effect.Effect<B, E | DocumentError, R>
  /** Puts another in its place. */
  readonly write: (value: A) => Effect.Effect<void, DocumentError>
}

/** The file cannot be read or written: its rights, its directory, the disk. */
export class DocumentUnusable extends Data.TaggedError("DocumentUnusable")<{
  readonly file: string
  readonly reason: string
}> {
  override get message() {
    return `The file ${this.file} cannot be used: ${this.reason}`
  }
  get userText() {
    return "The file cannot be used just now."
  }
}

/** What is in the file is not what it should be. It was set aside as it was. */
export class DocumentInvalid extends Data.TaggedError("DocumentInvalid")<{
  readonly file: string
  /** Where in it, and what was expected. */
  readonly reason: string
  /** Where it was put; undefined where that failed too, and it is still in its place. */
  readonly setAside: string | undefined
}> {
  override get message() {
    return `The file ${this.file} is not valid (${this.reason})${this.setAside === undefined ? "" : `; it was set aside as ${this.setAside}`}`
  }
  get userText() {
    return `The file is not valid: ${this.reason}`
  }
}

/** Somebody else has held the file for too long. */
export class DocumentBusy extends Data.TaggedError("DocumentBusy")<{ readonly file: string }> {
  override get message() {
    return `The file ${this.file} is held by another process`
  }
  get userText() {
    return "The file is in use. Try again in a moment."
  }
}

export type DocumentError = DocumentUnusable | DocumentInvalid | DocumentBusy
