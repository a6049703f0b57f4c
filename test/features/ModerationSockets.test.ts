import { expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import * as Deploy from "../../src/command/Deploy.js"
import * as GuildStore from "../../src/features/guild/Store.js"
import * as ReportLines from "../../src/features/guild/ReportLines.js"
import * as Retention from "../../src/features/guild/Retention.js"
import * as Stored from "../../src/features/guild/Stored.js"
import * as Moderation from "../../src/features/moderation/Moderation.js"
import * as CaseStore from "../../src/features/moderation/Store.js"
import * as Database from "../../src/resource/Database.js"
import * as Http from "../../src/resource/Http.js"
import * as RateStore from "../../src/resource/RateStore.js"
import * as Sandbox from "../../src/sandbox/Sandbox.js"
import * as Harbour from "../bot/Harbour.js"
import * as Field from "./Field.js"
import { strangers } from "./ModerationField.js"

const features = Moderation.layer.pipe(
  Layer.provide(CaseStore.layer),
  Layer.provide(GuildStore.layer),
  Layer.provide(Database.layerMemory),
  Layer.provide(Layer.mergeAll(Stored.layer, Retention.layer, ReportLines.layer)),
  Layer.provide(Layer.provide(Http.layer(), RateStore.layerMemory)),
)

it.live("a mass ban over sockets reads its file, and bans everybody in it", () =>
  Effect.gen(function* () {
    yield* Deploy.apply()
    const sandbox = yield* Sandbox.Sandbox
    const guild = [...sandbox.world.guilds.values()][0]!
    const ada = yield* Field.person(sandbox, "ada")
    const ids = strangers(sandbox.world, 450)
    const bytes = new TextEncoder().encode(`\uFEFF${ids.join("\r\n")}\r\n`)
    yield* ada.actor.slash("general", "massban", {
      file: { name: "raid list.txt", contentType: "text/plain; charset=utf-8", bytes },
      reason: "Überfall",
    })
    yield* ada.press("general", "Ban 450 people?", "Ban them")
    yield* ada.sees("general", "Banned: 450")
    expect([...guild.bans.keys()].toSorted()).toEqual(ids.toSorted())
    expect(guild.bans.get(ids[0] ?? "")?.reason).toBe("ada: Überfall")
    yield* ada.sees("mod-log", "Case 1: mass ban")
    expect(yield* ada.run("kick", { user: "dan", reason: "Loud" })).toContain("was kicked. This is case 2.")
  }).pipe(Effect.provide(Harbour.overSockets(features))),
)
