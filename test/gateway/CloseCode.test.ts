import { describe, expect, it } from "@effect/vitest"
import * as CloseCode from "../../src/gateway/CloseCode.js"

const codes = [1000, 1001, 1006, ...Array.from({ length: 16 }, (_, index) => 4000 + index)]

describe("CloseCode", () => {
  it("is final for 4004 and 4010 to 4014 alone", () => {
    const final = codes.filter((code) => CloseCode.fatal(code, "", 0) !== undefined)
    expect(final).toEqual([4004, 4010, 4011, 4012, 4013, 4014])
  })

  it("ends the session for 4007 and 4009 alone", () => {
    expect(codes.filter(CloseCode.endsSession)).toEqual([4007, 4009])
  })

  it("names every privileged intent that was asked for by its switch", () => {
    const privileged = (1 << 1) | (1 << 8) | (1 << 15)
    expect(CloseCode.fatal(4014, "", privileged)?.message).toContain(
      "Server Members Intent and Presence Intent and Message Content Intent",
    )
    expect(CloseCode.fatal(4014, "", (1 << 0) | (1 << 8))).toMatchObject({
      intents: ["GuildPresences", "Guilds"],
      switches: ["Presence Intent"],
    })
  })

  it("says what was refused where Discord gives no reason", () => {
    expect(CloseCode.fatal(4013, "", 0)?.message).toContain("intents")
    expect(CloseCode.fatal(4010, "Invalid shard", 0)?.message).toContain("Invalid shard")
  })
})
