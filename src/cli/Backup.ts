/**
 * `bosun backup FILE`: a whole, consistent copy of the database, while the bot goes on.
 *
 * Failure modes: a file that is there already, and a database on a server (which makes its own copies), are refused
 * with what to do. A copy that fails leaves no file.
 *
 * @module
 */
import { stat } from "node:fs/promises"
import { resolve } from "node:path"
import { Data, Effect } from "effect"
import * as Database from "../resource/Database.js"
import { fileOf, type Settings } from "./doctor/Storage.js"
import type { Screen } from "./Screen.js"

export interface Options {
  readonly settings: Settings
  /** Where the copy goes. */
  readonly file: string
  readonly screen: Screen
}

/** Copies, says where to, and gives the exit code. Interruption takes the half of a copy away. */
export const run = ({ file, screen, settings }: Options) =>
  Effect.gen(function* () {
    const source = fileOf(settings)
    // It would be made, and an empty copy of it be taken for one of the bot's.
    if (source !== undefined && !(yield* isThere(source))) return yield* new NoDatabase({ file: source })
    const { location } = yield* Database.Database.pipe(
      Effect.tap((database) => database.backup(resolve(file))),
      Effect.provide(Database.layer({ url: settings.databaseUrl, data: settings.data })),
    )
    screen.out(`${location} was copied to ${resolve(file)}`)
    return 0
  })

const isThere = (file: string) => Effect.promise(() => stat(file).then(Boolean, () => false))

/** There is nothing to copy. */
export class NoDatabase extends Data.TaggedError("NoDatabase")<{ readonly file: string }> {
  override get message() {
    return `There is no database ${this.file} yet: the bot makes it at its first start. Are BOSUN_DATA and DATABASE_URL those of the bot?`
  }
}
