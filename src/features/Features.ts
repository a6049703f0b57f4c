/**
 * All that this bot does, as one layer over the resources that it needs.
 *
 * @module
 */
import { Layer, type Redacted } from "effect"
import * as JobStoreSql from "../resource/JobStoreSql.js"
import * as Archive from "./challenge/Archive.js"
import * as Challenge from "./challenge/Challenge.js"
import * as ChallengeStore from "./challenge/Store.js"
import * as Github from "./github/Github.js"
import * as Guard from "./guard/Guard.js"
import * as GuardStore from "./guard/Store.js"
import * as ReportLines from "./guild/ReportLines.js"
import * as Retention from "./guild/Retention.js"
import * as ScamDomains from "./guild/ScamDomains.js"
import * as GuildSettings from "./guild/Settings.js"
import * as GuildStore from "./guild/Store.js"
import * as Stored from "./guild/Stored.js"
import * as Help from "./Help.js"
import * as Moderation from "./moderation/Moderation.js"
import * as CaseStore from "./moderation/Store.js"
import * as Operator from "./operator/Operator.js"
import * as Ping from "./Ping.js"
import * as Privacy from "./privacy/Privacy.js"
import * as Reports from "./reports/Reports.js"
import * as Sync from "./reports/Sync.js"
import * as ReportStore from "./reports/Store.js"
import * as TryoutStore from "./tryouts/StoreSql.js"
import * as Tryouts from "./tryouts/Tryouts.js"
import * as Userinfo from "./Userinfo.js"
import * as WelcomeStore from "./welcome/Store.js"
import * as Welcome from "./welcome/Welcome.js"

export interface Options {
  /** The folder for what challenges export. */
  readonly archive: string
  /** A token without any rights raises GitHub's limit. */
  readonly githubToken?: Redacted.Redacted | undefined
  /** Where GitHub's API is. Default its own. */
  readonly githubUrl?: string | undefined
  /** A list of the domains that the guard acts on at once. */
  readonly scamDomains?: string | undefined
}

/** The features with their stores. What they need of resources stays in the requirements. */
export const layer = ({ archive, githubToken, githubUrl, scamDomains }: Options) =>
  Layer.mergeAll(
    Ping.layer,
    Help.layer,
    Userinfo.layer,
    Tryouts.layer,
    Challenge.layer,
    Moderation.layer,
    Welcome.layer,
    Guard.layer,
    Github.layer({
      ...(githubToken === undefined ? {} : { token: githubToken }),
      ...(githubUrl === undefined ? {} : { baseUrl: githubUrl }),
    }),
    Reports.layer,
    scamDomains === undefined ? Layer.empty : Sync.layer({ url: scamDomains }),
    GuildSettings.layer,
    Privacy.layer,
    Operator.layer,
  ).pipe(Layer.provide(Layer.mergeAll(stores, registries, Archive.layer(archive))))

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
