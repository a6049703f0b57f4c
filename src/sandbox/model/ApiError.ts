/**
 * Refusals in Discord's own shape: HTTP status, JSON code, sentence, and for 50035 the tree of what is wrong
 * where.
 *
 * Rules of the World throw these synchronously; the route machinery turns them into answers.
 * Source of the numbers: Discord Developer Docs, "Opcodes and Status Codes".
 *
 * @module
 */
import { Data } from "effect"
import type { Json } from "./Model.js"

/** A refusal. */
export class ApiError extends Data.TaggedError("ApiError")<{
  readonly status: number
  readonly code: number
  readonly reason: string
  readonly errors?: Json
}> {
  override get message() {
    return `${this.status} ${this.code}: ${this.reason}`
  }
  /** The body of the answer. */
  get body(): Json {
    return {
      message: this.reason,
      code: this.code,
      ...(this.errors === undefined ? {} : { errors: this.errors }),
    }
  }
}

const of = (status: number, code: number, reason: string) => () => new ApiError({ status, code, reason })

export const unauthorized = of(401, 0, "401: Unauthorized")
export const notFound = of(404, 0, "404: Not Found")
export const unknownApplication = of(404, 10002, "Unknown Application")
export const unknownChannel = of(404, 10003, "Unknown Channel")
export const unknownGuild = of(404, 10004, "Unknown Guild")
export const unknownMember = of(404, 10007, "Unknown Member")
export const unknownMessage = of(404, 10008, "Unknown Message")
export const unknownRole = of(404, 10011, "Unknown Role")
export const unknownUser = of(404, 10013, "Unknown User")
export const unknownEmoji = of(400, 10014, "Unknown Emoji")
export const unknownWebhook = of(404, 10015, "Unknown Webhook")
export const unknownBan = of(404, 10026, "Unknown Ban")
export const unknownInteraction = of(404, 10062, "Unknown interaction")
export const unknownCommand = of(404, 10063, "Unknown application command")
export const tooManyCommands = of(400, 30032, "Maximum number of application commands reached (100)")
export const tooManyPins = of(400, 30003, "Maximum number of pins reached (50)")
export const bodyTooLarge = of(413, 40005, "Request entity too large")
export const alreadyAcknowledged = of(400, 40060, "Interaction has already been acknowledged.")
export const missingAccess = of(403, 50001, "Missing Access")
export const notInDirectMessage = of(403, 50003, "Cannot execute action on a DM channel")
export const notTheAuthor = of(403, 50005, "Cannot edit a message authored by another user")
export const emptyMessage = of(400, 50006, "Cannot send an empty message")
export const cannotMessageUser = of(403, 50007, "Cannot send messages to this user")
export const missingPermissions = of(403, 50013, "Missing Permissions")
export const bulkDeleteCount = of(
  400,
  50016,
  "Provided too few or too many messages to delete. Must provide at least 2 and fewer than 100 messages to delete.",
)
export const wrongChannelType = of(400, 50024, "Cannot execute action on this channel type")
export const invalidToken = of(401, 50027, "Invalid Webhook Token")
export const tooOldToDelete = of(400, 50034, "A message provided was too old to bulk delete")
export const invalidVersion = of(400, 50041, "Invalid API version provided")
export const threadArchived = of(400, 50083, "Thread is archived")
export const invalidJson = of(400, 50109, "The request body contains invalid JSON.")

export const threadExists = of(400, 160004, "A thread has already been created for this message")
export const threadLocked = of(400, 160005, "Thread is locked")
export const tooManyThreads = of(400, 160006, "Maximum number of active threads reached")
export const nobodyBanned = of(400, 500000, "Failed to ban users")

/** 501: what the sandbox does not do, said plainly instead of pretended. */
export const notImplemented = (method: string, path: string) =>
  new ApiError({ status: 501, code: 0, reason: `The sandbox does not implement ${method} ${path}` })
