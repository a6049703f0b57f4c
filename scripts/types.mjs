/**
 * The types of the page, those of everything else, and what Effect's language service finds: side by side, since each
 * keeps one processor busy for as long as the others together.
 *
 *   npm run types
 */
import { spawn } from "node:child_process"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { execPath, exit } from "node:process"

const { resolve } = createRequire(import.meta.url)
/** What a package runs by a name. */
const bin = (name, file) => join(dirname(resolve(`${name}/package.json`)), file)

const tsc = bin("typescript", "bin/tsc")
const checks = [
  [tsc, "-p", "tsconfig.browser.json", "--noEmit"],
  [tsc, "-p", "tsconfig.json", "--noEmit"],
  [
    bin("@effect/language-service", "cli.js"),
    ...["diagnostics", "--project", "tsconfig.json", "--format", "text", "--strict"],
  ],
]

const codes = await Promise.all(
  checks.map(
    (check) =>
      new Promise((done) => {
        spawn(execPath, check, { stdio: "inherit" }).on("close", (code) => done(code ?? 1))
      }),
  ),
)
exit(Math.max(...codes))
