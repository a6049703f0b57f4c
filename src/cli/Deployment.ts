/**
 * `bosun deploy`: says what would change at Discord, and changes it with one overwrite.
 *
 * The features are built, since they hold the commands, but the bot does not connect.
 *
 * @module
 */
import { Data, Effect } from "effect"
import * as Bot from "../Bot.js"
import * as Deploy from "../command/Deploy.js"
import { InvalidToken, type RestError, type Unreachable } from "../DiscordError.js"
import type { Job } from "./Cli.js"
import * as NoDiscord from "./NoDiscord.js"

export interface Options<A, E> extends Job<A, E> {
  readonly token: Bot.Options["token"]
  readonly apiUrl: string | undefined
  readonly dryRun: boolean
  /** Everywhere where left out. */
  readonly guildId: string | undefined
}

/** Looking takes two calls; somebody waits for it at a terminal. */
const PLAN_WITHIN = "30 seconds"

/** Prints the plan, applies it unless it is a dry run, and returns the exit code. */
export const run = <A, E>({
  apiUrl,
  dryRun,
  features,
  guildId,
  options,
  screen,
  token,
}: Options<A, E>): Effect.Effect<
  number,
  E | RestError | InvalidToken | NotInGuild | NoDiscord.NoDiscord | Unreachable
> => {
  const target = guildId === undefined ? {} : { guildId }
  const url = apiUrl ?? Bot.DISCORD
  const work = Effect.gen(function* () {
    const plan = yield* Effect.timeoutFail(Deploy.plan(target), {
      duration: PLAN_WITHIN,
      onTimeout: () => new NoDiscord.NoDiscord({ url, reason: `no answer within ${PLAN_WITHIN}` }),
    })
    screen.out(`Commands ${guildId === undefined ? "everywhere" : `in guild ${guildId}`} (${url}):`)
    for (const line of describe(plan)) screen.out(line)
    if (Deploy.isEmpty(plan)) screen.out("Nothing to do.")
    else if (dryRun) screen.out("Dry run: nothing was changed.")
    else {
      yield* Deploy.apply(target)
      screen.out("Applied.")
    }
    return 0
  }).pipe(
    Effect.catchTags({
      Unauthorized: () => Effect.fail(new InvalidToken({ source: "401" })),
      MissingAccess: (error) => Effect.fail(guildId === undefined ? error : new NotInGuild({ guildId })),
    }),
    Effect.mapError((error) => NoDiscord.explain(error, url)),
  )
  return Effect.scoped(
    Effect.provide(
      work,
      Bot.offline(features, { ...options, token, ...(apiUrl === undefined ? {} : { apiUrl }) }),
    ),
  )
}

/** One line a command: what happens to it, and its name. */
export const describe = (plan: Deploy.Plan): ReadonlyArray<string> =>
  (["create", "change", "delete", "unchanged"] as const).flatMap((kind) =>
    plan[kind].map((name) => `  ${kind.padEnd(10)}${name}`),
  )

/** The guild to give the commands to is not there for this bot. */
export class NotInGuild extends Data.TaggedError("NotInGuild")<{ readonly guildId: string }> {
  override get message() {
    return `The bot is not in a guild ${this.guildId}, or was added without the scope applications.commands. Copy the id again (Discord: Developer Mode → right-click the guild → Copy Server ID), or add the bot to it`
  }
}
