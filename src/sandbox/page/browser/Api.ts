/**
 * Requests to the sandbox, as one person. A failed one is a `Refused` with a sentence for the person; none rejects.
 *
 * @module
 */
import type * as Protocol from "../Protocol.js"

export interface Api {
  readonly act: (act: Protocol.Act) => Promise<Protocol.Done | Protocol.Refused>
  /** Up to 50 messages: the newest, or those before one. */
  readonly history: (
    channelId: string,
    before: string | undefined,
  ) => Promise<Protocol.History | Protocol.Refused>
  readonly commands: (channelId: string) => Promise<Protocol.Offered | Protocol.Refused>
}

/** `as` gives who one is at the time of the request. */
export const make = (as: () => string): Api => {
  const url = (path: string, query: Readonly<Record<string, string>>) =>
    `${path}?${new URLSearchParams({ as: as(), ...query }).toString()}`
  return {
    act: (act) =>
      ask(url("/page/act", {}), {
        method: "POST",
        headers: { "content-type": "application/json", "x-sandbox-page": "1" },
        body: JSON.stringify(act),
      }),
    history: (channel, before) =>
      ask(url("/page/messages", before === undefined ? { channel } : { channel, before }), {}),
    commands: (channel) => ask(url("/page/commands", { channel }), {}),
  }
}

export const isRefused = (answer: object): answer is Protocol.Refused => "error" in answer

const ask = async <A extends object>(url: string, init: RequestInit): Promise<A | Protocol.Refused> => {
  let status = 0
  try {
    const response = await fetch(url, { credentials: "same-origin", ...init })
    status = response.status
    const body = (await response.json()) as A | Protocol.Refused
    return response.ok || isRefused(body) ? body : { error: `The sandbox answered ${status}.` }
  } catch {
    return {
      error:
        status === 0
          ? "The sandbox does not answer. Is it still running?"
          : `The sandbox answered ${status}.`,
    }
  }
}
