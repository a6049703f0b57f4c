/**
 * What every client library must be able to do on a sandbox over real sockets, as one suite of tests.
 *
 * A library is a `Connect`: it logs in by its own public options and tells `Ears` what it heard, in its own words.
 *
 * @module
 */
import { describe, expect, it } from "@effect/vitest"
import { Data, Effect, Layer, type Scope } from "effect"
import * as Sandbox from "../../../src/sandbox/Sandbox.js"
import * as Server from "../../../src/sandbox/Server.js"
import * as Guilds from "../../../src/sandbox/world/Guilds.js"
import * as Members from "../../../src/sandbox/world/Members.js"

/** Something that a library told of. */
export type Heard =
  | { readonly _tag: "Guild"; readonly name: string }
  | { readonly _tag: "Message"; readonly content: string; readonly author: string }
  | { readonly _tag: "Joined"; readonly guild: string; readonly name: string }
  | { readonly _tag: "Resumed" }

/** A slash command that was run, with the library's ways to answer it. */
export interface Run {
  readonly name: string
  readonly reply: (content: string) => Promise<unknown>
  readonly defer: () => Promise<unknown>
  readonly edit: (content: string) => Promise<unknown>
}

/** Where a library tells what it gets. */
export interface Ears {
  readonly hear: (heard: Heard) => void
  readonly run: (run: Run) => void
  readonly fail: (cause: unknown) => void
}

/** A library that is logged in. */
export interface Client {
  /** Registers slash commands in a guild. */
  readonly register: (guildId: string, names: ReadonlyArray<string>) => Promise<unknown>
}

/** Logs in, until READY and its guilds are there; leaves when the scope closes. */
export type Connect = (server: Server.Server, ears: Ears) => Effect.Effect<Client, ClientFailure, Scope.Scope>

/** What a library rejected. */
export class ClientFailure extends Data.TaggedError("ClientFailure")<{ readonly cause: unknown }> {
  override get message() {
    return String(this.cause)
  }
}

/** A promise of a library as an effect. */
export const use = <A>(run: () => PromiseLike<A>): Effect.Effect<A, ClientFailure> =>
  Effect.tryPromise({ try: async () => run(), catch: (cause) => new ClientFailure({ cause }) })

/** The tests. */
export const suite = (name: string, connect: Connect): void => {
  describe(`${name} on a sandbox`, () => {
    it.live("logs in and hears of guilds, messages and those who join", () =>
      Effect.gen(function* () {
        const { ada, ears, harbour, sandbox } = yield* meet(connect)
        expect(yield* ears.until("Guild", ({ name }) => name === "Harbour")).toBeDefined()
        yield* ada.say("general", "ahoy <3 & ümlaut")
        expect(yield* ears.until("Message", ({ author }) => author === "ada")).toEqual({
          _tag: "Message",
          author: "ada",
          content: "ahoy <3 & ümlaut",
        })
        const eve = Guilds.addUser(sandbox.world, { username: "eve" })
        Members.join(sandbox.world, harbour, eve.id)
        expect(yield* ears.until("Joined", () => true)).toEqual({
          _tag: "Joined",
          guild: "Harbour",
          name: "eve",
        })
        Guilds.create(sandbox.world, {
          name: "Lagoon",
          ownerId: ada.user.id,
          channels: ["general"],
          memberIds: [],
        })
        expect(yield* ears.until("Guild", ({ name }) => name === "Lagoon")).toBeDefined()
        expect(ears.failures).toEqual([])
      }).pipe(Effect.scoped, Effect.provide(layer)),
    )

    it.live("answers a slash command at once, and another one later", () =>
      Effect.gen(function* () {
        const { ada, client, ears, harbour } = yield* meet(connect)
        yield* use(() => client.register(harbour.id, ["ping", "slow"]))
        const turn = yield* ada.slash("general", "ping")
        expect(yield* turn.settled).toMatchObject({ _tag: "Responded", messages: [{ content: "pong" }] })
        const slow = yield* ada.slash("general", "slow")
        expect(yield* slow.firstResponse).toMatchObject({ _tag: "Deferred" })
        expect(yield* slow.settled).toMatchObject({ _tag: "Responded", messages: [{ content: "done" }] })
        expect(ears.failures).toEqual([])
      }).pipe(Effect.scoped, Effect.provide(layer)),
    )

    it.live("resumes after its socket was dropped, and misses nothing", () =>
      Effect.gen(function* () {
        const { ada, ears, sandbox } = yield* meet(connect)
        const [before] = sandbox.sessions()
        yield* ada.say("general", "before")
        yield* ears.until("Message", ({ content }) => content === "before")
        sandbox.faults.dropSockets()
        yield* ada.say("general", "one")
        yield* ada.say("general", "two")
        yield* ears.until("Resumed", () => true)
        yield* ada.say("general", "after")
        yield* ears.until("Message", ({ content }) => content === "after")
        expect(ears.heard.flatMap((one) => (one._tag === "Message" ? [one.content] : []))).toEqual([
          "before",
          "one",
          "two",
          "after",
        ])
        expect(sandbox.sessions().map(({ connected, id }) => ({ connected, id }))).toEqual([
          { connected: true, id: before?.id },
        ])
      }).pipe(Effect.scoped, Effect.provide(layer)),
    )

    it.live("leaves nothing behind when it is closed", () =>
      Effect.gen(function* () {
        const { sandbox } = yield* Effect.scoped(meet(connect))
        yield* Effect.iterate(0, {
          while: (tries) => tries < 200 && sandbox.sessions().some(({ connected }) => connected),
          body: (tries) => Effect.as(Effect.sleep("10 millis"), tries + 1),
        })
        expect(sandbox.sessions().filter(({ connected }) => connected)).toEqual([])
        expect(sandbox.pendingRequests()).toBe(0)
        expect(sandbox.unansweredInteractions()).toBe(0)
      }).pipe(Effect.scoped, Effect.provide(layer)),
    )
  })
}

const layer = Server.layer({ port: 0 }).pipe(Layer.provideMerge(Sandbox.layer()))

const meet = (connect: Connect) =>
  Effect.gen(function* () {
    const sandbox = yield* Sandbox.Sandbox
    const server = yield* Server.Server
    const ears = listen()
    const client = yield* connect(server, ears)
    const ada = yield* sandbox.actor("ada")
    const harbour = [...sandbox.world.guilds.values()].find((guild) => guild.name === "Harbour")
    if (harbour === undefined) return yield* Effect.dieMessage("Harbour is not there")
    return { ada, client, ears, harbour, sandbox }
  })

/** Ears that remember, and that can be waited on. */
const listen = () => {
  const heard: Array<Heard> = []
  const failures: Array<unknown> = []
  const waiting = new Set<() => void>()
  const until = <Tag extends Heard["_tag"]>(
    tag: Tag,
    fits: (heard: Extract<Heard, { readonly _tag: Tag }>) => boolean,
  ): Effect.Effect<Heard> =>
    Effect.async<Heard>((resume) => {
      const look = () => {
        const found = heard.find(
          (one): one is Extract<Heard, { readonly _tag: Tag }> =>
            one._tag === tag && fits(one as Extract<Heard, { readonly _tag: Tag }>),
        )
        if (found === undefined) return
        waiting.delete(look)
        resume(Effect.succeed(found))
      }
      waiting.add(look)
      look()
      return Effect.sync(() => waiting.delete(look))
    })
  const fail = (cause: unknown) => void failures.push(cause)
  return {
    heard,
    failures,
    until,
    fail,
    hear: (one: Heard) => {
      heard.push(one)
      for (const look of waiting) look()
    },
    run: ({ defer, edit, name, reply }: Run) => {
      const answered = name === "ping" ? reply("pong") : defer().then(() => edit("done"))
      answered.catch(fail)
    },
  }
}
