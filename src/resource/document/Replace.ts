/**
 * Puts new bytes in the place of a file so that whoever looks, also after a crash, finds the old file or the new
 * one, whole.
 *
 * The bytes go to a file beside it, which is put on the disk before it takes the name; then its directory is.
 * Rights and owner stay as they were, as far as this process may set them.
 *
 * @module
 */
import * as fs from "node:fs/promises"
import { basename, dirname, isAbsolute, join } from "node:path"

/** What is asked of the file system. */
export type Files = Pick<
  typeof fs,
  "mkdir" | "open" | "readFile" | "readlink" | "realpath" | "rename" | "stat" | "unlink" | "readdir"
>

/** One at a time for each path: it is the caller who holds the lock. */
export const replace = async (files: Files, path: string, bytes: Uint8Array): Promise<void> => {
  const directory = dirname(path)
  const former = await orUndefined(files.stat(path))
  const temporary = join(directory, `.${basename(path)}.tmp`)
  // Of one who was killed; and no link that somebody has put there.
  await orUndefined(files.unlink(temporary))
  try {
    const handle = await files.open(temporary, "wx", former === undefined ? 0o666 : 0o600)
    try {
      if (former !== undefined) {
        await handle.chown(former.uid, former.gid).catch(() => undefined)
        await handle.chmod(former.mode & 0o7777)
      }
      await handle.writeFile(bytes)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await files.rename(temporary, path)
  } catch (error) {
    await orUndefined(files.unlink(temporary))
    throw error
  }
  await synced(files, directory)
}

/** The name is on the disk too. Where directories cannot be opened, the system sees to it. */
const synced = async (files: Files, directory: string): Promise<void> => {
  const handle = await files.open(directory, "r").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "EISDIR" || error.code === "EPERM" || error.code === "EACCES") return undefined
    throw error
  })
  try {
    await handle?.sync()
  } finally {
    await handle?.close()
  }
}

/** Where a path leads: through links, also to a file that is not there yet. */
export const target = async (files: Files, path: string, depth = 0): Promise<string> => {
  try {
    return await files.realpath(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || depth > 40) throw error
  }
  const directory = dirname(path)
  await files.mkdir(directory, { recursive: true })
  const link = await orUndefined(files.readlink(path))
  if (link === undefined) return join(await files.realpath(directory), basename(path))
  return target(files, isAbsolute(link) ? link : join(directory, link), depth + 1)
}

/** Undefined where it is not there. */
export const orUndefined = <A>(promise: Promise<A>): Promise<A | undefined> =>
  promise.catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "EINVAL") return undefined
    throw error
  })
