/**
 * Waits by what they wait for.
 *
 * A wait stands in one list: that of the most specific ids it gives, among those for its event. An event looks
 * into the lists that its own ids name, at most one for each shape that there are waits of, and goes through them
 * in the order in which the waits came. Every list and map is there only while something is in it.
 *
 * Drawback: many waits that give the same ids and differ only in their `where` are asked one after the other.
 *
 * @module
 */
import * as Keys from "./Keys.js"
import type { Key } from "./Waits.js"

/** A place in a list. */
export class Link<A> {
  previous: Link<A> = this
  next: Link<A> | undefined
  /** The next place of the same member, in another list. */
  also: Link<A> | undefined
  constructor(
    readonly value: A,
    readonly key: string,
    public lists: Lists<A> | undefined,
  ) {}
}

/** Lists by a key. Adding and taking out cost the same however long they are. */
export class Lists<A> {
  /** The first of each list, whose `previous` is the last. */
  private readonly heads = new Map<string, Link<A>>()

  isEmpty(): boolean {
    return this.heads.size === 0
  }
  first(key: string): Link<A> | undefined {
    return this.heads.get(key)
  }
  add(key: string, value: A): Link<A> {
    const link = new Link(value, key, this)
    const head = this.heads.get(key)
    if (head === undefined) this.heads.set(key, link)
    else {
      link.previous = head.previous
      head.previous.next = link
      head.previous = link
    }
    return link
  }
  /** Does nothing where it was taken out before. A removed link still leads on to its next. */
  remove(link: Link<A>): void {
    if (link.lists === undefined) return
    link.lists = undefined
    const head = this.heads.get(link.key)!
    const { next } = link
    if (link !== head) {
      link.previous.next = next
      ;(next ?? head).previous = link.previous
    } else if (next === undefined) this.heads.delete(link.key)
    else {
      next.previous = link.previous
      this.heads.set(link.key, next)
    }
  }
  /** A copy, oldest first: of one list, or of all. */
  all(key?: string): Array<A> {
    const all: Array<A> = []
    const heads = key === undefined ? this.heads.values() : [this.heads.get(key)]
    for (const head of heads) for (let link = head; link !== undefined; link = link.next) all.push(link.value)
    return all
  }
}

/** What stands in an index: one of the things that a wait is for. */
export interface Member {
  readonly what: { readonly event: string; readonly by: Key }
  /** Grows from one wait to the next. */
  readonly order: number
}

export class Index<A extends Member> {
  private readonly events = new Map<string, Shapes<A>>()

  isEmpty(): boolean {
    return this.events.size === 0
  }
  /** Whether anybody waits for such an event. */
  has(event: string): boolean {
    return this.events.has(event)
  }
  /** `by`: the ids that it is found by, where that is not all it gives. */
  add(value: A, by: Key = value.what.by): Link<A> {
    const { event } = value.what
    let shapes = this.events.get(event)
    if (shapes === undefined) this.events.set(event, (shapes = shapeless()))
    const shape = shapeOf(by)
    const lists = (shapes[shape] ??= new Lists<A>())
    return lists.add(keyOf(shape, by) ?? "", value)
  }
  remove(link: Link<A>): void {
    const { lists } = link
    if (lists === undefined) return
    lists.remove(link)
    if (!lists.isEmpty()) return
    const { event } = link.value.what
    const shapes = this.events.get(event)
    if (shapes === undefined) return
    shapes[shapes.indexOf(lists)] = undefined
    if (shapes.every((one) => one === undefined)) this.events.delete(event)
  }
  /** Those that such an event may be for, in their order, until `stop` says so: then true. */
  visit(event: string, keys: Keys.Keys, stop: (value: A) => boolean): boolean {
    const shapes = this.events.get(event)
    if (shapes === undefined) return false
    const heads: Array<Link<A>> = []
    for (let shape = 0; shape < shapes.length; shape++) {
      const lists = shapes[shape]
      const key = lists === undefined ? undefined : keyOf(shape, keys)
      const head = key === undefined ? undefined : lists?.first(key)
      if (head !== undefined) heads.push(head)
    }
    while (heads.length > 0) {
      let at = 0
      for (let one = 1; one < heads.length; one++) {
        if (heads[one]!.value.order < heads[at]!.value.order) at = one
      }
      const { next, value } = heads[at]!
      if (next === undefined) heads.splice(at, 1)
      else heads[at] = next
      if (stop(value)) return true
    }
    return false
  }
  all(): Array<A> {
    return [...this.events.values()].flatMap((shapes) => shapes.flatMap((lists) => lists?.all() ?? []))
  }
}

/** One map of lists for each shape that there are waits of. */
type Shapes<A> = Array<Lists<A> | undefined>

const MESSAGE_AND_USER = 0
const MESSAGE = 1
const CUSTOM_ID_AND_USER = 2
const CUSTOM_ID = 3
const CHANNEL_AND_USER = 4
const CHANNEL = 5
const USER = 6
const GUILD = 7
const ANY = 8

const shapeless = <A>(): Shapes<A> => Array.from({ length: ANY + 1 }, () => undefined)

/** The most specific ids that are given. */
const shapeOf = (by: Key): number => {
  // Many messages may share a custom id, and hardly the other way round.
  if (by.messageId !== undefined) return by.userId === undefined ? MESSAGE : MESSAGE_AND_USER
  if (by.customId !== undefined) return by.userId === undefined ? CUSTOM_ID : CUSTOM_ID_AND_USER
  if (by.channelId !== undefined) return by.userId === undefined ? CHANNEL : CHANNEL_AND_USER
  if (by.userId !== undefined) return USER
  return by.guildId === undefined ? ANY : GUILD
}

/** Where something with these ids stands in a shape; undefined where it lacks one. */
const keyOf = (shape: number, ids: Key): string | undefined => {
  switch (shape) {
    case MESSAGE_AND_USER:
      return ofUser(ids.messageId, ids.userId)
    case MESSAGE:
      return ids.messageId
    case CUSTOM_ID_AND_USER:
      return ofUser(baseOf(ids.customId), ids.userId)
    case CUSTOM_ID:
      return baseOf(ids.customId)
    case CHANNEL_AND_USER:
      return ofUser(ids.channelId, ids.userId)
    case CHANNEL:
      return ids.channelId
    case USER:
      return ids.userId
    case GUILD:
      return ids.guildId
    default:
      return ""
  }
}

const ofUser = (id: string | undefined, userId: string | undefined): string | undefined =>
  id === undefined || userId === undefined ? undefined : `${id} ${userId}`

const baseOf = (customId: string | undefined): string | undefined =>
  customId === undefined ? undefined : Keys.baseOf(customId)
