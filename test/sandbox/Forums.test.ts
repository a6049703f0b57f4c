import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Channel } from "../../src/sandbox/model/Model.js"
import * as Forums from "../../src/sandbox/world/Forums.js"
import { Bit } from "../../src/sandbox/world/Permissions.js"
import { bodyOf, codeOf, make, provided, wrongOf } from "./Scene.js"

const setUp = Effect.gen(function* () {
  const scene = yield* make()
  const made = yield* scene.call("POST", `${scene.path}/channels`, {
    name: "help",
    type: 15,
    available_tags: [{ name: "engine" }, { name: "sail" }, { name: "done", moderated: true }],
  })
  const forum = scene.world.channel(String(bodyOf(made)["id"]))
  const tag = (name: string) => forum.forum?.tags.find((one) => one.name === name)?.id ?? ""
  const post = (body: object) =>
    scene.call("POST", `/channels/${forum.id}/threads`, {
      name: "Leak",
      message: { content: "Help!" },
      ...body,
    })
  const change = (body: object, channel: Channel = forum) =>
    scene.call("PATCH", `/channels/${channel.id}`, body)
  return { ...scene, forum, tag, post, change }
})

describe("Forums", () => {
  it.scoped("begin a post with a message of the same id", () =>
    Effect.gen(function* () {
      const { call, forum, last, post, sandbox, tag, types } = yield* setUp
      const before = (yield* types).length
      const made = yield* post({ applied_tags: [tag("engine")], auto_archive_duration: 60 })
      expect(made.status).toBe(201)
      const body = bodyOf(made)
      expect(body).toMatchObject({
        type: 11,
        name: "Leak",
        parent_id: forum.id,
        applied_tags: [tag("engine")],
        message_count: 0,
        message: { id: body["id"], channel_id: body["id"], content: "Help!" },
      })
      expect((yield* types).slice(before, before + 3)).toEqual([
        "THREAD_CREATE",
        "THREAD_MEMBERS_UPDATE",
        "MESSAGE_CREATE",
      ])
      expect(yield* last("MESSAGE_CREATE")).toMatchObject({ id: body["id"], content: "Help!" })
      expect(bodyOf(yield* call("GET", `/channels/${forum.id}`))["last_message_id"]).toBe(body["id"])
      const cleo = yield* sandbox.actor("cleo")
      yield* cleo.say("#leak", "same here")
      expect((yield* cleo.history("#leak")).map(({ content }) => content)).toEqual(["Help!", "same here"])
    }).pipe(provided),
  )

  it.scoped("take files with the first message", () =>
    Effect.gen(function* () {
      const { forum, sandbox } = yield* setUp
      const mark = "x-mark"
      const part = (head: string, body: string) =>
        `--${mark}\r\ncontent-disposition: form-data; ${head}\r\n\r\n${body}\r\n`
      const json = JSON.stringify({ name: "Chart", message: { attachments: [{ id: 0, filename: "a.txt" }] } })
      const body = `${part('name="payload_json"', json)}${part('name="files[0]"; filename="a.txt"', "abc")}--${mark}--`
      const answer = yield* Effect.async<{ readonly message: Readonly<Record<string, unknown>> }>((resume) =>
        Effect.sync(
          sandbox.handle(
            {
              method: "POST",
              path: `/api/v10/channels/${forum.id}/threads`,
              headers: {
                authorization: "Bot x",
                "content-type": `multipart/form-data; boundary=${mark}`,
              },
              body,
            },
            (response) => resume(Effect.succeed(JSON.parse(Buffer.from(response.body).toString()))),
          ),
        ),
      )
      expect(answer.message).toMatchObject({ attachments: [{ filename: "a.txt", size: 3 }] })
    }).pipe(provided),
  )

  it.scoped("ask for tags where they must, and take only those that are there", () =>
    Effect.gen(function* () {
      const { change, forum, own, post, tag } = yield* setUp
      expect(wrongOf(yield* post({ name: "", message: undefined }))).toEqual(["name"])
      expect(wrongOf(yield* post({ message: undefined }))).toEqual(["message"])
      expect(codeOf(yield* post({ applied_tags: ["123456789012345678"] }))).toEqual([404, 10087])
      expect(codeOf(yield* post({ applied_tags: Array.from({ length: 6 }, () => tag("sail")) }))).toEqual([
        400, 50035,
      ])
      expect((yield* post({ applied_tags: [tag("done")] })).status).toBe(201)
      yield* change({ flags: 16 })
      expect(codeOf(yield* post({}))).toEqual([400, 40067])
      own.permissions &= ~Bit.ManageThreads
      expect(codeOf(yield* post({ applied_tags: [tag("done")] }))).toEqual([403, 50013])
      yield* change({ available_tags: forum.forum?.tags.filter(({ moderated }) => moderated) })
      expect(codeOf(yield* post({}))).toEqual([400, 40066])
      const twins = yield* change({ available_tags: [{ name: "a" }, { name: "A" }] })
      expect(codeOf(twins)).toEqual([400, 40061])
      const many = Array.from({ length: 21 }, (_, n) => ({ name: `t${n}` }))
      expect(codeOf(yield* change({ available_tags: many }))).toEqual([400, 50035])
    }).pipe(provided),
  )

  it.scoped("change a post's tags, pin one, and forget tags that are gone", () =>
    Effect.gen(function* () {
      const { change, forum, guild, last, post, tag, world } = yield* setUp
      const [one, two] = yield* Effect.all([post({}), post({ name: "Other" })]).pipe(
        Effect.map((made) => made.map((answer) => world.channel(String(bodyOf(answer)["id"])))),
      )
      if (one === undefined || two === undefined) return yield* Effect.dieMessage("no posts")
      yield* change({ applied_tags: [tag("sail"), tag("done")], flags: 2 }, one)
      expect(yield* last("THREAD_UPDATE")).toMatchObject({
        id: one.id,
        flags: 2,
        applied_tags: [tag("sail"), tag("done")],
      })
      expect(codeOf(yield* change({ flags: 2 }, two))).toEqual([400, 30047])
      yield* change({ available_tags: forum.forum?.tags.filter(({ name }) => name !== "sail") })
      expect(one.thread?.tags).toEqual([tag("done")])
      const general = [...guild.channels.values()][0]!
      expect(() => Forums.of(general)).toThrow("50024")
    }).pipe(provided),
  )

  it.scoped("are written in by people under the same rules", () =>
    Effect.gen(function* () {
      const { forum, guild, last, tag, world } = yield* setUp
      const author = world.user([...guild.members.keys()].find((one) => world.user(one).username === "cleo")!)
      const draft = {
        content: "I need a hand",
        flags: 0,
        tts: false,
        nonce: null,
        enforceNonce: false,
        replyTo: null,
        replyMustExist: true,
        allowedMentions: null,
      }
      const post = (tags: ReadonlyArray<string>) =>
        Forums.post(world, forum, { name: "Hand", author, draft: draft as never, tags })
      const made = post([tag("sail")])
      expect(made.message.id).toBe(made.channel.id)
      expect(yield* last("THREAD_CREATE")).toMatchObject({ owner_id: author.id, name: "Hand" })
      expect(() => post([tag("done")])).toThrow("50013")
      guild.roles.get(guild.id)!.permissions &= ~Bit.SendMessages
      expect(() => post([])).toThrow("50013")
    }).pipe(provided),
  )

  it.scoped("get no post whose message is refused, and its message needs what any message needs", () =>
    Effect.gen(function* () {
      const { call, forum, guild } = yield* setUp
      const post = (message: object) => call("POST", `/channels/${forum.id}/threads`, { name: "p", message })
      const gone = { message_id: "175928847299117063" }
      expect(codeOf(yield* post({ content: "c", message_reference: gone }))).toEqual([400, 50035])
      expect(codeOf(yield* post({ content: "c", sticker_ids: ["175928847299117063"] }))).toEqual([400, 50081])
      for (const role of guild.roles.values()) role.permissions &= ~(Bit.SendPolls | Bit.SendTTSMessages)
      const poll = { question: { text: "q" }, answers: [{ poll_media: { text: "a" } }] }
      expect(codeOf(yield* post({ poll }))).toEqual([403, 50013])
      expect(codeOf(yield* post({ content: "c", tts: true }))).toEqual([403, 50013])
      expect(guild.threads.size).toBe(0)
    }).pipe(provided),
  )
})
