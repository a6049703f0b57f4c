/**
 * The binary: this bot's features, over the resources that the environment names, run by the command line.
 *
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { GatewayIntentBits } from "discord-api-types/v10"
import { Effect, Layer, Redacted } from "effect"
import * as Cli from "./cli/Cli.js"
import type { Settings, Variables } from "./cli/Settings.js"
import * as Features from "./features/Features.js"
import * as Database from "./resource/Database.js"
import * as Http from "./resource/Http.js"
import * as Offload from "./resource/Offload.js"
import * as RateStoreSql from "./resource/RateStoreSql.js"

/** What this bot reads besides what `Settings` does. */
interface Own {
  /** A token without any rights raises GitHub's limit. */
  readonly GITHUB_TOKEN?: string
  /** A list of the domains that the guard acts on at once. */
  readonly SCAM_DOMAINS_URL?: string
}

const own = (variables: Variables): Own =>
  Object.fromEntries(
    (["GITHUB_TOKEN", "SCAM_DOMAINS_URL"] as const).flatMap((name) => {
      const text = variables[name]?.trim() ?? ""
      return text === "" ? [] : [[name, text]]
    }),
  )

const problems = (variables: Variables): ReadonlyArray<string> => {
  const { GITHUB_TOKEN: token, SCAM_DOMAINS_URL: url } = own(variables)
  return [
    ...(token === undefined || /^[\u0021-\u007e]+$/u.test(token)
      ? []
      : ["GITHUB_TOKEN has characters that no token has. Accepted: a token of GitHub's, or none"]),
    ...(url === undefined || (URL.canParse(url) && /^https?:$/u.test(new URL(url).protocol))
      ? []
      : ["SCAM_DOMAINS_URL is not a URL. Accepted: an http:// or https:// URL of a JSON list, or none"]),
  ]
}

/** Where the bot keeps what it keeps. The sandbox's Discord ends with the process, and so does what is stored of it. */
const directory = ({ data, databaseUrl, token }: Settings) =>
  token === undefined && databaseUrl === undefined
    ? Effect.acquireRelease(
        Effect.promise(() => mkdtemp(join(tmpdir(), "bosun-"))),
        (path) => Effect.promise(() => rm(path, { recursive: true, force: true })),
      )
    : Effect.succeed(data)

const bot = (settings: Settings) =>
  Layer.unwrapScoped(
    Effect.map(directory(settings), (data) => {
      const { GITHUB_TOKEN: token, SCAM_DOMAINS_URL: scamDomains } = own(process.env)
      return Features.layer({
        archive: join(data, "challenges"),
        githubToken: token === undefined ? undefined : Redacted.make(token),
        scamDomains,
      }).pipe(
        Layer.provideMerge(
          Layer.mergeAll(
            Offload.layer(),
            Http.layer({ ipv4Only: settings.ipv4Only }).pipe(Layer.provide(RateStoreSql.layer)),
          ),
        ),
        Layer.provideMerge(Database.layer({ data, url: settings.databaseUrl })),
      )
    }),
  )

Cli.run(bot, {
  variables: problems,
  upstreams: (variables) => {
    const { SCAM_DOMAINS_URL: url } = own(variables)
    const upstreams = [{ name: "GitHub", baseUrl: "https://api.github.com" }]
    return url === undefined ? upstreams : [...upstreams, { name: "scam domains", baseUrl: url }]
  },
  // Without it the bot does all but welcome people.
  bot: { intents: { optional: GatewayIntentBits.GuildMembers }, explain: Database.explain },
})
