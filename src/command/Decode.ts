/**
 * From what Discord sent to what a handler gets: the options of a slash command, the words of a prefix
 * message, the target of a context menu.
 *
 * @module
 */
import {
  type APIApplicationCommandInteractionDataBasicOption,
  type APIUser,
  MessageType,
} from "discord-api-types/v10"
import type {
  Attachment,
  Channel,
  ChatInputCommandInteraction,
  Client as DiscordClient,
  Guild,
  GuildMember,
  Message,
  Role,
  User,
} from "discord.js"
import { Effect, Either } from "effect"
import * as Discord from "../discord/Discord.js"
import type { Live } from "../interaction/Packet.js"
import { ParamInvalid, ParamUnresolved, type Refusal, TooManyWords } from "./CommandError.js"
import type { Given, Issue, Param, Resolve } from "./Param.js"
import type { Word } from "./Words.js"
import * as Words from "./Words.js"

export type Values = Readonly<Record<string, unknown>>

/** The parameters of a leaf in Discord's order, required ones first. */
export type Ordered = ReadonlyArray<readonly [string, Param<unknown>]>

/** From the options of a slash command. */
export const fromOptions = (
  params: Ordered,
  options: ReadonlyArray<APIApplicationCommandInteractionDataBasicOption>,
  interaction: Live,
): Effect.Effect<Values, Refusal> => {
  let resolve: Resolve | undefined
  return all(params, undefined, (name) => {
    const option = options.find((given) => given.name === name)
    if (option === undefined) return undefined
    resolve ??= slashResolve(interaction)
    return { value: option.value, input: "option", resolve }
  })
}

/** From a context menu: the target goes to one parameter, the others are absent. */
export const fromMenu = (
  params: Ordered,
  target: string,
  targetId: string,
  interaction: Live,
): Effect.Effect<Values, Refusal> =>
  all(params, undefined, (name) =>
    name === target ? { value: targetId, input: "option", resolve: menuResolve(interaction) } : undefined,
  )

/**
 * From the words of a prefix message, by position. The last text parameter takes the rest of the line;
 * attachments are taken from the message.
 */
export const fromWords = (
  params: Ordered,
  line: string,
  words: ReadonlyArray<Word>,
  usage: string,
  client: DiscordClient,
  message: Message | undefined,
): Effect.Effect<Values, Refusal> => {
  const resolve = wordResolve(client, message)
  const files = message === undefined ? [] : Array.from(message.attachments.keys())
  const lastWordParam = params.filter(([, { kind }]) => kind !== "attachment").at(-1)?.[0]
  let next = 0
  const values = all(params, usage, (name, param) => {
    if (param.kind === "attachment") {
      const file = files.shift()
      return file === undefined ? undefined : { value: file, input: "word", resolve }
    }
    const index = next++
    const value =
      name === lastWordParam && param.kind === "string" && param.choices === undefined
        ? Words.restFrom(line, words, index)
        : words[index]?.text
    if (name === lastWordParam && param.kind === "string" && param.choices === undefined) next = words.length
    return value === undefined ? undefined : { value, input: "word", resolve }
  })
  // What is wrong with a word comes before what is left over: reading stopped there.
  if (isLeft(values)) return values
  const extra = words[next]
  return extra === undefined ? values : Effect.fail(new TooManyWords({ extra: extra.text, usage }))
}

/** Decodes each parameter in turn; stays synchronous as long as each of them is. */
const all = (
  params: Ordered,
  usage: string | undefined,
  given: (name: string, param: Param<unknown>) => Given | undefined,
): Effect.Effect<Values, Refusal> => {
  const values: Record<string, unknown> = {}
  let waiting: Array<Effect.Effect<void, Refusal>> | undefined
  for (const [name, param] of params) {
    const found = given(name, param)
    if (found === undefined) {
      if (!param.optional) {
        return Either.left(new ParamInvalid({ param: name, expected: param.expected, got: undefined, usage }))
      }
      values[name] = param.absent()
      continue
    }
    const refuse = (issue: Issue) =>
      typeof issue === "string"
        ? new ParamInvalid({ param: name, expected: issue, got: String(found.value), usage })
        : new ParamUnresolved({ param: name, cause: issue })
    const decoded = param.decode(found)
    if (Either.isEither(decoded)) {
      const result = decoded as Either.Either<unknown, Issue>
      if (Either.isLeft(result)) return Either.left(refuse(result.left))
      values[name] = result.right
    } else {
      waiting ??= []
      waiting.push(
        Effect.mapBoth(decoded, {
          onFailure: refuse,
          onSuccess: (value) => {
            values[name] = value
          },
        }),
      )
    }
  }
  return waiting === undefined
    ? Either.right(values)
    : Effect.as(Effect.all(waiting, { discard: true }), values)
}

const isLeft = <A, E>(effect: Effect.Effect<A, E>): boolean =>
  Either.isEither(effect) && Either.isLeft(effect)

const found = <A>(value: A | null | undefined, expected: string): Either.Either<A, string> =>
  value === null || value === undefined ? Either.left(expected) : Either.right(value)

/** Discord sends along what the options of a slash command stand for. */
const slashResolve = (interaction: Live): Resolve => {
  const structure = interaction.structure as ChatInputCommandInteraction<"cached">
  const resolved = structure.options.resolved
  const role = (id: string) => resolved?.roles?.get(id)
  const member = (id: string) => resolved?.members?.get(id)
  const user = (id: string) => resolved?.users?.get(id)
  return {
    user: (id) => found<User>(user(id), "a user"),
    member: (id) => found<GuildMember>(member(id), "a member of this server"),
    channel: (id) =>
      found<Channel>(structure.client.channels.cache.get(id) ?? resolved?.channels?.get(id), "a channel"),
    role: (id) => found<Role>(role(id), "a role"),
    mentionable: (id) =>
      found<User | GuildMember | Role>(member(id) ?? user(id) ?? role(id), "a user or a role"),
    attachment: (id) => found<Attachment>(resolved?.attachments?.get(id), "an attached file"),
    message: () => Either.left("a message"),
  }
}

const menuResolve = (interaction: Live): Resolve => {
  const structure = interaction.structure
  const nothing = () => Either.left("what was picked")
  return {
    channel: nothing,
    role: nothing,
    mentionable: nothing,
    attachment: nothing,
    user: () =>
      found(
        "isUserContextMenuCommand" in structure && structure.isUserContextMenuCommand()
          ? structure.targetUser
          : undefined,
        "a user",
      ),
    member: () =>
      found(
        "isUserContextMenuCommand" in structure &&
          structure.isUserContextMenuCommand() &&
          structure.inCachedGuild()
          ? structure.targetMember
          : undefined,
        "a member of this server",
      ),
    message: () =>
      found(
        "isMessageContextMenuCommand" in structure && structure.isMessageContextMenuCommand()
          ? structure.targetMessage
          : undefined,
        "a message",
      ),
  }
}

/** Ids that were typed are looked up in the caches, then at Discord. */
const wordResolve = (client: DiscordClient, message: Message | undefined): Resolve => {
  const guild: Guild | undefined = message?.guild ?? undefined
  // An id that nobody has is the user's mistake; an outage is not.
  const ask = <A>(fetch: () => Promise<A>, expected: string): Effect.Effect<A, Issue> =>
    Effect.mapError(Discord.use(fetch), (error) =>
      error._tag === "UnknownResource" || error._tag === "InvalidForm" ? expected : error,
    )
  const user = (id: string): Effect.Effect<User, Issue> => {
    const known = message?.mentions.users.get(id) ?? client.users.cache.get(id)
    return known === undefined ? ask(() => client.users.fetch(id), "a user") : Either.right(known)
  }
  const member = (id: string): Effect.Effect<GuildMember, Issue> => {
    if (guild === undefined) return Either.left("a member of this server")
    const known = guild.members.cache.get(id)
    return known === undefined
      ? ask(() => guild.members.fetch(id), "a member of this server")
      : Either.right(known)
  }
  const role = (id: string) => guild?.roles.cache.get(id)
  return {
    user,
    member,
    channel: (id) => found<Channel>(guild?.channels.cache.get(id), "a channel of this server"),
    role: (id) => found<Role>(role(id), "a role of this server"),
    mentionable: (id) => {
      const known = role(id)
      return known === undefined ? Effect.orElse(member(id), () => user(id)) : Either.right(known)
    },
    attachment: (id) => found<Attachment>(message?.attachments.get(id), "an attached file"),
    message: (id) =>
      message === undefined
        ? Either.left("a message")
        : ask(() => message.channel.messages.fetch(id), "the link or id of a message in this channel"),
  }
}

/** Whether a message can call a command: written by a person, in the ordinary way. */
export const isTyped = (message: {
  readonly author: APIUser
  readonly type: MessageType
  readonly webhook_id?: string
}): boolean =>
  message.author.bot !== true &&
  message.webhook_id === undefined &&
  (message.type === MessageType.Default || message.type === MessageType.Reply)
