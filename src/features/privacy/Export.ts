/**
 * What is stored of a person as files: JSON, in as many as it takes, as far as one message can carry them.
 *
 * @module
 */
import type { File } from "../../discord/Message.js"

/** What one part has of the person. */
export interface Found {
  readonly part: string
  readonly records: ReadonlyArray<unknown>
}

export interface Limits {
  /** Bytes of all records in one file; a few more stand around them. Discord: 10 MiB a file. */
  readonly file: number
  /** Discord: 25 MiB a request. */
  readonly files: number
}

const MIB = 1_024 * 1_024
export const LIMITS: Limits = { file: 8 * MIB, files: 2 }

/** The files, and how many records found no room in them. */
export const filesOf = (
  found: ReadonlyArray<Found>,
  about: { readonly userId: string; readonly at: string },
  limits: Limits = LIMITS,
): { readonly files: ReadonlyArray<File>; readonly left: number } => {
  const contents: Array<Record<string, Array<unknown>>> = []
  let room = 0
  let left = 0
  for (const { part, records } of found) {
    for (const record of records) {
      const text = JSON.stringify(record, null, 2)
      const indent = INDENT * text.split("\n").length
      const size = encoder.encode(text).byteLength + indent + encoder.encode(part).byteLength + AROUND
      if (size > room) {
        if (contents.length === limits.files || size > limits.file) {
          left++
          continue
        }
        contents.push({})
        room = limits.file
      }
      room -= size
      const content = contents.at(-1)
      if (content !== undefined) (content[part] ??= []).push(record)
    }
  }
  return {
    files: contents.map((content, index) => ({
      name: contents.length === 1 ? "privacy.json" : `privacy-${index + 1}.json`,
      data: encoder.encode(`${JSON.stringify({ ...about, stored: content }, null, 2)}\n`),
      contentType: "application/json",
    })),
    left,
  }
}

const encoder = new TextEncoder()

/** Bytes before each line of a record. */
const INDENT = 6

/** Bytes around a record where it is alone: its part's quotes and brackets, line breaks. */
const AROUND = 32
