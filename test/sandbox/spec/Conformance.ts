/**
 * Looks at every answer and every event that goes by, keeps what does not conform, and fails the test at its end
 * with all of it at once.
 *
 * An answer of 500 and above is not looked at: faults and 501 are the sandbox's own. What a test sends on purpose
 * (a canned answer, a malformed event) is passed by with `unchecked`.
 *
 * @module
 */
import { afterEach } from "@effect/vitest"
import { events } from "./Events.js"
import { type Exception, exceptions, undescribed } from "./Exceptions.js"
import { compare, type Finding } from "./Shape.js"
import * as Spec from "./Spec.js"

const complaints = new Map<string, string>()
const excused = new Set<Exception>()

/** The exceptions that were made use of in this process. */
export const used: ReadonlySet<Exception> = excused

/** Looks at an answer. `path` is below the version, with or without a query. */
export const answer = (method: string, path: string, status: number, body: unknown): void => {
  if (status >= 500) return
  const operation = Spec.operation(method, path.split("?")[0] ?? path)
  if (operation === undefined) {
    // Refusals of what is not there are as good as any.
    if (status < 400 && !isUndescribed(method, path))
      complain(
        `${method} ${path}`,
        [{ kind: "unknown", path: "", reason: "is no route that Discord describes" }],
        body,
      )
    return
  }
  const where = `${method} ${operation.path}`
  complain(where, Spec.response(operation, status, body), body, ` → ${status}`)
}

/** Looks at an event. */
export const event = (type: string, data: unknown): void => {
  const schema = events[type]
  complain(
    type,
    schema === undefined
      ? [
          {
            kind: "unknown",
            path: "",
            reason: "is no event of Discord's that test/sandbox/spec/Events.ts knows",
          },
        ]
      : compare(schema, data),
    data,
  )
}

/** What did not conform since the last call, one line each. */
export const take = (): ReadonlyArray<string> => {
  const found = [...complaints.values()]
  complaints.clear()
  return found
}

/** Fails each test of the file that imports this with what did not conform in it. */
export const watch = (): void =>
  afterEach(() => {
    const found = take()
    if (found.length === 0) return
    throw new Error(
      [
        `${found.length} things differ from Discord's description (package discord-api-spec):`,
        ...found,
        "Mend the sandbox. Where Discord itself differs from its description, say so in test/sandbox/spec/Exceptions.ts.",
      ].join("\n"),
    )
  })

const isUndescribed = (method: string, path: string): boolean =>
  Object.keys(undescribed).some((name) => {
    const pattern = name.replace(/[.*+?^${}()|[\]\\]/gu, "\\$&").replace(/:\w+/gu, "[^/]+")
    return new RegExp(`^${pattern}$`, "u").test(`${method} ${path.split("?")[0]}`)
  })

const complain = (where: string, findings: ReadonlyArray<Finding>, body: unknown, more = ""): void => {
  for (const finding of findings) {
    const exception = exceptions.find((one) => excuses(one, where, finding))
    if (exception !== undefined) {
      excused.add(exception)
      continue
    }
    const path = finding.path.replace(/(?<=^|\.)\d+(?=\.|$)/gu, "*")
    const key = `${where} ${path} ${finding.kind}`
    if (complaints.has(key)) continue
    const holder = JSON.stringify(at(body, finding.path.split(".").slice(0, -1)))?.slice(0, 160) ?? ""
    complaints.set(
      key,
      `  ${where}${more}: ${finding.path === "" ? "the whole" : finding.path} ${finding.kind === "wrong" ? "is wrong: " : ""}${finding.reason}\n      in ${holder}`,
    )
  }
}

const at = (value: unknown, path: ReadonlyArray<string>): unknown =>
  path.reduce<unknown>((inner, name) => (inner as Readonly<Record<string, unknown>> | null)?.[name], value)

const excuses = (exception: Exception, where: string, finding: Finding): boolean => {
  if (exception.where !== undefined && exception.where !== where) return false
  const [wanted, found] = [exception.path.split(".").toReversed(), finding.path.split(".").toReversed()]
  return wanted.length <= found.length && wanted.every((name, step) => name === "*" || name === found[step])
}
