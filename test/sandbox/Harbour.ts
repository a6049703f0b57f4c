/**
 * Tests in the guild `Harbour`: its places and people, requests as the bot, and what comes of them.
 *
 * @module
 */
import { Effect } from "effect"
import { Sandbox } from "../../src/sandbox/Sandbox.js"
import * as SandboxModule from "../../src/sandbox/Sandbox.js"
import * as InProcess from "./InProcess.js"

type Json = Readonly<Record<string, unknown>>

/** A file of a multipart request. */
export interface Part {
  readonly name: string
  readonly bytes: Uint8Array
  readonly type?: string
  /** Its `n` in `files[n]`. Default: its place. */
  readonly index?: number
}

/** One request with files. */
const upload = (
  sandbox: SandboxModule.Sandbox,
  method: string,
  path: string,
  body: unknown,
  parts: ReadonlyArray<Part>,
): Effect.Effect<InProcess.Answer> => {
  const chunks: Array<Uint8Array> = [
    Buffer.from(
      `--mark\r\nContent-Disposition: form-data; name="payload_json"\r\n\r\n${JSON.stringify(body)}\r\n`,
    ),
  ]
  parts.forEach(({ bytes, index, name, type }, n) => {
    const head = `--mark\r\nContent-Disposition: form-data; name="files[${index ?? n}]"; filename="${name}"\r\n`
    chunks.push(
      Buffer.from(`${head}Content-Type: ${type ?? "application/octet-stream"}\r\n\r\n`),
      bytes,
      Buffer.from("\r\n"),
    )
  })
  chunks.push(Buffer.from("--mark--\r\n"))
  return Effect.async((resume) =>
    Effect.sync(
      sandbox.handle(
        {
          method,
          path: `/api/v10${path}`,
          headers: { authorization: "Bot any", "content-type": "multipart/form-data; boundary=mark" },
          body: Buffer.concat(chunks),
        },
        (response) => {
          const text = Buffer.from(response.body).toString("utf8")
          resume(
            Effect.succeed({
              status: response.status,
              headers: response.headers,
              body: text === "" ? null : (JSON.parse(text) as unknown),
            }),
          )
        },
      ),
    ),
  )
}

/** The sandbox, its guild, a connected bot, and ways to ask. */
export const setUp = Effect.gen(function* () {
  const sandbox = yield* Sandbox
  const { world } = sandbox
  const guild = [...world.guilds.values()].find((one) => one.name === "Harbour")
  const general = [...(guild?.channels.values() ?? [])].find((one) => one.name === "general")
  if (guild === undefined || general === undefined) return yield* Effect.dieMessage("no Harbour")
  const connection = InProcess.connect(sandbox)
  InProcess.identify(connection)
  yield* InProcess.settle
  const call = (method: string, path: string, body?: unknown) => InProcess.call(sandbox, method, path, body)
  return {
    sandbox,
    world,
    guild,
    general,
    call,
    id: (name: string) => world.findUser(name)?.id ?? "",
    messages: `/channels/${general.id}/messages`,
    send: (body: unknown) => call("POST", `/channels/${general.id}/messages`, body),
    upload: (method: string, path: string, body: unknown, parts: ReadonlyArray<Part>) =>
      upload(sandbox, method, path, body, parts),
    /** A file of the local CDN. */
    fetch: (url: string) =>
      Effect.async<{
        readonly status: number
        readonly headers: Readonly<Record<string, string>>
        readonly bytes: Uint8Array
      }>((resume) =>
        Effect.sync(
          sandbox.handle(
            { method: "GET", path: new URL(url).pathname, headers: {}, body: null },
            (response) =>
              resume(
                Effect.succeed({ status: response.status, headers: response.headers, bytes: response.body }),
              ),
          ),
        ),
      ),
    /** What the bot was told since the last time it was asked. */
    told: Effect.gen(function* () {
      yield* InProcess.settle
      return connection.frames.splice(0).filter((frame) => frame.op === 0)
    }),
  }
})

/** Takes a permission from the bot's own role. */
export const without = (bits: bigint) =>
  Effect.map(setUp, (all) => {
    const own = [...all.guild.roles.values()].find((role) => role.managed)
    const everyone = all.guild.roles.get(all.guild.id)
    for (const role of [own, everyone]) if (role !== undefined) role.permissions &= ~bits
    return all
  })

/** A sandbox without rate limits. */
export const provided = Effect.provide(SandboxModule.layer({ rateLimits: false }))

/** Status and code of an answer. */
export const codeOf = ({ body, status }: InProcess.Answer): ReadonlyArray<unknown> => [
  status,
  (body as { readonly code?: number } | null)?.code,
]

/** What a 50035 complains of: `path: CODE`, in the order of the tree. */
export const faults = ({ body }: InProcess.Answer): ReadonlyArray<string> => {
  const found: Array<string> = []
  const walk = (node: unknown, path: ReadonlyArray<string>): void => {
    if (typeof node !== "object" || node === null) return
    for (const [key, below] of Object.entries(node)) {
      if (key !== "_errors") walk(below, [...path, key])
      else
        for (const { code } of below as ReadonlyArray<{ code: string }>)
          found.push(`${path.join(".")}: ${code}`)
    }
  }
  walk((body as { readonly errors?: unknown } | null)?.errors, [])
  return found
}

export const bodyOf = ({ body }: InProcess.Answer): Json => body as Json

export const idOf = (answer: InProcess.Answer): string => String(bodyOf(answer)["id"])

/** A picture of this size, as far as its header goes. */
export const png = (width: number, height: number): Uint8Array => {
  const bytes = Buffer.alloc(64)
  bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52])
  bytes.writeUInt32BE(width, 16)
  bytes.writeUInt32BE(height, 20)
  return bytes
}
