/**
 * Checks of a request's body, collected into one refusal: code 50035 with a nested tree of what is wrong where,
 * as Discord answers it.
 *
 * A `Form` stands at one place of the body. Each check reads a field, records what is wrong with it and returns
 * a usable value, so that one pass reports everything. `done` throws where anything was recorded.
 *
 * @module
 */
import { ApiError } from "../model/ApiError.js"
import type { Json } from "../model/Model.js"
import * as Permissions from "../world/Permissions.js"

/** A step into the body: a field's name or an index. */
export type Step = string | number

/** Bounds of a text, in characters. */
export interface Bounds {
  readonly min?: number
  readonly max: number
}

/** What is wrong at one place, and below it. Names that a body gives are keys of maps alone, never of an object. */
interface Place {
  readonly errors: Array<Json>
  readonly below: Map<string, Place>
}

const place = (): Place => ({ errors: [], below: new Map() })

export class Form {
  private constructor(
    private readonly root: Place,
    private readonly path: ReadonlyArray<Step>,
  ) {}

  /** A form at the top of a body. */
  static make(): Form {
    return new Form(place(), [])
  }

  /** The same form, one step further in. */
  at(...steps: ReadonlyArray<Step>): Form {
    return new Form(this.root, [...this.path, ...steps])
  }

  /** Records what is wrong here. */
  fail(code: string, message: string): void {
    let here = this.root
    for (const step of this.path) {
      // What a body calls as the tree calls its own lists is told one step above.
      if (step === "_errors") break
      const next = here.below.get(String(step)) ?? place()
      here.below.set(String(step), next)
      here = next
    }
    here.errors.push({ code, message })
  }

  /** Throws 50035 where anything was recorded. */
  done(): void {
    if (this.root.below.size === 0 && this.root.errors.length === 0) return
    throw new ApiError({ status: 400, code: 50035, reason: "Invalid Form Body", errors: tree(this.root) })
  }

  required(): void {
    this.fail("BASE_TYPE_REQUIRED", "This field is required")
  }

  /** A text, or `undefined` where it is absent. */
  text(value: unknown, bounds: Bounds): string | undefined {
    if (value === undefined || value === null) return undefined
    if (typeof value !== "string") {
      this.fail("STRING_TYPE_CONVERT", "Could not interpret value as string.")
      return undefined
    }
    const { max, min } = bounds
    // Discord counts code points, not UTF-16 units; the cheap count is right wherever it is within bounds.
    const length = value.length > max ? [...value].length : value.length
    if (length > max || (min !== undefined && length < min)) {
      if (min === undefined) this.fail("BASE_TYPE_MAX_LENGTH", `Must be ${max} or fewer in length.`)
      else this.fail("BASE_TYPE_BAD_LENGTH", `Must be between ${min} and ${max} in length.`)
    }
    return value
  }

  /** A text that must be there. */
  requiredText(value: unknown, bounds: Bounds): string {
    if (value === undefined || value === null) this.required()
    return this.text(value, bounds) ?? ""
  }

  /** An object, or `undefined` where it is absent. */
  object(value: unknown): Json | undefined {
    if (value === undefined || value === null) return undefined
    if (isObject(value)) return value
    this.fail("MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
    return undefined
  }

  /** Reads each object of a list at its own place; what is no object is left out. `undefined`: there is no list. */
  each<A>(value: unknown, max: number, read: (at: Form, item: Json) => A): ReadonlyArray<A> | undefined {
    return this.items(value, max)?.flatMap((item, index) => {
      const at = this.at(index)
      if (item === null) at.fail("LIST_ITEM_VALUE_REQUIRED", "List item values of ModelType are required")
      const found = at.object(item)
      return found === undefined ? [] : [read(at, found)]
    })
  }

  /** A list of anything, at most `max` long, or `undefined` where it is absent. */
  items(value: unknown, max: number): ReadonlyArray<unknown> | undefined {
    if (value === undefined || value === null) return undefined
    if (!Array.isArray(value)) {
      this.fail("LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
      return undefined
    }
    if (value.length > max) this.fail("BASE_TYPE_MAX_LENGTH", `Must be ${max} or fewer in length.`)
    return value
  }

  /** A whole number within bounds, as a number or as text, or `undefined` where it is absent. */
  integer(value: unknown, min: number, max: number): number | undefined {
    if (value === undefined || value === null) return undefined
    const number = typeof value === "string" && /^-?\d+$/u.test(value) ? Number(value) : value
    if (typeof number !== "number" || !Number.isInteger(number)) {
      this.fail("NUMBER_TYPE_COERCE", `Value "${show(value)}" is not int.`)
      return undefined
    }
    if (number < min) {
      this.fail("NUMBER_TYPE_MIN", `int value should be greater than or equal to ${min}.`)
    } else if (number > max) {
      this.fail("NUMBER_TYPE_MAX", `int value should be less than or equal to ${max}.`)
    }
    return number
  }

  /** A number, as it is or as text, or `undefined` where it is absent. */
  double(value: unknown): number | undefined {
    if (value === undefined || value === null) return undefined
    const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value
    if (typeof number === "number" && Number.isFinite(number)) return number
    this.fail("NUMBER_TYPE_COERCE", `Value "${show(value)}" is not double.`)
    return undefined
  }

  /** Permissions, as a number or as text, or `undefined` where they are absent. A bit that is none means nothing. */
  bits(value: unknown): bigint | undefined {
    if (value === undefined || value === null) return undefined
    const found = digits(value)
    if (found === undefined) this.fail("NUMBER_TYPE_COERCE", `Value "${show(value)}" is not int.`)
    return found === undefined ? undefined : found & Permissions.all
  }

  /** A yes or no, or `undefined` where it is absent. */
  boolean(value: unknown): boolean | undefined {
    if (value === undefined || value === null) return undefined
    if (typeof value === "boolean") return value
    this.fail("BOOLEAN_TYPE_CONVERT", "Must be either true or false.")
    return undefined
  }

  /** An id, any number of 64 bits, or `undefined` where it is absent. */
  snowflake(value: unknown): string | undefined {
    if (value === undefined || value === null) return undefined
    const found = digits(value)
    if (found !== undefined && found < 1n << 64n) return found.toString()
    this.fail("NUMBER_TYPE_COERCE", `Value "${show(value)}" is not snowflake.`)
    return undefined
  }

  /** Ids, at most `max`, each one once, or `undefined` where the list is absent. */
  snowflakes(value: unknown, max: number): ReadonlyArray<string> | undefined {
    const made = new Set<string>()
    const items = this.items(value, max)
    items?.forEach((item, index) => {
      const at = this.at(index)
      if (item === null) at.required()
      const id = at.snowflake(item)
      if (id === undefined) return
      if (made.has(id)) this.fail("SET_TYPE_ALREADY_CONTAINS_VALUE", "The set already contains this value")
      made.add(id)
    })
    return items === undefined ? undefined : [...made]
  }

  /** A list of texts, at most `max` long, or `undefined` where it is absent. */
  texts(value: unknown, max: number, bounds: Bounds): ReadonlyArray<string> | undefined {
    return this.items(value, max)?.map((one, n) => this.at(n).requiredText(one, bounds))
  }

  /** One of the given values. */
  oneOf<A extends string | number>(value: unknown, values: ReadonlyArray<A>): A | undefined {
    const found = values.find((one) => one === value)
    if (found === undefined && value !== undefined && value !== null) {
      this.fail("BASE_TYPE_CHOICES", `Value must be one of {${values.join(", ")}}.`)
    }
    return found
  }
}

/** Whether the value is an object (no list, no null). */
export const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** A whole number above or equal to 0, as a number or as text. */
const digits = (value: unknown): bigint | undefined => {
  const text = typeof value === "number" ? String(value) : value
  return typeof text === "string" && /^\d{1,20}$/u.test(text) ? BigInt(text) : undefined
}

/** A value as a refusal names it. Lists and objects are a word: what they make of themselves is not to be asked. */
const show = (value: unknown): string =>
  Array.isArray(value) ? "[...]" : isObject(value) ? "{...}" : String(value).slice(0, 100)

const tree = ({ below, errors }: Place): Json => ({
  ...Object.fromEntries([...below].map(([step, one]) => [step, tree(one)])),
  ...(errors.length === 0 ? {} : { _errors: errors }),
})
