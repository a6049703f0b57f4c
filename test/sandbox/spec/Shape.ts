/**
 * Holds a value against a zod schema and says everything that differs: what is missing, what is wrong, and what
 * is there that the schema does not know.
 *
 * Zod's own parse stops short of two of these: it passes over unknown fields, and of a union it says only that
 * nothing fitted. Here the member of a union that comes nearest speaks, and one whose `type` is another never does.
 *
 * @module
 */
import * as z from "zod/mini"

/** One difference. */
export interface Finding {
  readonly kind: "missing" | "wrong" | "unknown"
  /** `embeds.0.title`; empty for the whole value. */
  readonly path: string
  readonly reason: string
}

export type Schema = z.core.$ZodType

/** Every difference between a value and a schema; none where it conforms. */
export const compare = (schema: Schema, value: unknown, path = ""): ReadonlyArray<Finding> => {
  const { def } = (schema as z.core.$ZodTypes)._zod
  switch (def.type) {
    case "lazy":
      return compare(def.getter(), value, path)
    case "optional":
      return value === undefined ? [] : compare(def.innerType, value, path)
    case "nullable":
      return value === null ? [] : compare(def.innerType, value, path)
    case "object":
      return object(def, value, path)
    case "array":
      if (!Array.isArray(value)) return [wrong(path, `a list was expected, not ${show(value)}`)]
      return [
        ...value.flatMap((each, at) => compare(def.element, each, join(path, String(at)))),
        ...leaf(z.array(z.unknown()).check(...lengths(def)), value, path),
      ]
    case "record":
      if (!isObject(value)) return [wrong(path, `an object was expected, not ${show(value)}`)]
      return Object.entries(value).flatMap(([key, each]) => [
        ...compare(def.keyType, key, join(path, key)),
        ...compare(def.valueType, each, join(path, key)),
      ])
    case "union":
      return union(def.options, value, path)
    case "intersection":
      return intersection(def.left, def.right, value, path)
    default:
      return leaf(schema, value, path)
  }
}

const object = (def: z.core.$ZodObjectDef, value: unknown, path: string): ReadonlyArray<Finding> => {
  if (!isObject(value)) return [wrong(path, `an object was expected, not ${show(value)}`)]
  const findings: Array<Finding> = []
  for (const [name, field] of Object.entries(def.shape)) {
    const at = join(path, name)
    if (name in value) findings.push(...compare(field, value[name], at))
    else if (!mayBeAbsent(field)) findings.push({ kind: "missing", path: at, reason: "is required" })
  }
  for (const [name, field] of Object.entries(value)) {
    const at = join(path, name)
    if (name in def.shape) continue
    if (def.catchall !== undefined) findings.push(...compare(def.catchall, field, at))
    else findings.push({ kind: "unknown", path: at, reason: "is not described" })
  }
  return findings
}

/** What a list's schema says besides its elements. */
const lengths = (def: z.core.$ZodArrayDef) =>
  (def.checks ?? []) as unknown as ReadonlyArray<z.core.$ZodCheck<Array<unknown>>>

const mayBeAbsent = (schema: Schema): boolean => {
  const { def } = (schema as z.core.$ZodTypes)._zod
  if (def.type === "optional" || def.type === "unknown" || def.type === "undefined") return true
  if (def.type === "nullable") return mayBeAbsent(def.innerType)
  return def.type === "lazy" ? mayBeAbsent(def.getter()) : false
}

const union = (options: ReadonlyArray<Schema>, value: unknown, path: string): ReadonlyArray<Finding> => {
  let nearest: ReadonlyArray<Finding> | undefined
  const candidates = options.filter((option) => mayBe(option, value))
  if (candidates.length === 0)
    return [wrong(path, `${show(value)} is none of the ${options.length} kinds that are described`)]
  for (const option of candidates) {
    const findings = compare(option, value, path)
    if (findings.length === 0) return findings
    if (nearest === undefined || weight(findings) < weight(nearest)) nearest = findings
  }
  return nearest ?? []
}

/** A field that is not described counts little beside one that is missing or wrong. */
const weight = (findings: ReadonlyArray<Finding>): number =>
  findings.reduce((sum, { kind }) => sum + (kind === "unknown" ? 1 : 1_000), 0)

/** Whether a member of a union can be meant: of the same sort, and of the same `type` where it names one. */
const mayBe = (schema: Schema, value: unknown): boolean => {
  const { def } = (schema as z.core.$ZodTypes)._zod
  switch (def.type) {
    case "lazy":
      return mayBe(def.getter(), value)
    case "nullable":
    case "optional":
      return value === null || value === undefined || mayBe(def.innerType, value)
    case "union":
      return def.options.some((option) => mayBe(option, value))
    case "array":
      return Array.isArray(value)
    case "record":
    case "intersection":
      return isObject(value)
    case "object": {
      const kind = def.shape["type"]
      if (!isObject(value)) return false
      return kind === undefined || !("type" in value) || z.core.safeParse(kind, value["type"]).success
    }
    default:
      return z.core.safeParse(schema, value).success || (typeof value !== "object" && def.type !== "null")
  }
}

/** What both sides do not know is unknown. */
const intersection = (left: Schema, right: Schema, value: unknown, path: string): ReadonlyArray<Finding> => {
  const [one, other] = [compare(left, value, path), compare(right, value, path)]
  const strange = new Set(other.filter(({ kind }) => kind === "unknown").map((finding) => finding.path))
  return [
    ...one.filter((finding) => finding.kind !== "unknown" || strange.has(finding.path)),
    ...other.filter(({ kind }) => kind !== "unknown"),
  ]
}

const leaf = (schema: Schema, value: unknown, path: string): ReadonlyArray<Finding> => {
  const parsed = z.core.safeParse(schema, value)
  if (parsed.success) return []
  return parsed.error.issues.flatMap((issue) =>
    isTime(issue) && offsetTime.safeParse(value).success
      ? []
      : wrong(path, `${say(issue)}, not ${show(value)}`),
  )
}

/** The description's `date-time` may carry an offset, as Discord's times do; zod's takes `Z` alone by default. */
const offsetTime = z.iso.datetime({ offset: true })
const isTime = (issue: z.core.$ZodIssue): boolean =>
  issue.code === "invalid_format" && issue.format === "datetime"

const say = (issue: z.core.$ZodIssue): string => {
  switch (issue.code) {
    case "invalid_type":
      return `${issue.expected} was expected`
    case "invalid_value":
      return `one of ${issue.values.slice(0, 60).map(String).join(", ")} was expected`
    case "invalid_format":
      return `the format ${issue.format}${issue.pattern === undefined ? "" : ` ${issue.pattern.slice(0, 60)}`} was expected`
    case "too_big":
      return `at most ${String(issue.maximum)} was expected`
    case "too_small":
      return `at least ${String(issue.minimum)} was expected`
    default:
      return issue.message
  }
}

const wrong = (path: string, reason: string): Finding => ({ kind: "wrong", path, reason })

const join = (path: string, name: string): string => (path === "" ? name : `${path}.${name}`)

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const show = (value: unknown): string => {
  const text = JSON.stringify(value) ?? "nothing"
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}
