/**
 * A Discord of its own, on this machine: `bosun/sandbox`.
 *
 * It knows nothing of Bosun and serves clients of any library.
 *
 * @module
 */
export * as Actor from "./Actor.js"
export * as ActorError from "./ActorError.js"
export * as Faults from "./Faults.js"
export * as Guilds from "./Guilds.js"
export type * as Model from "./Model.js"
export * as Permissions from "./Permissions.js"
export * as Sandbox from "./Sandbox.js"
export * as Seed from "./Seed.js"
export * as Server from "./Server.js"
export * as Threads from "./Threads.js"
export * as Transcript from "./Transcript.js"
export * as View from "./View.js"
