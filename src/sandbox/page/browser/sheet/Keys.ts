/**
 * The keys of the page, as a list.
 *
 * @module
 */
import { html, type TemplateResult } from "lit"

const keys: ReadonlyArray<readonly [string, string]> = [
  ["F6", "On to the next part of the page (with Shift: back); of the chat to the newest message"],
  ["Ctrl + K", "Go to a channel, or be somebody else"],
  ["Alt + ↑ ↓", "The channel above or below"],
  ["↑ ↓ Home End", "Within a list, and from message to message"],
  ["Tab in a message", "To what can be pressed in it; Enter on the message opens its menu"],
  ["Shift + click", "On “Delete message”: deletes it without asking"],
  ["Escape", "Close what lies on top"],
  ["Any letter", "Write, from wherever one is"],
  ["/ in the message", "The bot's commands"],
  ["Enter", "Send (with Shift: a new line)"],
  ["Ctrl + .", "The developer's side"],
]

export const render = (): TemplateResult => html`
  <dl class="keys">
    ${keys.map(
      ([key, what]) =>
        html`<div>
          <dt><kbd>${key}</kbd></dt>
          <dd>${what}</dd>
        </div>`,
    )}
  </dl>
`
