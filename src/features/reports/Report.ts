/**
 * What a report says: what the features have to tell of a server since then.
 *
 * A part that fails is left out and logged. How many members there are is what Discord told last: exactly, where the
 * bot has the intent for members.
 *
 * @module
 */
import type { APIEmbed } from "discord-api-types/v10"
import type { Guild } from "discord.js"
import { Effect } from "effect"
import * as Md from "../../interaction/Md.js"
import { ReportLines } from "../guild/ReportLines.js"

/** A span of time with a name: `Daily report`. */
export interface Span {
  readonly title: string
  /** Epoch milliseconds. */
  readonly since: number
  readonly until: number
}

/** As an embed. */
export const embed = Effect.fnUntraced(function* (guild: Pick<Guild, "id" | "memberCount">, span: Span) {
  const lines = [`Members: ${guild.memberCount.toLocaleString("en-GB")}`]
  for (const { lines: of, name } of (yield* ReportLines).parts()) {
    lines.push(
      ...(yield* of(guild.id, span.since).pipe(
        Effect.timeout("10 seconds"),
        Effect.catchAllCause((cause) =>
          Effect.as(Effect.logWarning(`The report's part ${name} failed`, cause), [
            Md.text`${name}: could not be read`,
          ] as ReadonlyArray<string>),
        ),
      )),
    )
  }
  return {
    title: span.title,
    color: COLOR,
    description: Md.cut(
      [
        `${Md.time(span.since, "f").markdown} to ${Md.time(span.until, "f").markdown}`,
        ...lines.map((line) => `- ${line}`),
      ].join("\n"),
      LONGEST,
    ),
  } satisfies APIEmbed
})

const COLOR = 0x2f_6f_9f
/** Discord: 4,096 characters in a description, and 6,000 in all embeds of a message. */
const LONGEST = 2_800
