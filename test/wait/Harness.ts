/** Waits without a bot: events are given to them by hand. */
import {
  type APIUser,
  ChannelType,
  ComponentType,
  type GatewayDispatchPayload,
  type GatewayGuildDeleteDispatchData,
  type GatewayInteractionCreateDispatch,
  type GatewayMessageCreateDispatchData,
  MessageType,
} from "discord-api-types/v10"
import { Effect, Layer } from "effect"
import type { Press } from "../../src/interaction/Press.js"
import type { Response } from "../../src/interaction/Response.js"
import * as Supervisor from "../../src/supervise/Supervisor.js"
import * as Timers from "../../src/supervise/Timers.js"
import * as Waits from "../../src/wait/Waits.js"

export const layer = (options: Waits.Options = {}) =>
  Waits.layer(options).pipe(Layer.provideMerge(Supervisor.layer()), Layer.provideMerge(Timers.layer))

export const userOf = (id: string, more: Partial<APIUser> = {}): APIUser => ({
  id,
  username: id,
  discriminator: "0",
  global_name: null,
  avatar: null,
  ...more,
})

let made = 0

export const message = (
  more: Partial<Omit<GatewayMessageCreateDispatchData, "author">> & { readonly author?: APIUser } = {},
): GatewayMessageCreateDispatchData => ({
  id: `m${made++}`,
  channel_id: "general",
  guild_id: "harbour",
  author: userOf("ada"),
  content: "",
  timestamp: "",
  edited_timestamp: null,
  tts: false,
  mention_everyone: false,
  mentions: [],
  mention_roles: [],
  attachments: [],
  embeds: [],
  pinned: false,
  type: MessageType.Default,
  ...more,
})

export const said = (content: string, by = "ada"): GatewayMessageCreateDispatchData =>
  message({ content, author: userOf(by) })

/** A press that notes that it was acknowledged. */
export const press = (
  more: Partial<Pick<Press, "kind" | "customId" | "user" | "values" | "channelId">> & {
    readonly messageId?: string
  } = {},
): { readonly press: Press; readonly accepted: () => number } => {
  let accepted = 0
  const accept: Response["accept"] = () => {
    accepted++
  }
  const { messageId, ...given } = more
  return {
    accepted: () => accepted,
    press: {
      kind: "component",
      id: `p${made++}`,
      customId: "w1.q",
      user: userOf("ada"),
      guildId: "harbour",
      channelId: "general",
      memberRoles: [],
      message: messageId === undefined ? undefined : message({ id: messageId }),
      component: ComponentType.Button,
      values: [],
      fields: {},
      resolved: undefined,
      response: { accept } as Response,
      packet: {} as GatewayInteractionCreateDispatch,
      shardId: 0,
      ...given,
    },
  }
}

/** A packet with only what waits look at. */
export const packet = (t: GatewayDispatchPayload["t"], d: object): GatewayDispatchPayload =>
  ({ op: 0, s: 1, t, d }) as GatewayDispatchPayload

export const messageDelete = (id: string) =>
  packet("MESSAGE_DELETE" as GatewayDispatchPayload["t"], { id, channel_id: "general", guild_id: "harbour" })
export const channelDelete = (id: string) =>
  packet("CHANNEL_DELETE" as GatewayDispatchPayload["t"], {
    id,
    guild_id: "harbour",
    type: ChannelType.GuildText,
  })
export const guildDelete = (data: Partial<GatewayGuildDeleteDispatchData> = {}) =>
  packet("GUILD_DELETE" as GatewayDispatchPayload["t"], { id: "harbour", ...data })

export const reactionAdd = (messageId: string, by = "ada") =>
  packet("MESSAGE_REACTION_ADD" as GatewayDispatchPayload["t"], {
    message_id: messageId,
    channel_id: "general",
    guild_id: "harbour",
    user_id: by,
    emoji: { id: null, name: "👍" },
  })

/** Everything that is ready to run has run. */
export const settle = Effect.repeatN(Effect.yieldNow(), 20)
/** Starts a wait as a fiber that has reached it. */
export const waiting = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.tap(Effect.fork(effect), settle)

/** What is left when all is over: entries on the roster, and deadlines. */
export const leftovers = Effect.gen(function* () {
  const supervisor = yield* Supervisor.Supervisor
  return (yield* supervisor.roster).map(({ kind, name }) => `${kind} ${name}`)
})
