/**
 * What may differ from the description, each with the reason why. Everything else that differs fails the test.
 *
 * @module
 */

/** One kind of difference that is no fault. */
export interface Exception {
  /** How the path ends: `user.flags`, with `*` for any one step. */
  readonly path: string
  /** Only in this operation (`GET /users/@me`) or event; everywhere where it is absent. */
  readonly where?: string
  readonly why: string
}

export const exceptions: ReadonlyArray<Exception> = [
  {
    where: "GET /guilds/{guild_id}/threads/active",
    path: "has_more",
    why: 'Discord Developer Docs, "List Active Guild Threads": threads and members, all of them at once.',
  },
  {
    where: "POST /channels/{channel_id}/threads",
    path: "message",
    why: 'Discord Developer Docs, "Start Thread in Forum or Media Channel": a channel with a nested message object.',
  },
  {
    path: "message_reference.type",
    why: 'Discord Developer Docs, "Message Reference Types": 1 is what was forwarded.',
  },
]

/** Routes that Discord has and its description has not, by their name in the sandbox's table. */
export const undescribed: Readonly<Record<string, string>> = {
  "GET /applications/:app/skus": 'Discord Developer Docs, "SKU", "List SKUs".',
}
