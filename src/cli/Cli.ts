/**
 * The command line of a bot: `Cli.run(features)` is a whole program.
 *
 * ```ts
 * Cli.run(Layer.mergeAll(Ping.layer, Help.layer))
 * ```
 *
 * It owns the runtime. `start` runs the bot against Discord where `DISCORD_TOKEN` is set, and otherwise in a
 * sandbox with a chat; `sandbox` runs a local Discord alone; `deploy` gives the commands to Discord; `doctor` checks
 * what the bot needs; `backup` copies its database. What one job does not need is not loaded.
 *
 * Failure modes: a bad command line, a bad variable and every start error are one line each on standard error
 * and a non-zero exit; so is the end of a bot that Discord has ended. See `Process` for signals and codes.
 *
 * @module
 */
import { Context, Data, Effect, Either, Layer, Option } from "effect"
import * as Bot from "../Bot.js"
import * as Signer from "../interaction/Signer.js"
import type { Upstream } from "./doctor/Upstreams.js"
import type * as CommandLine from "./CommandLine.js"
import * as Logging from "./Logging.js"
import * as Misspelt from "./Misspelt.js"
import * as NoDiscord from "./NoDiscord.js"
import * as Operating from "./Operating.js"
import * as Process from "./Process.js"
import type { Screen } from "./Screen.js"
import * as Settings from "./Settings.js"

export interface Options {
  /** What the program is called in its messages. Default `bosun`. */
  readonly name?: string
  /** What `--version` prints. Default that of this library. */
  readonly version?: string
  /** What is wrong with the features' own variables: then nothing starts. */
  readonly variables?: Settings.Own
  /** Other services that the features lean on: `doctor` looks whether they answer. */
  readonly upstreams?: (variables: Settings.Variables) => ReadonlyArray<Upstream>
  /** Options for the bot, except those that the environment sets. */
  readonly bot?: Omit<Bot.Options, "token" | "apiUrl" | "prefix" | "grace">
}

/**
 * What a bot does: a layer, or one that is made by the settings of the environment (where its database is, for
 * instance).
 */
export type Features<A, E, R = Bot.Services> =
  | Layer.Layer<A, E, R>
  | ((settings: Settings.Settings) => Layer.Layer<A, E, R>)

/** Shown by the compiler where features need something that neither the bot nor they themselves provide. */
export interface MissingServices<Services> {
  readonly "nobody provides these services: pipe their layers into the features with Layer.provide": Services
}

type Complete<R> = [Exclude<R, Bot.Services>] extends [never]
  ? unknown
  : MissingServices<Exclude<R, Bot.Services>>

/** What each job is given. */
export interface Job<A, E> {
  readonly features: Layer.Layer<A, E, Bot.Services>
  readonly options: Omit<Bot.Options, "token" | "apiUrl">
  readonly name: string
  readonly screen: Screen
}

/**
 * Runs a bot as the program of this process: reads the command line and the environment, does what they say,
 * and ends the process. Returns at once; call it once, as the last thing.
 */
export const run = <A, E, R = never>(given: Features<A, E, R> & Complete<R>, options: Options = {}): void => {
  // Complete: there is nothing in R beyond the bot's own services.
  const features = given as Features<A, E>
  const name = options.name ?? "bosun"
  Process.run(name, (screen) =>
    Effect.gen(function* () {
      const action = yield* actionOf(name, options.version)
      if (Option.isNone(action)) return 0
      const read = yield* Effect.either(Settings.load(options.variables))
      if (action.value._tag === "Doctor") {
        const Doctor = yield* Effect.promise(() => import("./Doctor.js"))
        return yield* Doctor.run({
          settings: Either.merge(read),
          features,
          options: options.bot ?? {},
          name,
          screen,
          misspelt: Misspelt.find(process.env),
          upstreams: options.upstreams?.(process.env) ?? [],
        })
      }
      const settings = yield* read
      const { grace, prefix } = settings
      const job = {
        features: typeof features === "function" ? features(settings) : features,
        options: { ...options.bot, prefix, grace },
        name,
        screen,
      }
      return yield* Effect.zipRight(
        Effect.forEach(Misspelt.find(process.env), (problem) => Effect.logWarning(problem), {
          discard: true,
        }),
        dispatch(action.value, settings, job),
      ).pipe(Effect.provide(Logging.layer(settings, screen)))
    }),
  )
}

/** What was asked for cannot be done as things are set up. */
export class Refused extends Data.TaggedError("Refused")<{ readonly message: string }> {}

/** A plain start needs no parser, and is what should be fast. */
const actionOf = (
  name: string,
  version: string | undefined,
): Effect.Effect<Option.Option<CommandLine.Action>, CommandLine.UsageError> => {
  const args = process.argv.slice(2)
  return args.length === 0 || (args.length === 1 && args[0] === "start")
    ? Effect.succeedSome({ _tag: "Start", json: false, port: undefined, faults: undefined })
    : Effect.flatMap(
        Effect.promise(() => import("./CommandLine.js")),
        ({ parse }) => parse({ name, version, args }),
      )
}

const dispatch = Effect.fnUntraced(function* <A, E>(
  action: Exclude<CommandLine.Action, { readonly _tag: "Doctor" }>,
  settings: Settings.Settings,
  job: Job<A, E>,
) {
  switch (action._tag) {
    case "Sandbox": {
      const Alone = yield* Effect.promise(() => import("./Alone.js"))
      return yield* Alone.run({ port: action.port, faults: action.faults, screen: job.screen })
    }
    case "Deploy": {
      const { apiUrl, token } = settings
      if (token === undefined) {
        return yield* new Refused({
          message:
            "DISCORD_TOKEN is not set, and there is nothing to deploy to without it. (The sandbox gets the commands by itself.)",
        })
      }
      const Deployment = yield* Effect.promise(() => import("./Deployment.js"))
      return yield* Deployment.run({ ...job, ...action, token, apiUrl })
    }
    case "Backup": {
      const Backup = yield* Effect.promise(() => import("./Backup.js"))
      return yield* Backup.run({ settings, file: action.file, screen: job.screen })
    }
    case "Start":
      return yield* settings.token === undefined
        ? local(action, settings, job)
        : online(action, settings.token, settings, job)
  }
})

type Start = Extract<CommandLine.Action, { readonly _tag: "Start" }>

/** Against Discord, until a signal or Discord ends it. */
const online = <A, E>(
  action: Start,
  token: Bot.Options["token"],
  settings: Settings.Settings,
  job: Job<A, E>,
) =>
  Effect.gen(function* () {
    const { apiUrl } = settings
    const given = action.json
      ? "--json"
      : action.port !== undefined
        ? "--port"
        : action.faults !== undefined
          ? "--faults"
          : undefined
    if (given !== undefined) {
      return yield* new Refused({ message: `${given} is for the sandbox, but DISCORD_TOKEN is set` })
    }
    const bot = Context.get(
      yield* Layer.build(
        Bot.layer(Operating.beside(job.features, settings), {
          signer:
            settings.secrets === undefined ? Signer.layerFile(settings.data) : Signer.layer(settings.secrets),
          ...job.options,
          token,
          ...(apiUrl === undefined ? {} : { apiUrl }),
        }).pipe(Layer.provide(Operating.around(settings))),
      ).pipe(Effect.mapError((error) => NoDiscord.explain(error, apiUrl ?? Bot.DISCORD))),
      Bot.Bot,
    )
    yield* Effect.logInfo(`Connected to ${apiUrl ?? Bot.DISCORD}`)
    return yield* bot.fatal
  }).pipe(Effect.scoped)

/** On a Discord of its own, in this process. */
const local = Effect.fnUntraced(function* <A, E>(
  { faults, json, port }: Start,
  settings: Settings.Settings,
  job: Job<A, E>,
) {
  if (settings.production) {
    return yield* new Refused({
      message:
        "DISCORD_TOKEN is not set and NODE_ENV is production: the sandbox is not for production. Set DISCORD_TOKEN, or unset NODE_ENV to try the bot in the sandbox",
    })
  }
  const ignored = settings.apiUrl === undefined ? "" : " DISCORD_API_URL is not used without it."
  job.screen.err(
    `${job.name}: DISCORD_TOKEN is not set, so this is the sandbox: a Discord of its own on this machine.${ignored}`,
  )
  const Local = yield* Effect.promise(() => import("./Local.js"))
  return yield* Local.run({
    ...job,
    settings,
    json,
    port,
    faults,
  })
})
