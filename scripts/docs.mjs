/**
 * Keeps the pages true to what they show: the list of what the sandbox has, and the example files, each in a block
 * that starts with ```ts file=examples/x.ts.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { pathToFileURL } from "node:url"
import { build } from "esbuild"

const root = new URL("../", import.meta.url)

// Inside the project, so that the bundle finds its packages.
const folder = mkdtempSync(new URL("node_modules/.docs-", root))
try {
  const outfile = `${folder}/SandboxRoutes.mjs`
  const entry = new URL("SandboxRoutes.ts", import.meta.url).pathname
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
  })
  const { page, path } = await import(pathToFileURL(outfile).href)
  writeFileSync(new URL(path, root), page(root))
} finally {
  rmSync(folder, { recursive: true })
}

const pages = readdirSync(new URL("docs/", root)).filter((name) => name.endsWith(".md"))
for (const page of ["README.md", ...pages.map((name) => `docs/${name}`)]) {
  const url = new URL(page, root)
  const text = readFileSync(url, "utf8")
  const filled = text.replace(
    /```(\w+) file=(\S+)\n[\s\S]*?```/gu,
    (_, language, file) =>
      `\`\`\`${language} file=${file}\n${readFileSync(new URL(`docs/${file}`, root), "utf8")}\`\`\``,
  )
  if (filled !== text) writeFileSync(url, filled)
}
