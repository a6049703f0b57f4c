/**
 * A poll: one votes until it is over, and sees how it stands once one has voted.
 *
 * @module
 */
import { html, nothing } from "lit"
import type * as Protocol from "../../Protocol.js"
import * as Store from "../Store.js"
import type { Page } from "../Store.js"
import * as Items from "./Items.js"
import { sign } from "./SelectMenu.js"
import * as Timestamp from "./Timestamp.js"

/** Whose results are shown without having voted. */
const peeked = new Set<string>()

export const render = (page: Page, shown: Protocol.Message): unknown => {
  const { message, voted } = shown
  const { poll } = message
  if (poll === undefined) return nothing
  const now = Store.now(page.store)
  const end = poll.expiry === null ? Infinity : Date.parse(poll.expiry)
  const over = poll.results?.is_finalized === true || end <= now
  const counts = new Map(poll.results?.answer_counts.map(({ count, id }) => [id, count]) ?? [])
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
  const results = over || voted.length > 0 || peeked.has(message.id)
  const best = Math.max(0, ...counts.values())
  const many = poll.allow_multiselect
  const vote = (answers: ReadonlyArray<number>) =>
    void page.act({ _tag: "Vote", message: message.id, answers })
  return html`<form
    class="poll"
    slot="components"
    aria-label=${`Poll: ${poll.question.text ?? ""}`}
    @submit=${(event: SubmitEvent) => {
      event.preventDefault()
      const answers = new FormData(event.target as HTMLFormElement).getAll("answer").map(Number)
      if (answers.length > 0) vote(answers)
    }}
  >
    <strong>${poll.question.text}</strong>
    <small>${over ? "Poll closed" : many ? "Select one or more answers" : "Select one answer"}</small>
    ${poll.answers.map(({ answer_id: id, poll_media: media }) => {
      const count = counts.get(id) ?? 0
      const share = total === 0 ? 0 : Math.round((100 * count) / total)
      const label = html`${sign(Items.emojiSign(page.store, media.emoji))} ${media.text}`
      if (results)
        return html`<div
          class=${`answer ${voted.includes(id) ? "own" : ""} ${over && count === best && count > 0 ? "won" : ""}`}
          style=${`--share: ${share}%`}
        >
          <span>${label}${voted.includes(id) ? html`<span class="own-mark"> ✓</span>` : nothing}</span>
          <span>${count} ${count === 1 ? "vote" : "votes"} · ${share}%</span>
        </div>`
      return html`<label class="answer"
        ><span>${label}</span><input type=${many ? "checkbox" : "radio"} name="answer" value=${id}
      /></label>`
    })}
    <div class="poll-foot">
      <small
        >${total}
        ${total === 1 ? "vote" : "votes"}${
          over || end === Infinity ? nothing : ` · ${Timestamp.span(end - now)} left`
        }</small
      >
      ${
        over
          ? nothing
          : voted.length > 0
            ? html`<button type="button" class="press secondary" @click=${() => vote([])}>
                Remove vote
              </button>`
            : html`<button
                  type="button"
                  class="press quiet"
                  @click=${() => {
                    if (!peeked.delete(message.id)) peeked.add(message.id)
                    page.changed()
                  }}
                >
                  ${results ? "Back to vote" : "Show results"}</button
                >${results ? nothing : html`<button class="press primary">Vote</button>`}`
      }
    </div>
  </form>`
}
