/**
 * The words after `bosun`: which of its jobs is meant, and how.
 *
 * @module
 */
import { readFile } from "node:fs/promises"
import * as Args from "@effect/cli/Args"
import * as CliConfig from "@effect/cli/CliConfig"
import * as Command from "@effect/cli/Command"
import * as HelpDoc from "@effect/cli/HelpDoc"
import * as Options from "@effect/cli/Options"
import * as ValidationError from "@effect/cli/ValidationError"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as NodeTerminal from "@effect/platform-node/NodeTerminal"
import { Console, Data, Effect, Either, Layer, Option } from "effect"
import * as Plan from "../sandbox/fault/Plan.js"
import * as Usage from "./Usage.js"

/** What to do. */
export type Action =
  | {
      readonly _tag: "Start"
      readonly json: boolean
      readonly port: number | undefined
      readonly faults: Plan.Plan | undefined
    }
  | { readonly _tag: "Sandbox"; readonly port: number | undefined; readonly faults: Plan.Plan | undefined }
  | { readonly _tag: "Deploy"; readonly dryRun: boolean; readonly guildId: string | undefined }
  | { readonly _tag: "Doctor" }
  | { readonly _tag: "Backup"; readonly file: string }

export interface Parsing {
  readonly name: string
  /** Default this package's own. */
  readonly version: string | undefined
  /** Without the interpreter and the script. */
  readonly args: ReadonlyArray<string>
}

/** Reads the command line. None where it asked for something that was printed: help or the version. */
export const parse = Effect.fnUntraced(function* (
  parsing: Parsing,
): Effect.fn.Return<Option.Option<Action>, UsageError> {
  const { args, name } = parsing
  const help = Usage.asked(args)
  if (help !== undefined) return yield* print(Usage.text(name, help.job))
  if (args.includes("--version")) {
    return yield* print(parsing.version ?? (yield* ownVersion))
  }
  // The parser's own, which would ask questions instead of saying what is wrong.
  if (args.includes("--wizard")) {
    return yield* new UsageError({
      message: `Received unknown argument: '--wizard'. \`${name} --help\` tells what there is`,
    })
  }
  let action: Action | undefined
  const act = (next: Action) =>
    Effect.sync(() => {
      action = next
    })
  const start = Command.make("start", { json, port, faults }, ({ faults, json, port }) =>
    act({
      _tag: "Start",
      json,
      port: Option.getOrUndefined(port),
      faults: Option.getOrUndefined(faults),
    }),
  )
  const sandbox = Command.make("sandbox", { port, faults }, ({ faults, port }) =>
    act({ _tag: "Sandbox", port: Option.getOrUndefined(port), faults: Option.getOrUndefined(faults) }),
  )
  const deploy = Command.make("deploy", { dryRun, guild }, ({ dryRun, guild }) =>
    act({ _tag: "Deploy", dryRun, guildId: Option.getOrUndefined(guild) }),
  )

  const doctor = Command.make("doctor", {}, () => act({ _tag: "Doctor" }))
  const backup = Command.make("backup", { file }, ({ file }) => act({ _tag: "Backup", file }))

  const run = Command.make(name).pipe(
    Command.withSubcommands([start, sandbox, deploy, doctor, backup]),
    Command.run({ name, version: parsing.version ?? "" }),
  )
  yield* Effect.console.pipe(
    Effect.flatMap((console) =>
      // A mistake is told in one line by whoever runs this.
      Effect.withConsole(run(["node", name, ...complete(args)]), {
        ...console,
        error: () => Effect.void,
      }),
    ),
    Effect.mapError(
      ({ error }) =>
        new UsageError({
          message: `${reason(args, plain(HelpDoc.toAnsiText(error)))}. \`${name} --help\` tells what there is`,
        }),
    ),
    Effect.provide(
      Layer.mergeAll(
        NodeFileSystem.layer,
        NodePath.layer,
        NodeTerminal.layer,
        CliConfig.layer({ showBuiltIns: false }),
      ),
    ),
  )
  return Option.fromNullable(action)
})

const print = (text: string): Effect.Effect<Option.Option<Action>> =>
  Effect.as(Console.log(text), Option.none())

/** The command line cannot be read. */
export class UsageError extends Data.TaggedError("UsageError")<{ readonly message: string }> {}

const json = Options.boolean("json")

const port = Options.text("port").pipe(
  Options.filterMap(
    (text) => (/^\d{1,5}$/u.test(text) && Number(text) <= 65_535 ? Option.some(Number(text)) : Option.none()),
    "--port takes a whole number from 0 (any free one) to 65535",
  ),
  Options.optional,
)

const faults = Options.text("faults").pipe(
  Options.mapEffect((text) =>
    Either.mapLeft(Plan.parse(text), ({ message }) =>
      ValidationError.invalidValue(HelpDoc.p(`--faults: ${message}`)),
    ),
  ),
  Options.optional,
)

const dryRun = Options.boolean("dry-run")

const guild = Options.text("guild").pipe(
  Options.filterMap(
    (value) => (/^\d{17,20}$/u.test(value) ? Option.some(value) : Option.none()),
    "--guild takes the id of a guild: 17 to 20 digits",
  ),
  Options.optional,
)

const file = Args.text({ name: "FILE" })

const ownWords = new Set(["--version", "--completions"])

/** Without a word, `start` is meant. */
const complete = (args: ReadonlyArray<string>): ReadonlyArray<string> => {
  const first = args[0]
  return first === undefined || (first.startsWith("-") && !ownWords.has(first)) ? ["start", ...args] : args
}

/** The parser's own words, except where they do not say what was typed. */
const reason = (args: ReadonlyArray<string>, text: string): string => {
  if (text.startsWith("Invalid subcommand"))
    return `There is no “${args[0] ?? ""}”. There are: start, sandbox, deploy, doctor, backup`
  const [, option = ""] = /^Received unknown argument: '(--[a-z-]+)(?:=[^']*)?'$/u.exec(text) ?? []
  if (!(options[complete(args)[0] ?? ""] ?? []).includes(option)) return text
  const given = args.filter((word) => word === option || word.startsWith(`${option}=`))
  return given.length > 1 ? `${option} is there twice` : `${option} needs a value after it`
}

/** What each job takes that has a value. */
const options: Readonly<Record<string, ReadonlyArray<string>>> = {
  start: ["--port", "--faults"],
  sandbox: ["--port", "--faults"],
  deploy: ["--guild"],
}

const plain = (text: string): string =>
  text
    // oxlint-disable-next-line no-control-regex -- the escape sequences of terminals begin with one
    .replace(/\u001b\[[0-9;]*m/gu, "")
    .replace(/\s+/gu, " ")
    .trim()
    .replace(/\.$/u, "")

/** From the package that this file is in: the same two folders up as source, as library and in the bundle. */
const ownVersion = Effect.tryPromise(() =>
  readFile(new URL("../../package.json", import.meta.url), "utf8"),
).pipe(
  Effect.map((text) => (JSON.parse(text) as { readonly version: string }).version),
  Effect.orElseSucceed(() => "unknown"),
)
