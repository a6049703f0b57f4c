/**
 * Chance that can be had again: a number for a seed and the place where it is asked for, with no state between.
 *
 * Because nothing is carried from one draw to the next, a rule's decisions do not depend on what other rules
 * were asked in between.
 *
 * @module
 */

/** From 0 up to, and without, 1: always the same for the same numbers. */
export const draw = (seed: number, ...place: ReadonlyArray<number>): number => {
  let state = mix(seed ^ 0x6d_2b_79_f5)
  for (const part of place) state = mix(state ^ Math.imul(part | 0, 0x9e_37_79_b1))
  return state / 0x1_0000_0000
}

/** A number for a name. */
export const ofName = (name: string): number => {
  let state = 0x81_1c_9d_c5
  for (let at = 0; at < name.length; at++) state = Math.imul(state ^ name.charCodeAt(at), 0x01_00_01_93)
  return state >>> 0
}

/** Every bit of the result depends on every bit given. */
const mix = (given: number): number => {
  let bits = given | 0
  bits = Math.imul(bits ^ (bits >>> 16), 0x85_eb_ca_6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2_b2_ae_35)
  return (bits ^ (bits >>> 16)) >>> 0
}
