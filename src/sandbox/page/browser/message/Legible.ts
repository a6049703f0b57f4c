/**
 * What the library's elements write in a grey that is too faint to be read, written in the page's own.
 *
 * Their insides are closed to the page's style sheets, but not to their own ones.
 *
 * @module
 */
import { DiscordMessage } from "@skyra/discord-components-core/discord-message.js"
import { DiscordReply } from "@skyra/discord-components-core/discord-reply.js"
import { DiscordSystemMessage } from "@skyra/discord-components-core/discord-system-message.js"
import { css } from "lit"

/** Once, before any of them is made. */
export const define = (): void => {
  DiscordMessage.elementStyles.push(css`
    .discord-message-timestamp,
    .discord-message-edited {
      color: var(--chat-quiet) !important;
    }
    .discord-message-body-only-indent {
      font-size: 11px !important;
    }
  `)
  DiscordSystemMessage.elementStyles.push(css`
    .discord-message-timestamp {
      color: var(--chat-quiet) !important;
    }
  `)
  DiscordReply.elementStyles.push(css`
    .discord-replied-message-username {
      opacity: 1 !important;
    }
  `)
}
