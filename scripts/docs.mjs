/**
 * Puts the example files into the pages that show them: each block that starts with ```ts file=examples/x.ts.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs"

const root = new URL("../", import.meta.url)
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
