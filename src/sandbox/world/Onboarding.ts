/**
 * What a community asks those who come in, and the channels that they begin with. It can be switched on with seven
 * such channels, five of which everybody may write in; where its mode is 1, the channels of its questions count, too.
 *
 * Source: Discord Developer Docs, "Guild Onboarding".
 *
 * @module
 */
import * as ApiError from "../model/ApiError.js"
import * as AuditLog from "./AuditLog.js"
import * as Members from "./Members.js"
import type { Guild, Json, Onboarding } from "../model/Model.js"
import * as OnboardingForm from "../form/OnboardingForm.js"
import * as Permissions from "./Permissions.js"
import type { World } from "./World.js"

const { Bit } = Permissions
/** Discord: channels that everybody sees, and of them those that everybody writes in. */
const [seen, written] = [7, 5]

const none: Onboarding = { enabled: false, mode: 0, channelIds: [], prompts: [] }

const of = ({ settings }: Guild): Onboarding => settings.onboarding ?? none

/**
 * Changes what the body names. Refuses with 50035, and where too little would be there with 350000 (to switch it on)
 * and 350001 (to change it while it is on).
 */
export const change = (world: World, guild: Guild, body: Json, reason: string | null): void => {
  const former = of(guild)
  const onboarding = OnboardingForm.read(body, guild, former, () => world.id())
  if (onboarding.enabled && !isEnough(world, guild, onboarding))
    throw former.enabled ? ApiError.onboardingTooSmall() : ApiError.onboardingNotReady()
  const before = wire(guild)
  guild.settings.onboarding = onboarding
  const changes = AuditLog.changes(before, wire(guild))
  AuditLog.note(world, guild, AuditLog.Action.OnboardingUpdate, guild.id, reason, { changes })
}

const isEnough = (world: World, guild: Guild, { channelIds, mode, prompts }: Onboarding): boolean => {
  const asked = mode === 0 ? [] : optionsOf(prompts).flatMap((one) => one["channel_ids"] as Array<string>)
  const anybody = Members.make(world, "")
  const held = [...new Set([...channelIds, ...asked])].map((id) => {
    const channel = guild.channels.get(id)
    return channel === undefined ? 0n : Permissions.inChannel(guild, channel, anybody, world.now())
  })
  const count = (bits: bigint) => held.filter((one) => Permissions.has(one, bits)).length
  return (
    guild.settings.features.includes("COMMUNITY") &&
    count(Bit.ViewChannel) >= seen &&
    count(Bit.ViewChannel | Bit.SendMessages) >= written
  )
}

const optionsOf = (prompts: ReadonlyArray<Json>): ReadonlyArray<Json> =>
  prompts.flatMap((one) => one["options"] as ReadonlyArray<Json>)

/** Takes channels and roles out that are gone. */
export const forget = ({ settings }: Guild, gone: ReadonlySet<string>): void => {
  const { onboarding } = settings
  if (onboarding === null) return
  const left = (ids: unknown) => (ids as ReadonlyArray<string>).filter((id) => !gone.has(id))
  settings.onboarding = {
    ...onboarding,
    channelIds: left(onboarding.channelIds),
    prompts: onboarding.prompts.map((prompt) => ({
      ...prompt,
      options: optionsOf([prompt]).map((option) => ({
        ...option,
        role_ids: left(option["role_ids"]),
        channel_ids: left(option["channel_ids"]),
      })),
    })),
  }
}

/** As the wire shows it. */
export const wire = (guild: Guild): Json => {
  const { channelIds, enabled, mode, prompts } = of(guild)
  return { guild_id: guild.id, prompts, default_channel_ids: channelIds, enabled, mode }
}
