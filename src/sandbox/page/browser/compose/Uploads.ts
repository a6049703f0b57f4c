/**
 * Files that a person gives, as they are sent.
 *
 * @module
 */
import type { Upload } from "../../Protocol.js"
import { size } from "../message/Attachments.js"

/** Discord: 10 MiB a file, ten files a message. */
const maxBytes = 10 * 1024 * 1024
export const maxFiles = 10
/** All files together: they come in one request, of 32 MiB at most, where three bytes take four. */
const maxTotal = 23 * 1024 * 1024

/**
 * Reads them; those that are too large, alone or together with those `beside` them, or not to be read, are left out,
 * and told.
 */
export const read = async (
  files: Iterable<File>,
  beside: ReadonlyArray<Upload>,
  refused: (why: string) => void,
): Promise<ReadonlyArray<Upload>> => {
  const result: Array<Upload> = []
  let total = beside.reduce((sum, one) => sum + bytes(one), 0)
  for (const file of files) {
    if (file.size > maxBytes) refused(`${file.name} has ${size(file.size)}; ${size(maxBytes)} are the most`)
    else if (total + file.size > maxTotal)
      refused(`${file.name} is left out: all files together may have ${size(maxTotal)}`)
    else {
      total += file.size
      const read = await upload(file)
      if (read === undefined) refused(`${file.name} is not to be read`)
      else result.push(read)
    }
  }
  return result
}

const upload = (file: File): Promise<Upload | undefined> => {
  const reader = new FileReader()
  return new Promise((resolve) => {
    reader.addEventListener("load", () => {
      const address = String(reader.result)
      resolve({
        name: file.name === "" ? "file" : file.name,
        contentType: file.type === "" ? "application/octet-stream" : file.type,
        base64: address.slice(address.indexOf(",") + 1),
      })
    })
    reader.addEventListener("error", () => resolve(undefined))
    reader.readAsDataURL(file)
  })
}

/** How large a file is, in bytes. */
export const bytes = ({ base64 }: Upload): number => Math.floor((base64.replace(/=+$/, "").length * 3) / 4)
