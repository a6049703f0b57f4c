/**
 * What comes of people and of the gateway alone, and of no route.
 *
 * @module
 */
import { Effect } from "effect"
import * as Channels from "../../../../src/sandbox/world/Channels.js"
import * as Guilds from "../../../../src/sandbox/world/Guilds.js"
import * as Members from "../../../../src/sandbox/world/Members.js"
import * as Permissions from "../../../../src/sandbox/world/Permissions.js"
import * as Presences from "../../../../src/sandbox/world/Presences.js"
import * as InProcess from "../../InProcess.js"
import type { Stop } from "./Guide.js"

const newcomers: Stop = ({ cleo, guild, world }) =>
  Effect.sync(() => {
    const eve = Guilds.addUser(world, { username: "eve" })
    Members.join(world, guild, eve.id)
    Presences.set(world, eve.id, "idle", [{ name: "Chess", type: 0 }])
    Presences.set(world, cleo.user.id, "dnd")
    Members.leave(world, guild, eve.id)
  })

const votes: Stop = ({ cleo, go, in: below }) =>
  Effect.gen(function* () {
    const { id } = yield* go("POST", below("/messages"), {
      poll: {
        question: { text: "Sail?" },
        answers: [{ poll_media: { text: "Aye" } }, { poll_media: { text: "Nay", emoji: { name: "👎" } } }],
      },
    })
    yield* cleo.vote(id, [1])
    yield* go("GET", below(`/polls/${id}/answers/1`))
    yield* cleo.vote(id, [])
    yield* go("GET", below(`/messages/${id}`))
  })

const access: Stop = ({ bot, general, go, guild, in: below, world }) =>
  Effect.gen(function* () {
    yield* go("POST", below("/threads"), { name: "deck", type: 11 })
    // An administrator sees everything.
    for (const role of guild.roles.values()) role.permissions &= ~Permissions.Bit.Administrator
    const view = { id: bot, type: 1 as const, allow: 0n, deny: Permissions.Bit.ViewChannel }
    Channels.setOverwrite(world, general, view)
    Channels.setOverwrite(world, general, { ...view, allow: view.deny, deny: 0n })
  })

const gateway: Stop = ({ connection, follow, guild, sandbox }) =>
  Effect.gen(function* () {
    const all = { guild_id: guild.id, query: "", limit: 0, presences: true, nonce: "n" }
    connection.sendOp(8, all)
    connection.sendOp(8, { guild_id: guild.id, user_ids: ["100000000000000001"] })
    connection.sendOp(8, all)
    yield* InProcess.settle
    const ready = connection.events().find(({ t }) => t === "READY")
    sandbox.faults.dropSockets()
    const again = follow()
    const seq = connection.events().length
    again.sendOp(6, { token: "any", session_id: ready?.d["session_id"], seq })
    yield* InProcess.settle
  })

export const stops: Readonly<Record<string, Stop>> = { newcomers, votes, access, gateway }
