/**
 * What a close code of Discord's gateway means for the session (Developer Docs, "Gateway Close Event Codes").
 *
 * @module
 */
import { GatewayIntentBits } from "discord-api-types/v10"
import { DisallowedIntents, type FatalError, GatewayRefused, InvalidToken } from "../DiscordError.js"

/** A normal end: Discord forgets the session, and shows the bot offline. */
export const end = 1000

/** Any code but 1000 and 1001 keeps the session for some minutes. This one is free for clients. */
export const keep = 4200

/** 4007 (wrong sequence) and 4009 (session timed out): the session is over, a new one may begin. */
export const endsSession = (code: number): boolean => code === 4007 || code === 4009

/** The error of a code after which no new attempt may be made; undefined for all others. */
export const fatal = (code: number, reason: string, intents: number): FatalError | undefined => {
  switch (code) {
    case 4004:
      return new InvalidToken({ source: "gateway close code 4004" })
    case 4010:
    case 4011:
    case 4012:
    case 4013:
      return new GatewayRefused({ code, reason: reason === "" ? meanings[code]! : reason })
    case 4014:
      return disallowed(intents)
    default:
      return undefined
  }
}

const meanings: Readonly<Record<number, string>> = {
  4010: "this shard does not exist",
  4011: "the bot is in too many guilds for this number of shards",
  4012: "this version of the gateway does not exist",
  4013: "the intents are not a valid combination",
}

/** Each privileged intent, and the name of its switch on the developer page. */
const switches: ReadonlyArray<readonly [intent: GatewayIntentBits, name: string]> = [
  [GatewayIntentBits.GuildMembers, "Server Members Intent"],
  [GatewayIntentBits.GuildPresences, "Presence Intent"],
  [GatewayIntentBits.MessageContent, "Message Content Intent"],
]

const disallowed = (intents: number): DisallowedIntents => {
  const asked = switches.filter(([intent]) => (intents & intent) !== 0)
  const privileged = asked.map(([intent]) => GatewayIntentBits[intent])
  const others = Object.values(GatewayIntentBits).filter(
    (intent): intent is GatewayIntentBits =>
      typeof intent === "number" && (intents & intent) !== 0 && !asked.some(([bit]) => bit === intent),
  )
  return new DisallowedIntents({
    intents: [...privileged, ...others.map((intent) => GatewayIntentBits[intent])],
    switches: asked.map(([, name]) => name),
  })
}
