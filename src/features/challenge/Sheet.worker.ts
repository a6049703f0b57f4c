/**
 * Reads a challenge's file; runs in a worker thread.
 *
 * @module
 */
import { Either } from "effect"
import type * as Offload from "../../resource/Offload.js"
import * as Sheet from "./Sheet.js"

export const sheet: Offload.Work<typeof Sheet.parsing> = (text) =>
  Either.match(Sheet.parse(text), { onLeft: (wrong) => ({ wrong }), onRight: (sheet) => ({ sheet }) })
