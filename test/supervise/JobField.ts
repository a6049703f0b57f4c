import { Effect, Layer } from "effect"
import * as Alarm from "../../src/supervise/Alarm.js"
import * as Jobs from "../../src/supervise/Jobs.js"
import * as JobStore from "../../src/supervise/JobStore.js"
import * as Supervisor from "../../src/supervise/Supervisor.js"
import * as Timers from "../../src/supervise/Timers.js"

/** What jobs need, with a store that the test may keep over restarts. */
export const services = (store: JobStore.JobStore) =>
  Layer.mergeAll(Alarm.layer, Jobs.layer, Layer.succeed(JobStore.JobStore, store)).pipe(
    Layer.provideMerge(Supervisor.layer({ warnAfter: "1000 days" })),
    Layer.provide(Timers.layer),
  )

/** One life of a bot with its jobs, which are ready at once; its end is that of the program. */
export const life = <A, E, R, RIn>(
  jobs: Layer.Layer<R, never, RIn>,
  program: Effect.Effect<A, E, R | Jobs.Jobs | Alarm.Alarm | Supervisor.Supervisor>,
  store: JobStore.JobStore,
) =>
  Effect.scoped(
    Effect.flatMap(Layer.build(Layer.provideMerge(jobs, services(store))), (context) =>
      Effect.provide(
        Effect.flatMap(Jobs.Jobs, ({ begin }) => Effect.zipRight(begin, program)),
        context,
      ),
    ),
  )
