/**
 * The place of a window, in its URL: `?as=PERSON#/guild/channel`, `#/@me/channel` for direct messages. So a reload
 * keeps it, back and forward go through it, and a link opens it.
 *
 * @module
 */

export interface Address {
  readonly guildId: string | null
  readonly channelId: string | null
}

/** Who one is by the URL. */
export const as = (): string => new URLSearchParams(location.search).get("as") ?? ""

export const read = (): Address => {
  const [, guildId = "", channelId = ""] = location.hash.slice(1).split("/")
  return {
    guildId: guildId === "" || guildId === "@me" ? null : guildId,
    channelId: channelId === "" ? null : channelId,
  }
}

/** The link to a place. */
export const href = ({ guildId, channelId }: Address): string => `#/${guildId ?? "@me"}/${channelId ?? ""}`

/** The link to this place as somebody else. */
export const hrefAs = (personId: string): string =>
  `${location.pathname}?${new URLSearchParams({ as: personId }).toString()}${location.hash}`

/** Makes the URL say where one is. The first place of a window, and one that is no more, leave nothing to go back to. */
export const write = (personId: string, place: Address, replace: boolean): void => {
  const url = `${location.pathname}?${new URLSearchParams({ as: personId }).toString()}${href(place)}`
  if (url === `${location.pathname}${location.search}${location.hash}`) return
  history[replace ? "replaceState" : "pushState"](null, "", url)
}

/** Tells of back, forward, and links. */
export const follow = (moved: (place: Address) => void): void => {
  addEventListener("popstate", () => moved(read()))
}
