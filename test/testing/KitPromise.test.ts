import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Command from "../../src/command/Command.js"
import * as Md from "../../src/interaction/Md.js"
import * as Reply from "../../src/interaction/Reply.js"
import * as Kit from "../../src/testing/Kit.js"

const aye = Command.make("aye", { description: "d" }, () => Effect.succeed(Reply.text(Md.text`Aye.`)))
const said = ({ ada }: Kit.Kit) =>
  Effect.gen(function* () {
    const turn = yield* ada.run(aye)
    return (yield* turn.nextMessage).content
  })

describe("Kit.runPromise", () => {
  it("takes options, or leaves them out, as Kit.run does", async () => {
    expect(await Kit.runPromise(Command.layer(aye), said)).toBe("Aye.")
    expect(await Kit.runPromise(Command.layer(aye), { patience: 1_000 }, said)).toBe("Aye.")
  })

  it("rejects with the error itself", async () => {
    await expect(Kit.runPromise(Command.layer(aye), () => Effect.fail("no"))).rejects.toBe("no")
  })
})
