/**
 * Discord's published description of its REST API, and what of an answer does not conform to it.
 *
 * The package `discord-api-spec` has a schema for each named type, and only TypeScript types that say which
 * operation answers with which. Those are read from its source: the `Paths` interface, whose responses are names,
 * lists, unions, objects with an index, `null` and `string`. A type that this small reader does not understand is
 * an error when the module is loaded, never a silent pass.
 *
 * @module
 */
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import * as z from "zod/mini"
import { compare, type Finding, type Schema } from "./Shape.js"

/** One operation. */
export interface Operation {
  readonly method: string
  /** `/guilds/{guild_id}/bans/{user_id}` */
  readonly path: string
  /** By status: `200`, `4XX`. `null` where the answer has no body. */
  readonly responses: ReadonlyMap<string, Schema | null>
}

const build = "../../../node_modules/discord-api-spec/build"

// Required by its path: its schemas have no types, and vitest would rewrite the whole file for every import.
const named = createRequire(import.meta.url)(`${build}/discord-api-spec.zod.js`) as Readonly<
  Record<string, Schema | undefined>
>

/** A schema by its name without the ending: `MessageResponse`. */
export const schema = (name: string): Schema => {
  const found = named[`${name}Schema`]
  if (found === undefined) throw new Error(`The description has no type ${name}`)
  return found
}

const details: Schema = z.catchall(
  z.object({ _errors: z.optional(z.array(z.object({ code: z.string(), message: z.string() }))) }),
  z.lazy(() => details),
)

/** The fields of a schema that is an object. */
export const fields = (name: string): Readonly<Record<string, Schema>> => {
  const { def } = (schema(name) as z.core.$ZodTypes)._zod
  if (def.type !== "object") throw new Error(`${name} is no object`)
  return def.shape
}

/** Where the description is at odds with Discord's docs and its answers. */
const corrected: Readonly<Record<string, Schema>> = {
  // "Error Messages": the codes of single fields are words, as BASE_TYPE_REQUIRED.
  ErrorResponse: z.object({ code: z.int32(), message: z.string(), errors: z.optional(details) }),
  // "Rate Limits": most have no code.
  RatelimitedResponse: z.object({
    code: z.optional(z.int32()),
    message: z.string(),
    retry_after: z.number(),
    global: z.boolean(),
  }),
  // A deferred answer is told with its message too: stock clients read it there.
  InteractionCallbackResponse: z.object({
    ...fields("InteractionCallbackResponse"),
    resource: z.optional(
      z.union([
        z.object({ type: z.literal([4, 5]), message: schema("MessageResponse") }),
        schema("LaunchActivityInteractionCallbackResponse"),
        z.object({ type: z.literal([6, 7]), message: schema("MessageResponse") }),
      ]),
    ),
  }),
}

/** The schema that a type in TypeScript's notation stands for. */
export const read = (text: string): Schema => {
  const tokens = text.match(/\w+|[|()[\]{}:;]/gu) ?? []
  let at = 0
  const fail = (): never => {
    throw new Error(`No schema can be read from ${text}`)
  }
  const take = (token: string) => (tokens[at] === token ? void at++ : fail())
  const one = (): Schema => {
    const token = tokens[at++] ?? fail()
    if (token === "(") {
      const inner = any()
      take(")")
      return inner
    }
    if (token === "{") {
      for (const part of ["[", "key", ":", "string", "]", ":"]) take(part)
      const inner = any()
      take(";")
      take("}")
      return z.record(z.string(), inner)
    }
    if (token === "null") return z.null()
    if (token === "string") return z.string()
    if (token === "number") return z.number()
    return corrected[token] ?? schema(token)
  }
  const some = (): Schema => {
    let inner = one()
    while (tokens[at] === "[") {
      at++
      take("]")
      inner = z.array(inner)
    }
    return inner
  }
  const any = (): Schema => {
    if (tokens[at] === "|") at++
    const members = [some()]
    while (tokens[at] === "|") {
      at++
      members.push(some())
    }
    return members.length === 1 ? members[0]! : z.union(members)
  }
  const whole = any()
  return at === tokens.length ? whole : fail()
}

/** The operations in the source of the description. */
const parse = (source: string): ReadonlyArray<Operation> => {
  const found: Array<Operation> = []
  const begin = source.indexOf("export interface Paths {")
  const lines = source.slice(begin, source.indexOf("\n}\n", begin)).split("\n")
  let path = ""
  let responses: Map<string, Schema | null> | undefined
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? ""
    path = /^ {2}"([^"]+)": \{$/u.exec(line)?.[1] ?? path
    const method = /^ {4}(get|post|put|patch|delete): \{$/u.exec(line)?.[1]
    if (method !== undefined) {
      responses = new Map()
      found.push({ method: method.toUpperCase(), path, responses })
    }
    const answer = /^ {8}"([0-9X]{3})":(.*)$/u.exec(line)
    if (answer === null || responses === undefined) continue
    let type = answer[2] ?? ""
    // A type that is not on the status's own line ends with the first semicolon at its own depth.
    while (!/^ {8}.*;$|;$/u.test(type) || open(type)) type += `\n${lines[++at] ?? ""}`
    type = type.trim().replace(/;$/u, "")
    responses.set(answer[1] ?? "", /^unknown$/u.test(type) ? null : read(type))
  }
  return found
}

const open = (type: string): boolean => type.split("{").length !== type.split("}").length

const source = readFileSync(new URL(`${build}/discord-api-spec.ts`, import.meta.url), "utf8")

/** Everything that is described. */
export const operations: ReadonlyArray<Operation> = parse(source)

const index = new Map<string, ReadonlyArray<readonly [ReadonlyArray<string>, Operation]>>()
for (const operation of operations) {
  const segments = operation.path.split("/")
  const key = `${operation.method} ${segments.length}`
  index.set(key, [...(index.get(key) ?? []), [segments, operation]])
}

/**
 * The operation that a path below the version belongs to: `/guilds/1/bans/2`, or a pattern `/guilds/:guild/bans/:user`.
 * A word in the description beats a name in braces.
 */
export const operation = (method: string, path: string): Operation | undefined => {
  const parts = path.split("/")
  let best: Operation | undefined
  let words = -1
  for (const [segments, candidate] of index.get(`${method} ${parts.length}`) ?? []) {
    const fits = segments.every(
      (segment, at) => segment.startsWith("{") || segment === decode(parts[at] ?? ""),
    )
    const literal = segments.filter((segment) => !segment.startsWith("{")).length
    if (!fits || literal <= words) continue
    best = candidate
    words = literal
  }
  return best
}

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** What of an answer does not conform. `body` is the parsed JSON, `null` where there was none. */
export const response = (found: Operation, status: number, body: unknown): ReadonlyArray<Finding> => {
  const described = found.responses.get(String(status)) ?? found.responses.get(`${String(status)[0]}XX`)
  if (described === undefined && !found.responses.has(String(status))) {
    return [
      {
        kind: "wrong",
        path: "",
        reason: `status ${status} is not described, only ${[...found.responses.keys()].join(", ")}`,
      },
    ]
  }
  if (described === null || described === undefined)
    return body === null ? [] : [{ kind: "wrong", path: "", reason: "no body was expected" }]
  return compare(described, body)
}
