/**
 * What can be made to go wrong: a plan at work, from the presets or typed, and single faults, once each.
 *
 * @module
 */
import { html, nothing, type TemplateResult } from "lit"
import { live } from "lit/directives/live.js"
import * as Api from "../Api.js"
import type { Page } from "../Store.js"

/** A rule of a plan, and what it is called. */
type Single = readonly [name: string, rule: string]

const gateway: ReadonlyArray<Single> = [
  ["Drop the socket", "drop"],
  ["Ask to reconnect (op 7)", "reconnect"],
  ["Invalid session, resumable (op 9)", "invalid resumable=true"],
  ["Invalid session (op 9)", "invalid resumable=false"],
  ["Zombie for 60 s", "zombie 60s"],
  ["Duplicate an event", "duplicate"],
  ["Delay an event 2 s", "delay 2s"],
  ["Swap two events", "reorder"],
  ["A frame of garbage", "garbage"],
  ["An event of 4 MiB", "huge"],
  ["An unknown event", "unknown"],
]

const requests: ReadonlyArray<Single> = [
  ["Rate limit (429)", "limited scope=user"],
  ["Global limit (429)", "limited scope=global"],
  ["Shared limit (429)", "limited scope=shared"],
  ["429 without Retry-After", "limited bare=true"],
  ["429 by Cloudflare", "cloudflare"],
  ["Server error (500)", "error status=500"],
  ["Unavailable (503)", "error status=503"],
  ["Slow by 2 s", "latency 2s"],
  ["Hang for 10 s", "hang 10s"],
  ["Reset in the answer", "reset"],
  ["Lose the answer", "lost"],
  ["An answer that is no JSON", "malformed"],
]

/** Discord: the codes with which the gateway closes. */
const codes = [4000, 4001, 4002, 4003, 4004, 4005, 4007, 4008, 4009, 4010, 4011, 4012, 4013, 4014]
/** Discord: those after which a client does not connect again. */
const fatal = [4004, 4010, 4011, 4012, 4013, 4014]

export const render = (page: Page): TemplateResult => {
  const { faults, view } = page.store
  const text = view.faults.text ?? faults.plan ?? ""
  const complain = (what: string | null) => {
    view.faults.error = what
    page.changed()
  }
  const follow = async (plan: string | null) => {
    const typed = view.faults.text
    const done = await page.tryAct({ _tag: "Plan", plan })
    if (!Api.isRefused(done) && view.faults.text === typed) view.faults.text = null
    complain(Api.isRefused(done) ? done.error : null)
  }
  const isAtWork = (plan: string) => faults.plan !== null && outline(faults.plan) === outline(plan)
  const type = (event: Event) => {
    view.faults.text = (event.target as HTMLTextAreaElement).value
    complain(null)
  }
  const apply = (event: Event) => {
    event.preventDefault()
    if (text.trim() === "")
      complain("There is no plan to put to work: write one, or choose one of those above.")
    else void follow(text)
  }
  return html`
    <section aria-label="Plan">
      <h3>Plan</h3>
      <p class="at-work" role="status">
        ${faults.plan === null ? "None at work." : html`<strong>At work:</strong> <code>${faults.plan}</code>`}
      </p>
      <div class="presets" role="group" aria-label="Presets">
        ${Object.entries(faults.presets).map(
          ([name, plan]) =>
            html`<button
              aria-pressed=${isAtWork(plan)}
              title=${plan}
              @click=${() => follow(isAtWork(plan) ? null : plan)}
            >
              ${name}
            </button>`,
        )}
      </div>
      <form @submit=${apply}>
        <textarea
          aria-label="Fault plan"
          rows="5"
          spellcheck="false"
          placeholder="seed=7; latency 50..400ms path=/channels/*; limited 2%; drop 0.5%"
          aria-invalid=${view.faults.error !== null}
          .value=${live(text)}
          @input=${type}
        ></textarea>
        <p class="error" role="alert">${view.faults.error ?? nothing}</p>
        <div class="row">
          <button class="primary" type="submit">Put to work</button>
          <button type="button" ?disabled=${faults.plan === null} @click=${() => follow(null)}>
            Take it back
          </button>
        </div>
      </form>
    </section>
    ${singles(page, "Gateway, once", gateway)}
    <div class="row">
      <label
        >Close with
        <select
          @change=${(event: Event) => {
            const select = event.target as HTMLSelectElement
            if (select.value !== "") void page.act({ _tag: "Fault", rule: `close code=${select.value}` })
            select.value = ""
          }}
        >
          <option value="">code…</option>
          ${codes.map((code) => html`<option value=${code}>${code}${fatal.includes(code) ? " – ends the bot" : ""}</option>`)}
        </select>
      </label>
    </div>
    ${singles(page, "Next request, once", requests)} ${counts(faults.counts)}
  `
}

/** A plan's seed and kinds: the sandbox may write the numbers in another way than they were given. */
const outline = (plan: string): string =>
  plan
    .split(/[;\n]/u)
    .map((rule) => rule.trim().split(/\s+/u)[0])
    .join(" ")

const singles = (page: Page, title: string, all: ReadonlyArray<Single>) => html`
  <section aria-label=${title}>
    <h3>${title}</h3>
    <div class="presets">
      ${all.map(
        ([name, rule]) =>
          html`<button title=${rule} @click=${() => page.act({ _tag: "Fault", rule })}>${name}</button>`,
      )}
    </div>
  </section>
`

const counts = (all: Readonly<Record<string, number>>) => {
  const done = Object.entries(all).filter(([, count]) => count > 0)
  return html`<section aria-label="Done so far">
    <h3>Done so far</h3>
    ${
      done.length === 0
        ? html`<p class="empty">Nothing went wrong on purpose.</p>`
        : html`<table class="counts">
            <tbody>
              ${done.map(
                ([kind, count]) =>
                  html`<tr>
                    <th scope="row">${kind}</th>
                    <td>${count}</td>
                  </tr>`,
              )}
            </tbody>
          </table>`
    }
  </section>`
}
