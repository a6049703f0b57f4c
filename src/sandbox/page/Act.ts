/**
 * What a person does, as it comes from the page: read and bounded, so that what is let through is an `Act` of the
 * protocol.
 *
 * @module
 */
import { Either, ParseResult, Schema } from "effect"
import type * as Protocol from "./Protocol.js"

const id = Schema.String.pipe(
  Schema.filter((value) => value.length > 0 && value.length <= 200, {
    message: () => "has to have 1 to 200 characters",
  }),
)
/** Longer than anything that Discord takes, so that its own rules are the ones that speak. */
const text = Schema.String.pipe(
  Schema.maxLength(10_000, { message: () => "is too long: leave some of it out, down to 10,000 characters" }),
)

const base64 = Schema.String.pipe(
  Schema.filter((value) => value.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/u.test(value), {
    message: () => "did not arrive whole: choose the file again",
  }),
)

/** As a header may say it: it is one when the file is shown again. */
const contentType = Schema.String.pipe(
  Schema.maxLength(200),
  Schema.filter((value) => /^[\w.+-]+\/[\w.+-]+(?:\s*;[\x20-\x7E]*)?$/u.test(value), {
    message: () => "is of a kind that cannot be told: give it another name",
  }),
)

const upload = Schema.Struct({ name: id, contentType, base64 })

const value = Schema.Union(text, Schema.JsonNumber, Schema.Boolean, upload)
const values = Schema.Record({ key: id, value })
const field = Schema.Union(text, Schema.Boolean, Schema.Array(text), Schema.Array(upload))

const schema = Schema.Union(
  Schema.TaggedStruct("Say", {
    channel: id,
    content: text,
    replyTo: Schema.optionalWith(id, { exact: true }),
    ping: Schema.optionalWith(Schema.Boolean, { exact: true }),
    files: Schema.optionalWith(Schema.Array(upload), { exact: true }),
  }),
  Schema.TaggedStruct("Edit", { message: id, content: text }),
  Schema.TaggedStruct("Delete", { message: id }),
  Schema.TaggedStruct("React", { message: id, emoji: id, on: Schema.Boolean }),
  Schema.TaggedStruct("Pin", { message: id, on: Schema.Boolean }),
  Schema.TaggedStruct("Vote", { message: id, answers: Schema.Array(Schema.Int) }),
  Schema.TaggedStruct("Type", { channel: id }),
  Schema.TaggedStruct("Slash", { channel: id, command: id, values }),
  Schema.TaggedStruct("Autocomplete", { channel: id, command: id, focused: id, values }),
  Schema.TaggedStruct("UserMenu", { channel: id, command: id, target: id }),
  Schema.TaggedStruct("MessageMenu", { command: id, message: id }),
  Schema.TaggedStruct("Press", { message: id, customId: id }),
  Schema.TaggedStruct("Select", { message: id, customId: id, values: Schema.Array(text) }),
  Schema.TaggedStruct("Submit", { interactionId: id, fields: Schema.Record({ key: id, value: field }) }),
  Schema.TaggedStruct("Dismiss", { interactionId: id }),
  Schema.TaggedStruct("Thread", {
    channel: id,
    name: text,
    message: Schema.optionalWith(id, { exact: true }),
    private: Schema.optionalWith(Schema.Boolean, { exact: true }),
    content: Schema.optionalWith(text, { exact: true }),
    tags: Schema.optionalWith(Schema.Array(id), { exact: true }),
    files: Schema.optionalWith(Schema.Array(upload), { exact: true }),
  }),
  Schema.TaggedStruct("ThreadMember", {
    thread: id,
    person: Schema.optionalWith(id, { exact: true }),
    on: Schema.Boolean,
  }),
  Schema.TaggedStruct("Status", { status: Schema.Literal("online", "idle", "dnd", "offline") }),
  Schema.TaggedStruct("Directs", { closed: Schema.Boolean }),
  Schema.TaggedStruct("Join", { guild: id, invite: Schema.optionalWith(id, { exact: true }) }),
  Schema.TaggedStruct("Leave", { guild: id }),
  Schema.TaggedStruct("Person", { name: text }),
  Schema.TaggedStruct("Plan", { plan: Schema.NullOr(text) }),
  Schema.TaggedStruct("Fault", { rule: text }),
  Schema.TaggedStruct("Advance", {
    millis: Schema.Number.pipe(
      Schema.filter((value) => value >= 1, {
        message: () => "moves forward only, by a millisecond at least",
      }),
      Schema.filter((value) => value <= 86_400_000, { message: () => "moves by a day at most at once" }),
    ),
  }),
)

const decode = Schema.decodeUnknownEither(schema)

/** Fields as a person knows them. */
const names: Readonly<Record<string, string>> = {
  content: "The text",
  name: "The name",
  millis: "The clock",
  plan: "The plan",
  rule: "The fault",
  emoji: "The emoji",
  answers: "The choice of answers",
  values: "What was filled in or chosen",
  fields: "What was filled in",
  files: "A file",
  base64: "The file",
  contentType: "The file",
  tags: "The choice of tags",
  status: "The status",
}

/** Reads an act; what is wrong is a sentence: what it is of, and what to do. */
export const read = (body: unknown): Either.Either<Protocol.Act, string> =>
  Either.mapLeft(decode(body), (error) => {
    const [issue] = ParseResult.ArrayFormatter.formatErrorSync(error)
    const [field, ...within] = issue?.path.map(String) ?? []
    if (issue === undefined || field === undefined || field === "_tag")
      return "The page asked for something that this sandbox does not know. It may be older than the sandbox: reload it."
    const part = within.findLast((one) => Object.hasOwn(names, one))
    const name = names[part ?? field] ?? `What was said of "${field}"`
    const option = field === "values" && part === undefined ? within[0] : undefined
    const what = option === undefined || /^\d+$/u.test(option) ? name : `What was filled in for ${option}`
    if (issue._tag === "Missing") return `${what} is missing.`
    // A sentence of this module's own begins in the small; what a schema says is none.
    return issue._tag === "Refinement" && /^[a-z]/u.test(issue.message)
      ? `${what} ${issue.message}.`
      : `${what} is not of the kind that is wanted there. Reload the page, and try again.`
  })
