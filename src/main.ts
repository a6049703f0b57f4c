/**
 * The binary: this bot's features, over the resources that the environment names, run by the command line.
 *
 * @module
 */
import { join } from "node:path"
import { GatewayIntentBits } from "discord-api-types/v10"
import { Config, Effect, Layer } from "effect"
import * as Cli from "./cli/Cli.js"
import type { Settings } from "./cli/Settings.js"
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

/** A variable that may be left out, or be empty. */
const optional = <A>(variable: Config.Config<A>): Effect.Effect<A | undefined> =>
  Effect.orElseSucceed(variable, () => undefined)

/** `GITHUB_TOKEN`, a token without any rights, raises GitHub's limit. */
const github = Layer.unwrapEffect(
  Effect.map(optional(Config.redacted("GITHUB_TOKEN")), (token) =>
    Github.layer(token === undefined ? {} : { token }),
  ),
)

/** `SCAM_DOMAINS_URL` names a list of the domains that the guard acts on at once. */
const scamDomains = Layer.unwrapEffect(
  Effect.map(optional(Config.nonEmptyString("SCAM_DOMAINS_URL")), (url) =>
    url === undefined ? Layer.empty : Sync.layer({ url }),
  ),
)

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

/** The sandbox's Discord ends with the process, and what is stored of it has to as well. */
const database = ({ data, databaseUrl, token }: Settings) =>
  token === undefined && databaseUrl === undefined
    ? Database.layerTemporary
    : Database.layer({ data, url: databaseUrl })

const bot = (settings: Settings) =>
  features.pipe(
    Layer.provide(Layer.mergeAll(stores, registries, Archive.layer(join(settings.data, "challenges")))),
    Layer.provideMerge(
      Layer.mergeAll(
        Offload.layer(),
        Http.layer({ ipv4Only: settings.ipv4Only }).pipe(Layer.provide(RateStoreSql.layer)),
      ),
    ),
    Layer.provideMerge(database(settings)),
  )

Cli.run(bot, {
  upstreams: [{ name: "github", baseUrl: "https://api.github.com" }],
  // Without it the bot does all but welcome people.
  bot: { intents: { optional: GatewayIntentBits.GuildMembers } },
})
