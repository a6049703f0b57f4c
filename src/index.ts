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
export * as Route from "./command/Route.js"
export * as Routes from "./command/Routes.js"
export * as ConversationError from "./conversation/ConversationError.js"
export * as Form from "./conversation/Form.js"
export * as Menu from "./conversation/Menu.js"
export * as Paginator from "./conversation/Paginator.js"
export * as Place from "./conversation/Place.js"
export * as Prompt from "./conversation/Prompt.js"
export * as Wizard from "./conversation/Wizard.js"
export * as Caches from "./discord/Caches.js"
export * as Client from "./discord/Client.js"
export * as Discord from "./discord/Discord.js"
export * as DiscordError from "./DiscordError.js"
export * as CustomId from "./interaction/CustomId.js"
export * as Interaction from "./interaction/Interaction.js"
export * as Md from "./interaction/Md.js"
export * as Press from "./interaction/Press.js"
export * as Reply from "./interaction/Reply.js"
export * as Response from "./interaction/Response.js"
export * as Signer from "./interaction/Signer.js"
export * as Rest from "./rest/Rest.js"
export * as Door from "./supervise/Door.js"
export * as Roster from "./supervise/Roster.js"
export * as Supervisor from "./supervise/Supervisor.js"
export * as Timers from "./supervise/Timers.js"
export * as Wait from "./wait/Wait.js"
export * as WaitError from "./wait/WaitError.js"
export * as Waits from "./wait/Waits.js"
