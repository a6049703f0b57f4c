import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { eventsIn } from "../../../scripts/SandboxRoutes.js"
import { routes } from "../../../src/sandbox/rest/Rest.js"
import * as Sandbox from "../../../src/sandbox/Sandbox.js"
import * as Conformance from "./Conformance.js"
import { exceptions, undescribed } from "./Exceptions.js"
import * as Spec from "./Spec.js"
import * as Applications from "./tour/Applications.js"
import * as Community from "./tour/Community.js"
import * as Guide from "./tour/Guide.js"
import * as Guilds from "./tour/Guilds.js"
import * as Interactions from "./tour/Interactions.js"
import * as Messages from "./tour/Messages.js"
import * as People from "./tour/People.js"

const stops = {
  ...Applications.stops,
  ...Guilds.stops,
  ...Messages.stops,
  ...Interactions.stops,
  ...Community.stops,
  ...People.stops,
}

const root = new URL("../../../", import.meta.url)

// In this order: the tour first, then what it came by.
describe("a tour over every route", () => {
  for (const [name, stop] of Object.entries(stops)) {
    it.scoped(name, () =>
      Effect.flatMap(Guide.make, stop).pipe(Effect.provide(Sandbox.layer({ rateLimits: false }))),
    )
  }

  it("misses none", () => {
    expect(Guide.missed()).toEqual([])
  })

  it("hears every event that the sandbox has", () => {
    const unheard = eventsIn(root).filter((name) => !Guide.events().has(name))
    expect(unheard).toEqual([])
  })

  it("needs every exception", () => {
    expect(exceptions.filter((one) => !Conformance.used.has(one))).toEqual([])
  })

  it("has each route once", () => {
    const names = routes.map(Guide.nameOf)
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([])
  })

  it("has only routes that Discord has", () => {
    const strange = routes.filter(({ method, pattern }) => Spec.operation(method, pattern) === undefined)
    expect(strange.map(Guide.nameOf).toSorted()).toEqual(Object.keys(undescribed).toSorted())
  })
})
