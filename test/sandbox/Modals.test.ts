import { describe, expect, it } from "@effect/vitest"
import { ComponentType } from "discord-api-types/v10"
import { Effect, TestClock } from "effect"
import * as SandboxModule from "../../src/sandbox/Sandbox.js"
import { Sandbox } from "../../src/sandbox/Sandbox.js"
import * as InProcess from "./InProcess.js"

const label = (text: string, component: Readonly<Record<string, unknown>>) => ({
  type: ComponentType.Label,
  label: text,
  component,
})

const form = {
  custom_id: "apply",
  title: "Apply",
  components: [
    { type: ComponentType.TextDisplay, content: "Be honest." },
    label("Your age", { type: ComponentType.TextInput, custom_id: "age", style: 1, max_length: 3 }),
    label("Friend", { type: ComponentType.UserSelect, custom_id: "friend", required: false }),
    label("Papers", { type: ComponentType.FileUpload, custom_id: "papers", max_values: 2 }),
    label("Boat", {
      type: ComponentType.StringSelect,
      custom_id: "boat",
      options: [
        { label: "Elly", value: "e", default: true },
        { label: "Ghost", value: "g" },
      ],
    }),
  ],
}

/** Ada has run a command, and is shown a modal. */
const shown = Effect.gen(function* () {
  const sandbox = yield* Sandbox
  const bot = sandbox.world.bot.id
  yield* InProcess.call(sandbox, "PUT", `/applications/${bot}/commands`, [
    { name: "apply", description: "Applies" },
  ])
  const connection = InProcess.connect(sandbox)
  InProcess.identify(connection)
  yield* InProcess.settle
  const [ada, ben] = yield* Effect.all([sandbox.actor("ada"), sandbox.actor("ben")])
  const newest = () => connection.events().findLast(({ t }) => t === "INTERACTION_CREATE")?.d ?? {}
  const respond = (type: number, data: unknown) => {
    const { id, token } = newest()
    return InProcess.call(sandbox, "POST", `/interactions/${String(id)}/${String(token)}/callback`, {
      type,
      data,
    })
  }
  const open = Effect.gen(function* () {
    yield* ada.slash("general", "apply")
    yield* InProcess.settle
    yield* respond(9, form)
  })
  yield* open
  const [modal] = ada.modals()
  if (modal === undefined) return yield* Effect.dieMessage("no modal")
  return { sandbox, ada, ben, modal, newest, respond, open, bot }
})

const provided = Effect.provide(SandboxModule.layer({ rateLimits: false }))

describe("a modal", () => {
  it.scoped("is filled by custom id or label, with what its values stand for", () =>
    Effect.gen(function* () {
      const { ada, ben, modal, newest } = yield* shown
      expect(ben.modals()).toEqual([])
      const paper = { name: "cv.txt", contentType: "text/plain", bytes: new Uint8Array(4) }
      yield* ada.submit(modal, { "your age": "42", friend: ["ben"], Papers: paper })
      yield* InProcess.settle
      const data = newest()["data"] as {
        readonly components: ReadonlyArray<{ readonly component?: Readonly<Record<string, unknown>> }>
        readonly resolved: Readonly<Record<string, Readonly<Record<string, unknown>>>>
      }
      expect(data.components.map(({ component }) => component?.["value"] ?? component?.["values"])).toEqual([
        undefined,
        "42",
        [ben.user.id],
        [expect.stringMatching(/^\d+$/u)],
        ["e"],
      ])
      expect(data.resolved["users"]?.[ben.user.id]).toMatchObject({ username: "ben" })
      expect(data.resolved["members"]?.[ben.user.id]).toMatchObject({ nick: null })
      expect(Object.values(data.resolved["attachments"] ?? {})).toMatchObject([
        { filename: "cv.txt", size: 4, content_type: "text/plain" },
      ])
      expect(ada.modals()).toEqual([])
      expect(yield* Effect.flip(ada.submit(modal, {}))).toMatchObject({ _tag: "NotFound", what: "modal" })
    }).pipe(provided),
  )

  it.scoped("refuses what Discord's own window would, and stays open", () =>
    Effect.gen(function* () {
      const { ada, modal } = yield* shown
      const paper = { name: "cv.txt", bytes: new Uint8Array(4) }
      const refusal = (fields: Parameters<typeof ada.submit>[1]) =>
        Effect.map(Effect.flip(ada.submit(modal, fields)), ({ message }) => message)
      expect(yield* refusal({ papers: paper })).toBe("The field Your age is required")
      expect(yield* refusal({ age: "1234", papers: paper })).toBe(
        "The field Your age takes 0 to 3 characters",
      )
      expect(yield* refusal({ age: "1" })).toBe("The field Papers takes 1 to 2, not 0")
      expect(yield* refusal({ age: "1", papers: "cv.txt" })).toBe("The field Papers takes files")
      expect(yield* refusal({ age: "1", papers: paper, boat: "Titanic" })).toBe(
        "There is no value Titanic. There are: Elly, Ghost",
      )
      expect(yield* refusal({ name: "x" })).toBe(
        "There is no field name. There are: Your age, Friend, Papers, Boat",
      )
      expect(ada.modals()).toEqual([modal])
      yield* ada.dismissModal(modal)
      expect(ada.modals()).toEqual([])
      expect((yield* Effect.flip(ada.dismissModal(modal)))._tag).toBe("NotFound")
    }).pipe(provided),
  )

  it.scoped("is back as it was filled in where the bot did not take it; the newest comes last", () =>
    Effect.gen(function* () {
      const { ada, modal, open } = yield* shown
      const paper = { name: "cv.txt", bytes: new Uint8Array(4) }
      const turn = yield* ada.submit(modal, { age: "42", papers: paper })
      yield* TestClock.adjust(3_000)
      expect(turn.state()._tag).toBe("Failed")
      expect(ada.modals()).toHaveLength(1)
      expect(ada.modals()[0]?.components[1]).toMatchObject({ component: { custom_id: "age", value: "42" } })
      yield* open
      expect(ada.modals().map(({ interactionId }) => interactionId === modal.interactionId)).toEqual([
        true,
        false,
      ])
    }).pipe(provided),
  )

  it.scoped("keeps who and what was chosen, each as what it is", () =>
    Effect.gen(function* () {
      const { ada, ben, modal, open, respond, sandbox } = yield* shown
      yield* ada.dismissModal(modal)
      yield* open
      yield* ada.slash("general", "apply")
      yield* InProcess.settle
      const pick = (text: string, type: number) =>
        label(text, { type, custom_id: text, min_values: 1, max_values: 2 })
      const { ChannelSelect, MentionableSelect, RoleSelect, UserSelect } = ComponentType
      yield* respond(9, {
        custom_id: "crew",
        title: "Crew",
        components: [
          pick("anybody", MentionableSelect),
          pick("person", UserSelect),
          pick("role", RoleSelect),
          pick("channel", ChannelSelect),
        ],
      })
      const crew = ada.modals().at(-1)
      if (crew === undefined) return yield* Effect.dieMessage("no modal")
      yield* ada.submit(crew, {
        anybody: ["ben", "Moderator"],
        person: ["ben"],
        role: ["Moderator"],
        channel: ["general"],
      })
      yield* TestClock.adjust(3_000)
      const idOf = (name: string, all: Iterable<{ readonly id: string; readonly name: string }>) =>
        [...all].find((one) => one.name === name)?.id
      const [guild] = sandbox.world.guilds.values()
      const user = { id: ben.user.id, type: "user" }
      const role = { id: idOf("Moderator", guild?.roles.values() ?? []), type: "role" }
      const channel = { id: idOf("general", guild?.channels.values() ?? []), type: "channel" }
      const again = ada.modals().at(-1)
      expect(again?.components.map(({ component }) => component)).toMatchObject([
        { default_values: [user, role] },
        { default_values: [user] },
        { default_values: [role] },
        { default_values: [channel] },
      ])
      // As it is, it can be sent again.
      if (again !== undefined) yield* ada.submit(again, {})
    }).pipe(provided),
  )

  it.scoped("cannot be answered by a modal, and takes follow-ups but has no original", () =>
    Effect.gen(function* () {
      const { ada, bot, modal, newest, respond, sandbox } = yield* shown
      const webhook = (method: string, path = "", body?: unknown) =>
        InProcess.call(sandbox, method, `/webhooks/${bot}/${String(newest()["token"])}${path}`, body)
      expect((yield* webhook("GET", "/messages/@original")).body).toMatchObject({ code: 10008 })
      expect((yield* webhook("POST", "", { content: "beside it", flags: 64 })).status).toBe(200)
      yield* ada.submit(modal, { age: "1", papers: { name: "a", bytes: new Uint8Array(1) } })
      yield* InProcess.settle
      expect((yield* respond(9, form)).body).toMatchObject({ code: 50035, errors: { type: {} } })
    }).pipe(provided),
  )

  it.scoped("takes only what belongs into one", () =>
    Effect.gen(function* () {
      const { ada, respond } = yield* shown
      yield* ada.slash("general", "apply")
      yield* InProcess.settle
      const wrong = yield* respond(9, {
        ...form,
        components: [
          { type: ComponentType.Button, style: 1, label: "No", custom_id: "no" },
          {
            type: ComponentType.Label,
            component: { type: ComponentType.TextInput, custom_id: "a", style: 1 },
          },
        ],
      })
      expect(wrong.body).toMatchObject({
        code: 50035,
        errors: {
          data: { components: { 0: { _errors: [{ code: "UNION_TYPE_CHOICES" }] }, 1: { label: {} } } },
        },
      })
    }).pipe(provided),
  )

  it.scoped("takes choices of every kind, and is refused with the path of what is wrong", () =>
    Effect.gen(function* () {
      const { ada, newest, respond } = yield* shown
      const options = (...values: ReadonlyArray<string>) => values.map((value) => ({ label: value, value }))
      const field = (type: number, id: string, more: object = {}) =>
        label(id, { type, custom_id: id, ...more })
      const { Checkbox, CheckboxGroup, FileUpload, RadioGroup, RoleSelect } = ComponentType
      const open = (components: ReadonlyArray<unknown>, more: object = {}) =>
        Effect.gen(function* () {
          yield* ada.slash("general", "apply")
          yield* InProcess.settle
          return (yield* respond(9, { custom_id: "m", title: "T", components, ...more })).body
        })
      expect(yield* open([], { title: "x".repeat(46), custom_id: "" })).toMatchObject({
        code: 50035,
        errors: { data: { title: {}, custom_id: {}, components: {} } },
      })
      const six = Array.from({ length: 6 }, (_, n) => field(Checkbox, `c${n}`))
      expect(yield* open(six)).toMatchObject({ errors: { data: { components: { _errors: [{}] } } } })
      expect(
        yield* open([
          field(RadioGroup, "r", { options: options("a") }),
          field(CheckboxGroup, "g", { options: options("a", "a"), min_values: 3 }),
          field(FileUpload, "f", { min_values: 0, required: true }),
          field(Checkbox, "f"),
          field(ComponentType.TextInput, "t", { label: "own" }),
        ]),
      ).toMatchObject({
        errors: {
          data: {
            components: {
              0: { component: { options: {} } },
              1: { component: { options: { 1: {} }, min_values: {} } },
              2: { component: { required: {} } },
              3: { component: { custom_id: {} } },
              4: { component: { label: {}, style: {} } },
            },
          },
        },
      })
      expect(
        yield* open([
          field(RadioGroup, "size", { options: options("S", "M") }),
          field(CheckboxGroup, "days", { options: options("Mon", "Tue", "Wed"), min_values: 2 }),
          field(Checkbox, "sure", { default: true }),
          field(RoleSelect, "role"),
          field(RadioGroup, "maybe", { options: options("x", "y"), required: false }),
        ]),
      ).toBeNull()
      const modal = ada.modals().at(-1)
      if (modal === undefined) return yield* Effect.dieMessage("no modal")
      const good = { size: "M", days: ["Mon", "Tue", "Wed"], sure: false, role: ["Moderator"] }
      const refusal = (fields: Parameters<typeof ada.submit>[1]) =>
        Effect.map(Effect.flip(ada.submit(modal, { ...good, ...fields })), ({ message }) => message)
      expect(yield* refusal({ size: [] })).toBe("The field size takes 1, not 0")
      expect(yield* refusal({ days: ["Mon"] })).toBe("The field days takes 2 to 3, not 1")
      yield* ada.submit(modal, good)
      yield* InProcess.settle
      const { components, resolved } = newest()["data"] as {
        readonly components: ReadonlyArray<{ readonly component: object }>
        readonly resolved: object
      }
      expect(components.map(({ component }) => component)).toMatchObject([
        { type: RadioGroup, custom_id: "size", value: "M" },
        { type: CheckboxGroup, values: ["Mon", "Tue", "Wed"] },
        { type: Checkbox, value: false },
        { type: RoleSelect, values: [expect.stringMatching(/^\d+$/u)] },
        { type: RadioGroup, value: null },
      ])
      expect(resolved).toMatchObject({ roles: expect.any(Object) })
      yield* TestClock.adjust(3_000)
      expect(ada.modals().at(-1)?.components.slice(0, 3)).toMatchObject([
        { component: { options: [{ default: false }, { default: true }] } },
        { component: { options: [{ default: true }, { default: true }, { default: true }] } },
        { component: { default: false } },
      ])
    }).pipe(provided),
  )
})

describe("a person", () => {
  it.scoped("sees nobody else's private messages, nor what is on them", () =>
    Effect.gen(function* () {
      const { ada, ben, respond } = yield* shown
      yield* ada.slash("general", "apply")
      yield* InProcess.settle
      const button = { type: ComponentType.Button, style: 1, custom_id: "b" }
      yield* respond(4, {
        content: "for you",
        flags: 64,
        components: [
          {
            type: 1,
            components: [
              { ...button, label: "Go" },
              { ...button, custom_id: "c", emoji: { name: "👍" } },
            ],
          },
        ],
      })
      const [message] = yield* ada.history("general")
      const id = message?.id ?? ""
      for (const deed of [ben.press(id, "Go"), ben.react(id, "👍"), ben.deleteMessage(id)])
        expect(yield* Effect.flip(deed)).toMatchObject({ _tag: "NotFound", what: "message" })
      expect(yield* ben.history("general")).toEqual([])
      for (const name of ["Go", "b", "👍", "c"])
        expect((yield* ada.press(id, name)).state()._tag).toBe("Waiting")
      expect(yield* Effect.flip(ada.press(id, "Stop"))).toMatchObject({
        what: "component",
        known: ["Go", "c"],
      })
    }).pipe(provided),
  )

  it.scoped("can close their direct messages, and open them again", () =>
    Effect.gen(function* () {
      const { ada, ben, sandbox } = yield* shown
      const send = (id: string) =>
        Effect.gen(function* () {
          const made = yield* InProcess.call(sandbox, "POST", "/users/@me/channels", { recipient_id: id })
          const channel = (made.body as { readonly id: string }).id
          return yield* InProcess.call(sandbox, "POST", `/channels/${channel}/messages`, { content: "psst" })
        })
      yield* ada.closeDms(true)
      expect(yield* send(ada.user.id)).toMatchObject({ status: 403, body: { code: 50007 } })
      expect((yield* send(ben.user.id)).status).toBe(200)
      yield* ada.say("dm", "still my word")
      yield* ada.closeDms(false)
      expect((yield* send(ada.user.id)).status).toBe(200)
      expect((yield* ada.history("dm")).map(({ content }) => content)).toEqual(["still my word", "psst"])
    }).pipe(provided),
  )
})
