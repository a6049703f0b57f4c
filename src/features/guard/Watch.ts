/**
 * Looks at every message of a server as it comes: counts it, scores it by what its author has written lately, and
 * hands on what is spam.
 *
 * Messages are counted as they come in; what is to be judged goes through an inbox, so that a flood never holds up
 * anything else. Where more comes than can be judged, the oldest is dropped, and counted as such.
 *
 * Bots, webhooks and staff are left alone.
 *
 * Drawbacks: what becomes spam by an edit is not seen. Without the Message Content Intent only rates and mentions are.
 *
 * @module
 */
import { GatewayDispatchEvents, type GatewayMessageCreateDispatchData } from "discord-api-types/v10"
import { Effect, Layer } from "effect"
import { Client } from "../../discord/Client.js"
import * as Listener from "../../discord/Listener.js"
import * as Inbox from "../../supervise/Inbox.js"
import { ScamDomains } from "../guild/ScamDomains.js"
import { Bursts } from "./Bursts.js"
import { Rulebook } from "./Rulebook.js"
import * as Score from "./Score.js"
import { isStaff } from "./Staff.js"
import { Traffic } from "./Traffic.js"

/** How many messages may wait to be judged. */
const CAPACITY = 1_000
const CONCURRENCY = 8
/** How many people's last messages are remembered. */
const PEOPLE = 20_000

/** A message in a server. */
type Message = GatewayMessageCreateDispatchData & { readonly guild_id: string }

const isWatched = (message: GatewayMessageCreateDispatchData): message is Message =>
  message.guild_id !== undefined && message.author.bot !== true && message.webhook_id === undefined

const authorOf = ({ author, guild_id }: Message): string => `${guild_id}/${author.id}`

const make = Effect.gen(function* () {
  const { discordJs } = yield* Client
  const bursts = yield* Bursts
  const rulebook = yield* Rulebook
  const traffic = yield* Traffic
  const scams = yield* ScamDomains
  const people = new Map<string, Score.Lately>()

  /** Those who wrote last are at the end. */
  const remember = (key: string, lately: Score.Lately): void => {
    people.delete(key)
    people.set(key, lately)
    if (people.size > PEOPLE) for (const oldest of people.keys()) return void people.delete(oldest)
  }
  const handle = Effect.fnUntraced(function* (message: Message) {
    const rules = yield* rulebook.of(message.guild_id)
    if (rules.mode === "off") return
    const known = yield* scams.all
    const { author, channel_id, content, guild_id, id, member, mention_roles, mentions, timestamp } = message
    const key = authorOf(message)
    const facts = Score.facts(
      // By its own time: what was missed during a reconnect comes all at once.
      { at: Date.parse(timestamp), content, mentions: mentions.length + mention_roles.length },
      known,
    )
    const verdict = Score.judge(people.get(key) ?? [], facts, rules)
    remember(key, verdict.lately)
    if (verdict.score < Score.SPAM) return
    const guild = discordJs.guilds.cache.get(guild_id)
    const roles = member?.roles ?? []
    if (guild !== undefined && isStaff(guild, { channelId: channel_id, roles, userId: author.id })) return
    yield* bursts.flag({
      guildId: guild_id,
      channelId: channel_id,
      messageId: id,
      userId: author.id,
      content,
      signs: verdict.signs,
      rules,
    })
  })

  const inbox = yield* Inbox.make({
    name: "guard",
    capacity: CAPACITY,
    overflow: "drop oldest",
    concurrency: CONCURRENCY,
    key: authorOf,
    handle,
  })
  yield* Listener.packets(GatewayDispatchEvents.MessageCreate, (message) => {
    if (!isWatched(message)) return
    traffic.note(message.guild_id, message.channel_id, Date.parse(message.timestamp))
    if (rulebook.known(message.guild_id)?.mode !== "off") inbox.offer(message)
  })
})

export const layer = Layer.scopedDiscard(make)
