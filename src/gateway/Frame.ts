/**
 * The text frames of the gateway: reading them, and writing those that a client sends.
 *
 * @module
 */
import type {
  GatewayPresenceUpdateData,
  GatewayReceivePayload,
  GatewaySendPayload,
} from "discord-api-types/v10"
import { Redacted } from "effect"

/** What IDENTIFY tells about a shard. */
export interface Identity {
  readonly id: number
  readonly count: number
  readonly token: Redacted.Redacted<string>
  readonly intents: number
  readonly presence?: GatewayPresenceUpdateData | undefined
  readonly largeThreshold?: number | undefined
}

/** Discord closes with 4002 on a longer frame. In bytes. */
export const maxBytes = 4_096

/** A payload, or undefined where the text is no JSON object with an op. What the payload holds is not checked. */
export const parse = (text: string): GatewayReceivePayload | undefined => {
  let payload: GatewayReceivePayload | null
  try {
    payload = JSON.parse(text) as GatewayReceivePayload | null
  } catch {
    return undefined
  }
  return typeof payload === "object" && payload !== null && typeof payload.op === "number"
    ? payload
    : undefined
}

/** Op 1, with the last sequence number seen (0 where there is none). */
export const heartbeat = (sequence: number): string => `{"op":1,"d":${sequence === 0 ? "null" : sequence}}`

/** Op 2. */
export const identify = (identity: Identity): string =>
  frame({
    op: 2,
    d: {
      token: Redacted.value(identity.token),
      intents: identity.intents,
      shard: [identity.id, identity.count],
      properties: { os: process.platform, browser: "bosun", device: "bosun" },
      ...(identity.presence === undefined ? {} : { presence: identity.presence }),
      ...(identity.largeThreshold === undefined ? {} : { large_threshold: identity.largeThreshold }),
    },
  })

/** Op 6. */
export const resume = (token: Redacted.Redacted<string>, sessionId: string, sequence: number): string =>
  frame({ op: 6, d: { token: Redacted.value(token), session_id: sessionId, seq: sequence } })

/** Any payload as text. */
export const frame = (payload: GatewaySendPayload): string => JSON.stringify(payload)

/** The address of a socket: version 10, as JSON, uncompressed. */
export const address = (base: string): string => `${base.replace(/\/+$/, "")}/?v=10&encoding=json`
