/**
 * What tests of a bot need: `bosun/testing`.
 *
 * @module
 */
export * as Arb from "./Arb.js"
export * as Explore from "./Explore.js"
export * as Kit from "./Kit.js"
export * as VirtualClock from "./VirtualClock.js"
