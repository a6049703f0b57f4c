/**
 * What Discord says: whether it knows the token, gives the intents, lets the bot connect, and what it may do in
 * each server. One request each; nothing is changed, and no session is begun.
 *
 * @module
 */
import {
  type APIApplication,
  type APIGatewayBotInfo,
  type APIUser,
  ApplicationFlags,
  GatewayIntentBits,
  GatewayOpcodes,
  PermissionFlagsBits,
} from "discord-api-types/v10"
import { Deferred, Effect } from "effect"
import type * as Bot from "../../Bot.js"
import { permissionNames } from "../../command/Spec.js"
import { ConnectionFailed, type RestError } from "../../DiscordError.js"
import * as Frame from "../../gateway/Frame.js"
import * as GatewayTransport from "../../gateway/Transport.js"
import * as Rest from "../../rest/Rest.js"
import { bounded, fail, type Finding, ok, reasonOf, warn } from "./Finding.js"

export interface Options {
  readonly options: Pick<Bot.Options, "intents" | "messages">
  /** Permission bits that commands need of the bot, by the commands' names; undefined where they are not known. */
  readonly needed: Effect.Effect<ReadonlyMap<string, bigint> | undefined>
}

/** Where tokens, intents and permissions are changed. */
const PAGE = "Discord's developer page (Applications → your app → Bot)"

/** In the order in which they are told. Each is bounded by itself. */
export const checks = ({
  needed,
  options,
}: Options): Effect.Effect<
  ReadonlyArray<Effect.Effect<ReadonlyArray<Finding>>>,
  never,
  Rest.Rest | GatewayTransport.Transport
> =>
  Effect.gen(function* () {
    const rest = yield* Rest.Rest
    const transport = yield* GatewayTransport.Transport
    const get = <A>(path: string, query: Rest.RestRequest["query"] = {}): Effect.Effect<A, RestError> =>
      Effect.map(
        rest.request({ method: "GET", path, query, retries: 0, timeout: "4 seconds" }),
        ({ json }) => json as A,
      )
    const me = yield* Effect.cached(Effect.either(get<APIUser>("/users/@me")))
    /** What needs the token is not tried without it. */
    const signedIn = (what: string, check: Effect.Effect<ReadonlyArray<Finding>, RestError>) =>
      bounded(
        what,
        Effect.flatMap(me, (user) =>
          user._tag === "Left"
            ? Effect.succeed([warn(what, "not checked: Discord has not taken the token")])
            : Effect.catchAll(check, (error) => Effect.succeed([fail(what, told(error))])),
        ),
      )
    return [
      bounded(
        "token",
        Effect.map(me, (user) => [
          user._tag === "Right"
            ? ok("token", `the bot is ${user.right.username} (${user.right.id})`)
            : fail("token", told(user.left)),
        ]),
      ),
      signedIn(
        "intents",
        Effect.map(get<APIApplication>("/applications/@me"), (one) => intents(one, options)),
      ),
      signedIn(
        "gateway",
        Effect.flatMap(get<APIGatewayBotInfo>("/gateway/bot"), (info) =>
          Effect.map(hello(transport, info.url), (found) => [found, sessions(info)]),
        ),
      ),
      signedIn(
        "clock",
        Effect.sync(() => [clock(rest.clockSkew())]),
      ),
      signedIn(
        "permissions",
        Effect.gen(function* () {
          const wanted = yield* needed
          if (wanted === undefined)
            return [warn("permissions", "not checked: what the commands need is not known (see features)")]
          return permissions(
            yield* get<ReadonlyArray<Guild>>("/users/@me/guilds", { limit: MOST + 1 }),
            wanted,
          )
        }),
      ),
    ]
  })

const told = (error: RestError): string =>
  error._tag === "Unauthorized"
    ? `Discord does not know this token. Make a new one at ${PAGE} → Reset Token, and set DISCORD_TOKEN to it`
    : `${reasonOf(error)}. Look at the network, at DISCORD_API_URL, and at https://discordstatus.com`

// ---------------------------------------------------------------------------------------------------------
// Intents
// ---------------------------------------------------------------------------------------------------------

/** The intents that have a switch, and the flags that say that it is on. */
const PRIVILEGED = [
  [
    "Presence Intent",
    GatewayIntentBits.GuildPresences,
    ApplicationFlags.GatewayPresence | ApplicationFlags.GatewayPresenceLimited,
  ],
  [
    "Server Members Intent",
    GatewayIntentBits.GuildMembers,
    ApplicationFlags.GatewayGuildMembers | ApplicationFlags.GatewayGuildMembersLimited,
  ],
  [
    "Message Content Intent",
    GatewayIntentBits.MessageContent,
    ApplicationFlags.GatewayMessageContent | ApplicationFlags.GatewayMessageContentLimited,
  ],
] as const

/** What is switched off of what the bot wants. */
export const intents = (
  { flags }: Pick<APIApplication, "flags">,
  { intents = {}, messages = true }: Options["options"],
): ReadonlyArray<Finding> => {
  const required = intents.required ?? 0
  const optional = (intents.optional ?? 0) | (messages ? GatewayIntentBits.MessageContent : 0)
  const off = PRIVILEGED.filter(
    ([, intent, on]) => ((required | optional) & intent) !== 0 && ((flags ?? 0) & on) === 0,
  )
  return off.length === 0
    ? [ok("intents", "all that the bot wants are switched on")]
    : off.map(([name, intent]) =>
        (required & intent) === 0
          ? warn("intents", `the ${name} is off: what needs it does not work. Switch it on at ${PAGE}`)
          : fail(
              "intents",
              `the ${name} is off, and the bot does not start without it. Switch it on at ${PAGE}`,
            ),
      )
}

// ---------------------------------------------------------------------------------------------------------
// Gateway
// ---------------------------------------------------------------------------------------------------------

/** Opens a connection and waits for Discord's first word; no session is begun. */
const hello = (transport: GatewayTransport.Transport, url: string): Effect.Effect<Finding> =>
  Effect.gen(function* () {
    const said = yield* Deferred.make<void, ConnectionFailed>()
    yield* transport.open(Frame.address(url), {
      onText: (text) => {
        if (text.includes(`"op":${GatewayOpcodes.Hello}`)) Deferred.unsafeDone(said, Effect.void)
      },
      onClose: (code, reason) =>
        Deferred.unsafeDone(
          said,
          Effect.fail(new ConnectionFailed({ url, reason: `closed with ${code} ${reason}`.trim() })),
        ),
    })
    yield* Deferred.await(said)
    return ok("gateway", `${url} answers`)
  }).pipe(
    Effect.scoped,
    Effect.catchAll((error) =>
      Effect.succeed(
        fail("gateway", `${reasonOf(error)}. A proxy or firewall between may keep WebSockets from passing`),
      ),
    ),
  )

/** Discord gives 1,000 a day to most bots, and resets the token of one that uses them up. */
const FEW = 50

const sessions = ({
  session_start_limit: { remaining, reset_after, total },
  shards,
}: APIGatewayBotInfo): Finding => {
  const left = `${remaining} of ${total} session starts left, ${shards} shard${shards === 1 ? "" : "s"}`
  const hours = Math.ceil(reset_after / 3_600_000)
  if (remaining < shards)
    return fail(
      "sessions",
      `${left}: the bot cannot start before the limit is renewed, in ${hours} hours at most`,
    )
  return remaining < FEW
    ? warn(
        "sessions",
        `${left}: something restarts too often. The limit is renewed in ${hours} hours at most`,
      )
    : ok("sessions", left)
}

// ---------------------------------------------------------------------------------------------------------
// Clock
// ---------------------------------------------------------------------------------------------------------

/** Milliseconds; the bot allows for it, but what is due at a time of day is off by as much. */
const SKEW = 2_000

const clock = (skew: number): Finding =>
  Math.abs(skew) < SKEW
    ? ok("clock", "goes with Discord's")
    : warn(
        "clock",
        `this machine's is ${Math.round(Math.abs(skew) / 1_000)} s ${skew > 0 ? "behind" : "ahead of"} Discord's. Let it be set by NTP`,
      )

// ---------------------------------------------------------------------------------------------------------
// Permissions
// ---------------------------------------------------------------------------------------------------------

/** A server as Discord lists it; the permissions are those of the bot in it, channels' own rules apart. */
export interface Guild {
  readonly id: string
  readonly name: string
  readonly permissions: string
}

/** How many servers are looked at. */
const MOST = 50

/** What the bot lacks of what its commands need, server by server. */
export const permissions = (
  guilds: ReadonlyArray<Guild>,
  needed: ReadonlyMap<string, bigint>,
): ReadonlyArray<Finding> => {
  const what = "permissions"
  const looked = guilds.slice(0, MOST)
  const all = [...needed.values()].reduce((sum, bits) => sum | bits, 0n)
  const lines = looked.flatMap(({ id, name, permissions }) => {
    const held = BigInt(permissions)
    const lacking = (held & PermissionFlagsBits.Administrator) === 0n ? all & ~held : 0n
    if (lacking === 0n) return []
    const commands = [...needed]
      .filter(([, bits]) => (bits & lacking) !== 0n)
      .map(([command]) => `/${command}`)
    return [
      warn(
        what,
        `“${name}” (${id}): the bot lacks ${permissionNames(lacking).join(", ")} for ${commands.join(", ")}. Give them to its role there`,
      ),
    ]
  })
  const count = `${looked.length}${guilds.length > MOST ? " (the first of more)" : ""} server${looked.length === 1 ? "" : "s"}`
  if (guilds.length === 0) return [warn(what, "the bot is in no server yet: add it by its invite link")]
  return lines.length === 0 ? [ok(what, `the bot has what its commands need in ${count}`)] : lines
}
