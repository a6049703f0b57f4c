/**
 * What can be seen from outside while the bot runs: its messages, as they came and were changed; which sessions
 * Discord has ended; and what has reached the bot's socket.
 */
import type { Json, Message } from "../../src/sandbox/model/Model.js"
import type * as Kit from "../../src/testing/Kit.js"
import * as Screen from "../../src/testing/Screen.js"

/** One message of the bot's, also one that is gone. */
export interface Seen {
  /** As it was last. */
  readonly message: Message
  readonly shownAt: number
  /** When it was edited, or deleted. */
  readonly changedAt: ReadonlyArray<number>
  /** When it was deleted; Infinity where it is there. */
  readonly goneAt: number
  /** Whether it is a question, live or closed. */
  readonly isQuestion: boolean
}

export interface Witness {
  readonly seen: () => ReadonlyArray<Seen>
  /** Whether a message was a question once. */
  readonly wasQuestion: (messageId: string) => boolean
  /** Whether what happened then did not have to reach the bot, since Discord ended the session that it belonged to. */
  readonly isExcused: (at: number) => boolean
  /** Sessions that the bot has begun although it could have gone on with the former one. */
  readonly givenUp: () => ReadonlyArray<string>
  /**
   * Ids of the interactions and messages whose events have reached the bot. What comes on a socket behind a broken
   * frame, or after Discord has told the bot to leave it, is read by nobody: it comes again when the session is
   * resumed.
   */
  readonly arrived: () => ReadonlySet<string>
  /** Who has come, as the bot was told. */
  readonly joins: () => ReadonlyArray<Join>
  /** Ids of those who went, or were put out, once for each time. */
  readonly departures: () => ReadonlyArray<string>
}

/** Looks at all that the bot is sent. */
export interface Look {
  readonly event: (type: string, data: unknown) => void
  /** `path` is below the version. */
  readonly answer: (method: string, path: string, status: number, body: unknown) => void
}

export interface Join {
  readonly userId: string
  /** Virtual milliseconds. */
  readonly at: number
}

/** Discord: after these a session is over. */
const ENDS = new Set([4003, 4007, 4009])
/** What somebody waits for an answer to. */
const CREATED = new Set(["INTERACTION_CREATE", "MESSAGE_CREATE"])
/** The sandbox keeps a session so long for its bot. */
const WINDOW = 5 * 60_000

interface Begin {
  readonly at: number
  readonly isNew: boolean
  readonly isDue: boolean
}

/** Watches from now on. */
export const make = (kit: Kit.Kit, look?: Look): Witness => {
  const { gateway, handle, world } = kit.sandbox
  const messages = new Map<
    string,
    { -readonly [K in keyof Seen]: Seen[K] } & { opening: string | undefined }
  >()
  const questions = new Set<string>()
  world.onSight((sight) => {
    if (sight._tag !== "MessageShown" && sight._tag !== "MessageEdited" && sight._tag !== "MessageDeleted")
      return
    const { message } = sight
    if (message.authorId !== world.bot.id) return
    const opening = Screen.opening(message)
    const asks = Screen.waited(message).length > 0
    if (asks) questions.add(message.id)
    const known = messages.get(message.id)
    if (known === undefined) {
      const shownAt = world.now()
      messages.set(message.id, {
        message,
        shownAt,
        changedAt: [],
        goneAt: Infinity,
        isQuestion: asks,
        opening,
      })
      return
    }
    known.message = message
    known.changedAt = [...known.changedAt, world.now()]
    if (sight._tag === "MessageDeleted") known.goneAt = world.now()
    // Closed, it still begins with the question.
    known.isQuestion = asks || (known.isQuestion && known.opening === opening)
    if (asks) known.opening = opening
  })

  const departures: Array<string> = []
  world.onEvent(({ data, type }) => {
    if (type === "GUILD_MEMBER_REMOVE") departures.push(String((data()["user"] as Json)["id"]))
  })

  const begins: Array<Begin> = []
  let lastFrameAt = world.now()
  let session: string | undefined
  let isLost = false
  let hasLeft = false
  const onFrame = (text: string) => {
    const now = world.now()
    if (now - lastFrameAt > WINDOW) isLost = true
    lastFrameAt = now
    if (text.startsWith('{"op":9,') && text.includes('"d":false')) isLost = true
    const isNew = text.startsWith('{"op":0,"t":"READY"')
    if (!isNew && !text.startsWith('{"op":0,"t":"RESUMED"')) return
    // Events may come twice.
    const begun = /"session_id":"([^"]+)"/u.exec(text)?.[1]
    if (isNew && begun === session) return
    session = begun ?? session
    begins.push({ at: now, isNew, isDue: isLost && !hasLeft })
    isLost = false
    hasLeft = false
  }
  const arrived = new Set<string>()
  /** By person and time: an event may come twice. */
  const joins = new Map<string, Join>()
  type Peer = Parameters<typeof gateway.accept>[0]
  const watched = (peer: Peer): Peer => {
    const { close, send } = peer
    let isRead = true
    return Object.assign(peer, {
      send: (text: string) => {
        onFrame(text)
        const frame = parsed<Frame>(text)
        if (frame?.op === 0 && frame.t !== undefined) look?.event(frame.t, frame.d)
        if (frame === undefined || frame.op === 7 || frame.op === 9) isRead = false
        else if (isRead && CREATED.has(frame.t ?? "")) arrived.add(frame.d.id)
        else if (isRead && frame.t === "GUILD_MEMBER_ADD") {
          const userId = frame.d.user?.id ?? ""
          joins.set(`${userId} ${frame.d.joined_at}`, { userId, at: world.now() })
        }
        send(text)
      },
      close: (code: number, reason: string) => {
        if (ENDS.has(code)) isLost = true
        close(code, reason)
      },
    })
  }
  gateway.forEachConnection(({ peer }) => watched(peer))
  const accept = gateway.accept.bind(gateway)
  const closed = gateway.closed.bind(gateway)
  Object.assign(gateway, {
    accept: (...[peer, query, url]: Parameters<typeof accept>) => accept(watched(peer), query, url),
    closed: (...[connection, code]: Parameters<typeof closed>) => {
      // The bot's own end: Discord then knows the session no more.
      if ((code === 1000 || code === 1001) && connection.session !== null) hasLeft = true
      closed(connection, code)
    },
  })

  Object.assign(kit.sandbox, {
    handle: (...[request, onResponse]: Parameters<typeof handle>) =>
      handle(request, (response) => {
        const path = request.path.replace(/^\/api\/v10/u, "")
        look?.answer(
          request.method,
          path,
          response.status,
          parsed(Buffer.from(response.body).toString()) ?? null,
        )
        onResponse(response)
      }),
  })

  return {
    seen: () => [...messages.values()],
    wasQuestion: (id) => questions.has(id),
    isExcused: (at) => {
      // At the very moment of a resumption it may have happened before or after that.
      const next = [begins.find((begin) => begin.at >= at), begins.find((begin) => begin.at > at)]
      return next.some((begin) => begin?.isNew === true && begin.isDue)
    },
    givenUp: () =>
      begins
        .filter(({ isDue, isNew }) => isNew && !isDue)
        .map(({ at }) => `the session that could be resumed was given up by ${at}`),
    arrived: () => arrived,
    joins: () => [...joins.values()],
    departures: () => departures,
  }
}

interface Frame {
  readonly op: number
  readonly t?: string
  readonly d: { readonly id: string; readonly joined_at?: string; readonly user?: { readonly id: string } }
}

const parsed = <A>(text: string): A | undefined => {
  try {
    return JSON.parse(text) as A
  } catch {
    return undefined
  }
}
