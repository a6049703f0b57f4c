import { Schema } from "effect"
import * as Offload from "bosun/Offload"

/** What goes over to the thread, and what comes back. The work itself is in a file that only the thread loads. */
export const primes = Offload.task("primes", {
  file: new URL("./Primes.worker.js", import.meta.url),
  input: Schema.Number.pipe(Schema.int(), Schema.between(0, 5_000_000)),
  output: Schema.Number,
})
