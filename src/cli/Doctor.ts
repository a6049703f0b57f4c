/**
 * `bosun doctor`: checks everything that the bot needs, and says what to do: a line for each, on standard output.
 *
 * Nothing is changed and no session is begun. The features are built once, over a directory of their own that is
 * thrown away, to learn what their commands and tables are; a bot whose features are a plain layer gets them built
 * as they are. All checks run at once, each for 5 seconds at most
 * (the features: 10); one that fails hides none of the others. What is
 * printed has no token, password or secret in it.
 *
 * @module
 */
import { mkdtemp, rm, stat } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Either, Fiber, Layer, Logger, LogLevel, Option, Redacted } from "effect"
import * as Bot from "../Bot.js"
import { Commands } from "../command/Commands.js"
import * as GatewayTransport from "../gateway/Transport.js"
import * as Database from "../resource/Database.js"
import type { Features, Job } from "./Cli.js"
import { bounded, fail, type Finding, line, ok, reasonOf, warn } from "./doctor/Finding.js"
import * as Online from "./doctor/Online.js"
import * as Storage from "./doctor/Storage.js"
import * as Upstreams from "./doctor/Upstreams.js"
import { InvalidSettings, type Settings } from "./Settings.js"

export interface Options<A, E> extends Omit<Job<A, E>, "features"> {
  /** Of the environment; where that cannot be read, what is wrong with it, which is then all that can be told. */
  readonly settings: Settings | InvalidSettings
  readonly features: Features<A, E>
  /** What is set and read by nobody, one line each. */
  readonly misspelt: ReadonlyArray<string>
  /** The services that the features lean on. */
  readonly upstreams: ReadonlyArray<Upstreams.Upstream>
}

/** Prints what it finds, and gives the exit code: 1 where anything has failed. Interruption ends it at once. */
export const run = <A, E>(options: Options<A, E>): Effect.Effect<number> =>
  Effect.gen(function* () {
    const { screen, settings } = options
    const secrets = settings instanceof InvalidSettings ? [] : secretsOf(settings)
    const running = yield* Effect.forEach(yield* checks(options), (check) => Effect.fork(check))
    const levels: Array<Finding["level"]> = []
    for (const fiber of running) {
      for (const found of yield* Fiber.join(fiber)) {
        levels.push(found.level)
        screen.out(line(found, secrets))
      }
    }
    const count = (level: Finding["level"]) => levels.filter((one) => one === level).length
    screen.out(`${count("ok")} ok, ${count("warn")} to be looked at, ${count("fail")} failed`)
    return count("fail") > 0 ? 1 : 0
  }).pipe(Effect.scoped)

/** In the order in which they are told. Each ends with what it has found, also where it could not look. */
export const checks = <A, E>({
  features,
  misspelt,
  name,
  options,
  settings,
  upstreams,
}: Omit<Options<A, E>, "screen">) =>
  Effect.gen(function* () {
    if (settings instanceof InvalidSettings)
      return [Effect.succeed(settings.problems.map((problem) => fail("variables", problem)))]
    const { apiUrl, production, token } = settings
    // What hangs while it is built keeps neither the checks waiting nor the end.
    const learning = yield* Effect.acquireRelease(
      Effect.forkDaemon(Effect.interruptible(Effect.either(learn(features, settings, options)))),
      (fiber) =>
        Effect.zipRight(
          Fiber.interruptFork(fiber),
          Effect.timeoutOption(Effect.interruptible(Fiber.await(fiber)), "1 second"),
        ),
    )
    const learnt = Fiber.join(learning)
    const known = Effect.map(Effect.timeoutOption(learnt, "4 seconds"), (found) =>
      Option.getOrUndefined(Option.flatMap(found, Either.getRight)),
    )
    const online =
      token === undefined
        ? [Effect.succeed([production ? noToken : sandbox])]
        : yield* Online.checks({ options, needed: Effect.map(known, (found) => found?.needed) }).pipe(
            Effect.provide(
              yield* Layer.build(
                Layer.merge(
                  Bot.rest({ token, ...(apiUrl === undefined ? {} : { apiUrl }) }),
                  GatewayTransport.layerWebSocket,
                ),
              ),
            ),
          )
    return [
      Effect.succeed([
        ok("variables", "can all be read"),
        ...misspelt.map((problem) => warn("variables", problem)),
      ]),
      bounded(
        "features",
        Effect.map(learnt, (found) => [
          Either.isRight(found)
            ? ok("features", `${found.right.count} command${found.right.count === 1 ? "" : "s"}`)
            : fail("features", `they cannot be built: ${reasonOf(found.left)}`),
        ]),
        // All that the bot is made of is loaded for it.
        "10 seconds",
      ),
      bounded("data", Storage.directory(settings.data)),
      bounded("secret", Storage.secret(settings)),
      bounded(
        "database",
        Storage.database(
          settings,
          Effect.map(known, (found) => found?.steps),
          name,
        ),
      ),
      ...online,
      ...upstreams.map((upstream) => Upstreams.check(upstream, settings)),
    ] satisfies ReadonlyArray<Effect.Effect<ReadonlyArray<Finding>>>
  }).pipe(Effect.catchAll((error) => Effect.succeed([Effect.succeed([fail("token", reasonOf(error))])])))

const sandbox = warn(
  "token",
  "DISCORD_TOKEN is not set: the bot would start in the sandbox, and nothing else of Discord was checked",
)
const noToken = fail(
  "token",
  "DISCORD_TOKEN is not set and NODE_ENV is production: the bot does not start. Set DISCORD_TOKEN",
)

/** What the features are made of. */
interface Learnt {
  readonly count: number
  readonly needed: ReadonlyMap<string, bigint>
  readonly steps: Storage.Steps
}

/** Builds the features in a directory that is thrown away, without a connection, and looks at them. */
const learn = <A, E>(features: Features<A, E>, settings: Settings, options: Job<A, E>["options"]) =>
  Effect.gen(function* () {
    const data = yield* scratch
    const file = join(data, "bosun.db")
    const databaseUrl = Redacted.make(`file:${file}`)
    const layer = typeof features === "function" ? features({ ...settings, data, databaseUrl }) : features
    const list = yield* Effect.flatMap(Commands, (commands) => commands.list).pipe(
      Effect.provide(Bot.offline(layer, { ...options, token: Redacted.make("none"), apiUrl: NOWHERE })),
    )
    const made = yield* Effect.promise(() => stat(file).then(Boolean, () => false))
    const steps: Storage.Steps = made
      ? yield* Effect.provide(Storage.stepsOf, Database.layer({ data, url: databaseUrl }))
      : new Map<string, ReadonlyArray<string>>()
    const needed = new Map<string, bigint>()
    for (const { name, policies } of list)
      if (policies.botPermissions !== undefined) needed.set(name, policies.botPermissions)
    return { count: list.length, needed, steps } satisfies Learnt
  }).pipe(Effect.scoped, Logger.withMinimumLogLevel(LogLevel.None))

/** Features that would call Discord while they are built must not reach it from here. */
const NOWHERE = "http://127.0.0.1:9/api"

const scratch = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "bosun-doctor-"))),
  (path) => Effect.promise(() => rm(path, { recursive: true, force: true })),
)

/** What must not be printed, in every form in which it may come up. */
const secretsOf = ({ databaseUrl, ops, secrets, token }: Settings): ReadonlyArray<string> => {
  const url = databaseUrl === undefined ? "" : Redacted.value(databaseUrl)
  const password = URL.canParse(url) ? new URL(url).password : ""
  const plain = Option.getOrElse(Option.liftThrowable(decodeURIComponent)(password), () => password)
  return [token, ops?.token, ...(secrets ?? [])]
    .map((one) => (one === undefined ? "" : Redacted.value(one)))
    .concat(password, plain)
    .filter((one) => one.length >= SHORTEST)
}

/** Covering less than this would take letters out of ordinary words. */
const SHORTEST = 4
