/**
 * Everything that keeps a try-out from what was asked for: on one page. `userText` is what the person is told.
 *
 * @module
 */
import { Data } from "effect"
import * as Md from "../../interaction/Md.js"
import { type Meeting, meetingText, type Status, statusText } from "./Model.js"

/** There is an open try-out of that name in the server. */
export class NameTaken extends Data.TaggedError("NameTaken")<{ readonly name: string }> {
  override get message() {
    return `there is an open try-out named ${this.name}`
  }
  get userText() {
    return Md.text`There is already an open try-out named ${this.name}.`
  }
}

/** No open try-out has that name. */
export class TryoutUnknown extends Data.TaggedError("TryoutUnknown")<{
  /** Undefined where none was given, and it is not clear which one is meant. */
  readonly name: string | undefined
  /** The names of the open ones. */
  readonly open: ReadonlyArray<string>
}> {
  override get message() {
    return `no open try-out is named ${this.name ?? "(none given)"}`
  }
  get userText() {
    if (this.open.length === 0) return "There is no open try-out at the moment."
    const names = this.open.slice(0, 10).map((name) => Md.text`${name}`)
    const there = `Open now: ${names.join(", ")}.`
    return this.name === undefined
      ? `Which one? ${there}`
      : Md.text`There is no open try-out named ${this.name}. ${Md.raw(there)}`
  }
}

/** The try-out was closed. */
export class TryoutClosed extends Data.TaggedError("TryoutClosed")<{ readonly name: string }> {
  override get message() {
    return `the try-out ${this.name} is closed`
  }
  get userText() {
    return Md.text`The try-out ${this.name} is closed.`
  }
}

/** One open application a person: this one comes first. */
export class AlreadyApplied extends Data.TaggedError("AlreadyApplied")<{
  readonly name: string
  readonly status: Status
}> {
  override get message() {
    return `there is an application for ${this.name}, ${this.status}`
  }
  get userText() {
    switch (this.status) {
      case "approved":
        return Md.text`You were already approved for ${this.name}.`
      case "writing":
        return Md.text`You have an application for ${this.name} that you have not sent yet. Finish it with \`/tryout apply\`, or take it back with \`/tryout withdraw\`.`
      default:
        return Md.text`You have already applied for ${this.name}. \`/tryout status\` shows how it stands.`
    }
  }
}

/** The interview goes on already, or another one does where it was to be held. */
export class AlreadyTalking extends Data.TaggedError("AlreadyTalking")<{
  readonly meeting: Meeting
  readonly about: "this" | "another"
}> {
  override get message() {
    return `${this.about === "this" ? "the" : "another"} interview goes on in ${this.meeting.channelId}`
  }
  get userText() {
    return this.about === "this"
      ? `We are already talking: go on in ${meetingText(this.meeting)}.`
      : `We are already talking in ${meetingText(this.meeting)}, about another application. Finish that one, or stop it with Cancel, then run \`/tryout apply\` again.`
  }
}

/** The person has no application that could be meant. */
export class NoApplication extends Data.TaggedError("NoApplication")<{}> {
  override get message() {
    return "there is no open application"
  }
  get userText() {
    return "You have no open application here. `/tryout apply` starts one."
  }
}

/** The application is not there any more. */
export class ApplicationGone extends Data.TaggedError("ApplicationGone")<{}> {
  override get message() {
    return "there is no such application"
  }
  get userText() {
    return "That application is gone: I know nothing of it any more."
  }
}

/** The application is no longer waiting for a decision, or somebody else is at it. */
export class NotPending extends Data.TaggedError("NotPending")<{
  readonly status: Status
  /** The id of who decided, or is about to. */
  readonly by: string | null
}> {
  override get message() {
    return `the application is ${this.status}`
  }
  get userText() {
    const who = this.by === null ? "Somebody" : `<@${this.by}>`
    switch (this.status) {
      case "approving":
        return `${who} is approving it right now.`
      case "approved":
        return `${who} has already approved it.`
      case "rejected":
        return `${who} has already rejected it.`
      case "writing":
      case "pending":
        return `${who} has already asked the applicant again.`
      default:
        return `It was ${statusText[this.status]}.`
    }
  }
}

/** The interview is over: a newer one has taken its place, or the application is no longer being written. */
export class TalkEnded extends Data.TaggedError("TalkEnded")<{
  readonly why: "withdrawn" | "lapsed" | "elsewhere"
}> {
  override get message() {
    return `the interview is over: ${this.why}`
  }
  get userText() {
    switch (this.why) {
      case "withdrawn":
        return "You have withdrawn your application, so the interview is over."
      case "lapsed":
        return "The try-out was closed, so the interview is over."
      case "elsewhere":
        return "You started again elsewhere, so the interview is over here."
    }
  }
}

/** Neither a thread nor direct messages could be used for the interview. */
export class NoPlaceToTalk extends Data.TaggedError("NoPlaceToTalk")<{
  /** Whether the person accepts no direct messages from the bot. */
  readonly dmClosed: boolean
}> {
  override get message() {
    return "neither a thread nor direct messages can be used"
  }
  get userText() {
    return this.dmClosed
      ? "I cannot open a private thread here, and you accept no direct messages from me. Allow them in this server's privacy settings, then run `/tryout apply` again."
      : "I can neither open a private thread here nor send you a direct message. Please try again later, or tell a manager."
  }
}

/** The role cannot be offered. */
export class RoleUnusable extends Data.TaggedError("RoleUnusable")<{
  readonly roleId: string
  readonly why: "everyone" | "managed" | "caller" | "bot"
}> {
  override get message() {
    return `the role ${this.roleId} cannot be offered: ${this.why}`
  }
  get userText() {
    const role = `<@&${this.roleId}>`
    return {
      everyone: "Everybody has that role already. Choose another, or none.",
      managed: `${role} belongs to an app or to Discord itself, so nobody can give it. Choose another, or none.`,
      caller: `You may not offer ${role}: that takes the permission Manage Roles, and a role of yours above it.`,
      bot: `I could not give ${role}. Give me the permission Manage Roles, and move my role above that one in the server's settings, then open the try-out again.`,
    }[this.why]
  }
}

/** The role could not be given: the application stays as it was. */
export class RoleNotGiven extends Data.TaggedError("RoleNotGiven")<{
  readonly roleId: string
  readonly why: "rank" | "gone" | "other"
  readonly detail: string
}> {
  override get message() {
    return `the role ${this.roleId} could not be given: ${this.detail}`
  }
  get userText() {
    const todo = {
      rank: "Give me the permission Manage Roles, and move my role above that one in the server's settings.",
      gone: "The role or the member is no longer there: ask the member to come back, or open a new try-out with another role.",
      other: this.detail,
    }[this.why]
    return `I could not give <@&${this.roleId}>, so the application is still waiting. ${todo} Then press Approve again.`
  }
}

/** The person may not decide on applications. */
export class NotManager extends Data.TaggedError("NotManager")<{}> {
  override get message() {
    return "neither Manage Server nor Manage Roles"
  }
  get userText() {
    return "Only members with the permission Manage Server or Manage Roles decide on applications."
  }
}

/** It is the person's own application. */
export class OwnApplication extends Data.TaggedError("OwnApplication")<{}> {
  override get message() {
    return "an application cannot be approved by its applicant"
  }
  get userText() {
    return "This is your own application: somebody else has to approve it."
  }
}

/** Applications could not be posted in the channel that was meant for them. */
export class ChannelUnusable extends Data.TaggedError("ChannelUnusable")<{
  readonly channelId: string
  readonly detail: string
}> {
  override get message() {
    return `the channel ${this.channelId} cannot be used: ${this.detail}`
  }
  get userText() {
    return `I cannot post applications in <#${this.channelId}>. ${this.detail} Let me see it and write there, then open the try-out again.`
  }
}
