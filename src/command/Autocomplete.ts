/**
 * Suggestions while a person types into an option.
 *
 * A keystroke is looked at a moment after it came; a newer one of the same person in the same option ends it,
 * and its list stays empty. Suggestions run as a task under the supervisor, with the services of the command's
 * layer, and are due two seconds after Discord made the interaction: it gives up after three. Every keystroke is
 * answered, exactly once: where the suggestions fail, are late or were overtaken, with an empty list, so that the
 * field stays usable. A failure and a lateness are one line in the log each. The end of the scope answers all
 * that are open, and from then on every keystroke at once.
 *
 * @module
 */
import {
  type APIApplicationCommandAutocompleteInteraction,
  type APIApplicationCommandInteractionDataOption,
  type APIUser,
  ApplicationCommandOptionType,
  InteractionResponseType,
} from "discord-api-types/v10"
import { Cause, Effect, Exit, Runtime, RuntimeFlags, type Scope } from "effect"
import * as Client from "../discord/Client.js"
import { timestampOf } from "../interaction/Snowflake.js"
import * as Rest from "../rest/Rest.js"
import type * as Roster from "../supervise/Roster.js"
import * as Supervisor from "../supervise/Supervisor.js"
import * as Timers from "../supervise/Timers.js"
import { Commands, type Registration } from "./Commands.js"
import { lacking } from "./stages/Admission.js"
import type { Choice, Kind, Param, Suggest, Typing } from "./Param.js"
import { permissionsOf } from "./Spec.js"

/** How long no other key must have been pressed, in milliseconds. */
const DEBOUNCE = 100

/** When a list is due, in milliseconds: Discord gives up after 3 seconds, and it has to get there. */
const DUE = 2_000

/** Discord: 25 choices, names and text values of 1–100 characters. */
const MAX_CHOICES = 25
const MAX_LENGTH = 100

/** Answers autocomplete interactions, one call each, until the scope closes. */
export const make = Effect.gen(function* () {
  const client = yield* Client.Client
  const commands = yield* Commands
  const rest = yield* Rest.Rest
  const supervisor = yield* Supervisor.Supervisor
  const timers = yield* Timers.Timers
  const log = Runtime.runFork(yield* Effect.runtime<never>())
  const debounce = timers.lane()
  const deadlines = timers.lane()
  /** The keystroke that is being answered, by person and option. */
  const latest = new Map<string, Keystroke>()
  let closed = false
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      closed = true
      for (const keystroke of latest.values()) end(keystroke)
    }),
  )

  const send = (
    interaction: APIApplicationCommandAutocompleteInteraction,
    choices: ReadonlyArray<Choice>,
  ) => {
    const body = JSON.stringify({
      type: InteractionResponseType.ApplicationCommandAutocompleteResult,
      data: { choices },
    })
    rest.acknowledge(`/interactions/${interaction.id}/${interaction.token}/callback`, body, (error) => {
      if (error === null) return
      log(
        Effect.logInfo(
          `Suggestions for ${interaction.data.name} (${interaction.id}) were not shown: ${error._tag}: ${error.message}`,
        ),
      )
    })
  }

  return (interaction: APIApplicationCommandAutocompleteInteraction): void => {
    const typed = typedIn(interaction.data.name, interaction.data.options)
    const registration = commands.find(typed.command)
    const param = registration?.resolved.leaf.params[typed.option]
    if (
      closed ||
      registration === undefined ||
      param?.suggest === undefined ||
      !mayCall(registration, interaction)
    ) {
      return send(interaction, [])
    }
    const user = (interaction.member?.user ?? interaction.user) as APIUser
    const key = `${user.id} ${typed.command} ${typed.option}`
    const keystroke: Keystroke = {
      answered: false,
      debounce: undefined,
      deadline: undefined,
      entry: undefined,
      answer: (choices) => {
        if (keystroke.answered) return
        keystroke.answered = true
        keystroke.debounce?.cancel()
        keystroke.deadline?.cancel()
        if (latest.get(key) === keystroke) latest.delete(key)
        send(interaction, choices)
      },
    }
    const former = latest.get(key)
    if (former !== undefined) end(former)
    latest.set(key, keystroke)

    const name = `${typed.command} ${typed.option}`
    const channelId = interaction.channel?.id ?? ""
    const typing: Typing = {
      command: typed.command,
      user,
      guildId: interaction.guild_id,
      channelId,
      locale: interaction.locale,
      options: typed.options,
    }
    const age = Math.max(0, timers.now() + rest.clockSkew() - timestampOf(interaction.id))
    keystroke.deadline = deadlines.after(Math.max(0, DUE - age), () => {
      if (keystroke.answered) return
      log(Effect.logWarning(`Suggestions for ${name} took too long`))
      end(keystroke)
    })
    keystroke.debounce = debounce.after(DEBOUNCE, () => {
      keystroke.entry = supervisor.start(
        {
          kind: "autocomplete",
          name,
          userId: user.id,
          guildId: interaction.guild_id,
          channelId,
        },
        Runtime.enableRuntimeFlag(registration.runtime, RuntimeFlags.Interruption),
        program(client, param, typed.value, typing),
        (exit, entry) => {
          supervisor.release(entry)
          if (Exit.isSuccess(exit)) return keystroke.answer(exit.value)
          if (!keystroke.answered && !Cause.isInterruptedOnly(exit.cause))
            log(Effect.logWarning(`Suggestions for ${name} failed`, exit.cause))
          keystroke.answer([])
        },
      )
      // The bot is being stopped.
      if (keystroke.entry === undefined) keystroke.answer([])
    })
  }
})

/** One keystroke, until it is answered. */
interface Keystroke {
  answered: boolean
  debounce: Timers.Timer | undefined
  deadline: Timers.Timer | undefined
  entry: Roster.Held | undefined
  readonly answer: (choices: ReadonlyArray<Choice>) => void
}

const end = (keystroke: Keystroke): void => {
  keystroke.answer([])
  const fiber = keystroke.entry?.fiber
  fiber?.unsafeInterruptAsFork(fiber.id())
}

/** What is offered, as Discord takes it. The layer has provided what the suggestions require. */
const program = (
  client: Client.Client,
  { kind, suggest }: Param<unknown>,
  typed: string,
  typing: Typing,
): Effect.Effect<ReadonlyArray<Choice>, unknown> => {
  const offer = suggest as Suggest<Scope.Scope> | undefined
  if (offer === undefined) return Effect.succeed([])
  const run = Effect.map(Effect.scoped(Effect.suspend(() => offer(typed, typing))), (found) =>
    choicesOf(kind, found),
  )
  return client.isReady() ? run : Effect.zipRight(client.ready, run)
}

/** Discord hides a command from those who lack its permissions, but asks for its suggestions all the same. */
const mayCall = (
  { resolved }: Registration,
  { member }: APIApplicationCommandAutocompleteInteraction,
): boolean => {
  const needed = permissionsOf(resolved)
  return (
    needed === undefined || member === undefined || lacking(needed, BigInt(member.permissions)).length === 0
  )
}

/** What Discord takes of the suggestions: the first 25 that fit the option, each value once. */
export const choicesOf = (
  kind: Kind,
  found: ReadonlyArray<Choice | string | number>,
): ReadonlyArray<Choice> => {
  const choices = new Map<string | number, Choice>()
  for (const one of found) {
    if (choices.size === MAX_CHOICES) break
    const given = typeof one === "object" ? one : { name: String(one), value: one }
    const name = cut(given.name)
    const value = kind === "string" ? cut(String(given.value)) : Number(given.value)
    // One that Discord refuses would take all the others with it.
    if (name.trim() === "" || String(value).trim() === "" || choices.has(value)) continue
    if (kind === "integer" ? !Number.isSafeInteger(value) : kind === "number" && !Number.isFinite(value))
      continue
    choices.set(value, { name, value })
  }
  return [...choices.values()]
}

/** Never through the middle of a character that takes two places. */
const cut = (text: string): string =>
  text.length <= MAX_LENGTH ? text : text.slice(0, MAX_LENGTH).replace(/[\uD800-\uDBFF]$/u, "")

interface Typed {
  /** The command's full name. */
  readonly command: string
  /** The name of the option with the cursor. */
  readonly option: string
  /** What is in it so far. */
  readonly value: string
  readonly options: Readonly<Record<string, string | number | boolean>>
}

const typedIn = (
  command: string,
  options: ReadonlyArray<APIApplicationCommandInteractionDataOption<never>> | Options,
): Typed => {
  const [first] = options as Options
  if (
    first?.type === ApplicationCommandOptionType.Subcommand ||
    first?.type === ApplicationCommandOptionType.SubcommandGroup
  ) {
    return typedIn(`${command} ${first.name}`, first.options ?? [])
  }
  const given: Record<string, string | number | boolean> = {}
  let focused: Option | undefined
  for (const option of options as Options) {
    if (option.focused === true) focused = option
    else if (option.value !== undefined) given[option.name] = option.value
  }
  return { command, option: focused?.name ?? "", value: String(focused?.value ?? ""), options: given }
}

/** An option of an autocomplete interaction: while it is typed, even a number is text. */
interface Option {
  readonly type: ApplicationCommandOptionType
  readonly name: string
  readonly value?: string | number | boolean
  readonly focused?: boolean
  readonly options?: Options
}
type Options = ReadonlyArray<Option>
