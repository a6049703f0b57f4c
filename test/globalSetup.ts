import { execFileSync } from "node:child_process"

/** The tests that run the binary find it built, once. */
export const setup = (): void => {
  execFileSync(process.execPath, ["scripts/build.mjs"], { stdio: "inherit" })
}
