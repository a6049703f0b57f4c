/**
 * What can keep a server from welcoming its members, on one page. `userText` is what the manager is told.
 *
 * @module
 */
import { Data } from "effect"

/** The message cannot be used as it is. */
export class TemplateInvalid extends Data.TaggedError("TemplateInvalid")<{
  /** A sentence. */
  readonly reason: string
}> {
  override get message() {
    return `the message cannot be used: ${this.reason}`
  }
  get userText() {
    return `That message cannot be used. ${this.reason}`
  }
}

/** The role cannot be given to whoever joins. */
export class RoleUnusable extends Data.TaggedError("RoleUnusable")<{
  readonly roleId: string
  /**
   * `everyone`: all have it; `managed`: it belongs to an integration; `powerful`: it lets people moderate; `caller`,
   * `bot`: lacks Manage Roles, or stands below it.
   */
  readonly why: "everyone" | "managed" | "powerful" | "caller" | "bot"
}> {
  override get message() {
    return `the role ${this.roleId} cannot be given to new members (${this.why})`
  }
  get userText() {
    const role = `<@&${this.roleId}>`
    switch (this.why) {
      case "everyone":
        return "Everyone has that role already."
      case "managed":
        return `${role} belongs to an integration: nobody can give it.`
      case "powerful":
        return `${role} lets people moderate or manage the server, and whoever joins would get it. Choose one without such permissions.`
      case "caller":
        return `You could not give ${role} by hand: that takes the permission Manage Roles, and a role above it.`
      case "bot":
        return `I cannot give ${role}: I need the permission Manage Roles, and my own role has to stand above it (Server Settings → Roles).`
    }
  }
}

/** The bot may not write in the channel. */
export class ChannelUnusable extends Data.TaggedError("ChannelUnusable")<{ readonly channelId: string }> {
  override get message() {
    return `the bot may not write in the channel ${this.channelId}`
  }
  get userText() {
    return `I cannot write in <#${this.channelId}>. Let me see it and send messages there, then try again.`
  }
}

/** The server welcomes nobody. */
export class WelcomeOff extends Data.TaggedError("WelcomeOff")<{}> {
  override get message() {
    return "the server welcomes nobody"
  }
  get userText() {
    return "Nobody is welcomed here so far: `/welcome set` begins it."
  }
}

/** Some of the roles could not be given. */
export class RolesNotGiven extends Data.TaggedError("RolesNotGiven")<{
  readonly missing: ReadonlyArray<{ readonly roleId: string; readonly reason: string }>
}> {
  override get message() {
    return `not given: ${this.missing.map(({ reason, roleId }) => `${roleId} (${reason})`).join(", ")}`
  }
  get userText() {
    return this.missing.map(({ reason, roleId }) => `<@&${roleId}>: ${reason}`).join(" ")
  }
}
