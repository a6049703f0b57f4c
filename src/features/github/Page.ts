/**
 * How accounts and repositories are shown. Everything that GitHub's people have written is escaped.
 *
 * @module
 */
import type { APIEmbedField } from "discord-api-types/v10"
import * as Md from "../../interaction/Md.js"
import * as Reply from "../../interaction/Reply.js"
import type { Account, Repository } from "./Model.js"

/** Lines on a page: ten of them fit into an embed's 4,096 characters (Discord). */
export const LINES = 10
const LINE = 400

/** Some of an account's repositories. */
export const list = (account: Account, some: ReadonlyArray<Repository>): Reply.Message =>
  Reply.embed({
    title: Md.cut(Md.escape(`Repositories of ${account.name || account.login}`), 256),
    description: some.length === 0 ? "There are no more." : some.map(line).join("\n"),
    footer: { text: `${account.public_repos} in all` },
  })

const line = (repository: Repository): string => {
  const { archived, description, fork, full_name, html_url, language, stargazers_count } = repository
  const head = [
    `**${link(full_name.slice(full_name.indexOf("/") + 1), html_url)}**`,
    `★ ${stargazers_count}`,
    ...(language ? [Md.escape(language)] : []),
    ...(fork ? ["fork"] : []),
    ...(archived ? ["archived"] : []),
  ].join(" · ")
  const room = LINE - head.length - 3
  return description && room > 10 ? `${head} — ${Md.cut(plain(description), Math.min(room, 120))}` : head
}

/** One repository. */
export const card = (repository: Repository): Reply.Message => {
  const { archived, description, fork, full_name, html_url, language, license, pushed_at, topics } =
    repository
  const url = safe(html_url)
  const fields: ReadonlyArray<APIEmbedField> = [
    { name: "Stars", value: String(repository.stargazers_count), inline: true },
    { name: "Forks", value: String(repository.forks_count), inline: true },
    { name: "Open issues", value: String(repository.open_issues_count), inline: true },
    ...(language ? [{ name: "Language", value: Md.escape(language), inline: true }] : []),
    ...(license ? [{ name: "Licence", value: Md.escape(licenceOf(license)), inline: true }] : []),
    ...(pushed_at
      ? [{ name: "Last change", value: Md.time(pushed_at.getTime(), "R").markdown, inline: true }]
      : []),
    ...(topics.length === 0
      ? []
      : [{ name: "Topics", value: Md.cut(topics.map((topic) => Md.code(topic).markdown).join(" "), 1_000) }]),
  ]
  const notes = [...(fork ? ["a fork"] : []), ...(archived ? ["archived"] : [])]
  return Reply.embed({
    title: Md.cut(Md.escape(full_name), 256),
    ...(url === undefined ? {} : { url }),
    ...(description ? { description: Md.cut(plain(description), 1_000) } : {}),
    fields: [...fields],
    ...(notes.length === 0 ? {} : { footer: { text: `This is ${notes.join(", and ")}.` } }),
  })
}

const licenceOf = ({ name, spdx_id }: NonNullable<Repository["license"]>): string =>
  spdx_id && spdx_id !== "NOASSERTION" ? spdx_id : name

/** One line of text. */
const plain = (typed: string): string => Md.escape(typed.replace(/\s+/gu, " ").trim())

const link = (text: string, address: string): string => {
  const url = safe(address)
  return url === undefined ? Md.escape(text) : `[${Md.escape(text)}](${url})`
}

/** An address that can stand in a link. */
const safe = (address: string): string | undefined => {
  if (!URL.canParse(address)) return undefined
  const { href, protocol } = new URL(address)
  return (protocol === "https:" || protocol === "http:") && href.length <= 200
    ? href.replace(/\(/gu, "%28").replace(/\)/gu, "%29")
    : undefined
}
