/**
 * What the page in the browser and the sandbox say to each other: types only, for both sides.
 *
 * | request | answer |
 * |---|---|
 * | `GET /` | the page; `?as=USER_ID` chooses who one is |
 * | `GET /page/live?as=ID` | server-sent events, each one `Live` as JSON; the first is `Hello` |
 * | `GET /page/messages?as=ID&channel=ID&before=ID` | `History`: up to 50 messages |
 * | `GET /page/commands?as=ID&channel=ID` | `Offered`: the commands that one can run there |
 * | `POST /page/act?as=ID` | an `Act` as JSON; answers `Done`, or `Refused` with a status from 400 on |
 *
 * Requests that change something need `content-type: application/json` and the header `x-sandbox-page: 1`, and an
 * `Origin`, where there is one, that is the sandbox's own.
 *
 * @module
 */
import type { APIApplicationCommand, APIMessage } from "discord-api-types/v10"

export interface Person {
  readonly id: string
  readonly username: string
  /** The shown name. */
  readonly name: string
  readonly bot: boolean
  /** Where their picture is, here as everywhere from `/` on; `null` where they have none. */
  readonly avatar: string | null
}

export type Status = "online" | "idle" | "dnd" | "offline"

export interface Member {
  readonly userId: string
  readonly nick: string | null
  /** In this guild alone. */
  readonly avatar: string | null
  readonly roles: ReadonlyArray<string>
  readonly status: Status
  /** In milliseconds of the sandbox's time. */
  readonly timeoutUntil: number | null
}

export interface Role {
  readonly id: string
  readonly name: string
  readonly color: number
  readonly position: number
  readonly hoist: boolean
  /** Where its picture is, or an emoji. */
  readonly icon: string | null
}

export interface Emoji {
  readonly id: string
  readonly name: string
  readonly animated: boolean
  readonly url: string
}

export interface Channel {
  readonly id: string
  readonly guildId: string | null
  /** Discord's channel type. */
  readonly type: number
  /** Of a direct message the other one's shown name. */
  readonly name: string
  readonly topic: string | null
  readonly parentId: string | null
  readonly position: number
  readonly nsfw: boolean
  /** Of a thread. */
  readonly archived: boolean
  readonly locked: boolean
  readonly lastMessageId: string | null
  /** What one may do there, Discord's bits. */
  readonly permissions: string
  /** Why one cannot write there; `null` where one can. */
  readonly closed: string | null
  /** Of a forum; of a post those that it was given. */
  readonly tags: ReadonlyArray<{ readonly id: string; readonly name: string }>
  /** Who is in it, where it is a private thread. */
  readonly memberIds?: ReadonlyArray<string> | null
}

export interface Guild {
  readonly id: string
  readonly name: string
  readonly icon: string | null
  readonly ownerId: string
  /** Channels and threads that one sees; of the archived ones the newest 50 of each channel. */
  readonly channels: ReadonlyArray<Channel>
  readonly roles: ReadonlyArray<Role>
  readonly members: ReadonlyArray<Member>
  readonly emojis: ReadonlyArray<Emoji>
}

/** Everything but messages, as one person sees it. */
export interface Place {
  readonly me: Person
  /** Everybody whom one can be, and the bot. */
  readonly people: ReadonlyArray<Person>
  readonly botId: string
  /** Whether a bot is connected. */
  readonly botOnline: boolean
  readonly guilds: ReadonlyArray<Guild>
  /** The application's own, which are of no guild. */
  readonly emojis: ReadonlyArray<Emoji>
  /** Guilds that one is not in, and can join. */
  readonly elsewhere?: ReadonlyArray<{ readonly id: string; readonly name: string }>
  /** The direct messages with the bot. */
  readonly directs: ReadonlyArray<Channel>
  /** Whether one takes direct messages. */
  readonly directsClosed: boolean
}

/** A message on one person's screen. */
export interface Message {
  readonly message: APIMessage
  /** The picture of a webhook's message, which is of no person. */
  readonly avatar?: string | null
  /** Only this person sees it. */
  readonly ephemeral: boolean
  /** "Thinking…" */
  readonly thinking: boolean
  /** The emoji that this person reacted with: the id of a custom one, else the emoji itself. */
  readonly reacted: ReadonlyArray<string>
  /** The answers that this person voted for, where it is a poll. */
  readonly voted: ReadonlyArray<number>
}

/** A modal on one person's screen; the components are Discord's. */
export interface Modal {
  readonly interactionId: string
  readonly customId: string
  readonly title: string
  readonly components: ReadonlyArray<Readonly<Record<string, unknown>>>
}

export interface Choice {
  readonly name: string
  readonly value: string | number
}

/** An own interaction, as it goes on. */
export interface Interaction {
  readonly id: string
  readonly channelId: string
  /** The message with the component that was used. */
  readonly messageId: string | null
  /** Of a command. */
  readonly name: string | null
  readonly state:
    | "Waiting"
    | "Deferred"
    | "Acknowledged"
    | "Responded"
    | "ModalShown"
    | "ChoicesShown"
    | "Failed"
  /** Why it failed, for the person. */
  readonly reason: string | null
}

/** One event or request between the sandbox and the bot. Times in milliseconds since the sandbox was made. */
export interface Traffic {
  /** Counts up. The same number again is the same request, answered by now. */
  readonly n: number
  readonly at: number
  readonly kind: "event" | "request"
  /** `MESSAGE_CREATE`, or `POST /channels/1/messages`. */
  readonly name: string
  /** Of a request. */
  readonly status: number | null
  /** From the request to its answer. */
  readonly took: number | null
  /** JSON, shortened; without secrets. */
  readonly body: string
  readonly answer: string
}

export interface Faults {
  /** The plan at work, as text; `null` where there is none. */
  readonly plan: string | null
  /** How often each kind was done since the sandbox began, by plans and singly. */
  readonly counts: Readonly<Record<string, number>>
  /** Plans to choose from, by name. */
  readonly presets: Readonly<Record<string, string>>
}

export interface Clock {
  /** The sandbox's time, in milliseconds since 1970. */
  readonly now: number
  /** Whether it can be moved. */
  readonly movable: boolean
  /** Whether it is being moved. */
  readonly moving: boolean
}

/** Another page beside the chat. */
export interface Panel {
  readonly title: string
  readonly url: string
}

/** What the sandbox tells the page. */
export type Live =
  | {
      readonly _tag: "Hello"
      readonly place: Place
      readonly modals: ReadonlyArray<Modal>
      readonly traffic: ReadonlyArray<Traffic>
      readonly faults: Faults
      readonly clock: Clock
      readonly panels: ReadonlyArray<Panel>
    }
  | { readonly _tag: "Place"; readonly place: Place }
  /** New, or not what it was. */
  | { readonly _tag: "Message"; readonly channelId: string; readonly shown: Message }
  | { readonly _tag: "MessageGone"; readonly channelId: string; readonly id: string }
  | { readonly _tag: "Typing"; readonly channelId: string; readonly userId: string }
  | { readonly _tag: "Interaction"; readonly interaction: Interaction }
  | { readonly _tag: "Modal"; readonly modal: Modal }
  | { readonly _tag: "ModalGone"; readonly interactionId: string }
  | { readonly _tag: "Choices"; readonly interactionId: string; readonly choices: ReadonlyArray<Choice> }
  | { readonly _tag: "Traffic"; readonly entries: ReadonlyArray<Traffic> }
  | { readonly _tag: "Faults"; readonly faults: Faults }
  | { readonly _tag: "Clock"; readonly clock: Clock }
  /** The sandbox ends. */
  | { readonly _tag: "Ended" }

/** A file that a person gives. */
export interface Upload {
  readonly name: string
  readonly contentType: string
  readonly base64: string
}

export type Value = string | number | boolean | Upload

/** What a person does. Channels, messages, people are named by their ids. */
export type Act =
  | {
      readonly _tag: "Say"
      readonly channel: string
      readonly content: string
      readonly replyTo?: string
      /** Whether a reply mentions whom it answers. Default true. */
      readonly ping?: boolean
      readonly files?: ReadonlyArray<Upload>
    }
  | { readonly _tag: "Edit"; readonly message: string; readonly content: string }
  | { readonly _tag: "Delete"; readonly message: string }
  | { readonly _tag: "React"; readonly message: string; readonly emoji: string; readonly on: boolean }
  | { readonly _tag: "Pin"; readonly message: string; readonly on: boolean }
  | { readonly _tag: "Vote"; readonly message: string; readonly answers: ReadonlyArray<number> }
  | { readonly _tag: "Type"; readonly channel: string }
  /** `command` with its subcommands: `mod ban`. */
  | {
      readonly _tag: "Slash"
      readonly channel: string
      readonly command: string
      readonly values: Readonly<Record<string, Value>>
    }
  | {
      readonly _tag: "Autocomplete"
      readonly channel: string
      readonly command: string
      readonly focused: string
      readonly values: Readonly<Record<string, Value>>
    }
  | {
      readonly _tag: "UserMenu"
      readonly channel: string
      readonly command: string
      readonly target: string
    }
  | { readonly _tag: "MessageMenu"; readonly command: string; readonly message: string }
  | { readonly _tag: "Press"; readonly message: string; readonly customId: string }
  | {
      readonly _tag: "Select"
      readonly message: string
      readonly customId: string
      readonly values: ReadonlyArray<string>
    }
  | {
      readonly _tag: "Submit"
      readonly interactionId: string
      readonly fields: Readonly<
        Record<string, string | boolean | ReadonlyArray<string> | ReadonlyArray<Upload>>
      >
    }
  | { readonly _tag: "Dismiss"; readonly interactionId: string }
  | {
      readonly _tag: "Thread"
      readonly channel: string
      readonly name: string
      /** The message that it starts from. */
      readonly message?: string
      readonly private?: boolean
      /** Of a forum: the first message, and the ids of tags. */
      readonly content?: string
      readonly tags?: ReadonlyArray<string>
      readonly files?: ReadonlyArray<Upload>
    }
  /** Comes into a thread or leaves it; `person` brings somebody else, or takes them out. */
  | { readonly _tag: "ThreadMember"; readonly thread: string; readonly person?: string; readonly on: boolean }
  | { readonly _tag: "Status"; readonly status: Status }
  | { readonly _tag: "Directs"; readonly closed: boolean }
  /** By its id, or by the code of an invite (then `guild` does not count). */
  | { readonly _tag: "Join"; readonly guild: string; readonly invite?: string }
  | { readonly _tag: "Leave"; readonly guild: string }
  /** A new person, who is in no guild yet. */
  | { readonly _tag: "Person"; readonly name: string }
  /** `null` takes the plan back. */
  | { readonly _tag: "Plan"; readonly plan: string | null }
  /** A single rule, once. */
  | { readonly _tag: "Fault"; readonly rule: string }
  | { readonly _tag: "Advance"; readonly millis: number }

export interface Done {
  /** The interaction that was started. */
  readonly interaction?: string
  /** The message that was sent. */
  readonly message?: string
  /** The thread that was started. */
  readonly channel?: string
  /** The person who was made. */
  readonly person?: string
}

export interface Refused {
  /** For the person: what, and what to do. */
  readonly error: string
}

export interface History {
  /** Oldest first. */
  readonly messages: ReadonlyArray<Message>
  /** Whether there are older ones. */
  readonly more: boolean
}

export interface Offered {
  readonly commands: ReadonlyArray<APIApplicationCommand>
}
