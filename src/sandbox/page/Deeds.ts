/**
 * Acts of the protocol, done: through the person's `Actor`, the fault plan, or the clock.
 *
 * @module
 */
import { ApplicationCommandType } from "discord-api-types/v10"
import { Data, Effect, Either } from "effect"
import type { Actor, Failure, Turn } from "../people/Actor.js"
import { NotAllowed, NotFound, type UnknownActor } from "../people/ActorError.js"
import type * as CommandInput from "../people/CommandInput.js"
import * as CommandPermissions from "../world/CommandPermissions.js"
import * as Commands from "../world/Commands.js"
import * as Guilds from "../world/Guilds.js"
import * as Plan from "../fault/Plan.js"
import type { User } from "../model/Model.js"
import type * as Protocol from "./Protocol.js"
import type { Sandbox } from "../Sandbox.js"

/** What acts work on. */
export interface Site {
  readonly sandbox: Sandbox
  /** Moves time; absent where it cannot be moved. */
  readonly advance: ((millis: number) => Effect.Effect<void>) | undefined
}

/** What was asked for was not done: why, and the status that says so. */
export class Refusal extends Data.TaggedError("Refusal")<{
  readonly status: number
  readonly reason: string
}> {
  override get message() {
    return this.reason
  }
}

/** Does an act as a person. */
export const run = (site: Site, user: User, act: Protocol.Act): Effect.Effect<Protocol.Done, Refusal> =>
  ofAct(site, user, act).pipe(
    Effect.mapError((failure) =>
      failure._tag === "Refusal"
        ? failure
        : new Refusal({ status: statuses[failure._tag], reason: sentence(failure.message) }),
    ),
  )

const statuses = { InvalidInput: 400, NotAllowed: 403, NotFound: 404, UnknownActor: 404, BotOffline: 503 }

const sentence = (text: string): string => (/[.!?…]$/u.test(text) ? text : `${text}.`)

const ofAct = (
  site: Site,
  user: User,
  act: Protocol.Act,
): Effect.Effect<Protocol.Done, Failure | UnknownActor | Refusal> => {
  const { sandbox } = site
  const as = <A>(deed: (actor: Actor) => Effect.Effect<A, Failure>, guildId?: string) =>
    Effect.flatMap(sandbox.actor(user.id, guildId), deed)
  const plainly = (deed: (actor: Actor) => Effect.Effect<unknown, Failure>, guildId?: string) =>
    Effect.as(as(deed, guildId), {})
  const asking = (deed: (actor: Actor) => Effect.Effect<Turn, Failure>) =>
    Effect.map(as(deed), ({ id }) => ({ interaction: id }))

  switch (act._tag) {
    case "Say":
      return Effect.map(
        as((actor) =>
          needNoCommand(sandbox, user, actor, act).pipe(
            Effect.zipRight(
              actor.say(act.channel, act.content.trim(), {
                ...(act.replyTo === undefined ? {} : { replyTo: act.replyTo }),
                ...(act.ping === undefined ? {} : { ping: act.ping }),
                attachments: (act.files ?? []).map(attachment),
              }),
            ),
          ),
        ),
        ({ id }) => ({ message: id }),
      )
    case "Edit":
      return plainly((actor) => actor.edit(act.message, act.content))
    case "Delete":
      return plainly((actor) => actor.deleteMessage(act.message))
    case "React":
      return plainly((actor) => (act.on ? actor.react : actor.unreact)(act.message, act.emoji))
    case "Pin":
      return plainly((actor) => actor.pin(act.message, act.on))
    case "Vote":
      return plainly((actor) => actor.vote(act.message, act.answers))
    case "Type":
      return plainly((actor) => actor.type(act.channel))
    case "Slash":
      return asking((actor) => actor.slash(act.channel, act.command, valuesOf(act.values)))
    case "Autocomplete":
      return asking((actor) =>
        actor.autocomplete(act.channel, act.command, act.focused, valuesOf(act.values)),
      )
    case "UserMenu":
      return asking((actor) => actor.userMenu(act.channel, act.command, act.target))
    case "MessageMenu":
      return asking((actor) => actor.messageMenu(act.command, act.message))
    case "Press":
      return asking((actor) => actor.press(act.message, act.customId))
    case "Select":
      return asking((actor) => actor.select(act.message, act.customId, act.values))
    case "Submit":
      return asking((actor) =>
        Effect.flatMap(modal(actor, act.interactionId), (open) => actor.submit(open, fieldsOf(act.fields))),
      )
    case "Dismiss":
      return plainly((actor) => Effect.flatMap(modal(actor, act.interactionId), actor.dismissModal))
    case "Thread":
      return Effect.map(thread(as, act), ({ id }) => ({ channel: id }))
    case "ThreadMember": {
      const { on, person, thread } = act
      return plainly((actor) => {
        if (person === undefined) return (on ? actor.joinThread : actor.leaveThread)(thread)
        return (on ? actor.addToThread : actor.removeFromThread)(thread, person)
      })
    }
    case "Status":
      return plainly((actor) => actor.appear(act.status))
    case "Directs":
      return plainly((actor) => actor.closeDms(act.closed))
    case "Join": {
      const { guild, invite } = act
      if (invite !== undefined) return plainly((actor) => actor.joinBy(invite))
      return plainly((actor) => actor.join, guild)
    }
    case "Leave":
      return plainly((actor) => actor.leave, act.guild)
    case "Person":
      return Effect.map(newcomer(sandbox, act.name), ({ id }) => ({ person: id }))
    case "Plan":
      return plan(sandbox, act.plan)
    case "Fault":
      return once(sandbox, act.rule)
    case "Advance":
      return site.advance === undefined
        ? new Refusal({
            status: 409,
            reason: "This sandbox's clock goes with the machine's and cannot be moved.",
          })
        : Effect.as(site.advance(act.millis), {})
  }
}

/** A slash in front is meant for a command, and no text for everybody to read. A blank before it says otherwise. */
const needNoCommand = (
  { world }: Sandbox,
  user: User,
  actor: Actor,
  { channel, content }: Extract<Protocol.Act, { _tag: "Say" }>,
): Effect.Effect<void, Failure> =>
  Effect.suspend(() => {
    const typed = /^\/(\S*)([^\n]*)/u.exec(content)
    if (typed === null) return Effect.void
    return Effect.flatMap(actor.channel(channel), (here) => {
      const [, name = "", rest = ""] = typed
      const found = Commands.available(world, here.guildId).find(
        (one) => one.type === ApplicationCommandType.ChatInput && one.name === name.toLowerCase(),
      )
      const other = "A blank in front makes it a text"
      if (found === undefined)
        return new NotAllowed({
          reason: `There is no command /${name} here. / shows what there is. ${other}`,
        })
      if (!CommandPermissions.mayRun(world, here, user.id, found))
        return new NotAllowed({ reason: `You may not use /${found.name} here. ${other}` })
      return new NotAllowed({
        reason: `/${found.name} cannot be run as /${found.name}${rest.slice(0, 60)}. /${found.name} shows how it can. ${other}`,
      })
    })
  })

const thread = (
  as: <A>(deed: (actor: Actor) => Effect.Effect<A, Failure>) => Effect.Effect<A, Failure | UnknownActor>,
  act: Extract<Protocol.Act, { _tag: "Thread" }>,
) =>
  as((actor) =>
    Effect.flatMap(actor.channel(act.channel), ({ forum }) =>
      forum === null
        ? actor.startThread(act.channel, {
            name: act.name,
            ...(act.message === undefined ? {} : { message: act.message }),
            ...(act.private === undefined ? {} : { private: act.private }),
          })
        : actor.post(act.channel, {
            name: act.name,
            content: act.content ?? "",
            attachments: (act.files ?? []).map(attachment),
            tags: act.tags ?? [],
          }),
    ),
  )

const modal = (actor: Actor, interactionId: string) =>
  Effect.suspend(() => {
    const open = actor.modals()
    const found = open.find((one) => one.interactionId === interactionId)
    return found === undefined
      ? new NotFound({ what: "modal", name: interactionId, known: open.map(({ title }) => title) })
      : Effect.succeed(found)
  })

const attachment = ({ base64, contentType, name }: Protocol.Upload): CommandInput.Attachment => ({
  name,
  contentType,
  bytes: Buffer.from(base64, "base64"),
})

const valuesOf = (
  values: Readonly<Record<string, Protocol.Value>>,
): Readonly<Record<string, CommandInput.Value>> =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeof value === "object" ? attachment(value) : value,
    ]),
  )

type Fields = Extract<Protocol.Act, { _tag: "Submit" }>["fields"]

const fieldsOf = (fields: Fields): Parameters<Actor["submit"]>[1] =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      isFiles(value) ? value.map(attachment) : (value as string | boolean | ReadonlyArray<string>),
    ]),
  )

const isFiles = (value: Fields[string]): value is ReadonlyArray<Protocol.Upload> =>
  Array.isArray(value) && value.length > 0 && typeof value[0] === "object"

/** Discord: a shown name has at most 32 characters, a username 2 to 32 of its own few. */
const newcomer = (sandbox: Sandbox, name: string): Effect.Effect<User, NotAllowed> =>
  Effect.suspend(() => {
    const shown = name.trim()
    if (shown.length === 0 || [...shown].length > 32)
      return new NotAllowed({ reason: "A name has 1 to 32 characters" })
    const plain = shown
      .normalize("NFKD")
      .toLowerCase()
      .replace(/[^a-z0-9_.]+/gu, "")
      .slice(0, 28)
    const stem = plain.length < 2 ? `${plain}person` : plain
    const taken = new Set([...sandbox.world.users.values()].map(({ username }) => username.toLowerCase()))
    let username = stem
    for (let n = 2; taken.has(username); n++) username = `${stem}${n}`
    return Effect.sync(() => Guilds.addUser(sandbox.world, { username, globalName: shown }))
  })

const plan = ({ faults }: Sandbox, text: string | null): Effect.Effect<Protocol.Done, Refusal> => {
  if (text === null || text.trim() === "")
    return Effect.sync(() => {
      faults.running()?.stop()
      return {}
    })
  return Either.match(Plan.parse(text), {
    onLeft: ({ message }) => new Refusal({ status: 400, reason: message }),
    onRight: (read) =>
      Effect.sync(() => {
        faults.follow(read)
        return {}
      }),
  })
}

const once = ({ faults }: Sandbox, text: string): Effect.Effect<Protocol.Done, Refusal> =>
  Either.match(Plan.parse(text), {
    onLeft: ({ message }) => new Refusal({ status: 400, reason: message }),
    onRight: ({ rules: [rule, ...more] }) =>
      rule === undefined || more.length > 0
        ? new Refusal({ status: 400, reason: "One rule is wanted, such as: error status=503." })
        : Effect.sync(() => {
            faults.once(rule)
            return {}
          }),
  })
