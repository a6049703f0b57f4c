/**
 * Bosun: a Discord bot, and the library it is made of.
 *
 * Each module has an entry of its own (`bosun/Command`, `bosun/Reply`, …), so that a small bot loads what it
 * uses; this one has them all, but for `bosun/Cli`, `bosun/sandbox` and `bosun/testing`.
 *
 * @module
 */
export * as Bot from "./Bot.js"
export * as Command from "./command/Command.js"
export * as CommandError from "./command/CommandError.js"
export * as Commands from "./command/Commands.js"
export * as Deploy from "./command/Deploy.js"
export * as Param from "./command/Param.js"
export * as Policy from "./command/Policy.js"
export * as Caches from "./discord/Caches.js"
export * as Client from "./discord/Client.js"
export * as Discord from "./discord/Discord.js"
export * as DiscordError from "./DiscordError.js"
export * as Interaction from "./interaction/Interaction.js"
export * as Md from "./interaction/Md.js"
export * as Reply from "./interaction/Reply.js"
export * as Rest from "./rest/Rest.js"
export * as Door from "./supervise/Door.js"
export * as Supervisor from "./supervise/Supervisor.js"
export * as Timers from "./supervise/Timers.js"
