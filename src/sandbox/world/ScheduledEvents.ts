/**
 * What a guild has planned: events with a time and a place, and the people who are interested.
 *
 * An event goes from scheduled (1) to under way (2) to over (3), or from scheduled to called off (4); whoever makes
 * it says when: nothing starts or ends by itself. At most 100 of a guild are scheduled or under way; of those that
 * are over the newest 100 can still be looked at.
 *
 * @module
 */
import * as ApiError from "../model/ApiError.js"
import * as AuditLog from "./AuditLog.js"
import type { Guild, Json, ScheduledEvent } from "../model/Model.js"
import * as Pictures from "./Pictures.js"
import * as Permissions from "./Permissions.js"
import * as ScheduledEventForm from "../form/ScheduledEventForm.js"
import { iso } from "../model/Time.js"
import * as Wire from "./Wire.js"
import type { World } from "./World.js"

const { Bit } = Permissions

/** Discord: events of a guild that are not over. */
export const most = 100

const isOver = ({ status }: ScheduledEvent): boolean => status > 2

/** The events of a guild that are not over, in the order of their making. */
export const list = (world: World, guild: Guild): ReadonlyArray<ScheduledEvent> =>
  [...world.scheduledEvents.of(guild).values()].filter((one) => !isOver(one))

/** Refuses with 10070 where the guild has no such event. */
export const get = (world: World, guild: Guild, id: string): ScheduledEvent => {
  const event = world.scheduledEvents.of(guild).get(id)
  if (event === undefined) throw ApiError.unknownScheduledEvent()
  return event
}

/** Makes an event as the bot. */
export const create = (world: World, guild: Guild, body: Json, reason: string | null): ScheduledEvent => {
  const { image, ...draft } = ScheduledEventForm.read(body, world.now())
  place(world, guild, draft)
  if (list(world, guild).length >= most) throw ApiError.tooManyScheduledEvents()
  const id = world.id()
  const event: ScheduledEvent = {
    ...draft,
    id,
    image: Pictures.change(world, Pictures.events({ id }), null, image),
    guildId: guild.id,
    creatorId: world.bot.id,
    status: 1,
    users: new Set(),
  }
  world.scheduledEvents.of(guild).set(event.id, event)
  AuditLog.note(world, guild, AuditLog.Action.GuildScheduledEventCreate, event.id, reason, {
    changes: AuditLog.changes(null, wire(world, event, { creator: false })),
  })
  tell(world, "GUILD_SCHEDULED_EVENT_CREATE", event)
  return event
}

/** Changes what the body names, the status among it. One that is over is refused with 180000. */
export const change = (
  world: World,
  guild: Guild,
  event: ScheduledEvent,
  body: Json,
  reason: string | null,
): void => {
  if (isOver(event)) throw ApiError.eventFinished()
  const { image, ...draft } = ScheduledEventForm.read(body, world.now(), event)
  // Where it is to be already, nobody asks again: that may be gone.
  if (draft.channelId !== event.channelId || draft.entityType !== event.entityType) place(world, guild, draft)
  const before = wire(world, event, { creator: false })
  Object.assign(event, draft)
  event.image = Pictures.change(world, Pictures.events(event), event.image, image)
  const changes = AuditLog.changes(before, wire(world, event, { creator: false }))
  AuditLog.note(world, guild, AuditLog.Action.GuildScheduledEventUpdate, event.id, reason, { changes })
  tell(world, "GUILD_SCHEDULED_EVENT_UPDATE", event)
  const all = world.scheduledEvents.of(guild)
  for (const old of [...all.values()].filter(isOver).slice(0, -most)) forget(world, guild, old)
}

const forget = (world: World, guild: Guild, event: ScheduledEvent): void => {
  world.scheduledEvents.of(guild).delete(event.id)
  Pictures.change(world, Pictures.events(event), event.image, null)
}

export const remove = (world: World, guild: Guild, event: ScheduledEvent, reason: string | null): void => {
  forget(world, guild, event)
  AuditLog.note(world, guild, AuditLog.Action.GuildScheduledEventDelete, event.id, reason, {
    changes: AuditLog.changes(wire(world, event, { creator: false }), null),
  })
  tell(world, "GUILD_SCHEDULED_EVENT_DELETE", event)
}

/** A member says that they are interested, or not any more. Without a change nothing is told. */
export const interest = (
  world: World,
  guild: Guild,
  eventId: string,
  userId: string,
  interested: boolean,
): void => {
  const event = get(world, guild, eventId)
  world.member(guild, userId)
  if (isOver(event)) throw ApiError.eventFinished()
  if (event.users.has(userId) === interested) return
  if (interested) event.users.add(userId)
  else event.users.delete(userId)
  world.emit({
    type: interested ? "GUILD_SCHEDULED_EVENT_USER_ADD" : "GUILD_SCHEDULED_EVENT_USER_REMOVE",
    guildId: guild.id,
    data: () => ({ guild_scheduled_event_id: event.id, user_id: userId, guild_id: guild.id }),
  })
}

export const wire = (
  world: World,
  one: ScheduledEvent,
  options: { readonly count?: boolean; readonly creator?: boolean } = {},
): Json => ({
  id: one.id,
  guild_id: one.guildId,
  channel_id: one.channelId,
  creator_id: one.creatorId,
  ...(options.creator === false ? {} : { creator: Wire.user(world.user(one.creatorId)) }),
  name: one.name,
  description: one.description,
  image: one.image,
  scheduled_start_time: iso(one.startsAt),
  scheduled_end_time: one.endsAt === null ? null : iso(one.endsAt),
  privacy_level: 2,
  status: one.status,
  entity_type: one.entityType,
  entity_id: null,
  entity_metadata: one.location === null ? null : { location: one.location },
  recurrence_rule: one.recurrence,
  guild_scheduled_event_exceptions: [],
  ...(options.count === true ? { user_count: one.users.size } : {}),
})

/** The events of a guild as GUILD_CREATE shows them. */
export const inGuildCreate = (world: World, guild: Guild): ReadonlyArray<Json> =>
  list(world, guild).map((one) => wire(world, one, { count: true, creator: false }))

/** Refuses a channel that is not there (10003), cannot be seen (50001) or is of another kind (50024). */
const place = (world: World, guild: Guild, draft: ScheduledEventForm.Draft): void => {
  if (draft.channelId === null) return
  const channel = world.channel(draft.channelId)
  if (channel.guildId !== guild.id) throw ApiError.unknownChannel()
  if (channel.type !== (draft.entityType === 1 ? 13 : 2)) throw ApiError.wrongChannelType()
  const wanted = Bit.ViewChannel | Bit.Connect
  const stage = Bit.ManageChannels | Bit.MuteMembers | Bit.MoveMembers
  world.needIn(channel, draft.entityType === 1 ? wanted | stage : wanted)
}

const tell = (world: World, type: string, event: ScheduledEvent): void =>
  world.emit({ type, guildId: event.guildId, data: () => wire(world, event) })
