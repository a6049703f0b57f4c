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

/** A step into the body: a field's name or an index. */
export type Step = string | number

/** Bounds of a text, in characters. */
export interface Bounds {
  readonly min?: number
  readonly max: number
}

export class Form {
  private constructor(
    private readonly root: Json,
    private readonly path: ReadonlyArray<Step>,
  ) {}

  /** A form at the top of a body. */
  static make(): Form {
    return new Form({}, [])
  }

  /** The same form, one step further in. */
  at(...steps: ReadonlyArray<Step>): Form {
    return new Form(this.root, [...this.path, ...steps])
  }

  /** Records what is wrong here. */
  fail(code: string, message: string): void {
    let node = this.root
    for (const step of this.path) {
      const key = String(step)
      const next = node[key]
      if (isObject(next)) node = next
      else {
        const made: Json = {}
        node[key] = made
        node = made
      }
    }
    const list = node["_errors"]
    if (Array.isArray(list)) list.push({ code, message })
    else node["_errors"] = [{ code, message }]
  }

  /** Throws 50035 where anything was recorded. */
  done(): void {
    if (Object.keys(this.root).length === 0) return
    throw new ApiError({ status: 400, code: 50035, reason: "Invalid Form Body", errors: this.root })
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

  /** A list of objects, at most `max` long. */
  list(value: unknown, max: number): ReadonlyArray<Json> {
    if (value === undefined || value === null) return []
    if (!Array.isArray(value)) {
      this.fail("LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
      return []
    }
    if (value.length > max) this.fail("BASE_TYPE_MAX_LENGTH", `Must be ${max} or fewer in length.`)
    const objects: Array<Json> = []
    value.forEach((entry: unknown, index) => {
      if (isObject(entry)) objects.push(entry)
      else this.at(index).fail("MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
    })
    return objects
  }

  /** A whole number within bounds, or `undefined` where it is absent. */
  integer(value: unknown, min: number, max: number): number | undefined {
    if (value === undefined || value === null) return undefined
    const number = typeof value === "string" && value !== "" ? Number(value) : value
    if (typeof number !== "number" || !Number.isInteger(number)) {
      this.fail("NUMBER_TYPE_COERCE", `Value "${String(value)}" is not int.`)
      return undefined
    }
    if (number < min) {
      this.fail("NUMBER_TYPE_MIN", `int value should be greater than or equal to ${min}.`)
    } else if (number > max) {
      this.fail("NUMBER_TYPE_MAX", `int value should be less than or equal to ${max}.`)
    }
    return number
  }

  /** A yes or no, or `undefined` where it is absent. */
  boolean(value: unknown): boolean | undefined {
    if (value === undefined || value === null) return undefined
    if (typeof value === "boolean") return value
    this.fail("BOOLEAN_TYPE_CONVERT", "Must be either true or false.")
    return undefined
  }

  /** An id, or `undefined` where it is absent. */
  snowflake(value: unknown): string | undefined {
    if (value === undefined || value === null) return undefined
    const text = typeof value === "number" ? String(value) : value
    if (typeof text === "string" && /^\d{1,20}$/u.test(text)) return text
    this.fail("NUMBER_TYPE_COERCE", `Value "${String(value)}" is not snowflake.`)
    return undefined
  }

  /** A list of texts, at most `max` long, or `undefined` where it is absent. */
  texts(value: unknown, max: number, bounds: Bounds): ReadonlyArray<string> | undefined {
    if (value === undefined || value === null) return undefined
    if (!Array.isArray(value)) {
      this.fail("LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
      return undefined
    }
    if (value.length > max) this.fail("BASE_TYPE_MAX_LENGTH", `Must be ${max} or fewer in length.`)
    return value.map((one: unknown, n) => this.at(n).requiredText(one, bounds))
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
