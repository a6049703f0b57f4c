import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as FileType from "../../src/sandbox/model/FileType.js"
import { Uploads } from "../../src/sandbox/world/Uploads.js"
import { bodyOf, codeOf, faults, png, provided, setUp } from "./Harbour.js"

interface Attachment {
  readonly id: string
  readonly url: string
}

const files = (body: unknown) => (body as { readonly attachments: ReadonlyArray<Attachment> }).attachments

describe("Attachments", () => {
  it.scoped("keeps files with what the body says of them, and serves them", () =>
    Effect.gen(function* () {
      const { fetch, messages, upload } = yield* setUp
      const sent = yield* upload(
        "POST",
        messages,
        {
          attachments: [
            { id: 3, description: "A picture" },
            { id: "7", filename: "my notes?.txt", title: "Notes" },
          ],
        },
        [
          { name: "n.txt", bytes: Buffer.from("hello"), index: 7 },
          { name: "SPOILER_p.png", bytes: png(320, 200), index: 3 },
        ],
      )
      const [picture, notes] = files(sent.body)
      expect(picture).toMatchObject({
        filename: "SPOILER_p.png",
        description: "A picture",
        content_type: "image/png",
        width: 320,
        height: 200,
        size: 64,
      })
      expect(notes).toMatchObject({ filename: "my_notes.txt", title: "Notes", size: 5 })
      const served = yield* fetch(notes?.url ?? "")
      expect([served.status, Buffer.from(served.bytes).toString()]).toEqual([200, "hello"])
      expect(served.headers).toMatchObject({
        "content-type": "text/plain; charset=utf-8",
        "content-disposition": "attachment; filename*=UTF-8''my_notes.txt",
        "x-content-type-options": "nosniff",
      })
      const image = yield* fetch(picture?.url ?? "")
      expect(image.headers["content-disposition"]).toMatch(/^inline/)
      expect((yield* fetch((picture?.url ?? "").replace("SPOILER", "OTHER"))).status).toBe(404)
    }).pipe(provided),
  )

  it.scoped("puts a file where an embed or a component names it", () =>
    Effect.gen(function* () {
      const { messages, upload } = yield* setUp
      const file = { name: "chart.png", bytes: png(640, 480) }
      const media = { url: "attachment://chart.png" }
      const embedded = yield* upload("POST", messages, { embeds: [{ title: "t", image: media }] }, [file])
      expect(embedded.body).toMatchObject({
        attachments: [],
        embeds: [{ image: { width: 640, height: 480, content_type: "image/png" } }],
      })
      const url = (bodyOf(embedded)["embeds"] as ReadonlyArray<{ image: Attachment }>)[0]?.image.url
      expect(url).toMatch(/^http:\/\/.+\/attachments\/\d+\/\d+\/chart\.png$/)
      const v2 = yield* upload(
        "POST",
        messages,
        {
          flags: 1 << 15,
          components: [
            { type: 12, items: [{ media }] },
            { type: 13, file: media },
          ],
        },
        [file],
      )
      const [{ id }] = files(v2.body) as [Attachment]
      expect(bodyOf(v2)["components"]).toMatchObject([
        { items: [{ media: { attachment_id: id, width: 640, height: 480 } }] },
        { file: { attachment_id: id }, name: "chart.png", size: 64 },
      ])
    }).pipe(provided),
  )

  it.scoped("an edit keeps the files that it names, and adds new ones", () =>
    Effect.gen(function* () {
      const { call, messages, upload } = yield* setUp
      const file = (name: string) => ({ name, bytes: Buffer.from(name) })
      const sent = yield* upload("POST", messages, {}, [file("a.txt"), file("b.txt")])
      const [a] = files(sent.body)
      const path = `${messages}/${String(bodyOf(sent)["id"])}`
      const kept = yield* upload(
        "PATCH",
        path,
        { attachments: [{ id: a?.id }, { id: 0, filename: "c.txt" }] },
        [file("new")],
      )
      expect(files(kept.body)).toMatchObject([
        { id: a?.id, filename: "a.txt" },
        { filename: "c.txt", size: 3 },
      ])
      expect(files((yield* call("PATCH", path, { content: "words" })).body)).toHaveLength(2)
      expect(files((yield* call("PATCH", path, { attachments: [] })).body)).toEqual([])
      expect(faults(yield* call("PATCH", path, { attachments: [{ id: a?.id }] }))).toEqual([
        "attachments.0.id: ATTACHMENT_NOT_FOUND",
      ])
    }).pipe(provided),
  )

  it.scoped("refuses a file of more than 10 MiB", () =>
    Effect.gen(function* () {
      const { messages, upload } = yield* setUp
      const file = (size: number) => [{ name: "big.bin", bytes: new Uint8Array(size) }]
      expect((yield* upload("POST", messages, {}, file(10 * 1024 * 1024))).status).toBe(200)
      expect(codeOf(yield* upload("POST", messages, {}, file(10 * 1024 * 1024 + 1)))).toEqual([413, 40005])
    }).pipe(provided),
  )

  it("forgets the oldest files where there are too many bytes, and counts what is deleted", () => {
    const uploads = new Uploads(10)
    const add = (id: string, size: number) =>
      uploads.set(id, {
        id,
        channelId: "c",
        name: id,
        contentType: "text/plain",
        bytes: new Uint8Array(size),
      })
    add("a", 4)
    add("b", 4)
    expect([...uploads.keys()]).toEqual(["a", "b"])
    add("c", 4)
    expect([[...uploads.keys()], uploads.bytes]).toEqual([["b", "c"], 8])
    uploads.delete("b")
    add("d", 6)
    expect([[...uploads.keys()], uploads.bytes]).toEqual([["c", "d"], 10])
    add("e", 20)
    expect([...uploads.keys()]).toEqual(["e"])
  })

  it("reads the size of images from their first bytes, and says nothing of broken ones", () => {
    const gif = Buffer.from("GIF89a\x0a\x00\x14\x00\x00\x00", "latin1")
    expect(FileType.image(gif)).toEqual({ type: "image/gif", size: { width: 10, height: 20 } })
    const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xc0, 0, 17, 8, 0, 30, 0, 40, 3])
    expect(FileType.image(jpeg)).toEqual({ type: "image/jpeg", size: { width: 40, height: 30 } })
    const webp = Buffer.alloc(30)
    webp.write("RIFF", 0)
    webp.write("WEBPVP8X", 8)
    webp.writeUIntLE(99, 24, 3)
    webp.writeUIntLE(49, 27, 3)
    expect(FileType.image(webp)).toEqual({ type: "image/webp", size: { width: 100, height: 50 } })
    expect(FileType.image(jpeg.subarray(0, 13))).toEqual({ type: "image/jpeg", size: undefined })
    expect(FileType.image(Buffer.from("just a text file"))).toBeUndefined()
  })
})
