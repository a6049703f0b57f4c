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
import * as Archive from "./features/challenge/Archive.js"
import * as Challenge from "./features/challenge/Challenge.js"
import * as ChallengeStore from "./features/challenge/Store.js"
import * as Github from "./features/github/Github.js"
import * as Guard from "./features/guard/Guard.js"
import * as GuardStore from "./features/guard/Store.js"
import * as ReportLines from "./features/guild/ReportLines.js"
import * as Retention from "./features/guild/Retention.js"
import * as ScamDomains from "./features/guild/ScamDomains.js"
import * as GuildSettings from "./features/guild/Settings.js"
import * as GuildStore from "./features/guild/Store.js"
import * as Stored from "./features/guild/Stored.js"
import * as Help from "./features/Help.js"
import * as Moderation from "./features/moderation/Moderation.js"
import * as CaseStore from "./features/moderation/Store.js"
import * as Operator from "./features/operator/Operator.js"
import * as Ping from "./features/Ping.js"
import * as Privacy from "./features/privacy/Privacy.js"
import * as Reports from "./features/reports/Reports.js"
import * as Sync from "./features/reports/Sync.js"
import * as ReportStore from "./features/reports/Store.js"
import * as TryoutStore from "./features/tryouts/StoreSql.js"
import * as Tryouts from "./features/tryouts/Tryouts.js"
import * as Userinfo from "./features/Userinfo.js"
import * as WelcomeStore from "./features/welcome/Store.js"
import * as Welcome from "./features/welcome/Welcome.js"
import * as Database from "./resource/Database.js"
import * as Http from "./resource/Http.js"
import * as JobStoreSql from "./resource/JobStoreSql.js"
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

const github = Layer.suspend(() => {
  const { GITHUB_TOKEN: token } = own(process.env)
  return Github.layer(token === undefined ? {} : { token: Redacted.make(token) })
})

const scamDomains = Layer.suspend(() => {
  const { SCAM_DOMAINS_URL: url } = own(process.env)
  return url === undefined ? Layer.empty : Sync.layer({ url })
})

/** What the bot does. */
const features = Layer.mergeAll(
  Ping.layer,
  Help.layer,
  Userinfo.layer,
  Tryouts.layer,
  Challenge.layer,
  Moderation.layer,
  Welcome.layer,
  Guard.layer,
  github,
  Reports.layer,
  scamDomains,
  GuildSettings.layer,
  Privacy.layer,
  Operator.layer,
)

/** What the features keep, each in tables of its own. */
const stores = Layer.mergeAll(
  TryoutStore.layer,
  ChallengeStore.layer,
  CaseStore.layer,
  WelcomeStore.layer,
  GuardStore.layer,
  ReportStore.layer,
  GuildStore.layer,
  ScamDomains.layer,
  JobStoreSql.layer,
)

/** What features know of each other: who has stored what, what is to be cleaned up, what belongs in a report. */
const registries = Layer.mergeAll(Stored.layer, Retention.layer, ReportLines.layer)

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
    Effect.map(directory(settings), (data) =>
      features.pipe(
        Layer.provide(Layer.mergeAll(stores, registries, Archive.layer(join(data, "challenges")))),
        Layer.provideMerge(
          Layer.mergeAll(
            Offload.layer(),
            Http.layer({ ipv4Only: settings.ipv4Only }).pipe(Layer.provide(RateStoreSql.layer)),
          ),
        ),
        Layer.provideMerge(Database.layer({ data, url: settings.databaseUrl })),
      ),
    ),
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
