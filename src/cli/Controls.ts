/**
 * What a person can press and choose: the buttons and menus on the messages that they see, found by what is
 * written on them.
 *
 * The channel in which somebody acts comes first, then every other one; of two messages the newer one is meant,
 * and what is switched off only where nothing else fits.
 *
 * @module
 */
import { ComponentType } from "discord-api-types/v10"
import type { User } from "../sandbox/model/Model.js"
import { compare } from "../sandbox/model/Snowflake.js"
import type { World } from "../sandbox/world/World.js"

type Json = Readonly<Record<string, unknown>>

/** One button or menu. */
export interface Control {
  readonly messageId: string
  readonly channelId: string
  readonly customId: string
  readonly isButton: boolean
  /** What is written on it: a label, a placeholder, an emoji; else the custom id. */
  readonly label: string
  readonly disabled: boolean
  /** What can be chosen, as it is shown; empty where that is people, roles or channels. */
  readonly choices: ReadonlyArray<string>
}

/** All that a person can reach, in the order in which it is meant. */
export const reachable = (
  world: World,
  user: User,
  channelId: string | undefined,
): ReadonlyArray<Control> => {
  const messages = Array.from(world.channels.values())
    .filter((channel) => world.canSee(user.id, channel))
    .flatMap((channel) => Array.from(channel.messages.values()))
    .filter(
      ({ components, ephemeralFor }) =>
        components.length > 0 && (ephemeralFor === null || ephemeralFor === user.id),
    )
    .sort((a, b) => compare(b.id, a.id))
  const here = messages.filter((message) => message.channelId === channelId)
  const elsewhere = messages.filter((message) => message.channelId !== channelId)
  const all = [...here, ...elsewhere].flatMap((message) =>
    controls(message.components).map((one) => ({
      ...one,
      messageId: message.id,
      channelId: message.channelId,
    })),
  )
  return [...all.filter(({ disabled }) => !disabled), ...all.filter(({ disabled }) => disabled)]
}

/** The one of a label or custom id; case does not count. */
export const named = (all: ReadonlyArray<Control>, name: string): Control | undefined => {
  const wanted = name.toLowerCase()
  return all.find(
    ({ customId, label }) => label.toLowerCase() === wanted || customId.toLowerCase() === wanted,
  )
}

const controls = (components: ReadonlyArray<Json>): ReadonlyArray<Omit<Control, "messageId" | "channelId">> =>
  components.flatMap((one) => {
    const customId = one["custom_id"]
    const emoji = objects([one["emoji"]])[0]?.["name"]
    const own =
      typeof customId === "string"
        ? [
            {
              customId,
              isButton: one["type"] === ComponentType.Button,
              label: String(one["label"] ?? one["placeholder"] ?? emoji ?? customId),
              disabled: one["disabled"] === true,
              choices: objects(one["options"]).map(({ label }) => String(label)),
            },
          ]
        : []
    return [...own, ...controls([...objects(one["components"]), ...objects([one["accessory"]])])]
  })

const objects = (value: unknown): ReadonlyArray<Json> =>
  Array.isArray(value) ? value.filter((one): one is Json => typeof one === "object" && one !== null) : []
