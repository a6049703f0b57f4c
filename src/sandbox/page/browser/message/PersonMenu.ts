/**
 * What one can do with a person: mention them, run the bot's commands for people.
 *
 * @module
 */
import * as Composing from "../compose/Composing.js"
import type { Page } from "../Store.js"
import * as Menu from "./Menu.js"
import * as Person from "./Person.js"
import * as Popup from "./Popup.js"

/** Discord: application commands of type 2 are shown on people. */
const userCommand = 2

/** Opens the menu beside what was pressed. */
export const open = (page: Page, userId: string, anchor: Element): void => {
  void openAt(page, userId, anchor)
}

/** The same, also at a point. */
export const openAt = async (page: Page, userId: string, anchor: Popup.Anchor): Promise<void> => {
  const { channelId } = page.store
  const commands = channelId === null ? [] : await Popup.ready(page, page.commands(channelId))
  if (commands === undefined) return
  const copyFailed = () => {
    page.notice(`The clipboard is not to be had here. The id is ${userId}.`)
  }
  Menu.open(anchor, `Actions for ${Person.name(page.store, userId)}`, [
    [{ label: "Mention", act: () => Composing.append(page, `<@${userId}>`) }],
    commands
      .filter(({ type }) => Number(type) === userCommand)
      .map(({ name }) => ({
        label: name,
        act: () => {
          if (channelId !== null)
            void page.act({ _tag: "UserMenu", channel: channelId, command: name, target: userId })
        },
      })),
    [{ label: "Copy user ID", act: () => Menu.copy(userId, copyFailed) }],
  ])
}
