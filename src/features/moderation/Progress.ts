/**
 * A message that tells how far something is, with a button by which whoever began it stops it.
 *
 * @module
 */
import { ButtonStyle, ComponentType } from "discord-api-types/v10"
import { Effect, Fiber, Ref, type Scope } from "effect"
import * as Arrival from "../../conversation/Arrival.js"
import type { RestError } from "../../DiscordError.js"
import type { Interaction } from "../../interaction/Interaction.js"
import * as Reply from "../../interaction/Reply.js"
import type { InteractionEnded } from "../../interaction/Response.js"
import * as LastWord from "../../supervise/LastWord.js"
import * as Wait from "../../wait/Wait.js"
import * as Waits from "../../wait/Waits.js"

export interface Progress {
  readonly isStopped: Effect.Effect<boolean>
  /** Never fails: whoever reads it can do without. */
  readonly say: (text: string) => Effect.Effect<void>
  /** Takes the button away. Never fails: where it cannot, it is tried once more at the end of the scope. */
  readonly close: (text: string) => Effect.Effect<void>
}

/**
 * Shows it. The button works for 14 minutes, below the life of a command; where nobody closes the message, it goes
 * with the scope.
 */
export const open = (
  interaction: Arrival.Asked["interaction"] & Pick<Interaction, "id" | "user">,
  text: string,
): Effect.Effect<Progress, RestError | InteractionEnded, Scope.Scope | Wait.Waits> =>
  Effect.gen(function* () {
    const customId = `${Waits.PREFIX}stop${interaction.id}`
    const stopped = yield* Ref.make(false)
    const armed = yield* Wait.arm(Wait.component({ customId, userId: interaction.user.id }))
    let open = true
    let word = "Stopped."
    const message = withButton(text, customId)
    const asked = Arrival.ask({ interaction, message, mark: customId, end: Reply.text("Nothing was begun.") })
    const shown = yield* Effect.acquireRelease(asked, (message) =>
      open ? LastWord.within("10 seconds", message.edit(Reply.text(word))) : Effect.void,
    )
    const { next } = yield* armed.start("14 minutes")
    const edit = (message: Reply.Message) => Effect.ignore(shown.edit(message))
    const listening = yield* Effect.forkScoped(
      Effect.ignore(
        Effect.flatMap(next, ({ response }) => {
          response.accept()
          return Effect.zipRight(Ref.set(stopped, true), edit(Reply.text("Stopping after this call…")))
        }),
      ),
    )
    return {
      isStopped: Ref.get(stopped),
      say: (now) =>
        Effect.flatMap(Ref.get(stopped), (over) => (over ? Effect.void : edit(withButton(now, customId)))),
      close: (last) =>
        Fiber.interrupt(listening).pipe(
          Effect.zipRight(
            Effect.suspend(() => {
              word = last
              return shown.edit(Reply.text(last))
            }),
          ),
          Effect.zipRight(
            Effect.sync(() => {
              open = false
            }),
          ),
          Effect.ignore,
        ),
    }
  })

const withButton = (content: string, customId: string): Reply.Message =>
  Reply.make({
    content,
    components: [
      {
        type: ComponentType.ActionRow,
        components: [
          { type: ComponentType.Button, style: ButtonStyle.Danger, label: "Cancel", custom_id: customId },
        ],
      },
    ],
  })
