/**
 * What every thread of the pool runs.
 *
 * @module
 */
import { type Answer, perform, type Request } from "./Perform.js"

/** From so many bytes on an answer is handed over rather than copied. */
const LARGE = 1024 * 1024

/** Called by the pool. */
const host = async (request: Request): Promise<unknown> => {
  const answer = await perform(request)
  return answer.ok && isLarge(answer.value) ? moved(answer, answer.value) : answer
}

export default host

/** A view of the whole of its buffer: handing that over takes nothing else along. */
const isLarge = (value: unknown): value is Uint8Array<ArrayBuffer> =>
  value instanceof Uint8Array &&
  value.byteLength >= LARGE &&
  value.buffer instanceof ArrayBuffer &&
  value.byteLength === value.buffer.byteLength

const moved = async (answer: Answer, bytes: Uint8Array<ArrayBuffer>): Promise<unknown> => {
  const { move, transferableSymbol, valueSymbol } = await import("piscina")
  return move({ [transferableSymbol]: bytes.buffer, [valueSymbol]: answer } as never)
}
