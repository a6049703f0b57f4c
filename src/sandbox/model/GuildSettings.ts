/**
 * What a guild's own pages of settings hold.
 *
 * @module
 */
import type { Json } from "./Model.js"

/** What a guild's own page of settings holds; ids are of channels. */
export interface GuildSettings {
  description: string | null
  /** Hashes of pictures. */
  icon: string | null
  banner: string | null
  splash: string | null
  discoverySplash: string | null
  verificationLevel: number
  defaultNotifications: number
  contentFilter: number
  afkChannelId: string | null
  /** Seconds. */
  afkTimeout: number
  systemChannelId: string | null
  systemChannelFlags: number
  rulesChannelId: string | null
  updatesChannelId: string | null
  safetyChannelId: string | null
  widgetEnabled: boolean
  widgetChannelId: string | null
  /** `null` where it was never made. */
  welcome: WelcomeScreen | null
  onboarding: Onboarding | null
  locale: string
  progressBar: boolean
  features: ReadonlyArray<string>
  /** `null` where nothing was ever stopped. */
  incidents: Incidents | null
}

/** What those who come into a community see. */
export interface WelcomeScreen {
  readonly description: string | null
  readonly channels: ReadonlyArray<WelcomeChannel>
}

export interface WelcomeChannel {
  readonly channelId: string
  readonly description: string
  readonly emojiId: string | null
  readonly emojiName: string | null
}

/** What a community asks those who come in. */
export interface Onboarding {
  readonly enabled: boolean
  /** 0: only the channels that everybody begins with count; 1: those of questions, too. */
  readonly mode: number
  readonly channelIds: ReadonlyArray<string>
  /** As Discord puts them on the wire. */
  readonly prompts: ReadonlyArray<Json>
}

/** Until when a guild lets nobody in by invites, and no strangers write to each other; `null` where it does. */
export interface Incidents {
  readonly invitesUntil: number | null
  readonly dmsUntil: number | null
}
