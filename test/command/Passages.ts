/** Calls through the stages of a command, as a router makes them, without Discord. */
import { Effect, Exit, Fiber, type Scope } from "effect"
import * as Spec from "../../src/command/Spec.js"
import * as Stages from "../../src/command/Stages.js"
import { Interaction } from "../../src/interaction/Interaction.js"
import type { Live } from "../../src/interaction/Packet.js"
import type * as Reply from "../../src/interaction/Reply.js"
import * as Timers from "../../src/supervise/Timers.js"
import * as VirtualClock from "../../src/testing/VirtualClock.js"

export interface Who {
  readonly user?: string
  readonly channel?: string
  readonly guild?: string | undefined
  /** Further fields of the interaction. */
  readonly more?: Partial<Record<keyof Live, unknown>>
}

export interface Started {
  readonly fiber: Fiber.RuntimeFiber<Reply.Reply, unknown>
  /** Marks that the person was shown something. */
  readonly show: () => void
  /** When the stages let it through; undefined before that. */
  readonly admittedAt: () => number | undefined
  readonly wasReplaced: () => boolean
}

export interface Caller {
  readonly stages: Stages.Stages
  readonly call: (who?: Who, params?: Readonly<Record<string, unknown>>) => Effect.Effect<Started>
}

/** The stages of a command's only leaf. */
export const caller = (
  command: Spec.Any,
  bench: Partial<Stages.Bench> = {},
): Effect.Effect<Caller, never, Scope.Scope> =>
  Effect.gen(function* () {
    const timers = yield* Timers.make
    const [resolved] = Spec.leaves(command)
    if (resolved === undefined) throw new Error("a command has a leaf")
    const stages = Stages.make(resolved, {
      policies: {},
      timers,
      patience: timers.heap(),
      application: Effect.never,
      ...bench,
    })
    const handler = resolved.leaf.handler as (
      params: Readonly<Record<string, unknown>>,
      interaction: Interaction,
    ) => Effect.Effect<Reply.Reply, unknown>
    return {
      stages,
      call: ({ channel = "10", guild = "20", more = {}, user = "1" } = {}, params = {}) =>
        Effect.gen(function* () {
          let shown = false
          let replaced = false
          let admittedAt: number | undefined
          const interaction = {
            user: { id: user },
            channelId: channel,
            guildId: guild,
            command: resolved.name,
            hasShown: () => shown,
            ...more,
          } as unknown as Live
          const passage: Stages.Passage = {
            interaction,
            admitted: () => {
              admittedAt = timers.now()
            },
            replace: () => {
              replaced = true
              fiber.unsafeInterruptAsFork(fiber.id())
            },
          }
          const body = Effect.suspend(() => {
            const refusal = stages.check(interaction)
            if (refusal !== undefined) return Effect.fail(refusal)
            const handled = Effect.suspend(() => handler(params, interaction))
            return stages.around === undefined ? handled : stages.around(passage, params, handled)
          })
          const fiber: Fiber.RuntimeFiber<Reply.Reply, unknown> = yield* Effect.forkDaemon(
            Effect.provideService(Effect.scoped(body), Interaction, interaction),
          )
          return {
            fiber,
            show: () => {
              shown = true
            },
            admittedAt: () => admittedAt,
            wasReplaced: () => replaced,
          }
        }),
    }
  })

/** What a call ended with, in a word: a reply's content, an error's tag, or how it died. */
export const ending = (started: Started): Effect.Effect<string> =>
  Effect.map(Fiber.await(started.fiber), (exit) => {
    if (Exit.isSuccess(exit)) return "content" in exit.value ? (exit.value.content ?? "") : exit.value._tag
    if (Exit.isInterrupted(exit)) return "interrupted"
    const { cause } = exit
    return cause._tag === "Fail" ? (cause.error as { readonly _tag: string })._tag : String(cause)
  })

/** Runs in virtual time. */
export const run = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>): A => {
  const { exit } = VirtualClock.runSync(Effect.scoped(effect))
  if (Exit.isFailure(exit)) throw new Error(String(exit.cause))
  return exit.value
}
