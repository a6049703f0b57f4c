/**
 * Who is in the server that is open: grouped by the highest role that stands apart, then who is online, then the
 * others.
 *
 * @module
 */
import { html, nothing, type TemplateResult } from "lit"
import { guard } from "lit/directives/guard.js"
import { repeat } from "lit/directives/repeat.js"
import { styleMap } from "lit/directives/style-map.js"
import * as Person from "../message/Person.js"
import * as PersonMenu from "../message/PersonMenu.js"
import * as Channels from "../place/Channels.js"
import type * as Protocol from "../../Protocol.js"
import * as Store from "../Store.js"
import * as Presence from "./Presence.js"

interface Group {
  readonly name: string
  readonly members: ReadonlyArray<Protocol.Member>
}

export const render = (page: Store.Page): TemplateResult | typeof nothing => {
  const { store } = page
  const guild = Store.guild(store)
  const shown = store.view.drawer === "members" || (store.view.members && !Channels.narrow.matches)
  if (guild === undefined || !shown) return nothing
  const out = guild.members.filter((one) => isOut(store, one)).length
  // Beside a private thread stand those who are in it.
  const within = Store.channel(store)?.memberIds ?? null
  return html`<aside class="members" aria-label="Members" data-region="members">
    <div data-roving>
      ${guard([guild, out, within], () => groups(page, within === null ? guild : only(guild, within)))}
    </div>
  </aside>`
}

const only = (guild: Protocol.Guild, ids: ReadonlyArray<string>): Protocol.Guild => ({
  ...guild,
  members: guild.members.filter(({ userId }) => ids.includes(userId)),
})

const groups = (page: Store.Page, guild: Protocol.Guild) =>
  repeat(
    grouped(guild, page.store),
    ({ name }) => name,
    ({ name, members }) => html`
      <h2>${name}<span class="sr-only">,</span> — ${members.length}</h2>
      <ul aria-label=${name}>
        ${repeat(
          members,
          ({ userId }) => userId,
          (member) => html`<li>${entry(page, member)}</li>`,
        )}
      </ul>
    `,
  )

const isOut = (store: Store.Store, { timeoutUntil }: Protocol.Member): boolean =>
  timeoutUntil !== null && timeoutUntil > Store.now(store)

const entry = (page: Store.Page, member: Protocol.Member) => {
  const { store } = page
  const { userId, status } = member
  const name = Store.nameOf(store, userId)
  const bot = Store.person(store, userId)?.bot === true
  const icon = Person.roleIcon(store, userId)
  const out = isOut(store, member)
  const menu = (event: Event) => {
    event.preventDefault()
    PersonMenu.open(page, userId, event.currentTarget as Element)
  }
  return html`<button
    class="member ${status === "offline" ? "away" : ""}"
    data-item
    aria-haspopup="menu"
    @click=${menu}
    @contextmenu=${menu}
  >
    ${Presence.render(store, userId, name, status)}
    <span class="name" style=${styleMap({ "--own": Person.color(store, userId) ?? null })}>${name}</span>
    ${icon === undefined ? nothing : html`<img class="role-icon" src=${icon.url} alt="" title=${icon.name} />`}
    ${bot ? html`<span class="badge">Bot</span>` : nothing}
    ${out ? html`<span class="badge warn" title="In time-out">Time-out</span>` : nothing}
    <span class="sr-only">${Presence.names[status]}</span>
  </button>`
}

const order = new Intl.Collator()

const grouped = (guild: Protocol.Guild, store: Store.Store): ReadonlyArray<Group> => {
  const apart = guild.roles
    .filter(({ hoist, id }) => hoist && id !== guild.id)
    .sort((a, b) => b.position - a.position)
  const groups = new Map<string, Array<Protocol.Member>>()
  for (const member of guild.members) {
    const role = apart.find(({ id }) => member.roles.includes(id))
    const key = member.status === "offline" ? "offline" : (role?.id ?? "online")
    const group = groups.get(key) ?? []
    groups.set(key, group)
    group.push(member)
  }
  const names = [...apart, { id: "online", name: "Online" }, { id: "offline", name: "Offline" }]
  const byName = (a: Protocol.Member, b: Protocol.Member) =>
    order.compare(Store.nameOf(store, a.userId), Store.nameOf(store, b.userId))
  return names.flatMap(({ id, name }) => {
    const members = groups.get(id)
    return members === undefined ? [] : [{ name, members: members.sort(byName) }]
  })
}
