/**
 * Things of a guild by their id (or code), which are gone with it.
 *
 * @module
 */
import type { Guild } from "../model/Model.js"

export class PerGuild<A> {
  private readonly families = new WeakMap<Guild, Map<string, A>>()

  /** The things of one guild, in the order of their making. */
  of(guild: Guild): Map<string, A> {
    const known = this.families.get(guild)
    if (known !== undefined) return known
    const made = new Map<string, A>()
    this.families.set(guild, made)
    return made
  }
}
