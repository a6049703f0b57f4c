/**
 * The roster in a browser: what runs, since when, until when, what it waits for; the jobs; and buttons for both.
 *
 * It asks `/roster` once a second while it can be seen, and counts ages and deadlines on in between.
 *
 * @module
 */
import { html, nothing, render, type TemplateResult } from "lit"
import "./Roster.css"

interface Task {
  readonly id: number
  readonly kind: string
  readonly name: string
  readonly state: string
  readonly doing: string | null
  readonly user: string | null
  readonly userName: string | null
  readonly channelName: string | null
  readonly owner: number | null
  readonly background: boolean
  readonly age: number
  readonly deadlineIn: number | null
}

interface Job {
  readonly name: string
  readonly schedule: string
  readonly state: string
  readonly nextAt?: number
  readonly last?: string
  readonly failures: number
}

interface Told {
  readonly now: number
  readonly tasks: ReadonlyArray<Task>
  readonly jobs: ReadonlyArray<Job>
}

const every = 1_000
/** Milliseconds in which somebody reads what came of an order. */
const shownFor = 6_000
const root = document.querySelector<HTMLElement>("#roster")

let told: Told | undefined
/** When it was told, on the page's own clock. */
let toldAt = 0
let trouble: string | undefined
let notice: { readonly text: string; readonly until: number } | undefined
let loading = false
let background = false
const given = new URLSearchParams(location.hash.slice(1)).get("token")
let token = given ?? sessionStorage.getItem("token") ?? ""

const ask = async (path: string, method = "GET"): Promise<Response> =>
  fetch(path, {
    method,
    headers: token === "" ? {} : { authorization: `Bearer ${token}` },
  })

const load = async (): Promise<void> => {
  if (loading) return
  loading = true
  try {
    const response = await ask("/roster")
    const body = (await response.json()) as Told & { readonly error?: string }
    if (response.ok) {
      told = body
      toldAt = performance.now()
      trouble = undefined
    } else trouble = body.error ?? `The port answers ${response.status}`
  } catch {
    trouble = "The bot does not answer. It may have ended."
  }
  loading = false
  draw()
}

const said = (): string | undefined =>
  notice !== undefined && performance.now() < notice.until ? notice.text : undefined

const say = (text: string): void => {
  notice = { text, until: performance.now() + shownFor }
}

const order = async (path: string, done: string): Promise<void> => {
  try {
    const response = await ask(path, "POST")
    const body = (await response.json()) as { readonly error?: string }
    say(response.ok ? done : (body.error ?? `The port answers ${response.status}`))
  } catch {
    say("The bot does not answer. It may have ended.")
  }
  await load()
}

const keep = (event: Event): void => {
  token = (event.target as HTMLInputElement).value.trim()
  sessionStorage.setItem("token", token)
  draw()
}

const draw = (): void => {
  if (root !== null) render(view(), root)
}

const view = (): TemplateResult => {
  const passed = performance.now() - toldAt
  const shown = (told?.tasks ?? []).filter((task) => background || !task.background)
  return html`
    <header>
      <h1>Roster</h1>
      <p role="status">
        ${trouble ?? said() ?? `${shown.length === 0 ? "Nothing runs" : `${shown.length} at work`}`}
      </p>
      <label><input type="checkbox" .checked=${background} @change=${toggle} /> Background too</label>
      ${given === null ? tokenField() : nothing}
    </header>
    ${tasks(shown, passed)} ${jobs(told, passed)}
  `
}

/** Whoever shows the page within their own has given the token with its address. */
const tokenField = (): TemplateResult =>
  html`<label class="token"
    >Token
    <input type="password" autocomplete="off" .value=${token} @change=${keep} placeholder="BOSUN_OPS_TOKEN"
  /></label>`

const tasks = (shown: ReadonlyArray<Task>, passed: number): TemplateResult | typeof nothing =>
  shown.length === 0
    ? nothing
    : html`<table>
        <caption>
          Tasks
        </caption>
        <thead>
          <tr>
            <th scope="col">Task</th>
            <th scope="col">For</th>
            <th scope="col">State</th>
            <th scope="col">Age</th>
            <th scope="col">Deadline</th>
            <th scope="col"><span class="quiet">Cancel</span></th>
          </tr>
        </thead>
        <tbody>
          ${nested(shown).map(({ depth, task }) => row(task, depth, passed))}
        </tbody>
      </table>`

/** What a task has started comes below it. */
const nested = (
  shown: ReadonlyArray<Task>,
): ReadonlyArray<{ readonly task: Task; readonly depth: number }> => {
  const ids = new Set(shown.map(({ id }) => id))
  const byOwner = new Map<number | null, Array<Task>>()
  for (const task of shown) {
    const owner = task.owner !== null && ids.has(task.owner) ? task.owner : null
    const known = byOwner.get(owner)
    if (known === undefined) byOwner.set(owner, [task])
    else known.push(task)
  }
  const below = (owner: number | null, depth: number): ReadonlyArray<{ task: Task; depth: number }> =>
    (byOwner.get(owner) ?? []).flatMap((task) => [{ task, depth }, ...below(task.id, depth + 1)])
  return below(null, 0)
}

const row = (task: Task, depth: number, passed: number): TemplateResult => {
  const left = task.deadlineIn === null ? undefined : task.deadlineIn - passed
  return html`<tr class=${`state-${task.state}`}>
    <th scope="row" data-depth=${Math.min(depth, 3)}>
      ${task.kind === "command" ? `/${task.name}` : task.name}
      ${task.doing === null ? nothing : html`<small>${task.doing}</small>`}
    </th>
    <td>
      ${task.userName ?? task.user ?? ""}
      ${task.channelName === null ? nothing : html`<small>#${task.channelName}</small>`}
    </td>
    <td><span class="state">${task.state}</span></td>
    <td class="time">${span(task.age + passed)}</td>
    <td class=${left !== undefined && left < 10_000 ? "time soon" : "time"}>
      ${left === undefined ? "none" : left > 0 ? `in ${span(left)}` : "now"}
    </td>
    <td>
      ${
        task.kind === "wait" || task.state === "ending"
          ? nothing
          : html`<button
              type="button"
              aria-label=${`Cancel ${task.name}, task ${task.id}`}
              @click=${() => order(`/roster/${task.id}/cancel`, `Task ${task.id} was ended`)}
            >
              Cancel
            </button>`
      }
    </td>
  </tr>`
}

const jobs = (all: Told | undefined, passed: number): TemplateResult | typeof nothing =>
  all === undefined || all.jobs.length === 0
    ? nothing
    : html`<table>
        <caption>
          Jobs
        </caption>
        <thead>
          <tr>
            <th scope="col">Job</th>
            <th scope="col">State</th>
            <th scope="col">Next</th>
            <th scope="col">Last</th>
            <th scope="col"><span class="quiet">Orders</span></th>
          </tr>
        </thead>
        <tbody>
          ${all.jobs.map((job) => {
            const path = `/jobs/${encodeURIComponent(job.name)}`
            const paused = job.state === "paused"
            const other = paused ? "resume" : "pause"
            return html`<tr>
              <th scope="row">${job.name}<small>${job.schedule}</small></th>
              <td><span class="state">${job.state}</span></td>
              <td class="time">
                ${job.nextAt === undefined ? "" : `in ${span(job.nextAt - all.now - passed)}`}
              </td>
              <td>
                ${job.last ?? "not yet"}${
                  job.failures > 0 ? html` <small>${job.failures} in a row failed</small>` : nothing
                }
              </td>
              <td>
                <button
                  type="button"
                  aria-label=${`Run ${job.name}`}
                  @click=${() => order(`${path}/run`, `${job.name} was started`)}
                >
                  Run
                </button>
                <button
                  type="button"
                  aria-label=${`${paused ? "Resume" : "Pause"} ${job.name}`}
                  @click=${() => order(`${path}/${other}`, `${job.name}: ${other}d`)}
                >
                  ${paused ? "Resume" : "Pause"}
                </button>
              </td>
            </tr>`
          })}
        </tbody>
      </table>`

/** `4 s`, `3:07`, `2 h 5 min`, `3 d 4 h`. */
const span = (millis: number): string => {
  const seconds = Math.max(0, Math.floor(millis / 1_000))
  const [minutes, hours, days] = [60, 3_600, 86_400].map((unit) => Math.floor(seconds / unit))
  if (days !== undefined && days > 0) return `${days} d ${(hours ?? 0) % 24} h`
  if (hours !== undefined && hours > 0) return `${hours} h ${(minutes ?? 0) % 60} min`
  if (minutes !== undefined && minutes > 0) return `${minutes}:${String(seconds % 60).padStart(2, "0")}`
  return `${seconds} s`
}

const toggle = (event: Event): void => {
  background = (event.target as HTMLInputElement).checked
  draw()
}

setInterval(() => {
  if (document.visibilityState === "visible") void load()
}, every)
setInterval(draw, 250)
void load()
