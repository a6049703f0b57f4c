/**
 * Reads the body of a message as a bot sends it, and refuses what breaks Discord's limits (50035, 50006).
 *
 * Embeds, components, polls and allowed mentions have forms of their own.
 *
 * Numbers: Discord Developer Docs, "Create Message".
 *
 * @module
 */
import { MessageFlags, MessageReferenceType } from "discord-api-types/v10"
import * as ApiError from "../model/ApiError.js"
import * as ComponentForm from "./ComponentForm.js"
import * as EmbedForm from "./EmbedForm.js"
import * as FileType from "../model/FileType.js"
import { Form } from "./Form.js"
import * as MentionForm from "./MentionForm.js"
import type { Json, Message } from "../model/Model.js"
import * as PollForm from "./PollForm.js"

export type { AllowedMentions } from "./MentionForm.js"

/** Discord: files of one message. */
const fileCount = 10

/** What was asked for. Absent fields were not in the body. */
export interface Draft {
  readonly content?: string
  readonly embeds?: ReadonlyArray<Json>
  readonly components?: ReadonlyArray<Json>
  readonly flags: number
  /** Whether the body says anything of flags. */
  readonly flagged?: boolean
  readonly tts: boolean
  readonly nonce: string | number | null
  readonly enforceNonce: boolean
  readonly replyTo: string | null
  /** False where a reply to a message that is gone is still to be sent. */
  readonly replyMustExist: boolean
  /** The message to be forwarded. */
  readonly forward?: { readonly channelId: string; readonly messageId: string }
  readonly allowedMentions: MentionForm.AllowedMentions | null
  /** Kept or described attachments, each with its `id` as text; absent where the body says nothing of them. */
  readonly attachments?: ReadonlyArray<Json>
  readonly poll?: PollForm.Draft
  readonly stickers?: ReadonlyArray<string>
}

/** What of a file a body may speak of. */
export interface Named {
  readonly name: string
  /** The `n` of `files[n]`; its place among the files where there is none. */
  readonly index?: number
}

/** How a body is read. */
export interface Reading {
  /** An edit may leave everything out. */
  readonly edit?: boolean
  /** The message that is edited. */
  readonly message?: Message
  /** The files that came with it. */
  readonly files?: ReadonlyArray<Named>
  /** Where in the request the message stands: `data` in an interaction's response. */
  readonly under?: "data"
}

/** Reads and checks. */
export const read = (body: Json, options: Reading = {}): Draft => {
  const form = options.under === undefined ? Form.make() : Form.make().at(options.under)
  // What is not in the body costs nothing: most messages are plain text.
  const has = (key: string): boolean => body[key] !== undefined && body[key] !== null
  const content = has("content") ? form.at("content").text(body["content"], { max: 2000 })?.trim() : undefined
  const flags = has("flags") ? (form.at("flags").integer(body["flags"], 0, 2 ** 53 - 1) ?? 0) : 0
  const bits = flags % 2 ** 31
  const attachments = "attachments" in body ? readAttachments(form, body["attachments"], options) : undefined
  const embeds = "embeds" in body ? EmbedForm.read(form.at("embeds"), body["embeds"]) : undefined
  const v2 = ((bits | (options.message?.flags ?? 0)) & MessageFlags.IsComponentsV2) !== 0
  const components =
    "components" in body
      ? ComponentForm.read(form.at("components"), body["components"], {
          kind: v2 ? "v2" : "message",
          files: v2 ? fileNames(options, attachments) : null,
        })
      : undefined
  const poll = "poll" in body ? PollForm.read(form.at("poll"), body["poll"]) : undefined
  const stickers =
    "sticker_ids" in body ? (form.at("sticker_ids").snowflakes(body["sticker_ids"], 3) ?? []) : undefined
  if (v2) {
    if (content !== undefined && content !== "") legacy(form, "content")
    if ((embeds?.length ?? 0) > 0) legacy(form, "embeds")
    if (poll !== undefined) legacy(form, "poll")
    if ((stickers?.length ?? 0) > 0) legacy(form, "sticker_ids")
  }
  const nonce = body["nonce"]
  if (typeof nonce === "string") form.at("nonce").text(nonce, { max: 25 })
  else if (nonce !== undefined && nonce !== null) form.at("nonce").integer(nonce, -(2 ** 63), 2 ** 63)
  const allowedMentions = has("allowed_mentions")
    ? MentionForm.read(form.at("allowed_mentions"), body["allowed_mentions"])
    : null
  const reference =
    options.edit !== true && has("message_reference")
      ? readReference(form.at("message_reference"), body["message_reference"])
      : none
  const tts = has("tts") && (form.at("tts").boolean(body["tts"]) ?? false)
  const enforceNonce =
    has("enforce_nonce") && (form.at("enforce_nonce").boolean(body["enforce_nonce"]) ?? false)
  form.done()
  needRoom(options, attachments)
  const empty =
    (content === undefined || content === "") &&
    (embeds?.length ?? 0) === 0 &&
    (components?.length ?? 0) === 0 &&
    poll === undefined &&
    (stickers?.length ?? 0) === 0 &&
    (options.files ?? []).length === 0
  if (reference.forward !== undefined && !empty) throw ApiError.forwardWithContent()
  if (options.edit !== true && empty && reference.forward === undefined) throw ApiError.emptyMessage()
  return {
    ...("content" in body ? { content: content ?? "" } : {}),
    ...(embeds === undefined ? {} : { embeds }),
    ...(components === undefined ? {} : { components }),
    ...(attachments === undefined ? {} : { attachments }),
    ...(poll === undefined ? {} : { poll }),
    ...(stickers === undefined || stickers.length === 0 ? {} : { stickers }),
    flags: bits,
    flagged: has("flags"),
    tts,
    nonce: typeof nonce === "string" || typeof nonce === "number" ? nonce : null,
    enforceNonce,
    ...reference,
    allowedMentions,
  }
}

/** Checks components that stand alone: those of a message, or (`modal`) of a modal. */
export const readComponents = (form: Form, value: unknown, modal: boolean): ReadonlyArray<Json> =>
  ComponentForm.read(form, value, { kind: modal ? "modal" : "message", files: null })

const legacy = (form: Form, field: string): void =>
  form
    .at(field)
    .fail(
      "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
      `The '${field}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2`,
    )

/** Refuses with 30015 where the message would have more files than one may have. */
const needRoom = ({ files = [], message }: Reading, described: ReadonlyArray<Json> | undefined): void => {
  const stay = (message?.attachments ?? []).filter(
    (one) => described === undefined || described.some((other) => other["id"] === one["id"]),
  )
  if (stay.length + files.length > fileCount) throw ApiError.tooManyAttachments()
}

const readAttachments = (form: Form, value: unknown, options: Reading): ReadonlyArray<Json> => {
  const { files = [], message } = options
  const list = form.at("attachments")
  return (
    list.each(value, fileCount, (at, item) => {
      at.at("filename").text(item["filename"], { max: 1024 })
      at.at("description").text(item["description"], { max: 1024 })
      at.at("title").text(item["title"], { max: 1024 })
      const id = item["id"]
      if (typeof id !== "string" && typeof id !== "number") {
        at.at("id").required()
        return { ...item, id: "" }
      }
      const found =
        files.some((file, index) => String(file.index ?? index) === String(id)) ||
        message?.attachments.some((one) => one["id"] === String(id)) === true
      if (!found) at.at("id").fail("ATTACHMENT_NOT_FOUND", "Attachment data not found")
      return { ...item, id: String(id) }
    }) ?? []
  )
}

/** The names that the message's files will have. */
const fileNames = (
  { files = [], message }: Reading,
  described: ReadonlyArray<Json> | undefined,
): ReadonlySet<string> => {
  const names = new Set<string>()
  files.forEach((file, index) => {
    const about = described?.find((one) => one["id"] === String(file.index ?? index))
    const name = typeof about?.["filename"] === "string" ? about["filename"] : file.name
    names.add(name).add(FileType.clean(name))
  })
  for (const one of message?.attachments ?? []) {
    if (described === undefined || described.some((other) => other["id"] === one["id"]))
      names.add(String(one["filename"]))
  }
  return names
}

type Reference = Pick<Draft, "replyTo" | "replyMustExist" | "forward">

const none: Reference = { replyTo: null, replyMustExist: true }

const readReference = (form: Form, value: unknown): Reference => {
  const reference = form.object(value)
  if (reference === undefined) return none
  const type =
    form.at("type").oneOf(reference["type"] as number, [0, 1]) ?? (MessageReferenceType.Default as number)
  const messageId = form.at("message_id").snowflake(reference["message_id"])
  const channelId = form.at("channel_id").snowflake(reference["channel_id"])
  form.at("guild_id").snowflake(reference["guild_id"])
  if (reference["message_id"] === undefined || reference["message_id"] === null)
    form.at("message_id").required()
  const must = reference["fail_if_not_exists"]
  const replyMustExist =
    must === undefined || must === null || (form.at("fail_if_not_exists").boolean(must) ?? false)
  if (type === (MessageReferenceType.Default as number)) return { replyTo: messageId ?? null, replyMustExist }
  if (channelId === undefined && (reference["channel_id"] === undefined || reference["channel_id"] === null))
    form.at("channel_id").required()
  return { ...none, forward: { channelId: channelId ?? "", messageId: messageId ?? "" } }
}
