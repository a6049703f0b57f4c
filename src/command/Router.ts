/**
 * From a packet to its owner.
 *
 * An interaction is found by its name, a prefix message by its first words. The packet is handed to
 * `Invocation`; discord.js sees it only if somebody listens there, or when a handler touches the structure. A
 * press goes to exactly one owner: a wait, else a route, else a listener of discord.js. Whatever nobody answers
 * gets a short private word, so that nobody is left with "The application did not respond"; a question that nobody
 * waits behind any more is closed where it stands. But where somebody listens to discord.js's interactions, presses
 * without another owner are theirs.
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
  InteractionType,
} from "discord-api-types/v10"
import { Duration, Effect, Either, Runtime, RuntimeFlags } from "effect"
import * as Stale from "../conversation/Stale.js"
import * as Client from "../discord/Client.js"
import type { From } from "../interaction/Interaction.js"
import * as InteractionResponse from "../interaction/InteractionResponse.js"
import * as MessageResponse from "../interaction/MessageResponse.js"
import * as Packet from "../interaction/Packet.js"
import * as Press from "../interaction/Press.js"
import * as Reply from "../interaction/Reply.js"
import { timestampOf } from "../interaction/Snowflake.js"
import * as Metrics from "../observe/Metrics.js"
import * as Tracing from "../observe/Tracing.js"
import * as Rest from "../rest/Rest.js"
import { Going } from "../supervise/Going.js"
import * as Supervisor from "../supervise/Supervisor.js"
import * as Timers from "../supervise/Timers.js"
import * as Waits from "../wait/Waits.js"
import * as Autocomplete from "./Autocomplete.js"
import { WrongPlace } from "./CommandError.js"
import { Commands, type Registration } from "./Commands.js"
import * as Decode from "./Decode.js"
import * as Invocation from "./Invocation.js"
import * as Routes from "./Routes.js"
import { menuTarget } from "./Rules.js"
import * as Spec from "./Spec.js"
import * as Stages from "./Stages.js"
import * as Traced from "./Traced.js"
import * as Words from "./Words.js"

export interface Options {
  /** For commands that have none of their own, nor in their groups. */
  readonly policies?: Spec.Policies
  /** Told of every outcome when it is decided. */
  readonly onOutcome?: (ended: Invocation.Ended) => void
  /**
   * A sentence for the user, where more is known of a defect than that something broke: that the database does not
   * answer, for instance. The reference to the log is put after it.
   */
  readonly explain?: (defect: unknown) => string | undefined
}

/** When a "thinking…" is due: Discord gives up on an interaction that has no response after 3 seconds. */
const DEFER_AFTER = 2_000

/** An interaction's token lives for 15 minutes (Discord); the last minute is kept for telling the outcome. */
const LONGEST = Duration.minutes(14)

/** A registration, ready to be called often. */
interface Entry extends Invocation.Prepared {
  readonly resolved: Spec.Resolved
  readonly check: Stages.Stages["check"]
  readonly ordered: Decode.Ordered
  readonly userTarget: string | undefined
  readonly messageTarget: string | undefined
}

/** Starts routing the client's packets to the commands, the waits and the routes, until the scope closes. */
export const make = Effect.fnUntraced(function* (options: Options = {}) {
  const client = yield* Client.Client
  const commands = yield* Commands
  const rest = yield* Rest.Rest
  const routes = yield* Routes.Routes
  const timers = yield* Timers.Timers
  const supervisor = yield* Supervisor.Supervisor
  const waits = yield* Waits.Waits
  const runtime = yield* Effect.runtime<never>()
  const stages = yield* Stages.bench(options)
  const tracing = yield* Tracing.current
  const longest = Duration.toMillis(LONGEST)
  const bench: Invocation.Bench = {
    supervisor,
    timers,
    defers: timers.lane(),
    runtime,
    onOutcome: options.onOutcome,
    explain: options.explain,
  }
  const now = () => timers.now() + rest.clockSkew()
  const edge: InteractionResponse.Edge = { rest, runtime, now, outlasts: timers.lane() }
  const entries = new WeakMap<Registration, Entry>()
  /** Presses that a wait has taken, for their first two seconds. */
  const unanswered = new Going<Press.Press>()
  const lanes = new Map<number, Timers.Lane>()

  /** Those with one deadline in one list: a new one then belongs at its end. */
  const laneOf = (deadline: number): Timers.Lane => {
    const known = lanes.get(deadline)
    if (known !== undefined) return known
    const lane = timers.lane()
    lanes.set(deadline, lane)
    return lane
  }
  const entryOf = (registration: Registration): Entry => {
    const known = entries.get(registration)
    if (known !== undefined) return known
    const { resolved } = registration
    const { handler, params } = resolved.leaf
    const made = Stages.make(resolved, stages)
    const entry: Entry = {
      kind: "command",
      name: resolved.name,
      resolved,
      // The layer may have been built in an acquisition; its commands must be interruptible all the same.
      runtime: Runtime.enableRuntimeFlag(registration.runtime, RuntimeFlags.Interruption),
      metrics: Metrics.forCommand(resolved.name),
      deadline: made.deadline,
      deadlines: laneOf(made.deadline),
      ephemeral: made.ephemeral,
      // The registered runtime has what they require.
      handler: handler as Invocation.Prepared["handler"],
      onTimeout: made.onTimeout,
      around: made.around,
      check: made.check,
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
    const called = calledBy(data)
    const entry = called === undefined ? undefined : find(called.name, called.from)
    if (entry === undefined || called === undefined) {
      const text = `I do not know \`${data.data.name}\` (any more).`
      return tell(data.id, InteractionResponse.make(edge, data), text)
    }
    const { name } = entry
    const trace = tracing === undefined ? undefined : begin(tracing, name, data)
    const response = InteractionResponse.make(trace === undefined ? edge : Traced.edge(edge, trace), data)
    const interaction = Packet.fromInteraction(client, packet, data, shardId, response, called.from, name)
    Invocation.start(bench, {
      prepared: entry,
      interaction,
      trace,
      deferIn: deferIn(data.id, now()),
      gate: gate(),
      decode: () => {
        const refusal = entry.check(interaction)
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
    const called =
      prefix !== undefined && content.startsWith(prefix) && Decode.isTyped(packet.d)
        ? calledByWords(content.slice(prefix.length), (name) => find(name, "message"))
        : undefined
    // Listeners of discord.js see the message all the same.
    if (waits.message(packet.d, called !== undefined) || called === undefined) return false
    const { entry, line, used, words } = called
    const trace = tracing?.begin({
      interactionId: packet.d.id,
      name: entry.name,
      userId: packet.d.author.id,
      guildId: packet.d.guild_id,
    })
    const response = MessageResponse.make(trace === undefined ? edge : Traced.edge(edge, trace), packet.d)
    const interaction = Packet.fromMessage(client, packet, shardId, response, entry.name)
    // In its turn among the events; before the bot is ready discord.js would only put it aside.
    if (client.isReady()) interaction.load()
    Invocation.start(bench, {
      prepared: entry,
      interaction,
      trace,
      deferIn: DEFER_AFTER,
      gate: gate(),
      decode: () => {
        const message = interaction.load()
        const read = () => {
          const refusal = entry.check(interaction)
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

  /** Exactly one answers a press: a wait, else a route, else whoever listens to discord.js. */
  const onPress = (press: Press.Press, trace: Tracing.Trace | undefined): void => {
    const claim = waits.press(press)
    if (claim === "claimed") {
      const entry = unanswered.add(press)
      bench.defers.after(deferIn(press.id, now()), () => {
        unanswered.remove(entry)
        press.response.accept()
      })
      return
    }
    const route = routes.find(press, timers.now())
    switch (route._tag) {
      case "Route": {
        const { name } = route
        const interaction = Packet.fromInteraction(
          client,
          press.packet,
          press.packet.d as Press.Source,
          press.shardId,
          press.response,
          press.kind,
          name,
        )
        return Invocation.start(bench, {
          prepared: {
            ...route,
            kind: "route",
            runtime: Runtime.enableRuntimeFlag(route.runtime, RuntimeFlags.Interruption),
            deadline: route.deadline ?? longest,
            deadlines: laneOf(route.deadline ?? longest),
            around: undefined,
          },
          interaction,
          trace,
          deferIn: deferIn(press.id, now()),
          gate: gate(),
          decode: () => Either.right({}),
        })
      }
      case "Refused":
        return tell(press.id, press.response, route.userText)
      case "None":
        if (claim === "foreign") return tell(press.id, press.response, "That is for somebody else.")
        // Its owner may be a listener or a collector of discord.js.
        if (client.hasListeners()) return
        const closed = claim === "stale" ? Stale.closed(press.message) : undefined
        const unused = () => tell(press.id, press.response, "That is no longer in use.")
        if (closed === undefined) return unused()
        // It may be gone by now; then there is nothing to close.
        Runtime.runFork(runtime)(Effect.catchAll(press.response.update(closed), () => Effect.sync(unused)))
    }
  }

  const tell = (id: string, response: Press.Press["response"], text: string): void =>
    response.finish(Reply.ephemeral(Reply.text(text)), (error) => {
      if (error === null) return
      const line = `An answer (${id}) was not shown: ${error._tag}: ${error.message}`
      Runtime.runFork(runtime)(Effect.logWarning(line))
    })

  const onInteraction = (packet: GatewayInteractionCreateDispatch, shardId: number): void => {
    const interaction = packet.d
    switch (interaction.type) {
      case InteractionType.ApplicationCommand:
        return onCommand(packet, interaction, shardId)
      case InteractionType.ApplicationCommandAutocomplete:
        return autocomplete(interaction)
      case InteractionType.MessageComponent:
      case InteractionType.ModalSubmit: {
        const trace =
          tracing === undefined ? undefined : begin(tracing, kindOf(interaction.type), interaction)
        // Of a press that is no call of its own, the first response is all that is told of it.
        const own =
          trace === undefined ? edge : Traced.edge(edge, trace, (failed) => trace.acknowledged(failed))
        const press = Press.fromPacket(own, packet, shardId)
        if (press !== undefined) onPress(press, trace)
        return
      }
      case InteractionType.Ping:
    }
  }

  // While REST is still there: nobody is left with "This interaction failed".
  yield* Effect.addFinalizer(() => {
    for (const press of unanswered.all()) press.response.accept()
    const settled = Effect.repeat(Effect.sleep("10 millis"), { until: () => rest.inFlight() === 0 })
    return rest.inFlight() === 0
      ? Effect.void
      : Effect.ignore(Effect.timeout(Effect.interruptible(settled), "2 seconds"))
  })

  // On the way down before that wait: what it then answers has to get there.
  const autocomplete = yield* Autocomplete.make

  client.intercept((packet: GatewayDispatchPayload, shardId) => {
    if (packet.t === GatewayDispatchEvents.InteractionCreate) {
      onInteraction(packet, shardId)
      return true
    }
    if (packet.t === GatewayDispatchEvents.MessageCreate) return onMessage(packet, shardId)
    waits.packet(packet)
    return false
  })
})

/**
 * How long until a "thinking…" is due, in milliseconds. Discord's three seconds count from when it made the
 * interaction, not from when it arrived; `now` is on Discord's clock. Never more than two seconds.
 */
export const deferIn = (id: string, now: number): number =>
  Math.max(0, DEFER_AFTER - Math.max(0, now - timestampOf(id)))

const begin = (
  tracing: Tracing.Tracing,
  name: string,
  { guild_id, id, member, user }: GatewayInteractionCreateDispatch["d"],
): Tracing.Trace | undefined =>
  // Discord sends one of the two: `member` in a guild, `user` in a direct message.
  tracing.begin({ interactionId: id, name, userId: (member?.user ?? user)?.id ?? "", guildId: guild_id })

/** How a press is called until it is known whose it is. */
const kindOf = (type: InteractionType.MessageComponent | InteractionType.ModalSubmit): string =>
  type === InteractionType.MessageComponent ? "component" : "modal"

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

/** A prefix message that names a command. */
interface CalledByWords {
  readonly entry: Entry
  readonly line: string
  readonly words: ReadonlyArray<Words.Word>
  /** How many words the name has. */
  readonly used: number
}

/** By the longest run of words that names a command: at most three (a group, a group in it, a command). */
const calledByWords = (
  line: string,
  find: (name: string) => Entry | undefined,
): CalledByWords | undefined => {
  const words = Words.split(line)
  for (let used = Math.min(3, words.length); used > 0; used--) {
    const name = words
      .slice(0, used)
      .map(({ text }) => text.toLowerCase())
      .join(" ")
    const entry = find(name)
    if (entry !== undefined) return { entry, line, words, used }
  }
  return undefined
}
