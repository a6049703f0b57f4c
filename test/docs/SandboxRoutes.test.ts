import { readFileSync } from "node:fs"
import { expect, it } from "@effect/vitest"
import { page, path } from "../../scripts/SandboxRoutes.js"
import { routes } from "../../src/sandbox/rest/Rest.js"

const root = new URL("../../", import.meta.url)

it("the page of what the sandbox has is up to date (npm run docs writes it)", () => {
  const written = readFileSync(new URL(path, root), "utf8")
  expect(written).toBe(page(root))
  for (const { method, pattern } of routes) expect(written).toContain(`\`${method} ${pattern}\``)
})
