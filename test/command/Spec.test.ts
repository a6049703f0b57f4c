import { PermissionFlagsBits } from "discord-api-types/v10"
import { describe, expect, it } from "@effect/vitest"
import * as Spec from "../../src/command/Spec.js"

const { ManageChannels, ManageGuild, ManageGuildExpressions, ModerateMembers } = PermissionFlagsBits

describe("Spec", () => {
  it.each([
    [ManageChannels | ManageGuild, ["Manage Channels", "Manage Server"]],
    [ModerateMembers, ["Timeout Members"]],
    // One bit, two names.
    [ManageGuildExpressions, ["Manage Expressions"]],
    [ManageChannels | (1n << 62n), ["Manage Channels", "0x4000000000000000"]],
    [0n, []],
  ])("names the permissions %s as Discord shows them", (bits, names) => {
    expect(Spec.permissionNames(bits)).toEqual(names)
  })
})
