import { Data, Effect, Ref, Schedule } from "effect"
import * as Job from "../../src/supervise/Job.js"
class Busy extends Data.TaggedError("Busy") {}
class Broken extends Data.TaggedError("Broken") {}
declare const tries: Ref.Ref<number>
declare const eff: Effect.Effect<void, Busy | Broken>
export const a = Job.define({ name: "a", every: { fixed: 1 }, retry: { tags: ["Busy"] }, run: eff })
export const b = Job.define({ name: "a", every: { fixed: 1 }, retry: { tags: ["Busy"], schedule: Schedule.recurs(5) }, run: eff })
export const c = Job.define({ name: "a", every: { fixed: 1 }, retry: { tags: ["Busy"] }, run: Effect.flatMap(Ref.get(tries), (n): Effect.Effect<void, Busy | Broken> => n === 1 ? Effect.void : eff) })
export const d = Job.define({ name: "a", every: { fixed: 1 }, run: Effect.flatMap(Ref.get(tries), (n): Effect.Effect<void, Busy | Broken> => n === 1 ? Effect.void : eff), retry: { tags: ["Busy"] } })
export const e = Job.define({ name: "a", every: { fixed: 1 }, run: () => eff, retry: { tags: ["Busy"] } })
export const f = Job.define({ name: "a", every: { fixed: 1 }, run: (o) => o.dueAt === 1 ? Effect.void : eff, retry: { tags: ["Busy"] } })
export const g = Job.define({ name: "a", every: { fixed: 1 }, retry: { tags: ["Busy"] }, run: (o) => o.dueAt === 1 ? Effect.void : eff })
export const h = Job.define({ name: "a", every: { fixed: 1 }, retry: { tags: ["Busy"] }, after: (x) => Effect.log(x), run: Effect.gen(function* () { yield* eff }) })
export const i = Job.define({ name: "a", every: { fixed: 1 }, retry: { tags: ["Busy"], schedule: Schedule.recurs(5) }, run: Effect.flatMap(Ref.get(tries), (n): Effect.Effect<void, Busy | Broken> => n === 1 ? Effect.void : eff) })
export const j = Job.define({ name: "a", every: { fixed: 1 }, run: Effect.flatMap(Ref.get(tries), (n): Effect.Effect<void, Busy | Broken> => n === 1 ? Effect.void : eff), retry: { tags: ["Busy"], schedule: Schedule.recurs(5) } })
export const k = Job.define({ name: "a", every: { fixed: 1 }, retry: { tags: ["Busy"], schedule: Schedule.recurs(5) }, run: Effect.flatMap(Ref.get(tries), (n) => n === 1 ? Effect.void : eff) })
export const l = Job.define({ name: "a", every: { fixed: 1 }, retry: { tags: ["Bsy"], schedule: Schedule.recurs(5) }, run: eff })
export const p = (m: typeof a) => Job.layer(m)
const q = Job.retryOn(a, "Broken")
export const r = Job.layer(q)
// @ts-expect-error -- no
Job.retryOn(a, "Broke")
