/**
 * The guide of a tour over every route: requests as the bot, each of which must succeed and conform, and a note of
 * every route that was come by.
 *
 * A new route needs a line in the stop of its family, the modules beside this one: a request by its path.
 *
 * @module
 */
import { Effect } from "effect"
import * as Route from "../../../../src/sandbox/rest/Route.js"
import { routes } from "../../../../src/sandbox/rest/Rest.js"
import { Sandbox } from "../../../../src/sandbox/Sandbox.js"
import * as Permissions from "../../../../src/sandbox/world/Permissions.js"
import * as InProcess from "../../InProcess.js"

/** One part of the tour, on a sandbox of its own. */
export type Stop = (guide: Guide) => Effect.Effect<unknown, unknown>

/** What a request answers, with what stops look at of it. */
export interface Body {
  readonly id: string
  /** Of an invite; or of a refusal, as a number. */
  readonly code?: unknown
  /** Of a webhook. */
  readonly token?: string
}

export type Guide = Effect.Effect.Success<typeof make>

const table = Route.table(routes)
const visited = new Set<string>()
const heard = new Set<string>()

/** A route's name: `GET /guilds/:guild`. */
export const nameOf = ({ method, pattern }: Route.Route): string => `${method} ${pattern}`

/** The names of the routes that nobody came by yet. */
export const missed = (): ReadonlyArray<string> => routes.map(nameOf).filter((name) => !visited.has(name))

/** The names of the events that came on the way. */
export const events = (): ReadonlySet<string> => heard

/** A sandbox with a bot that hears everything. */
export const make = Effect.gen(function* () {
  const sandbox = yield* Sandbox
  const followed: Array<InProcess.Connection> = []
  const follow = () => {
    const connection = InProcess.connect(sandbox)
    followed.push(connection)
    return connection
  }
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      for (const { t } of followed.flatMap((one) => one.events())) if (t !== null) heard.add(t)
    }),
  )
  const connection = follow()
  InProcess.identify(connection)
  yield* InProcess.settle
  const { world } = sandbox
  const guild = [...world.guilds.values()][0]
  const general = [...(guild?.channels.values() ?? [])].find(({ type }) => type === 0)
  if (guild === undefined || general === undefined) return yield* Effect.dieMessage("Harbour is not there")
  for (const role of guild.roles.values()) if (role.managed) role.permissions |= Permissions.Bit.Administrator
  const person = (name: string) => sandbox.actor(name)
  return {
    sandbox,
    connection,
    /** Another connection, whose events count too. */
    follow,
    world,
    guild,
    general,
    ada: yield* person("ada"),
    ben: yield* person("ben"),
    cleo: yield* person("cleo"),
    dan: yield* person("dan"),
    bot: world.bot.id,
    /** A path below the guild. */
    at: (path = "") => `/guilds/${guild.id}${path}`,
    /** A path below the channel `general`. */
    in: (path = "") => `/channels/${general.id}${path}`,
    /** A path below the application. */
    app: (path = "") => `/applications/${world.bot.id}${path}`,
    /** A request that must succeed; what it answers. */
    go: (method: Route.Method, path: string, body?: unknown, contentType?: string) =>
      visit(sandbox, method, path, body, ({ status }) => status < 300, contentType),
    /** A request that is always refused here, with this code. */
    refused: (method: Route.Method, path: string, code: number, body?: unknown) =>
      visit(sandbox, method, path, body, (answer) => answer.status >= 400 && answer.body.code === code),
  }
})

const visit = (
  sandbox: Sandbox,
  method: Route.Method,
  path: string,
  body: unknown,
  fits: (answer: { readonly status: number; readonly body: { readonly code?: unknown } }) => boolean,
  contentType?: string,
) =>
  InProcess.call(sandbox, method, path, body, contentType === undefined ? {} : { contentType }).pipe(
    Effect.flatMap((answer) => {
      const found = table.find(method, path.split("?")[0] ?? path)
      if (found === undefined || !fits({ status: answer.status, body: (answer.body ?? {}) as Body }))
        return Effect.dieMessage(`${method} ${path} → ${answer.status} ${JSON.stringify(answer.body)}`)
      visited.add(nameOf(found.route))
      return Effect.as(InProcess.settle, answer.body as Body)
    }),
  )
