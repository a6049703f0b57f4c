/**
 * The page in the browser: a chat client for the sandbox, in which one is any of its people, with a developer's side
 * beside it. Everything that is shown comes from the store; the sandbox tells what is in it.
 *
 * @module
 */
import { render } from "lit"
import * as Address from "./Address.js"
import * as Api from "./Api.js"
import "./Chat.css"
import * as Draw from "./Draw.js"
import * as Hear from "./Hear.js"
import * as History from "./History.js"
import * as Kept from "./Kept.js"
import * as Keys from "./Keys.js"
import * as Live from "./Live.js"
import * as Self from "./people/Self.js"
import * as Channels from "./place/Channels.js"
import type * as Protocol from "../Protocol.js"
import * as Roving from "./Roving.js"
import * as Shell from "./Shell.js"
import * as Store from "./Store.js"
import * as Theme from "./style/Theme.js"
import * as Unread from "./Unread.js"
import * as Visit from "./Visit.js"

/** What went wrong is shown for so long. */
const noticeMillis = 10_000
/** The commands of a channel are asked for again after so long. */
const commandsMillis = 3000

const root = document.querySelector<HTMLElement>("#page") ?? document.body

const store = Store.make()
const api = Api.make(() => store.place.me.id || Address.as())

const draw = () => {
  render(Shell.render(page), root)
  Roving.settle(root)
  const mentions = [...store.mentions.values()].reduce((sum, count) => sum + count, 0)
  const where = Store.channel(store)?.name
  const mark = mentions > 0 ? `(${mentions}) ` : store.unread.size > 0 ? "• " : ""
  document.title = `${mark}${where === undefined ? "" : `${where} · `}${store.place.me.name || "…"} · Bosun sandbox`
}
const changed = Draw.make(draw)

let noticeTimer = 0
const notice = (text: string | null) => {
  window.clearTimeout(noticeTimer)
  store.notice = text
  if (text !== null) noticeTimer = window.setTimeout(() => notice(null), noticeMillis)
  changed()
}

const history = History.make(store, api, {
  changed,
  failed: notice,
  after: (millis, task) => window.setTimeout(task, millis),
})
const unread = Unread.make(store)
const visit = Visit.make(
  store,
  (channelId) => {
    void history.load(channelId)
    unread.seen()
    notice(null)
  },
  () => notice("That channel is not to be opened: it is gone, or one does not see it."),
)
const tryAct = (act: Protocol.Act) => {
  visit.forget()
  // What went wrong before is past; typing and its suggestions come by themselves.
  if (store.notice !== null && act._tag !== "Type" && act._tag !== "Autocomplete") notice(null)
  return api.act(act)
}

const commands = new Map<
  string,
  { readonly at: number; readonly answer: Promise<Protocol.Offered["commands"]> }
>()
const offered = async (channelId: string): Promise<Protocol.Offered["commands"]> => {
  const answer = await api.commands(channelId)
  if (!Api.isRefused(answer)) return answer.commands
  notice(answer.error)
  return []
}

const page: Store.Page = {
  store,
  changed,
  notice,
  act: async (act) => {
    const done = await tryAct(act)
    if (!Api.isRefused(done)) return done
    notice(done.error)
    return undefined
  },
  tryAct,
  open: (guildId, channelId) => {
    visit.open(guildId, channelId)
    changed()
  },
  load: history.load,
  older: history.older,
  commands: (channelId) => {
    const kept = commands.get(channelId)
    if (kept !== undefined && performance.now() - kept.at < commandsMillis) return kept.answer
    const answer = offered(channelId)
    commands.set(channelId, { at: performance.now(), answer })
    return answer
  },
}

Theme.start(page)
Kept.start(store)
Roving.listen(root)
Keys.listen(page)
Channels.narrow.addEventListener("change", changed)
Channels.tight.addEventListener("change", changed)
document.addEventListener("visibilitychange", () => {
  unread.seen()
  changed()
})
// The clock's own tab shows it going.
window.setInterval(() => {
  if (store.view.tool === "clock") changed()
}, 1000)

const hear = Hear.make({
  store,
  history,
  unread,
  changed,
  moved: visit.settle,
  arrived: () => Kept.own(store),
  reload: () => location.reload(),
})
Live.listen(Address.as(), {
  heard: (live) => {
    hear(live)
    if (live._tag === "Hello") Self.arrive(page)
  },
  lost: () => {
    store.live = false
    changed()
  },
})
changed()
