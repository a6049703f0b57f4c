/**
 * The measure of all others: a stock discord.js bot, as its guide shows it.
 *
 * @module
 */
import { Client, Events } from "discord.js"
import { apiUrl, intents, listen } from "./Probe.js"

const client = new Client({ intents, rest: { api: apiUrl } })
client.on(Events.InteractionCreate, (interaction) => {
  if (interaction.isChatInputCommand()) void interaction.reply("Pong!")
})
listen()
void client.login("bench")
