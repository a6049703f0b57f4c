/**
 * What looks drawn by lot and is the same in every run: tokens of interactions and webhooks, codes of invites.
 *
 * @module
 */

/** Spreads an id over 64 bits. */
export const scatter = (id: string): bigint => BigInt.asUintN(64, BigInt(id) * 0x9e37_79b9_7f4a_7c15n)

/** The token of the thing of that id. */
export const make = (kind: string, id: string): string =>
  Buffer.from(`${kind}:${id}:${scatter(id).toString(36)}`).toString("base64url")
