/**
 * Where an interview is held: in the thread of the last time, else where the try-out wants it, else the other way.
 *
 * In a server the bot sees the files that people attach only where it may read what they type; where it may not,
 * questions for files need direct messages.
 *
 * @module
 */
import { Effect, Either, Option } from "effect"
import { Commands } from "../../command/Commands.js"
import * as Place from "../../conversation/Place.js"
import { Discord } from "../../discord/Discord.js"
import type { RestError } from "../../DiscordError.js"
import { Interaction } from "../../interaction/Interaction.js"
import * as Md from "../../interaction/Md.js"
import * as Reply from "../../interaction/Reply.js"
import { type Application, type Meeting, meetingText, stoppedAt, timeText, type Tryout } from "./Model.js"
import { AlreadyTalking, NoPlaceToTalk } from "./TryoutError.js"

export interface Found {
  readonly place: Place.Place
  readonly meeting: Meeting
  /** What the person is told where they called. */
  readonly word: string
}

/**
 * Finds a place and greets the person there. Fails with `NoPlaceToTalk` where there is none, and with
 * `AlreadyTalking` where that would be direct messages in which another interview goes on (`isIn`).
 */
export const find: (
  tryout: Tryout,
  application: Application,
  isIn: (channelId: string) => boolean,
) => Effect.Effect<Found, NoPlaceToTalk | AlreadyTalking, Interaction | Discord | Commands> =
  Effect.fnUntraced(function* (tryout, application, isIn) {
    const discord = yield* Discord
    const { guildId, user } = yield* Interaction
    const readable = yield* canRead
    const hello = Reply.mentioning(Reply.text(greeting(tryout, application)), { users: [user.id] })
    const inThreads = readable || tryout.questions.every(({ _tag }) => _tag !== "File")

    const opened = Effect.tap(
      Place.thread({
        name: `${tryout.name} ${user.username}`.slice(0, LONGEST_THREAD_NAME),
        private: true,
        autoArchive: "1 day",
      }),
      ({ channelId }) =>
        Effect.tapError(discord.send(channelId, hello), () =>
          Effect.ignore(discord.archiveThread(channelId)),
        ),
    )
    const former = application.meeting
    const threads =
      former?.kind === "thread"
        ? // A message takes a thread out of the archive, where nobody can be added to it.
          discord.send(former.channelId, hello).pipe(
            Effect.zipRight(discord.addToThread(former.channelId, user.id)),
            Effect.as<Place.Place>({ kind: "thread", channelId: former.channelId, guildId }),
            Effect.orElse(() => opened),
          )
        : opened
    const dm = Effect.gen(function* () {
      const channelId = yield* Effect.option(discord.openDm(user.id))
      if (Option.isSome(channelId) && isIn(channelId.value)) {
        const meeting: Meeting = { kind: "dm", channelId: channelId.value }
        return yield* new AlreadyTalking({ meeting, about: "another" })
      }
      return yield* attempt(Place.dm(hello))
    })
    const thread = attempt(inThreads ? threads : Effect.fail("unreadable"))
    const [first, second] = tryout.where === "thread" ? [thread, dm] : [dm, thread]
    const wanted = yield* first
    if (Either.isRight(wanted)) return found(wanted.right)
    const other = yield* second
    const isClosed = [wanted, other].some(
      (one) => Either.isLeft(one) && one.left !== "unreadable" && one.left._tag === "CannotMessageUser",
    )
    if (Either.isLeft(other)) return yield* new NoPlaceToTalk({ dmClosed: isClosed })
    return found(
      other.right,
      tryout.where === "thread"
        ? inThreads
          ? "I cannot open a private thread here"
          : "I cannot see files in this server"
        : isClosed
          ? "You accept no direct messages from me"
          : "I could not send you a direct message",
    )
  })

const attempt = <R>(
  place: Effect.Effect<Place.Place, RestError | "unreadable", R>,
): Effect.Effect<Either.Either<Place.Place, RestError | "unreadable">, never, R> => Effect.either(place)

/** Whether what people type in a server reaches the bot: as prefix commands do, by the Message Content Intent. */
export const canRead: Effect.Effect<boolean, never, Commands> = Effect.map(
  Commands,
  (commands) => commands.prefix() !== undefined,
)

const found = (place: Place.Place, why = ""): Found => {
  const meeting: Meeting = { kind: place.kind === "dm" ? "dm" : "thread", channelId: place.channelId }
  const there = meetingText(meeting)
  return {
    place,
    meeting,
    word: why === "" ? `Let us go on in ${there}.` : `${why}, so let us go on in ${there}.`,
  }
}

/** Characters in the name of a thread (Discord). */
const LONGEST_THREAD_NAME = 100

const greeting = (tryout: Tryout, application: Application): string => {
  const { deadline, name, questions } = tryout
  const { answers, reason, round, userId } = application
  const rules = `You have ${timeText(deadline)} for each question. Cancel stops; what you have answered is kept.`
  if (round > 1 && reason !== null)
    return Md.text`${Md.user(userId)} About your application for **${name}**, you are asked again: ${reason}\n${rules}`
  const count = `${questions.length} question${questions.length === 1 ? "" : "s"}`
  return Md.text`${Md.user(userId)} Your application for **${name}**: ${answers.length === 0 ? count : stoppedAt(tryout, application)}. ${rules}`
}
