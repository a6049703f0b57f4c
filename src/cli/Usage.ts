/**
 * What `--help` prints.
 *
 * @module
 */

import * as Plan from "../sandbox/fault/Plan.js"

/** The jobs of the program. */
export type Job = "start" | "sandbox" | "deploy" | "doctor" | "backup"

const port = `  --port N      where the sandbox listens on 127.0.0.1; default 4780, or any that is free; 0: any
  --faults PLAN what goes wrong: ${Object.keys(Plan.presets).join(", ")},
                or rules such as "latency 50..400ms; error 2% status=503; drop 1%"`

/** The text for one job, or for the whole program. */
export const text = (name: string, job: Job | undefined): string => {
  switch (job) {
    case "start":
      return `Usage: ${name} [start] [--json] [--port N] [--faults PLAN]

Runs the bot: against Discord where DISCORD_TOKEN is set, otherwise in a sandbox, a Discord of
its own on this machine: open its address in a browser, or type \`help\` in its chat here.

For the sandbox:
  --json        prints each thing that the bot does as one JSON object, for programs
${port}`
    case "sandbox":
      return `Usage: ${name} sandbox [--port N] [--faults PLAN]

Runs a local Discord without a bot, for any client of any library. Prints the address to give
to it as its API; any token is taken. In a browser its address is a chat.

${port}`
    case "deploy":
      return `Usage: ${name} deploy [--dry-run] [--guild ID]

Gives the bot's commands to Discord: prints what changes, then changes it. Needs DISCORD_TOKEN.

  --dry-run     prints what would change, and changes nothing
  --guild ID    only in the guild of this id, where changes show at once; default everywhere`
    case "doctor":
      return `Usage: ${name} doctor

Checks the settings, the token, the intents, the database, other services, the clock, and the
bot's permissions in each server: a line for each, with what to do. Changes nothing.`
    case "backup":
      return `Usage: ${name} backup FILE

Writes a whole copy of the database to FILE, which must not be there yet, also while the bot
runs. To restore it: stop the bot, put the copy in the database's place, start the bot.`
    case undefined:
      return `Usage: ${name} [start]      runs the bot (in a sandbox where DISCORD_TOKEN is not set)
       ${name} sandbox      runs a local Discord without a bot
       ${name} deploy       gives the bot's commands to Discord
       ${name} doctor       checks everything that the bot needs, and says what to do
       ${name} backup FILE  copies the database while the bot runs

  --help        this text; after a word, what can follow it
  --version     the version

Environment, also read from a .env file in the working directory:
  DISCORD_TOKEN      the bot's token; without it the bot runs in a sandbox
  DISCORD_API_URL    the API to talk to, without the version; default https://discord.com/api
  BOSUN_PREFIX       what commands in messages start with; default !
  BOSUN_GRACE        how long running commands may go on at the end; default "25 seconds"
  BOSUN_SECRET       signs buttons that outlive the process, several between commas; default
                     a file in BOSUN_DATA
  BOSUN_DATA         the folder for what the bot keeps; default ./data
  DATABASE_URL       postgres://… or file:…; default a file in BOSUN_DATA
  BOSUN_OPS_PORT     the operator's port (probes, metrics, what runs); default none
  BOSUN_OPS_HOST     where it listens; default 127.0.0.1
  BOSUN_OPS_TOKEN    what lets somebody change things there
  BOSUN_STATSD       host:port that metrics are sent to by UDP
  BOSUN_OTLP_URL     where metrics and traces are sent by OTLP
  BOSUN_TRACE_RATIO  which part of the calls is traced, 0 (default) to 1
  BOSUN_IPV4_ONLY    true: other services are called by IPv4 alone
  LOG_LEVEL          trace, debug, info (default; warning in the sandbox), error, fatal, none
  LOG_FORMAT         pretty (default on a terminal) or json
  NODE_ENV           production refuses to start without DISCORD_TOKEN`
  }
}

const jobs: ReadonlyArray<Job> = ["start", "sandbox", "deploy", "doctor", "backup"]

/** The job whose help these words ask for; `undefined` in it for the whole program; none where they do not ask. */
export const asked = (args: ReadonlyArray<string>): { readonly job: Job | undefined } | undefined => {
  const isHelp = (word: string) => word === "--help" || word === "-h"
  const words =
    args[0] === "help" ? args.slice(1) : args.some(isHelp) ? args.filter((word) => !isHelp(word)) : undefined
  return words === undefined ? undefined : { job: jobs.find((job) => job === words[0]) }
}
