/**
 * What the sandbox tells, as a stream that comes back by itself.
 *
 * A stream that breaks is opened again, with growing pauses of at most five seconds; each begins with a `Hello` that
 * says everything anew, so nothing is missed but what a stream between two says of typing. A person whom the
 * sandbox does not know any more (it was started anew) is given up for whoever it has.
 *
 * @module
 */
import type * as Protocol from "../Protocol.js"

export interface Listener {
  readonly heard: (live: Protocol.Live) => void
  /** The stream broke. */
  readonly lost: () => void
}

/** Listens as a person; the result ends it. */
export const listen = (as: string, { heard, lost }: Listener): (() => void) => {
  let person = as
  let source: EventSource | undefined
  let pause = 250
  let timer = 0
  let ended = false

  const open = () => {
    const url = `/page/live${person === "" ? "" : `?${new URLSearchParams({ as: person }).toString()}`}`
    const stream = new EventSource(url)
    source = stream
    stream.addEventListener("message", (event: MessageEvent<string>) => {
      pause = 250
      heard(JSON.parse(event.data) as Protocol.Live)
    })
    stream.addEventListener("error", () => {
      const refused = stream.readyState === EventSource.CLOSED
      stream.close()
      lost()
      void reopen(url, refused)
    })
  }
  const reopen = async (url: string, refused: boolean) => {
    // The browser does not tell what the answer was that was no stream.
    if (refused && (await isUnknown(url))) person = ""
    if (ended) return
    timer = window.setTimeout(open, pause)
    pause = Math.min(5000, pause * 2)
  }

  open()
  return () => {
    ended = true
    window.clearTimeout(timer)
    source?.close()
  }
}

const isUnknown = async (url: string): Promise<boolean> => {
  const stop = new AbortController()
  try {
    const { status } = await fetch(url, { signal: stop.signal })
    return status === 404
  } catch {
    return false
  } finally {
    stop.abort()
  }
}
