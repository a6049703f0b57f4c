/**
 * What answers a call that is traced: its acknowledgement and every call after it are spans of the trace.
 *
 * @module
 */
import { Context, Exit, Runtime } from "effect"
import type * as InteractionResponse from "../interaction/InteractionResponse.js"
import * as Tracing from "../observe/Tracing.js"
import * as Route from "../rest/Route.js"

/** The edge for the response of one call. `onAcknowledged` is called when Discord has the first response, or not. */
export const edge = (
  edge: InteractionResponse.Edge,
  trace: Tracing.Trace,
  onAcknowledged: (failed: string | undefined) => void = () => {},
): InteractionResponse.Edge => ({
  ...edge,
  runtime: Runtime.make({
    ...edge.runtime,
    context: Context.add(edge.runtime.context, Tracing.CurrentTrace, trace),
  }),
  rest: {
    ...edge.rest,
    acknowledge: (path, body, done) => {
      const span = trace.request(Route.parse("POST", path).template)
      const stop = edge.rest.acknowledge(path, body, (error) => {
        trace.close(span, error === null ? Exit.void : Exit.fail(error))
        onAcknowledged(error?._tag)
        done(error)
      })
      return () => {
        stop()
        trace.close(span, Exit.fail("given up"))
        onAcknowledged("given up")
      }
    },
  },
})
