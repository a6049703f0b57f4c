import { Effect, type Redacted } from "effect"
import * as Bot from "bosun/Bot"
import * as Discord from "bosun/Discord"
import * as Message from "bosun/Message"

/** A script that only sends: no gateway, no caches. */
export const announce = (
  channelId: string,
  options: { readonly token: Redacted.Redacted; readonly apiUrl: string },
) =>
  Effect.gen(function* () {
    const discord = yield* Discord.Discord
    return yield* discord.send(channelId, Message.text("The harbour opens at nine."))
  }).pipe(
    // Nobody to tell, and the harbour opens all the same.
    Effect.catchTag("MissingPermissions", "MissingAccess", (error) => Effect.logWarning(error.message)),
    Effect.provide(Bot.rest(options)),
  )
