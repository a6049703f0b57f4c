/**
 * Discord as typed effects: the calls that commands use most, and `use` for every promise of discord.js.
 *
 * Each effect fails with an error from `DiscordError`, waits for rate limits, is retried where that cannot
 * repeat what was done, and aborts its request when its fiber is interrupted. Needs only `Rest`: it works
 * without a gateway.
 *
 * @module
 */
import {
  type APIBan,
  type APIGuildMember,
  type APIMessage,
  type APIUser,
  ChannelType,
  type RESTGetAPIGuildMembersSearchResult,
  type RESTPostAPIGuildBulkBanResult,
  Routes,
} from "discord-api-types/v10"
import { Array, Context, DateTime, Duration, Effect, Layer, Schedule } from "effect"
import { type DiscordError, isUncertain, type RestError } from "../DiscordError.js"
import * as Answer from "../rest/Answer.js"
import * as Rest from "../rest/Rest.js"
import * as Signal from "../rest/Signal.js"
import * as Message from "./Message.js"

/**
 * Runs any promise of discord.js: `Discord.use(() => member.ban({ reason }))`.
 *
 * Fails with a typed error of Discord's, or with `LibraryError` for whatever else the promise rejects with.
 * Interruption aborts the requests that it has under way.
 */
export const use = <A>(promise: () => Promise<A>): Effect.Effect<A, DiscordError> =>
  Effect.tryPromise({
    try: (signal) => Signal.run(signal, promise),
    catch: Answer.fromDiscordJs,
  })

/** A thread to be started. */
export interface NewThread {
  /** 1 to 100 characters (Discord). */
  readonly name: string
  /** Whether only those who are added see it, and moderators. Default false. */
  readonly private?: boolean
  /** How long nobody writes before Discord archives it. Default what the channel says. */
  readonly autoArchive?: "1 hour" | "1 day" | "3 days" | "1 week"
}

/** A message in a channel. */
export interface MessageAt {
  readonly channelId: string
  readonly messageId: string
}

/** What a bulk ban came to, by user ids. */
export interface BulkBan {
  readonly banned: ReadonlyArray<string>
  readonly failed: ReadonlyArray<string>
}

export interface Discord {
  /** Sends a message. Repeated sends are made safe by a nonce. */
  readonly send: (channelId: string, message: Message.Message) => Effect.Effect<APIMessage, RestError>
  readonly edit: (at: MessageAt, message: Message.Message) => Effect.Effect<APIMessage, RestError>
  readonly remove: (at: MessageAt, reason?: string) => Effect.Effect<void, RestError>
  readonly fetchMessage: (at: MessageAt) => Effect.Effect<APIMessage, RestError>
  /** Messages of a channel, newest first: at most 100 (Discord; default 50), older than `before` or newer than `after`. */
  readonly fetchMessages: (
    channelId: string,
    options?: { readonly limit?: number; readonly before?: string; readonly after?: string },
  ) => Effect.Effect<ReadonlyArray<APIMessage>, RestError>
  /**
   * Deletes messages, any number of them, in calls of 100. None may be older than two weeks, or its whole call is
   * refused (Discord). A call that fails leaves the former ones done.
   */
  readonly deleteMessages: (
    channelId: string,
    messageIds: ReadonlyArray<string>,
    reason?: string,
  ) => Effect.Effect<void, RestError>
  /** `emoji`: a Unicode emoji, or `name:id`. */
  readonly react: (at: MessageAt, emoji: string) => Effect.Effect<void, RestError>
  /** The channel for direct messages with a user. Fails with `CannotMessageUser` only when one is sent. */
  readonly openDm: (userId: string) => Effect.Effect<string, RestError>
  /** Starts a thread in a text channel; its id. Never repeated when the answer was lost. */
  readonly startThread: (
    channelId: string,
    thread: NewThread,
    reason?: string,
  ) => Effect.Effect<string, RestError>
  readonly addToThread: (threadId: string, userId: string) => Effect.Effect<void, RestError>
  /** Archives a thread; with `locked` only moderators can open it again. Default not locked. */
  readonly archiveThread: (
    threadId: string,
    options?: { readonly locked?: boolean; readonly reason?: string },
  ) => Effect.Effect<void, RestError>
  readonly fetchUser: (userId: string) => Effect.Effect<APIUser, RestError>
  readonly fetchMember: (guildId: string, userId: string) => Effect.Effect<APIGuildMember, RestError>
  /** Members whose name starts with the text; at most 1,000 (Discord). */
  readonly searchMembers: (
    guildId: string,
    query: string,
    limit: number,
  ) => Effect.Effect<ReadonlyArray<APIGuildMember>, RestError>
  readonly addRole: (
    guildId: string,
    userId: string,
    roleId: string,
    reason?: string,
  ) => Effect.Effect<void, RestError>
  readonly removeRole: (
    guildId: string,
    userId: string,
    roleId: string,
    reason?: string,
  ) => Effect.Effect<void, RestError>
  readonly ban: (
    guildId: string,
    userId: string,
    options?: { readonly reason?: string; readonly deleteMessages?: Duration.DurationInput },
  ) => Effect.Effect<void, RestError>
  /**
   * Bans 1 to 200 users (Discord); who could not be banned (banned already, unknown, too high) is in `failed`. Needs
   * Ban Members and Manage Server. Never repeated when the answer was lost: `fetchBans` then tells.
   */
  readonly bulkBan: (
    guildId: string,
    userIds: ReadonlyArray<string>,
    options?: { readonly reason?: string; readonly deleteMessages?: Duration.DurationInput },
  ) => Effect.Effect<BulkBan, RestError>
  /** Fails with `UnknownResource` where there is no such ban. */
  readonly unban: (guildId: string, userId: string, reason?: string) => Effect.Effect<void, RestError>
  /** Fails with `UnknownResource` where there is no such ban. */
  readonly fetchBan: (guildId: string, userId: string) => Effect.Effect<APIBan, RestError>
  /** Bans in the order of the users' ids, from `after` on: at most 1,000 (Discord; the default). */
  readonly fetchBans: (
    guildId: string,
    options?: { readonly after?: string; readonly limit?: number },
  ) => Effect.Effect<ReadonlyArray<APIBan>, RestError>
  /** The bot leaves a server. */
  readonly leaveGuild: (guildId: string) => Effect.Effect<void, RestError>
  readonly kick: (guildId: string, userId: string, reason?: string) => Effect.Effect<void, RestError>
  /** Keeps a member from speaking until then (epoch milliseconds, at most 28 days ahead; Discord), or lets them again. */
  readonly timeout: (
    guildId: string,
    userId: string,
    until: number | null,
    reason?: string,
  ) => Effect.Effect<void, RestError>
}

export const Discord = Context.GenericTag<Discord>("bosun/discord/Discord")

export const make: Effect.Effect<Discord, never, Rest.Rest> = Effect.gen(function* () {
  const rest = yield* Rest.Rest

  /** The shape of an answer is Discord's word; it is not checked again. */
  const call = <A>(request: Rest.RestRequest): Effect.Effect<A, RestError> =>
    Effect.map(rest.request(request), ({ json }) => json as A)
  /** Discord's status says that it was carried out; what else the answer says is not looked at. */
  const act = (request: Rest.RestRequest): Effect.Effect<void, RestError> =>
    Effect.asVoid(Answer.unread(rest.request(request)))
  const because = (reason: string | undefined) => (reason === undefined ? {} : { reason })
  const message = (value: Message.Message) => ({
    body: Message.body(value),
    ...(value.files === undefined ? {} : { files: value.files }),
  })

  return {
    send: (channelId, value) =>
      call({ method: "POST", path: Routes.channelMessages(channelId), ...message(value) }),
    edit: ({ channelId, messageId }, value) =>
      call({ method: "PATCH", path: Routes.channelMessage(channelId, messageId), ...message(value) }),
    remove: ({ channelId, messageId }, reason) =>
      act({ method: "DELETE", path: Routes.channelMessage(channelId, messageId), ...because(reason) }),
    fetchMessage: ({ channelId, messageId }) =>
      call({ method: "GET", path: Routes.channelMessage(channelId, messageId) }),
    fetchMessages: (channelId, { after, before, limit } = {}) =>
      call({ method: "GET", path: Routes.channelMessages(channelId), query: { after, before, limit } }),
    deleteMessages: (channelId, messageIds, reason) =>
      Effect.forEach(
        Array.chunksOf(Array.dedupe(messageIds), MOST_DELETED),
        // Bulk deletion takes two and more.
        ([first, ...more]) =>
          more.length === 0
            ? act({ method: "DELETE", path: Routes.channelMessage(channelId, first), ...because(reason) })
            : act({
                method: "POST",
                path: Routes.channelBulkDelete(channelId),
                body: { messages: [first, ...more] },
                ...because(reason),
                // What is gone cannot be deleted twice: a lost answer is no reason to leave the rest.
              }).pipe(Effect.retry({ schedule: SOON, while: isUncertain })),
        { discard: true },
      ),
    react: ({ channelId, messageId }, emoji) =>
      act({
        method: "PUT",
        path: Routes.channelMessageOwnReaction(channelId, messageId, encodeURIComponent(emoji)),
      }),
    openDm: (userId) =>
      Effect.map(
        call<{ readonly id: string }>({
          method: "POST",
          path: Routes.userChannels(),
          body: { recipient_id: userId },
        }),
        ({ id }) => id,
      ),
    startThread: (channelId, thread, reason) =>
      Effect.map(
        call<{ readonly id: string }>({
          method: "POST",
          path: Routes.threads(channelId),
          body: {
            name: thread.name,
            type: thread.private === true ? ChannelType.PrivateThread : ChannelType.PublicThread,
            ...(thread.autoArchive === undefined
              ? {}
              : { auto_archive_duration: Duration.toMinutes(thread.autoArchive) }),
            // Else whoever is in it may bring others.
            ...(thread.private === true ? { invitable: false } : {}),
          },
          ...because(reason),
        }),
        ({ id }) => id,
      ),
    addToThread: (threadId, userId) => act({ method: "PUT", path: Routes.threadMembers(threadId, userId) }),
    archiveThread: (threadId, { locked, reason } = {}) =>
      act({
        method: "PATCH",
        path: Routes.channel(threadId),
        body: { archived: true, ...(locked === undefined ? {} : { locked }) },
        ...because(reason),
      }),
    fetchUser: (userId) => call({ method: "GET", path: Routes.user(userId) }),
    fetchMember: (guildId, userId) => call({ method: "GET", path: Routes.guildMember(guildId, userId) }),
    searchMembers: (guildId, query, limit) =>
      call<RESTGetAPIGuildMembersSearchResult>({
        method: "GET",
        path: `${Routes.guildMembersSearch(guildId)}?${new URLSearchParams({ query, limit: String(limit) })}`,
      }),
    addRole: (guildId, userId, roleId, reason) =>
      act({ method: "PUT", path: Routes.guildMemberRole(guildId, userId, roleId), ...because(reason) }),
    removeRole: (guildId, userId, roleId, reason) =>
      act({ method: "DELETE", path: Routes.guildMemberRole(guildId, userId, roleId), ...because(reason) }),
    ban: (guildId, userId, options = {}) =>
      act({
        method: "PUT",
        path: Routes.guildBan(guildId, userId),
        body: { delete_message_seconds: Math.floor(Duration.toSeconds(options.deleteMessages ?? 0)) },
        ...because(options.reason),
      }),
    bulkBan: (guildId, userIds, options = {}) =>
      call<RESTPostAPIGuildBulkBanResult>({
        method: "POST",
        path: Routes.guildBulkBan(guildId),
        body: {
          user_ids: userIds,
          delete_message_seconds: Math.floor(Duration.toSeconds(options.deleteMessages ?? 0)),
        },
        ...because(options.reason),
      }).pipe(
        Effect.map(({ banned_users, failed_users }) => ({ banned: banned_users, failed: failed_users })),
        Effect.catchIf(
          (error) => "code" in error && error.code === NOBODY_BANNED,
          () => Effect.succeed({ banned: [], failed: userIds }),
        ),
      ),
    unban: (guildId, userId, reason) =>
      act({ method: "DELETE", path: Routes.guildBan(guildId, userId), ...because(reason) }),
    fetchBan: (guildId, userId) => call({ method: "GET", path: Routes.guildBan(guildId, userId) }),
    fetchBans: (guildId, { after, limit } = {}) =>
      call({ method: "GET", path: Routes.guildBans(guildId), query: { after, limit } }),
    leaveGuild: (guildId) => act({ method: "DELETE", path: Routes.userGuild(guildId) }),
    kick: (guildId, userId, reason) =>
      act({ method: "DELETE", path: Routes.guildMember(guildId, userId), ...because(reason) }),
    timeout: (guildId, userId, until, reason) =>
      act({
        method: "PATCH",
        path: Routes.guildMember(guildId, userId),
        body: { communication_disabled_until: until === null ? null : isoOf(until) },
        ...because(reason),
      }),
  }
})

export const layer: Layer.Layer<Discord, never, Rest.Rest> = Layer.effect(Discord, make)

/** Twice more, after half a second and after a whole one. */
const SOON = Schedule.intersect(Schedule.exponential("500 millis"), Schedule.recurs(2))
/** Discord: in one bulk deletion. */
const MOST_DELETED = 100
/** Discord: "Failed to ban users", each of a bulk ban. */
const NOBODY_BANNED = 500_000

const isoOf = (epochMillis: number): string => DateTime.formatIso(DateTime.unsafeMake(epochMillis))
