/**
 * A stock discord.js bot with many `awaitMessages` outstanding.
 *
 * @module
 */
import { Client, Events, TextChannel } from "discord.js"
import { apiUrl, intents, listen } from "./Probe.js"

const client = new Client({ intents, rest: { api: apiUrl } })
client.setMaxListeners(0)
client.on(Events.InteractionCreate, () => {})
listen((channelId, userIds, done) => {
  const channel = client.channels.cache.get(channelId)
  if (!(channel instanceof TextChannel)) throw new Error("The channel is not there")
  for (const id of userIds) {
    const answer = channel.awaitMessages({
      filter: ({ author }) => author.id === id,
      max: 1,
      time: 3_600_000,
    })
    void told(answer, () => done(id))
  }
})
void client.login("bench")

const told = async (answer: Promise<unknown>, tell: () => void): Promise<void> => {
  await answer
  tell()
}
