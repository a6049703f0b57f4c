/**
 * Where try-outs and applications are kept.
 *
 * Each operation is one transaction: it looks and changes at once, so that of two people, two managers or two
 * bots who do the same at the same moment one wins, and the other is told by a typed error. What is given and
 * returned is plain data with ids.
 *
 * Drawback of the store in memory: it ends with the process. A failure of infrastructure is a defect.
 *
 * @module
 */
import { Array, Context, Effect, Either, Layer, Option, Ref } from "effect"
import { type Application, asOf, blank, isOpen, type Meeting, type MessageAt, type Tryout } from "./Model.js"
import type { Answer } from "./Question.js"
import {
  AlreadyApplied,
  ApplicationGone,
  NameTaken,
  NoApplication,
  NotPending,
  TalkEnded,
  TryoutClosed,
  TryoutUnknown,
} from "./TryoutError.js"

/** Times are epoch milliseconds. */
export interface TryoutStore {
  /** Fails with `NameTaken` where the server has an open one of that name, whatever its case. */
  readonly open: (tryout: Tryout) => Effect.Effect<void, NameTaken>
  /** Closes it. Applications that were not sent yet lapse, and are returned. */
  readonly close: (
    guildId: string,
    name: string,
    at: number,
  ) => Effect.Effect<{ readonly tryout: Tryout; readonly lapsed: ReadonlyArray<Application> }, TryoutUnknown>
  /** The open ones of a server, oldest first. */
  readonly list: (guildId: string) => Effect.Effect<ReadonlyArray<Tryout>>
  /** Open or closed. */
  readonly tryout: (id: string) => Effect.Effect<Tryout, ApplicationGone>
  /**
   * Begins an application, or goes on with the one that the person has not sent yet. Either way a new talk begins,
   * and an earlier one can change nothing any more. `id` names a new one. Fails with `AlreadyApplied` where the
   * person has another open one in the server, or was approved in this try-out before.
   */
  readonly begin: (
    who: { readonly id: string; readonly tryoutId: string; readonly userId: string },
    at: number,
  ) => Effect.Effect<Application, ApplicationGone | TryoutClosed | AlreadyApplied>
  /** Forgets an application that has no answers yet; any other stays. */
  readonly discard: (id: string, talk: number) => Effect.Effect<void>
  /** Where the talk is held. */
  readonly meet: (id: string, talk: number, meeting: Meeting) => Effect.Effect<void, TalkEnded>
  /** Keeps the answers given so far. */
  readonly save: (id: string, talk: number, answers: ReadonlyArray<Answer>) => Effect.Effect<void, TalkEnded>
  /** `writing` → `pending`. */
  readonly submit: (id: string, talk: number, at: number) => Effect.Effect<Application, TalkEnded>
  readonly application: (id: string) => Effect.Effect<Application, ApplicationGone>
  /**
   * Notes where its card is, in place of `former`; where another was noted meanwhile that one stays. Gives the one
   * that is noted now.
   */
  readonly post: (
    id: string,
    card: MessageAt,
    former: MessageAt | null,
  ) => Effect.Effect<MessageAt | null, ApplicationGone>
  /** All of one person's in a server, newest first. */
  readonly of: (guildId: string, userId: string) => Effect.Effect<ReadonlyArray<Application>>
  /** Those that wait for a decision in a server at that time, longest waiting first. */
  readonly pending: (guildId: string, at: number) => Effect.Effect<ReadonlyArray<Application>>
  /** The person takes theirs back. Fails with `NotPending` once it is decided on, and while it is being approved. */
  readonly withdraw: (
    id: string,
    userId: string,
    at: number,
  ) => Effect.Effect<Application, NoApplication | NotPending>
  /**
   * `pending` → `approving`: whoever succeeds gives the role, then calls `approve` or `release`. A claim that is
   * older than a minute was lost with its bot: the application is `pending` again, for everybody.
   */
  readonly claim: (
    id: string,
    round: number,
    by: string,
    at: number,
  ) => Effect.Effect<Application, ApplicationGone | NotPending>
  /** `approving` → `approved`. */
  readonly approve: (
    id: string,
    by: string,
    at: number,
  ) => Effect.Effect<Application, ApplicationGone | NotPending>
  /** `approving` → `pending`, where this manager has claimed it. */
  readonly release: (id: string, by: string) => Effect.Effect<void>
  /** `pending` → `rejected`, or → `writing` in the next round. */
  readonly decline: (
    id: string,
    round: number,
    verdict: { readonly status: "rejected" | "writing"; readonly by: string; readonly reason: string },
    at: number,
  ) => Effect.Effect<Application, ApplicationGone | NotPending | TryoutClosed>
  /** Everything that is kept of a person, in all servers, oldest first. */
  readonly exportUser: (userId: string) => Effect.Effect<Traces>
  /**
   * Forgets a person. Their applications go; try-outs that they opened and decisions that they took on others'
   * stay without their name (`NOBODY`, and null), but for a claim that is under way.
   */
  readonly eraseUser: (
    userId: string,
  ) => Effect.Effect<{ readonly erased: number; readonly anonymised: number }>
  /** Forgets everything of a server. */
  readonly forgetGuild: (guildId: string) => Effect.Effect<void>
  /** Servers of which anything is stored. */
  readonly guilds: Effect.Effect<ReadonlyArray<string>>
}

/** What is kept of one person. */
export interface Traces {
  readonly applications: ReadonlyArray<Application>
  readonly opened: ReadonlyArray<Tryout>
  /** Others' applications that the person has decided on. */
  readonly decided: ReadonlyArray<{
    readonly applicationId: string
    readonly guildId: string
    readonly decidedAt: number | null
  }>
}

/** In the place of somebody who was forgotten. */
export const NOBODY = "0"

export const TryoutStore = Context.GenericTag<TryoutStore>("bosun/features/tryouts/TryoutStore")

interface State {
  readonly tryouts: ReadonlyArray<Tryout>
  readonly applications: ReadonlyArray<Application>
}

/** In memory. */
export const makeMemory: Effect.Effect<TryoutStore> = Effect.gen(function* () {
  const ref = yield* Ref.make<State>({ tryouts: [], applications: [] })
  const transact = <A, E>(f: (state: State) => Either.Either<readonly [result: A, next: State], E>) =>
    Effect.flatten(
      Ref.modify(ref, (state): readonly [Effect.Effect<A, E>, State] =>
        Either.match(f(state), {
          onLeft: (error) => [Effect.fail(error), state],
          onRight: ([result, next]) => [Effect.succeed(result), next],
        }),
      ),
    )
  const read = <A>(f: (state: State) => A): Effect.Effect<A> => Effect.map(Ref.get(ref), f)

  /** Changes the application of that id in the newest talk. */
  const talking = (id: string, talk: number, f: (application: Application) => Application) =>
    transact((state) =>
      Either.map(heard(state, id, talk), (found) => {
        const next = f(found)
        return [next, replace(state, next)] as const
      }),
    )

  return {
    open: (tryout) =>
      transact((state) =>
        named(state, tryout.guildId, tryout.name) === undefined
          ? Either.right([undefined, { ...state, tryouts: [...state.tryouts, tryout] }])
          : Either.left(new NameTaken({ name: tryout.name })),
      ),
    close: (guildId, name, at) =>
      transact((state) => {
        const found = named(state, guildId, name)
        if (found === undefined) {
          const open = openIn(state, guildId).map((one) => one.name)
          return Either.left(new TryoutUnknown({ name, open }))
        }
        const tryout: Tryout = { ...found, closedAt: at }
        const lapsed = state.applications
          .filter((one) => one.tryoutId === found.id && one.status === "writing")
          .map((one): Application => ({ ...one, status: "lapsed", decidedAt: at }))
        const tryouts = state.tryouts.map((one) => (one.id === found.id ? tryout : one))
        return Either.right([{ tryout, lapsed }, lapsed.reduce(replace, { ...state, tryouts })])
      }),
    list: (guildId) => read((state) => openIn(state, guildId)),
    tryout: (id) => Effect.flatten(read((state) => tryoutOf(state, id))),
    begin: ({ id, tryoutId, userId }, at) =>
      transact((state) =>
        Either.gen(function* () {
          const tryout = yield* tryoutOf(state, tryoutId)
          const own = state.applications.filter(
            (one) => one.userId === userId && one.guildId === tryout.guildId,
          )
          const former =
            own.find(isOpen) ?? own.find((one) => one.tryoutId === tryoutId && one.status === "approved")
          if (former !== undefined && (former.status !== "writing" || former.tryoutId !== tryoutId)) {
            const { name } = yield* tryoutOf(state, former.tryoutId)
            return yield* Either.left(new AlreadyApplied({ name, status: former.status }))
          }
          if (tryout.closedAt !== null) return yield* Either.left(new TryoutClosed({ name: tryout.name }))
          if (former !== undefined) {
            const again: Application = { ...former, talk: former.talk + 1 }
            return [again, replace(state, again)] as const
          }
          const fresh: Application = {
            ...blank,
            id,
            tryoutId,
            userId,
            guildId: tryout.guildId,
            startedAt: at,
          }
          return [fresh, { ...state, applications: [...state.applications, fresh] }] as const
        }),
      ),
    discard: (id, talk) =>
      transact((state) =>
        Either.right([
          undefined,
          {
            ...state,
            applications: state.applications.filter(
              (one) => !(one.id === id && one.talk === talk && one.answers.length === 0 && isOpen(one)),
            ),
          },
        ]),
      ),
    meet: (id, talk, meeting) => Effect.asVoid(talking(id, talk, (one) => ({ ...one, meeting }))),
    save: (id, talk, answers) => Effect.asVoid(talking(id, talk, (one) => ({ ...one, answers }))),
    submit: (id, talk, at) =>
      talking(id, talk, (one) => ({ ...one, status: "pending", submittedAt: at, card: null })),
    application: (id) => Effect.flatten(read((state) => applicationOf(state, id))),
    post: (id, card, former) =>
      transact((state) =>
        Either.map(applicationOf(state, id), (found) =>
          found.card?.messageId === former?.messageId
            ? [card, replace(state, { ...found, card })]
            : [found.card, state],
        ),
      ),
    of: (guildId, userId) =>
      read(({ applications }) =>
        Array.reverse(applications.filter((one) => one.guildId === guildId && one.userId === userId)),
      ),
    pending: (guildId, at) =>
      read(({ applications }) =>
        applications
          .map((one) => asOf(one, at))
          .filter((one) => one.guildId === guildId && one.status === "pending")
          .toSorted((a, b) => (a.submittedAt ?? 0) - (b.submittedAt ?? 0)),
      ),
    withdraw: (id, userId, at) =>
      transact((state) =>
        Either.gen(function* () {
          const kept = state.applications.find((one) => one.id === id && one.userId === userId)
          if (kept === undefined) return yield* Either.left(new NoApplication())
          const found = asOf(kept, at)
          if (found.status !== "writing" && found.status !== "pending")
            return yield* Either.left(notPending(found))
          const next: Application = { ...found, status: "withdrawn", decidedAt: at }
          return [next, replace(state, next)] as const
        }),
      ),
    claim: (id, round, by, at) =>
      transact((state) =>
        Either.gen(function* () {
          const found = asOf(yield* applicationOf(state, id), at)
          if (found.round !== round || found.status !== "pending")
            return yield* Either.left(notPending(found))
          const next: Application = { ...found, status: "approving", decidedBy: by, decidedAt: at }
          return [next, replace(state, next)] as const
        }),
      ),
    approve: (id, by, at) =>
      transact((state) =>
        Either.gen(function* () {
          const found = yield* applicationOf(state, id)
          if (found.status !== "approving" || found.decidedBy !== by)
            return yield* Either.left(notPending(found))
          const next: Application = { ...found, status: "approved", decidedAt: at }
          return [next, replace(state, next)] as const
        }),
      ),
    release: (id, by) =>
      transact((state) =>
        Either.right([
          undefined,
          Option.match(Either.getRight(applicationOf(state, id)), {
            onNone: () => state,
            onSome: (found) =>
              found.status === "approving" && found.decidedBy === by
                ? replace(state, { ...found, status: "pending", decidedBy: null, decidedAt: null })
                : state,
          }),
        ]),
      ),
    decline: (id, round, { by, reason, status }, at) =>
      transact((state) =>
        Either.gen(function* () {
          const found = asOf(yield* applicationOf(state, id), at)
          if (found.round !== round || found.status !== "pending")
            return yield* Either.left(notPending(found))
          const { closedAt, name } = yield* tryoutOf(state, found.tryoutId)
          if (status === "writing" && closedAt !== null) return yield* Either.left(new TryoutClosed({ name }))
          const decided: Application = { ...found, status, reason, decidedBy: by, decidedAt: at }
          const next = status === "writing" ? { ...decided, round: found.round + 1 } : decided
          return [next, replace(state, next)] as const
        }),
      ),
    exportUser: (userId) =>
      read(({ applications, tryouts }) => ({
        applications: applications.filter((one) => one.userId === userId),
        opened: tryouts.filter((one) => one.openedBy === userId),
        decided: applications
          .filter((one) => one.userId !== userId && one.decidedBy === userId)
          .map(({ decidedAt, guildId, id }) => ({ applicationId: id, guildId, decidedAt })),
      })),
    eraseUser: (userId) =>
      transact((state) => {
        const others = state.applications.filter((one) => one.userId !== userId)
        const isDecider = (one: Application) => one.decidedBy === userId && one.status !== "approving"
        const anonymised =
          others.filter(isDecider).length + state.tryouts.filter((one) => one.openedBy === userId).length
        return Either.right([
          { erased: state.applications.length - others.length, anonymised },
          {
            applications: others.map((one) => (isDecider(one) ? { ...one, decidedBy: null } : one)),
            tryouts: state.tryouts.map((one) =>
              one.openedBy === userId ? { ...one, openedBy: NOBODY } : one,
            ),
          },
        ])
      }),
    forgetGuild: (guildId) =>
      transact((state) => {
        const elsewhere = (one: { readonly guildId: string }) => one.guildId !== guildId
        return Either.right([
          undefined,
          {
            tryouts: state.tryouts.filter(elsewhere),
            applications: state.applications.filter(elsewhere),
          },
        ])
      }),
    guilds: read(({ applications, tryouts }) => [
      ...new Set([...tryouts, ...applications].map(({ guildId }) => guildId)),
    ]),
  }
})

/** In memory, empty. */
export const layerMemory: Layer.Layer<TryoutStore> = Layer.effect(TryoutStore, makeMemory)

// ---------------------------------------------------------------------------------------------------------
// The inside of the store in memory
// ---------------------------------------------------------------------------------------------------------

const openIn = ({ tryouts }: State, guildId: string): ReadonlyArray<Tryout> =>
  tryouts.filter((one) => one.guildId === guildId && one.closedAt === null)

const named = (state: State, guildId: string, name: string): Tryout | undefined =>
  openIn(state, guildId).find((one) => one.name.toLowerCase() === name.toLowerCase())

const tryoutOf = ({ tryouts }: State, id: string): Either.Either<Tryout, ApplicationGone> =>
  Either.fromNullable(
    tryouts.find((one) => one.id === id),
    () => new ApplicationGone(),
  )

const applicationOf = ({ applications }: State, id: string): Either.Either<Application, ApplicationGone> =>
  Either.fromNullable(
    applications.find((one) => one.id === id),
    () => new ApplicationGone(),
  )

const replace = (state: State, application: Application): State => ({
  ...state,
  applications: state.applications.map((one) => (one.id === application.id ? application : one)),
})

const heard = (state: State, id: string, talk: number): Either.Either<Application, TalkEnded> => {
  const found = Either.getOrUndefined(applicationOf(state, id))
  if (found === undefined) return Either.left(new TalkEnded({ why: "withdrawn" }))
  if (found.status === "withdrawn" || found.status === "lapsed")
    return Either.left(new TalkEnded({ why: found.status }))
  return found.status === "writing" && found.talk === talk
    ? Either.right(found)
    : Either.left(new TalkEnded({ why: "elsewhere" }))
}

const notPending = ({ decidedBy, status }: Application): NotPending =>
  new NotPending({ status, by: decidedBy })
