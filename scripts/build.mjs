// Builds the binary into dist/bin when a source is newer than it, and says nothing. With --library also the
// modules and their types into dist, for the package.
import { execFileSync } from "node:child_process"
import { mkdirSync, readdirSync, rmSync, statSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

export const root = dirname(dirname(fileURLToPath(import.meta.url)))
const bin = join(root, "dist", "bin")
const target = join(bin, "bosun.js")

/** The files that worker threads and processes load, by name: each is found beside the binary. */
const workers = Object.fromEntries(
  readdirSync(join(root, "src"), { recursive: true })
    .filter((path) => path.endsWith(".worker.ts"))
    .map((path) => [basename(path, ".ts"), join(root, "src", path)]),
)

/** The programs of pages in a browser, which are served from beside the binary. */
const pages = Object.fromEntries(
  readdirSync(join(root, "src"), { recursive: true })
    .filter((path) => path.endsWith(".page.ts"))
    .map((path) => [path.replace(/\.ts$/u, ""), join(root, "src", path)]),
)

/** Everything that a page needs is in its two files, a script and a style sheet: nothing is loaded from elsewhere. */
const pageOptions = {
  absWorkingDir: root,
  bundle: true,
  format: "esm",
  platform: "browser",
  target: "es2022",
  minify: true,
  sourcemap: "linked",
  sourcesContent: false,
  legalComments: "eof",
  lineLimit: 160,
  logLevel: "error",
  tsconfig: join(root, "tsconfig.browser.json"),
}

/** How esbuild makes the binary: an entry for it and for each worker, with chunks for what only some jobs need. */
export const options = {
  absWorkingDir: root,
  entryPoints: { bosun: join(root, "src", "main.ts"), ...workers },
  outdir: bin,
  chunkNames: "[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  sourcemap: "linked",
  sourcesContent: false,
  legalComments: "none",
  // The text of a program stays in memory: 20 MB less. Names are kept, since discord.js's limits of caches go by
  // the names of classes, and since shorter ones would save little more.
  minifySyntax: true,
  minifyWhitespace: true,
  keepNames: true,
  // Short lines, for whoever reads where it broke.
  lineLimit: 160,
  logLevel: "error",
  external: [
    "node:*",
    // Optional accelerators of ws, discord.js and pg: used where they are installed.
    "zlib-sync",
    "bufferutil",
    "utf-8-validate",
    "erlpack",
    "pg-native",
    // These bring binaries or files of their own, found from where they are installed.
    "@napi-rs/canvas",
    "@photostructure/sqlite",
    "dejavu-fonts-ttf",
    "piscina",
    // For sources under a test runner alone.
    "esbuild",
  ],
  banner: {
    js: '#!/usr/bin/env node\nimport { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
}

/** The newest change below the places that the binary is made of. */
const newest = (path) => {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return 0
  if (!stat.isDirectory()) return stat.mtimeMs
  let latest = stat.mtimeMs
  for (const name of readdirSync(path)) latest = Math.max(latest, newest(join(path, name)))
  return latest
}

const isFresh = () => {
  const built = statSync(target, { throwIfNoEntry: false })?.mtimeMs ?? 0
  return ["src", "scripts/build.mjs", "tsconfig.browser.json", "package-lock.json"].every(
    (path) => newest(join(root, path)) < built,
  )
}

const build = async () => {
  const esbuild = await import("esbuild")
  rmSync(bin, { recursive: true, force: true })
  mkdirSync(bin, { recursive: true })
  const flat = Object.fromEntries(Object.entries(pages).map(([name, path]) => [basename(name), path]))
  await Promise.all([
    esbuild.build(options),
    esbuild.build({ ...pageOptions, entryPoints: flat, outdir: bin }),
  ])
}

/** In the library a page stands where its source does. */
const buildPages = async () => {
  const esbuild = await import("esbuild")
  await esbuild.build({ ...pageOptions, entryPoints: pages, outdir: join(root, "dist") })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes("--library")) {
    rmSync(join(root, "dist"), { recursive: true, force: true })
    execFileSync(
      process.execPath,
      [join(root, "node_modules", "typescript", "bin", "tsc"), "-p", "tsconfig.build.json"],
      {
        cwd: root,
        stdio: "inherit",
      },
    )
    await buildPages()
  }
  if (!isFresh()) await build().catch(() => process.exit(1))
}
