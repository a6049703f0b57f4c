/**
 * Try-outs: managers call for applications, people apply in an interview, managers decide on a card.
 *
 * `/tryout open`, `close` and `review` are for managers; `apply`, `withdraw`, `status` and `list` for everyone.
 *
 * @module
 */
import { ChannelType, PermissionFlagsBits } from "discord-api-types/v10"
import { Clock, Effect, Layer, ParseResult, Schema } from "effect"
import * as Command from "../../command/Command.js"
import * as Param from "../../command/Param.js"
import * as Policy from "../../command/Policy.js"
import * as Paginator from "../../conversation/Paginator.js"
import * as Prompt from "../../conversation/Prompt.js"
import { Discord } from "../../discord/Discord.js"
import * as Md from "../../interaction/Md.js"
import * as Reply from "../../interaction/Reply.js"
import * as Interview from "./Interview.js"
import {
  type Application,
  isOpen,
  type Meeting,
  meetingText,
  statusText,
  stoppedAt,
  timeText,
  type Tryout,
} from "./Model.js"
import * as Offer from "./Offer.js"
import * as Question from "./Question.js"
import * as Review from "./Review.js"
import { TryoutStore } from "./Store.js"
import { AlreadyTalking, ChannelUnusable, NoApplication, TalkEnded, TryoutUnknown } from "./TryoutError.js"

// ---------------------------------------------------------------------------------------------------------
// Parameters
// ---------------------------------------------------------------------------------------------------------

/** The name of an open try-out, completed while it is typed. */
const name = (description: string) =>
  Param.string(description, { min: 1, max: LONGEST_NAME }).pipe(
    Param.autocomplete((typed, { guildId }) =>
      Effect.gen(function* () {
        const store = yield* TryoutStore
        const open = guildId === undefined ? [] : yield* store.list(guildId)
        const wanted = typed.toLowerCase()
        return open.map((tryout) => tryout.name).filter((one) => one.toLowerCase().includes(wanted))
      }),
    ),
  )

const LONGEST_NAME = 50

const Name = Schema.Trim.pipe(
  Schema.filter((text) => text !== "", { message: () => "a name that is not only white space" }),
)

const units: { readonly [unit: string]: number } = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const SHORTEST = 60_000
const LONGEST = 86_400_000

/** `10 minutes`, `90m`, `1.5 hours`: milliseconds. */
const Deadline = Schema.transformOrFail(Schema.String, Schema.Number, {
  strict: true,
  decode: (text, _, ast) => {
    const found =
      /^(\d{1,6}(?:\.\d{1,3})?)\s*(s|m|h|d)(?:ec|in|r|ours?|inutes?|econds?|ays?|ecs|ins|rs)?$/iu.exec(
        text.trim(),
      )
    const millis = Math.round(Number(found?.[1]) * (units[(found?.[2] ?? "").toLowerCase()] ?? Number.NaN))
    return millis >= SHORTEST && millis <= LONGEST
      ? ParseResult.succeed(millis)
      : ParseResult.fail(
          new ParseResult.Type(ast, text, "a time from 1 minute to 24 hours, such as `10 minutes`"),
        )
  },
  encode: (millis) => ParseResult.succeed(`${millis / 60_000} minutes`),
})

// ---------------------------------------------------------------------------------------------------------
// For managers
// ---------------------------------------------------------------------------------------------------------

const open = Command.make(
  "open",
  {
    description: "Opens a try-out",
    in: "guild",
    ephemeral: true,
    permissions: PermissionFlagsBits.ManageGuild,
    params: {
      name: Param.string("What it is called", { min: 1, max: LONGEST_NAME }).pipe(Param.decode(Name)),
      channel: Param.channel("Where applications are posted for review", {
        types: [ChannelType.GuildText, ChannelType.GuildAnnouncement],
      }),
      questions: Param.string(
        "Such as: Your name? (text 2-40); Your age? (number 13-99); A clip? (file video/*)",
      ),
      deadline: Param.string("Time for each question, such as 10 minutes").pipe(Param.decode(Deadline)),
      role: Param.optional(Param.role("What an approved member is given")),
      where: Param.withDefault(
        Param.string("Where the interview is held; a private thread if left out", {
          choices: { "in a private thread": "thread", "by direct message": "dm" },
        }),
        "thread",
      ),
    },
  },
  Effect.fnUntraced(function* (given, { guild, guildId, id, member, user }) {
    const store = yield* TryoutStore
    const discord = yield* Discord
    const questions = yield* Question.parse(given.questions)
    if (given.role !== undefined) yield* Offer.check(given.role, guild, member)
    const tryout: Tryout = {
      id,
      guildId,
      name: given.name,
      channelId: given.channel.id,
      roleId: given.role?.id ?? null,
      where: given.where,
      questions,
      deadline: given.deadline,
      openedBy: user.id,
      openedAt: yield* Clock.currentTimeMillis,
      closedAt: null,
    }
    yield* store.open(tryout)
    // Better now than with the first application.
    yield* discord
      .send(tryout.channelId, Reply.text(Md.text`Applications for **${tryout.name}** will be posted here.`))
      .pipe(
        Effect.mapError(
          ({ userText }) => new ChannelUnusable({ channelId: tryout.channelId, detail: userText }),
        ),
        Effect.onError(() => Effect.ignore(store.close(guildId, tryout.name, tryout.openedAt))),
      )
    return Reply.ephemeral(
      Reply.text(
        [
          Md.text`The try-out **${tryout.name}** is open: people apply with \`/tryout apply\`.`,
          ...outline(tryout),
        ].join("\n"),
      ),
    )
  }),
)

/** Within what is left of a message's 2,000 characters (Discord). */
const outline = ({ deadline, questions, roleId, where }: Tryout): ReadonlyArray<string> => [
  ...questions.map((question, index) => {
    const text = Question.print(question)
    return Md.text`${index + 1}. ${text.length > 80 ? `${text.slice(0, 79)}…` : text}`
  }),
  `${timeText(deadline)} for each question, ${where === "dm" ? "by direct message" : "in a private thread"}${roleId === null ? "" : `, for the role <@&${roleId}>`}.`,
]

const close = Command.make(
  "close",
  {
    description: "Closes a try-out: nobody can apply any more",
    in: "guild",
    ephemeral: true,
    permissions: PermissionFlagsBits.ManageGuild,
    params: { name: name("Which one") },
  },
  Effect.fnUntraced(function* (given, { guildId }) {
    const store = yield* TryoutStore
    const talks = yield* Interview.Talks
    const now = yield* Clock.currentTimeMillis
    const { lapsed, tryout } = yield* store.close(guildId, given.name, now)
    for (const { id } of lapsed) yield* talks.stop(id, new TalkEnded({ why: "lapsed" }))
    // One that was asked again has a card.
    for (const one of lapsed) yield* Review.refresh(one)
    const pending = (yield* store.pending(guildId, now)).filter(({ tryoutId }) => tryoutId === tryout.id)
    return Reply.ephemeral(
      Reply.text(
        Md.text`The try-out **${tryout.name}** is closed. ${counted(lapsed, "application")} had not been sent and ended; ${counted(pending, "application")} can still be decided on.`,
      ),
    )
  }),
)

const counted = (all: ReadonlyArray<unknown>, what: string): string =>
  `${all.length} ${what}${all.length === 1 ? "" : "s"}`

const review = Command.make(
  "review",
  {
    description: "Lists the applications that wait for a decision",
    in: "guild",
    ephemeral: true,
    params: {
      again: Param.withDefault(
        Param.boolean("Whether their cards are posted again, where they got lost"),
        false,
      ),
    },
  },
  Effect.fnUntraced(function* ({ again }, { guildId }) {
    yield* Review.needManager
    const store = yield* TryoutStore
    for (const application of yield* store.pending(guildId, yield* Clock.currentTimeMillis)) {
      if (!again && application.card !== null) continue
      yield* Effect.catchTag(Review.post(application), "ApplicationGone", () => Effect.void)
    }
    const pending = yield* store.pending(guildId, yield* Clock.currentTimeMillis)
    const names = yield* namesOf(pending)
    const lines = pending.map(({ card, id, submittedAt, userId }) => {
      const link =
        card === null
          ? "no card"
          : `[card](https://discord.com/channels/${guildId}/${card.channelId}/${card.messageId})`
      return Md.text`- <@${Md.raw(userId)}> for ${names.get(id) ?? ""}, sent ${Md.time(submittedAt ?? 0, "R")}: ${Md.raw(link)}`
    })
    yield* Paginator.show(
      Paginator.items(lines, 5, (some) => some.join("\n")),
      { within: "2 minutes", ephemeral: true, empty: "No application waits for a decision." },
    )
    return Reply.silent
  }),
)

const namesOf = (applications: ReadonlyArray<Application>) =>
  Effect.gen(function* () {
    const store = yield* TryoutStore
    const names = new Map<string, string>()
    for (const { id, tryoutId } of applications)
      names.set(id, (yield* Effect.orDie(store.tryout(tryoutId))).name)
    return names
  })

// ---------------------------------------------------------------------------------------------------------
// For everyone
// ---------------------------------------------------------------------------------------------------------

const apply = Command.make(
  "apply",
  {
    description: "Applies, or goes on where you stopped",
    in: "guild",
    ephemeral: true,
    params: { name: Param.optional(name("For which try-out")) },
  },
  Effect.fnUntraced(function* (given, { guildId, id, user }) {
    const store = yield* TryoutStore
    const talks = yield* Interview.Talks
    const unfinished = (yield* store.of(guildId, user.id)).find(({ status }) => status === "writing")
    const tryout = yield* choose(guildId, given.name, unfinished)
    const meeting = unfinished === undefined ? undefined : talks.meetingOf(unfinished.id)
    if (meeting !== undefined && unfinished?.tryoutId === tryout.id)
      return yield* new AlreadyTalking({ meeting, about: "this" })
    const who = { id, tryoutId: tryout.id, userId: user.id }
    const application = yield* store.begin(who, yield* Clock.currentTimeMillis)
    return yield* Effect.map(Interview.start(tryout, application), (word) =>
      Reply.ephemeral(Reply.text(word)),
    )
  }),
).pipe(Policy.concurrency({ per: "user" }), Policy.cooldown({ per: "user", window: "30 seconds", uses: 5 }))

/** The try-out that is meant: by name, else the one not finished, else the only one. */
const choose = Effect.fnUntraced(function* (
  guildId: string,
  wanted: string | undefined,
  unfinished: Application | undefined,
) {
  const store = yield* TryoutStore
  const open = yield* store.list(guildId)
  const found =
    wanted !== undefined
      ? open.find((one) => one.name.toLowerCase() === wanted.trim().toLowerCase())
      : (open.find((one) => one.id === unfinished?.tryoutId) ?? (open.length === 1 ? open[0] : undefined))
  return found ?? (yield* new TryoutUnknown({ name: wanted, open: open.map((one) => one.name) }))
})

const withdraw = Command.make(
  "withdraw",
  { description: "Takes your application back", in: "guild", ephemeral: true },
  Effect.fnUntraced(function* (_, { guildId, user }) {
    const store = yield* TryoutStore
    const talks = yield* Interview.Talks
    const mine = (yield* store.of(guildId, user.id)).find(isOpen)
    if (mine === undefined) return yield* new NoApplication()
    const { name: of } = yield* Effect.orDie(store.tryout(mine.tryoutId))
    const sure = yield* Prompt.confirm(
      Md.text`Take back your application for **${of}**? Your answers are thrown away.`,
      { within: "1 minute", ephemeral: true, yes: "Withdraw", no: "Keep it", danger: true, cancel: false },
    )
    if (!sure) return Reply.ephemeral(Reply.text("Kept."))
    const withdrawn = yield* store.withdraw(mine.id, user.id, yield* Clock.currentTimeMillis)
    yield* talks.stop(withdrawn.id, new TalkEnded({ why: "withdrawn" }))
    yield* Review.refresh(withdrawn)
    return Reply.ephemeral(Reply.text(Md.text`Your application for ${of} is withdrawn.`))
  }),
)

const status = Command.make(
  "status",
  { description: "Shows how your applications stand", in: "guild", ephemeral: true },
  Effect.fnUntraced(function* (_, { guildId, user }) {
    const store = yield* TryoutStore
    const talks = yield* Interview.Talks
    const mine = (yield* store.of(guildId, user.id)).slice(0, 10)
    if (mine.length === 0) return yield* new NoApplication()
    const lines: Array<string> = []
    for (const application of mine) {
      const tryout = yield* Effect.orDie(store.tryout(application.tryoutId))
      const meeting = talks.meetingOf(application.id)
      lines.push(Md.text`**${tryout.name}**: ${Md.raw(standing(tryout, application, meeting))}`)
    }
    return Reply.ephemeral(Reply.text(lines.join("\n")))
  }),
)

const standing = (tryout: Tryout, application: Application, meeting: Meeting | undefined): string => {
  const { reason, round, status: now } = application
  const why =
    reason === null || (now !== "rejected" && now !== "writing") ? "" : Md.text` (${reason.slice(0, 60)})`
  if (now !== "writing") return `${statusText[now]}${why}`
  if (meeting !== undefined) return `we are talking in ${meetingText(meeting)}`
  return `${round > 1 ? `you were asked again${why}` : stoppedAt(tryout, application)}; \`/tryout apply\` goes on`
}

const list = Command.make(
  "list",
  { description: "Lists the open try-outs", in: "guild", ephemeral: true },
  Effect.fnUntraced(function* (_, { guildId }) {
    const store = yield* TryoutStore
    const all = yield* store.list(guildId)
    const lines = all.map(
      (tryout) =>
        Md.text`- **${tryout.name}**: ${counted(tryout.questions, "question")}, open since ${Md.time(tryout.openedAt, "R")}`,
    )
    yield* Paginator.show(
      Paginator.items(lines, 10, (some) => some.join("\n")),
      { within: "2 minutes", ephemeral: true, empty: "There is no open try-out at the moment." },
    )
    return Reply.silent
  }),
)

// ---------------------------------------------------------------------------------------------------------
// Layer
// ---------------------------------------------------------------------------------------------------------

const group = Command.group("tryout", { description: "Try-outs", category: "Try-outs" }, [
  open,
  close,
  apply,
  withdraw,
  status,
  list,
  review,
])

/** The commands and the buttons on the cards; a `TryoutStore` has to be provided. */
export const layer = Layer.merge(Command.layer(group), Review.layer).pipe(Layer.provide(Interview.layer))
