/**
 * Routes of what a guild has planned.
 *
 * @module
 */
import { Form } from "../../form/Form.js"
import type { Guild, ScheduledEvent } from "../../model/Model.js"
import * as Permissions from "../../world/Permissions.js"
import { type Call, make, nothing, object, ok, type Route, yes } from "../Route.js"
import * as ScheduledEvents from "../../world/ScheduledEvents.js"
import * as Snowflake from "../../model/Snowflake.js"
import * as Wire from "../../world/Wire.js"

const { Bit } = Permissions
const events = "/guilds/:guild/scheduled-events" as const
const one = `${events}/:event` as const

/** The guild, for who may make events: those who manage events may, too. */
const creating = (call: Call<"guild">): Guild => {
  const guild = call.world.guild(call.params.guild)
  const held = Permissions.inGuild(guild, call.world.self(guild), call.world.now())
  if (!Permissions.has(held, Bit.CreateEvents)) call.world.need(guild, Bit.ManageEvents)
  return guild
}

/** An event that the bot may change: its own, or any where it manages events. */
const changeable = (
  call: Call<"guild" | "event">,
): { readonly guild: Guild; readonly event: ScheduledEvent } => {
  const guild = call.world.guild(call.params.guild)
  const event = ScheduledEvents.get(call.world, guild, call.params.event)
  if (event.creatorId === call.world.bot.id) creating(call)
  else call.world.need(guild, Bit.ManageEvents)
  return { guild, event }
}

export const routes: ReadonlyArray<Route> = [
  make("GET", events, (call) => {
    const guild = call.world.guild(call.params.guild)
    const options = { count: yes(call.query, "with_user_count") }
    return ok(
      ScheduledEvents.list(call.world, guild).map((each) => ScheduledEvents.wire(call.world, each, options)),
    )
  }),
  make("POST", events, (call) => {
    const event = ScheduledEvents.create(call.world, creating(call), object(call), call.reason)
    return ok(ScheduledEvents.wire(call.world, event))
  }),
  make("GET", one, (call) => {
    const event = ScheduledEvents.get(call.world, call.world.guild(call.params.guild), call.params.event)
    return ok(ScheduledEvents.wire(call.world, event, { count: yes(call.query, "with_user_count") }))
  }),
  make("PATCH", one, (call) => {
    const { event, guild } = changeable(call)
    ScheduledEvents.change(call.world, guild, event, object(call), call.reason)
    return ok(ScheduledEvents.wire(call.world, event))
  }),
  make("DELETE", one, (call) => {
    const { event, guild } = changeable(call)
    ScheduledEvents.remove(call.world, guild, event, call.reason)
    return nothing
  }),
  make("GET", `${one}/users`, (call) => {
    const guild = call.world.guild(call.params.guild)
    const event = ScheduledEvents.get(call.world, guild, call.params.event)
    const form = Form.make()
    const limit = form.at("limit").integer(call.query.get("limit") ?? undefined, 1, 100) ?? 100
    form.done()
    const before = call.query.get("before")
    const after = call.query.get("after")
    const all = [...event.users].toSorted(Snowflake.compare)
    const chosen =
      before === null
        ? all.filter((id) => after === null || Snowflake.compare(id, after) > 0).slice(0, limit)
        : all.filter((id) => Snowflake.compare(id, before) < 0).slice(-limit)
    return ok(
      chosen.map((id) => {
        const member = guild.members.get(id)
        return {
          guild_scheduled_event_id: event.id,
          user_id: id,
          response: 1,
          user: Wire.user(call.world.user(id)),
          ...(member !== undefined && yes(call.query, "with_member")
            ? { member: Wire.member(call.world, member) }
            : {}),
        }
      }),
    )
  }),
]
