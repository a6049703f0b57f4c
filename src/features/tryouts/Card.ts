/**
 * An application as managers see it: one embed, whatever was answered.
 *
 * Discord takes 1,024 characters in a field of an embed and 6,000 in all of it. Answers that do not fit are cut
 * there, and stand whole in an attached file.
 *
 * @module
 */
import type { APIEmbed, APIEmbedField } from "discord-api-types/v10"
import * as Md from "../../interaction/Md.js"
import * as Reply from "../../interaction/Reply.js"
import type { Application, Tryout } from "./Model.js"
import * as Question from "./Question.js"

/** The card, without buttons. `note` stands below the answers. */
export const make = (tryout: Tryout, application: Application, note?: string): Reply.Message => {
  const { fields, whole } = fitted(tryout, application)
  const card = Reply.embed({
    title: `Application for ${Md.escape(tryout.name)}`.slice(0, LONGEST_TITLE),
    description: [
      `From <@${application.userId}>${sent(application)}`,
      verdict(application),
      ...(note === undefined ? [] : [note]),
    ]
      .filter((line) => line !== "")
      .join("\n"),
    color: colors[application.status],
    fields: [...fields],
  } satisfies APIEmbed)
  return whole
    ? card
    : Reply.withFiles({
        name: "application.txt",
        data: new TextEncoder().encode(inFull(tryout, application)),
        contentType: "text/plain; charset=utf-8",
      })(card)
}

/** What was decided, by whom, and why; empty while nothing was. */
const verdict = ({ decidedAt, decidedBy, reason, round, status }: Application): string => {
  const when = decidedAt === null ? "" : Md.text` ${Md.time(decidedAt, "R")}`
  const who = decidedBy === null ? "" : ` by <@${decidedBy}>`
  const why = reason === null ? "" : Md.text`: ${reason}`
  switch (status) {
    case "approved":
      return `**Approved**${who}${when}`
    case "rejected":
      return `**Rejected**${who}${when}${why}`
    case "writing":
      return `**Asked again**${who}${when}${why}`
    case "withdrawn":
      return `**Withdrawn**${when}`
    case "lapsed":
      return `**Lapsed**${when}`
    default:
      return round > 1 ? `Sent again after${who === "" ? "" : who.slice(3)} asked${why}` : ""
  }
}

const sent = ({ submittedAt }: Application): string =>
  submittedAt === null ? "" : Md.text`, sent ${Md.time(submittedAt, "R")}`

/** What it looks like from afar. */
const colors: { readonly [S in Application["status"]]: number } = {
  writing: 0xf1_c4_0f,
  pending: 0x34_98_db,
  approving: 0x34_98_db,
  approved: 0x2e_cc_71,
  rejected: 0xe7_4c_3c,
  withdrawn: 0x95_a5_a6,
  lapsed: 0x95_a5_a6,
}

const LONGEST_TITLE = 256
const LONGEST_NAME = 256
const LONGEST_VALUE = 1_024
/** Of Discord's 6,000, what is left beside title and description. */
const ROOM = 4_500

const fitted = (
  { questions }: Tryout,
  { answers }: Application,
): { readonly fields: ReadonlyArray<APIEmbedField>; readonly whole: boolean } => {
  const names = questions.map(({ prompt }) => Md.cut(Md.escape(prompt), LONGEST_NAME))
  const room = ROOM - names.reduce((sum, name) => sum + name.length, 0)
  const most = Math.min(LONGEST_VALUE, Math.floor(room / questions.length))
  const values = answers.map(Question.show)
  return {
    fields: values.map((value, index) => ({ name: names[index] ?? "", value: Md.cut(value, most) })),
    whole: values.every((value) => value.length <= most),
  }
}

const inFull = ({ questions }: Tryout, { answers }: Application): string =>
  questions
    .map(({ prompt }, index) => {
      const answer = answers[index]
      return `${prompt}\n${answer === undefined ? "" : Question.plain(answer)}\n`
    })
    .join("\n")
