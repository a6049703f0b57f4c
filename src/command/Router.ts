/**
 * From a packet to a running command.
 *
 * An interaction is found by its name, a prefix message by its first words. The packet is handed to
 * `Invocation`; discord.js sees it only if somebody listens there, or when a handler touches the structure.
 * Whatever no command answers gets a short private word, so that nobody is left with "The application did not
 * respond".
 *
 * @module
 */
import {
  type APIApplicationCommandInteraction,
  type APIApplicationCommandInteractionDataOption,
  type APIChatInputApplicationCommandInteraction,
  ApplicationCommandOptionType,
  ApplicationCommandType,
  type GatewayDispatchPayload,
  GatewayDispatchEvents,
  type GatewayInteractionCreateDispatch,
  type GatewayMessageCreateDispatch,
  InteractionResponseType,
  InteractionType,
  PermissionFlagsBits,
} from "discord-api-types/v10"
import type { PermissionsBitField } from "discord.js"
import { Duration, Effect, Either, Runtime, RuntimeFlags } from "effect"
import * as Client from "../discord/Client.js"
import type { From } from "../interaction/Interaction.js"
import * as InteractionResponse from "../interaction/InteractionResponse.js"
import * as MessageResponse from "../interaction/MessageResponse.js"
import * as Packet from "../interaction/Packet.js"
import * as Reply from "../interaction/Reply.js"
import * as Metrics from "../observe/Metrics.js"
import * as Rest from "../rest/Rest.js"
import * as Supervisor from "../supervise/Supervisor.js"
import * as Timers from "../supervise/Timers.js"
import { NotPermitted, type Refusal, WrongPlace } from "./CommandError.js"
import { Commands, type Registration } from "./Commands.js"
import * as Decode from "./Decode.js"
import * as Invocation from "./Invocation.js"
import { menuTarget } from "./Rules.js"
import * as Spec from "./Spec.js"
import * as Words from "./Words.js"

export interface Options {
  /** For commands that have no policy of their own. Default 14 minutes. */
  readonly deadline?: Duration.DurationInput
}

/** When a "thinking…" is due: Discord gives up on an interaction that has no response after 3 seconds. */
const DEFER_AFTER = 2_000

/** An interaction's token lives for 15 minutes (Discord); the last minute is kept for telling the outcome. */
const LONGEST = Duration.minutes(14)

/** A registration, ready to be called often. */
interface Entry extends Invocation.Prepared {
  readonly ordered: Decode.Ordered
  readonly userTarget: string | undefined
  readonly messageTarget: string | undefined
}

/** Starts routing the client's packets to the commands, until the scope closes. */
export const make = Effect.fnUntraced(function* (options: Options = {}) {
  const client = yield* Client.Client
  const commands = yield* Commands
  const rest = yield* Rest.Rest
  const timers = yield* Timers.Timers
  const supervisor = yield* Supervisor.Supervisor
  const runtime = yield* Effect.runtime<never>()
  const defaultDeadline = Duration.decode(options.deadline ?? LONGEST)
  const bench: Invocation.Bench = {
    supervisor,
    timers,
    defers: timers.lane(),
    deadlines: timers.lane(),
    runtime,
  }
  const edge: InteractionResponse.Edge = { rest, runtime }
  const entries = new WeakMap<Registration, Entry>()

  const entryOf = (registration: Registration): Entry => {
    const known = entries.get(registration)
    if (known !== undefined) return known
    const { resolved } = registration
    const { params } = resolved.leaf
    const entry: Entry = {
      resolved,
      // The layer may have been built in an acquisition; its commands must be interruptible all the same.
      runtime: Runtime.enableRuntimeFlag(registration.runtime, RuntimeFlags.Interruption),
      metrics: Metrics.forCommand(resolved.name),
      deadline: Duration.toMillis(Duration.min(resolved.policies.deadline ?? defaultDeadline, LONGEST)),
      ordered: Spec.ordered(params),
      userTarget: menuTarget(params, "userMenu"),
      messageTarget: menuTarget(params, "messageMenu"),
    }
    entries.set(registration, entry)
    return entry
  }
  const find = (name: string, from: From): Entry | undefined => {
    const registration = commands.find(name)
    return registration?.resolved.leaf.from.includes(from) === true ? entryOf(registration) : undefined
  }

  /** Runs before the handler: nothing is there to touch before the first connection is up. */
  const gate = (): Effect.Effect<void> | undefined => (client.isReady() ? undefined : client.ready)

  const onCommand = (
    packet: GatewayInteractionCreateDispatch,
    data: APIApplicationCommandInteraction,
    shardId: number,
  ): void => {
    const response = InteractionResponse.make(edge, data)
    const called = calledBy(data)
    const entry = called === undefined ? undefined : find(called.name, called.from)
    if (entry === undefined || called === undefined) {
      return tell(response, `I do not know \`${data.data.name}\` (any more).`)
    }
    const interaction = Packet.fromInteraction(
      client,
      packet,
      data,
      shardId,
      response,
      called.from,
      entry.resolved.name,
    )
    Invocation.start(bench, {
      prepared: entry,
      interaction,
      response,
      deferIn: deferIn(data.id, timers.now() + rest.clockSkew()),
      gate: gate(),
      decode: () => {
        const refusal = turnedAway(client, entry, interaction)
        if (refusal !== undefined) return Either.left(refusal)
        const target = called.targetId
        if (target === undefined) return Decode.fromOptions(entry.ordered, called.options, interaction)
        const param = called.from === "userMenu" ? entry.userTarget : entry.messageTarget
        return Decode.fromMenu(entry.ordered, param ?? "", target, interaction)
      },
    })
  }

  const onMessage = (packet: GatewayMessageCreateDispatch, shardId: number): boolean => {
    const prefix = commands.prefix()
    const { content } = packet.d
    if (prefix === undefined || !content.startsWith(prefix) || !Decode.isTyped(packet.d)) return false
    const line = content.slice(prefix.length)
    const words = Words.split(line)
    const called = longest(words, (name) => find(name, "message"))
    if (called === undefined) return false
    const { entry, used } = called
    const response = MessageResponse.make(edge, packet.d)
    const interaction = Packet.fromMessage(client, packet, shardId, response, entry.resolved.name)
    // In its turn among the events; before the bot is ready discord.js would only put it aside.
    if (client.isReady()) interaction.load()
    Invocation.start(bench, {
      prepared: entry,
      interaction,
      response,
      deferIn: DEFER_AFTER,
      gate: gate(),
      decode: () => {
        const message = interaction.load()
        const read = () => {
          const refusal = turnedAway(client, entry, interaction)
          if (refusal !== undefined) return Either.left(refusal)
          const usage = Spec.usage(entry.resolved, prefix)
          return Decode.fromWords(entry.ordered, line, words.slice(used), usage, client.discordJs, message)
        }
        if (entry.resolved.leaf.place !== "guild" || interaction.member !== undefined) return read()
        return Effect.zipRight(
          Effect.mapError(interaction.fetchMember, () => new WrongPlace({ needs: "membership" })),
          Effect.suspend(read),
        )
      },
    })
    return true
  }

  const tell = (response: ReturnType<typeof InteractionResponse.make>, text: string): void =>
    response.finish(Reply.ephemeral(Reply.text(text)), (error) => {
      if (error !== null)
        Runtime.runFork(runtime)(Effect.logWarning(`An answer was not shown: ${error.message}`))
    })

  const onInteraction = (packet: GatewayInteractionCreateDispatch, shardId: number): void => {
    const interaction = packet.d
    switch (interaction.type) {
      case InteractionType.ApplicationCommand:
        return onCommand(packet, interaction, shardId)
      case InteractionType.ApplicationCommandAutocomplete:
        rest.acknowledge(`/interactions/${interaction.id}/${interaction.token}/callback`, noChoices, () => {})
        return
      case InteractionType.MessageComponent:
      case InteractionType.ModalSubmit:
        // Its owner may be a listener or a collector of discord.js.
        if (!client.hasListeners())
          tell(InteractionResponse.make(edge, interaction), "That is no longer in use.")
        return
      case InteractionType.Ping:
    }
  }

  client.intercept((packet: GatewayDispatchPayload, shardId) => {
    if (packet.t === GatewayDispatchEvents.InteractionCreate) {
      onInteraction(packet, shardId)
      return true
    }
    return packet.t === GatewayDispatchEvents.MessageCreate && onMessage(packet, shardId)
  })
})

/**
 * How long until a "thinking…" is due, in milliseconds. Discord's three seconds count from when it made the
 * interaction, not from when it arrived; `now` is on Discord's clock. Never more than two seconds.
 */
export const deferIn = (id: string, now: number): number =>
  Math.max(0, DEFER_AFTER - Math.max(0, now - Packet.timestampOf(id)))

const noChoices = JSON.stringify({
  type: InteractionResponseType.ApplicationCommandAutocompleteResult,
  data: { choices: [] },
})

interface Called {
  readonly name: string
  readonly from: From
  readonly options: ReadonlyArray<BasicOption>
  /** The id of what was picked; undefined for slash commands. */
  readonly targetId: string | undefined
}

type BasicOption = Parameters<typeof Decode.fromOptions>[1][number]

/** What was called, how, and with which options. */
const calledBy = (interaction: APIApplicationCommandInteraction): Called | undefined => {
  const { data } = interaction
  switch (data.type) {
    case ApplicationCommandType.ChatInput: {
      const nested = (interaction as APIChatInputApplicationCommandInteraction).data
      return descend(nested.name, nested.options ?? [])
    }
    case ApplicationCommandType.User:
      return { name: data.name, from: "userMenu", options: [], targetId: data.target_id }
    case ApplicationCommandType.Message:
      return { name: data.name, from: "messageMenu", options: [], targetId: data.target_id }
    default:
      return undefined
  }
}

const descend = (
  name: string,
  options: ReadonlyArray<APIApplicationCommandInteractionDataOption>,
): Called => {
  const first = options[0]
  return first !== undefined &&
    (first.type === ApplicationCommandOptionType.Subcommand ||
      first.type === ApplicationCommandOptionType.SubcommandGroup)
    ? descend(`${name} ${first.name}`, first.options ?? [])
    : { name, from: "slash", options: options as ReadonlyArray<BasicOption>, targetId: undefined }
}

/** The longest run of words that names a command: at most three (a group, a group in it, a command). */
const longest = (
  words: ReadonlyArray<Words.Word>,
  find: (name: string) => Entry | undefined,
): { readonly entry: Entry; readonly used: number } | undefined => {
  for (let used = Math.min(3, words.length); used > 0; used--) {
    const name = words
      .slice(0, used)
      .map(({ text }) => text.toLowerCase())
      .join(" ")
    const entry = find(name)
    if (entry !== undefined) return { entry, used }
  }
  return undefined
}

/** The checks before the parameters: is it the right place, and may the caller? */
const turnedAway = (client: Client.Client, entry: Entry, interaction: Packet.Live): Refusal | undefined => {
  const { permissions, place } = entry.resolved.leaf
  if (place === "guild") {
    if (interaction.guildId === undefined) return new WrongPlace({ needs: "guild" })
    // An app that is only installed by a user can be called in guilds that the bot has not joined.
    if (!client.discordJs.guilds.cache.has(interaction.guildId))
      return new WrongPlace({ needs: "membership" })
  }
  if (place === "dm" && interaction.guildId !== undefined) return new WrongPlace({ needs: "dm" })
  if (permissions === undefined || interaction.guildId === undefined) return undefined
  const held = interaction.userPermissions ?? permissionsOf(interaction)
  if ((held & PermissionFlagsBits.Administrator) !== 0n) return undefined
  const missing = permissions & ~held
  return missing === 0n ? undefined : new NotPermitted({ missing: permissionNames(missing) })
}

/** For a prefix message, which does not say: from the caches; none where a thread's parent is not there. */
const permissionsOf = ({ member, structure }: Packet.Live): bigint =>
  member !== undefined && structure.channel !== null && "permissionsFor" in structure.channel
    ? ((structure.channel.permissionsFor(member) as PermissionsBitField | null)?.bitfield ?? 0n)
    : 0n

const permissionNames = (bits: bigint): ReadonlyArray<string> =>
  Object.entries(PermissionFlagsBits)
    .filter(([, bit]) => (bits & bit) !== 0n)
    .map(([name]) => name.replace(/(?<=[a-z])(?=[A-Z])/gu, " "))
