/** The world outside Discord, in this process: GitHub, and Discord's file server. */
import { Effect } from "effect"
import type { Answer, Transport } from "../../src/resource/http/Transport.js"
import type { World } from "../../src/sandbox/world/World.js"
import type { Draw } from "./Draw.js"

const json = (status: number, body: unknown): Answer => ({
  status,
  headers: { "content-type": "application/json" },
  body: new TextEncoder().encode(JSON.stringify(body)),
})

const repository = (owner: string, name: string) => ({
  id: 1,
  name,
  full_name: `${owner}/${name}`,
  html_url: `https://github.com/${owner}/${name}`,
  description: "A boat",
  language: "TypeScript",
  stargazers_count: 3,
  forks_count: 1,
  open_issues_count: 2,
  archived: false,
  fork: false,
  pushed_at: "2026-01-01T00:00:00Z",
  created_at: "2025-01-01T00:00:00Z",
  default_branch: "main",
  topics: [],
  license: null,
  owner: { login: owner },
})

/** Sometimes it breaks, and it takes its time. */
export const make = (world: () => World, draw: Draw): Transport => ({
  send: ({ url }) =>
    Effect.sleep(5 + draw.below(400)).pipe(
      Effect.map((): Answer => {
        const upload = world().uploads.get(url.pathname.split("/")[3] ?? "")
        if (url.pathname.startsWith("/attachments/")) {
          return upload === undefined
            ? json(404, {})
            : { status: 200, headers: { "content-type": upload.contentType }, body: upload.bytes }
        }
        if (draw.chance(10)) return json(502, { message: "Bad gateway" })
        const [, kind, owner = "ada", name] = url.pathname.split("/")
        if (kind === "repos") return json(200, repository(owner, name ?? "boat"))
        if (url.pathname.endsWith("/repos")) return json(200, [repository(owner, "boat")])
        return json(200, { login: owner, name: "Ada", public_repos: 1, followers: 2, html_url: "" })
      }),
    ),
})
