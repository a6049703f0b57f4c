/**
 * Files that were sent, by id: at most 256 MiB of them. Where more comes, the oldest go, and their addresses are
 * 404 from then on.
 *
 * @module
 */
import type { Upload } from "../model/Model.js"

/** Bytes that are kept in all. */
export const capacity = 256 * 1024 * 1024

export class Uploads extends Map<string, Upload> {
  private held = 0

  constructor(private readonly room = capacity) {
    super()
  }

  /** Bytes that are kept now. */
  get bytes(): number {
    return this.held
  }

  override set(id: string, upload: Upload): this {
    this.delete(id)
    super.set(id, upload)
    this.held += upload.bytes.byteLength
    for (const oldest of this.keys()) {
      if (this.held <= this.room || oldest === id) break
      this.delete(oldest)
    }
    return this
  }

  override delete(id: string): boolean {
    const upload = this.get(id)
    if (upload === undefined) return false
    this.held -= upload.bytes.byteLength
    return super.delete(id)
  }

  override clear(): void {
    this.held = 0
    super.clear()
  }
}
