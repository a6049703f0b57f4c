/**
 * What tests of a bot need: `bosun/testing`.
 *
 * @module
 */
export * as VirtualClock from "./VirtualClock.js"
