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
/** In an outage of the guild. */
export const serverUnavailable = of(500, 0, "500: Internal Server Error")
export const unknownMember = of(404, 10007, "Unknown Member")
export const unknownMessage = of(404, 10008, "Unknown Message")
export const unknownOverwrite = of(404, 10009, "Unknown Overwrite")
export const unknownRole = of(404, 10011, "Unknown Role")
export const unknownUser = of(404, 10013, "Unknown User")
export const unknownEmoji = of(400, 10014, "Unknown Emoji")
export const unknownWebhook = of(404, 10015, "Unknown Webhook")
export const unknownBan = of(404, 10026, "Unknown Ban")
export const unknownSticker = of(404, 10060, "Unknown sticker")
export const unknownInteraction = of(404, 10062, "Unknown interaction")
export const unknownCommand = of(404, 10063, "Unknown application command")
export const unknownInvite = of(404, 10006, "Unknown Invite")
export const unknownCommandPermissions = of(404, 10066, "Unknown application command permissions")
export const unknownVoiceState = of(404, 10065, "Unknown Voice State")
export const unknownWelcomeScreen = of(404, 10069, "Unknown Guild Welcome Screen")
export const unknownScheduledEvent = of(404, 10070, "Unknown Guild Scheduled Event")
export const botsForbidden = of(403, 20001, "Bots cannot use this endpoint")
export const notThisApplication = of(
  403,
  20012,
  "You are not authorized to perform this action on this application",
)
export const tooManyInvites = of(400, 30016, "Maximum number of invites reached (1000)")
export const tooManyCommandsMade = of(
  400,
  30034,
  "Max number of daily application command creates has been reached (200)",
)
export const tooManyScheduledEvents = of(
  400,
  30038,
  "Maximum number of uncompleted guild scheduled events reached (100)",
)
export const bannedFromGuild = of(403, 40007, "The user is banned from this guild.")
export const tooManyFollowUps = of(
  400,
  40094,
  "This interaction has hit the maximum number of follow up messages",
)
export const eventFinished = of(400, 180000, "Cannot update a finished event")
export const unknownTag = of(404, 10087, "Unknown Tag")
export const tooManyParticipants = of(
  400,
  30033,
  "Maximum number of thread participants has been reached (1000)",
)
export const oneParentAtATime = of(400, 40009, "Only one channel can have a parent id modified at a time")
export const needsBoosts = of(403, 50101, "This server needs more boosts to perform this action")
export const tooManyPins = of(400, 30003, "Maximum number of pins reached for the channel (250)")
export const tooManyRoles = of(400, 30005, "Maximum number of guild roles reached (250)")
export const tooManyChannels = of(400, 30013, "Maximum number of guild channels reached (500)")
export const tooManyPinnedPosts = of(
  400,
  30047,
  "Maximum number of pinned threads in a forum channel has been reached",
)
export const bodyTooLarge = of(413, 40005, "Request entity too large")
export const alreadyAcknowledged = of(400, 40060, "Interaction has already been acknowledged.")
export const invitesPaused = of(
  403,
  40069,
  "Invites are currently paused for this server. Please try again later.",
)
export const tagNamesNotUnique = of(400, 40061, "Tag names must be unique")
export const noTagsForEveryone = of(
  400,
  40066,
  "There are no tags available that can be set by non-moderators",
)
export const tagRequired = of(400, 40067, "A tag is required to create a forum post in this channel")
export const missingAccess = of(403, 50001, "Missing Access")
export const notInDirectMessage = of(403, 50003, "Cannot execute action on a DM channel")
export const widgetDisabled = of(403, 50004, "Widget Disabled")
export const notTheAuthor = of(403, 50005, "Cannot edit a message authored by another user")
export const emptyMessage = of(400, 50006, "Cannot send an empty message")
export const cannotMessageUser = of(403, 50007, "Cannot send messages to this user")
export const noMutualGuild = of(403, 50278, "Cannot send messages to this user")
export const missingPermissions = of(403, 50013, "Missing Permissions")
export const bulkDeleteCount = of(
  400,
  50016,
  "Provided too few or too many messages to delete. Must provide at least 2 and fewer than 100 messages to delete.",
)
export const wrongChannelType = of(400, 50024, "Cannot execute action on this channel type")
export const invalidRole = of(400, 50028, "Invalid Role")
export const invalidToken = of(401, 50027, "Invalid Webhook Token")
export const invalidMessageType = of(400, 50068, "Invalid message type")
export const tooOldToDelete = of(400, 50034, "A message provided was too old to bulk delete")
export const invalidVersion = of(400, 50041, "Invalid API version provided")
export const threadArchived = of(400, 50083, "Thread is archived")
export const invalidGuild = of(400, 50055, "Invalid Guild")
export const requiredForCommunity = of(400, 50074, "Cannot delete a channel required for Community guilds")
export const notConnectedToVoice = of(400, 40032, "Target user is not connected to voice.")
export const invalidJson = of(400, 50109, "The request body contains invalid JSON.")

export const threadExists = of(400, 160004, "A thread has already been created for this message")
export const threadLocked = of(400, 160005, "Thread is locked")
export const tooManyThreads = of(400, 160006, "Maximum number of active threads reached")
export const onboardingNotReady = of(400, 350000, "Cannot enable onboarding, requirements are not met")
export const onboardingTooSmall = of(400, 350001, "Cannot update onboarding while below requirements")
export const nobodyBanned = of(400, 500000, "Failed to ban users")

export const unknownGuildEmoji = of(404, 10014, "Unknown Emoji")
export const tooManyWebhooks = of(400, 30007, "Maximum number of webhooks reached (15)")
export const tooManyAttachments = of(400, 30015, "Maximum number of attachments in a message reached (10)")
export const tooManyEmojis = of(400, 30008, "Maximum number of emojis reached (50)")
export const tooManyReactions = of(400, 30010, "Maximum number of reactions reached (20)")
export const tooManyAnimatedEmojis = of(400, 30018, "Maximum number of animated emojis reached (50)")
export const crosspostedAlready = of(400, 40033, "This message has already been crossposted.")
export const forumNeedsThread = of(400, 40058, "Cannot send a message in a forum channel")
export const notATextChannel = of(400, 50008, "Cannot send messages in a non-text channel")
export const pinnedElsewhere = of(400, 50019, "A message can only be pinned in the channel it was sent in")
export const systemMessage = of(403, 50021, "Cannot execute action on a system message")
export const tooManyStickers = of(400, 30039, "Maximum number of stickers reached (5)")
export const fileTooLarge = of(400, 50045, "File uploaded exceeds the maximum size")
export const invalidFile = of(400, 50046, "Invalid Asset")
export const invalidSticker = of(400, 50081, "Invalid sticker sent")
export const voiceNeedsAudio = of(400, 50160, "Voice messages must have a single audio attachment.")
export const replyWithoutHistory = of(400, 160002, "Cannot reply without permission to read message history")
export const referenceWithoutHistory = of(
  403,
  160009,
  "Cannot reference a message without permission to read message history",
)
export const nsfwReference = of(400, 160010, "NSFW channel message reference not allowed")
export const notForwardable = of(400, 160014, "Cannot forward a message whose content you cannot read")
export const forwardWithContent = of(400, 160011, "Forward messages cannot have additional content")
export const pollExpired = of(400, 520001, "Poll expired")
export const pollNotEditable = of(400, 520003, "Cannot edit a poll message")
export const pollEmoji = of(400, 520004, "Cannot use an emoji included with the poll")
export const invalidRoleColor = of(400, 670008, "Invalid role color")
export const notAPoll = of(400, 520006, "Cannot expire a non-poll message")
export const webhookNeedsThread = of(
  400,
  220001,
  "Webhooks posted to forum channels must have a thread_name or thread_id",
)
export const webhookThreadTwice = of(
  400,
  220002,
  "Webhooks posted to forum channels cannot have both a thread_name and thread_id",
)
export const webhookThreadInForum = of(400, 220003, "Webhooks can only create threads in forum channels")

/** 501: what the sandbox does not do, said plainly instead of pretended. */
export const notImplemented = (method: string, path: string) =>
  new ApiError({ status: 501, code: 0, reason: `The sandbox does not implement ${method} ${path}` })
