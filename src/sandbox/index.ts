/**
 * A Discord of its own, on this machine: `bosun/sandbox`.
 *
 * It knows nothing of Bosun and serves clients of any library.
 *
 * @module
 */
export * as Actor from "./people/Actor.js"
export * as ActorError from "./people/ActorError.js"
export * as Faults from "./fault/Faults.js"
export * as Guilds from "./world/Guilds.js"
export * as MovableClock from "./MovableClock.js"
export * as Page from "./page/Page.js"
export * as Plan from "./fault/Plan.js"
export type * as Model from "./model/Model.js"
export * as Permissions from "./world/Permissions.js"
export * as Sandbox from "./Sandbox.js"
export * as Seed from "./world/Seed.js"
export * as Server from "./Server.js"
export * as Threads from "./world/Threads.js"
export * as Transcript from "./Transcript.js"
export * as View from "./world/View.js"
