/**
 * Discord's ids, which say when what they name was made.
 *
 * @module
 */

/** Discord's epoch: the first millisecond of 2015. An id's upper 42 bits count from there. */
const EPOCH = 1_420_070_400_000

/** When Discord made what has this id: epoch milliseconds. */
export const timestampOf = (id: string): number => Math.floor(Number(id) / 4_194_304) + EPOCH
