/**
 * How managers decide: a card in the channel of the try-out, with buttons that outlive the bot's process.
 *
 * ```
 * press ─▶ a manager? ─▶ claim ─▶ role given ─▶ approved ─▶ applicant told ─▶ card without buttons
 *                          │ taken      │ not given
 *                          ▼            ▼
 *                 told who was first    released, and the manager is told what to do
 * ```
 *
 * Whether the role was given although the answer got lost, or nobody waited for it any more, is looked up before the
 * claim is released: else it could be rejected with the role.
 *
 * The store decides who was first. Everything after that can fail without harm: an applicant who cannot be told
 * is named on the card, and a card that cannot be changed says on the next press how things stand.
 *
 * @module
 */
import { ComponentType, PermissionFlagsBits } from "discord-api-types/v10"
import { Cause, Clock, Effect, Option, Schema } from "effect"
import * as Route from "../../command/Route.js"
import * as Form from "../../conversation/Form.js"
import { Client } from "../../discord/Client.js"
import { Discord, use } from "../../discord/Discord.js"
import { isUncertain, type RestError } from "../../DiscordError.js"
import * as CustomId from "../../interaction/CustomId.js"
import { Interaction } from "../../interaction/Interaction.js"
import * as Md from "../../interaction/Md.js"
import * as Reply from "../../interaction/Reply.js"
import type { Signer } from "../../interaction/Signer.js"
import * as LastWord from "../../supervise/LastWord.js"
import * as Card from "./Card.js"
import { type Application, asOf, type MessageAt, type Tryout } from "./Model.js"
import { TryoutStore } from "./Store.js"
import { type ApplicationGone, NotManager, NotPending, OwnApplication, RoleNotGiven } from "./TryoutError.js"

// ---------------------------------------------------------------------------------------------------------
// The card
// ---------------------------------------------------------------------------------------------------------

/**
 * Posts the card of an application, in place of the one it had; does nothing where another was posted meanwhile.
 * Fails where the channel does not take it.
 */
export const post: (
  application: Application,
) => Effect.Effect<void, RestError | ApplicationGone, Discord | TryoutStore | Signer> = Effect.fnUntraced(
  function* (application) {
    const discord = yield* Discord
    const store = yield* TryoutStore
    const tryout = yield* store.tryout(application.tryoutId)
    const { channel_id, id } = yield* discord.send(tryout.channelId, yield* cardOf(tryout, application))
    const card = { channelId: channel_id, messageId: id }
    const noted = yield* store.post(application.id, card, application.card)
    // Another was posted meanwhile.
    if (noted?.messageId !== id) return yield* Effect.ignore(discord.remove(card))
    if (application.card !== null) yield* Effect.ignore(discord.remove(application.card))
    // It may have been decided on or withdrawn while the card was on its way.
    const now = yield* store.application(application.id)
    if (now.status !== application.status) yield* refresh(now)
  },
)

/**
 * Makes the card say how the application stands, and so the message that was pressed where that is another one.
 * While it is being approved nothing is changed: whoever is at it does that. Where it cannot, the log says so.
 */
export const refresh = (
  application: Application,
  also: { readonly note?: string | undefined; readonly pressed?: MessageAt | undefined } = {},
): Effect.Effect<void, never, Discord | TryoutStore | Signer> =>
  Effect.gen(function* () {
    const { card, status, tryoutId } = application
    if (status === "approving") return
    const discord = yield* Discord
    const store = yield* TryoutStore
    const tryout = yield* store.tryout(tryoutId)
    const edit = (at: MessageAt, message: Reply.Message) =>
      Effect.catchAll(discord.edit(at, { components: [], ...message }), outOfDate)
    if (card !== null) yield* edit(card, yield* cardOf(tryout, application, also.note))
    // A second card, or one of an earlier round: there is nothing left to be pressed on it.
    if (also.pressed !== undefined && also.pressed.messageId !== card?.messageId)
      yield* edit(also.pressed, Card.make(tryout, application, also.note))
  }).pipe(Effect.catchAll(outOfDate))

const outOfDate = ({ message }: Error): Effect.Effect<void> =>
  Effect.logWarning(`The card of an application is out of date: ${message}`)

const cardOf = (
  tryout: Tryout,
  application: Application,
  note?: string,
): Effect.Effect<Reply.Message, never, Signer> =>
  Effect.gen(function* () {
    const card = Card.make(tryout, application, note)
    if (application.status !== "pending") return card
    const { id, round } = application
    const button = (verdict: Verdict, label: string, style: "success" | "danger" | "secondary") =>
      Route.button(review, { application: id, round, verdict }, { label, style })
    const components = yield* Effect.all([
      button("approve", "Approve", "success"),
      button("reject", "Reject", "danger"),
      button("again", "Ask again", "secondary"),
    ])
    return { ...card, components: [{ type: ComponentType.ActionRow, components }] } satisfies Reply.Message
  }).pipe(Effect.orDie)

// ---------------------------------------------------------------------------------------------------------
// The buttons
// ---------------------------------------------------------------------------------------------------------

const Verdict = Schema.Literal("approve", "reject", "again")
type Verdict = typeof Verdict.Type

interface Choice {
  readonly application: string
  readonly round: number
  readonly verdict: Verdict
}

/** A button on a card. */
const review = Route.make(
  "tryout",
  {
    on: "button",
    state: CustomId.fields({
      application: CustomId.id,
      round: CustomId.integer({ min: 1 }),
      verdict: Verdict,
    }),
    ephemeral: true,
  },
  (choice: Choice, { channelId, message }) => {
    const pressed = message && { channelId, messageId: message.id }
    return Effect.gen(function* () {
      yield* needManager
      return yield* choice.verdict === "approve"
        ? approve(choice, pressed)
        : decline(choice, choice.verdict, pressed)
    }).pipe(
      Effect.tapErrorTag("NotPending", () => heal(choice.application, pressed)),
      Effect.catchTag("ApplicationGone", ({ userText }) =>
        Effect.succeed(Reply.update(Reply.make({ content: userText, embeds: [], components: [] }))),
      ),
    )
  },
)

export const layer = Route.layer(review)

/** Fails with `NotManager` for others than those who decide. */
export const needManager = Effect.flatMap(Interaction, ({ userPermissions }) =>
  ((userPermissions ?? 0n) & MANAGERS) === 0n ? new NotManager() : Effect.void,
)

/** Looks again, since the form has waited for them; fails also with what keeps Discord from telling. */
const needStill = Effect.gen(function* () {
  const { channelId, guildId, user } = yield* Interaction
  const { discordJs } = yield* Client
  const guild = yield* use(() => discordJs.guilds.fetch(guildId ?? ""))
  const member = yield* use(() => guild.members.fetch({ user: user.id, force: true }))
  const here = guild.channels.cache.get(channelId)?.permissionsFor(member) ?? member.permissions
  if (!here.any(MANAGERS)) return yield* new NotManager()
})

const MANAGERS =
  PermissionFlagsBits.ManageGuild | PermissionFlagsBits.ManageRoles | PermissionFlagsBits.Administrator

/** A card with live buttons that say too much is put right. */
const heal = (id: string, pressed: MessageAt | undefined) =>
  Effect.flatMap(TryoutStore, (store) =>
    Effect.flatMap(store.application(id), (application) => refresh(application, { pressed })),
  ).pipe(Effect.ignore)

const approve = Effect.fnUntraced(function* (
  { application: id, round }: Choice,
  pressed: MessageAt | undefined,
) {
  const store = yield* TryoutStore
  const { guildId, user } = yield* Interaction
  const { discordJs } = yield* Client
  const { userId } = yield* store.application(id)
  // The owner of a server can give themselves any role anyway.
  if (user.id === userId && discordJs.guilds.cache.get(guildId ?? "")?.ownerId !== user.id)
    return yield* new OwnApplication()
  const claimed = yield* store.claim(id, round, user.id, yield* Clock.currentTimeMillis)
  const tryout = yield* store.tryout(claimed.tryoutId)
  const approving = Effect.flatMap(Clock.currentTimeMillis, (at) => store.approve(id, user.id, at))
  const [approved, told] = yield* Effect.uninterruptibleMask((restore) =>
    restore(give(tryout, claimed)).pipe(
      Effect.onError((cause) =>
        Effect.gen(function* () {
          const given = Cause.isInterrupted(cause)
            ? yield* LastWord.within(LAST, isGiven(tryout, claimed))
            : Option.none()
          if (!Option.getOrElse(given, () => false)) return yield* store.release(id, user.id)
          const stopped = yield* approving
          yield* LastWord.within(
            LAST,
            Effect.zip(refresh(stopped, { pressed }), tell(stopped, approval(tryout)), { concurrent: true }),
          )
        }).pipe(Effect.ignore),
      ),
      Effect.zipRight(approving),
      Effect.flatMap((decided) => announce(restore, decided, approval(tryout), pressed)),
    ),
  )
  const note = noteOf(approved, told)
  if (approved.card?.messageId !== pressed?.messageId) yield* refresh(approved, { note })
  return Reply.update({ components: [], ...(yield* cardOf(tryout, approved, note)) })
})

const approval = ({ name, roleId }: Tryout): string =>
  Md.text`Your application for ${name} was approved.${Md.raw(roleId === null ? "" : ` You now have the role <@&${roleId}>.`)}`

/** As Discord tells; where it tells nothing, no. */
const isGiven = ({ roleId }: Tryout, { guildId, userId }: Application) =>
  Effect.flatMap(Discord, (discord) => discord.fetchMember(guildId, userId)).pipe(
    Effect.timeout(LOOK),
    Effect.map(({ roles }) => roleId !== null && roles.includes(roleId)),
    Effect.orElseSucceed(() => false),
  )

/** Done again it changes nothing. */
const give = (tryout: Tryout, application: Application) =>
  Effect.gen(function* () {
    const { name, roleId } = tryout
    const { guildId, userId } = application
    if (roleId === null) return
    const discord = yield* Discord
    yield* discord.addRole(guildId, userId, roleId, `Approved in the try-out ${name}`.slice(0, 400)).pipe(
      Effect.timeout(GIVE),
      Effect.catchIf(
        (error) => error._tag === "TimeoutException" || isUncertain(error),
        (error) =>
          Effect.flatMap(isGiven(tryout, application), (given) => (given ? Effect.void : Effect.fail(error))),
      ),
      Effect.mapError(
        (error) =>
          new RoleNotGiven({
            roleId,
            why:
              error._tag === "MissingPermissions" || error._tag === "MissingAccess"
                ? "rank"
                : error._tag === "UnknownResource"
                  ? "gone"
                  : "other",
            detail: error._tag === "TimeoutException" ? "Discord did not answer in time." : error.userText,
          }),
      ),
    )
  })

// Both together within the minute that a claim holds.
const GIVE = "30 seconds"
const LOOK = "15 seconds"
/** For each of the last words of an interrupted press; two of them are below what a drain waits. */
const LAST = "4 seconds"

const why = Form.make("Your reason", {
  reason: Form.text("What the applicant is told", { max: 500, multiline: true }),
})

const decline = Effect.fnUntraced(
  function* (
    { application: id, round }: Choice,
    verdict: "reject" | "again",
    pressed: MessageAt | undefined,
  ) {
    const store = yield* TryoutStore
    const { user } = yield* Interaction
    const found = asOf(yield* store.application(id), yield* Clock.currentTimeMillis)
    // Before anything is written; the store looks again when it is sent.
    if (found.status !== "pending" || found.round !== round)
      return yield* new NotPending({ status: found.status, by: found.decidedBy })
    const tryout = yield* store.tryout(found.tryoutId)
    const { reason } = yield* Form.show(why, { within: "10 minutes", ephemeral: true })
    yield* needStill
    const status = verdict === "reject" ? "rejected" : "writing"
    const text =
      verdict === "reject"
        ? Md.text`Your application for ${tryout.name} was rejected: ${reason}`
        : Md.text`About your application for ${tryout.name}, you are asked again: ${reason}\nRun \`/tryout apply\` in the server to change your answers and send it once more.`
    const at = yield* Clock.currentTimeMillis
    const [declined, told] = yield* Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(store.decline(id, round, { status, by: user.id, reason }, at), (decided) =>
        announce(restore, decided, text, pressed),
      ),
    )
    const note = noteOf(declined, told)
    // The reason may have come by a message of its own, beside the card.
    yield* refresh(declined, { note, pressed })
    const word = verdict === "reject" ? "Rejected." : "Asked again."
    return Reply.ephemeral(Reply.text(`${word} ${note ?? "The applicant was told."}`))
  },
  Effect.catchTags({
    // The form was closed without a word, which Discord tells nobody; or with one.
    WaitTimeout: () => Effect.succeed(Reply.silent),
    Cancelled: () => Effect.succeed(Reply.silent),
  }),
)

// ---------------------------------------------------------------------------------------------------------
// Afterwards
// ---------------------------------------------------------------------------------------------------------

/**
 * Tells the applicant, also where the press is interrupted by then: the card then says it by itself. Runs in the
 * uninterruptible region in which it was decided.
 */
const announce = (
  restore: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>,
  decided: Application,
  text: string,
  pressed: MessageAt | undefined,
): Effect.Effect<readonly [decided: Application, told: boolean], never, Discord | TryoutStore | Signer> =>
  LastWord.begun(restore, LAST, tell(decided, text)).pipe(
    Effect.onInterrupt(() => LastWord.within(LAST, refresh(decided, { pressed }))),
    Effect.map((told) => [decided, told]),
  )

/** For the card, where the applicant could not be told. */
const noteOf = ({ userId }: Application, told: boolean): string | undefined =>
  told ? undefined : `I could not tell <@${userId}>: please do so yourself.`

/** By direct message, or in the thread of the interview where the person accepts none. Whether it arrived. */
const tell = ({ meeting, userId }: Application, text: string): Effect.Effect<boolean, never, Discord> =>
  Effect.gen(function* () {
    const discord = yield* Discord
    const inThread =
      meeting?.kind !== "thread"
        ? Effect.succeed(false)
        : Effect.as(
            discord.send(
              meeting.channelId,
              Reply.mentioning(Reply.text(`<@${userId}> ${text}`), { users: [userId] }),
            ),
            true,
          )
    return yield* discord.openDm(userId).pipe(
      Effect.flatMap((channelId) => discord.send(channelId, Reply.text(text))),
      Effect.as(true),
      Effect.catchAll(() => inThread),
      Effect.catchAll((error) =>
        Effect.as(Effect.logWarning(`An applicant could not be told: ${error.message}`), false),
      ),
    )
  })
