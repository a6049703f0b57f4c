/**
 * Files that a person gives.
 *
 * @module
 */
import { NotAllowed } from "./ActorError.js"
import type { Attachment } from "./CommandInput.js"
import * as Attachments from "../world/Attachments.js"

/** Discord: 10 files in a message. */
export const most = 10

/** A file as it is kept. */
export const of = (attachment: Attachment): Attachments.File => ({
  name: attachment.name,
  contentType: attachment.contentType ?? "application/octet-stream",
  bytes: attachment.bytes,
})

/** The files of a message; throws `NotAllowed` where they are too many or too large. */
export const all = (attachments: ReadonlyArray<Attachment>): ReadonlyArray<Attachments.File> => {
  if (attachments.length > most) throw new NotAllowed({ reason: `A message takes at most ${most} files` })
  for (const { bytes, name } of attachments) {
    if (bytes.byteLength > Attachments.fileLimit)
      throw new NotAllowed({ reason: `${name} is too large: a file has at most 10 MiB` })
  }
  return attachments.map(of)
}
