/**
 * A Harbour with a bot that hears everything, for tests of what happens in a guild.
 *
 * @module
 */
import { Effect } from "effect"
import * as Guilds from "../../src/sandbox/world/Guilds.js"
import * as SandboxModule from "../../src/sandbox/Sandbox.js"
import { Sandbox } from "../../src/sandbox/Sandbox.js"
import * as InProcess from "./InProcess.js"

export const provided = Effect.provide(SandboxModule.layer({ rateLimits: false }))

/** What a refusal says: status and Discord's code. */
export const codeOf = ({ body, status }: InProcess.Answer): ReadonlyArray<unknown> => [
  status,
  (body as { readonly code?: unknown } | null)?.code,
]

/** The places that a 50035 names. */
export const wrongOf = ({ body }: InProcess.Answer): ReadonlyArray<string> =>
  Object.keys((body as { readonly errors?: object }).errors ?? {}).toSorted()

/** An answer's body as an object. */
export const bodyOf = (answer: InProcess.Answer) => answer.body as Readonly<Record<string, unknown>>

/** An answer's body as a list. */
export const listOf = (answer: InProcess.Answer) =>
  answer.body as ReadonlyArray<Readonly<Record<string, unknown>>>

export const make = (more: Readonly<Record<string, unknown>> = {}) =>
  Effect.gen(function* () {
    const sandbox = yield* Sandbox
    const { world } = sandbox
    const connection = InProcess.connect(sandbox)
    InProcess.identify(connection, more)
    yield* InProcess.settle
    const guild = [...world.guilds.values()][0]
    const general = [...(guild?.channels.values() ?? [])][0]
    const own = [...(guild?.roles.values() ?? [])].find(({ managed }) => managed)
    if (guild === undefined || general === undefined || own === undefined)
      return yield* Effect.dieMessage("Harbour is not there")
    const before = connection.events().length
    return {
      sandbox,
      world,
      connection,
      guild,
      general,
      /** The bot's own role. */
      own,
      path: `/guilds/${guild.id}`,
      call: (method: string, path: string, body?: unknown) => InProcess.call(sandbox, method, path, body),
      id: (name: string) => world.findUser(name, guild)?.id ?? "",
      role: (name: string) => [...guild.roles.values()].find((one) => one.name === name)!,
      person: (username: string) => Guilds.addUser(world, { username }).id,
      /** The events since the bot came. */
      told: Effect.map(InProcess.settle, () => connection.events().slice(before)),
      last: (type: string) =>
        Effect.map(InProcess.settle, () => connection.events().findLast(({ t }) => t === type)?.d),
      types: Effect.map(InProcess.settle, () =>
        connection
          .events()
          .slice(before)
          .map(({ t }) => t),
      ),
    }
  })
